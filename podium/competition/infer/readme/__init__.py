"""What texts beside the data tell: the metric, the numbers, decimals, and the form of runs."""
