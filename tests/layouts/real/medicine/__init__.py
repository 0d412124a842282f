"""Layouts of medicine and biology."""
