"""Blends from their members to a decision: chosen, estimated, tuned and written."""
