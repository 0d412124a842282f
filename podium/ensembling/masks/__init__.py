"""Blends of masks and of objects: rows, members, candidate decisions, the gate."""
