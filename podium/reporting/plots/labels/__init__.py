"""What is drawn of labels that were said out of fold, a file each; see `podium.reporting.plots`."""
