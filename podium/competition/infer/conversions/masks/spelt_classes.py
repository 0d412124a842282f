"""Masks with a file of each class, whose names the sample submission writes with other signs.

masks/7_repair-patch.png      `repair patch` in the sample: made/masks/7_repair patch.png

Files to send have the names of the sample, and files of masks are found by the names of classes, so
that both are written alike.
"""

from __future__ import annotations

import re
import shutil
from collections import defaultdict
from pathlib import Path

from podium.competition.infer.conversions.masks.outlines import Outlines
from podium.competition.infer.files import DataFolder, ImageFile, possible_image_names
from podium.competition.infer.masks.files import train_masks
from podium.competition.infer.masks.values import ClassNames
from podium.competition.infer.sample.runs import runs_column, sent_classes
from podium.competition.infer.sample.submission import SampleSubmission
from podium.competition.spelling import letters_of
from podium.workspace.progress import SILENT, Progress

__all__ = ["write_spelt_classes"]

_IN_A_NAME = re.compile(r"\w[\w .()+-]*")


def write_spelt_classes(
    folder: DataFolder,
    target: Path,
    sample: SampleSubmission | None,
    *,
    progress: Progress = SILENT,
) -> Outlines | None:
    """Return the masks called as the sample has the classes, written to `target`; else None.

    Each mask is called as an image with a class behind it, or lies in the folder of the class; the
    classes are those of the sample by their letters, and one has other signs or capitals.

    Args:
        folder: with the masks.
        target: the folder for masks of other names.
        progress: of the files.
    """
    if sample is None or runs_column(sample) is None:
        return None
    sent = sent_classes(sample, folder)
    of_letters = {letters_of(one): one for one in sent}
    masks = train_masks(folder)
    if len(of_letters) < max(2, len(sent)) or not all(map(_IN_A_NAME.fullmatch, sent)):
        return None
    if not masks or {one.suffix.lower() for one in masks} != {".png"}:
        return None
    stems = {one.stem for one in folder.of_part("train", "other", "holdout")}
    files: dict[str, dict[str, ImageFile]] = defaultdict(dict)
    spelt = set[tuple[str, str]]()
    for mask in masks:
        found = _image_and_class(mask, stems)
        name = of_letters.get(letters_of(found[1])) if found is not None else None
        if found is None or name is None or name in files[found[0]]:
            return None
        files[found[0]][name] = mask
        spelt.add((found[1], name))
    changed = sorted((own, name) for own, name in spelt if own != name)
    if not changed or {name for _, name in spelt} != {*sent}:
        return None
    target.mkdir(parents=True, exist_ok=True)
    made: dict[str, list[Path]] = {}
    with progress.bar("copying masks", len(files)) as advance:
        for stem, each in files.items():
            made[stem] = [target / f"{stem}_{name}.png" for name in sent if name in each]
            for name, mask in each.items():
                shutil.copyfile(folder.path / mask.path, target / f"{stem}_{name}.png")
            advance(1)
    told = ", ".join(f"{own!r} as {name!r}" for own, name in changed)
    return Outlines(
        made,
        tuple(one.path for one in masks),
        "masks called as the sample submission has their classes",
        ClassNames(""),
        tuple(sent),
        (f"the names of masks are written as the sample submission has them: {told}",),
    )


def _image_and_class(mask: ImageFile, stems: set[str]) -> tuple[str, str] | None:
    """Return the name of the image of a mask, and its class; None where its name tells none."""
    if mask.stem in stems:
        return mask.stem, mask.folder.rpartition("/")[2]
    for stem, front, end in possible_image_names(mask.stem):
        if stem in stems and not front:
            return stem, end.lstrip("_-. ")
    return None
