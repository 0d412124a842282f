"""Submission files: their format, and how they are written, read back and checked."""
