"""What is drawn of masks that were made out of fold, a file each; see `podium.reporting.plots`."""
