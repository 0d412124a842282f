"""Masks as text."""
