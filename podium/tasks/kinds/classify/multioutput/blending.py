"""Members against a truth of 0 and 1 for each class, where it is known."""

from podium.tasks.kinds.classify.multilabel.blending import columns, errors

__all__ = ["columns", "errors"]
