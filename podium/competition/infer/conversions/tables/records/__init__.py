"""Records: JSON, YAML, XML and SQLite, in one file or in one an image."""
