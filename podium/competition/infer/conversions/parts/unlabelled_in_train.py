"""Images without labels in a folder of train, beside those with labels.

training/labeled/00/0_37.jpg       class folders, those that validation has, too
training/unlabeled/00/12.jpg   →   of no class
validation/00/0_3.jpg
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from podium.competition.infer.files import DataFolder, ImageFile, guess_part
from podium.competition.infer.sample.submission import SampleSubmission
from podium.competition.spelling import plain_spelling
from podium.errors import plural

__all__ = ["with_unlabelled_apart"]

_FEWEST_CLASSES = 2


def with_unlabelled_apart(
    folder: DataFolder, sample: SampleSubmission | None
) -> tuple[DataFolder, str]:
    """Return the folder, images of train that have no label as those of no label, and a note.

    A folder of train is called unlabelled and has no folders inside that could be classes; the one
    beside it has class folders alone, and is called labelled, or validation has the same ones.
    Else the folder as it is, and "". Never where the sample submission has the names of both.
    """
    beside: dict[str, dict[str, list[ImageFile]]] = defaultdict(lambda: defaultdict(list))
    for image in folder.of_part("train"):
        levels = image.folder.split("/")
        for n, level in enumerate(levels):
            if guess_part(level) == "unlabelled":
                beside["/".join(levels[:n])][level].append(image)
    for around, found in beside.items():
        if len(found) != 1:
            continue
        (without, images), start = next(iter(found.items())), f"{around}/"
        rest = [
            one
            for one in folder.of_part("train")
            if one.path.startswith(start) and not one.path.startswith(f"{start}{without}/")
        ]
        tops = {one.path[len(start) :].partition("/")[0] for one in rest}
        if not around or len(tops) != 1 or len({one.folder for one in images}) > 1:
            continue
        name = tops.pop()
        classes = _folders_in(rest, f"{start}{name}")
        is_called = plain_spelling(without).endswith(plain_spelling(name))
        if len(classes) < _FEWEST_CLASSES or "" in classes or _is_in_sample(sample, name, without):
            continue
        if not (is_called or _validation_has(folder, classes)):
            continue
        note = (
            f"{plural(len(images), 'image')} in {start}{without} "
            f"{'is' if len(images) == 1 else 'are'} of no class, as their folder "
            f"is called; {start}{name} beside it has the class folders"
        )
        return folder.with_part("unlabelled", {one.path for one in images}), note
    return folder, ""


def _folders_in(images: Sequence[ImageFile], start: str) -> set[str]:
    """Return the names of the folders right below `start`; "" among them for what lies in none."""
    return {image.folder[len(start) :].strip("/").partition("/")[0] for image in images}


def _validation_has(folder: DataFolder, classes: set[str]) -> bool:
    """Return whether the innermost folders of validation are called as these, each of them."""
    return {one.folder.rpartition("/")[2] for one in folder.of_part("holdout")} == classes


def _is_in_sample(sample: SampleSubmission | None, *names: str) -> bool:
    if sample is None:
        return False
    known = {*sample.values} | {cell for one in sample.values for cell in set(sample.table[one])}
    return {*map(plain_spelling, names)} <= {*map(plain_spelling, known)}
