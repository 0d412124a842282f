"""What a data folder was found to hold, the questions left, and what masks and texts tell of it."""
