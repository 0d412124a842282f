"""Ways to blend, one file each, found by the file's name; each exports a `METHOD`."""
