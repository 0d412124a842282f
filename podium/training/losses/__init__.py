"""Losses, one file each, found by file name; a file exports `LOSS`, a `Loss` (see `_loss.py`)."""
