"""`podium submit --code`: a package becomes a dataset, a notebook, and one submission of it."""
