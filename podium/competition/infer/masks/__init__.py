"""The mask files of a data folder: which are the truth, their values, and what their names tell."""
