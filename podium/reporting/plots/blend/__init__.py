"""Plots of a blend, a file for each subject; see `podium.reporting.plots`."""
