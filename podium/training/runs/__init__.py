"""Runs: training a recipe over the folds, ids, records, scores, starts and soups."""
