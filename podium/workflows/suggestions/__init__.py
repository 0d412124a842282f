"""Recipes to begin with, and the minutes that each takes here."""
