"""Labels by people: what to ask for, and their answers."""
