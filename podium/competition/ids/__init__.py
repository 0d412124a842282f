"""Ids: patterns of names, and the ids of a submission's rows."""
