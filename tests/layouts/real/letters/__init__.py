"""Layouts of what is written."""
