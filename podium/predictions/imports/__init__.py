"""Predictions made elsewhere (`podium import`): read, checked, put in this competition's order."""
