"""Training: recipes, methods, the loop, runs, and prediction with trained networks."""
