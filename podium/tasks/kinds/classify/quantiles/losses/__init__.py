"""The losses of quantiles, found as files of `podium.training.losses`."""
