"""Kinds of task, as the truth of a layout names them."""

from __future__ import annotations

__all__ = [
    "ANY",
    "LABELS",
    "MULTI",
    "NUMBER",
    "OBJECTS",
    "ONE_MASK",
    "OUTPUTS",
    "RANKS",
    "SEVERAL",
    "TARGETS",
    "TWO",
]

LABELS = {"classify": "multiclass"}


TWO = {"classify": ["binary", "multiclass"]}


ONE_MASK = {"segment": "binary"}


MULTI = {"segment": "multiclass"}


SEVERAL = {"classify": "multilabel"}


NUMBER = {"classify": "regression"}


RANKS = {"classify": ["ordinal", "multiclass"]}


OBJECTS = {"segment": "instance"}


TARGETS = {"classify": "multitarget"}


OUTPUTS = {"classify": "multioutput"}


ANY = "."
"""Any refusal is right: there is nothing in the data that podium is for."""
