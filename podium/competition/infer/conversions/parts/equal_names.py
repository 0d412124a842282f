"""Images of several folders that have one name: which of them the sample submission names.

drive_A/f000000.jpg      annotated: a table, or a JSON, calls it f000000
drive_B/f000000.jpg      to predict: the sample has a row of drive_B/f000000
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence

from podium.competition.infer.files import DataFolder, ImageFile
from podium.competition.infer.parts.to_predict import listed_images
from podium.competition.infer.sample.submission import SampleSubmission
from podium.errors import either

__all__ = [
    "equal_names",
    "equal_names_note",
    "with_named_by_sample",
    "with_unmasked_apart",
]


def equal_names(images: Sequence[ImageFile]) -> list[list[ImageFile]]:
    """Return the images that share a name without its ending, those of each name together."""
    of_stem: dict[str, list[ImageFile]] = defaultdict(list)
    for image in images:
        of_stem[image.stem].append(image)
    return [each for each in of_stem.values() if len(each) > 1]


def with_named_by_sample(folder: DataFolder, sample: SampleSubmission | None) -> DataFolder:
    """Return the folder with the images that the sample names as those of test.

    So what is annotated is of the other images. Only where images of several folders have one name,
    and no part of test is known: all else is told by names alone.
    """
    pool = folder.of_part("train", "other", "holdout")
    if sample is None or folder.of_part("test") or not equal_names(pool):
        return folder
    listed = listed_images(folder, sample)
    named = set[str]()
    for cell in () if listed is None else listed[0].table[listed[0].id]:
        images = folder.named(str(cell))
        if len(images) != 1:
            return folder  # a bare name tells none of them
        named.add(images[0].path)
    return folder.with_part("test", named) if named and len(named) < len(pool) else folder


def with_unmasked_apart(folder: DataFolder, masked: Collection[str]) -> DataFolder:
    """Return the folder with the images of folders without a mask as unlabelled ones.

    Only of folders with an image that is called as one with a mask: by names alone it would have
    that one's.

    Args:
        folder: whose images to predict are known.
        masked: the paths of the images that have a mask.
    """
    pool = folder.of_part("train", "other", "holdout")
    stems = {one.stem for one in pool if one.path in masked}
    places = {one.folder for one in pool if one.path not in masked and one.stem in stems}
    places -= {one.folder for one in pool if one.path in masked}
    rest = {one.path for one in pool if one.folder in places}
    return folder.with_part("unlabelled", rest) if rest else folder


def equal_names_note(folder: DataFolder) -> str:
    """Return that images have equal names, with two of them, and how to tell them; "" for none."""
    shared = equal_names(folder.of_part("train", "other", "holdout"))
    if not shared:
        return ""
    first, second = shared[0][:2]
    return (
        f"{either(len(shared), 'name is', 'names are')} those of images in several folders, as "
        f"{first.path} and "
        f"{second.path}, so that {first.stem!r} in a table or a JSON tells none of them: write "
        f"names with their folder there, as {first.path.rpartition('.')[0]}"
    )
