"""Layouts of pictures by what they are, and of things of all kinds."""
