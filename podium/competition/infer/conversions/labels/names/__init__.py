"""Labels that stand in the names of files and folders."""
