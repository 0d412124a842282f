"""Layouts of animals."""
