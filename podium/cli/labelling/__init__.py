"""The commands of `podium label`, one file each; a file exports `EXAMPLE` and `run`."""
