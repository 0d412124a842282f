"""Plots of all blends together."""
