"""Several tables that are one: joined, cut in two, or one in place of another."""
