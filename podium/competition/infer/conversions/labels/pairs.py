"""Samples whose ids are pairs of images, whose answers podium does not predict.

face00000.jpg-face00031.jpg, 0      whether two images show the same
"""

from __future__ import annotations

from podium.competition.infer.files import DataFolder
from podium.competition.infer.sample.submission import SampleSubmission
from podium.errors import DataError

__all__ = ["refuse_pairs"]

_FEWEST_PAIRS = 2


def refuse_pairs(folder: DataFolder, sample: SampleSubmission | None) -> None:
    """Raise where every id of the sample is the names of two images, with a sign between them.

    Args:
        folder: with the images.
        sample: the sample submission.

    Raises:
        DataError: podium predicts answers of images, and none of pairs.
    """
    if sample is None:
        return
    names = {name for one in folder.images for name in (one.name, one.stem)}
    # `7_8` is object 8 of image 7, where names are numbers.
    names = {one for one in names if any(letter.isalpha() for letter in one)}
    pairs = [_pair_of(str(cell), names) for cell in sample.table[sample.id]]
    found = [one for one in pairs if one is not None]
    if len(found) < max(_FEWEST_PAIRS, len(pairs)):
        return
    first, second = found[0]
    raise DataError(
        f"every id of {sample.path} is of two images, as {first} and {second}, and podium predicts "
        "answers of an image, or of a unit of several: none of pairs",
        where=folder.path,
        fix="write test.csv with a row an image, and compare the images in code of your own: what "
        "is learnt of single images (who each shows) can be trained here without the sample "
        "submission",
    )


def _pair_of(cell: str, names: set[str]) -> tuple[str, str] | None:
    """Return the two names in a cell; None where it is a name itself, or no two names."""
    if cell in names:
        return None
    signs = (n for n, letter in enumerate(cell) if not letter.isalnum())
    ways = ((cell[:n], cell[n + 1 :]) for n in signs)
    return next((way for way in ways if names.issuperset(way) and way[0] != way[1]), None)
