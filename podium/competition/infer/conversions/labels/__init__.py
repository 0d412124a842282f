"""Cells that are no plain labels yet: lists, marks, shares, votes, directions, codes for none."""
