"""What the commands of `podium tune` do and print, one file each."""
