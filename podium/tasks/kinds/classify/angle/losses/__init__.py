"""The losses of directions, found as files of `podium.training.losses`."""
