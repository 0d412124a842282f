"""Parts that two letters tell: folders that are called the same but for `TR` and `TE`.

SET-TR/SET-TR-Image, SET-TR/SET-TR-Mask      train
SET-TE/SET-TE-Image, SET-TE/SET-TE-Mask      test
"""

from __future__ import annotations

from dataclasses import replace

from podium.competition.infer.files import DataFolder, FolderPart
from podium.competition.infer.masks.search import with_train
from podium.competition.spelling import name_words

__all__ = ["with_short_parts"]

_SHORT: dict[str, FolderPart] = {"tr": "train", "te": "test", "ts": "test"}


def with_short_parts(folder: DataFolder) -> DataFolder:
    """Return the folder with its images in train and test, where two letters in all paths tell it.

    Only where no other word does: every image and mask lies in folders of one of the two, and each
    folder of images of the one is there of the other, too, under the same name but for the letters.
    """
    if any(one.part not in ("other", "mask") for one in folder.images):
        return folder
    kinds: dict[str, set[FolderPart]] = {}
    parts: dict[str, FolderPart] = {}
    of_masks = {one.folder for one in folder.images if one.part == "mask"}
    for where in {one.folder for one in folder.images}:
        words = [name_words(name) for name in where.split("/")]
        found = {_SHORT[word] for each in words for word in each if word in _SHORT}
        if len(found) != 1:
            return folder
        parts[where] = found.pop()
        kind = "/".join("_".join("*" if one in _SHORT else one for one in each) for each in words)
        if where not in of_masks:
            kinds.setdefault(kind, set()).add(parts[where])
    if not kinds or any(len(each) < 2 for each in kinds.values()):
        return folder
    images = [
        one if one.part == "mask" else one._replace(part=parts[one.folder]) for one in folder.images
    ]
    return replace(folder, images=with_train(images))
