"""Labels that several columns, or another table, hold."""
