"""The columns that hold the labels, and the evidence for one of several."""
