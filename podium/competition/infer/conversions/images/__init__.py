"""Images that come as numbers or as bytes in tables, written as image files."""
