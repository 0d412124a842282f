"""Labels that several columns hold, as one-hot ones, or another table that is joined by a key."""
