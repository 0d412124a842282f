"""Layouts of what is made, and of its faults."""
