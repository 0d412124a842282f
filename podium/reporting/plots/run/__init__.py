"""Plots of a run, a file for each subject; see `podium.reporting.plots`."""
