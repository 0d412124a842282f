"""Plots of the board."""
