"""Exact scores of one more pick, one file a metric; `hill_climbing.py` has the contract."""
