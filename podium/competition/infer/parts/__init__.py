"""The parts of a competition: images of train, to predict, and without a label."""
