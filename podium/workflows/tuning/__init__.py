"""Searches of `podium tune`: recipes, loss weights, learning rates, batch sizes; workers."""
