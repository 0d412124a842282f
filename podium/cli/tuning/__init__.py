"""The commands of `podium tune`, one file each; a file exports `EXAMPLE` and `run`."""
