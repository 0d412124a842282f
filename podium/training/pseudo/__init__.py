"""Pseudo-labels: artefacts on disk, which are learnt, and the samples that a method labels."""
