"""Sample submissions of other forms, or that a text shows."""
