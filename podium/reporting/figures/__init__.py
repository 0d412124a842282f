"""One file a figure: a function on arrays that returns a matplotlib figure."""
