"""Pseudo-labels: artefacts on disk, their rows, and the samples that a method labels."""
