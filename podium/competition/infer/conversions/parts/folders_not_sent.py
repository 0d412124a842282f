"""Folders of test whose images are not to be predicted, as train or the sample submission shows.

train/dis/7_1.bmp  test/dis/9_1.bmp    rows of train are of dis, and ref has the pictures that
train/ref/7.bmp    test/ref/9.bmp      several of dis are called after      →  test/dis
test/a/9.png       test/b/10.png       the sample names all of a, none of b  →  test/a
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Sequence

from podium.competition.infer.competition_data import CompetitionData
from podium.competition.infer.conversions.parts.copies_of_kinds import are_named
from podium.competition.infer.files import (
    DataFolder,
    FolderPart,
    ImageFile,
    common_folder,
    is_test_table,
)
from podium.competition.infer.image_tables import match_images
from podium.competition.infer.shares import HALF, NEARLY_ALL
from podium.competition.languages import is_called
from podium.competition.spelling import name_words
from podium.errors import plural, some

__all__ = ["with_folder_of_sample", "without_references_of_test"]

_Kind = tuple[str, ...]
_PLACES = 3  # folders that a note names
_TWO = 2


def without_references_of_test(data: CompetitionData) -> tuple[DataFolder, str]:
    """Return the folder without references among the images to predict, and a note; "" for none.

    Folders of train and of test have the same names, but for the word of the part. No row is of
    the one of train, most images of another one have a row; and the files of both are references:
    others are called after them, or have their names while the folder is called a reference.
    Others are left in, and a note tells of them.

    Args:
        data: images that the sample submission names are left in.
    """
    folder = data.folder
    train, test = _by_kind(folder.of_part("train")), _by_kind(folder.of_part("test"))
    if len(train) < _TWO or len(test) < _TWO or folder.channels or folder.of_part("mask"):
        return folder, ""
    known = _with_rows(data)
    shares = {
        kind: sum(one.path in known for one in each) / len(each) for kind, each in train.items()
    }
    kept = [kind for kind, share in shares.items() if share >= HALF and kind in test]
    rest = [kind for kind, share in shares.items() if not share and kind in test]
    if not kept or not rest or {*kept, *rest} < test.keys():
        return folder, ""
    of_train, of_test = ([one for kind in kept for one in each[kind]] for each in (train, test))
    refs = [
        kind
        for kind in rest
        if _are_references(kind, train[kind], of_train)
        and _are_references(kind, test[kind], of_test)
    ]
    apart = refs or rest
    paths = {one.path for kind in apart for one in test[kind]}
    if are_named(folder, data.sample, paths) or _are_listed(data, paths):
        return folder, ""
    places = some(sorted({path.rpartition("/")[0] for path in paths}), _PLACES)
    alike = some(sorted({one.folder for kind in apart for one in train[kind]}), _PLACES)
    n, why = plural(len(paths), "image"), f"no row of train is of {alike}"
    if not refs:
        doubt = f"{n} in {places} are to be predicted, too, and {why}: where they are not asked for"
        note = f"{doubt}, write the pattern of the others alone as data.test.images"
        return folder, note if data.sample is None else ""
    return folder.put_beside(paths), (
        f"{n} in {places} are not to be predicted: {why}, and images beside these are called after "
        "them"
    )


def with_folder_of_sample(data: CompetitionData) -> tuple[DataFolder, str]:
    """Return the folder with the images to predict that the sample names, and a note; "" for none.

    Images of test lie in two folders. The sample names all of one, each by a row, and none of the
    other.
    """
    folder, sample = data.folder, data.sample
    test = folder.of_part("test")
    start = len(f"{common_folder(test)}/".lstrip("/"))
    places: dict[str, list[ImageFile]] = defaultdict(list)
    for image in test:
        places[image.path[:start] + image.path[start:].partition("/")[0]].append(image)
    if sample is None or len(places) != _TWO or folder.channels or _name_several(data):
        return folder, ""
    of_id = [
        [one for one in folder.named(cell) if one.part == "test"]
        for cell in sample.table[sample.id].unique()
    ]
    named = {one.path for each in of_id for one in each}
    if any(len(each) != 1 for each in of_id) or len(named) < len(of_id):
        return folder, ""
    whole = [place for place, each in places.items() if {one.path for one in each} == named]
    if len(whole) != 1 or any(len(each) < _TWO for each in places.values()):
        return folder, ""
    [other] = places.keys() - {*whole}
    gone = {one.path for one in places[other]}
    return folder.put_beside(gone), (
        f"{plural(len(gone), 'image')} in {other} {'is' if len(gone) == 1 else 'are'} not to be "
        f"predicted: {sample.path} names each image of "
        f"{whole[0]}, and none of them"
    )


def _by_kind(images: Sequence[ImageFile]) -> dict[_Kind, list[ImageFile]]:
    """Return images by the words of their folders, without those of the part."""
    found: dict[_Kind, list[ImageFile]] = defaultdict(list)
    for image in images:
        words = (word for level in image.folder.split("/") for word in name_words(level))
        found[tuple(one for one in words if not is_called(one, "train", "test"))].append(image)
    return found


def _with_rows(data: CompetitionData) -> frozenset[str]:
    """Return the paths of the images of train that a row of a table is of."""
    found = (
        match_images(data.folder, path, table, ("train", "other"))
        for path, table in data.tables.items()
        if not is_test_table(path)
    )
    return frozenset[str]().union(*(one.paths for one in found if one is not None))


def _are_references(kind: _Kind, images: Sequence[ImageFile], others: Sequence[ImageFile]) -> bool:
    """Return whether nearly all images have a name that others have, with more behind it.

    Or the name itself, where the folder is called a reference.
    """
    begins = {other.stem[: cut.start()] for other in others for cut in _CUT.finditer(other.stem)}
    if any(is_called(word, "true mask") for word in kind):
        begins |= {other.stem for other in others}
    return sum(one.stem in begins for one in images) >= NEARLY_ALL * len(images)


_CUT = re.compile(r"[-_. ]+")


def _are_listed(data: CompetitionData, gone: Collection[str]) -> bool:
    """Return whether a table of test has rows of these images."""
    found = (match_images(data.folder, *each, ("test",)) for each in data.test_tables.items())
    return any(not one.paths.isdisjoint(gone) for one in found if one is not None)


def _name_several(data: CompetitionData) -> bool:
    """Return whether rows of a table name several images each."""
    parts: tuple[FolderPart, ...] = ("train", "other")
    found = (match_images(data.folder, *each, parts) for each in data.tables.items())
    return any(bool(one.several) for one in found if one is not None)
