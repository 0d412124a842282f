"""Layouts of streets, and of what drives there."""
