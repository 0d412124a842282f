"""Data that changed after a training: show, board, blend, submit and report say which rows."""

from __future__ import annotations

CHANGES = {
    "an image is replaced": "image",
    "a label is changed": "label",
    "a row is gone": "gone",
}
