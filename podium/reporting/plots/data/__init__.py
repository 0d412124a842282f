"""Plots of the data, a file for each subject; see `podium.reporting.plots`."""
