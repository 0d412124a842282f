"""Labels that are how many things an image has: rows, dots, annotations."""
