"""Setup of a host: from a competition, from a solution, or from a folder of labelled images."""
