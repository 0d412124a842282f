"""The classes of a competition: where they are listed, how they are called, and their order."""
