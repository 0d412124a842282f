"""Methods of learning: one file a method, found by its name, exporting `METHOD`."""
