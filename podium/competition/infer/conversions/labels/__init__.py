"""Labels that are no plain column yet.

names, cells, columns and counts tell where they stand; votes are of several people; what cannot be
predicted is told by `unpredicted` and `pairs`.
"""
