"""The tasks of a competition: labels, masks or both, and the classes that they share."""
