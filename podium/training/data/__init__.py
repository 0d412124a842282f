"""Training data: rows, pools, streams, crops, augmentation and mixing."""
