"""HTML pages: their environment, their parts, and what moves on them."""
