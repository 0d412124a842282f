"""Layouts of the earth, seen from above."""
