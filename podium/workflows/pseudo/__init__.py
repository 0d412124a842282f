"""Pseudo-labels between generations of runs: teachers, and the files that they write."""
