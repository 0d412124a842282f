"""What `podium tune` runs: searches of recipes and loss weights, rates, batches, workers."""
