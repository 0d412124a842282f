"""Decisions from probabilities: labels, masks and objects, by a list of named steps."""
