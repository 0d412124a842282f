"""What is true of each image: labels, masks, objects, and the files that hold them."""
