"""Layouts of people."""
