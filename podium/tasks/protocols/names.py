"""The two tasks, of images and of pixels, and how a mapping by task is asked for either."""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import Final, Literal, TypeVar

__all__ = [
    "ANSWERS",
    "IMAGES",
    "PIXELS",
    "TaskName",
    "has_images",
    "has_pixels",
    "is_of_images",
    "is_of_pixels",
    "of_images",
    "of_pixels",
]


TaskName = Literal["classify", "segment"]
T = TypeVar("T")

IMAGES: Final = "classify"
"""The task with one answer an image; the key of its part in every mapping by task."""
PIXELS: Final = "segment"
"""The task with one answer a pixel, or a set of objects."""
ANSWERS: dict[str, str] = {IMAGES: "labels", PIXELS: "masks"}
"""Task → its answers as messages name them."""


def is_of_images(task: str) -> bool:
    """Return whether `task` has one answer an image."""
    return task == IMAGES


def is_of_pixels(task: str) -> bool:
    """Return whether `task` has one answer a pixel."""
    return task == PIXELS


def has_images(tasks: Container[str]) -> bool:
    """Return whether `tasks` hold the task of images."""
    return IMAGES in tasks


def has_pixels(tasks: Container[str]) -> bool:
    """Return whether `tasks` hold the task of pixels."""
    return PIXELS in tasks


def of_images(by_task: Mapping[TaskName, T]) -> T | None:
    """Return what a mapping by task holds for images, or None.

    Example:
        >>> of_images({"segment": 3}), of_images({"classify": 2, "segment": 3})
        (None, 2)
    """
    return by_task.get(IMAGES)


def of_pixels(by_task: Mapping[TaskName, T]) -> T | None:
    """Return what a mapping by task holds for pixels, or None."""
    return by_task.get(PIXELS)
