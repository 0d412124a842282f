"""Cells that are no plain labels yet: lists, bits, letters, shares, directions, codes for none."""
