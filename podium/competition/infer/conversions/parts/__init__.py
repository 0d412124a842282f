"""Which images and rows are train, and which are to be predicted, where no name tells it."""
