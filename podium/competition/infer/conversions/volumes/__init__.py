"""Volumes of medical scans, written as folders of slices."""
