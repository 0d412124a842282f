"""Figures that several plots draw, or other rooms: a function on arrays, a file each."""
