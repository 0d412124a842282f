"""Predictions made elsewhere (`podium import`): read, checked and put into this competition's order."""
