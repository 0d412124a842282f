"""Inference of a `competition.yaml` from the files and tables of a data folder: `podium init`."""
