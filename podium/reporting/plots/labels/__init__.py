"""Plots of labels predicted out of fold, a file each; see `podium.reporting.plots`."""
