"""The losses of several outputs, found as files of `podium.training.losses`."""
