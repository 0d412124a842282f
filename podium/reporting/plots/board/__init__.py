"""What is drawn of the board."""
