"""Labels that names of files and folders hold."""
