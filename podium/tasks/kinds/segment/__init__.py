"""Kinds of answers of pixels, and objects; `_pixels` holds what they share."""
