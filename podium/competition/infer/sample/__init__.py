"""What the sample submission asks for: its format, rows, runs and values."""
