"""Pictures of a data folder that are of no part: nothing is passed over in silence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pandas as pd

from podium.competition.ids.patterns import files_below, is_image
from podium.competition.made_files import MADE, MadeFile
from podium.competition.samples import Split

__all__ = ["unread_pictures"]


def unread_pictures(
    data: Path, root: Path, samples: Mapping[Split, pd.DataFrame], made: Sequence[MadeFile]
) -> tuple[str, ...]:
    """Return the pictures below a data folder that are of no part, and that nothing was made of.

    Args:
        data: the folder as downloaded; what is packed in it was unpacked in the workspace.
        root: of the workspace.
        samples: of the parts.
        made: files of the workspace, with what they were made of.

    Returns:
        Their paths, relative to the folder, in order.
    """
    unpacked = root / MADE / "data"
    top = unpacked if unpacked.is_dir() else data
    left = {name: (top / name).absolute() for name in files_below(top, "") if is_image(name)}
    used = {(root / file).absolute() for file in _files(samples)}
    used |= {source.absolute() for one in made for source in one.sources}
    left = {name: path for name, path in left.items() if path not in used}
    if left:  # by another path, perhaps: folders may be links
        real = {one.resolve() for one in used}
        left = {name: path for name, path in left.items() if path.resolve() not in real}
    return tuple(sorted(left))


def _files(samples: Mapping[Split, pd.DataFrame]) -> Iterator[str]:
    for part in samples.values():
        for files in part["images"]:
            yield from files
        if "mask" in part:
            for mask in part["mask"]:
                yield from () if mask is None else mask.files
