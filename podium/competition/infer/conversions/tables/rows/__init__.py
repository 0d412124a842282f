"""Tables whose rows are not one an image."""
