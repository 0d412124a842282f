"""Labels that several people gave an image."""
