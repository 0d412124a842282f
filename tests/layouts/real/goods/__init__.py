"""Layouts of what people eat, wear and buy."""
