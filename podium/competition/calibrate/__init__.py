"""The inferred format of masks and of the sample submission, with the certainty of each value."""
