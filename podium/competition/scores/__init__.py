"""Scores over rows: their sums, combinations, intervals, and estimates for a test set."""
