"""Studies: one recipe from several starts, or several recipes, over seeds, as one table."""
