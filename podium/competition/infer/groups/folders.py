"""Folders of train that may group its images, as test has further ones: `trip1`, … and `trip4`."""

from __future__ import annotations

from collections.abc import Sequence

from podium.competition.infer.files import DataFolder, ImageFile
from podium.competition.infer.parts.folders import folder_levels, go_on_in_test

__all__ = ["folders_that_go_on"]

_MOST_FOLDS = 5


def folders_that_go_on(folder: DataFolder, images: Sequence[ImageFile]) -> list[str]:
    """Return a note on numbered folders of train where test has further numbers; [] without.

    The host split them, so images of one may be alike. A folder of a pattern is no group until the
    pattern has a field for it.

    Args:
        folder: with the images of all parts.
        images: of train, without labels of their own.
    """
    levels = folder_levels(images)
    if levels is None or not levels.names or not go_on_in_test(folder, levels.names):
        return []
    n = len(levels.names)
    return [
        f"{n:,} folders, as {levels.names[0]!r}, hold the images of train, and test has others: to "
        f"keep the images of each in one fold, let data.train.images end with {levels.pattern!r} "
        f"and write folds: {{scheme: stratified_group, n: {min(n, _MOST_FOLDS)}, group: folder}}"
    ]
