"""Kinds of answers of images; `_rows` holds what they share."""
