"""Made-up layouts of competitions with their truth, and the judge of what is inferred of them."""
