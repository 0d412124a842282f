"""Packages for code competitions: packed, and rehearsed where they will run."""
