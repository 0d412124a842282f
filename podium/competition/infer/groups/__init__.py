"""The groups whose rows must not cross folds: by tables, names of images, and unnamed columns."""
