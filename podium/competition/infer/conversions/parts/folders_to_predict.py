"""The images to predict in a folder of any name: none has a mask there, and the sample names them.

annotated/plate_1/A01/img.png, labels.png      train
to_annotate/plate_7/A01/img.png                test: the sample has a row of plate_7/A01

shots/7.jpg          train: a table has its label
unlabelled/9.jpg     test: the sample has a row of 9
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace

from podium.competition.infer.competition_data import CompetitionData
from podium.competition.infer.conversions.ids.columns_together import ways_to_join
from podium.competition.infer.files import DataFolder, ImageFile
from podium.competition.infer.ids.keys import splits_of
from podium.competition.infer.ids.paths import ids_in_paths, with_path_ids
from podium.competition.infer.parts.to_predict import listed_images
from podium.competition.infer.sample.submission import SampleSubmission

__all__ = ["with_folders_to_predict", "with_unlabelled_to_predict"]


def with_unlabelled_to_predict(folder: DataFolder, sample: SampleSubmission | None) -> DataFolder:
    """Return the folder with the images that the sample names as those of test.

    Only where no folder is called so, and the ids are all of the images that are called unlabelled:
    whoever gives images without labels may mean those that are asked for.
    """
    if sample is None or folder.of_part("test") or not folder.of_part("unlabelled"):
        return folder
    listed = listed_images(folder, sample, ("unlabelled",))
    if listed is None or not all(listed[0].images):
        return folder
    unlabelled = {one.path for one in folder.of_part("unlabelled")}
    return folder.with_part("test", unlabelled) if listed[0].paths == unlabelled else folder


def with_folders_to_predict(folder: DataFolder, sample: SampleSubmission | None) -> DataFolder:
    """Return the folder with a part of test, where folders show it that are not called so.

    At some level of folders each holds images with masks, or images alone, and all ids of the
    sample are of the latter. What lies beside masks is train then.
    """
    if sample is None or folder.of_part("test") or not folder.of_part("mask"):
        return folder
    for level in range(_depth(folder.images)):
        of_name: dict[str, list[ImageFile]] = defaultdict(list)
        for image in folder.images:
            of_name["/".join(image.path.split("/")[: level + 1])].append(image)
        masked, plain = _by_masks(of_name)
        if not masked or not plain:
            continue
        named = _named(folder, [one for name in plain for one in of_name[name]], sample)
        chosen = {name for name in plain if named & {one.path for one in of_name[name]}}
        if not chosen:
            continue
        # Where each image has a folder of its own, one without a mask may be of train, too.
        if len(chosen) < len(plain) and all(len(of_name[name]) == 1 for name in chosen):
            continue
        to_predict, of_train = (
            {one.path for name in names for one in of_name[name] if one.part == "other"}
            for names in (chosen, masked)
        )
        return folder.with_part("test", to_predict).with_part("train", of_train)
    return folder


def _depth(images: Sequence[ImageFile]) -> int:
    """Return how many levels of folders all images have."""
    return min(image.path.count("/") for image in images)


def _by_masks(of_name: dict[str, list[ImageFile]]) -> tuple[list[str], list[str]]:
    """Return the folders of images with masks, and those of images that belong to no part yet.

    None where a folder holds masks alone: these may be of images anywhere.
    """
    masked, plain = [], []
    for name, images in of_name.items():
        parts = {image.part for image in images}
        if parts == {"mask"}:
            return [], []
        if "mask" in parts:
            masked.append(name)
        elif parts == {"other"}:
            plain.append(name)
    return masked, plain


def _named(
    folder: DataFolder, images: Sequence[ImageFile], sample: SampleSubmission
) -> frozenset[str]:
    """Return the paths of the images that the sample names; none where an id is of no image.

    Its ids may stand in two or three columns, and a class, or a number, may stand behind each.
    """
    alone = replace(folder, images=tuple(image._replace(part="test") for image in images))
    for one in _ways(sample):
        cells = one.table[one.id]
        whole = ids_in_paths(alone.images, cells)
        if whole is not None:
            return frozenset(whole.ids[cell].path for cell in cells)
        made = with_path_ids(CompetitionData(replace(alone, path_ids={})), cells)
        for known in (made, alone):
            splits = splits_of(list(cells), known.named)
            found = next((split for split in splits if not split.n_other), None)
            if found is not None:
                return frozenset(image.path for id_ in found.ids for image in known.named(id_))
    return frozenset()


def _ways(sample: SampleSubmission) -> Iterator[SampleSubmission]:
    yield sample
    if not sample.table[sample.id].is_unique:
        yield from ways_to_join(sample)
