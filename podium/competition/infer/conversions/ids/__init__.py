"""Ids that several columns make, or that are spelt otherwise than the names of files."""
