"""Pictures that lie among those of train, and have no row in its table: a row may be lost."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from string import digits

import pandas as pd

from podium.competition.checks import Finding, line_of
from podium.competition.ids.patterns import is_image, without_zeros
from podium.competition.infer.ids.keys import common_start
from podium.competition.samples import load_samples
from podium.competition.spec import Competition
from podium.competition.tables import TABLE_SUFFIXES, read_table
from podium.errors import DataError, either
from podium.workspace.layout import Workspace

__all__ = ["check_unlisted_images"]

_LISTS = (*TABLE_SUFFIXES, ".txt", ".json")
_BETWEEN_NAMES = re.compile(r"[,;|\s/\\\"'\[\]]+")
_END_OF_NAME = re.compile(r"[-_. ]")


def check_unlisted_images(
    competition: Competition, parts: Mapping[str, pd.DataFrame]
) -> list[Finding]:
    """Return a note on pictures among those of train that no part has and no table names.

    A folder that has an image of test, too, is not looked at. Pictures that are named otherwise
    than all of train, as masks beside their images, are none of these.

    Args:
        competition: as it was read.
        parts: the samples of each part, also of the extra sources; train is there.
    """
    source = competition.data.train
    if not source.tables or source.slices is not None:
        return []
    try:
        train = _with_all_rows(competition, parts["train"])
    except DataError:
        return []  # a row that is left out cannot be read
    taken = _files(competition, [train, *parts.values()])
    listed = _files(competition, [train[["images"]]])
    of_test = _files(competition, [frame for name, frame in parts.items() if name == "test"])
    folders = {one.parent for one in listed} - {one.parent for one in of_test}
    left = [one for folder in folders for one in _pictures_in(folder) if one not in taken]
    left = sorted(_named_alike(left, listed))
    if left:
        named = _named_by_other_tables(competition, folders)
        left = [one for one in left if named.isdisjoint((one.name, *_ids_of(one)))]
    return [_finding(competition, left)] if left else []


def _with_all_rows(competition: Competition, train: pd.DataFrame) -> pd.DataFrame:
    """Return the samples of train with those that competition.yaml leaves out.

    Raises:
        DataError: one of these cannot be read.
    """
    source = competition.data.train
    if not source.exclude and not source.exclude_where:
        return train
    whole = source.model_copy(update={"exclude": [], "exclude_where": {}})
    data = competition.data.model_copy(update={"train": whole})
    return load_samples(competition.model_copy(update={"data": data}).at(competition.root), "train")


def _files(competition: Competition, frames: Iterable[pd.DataFrame]) -> set[Path]:
    """Return the files of images, and of masks, that samples have."""
    found: set[str] = set()
    for frame in frames:
        for files in frame["images"]:
            found.update(files)
        for mask in frame.get("mask", ()):
            found.update(() if mask is None else mask.files)
    return {Path(os.path.normpath(competition.root / one)) for one in found if one}


def _pictures_in(folder: Path) -> list[Path]:
    names = [one.name for one in os.scandir(folder) if one.is_file()] if folder.is_dir() else []
    return [folder / one for one in names if is_image(one) and not one.startswith(".")]


def _named_alike(pictures: Collection[Path], images: Collection[Path]) -> list[Path]:
    """Return the pictures that end as images do, and have what is in the names of all of these.

    None that is named after one of the images: `7_mask.png` belongs to `7.png`.
    """
    stems, endings = {one.stem for one in images}, {one.suffix for one in images}
    first = common_start(stems).rstrip(digits)
    last = common_start(one[::-1] for one in stems)[::-1].lstrip(digits)
    return [
        one
        for one in pictures
        if one.suffix in endings
        and one.stem.startswith(first)
        and one.stem.endswith(last)
        and not any(one.stem[: end.start()] in stems for end in _END_OF_NAME.finditer(one.stem))
    ]


def _ids_of(picture: Path) -> tuple[str, str]:
    return picture.stem, without_zeros(picture.stem)


def _named_by_other_tables(competition: Competition, folders: Collection[Path]) -> set[str]:
    """Return all that stands in tables and lists around train's images, but in its own table.

    folds.csv may be older than the table.
    """
    root = competition.root
    own = {Path(os.path.normpath(root / one)) for one in competition.data.train.tables}
    own.add(Workspace(root).folds_file)
    around = {one.parent for one in own} | set(folders) | {one.parent for one in folders}
    found: set[str] = set()
    for folder in around:
        for file in folder.iterdir():
            if file not in own and file.name.lower().endswith(_LISTS) and file.is_file():
                found.update(_words(file))
    return found


def _words(file: Path) -> set[str]:
    """Return the names and ids in a table or list, with their endings and without."""
    if not file.name.lower().endswith(TABLE_SUFFIXES):
        texts = [file.read_text(encoding="utf-8", errors="replace")]
    else:
        try:
            table = read_table(file)
        except DataError:
            return set()
        texts = [text for column in table for text in table[column].unique()]
    words = {word for text in texts for word in _BETWEEN_NAMES.split(text)}
    return words | {Path(word).stem for word in words if is_image(word)}


def _finding(competition: Competition, pictures: list[Path]) -> Finding:
    root = Path(os.path.normpath(competition.root))
    shown = [os.path.relpath(one, root) for one in pictures]
    folder = Path(os.path.commonpath([one.parent for one in pictures]))
    table = competition.data.train.tables[0]
    n = either(len(pictures), "picture of", "pictures of")
    has = "has" if len(pictures) == 1 else "have"
    return Finding(
        "note",
        "pictures without a row",
        f"{n} {os.path.relpath(folder, root)} {has} no row in {table}, as {pictures[0].name}: if "
        f"a row was lost, put it back into {table}; to learn without labels, write "
        "data.unlabelled; else nothing is to be done",
        items=tuple(shown),
        where=line_of(competition, "data", "train"),
    )
