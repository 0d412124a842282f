"""Ids of images: in cells, in the parts of paths, and joined from several columns."""
