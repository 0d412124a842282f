"""Layouts of plants."""
