"""Start weights of a network: which file they are, how they are loaded, and a report of it."""
