"""The commands of `podium study`, one file each."""
