"""Examples of masks to send, and the images that they are named after: those to predict.

fields/7.tif     outlines/7.png                           train, and its masks
new_fields/9.tif answer_template/9_outline.png, blank  →  new_fields is test, and the PNGs no images
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from podium.competition.infer.conversions.masks.look_folders import look_of_picture
from podium.competition.infer.conversions.parts.one_pool import images_without_masks
from podium.competition.infer.encodings import read_text
from podium.competition.infer.files import (
    DataFolder,
    ImageFile,
    guess_part,
    possible_image_names,
)
from podium.competition.infer.masks.files import is_called_example, train_masks
from podium.competition.infer.pictures import picture_size
from podium.competition.infer.shares import NEARLY_ALL
from podium.errors import plural, some

__all__ = ["with_example_answers"]

_SUFFIXES = frozenset({".png", ".tif", ".tiff"})
_FEWEST = 3
_LOOKED_AT = 12
_LARGEST = 100_000_000  # bytes of a list


def with_example_answers(
    folder: DataFolder, *, is_called_so: bool = True
) -> tuple[DataFolder, str]:
    """Return the folder with examples of masks as no images, and a note on them; "" without any.

    Each is named after one image, with one end or start or none, and looks like its mask; the
    folders of these images have no others, and no mask of train. So they are the images to predict.

    Args:
        is_called_so: whether their folder is called as an example; if False, they are blank in
            one of any name, as masks of images with nothing to draw are, too.
    """
    if folder.channels or not _are_named_by_stem(folder):
        return folder, ""
    answers: dict[str, list[ImageFile]] = defaultdict(list)
    for image in folder.of_part("other", "test", "mask"):
        root = _root_of_example(image.folder) if is_called_so else image.folder
        if root and image.suffix.lower() in _SUFFIXES:
            answers[root].append(image)
    for root, pictures in answers.items():
        if len(pictures) < _FEWEST:
            continue
        named = _images_of(folder, pictures, is_called_so=is_called_so)
        most = None if is_called_so else 1
        if named and _look_like_masks(folder, pictures, named, most):
            found = replace(folder, path_ids={}).with_part("mask", {one.path for one in pictures})
            found = found.with_part("test", {one.path for one in named.values()})
            places = some(sorted({one.folder for one in named.values()}), 3)
            return found, (
                f"the {plural(len(pictures), 'picture')} in {root} "
                f"{'is' if len(pictures) == 1 else 'are'} taken for an example of "
                "the masks to send, and the "
                f"{plural(len(named), 'image')} in {places} whose names they "
                "have for those to predict"
            )
    return folder, ""


def _are_named_by_stem(folder: DataFolder) -> bool:
    """Return whether ids that were made of paths, where there are such, are the names of files."""
    made = [one.ids for one in folder.path_ids.values()]
    return all(id_ == image.stem for ids in made for id_, image in ids.items())


def _root_of_example(folder: str) -> str:
    """Return the part of a path up to the last folder that is called as an example; "" without."""
    levels = folder.split("/")
    called = [n for n, one in enumerate(levels, start=1) if is_called_example(one)]
    return "/".join(levels[: called[-1]]) if called else ""


def _images_of(
    folder: DataFolder, pictures: Sequence[ImageFile], *, is_called_so: bool
) -> dict[str, ImageFile]:
    """Return the image that each picture is named after, by the picture's path; {} if not so.

    All have the same text around the name of the image. There are further images, to learn from,
    and no others to predict: those lie in other folders, or nearly all have a mask, or a list that
    is called as one of test names the images of the pictures.
    """
    own = {*pictures}
    plain = [one for one in folder.images if one.part != "mask" and one not in own]
    without_mask = images_without_masks(folder) if train_masks(folder) else folder.of_part("other")
    may_be = {*without_mask, *folder.of_part("test")}
    of_stem: dict[str, list[ImageFile]] = defaultdict(list)
    for image in plain:
        if image in may_be and not _root_of_example(image.folder):
            of_stem[image.stem].append(image)
    for named in _ways_to_name(pictures, of_stem):
        images = {*named.values()}
        places = {one.folder for one in images}
        rest = [one for one in plain if one not in images]
        if not rest or any(one.part == "test" for one in rest):
            continue
        among = [one for one in rest if one.folder in places]
        if not among or (is_called_so and _is_pool_of_both(folder, images, among, without_mask)):
            return named
    return {}


def _is_pool_of_both(
    folder: DataFolder,
    images: Collection[ImageFile],
    among: Sequence[ImageFile],
    without_mask: Collection[ImageFile],
) -> bool:
    """Return whether `images` are all to predict of one folder, which has those of train, too.

    Args:
        images: that the pictures are named after.
        among: the others in their folders.
        without_mask: all images that no mask is named after.
    """
    unmasked = {*without_mask}
    rest = sum(one in unmasked for one in among)
    if rest == len(among):
        return False
    if len(images) >= NEARLY_ALL * (len(images) + rest):
        return True
    stems = {one.stem for one in images}
    return any(stems == {*names} for names in _lists_of_test(folder))


def _lists_of_test(folder: DataFolder) -> Iterator[list[str]]:
    """Yield the stems of the names in each text that is called as one of test, a name a line."""
    for path in folder.texts:
        file = folder.path / path
        if guess_part(path.rpartition("/")[2]) == "test" and file.stat().st_size <= _LARGEST:
            lines = (one.strip() for one in read_text(file, folder).splitlines())
            yield [_stem(one) for one in lines if one]


def _stem(name: str) -> str:
    name = name.rpartition("/")[2]
    return name.rpartition(".")[0] or name


def _ways_to_name(
    pictures: Sequence[ImageFile], of_stem: Mapping[str, Sequence[ImageFile]]
) -> Iterator[dict[str, ImageFile]]:
    """Yield the one image of each picture, by the text that all pictures have around its name."""
    for _, front, end in possible_image_names(pictures[0].stem):
        named = {}
        for picture in pictures:
            stem = picture.stem
            if not (stem.startswith(front) and stem.endswith(end)):
                break
            found = of_stem.get(stem[len(front) : len(stem) - len(end)], ())
            if len(found) != 1:
                break
            named[picture.path] = found[0]
        if len({*named.values()}) == len(pictures):
            yield named


def _look_like_masks(
    folder: DataFolder,
    pictures: Collection[ImageFile],
    named: Mapping[str, ImageFile],
    most: int | None,
) -> bool:
    """Return whether pictures have one channel, few values, or one, and the sizes of their images.

    Some of many are looked at.

    Args:
        pictures: that may be masks.
        named: the image of each.
        most: values of one; None: as many as masks have.
    """
    for picture in sorted(pictures)[:: max(1, len(pictures) // _LOOKED_AT)]:
        look = look_of_picture(folder.path / picture.path)
        if look is None or not look.is_single or len(look.values) > (most or look.most):
            return False
        size = picture_size(folder.path / named[picture.path].path)
        if size is not None and size != look.size:
            return False
    return True
