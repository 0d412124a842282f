"""podium: from a folder of competition images to a ranked submission."""

__version__ = "0.1.0"
