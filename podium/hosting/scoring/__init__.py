"""Scoring at the host: hidden solutions, scores by kind, processes that score, rescoring."""
