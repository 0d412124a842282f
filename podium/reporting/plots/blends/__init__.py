"""What is drawn of all blends together."""
