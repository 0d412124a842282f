"""Files to send that are masks as PNGs or TIFFs, where a text, or a ZIP as an example, tells it.

README.md: "one PNG for each tile, `<id>_mask.png`, in the colours of the table above"
→   file: {kind: png, name: '{id}_mask.png', mask_values: {'#0040ff': water, …}}

What the text leaves open is asked for: the name of a file, and the value of each class.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from pydantic import ValidationError

from podium.competition.infer.conversions.masks.packed_examples import PackedExample, packed_example
from podium.competition.infer.conversions.masks.png_samples import (
    images_of,
    numbers_of_train,
    png_format,
)
from podium.competition.infer.evidence import OpenKey
from podium.competition.infer.files import (
    DataFolder,
    FolderPart,
    ImageFile,
    PathIds,
    ids_without,
)
from podium.competition.infer.masks.files import MaskFiles
from podium.competition.infer.masks.values import ClassNames, is_background
from podium.competition.infer.parts.to_predict import PartImages
from podium.competition.infer.parts.train import TrainPart
from podium.competition.infer.readme.pixel_values import readme_pixel_values
from podium.competition.infer.readme.sent_files import NameInText, StatedFiles, readme_files
from podium.competition.infer.sample.submission import InferredFormat
from podium.competition.infer.shares import HALF
from podium.competition.infer.tasks.settle import FoundMasks
from podium.competition.sections.submission import FileForm

__all__ = ["StatedPngs", "find_stated_pngs"]

_KEY = "submission.file"
_BLACK = "#000000"

Values = Mapping[int, str] | Mapping[str, str]
"""The class of each pixel value, or of each colour."""


@dataclass(frozen=True)
class StatedPngs:
    """Masks as PNGs, as a text tells them.

    Attributes:
        test: the images to predict, with the ids that names of files have.
        file: `submission.file`.
        why: where its names and values are from.
        others: other forms that fit as well, and why; () where the first one is sure.
        by_class: whether a row is of an image and a class.
        notes: what podium does otherwise than the text has it.
    """

    test: PartImages
    file: Mapping[str, object]
    why: str
    others: tuple[tuple[Mapping[str, object], str], ...]
    by_class: bool
    notes: list[str]

    def format_of(self, form: InferredFormat) -> InferredFormat:
        """Return the format of masks whose files are these."""
        asked = (OpenKey(_KEY, self.others),) if self.others else ()
        found = png_format(form, by_class=self.by_class)
        why = "runs of start and length stand for the masks inside podium, and a file has PNGs"
        return replace(
            found, why_value=why, stated_file=(self.file, self.why), open=(*found.open, *asked)
        )


def find_stated_pngs(
    folder: DataFolder,
    train: TrainPart,
    test: PartImages,
    masks: FoundMasks,
    listed: ClassNames | None = None,
) -> tuple[StatedPngs | None, list[str]]:
    """Return masks to send as a text tells them; None where it tells none plainly.

    Args:
        folder: of the data, without a sample of a file to send.
        train: whose ids may stand in an example of a name, too.
        test: the images to predict.
        masks: of train.
        listed: the names of classes that came with the data.

    Returns:
        The masks; and why those that a text tells cannot be read.
    """
    if masks.kind.finds_objects or not test.ids:
        return None, []
    packed, in_text = packed_example(folder), readme_files(folder)
    told = in_text or (None if packed is None else _from_example(packed))
    if told is None:
        return None, []
    classes = () if masks.kind.is_yes_no else tuple(masks.classes)
    by_ids = _with_ids_of_files(folder, test, told)
    name = None if packed is None else _name_in(packed, by_ids.ids)
    if name is None and in_text is None:
        return None, []
    if packed is not None and name is not None:
        told = _as_in(packed, name, told)
    templates = _templates(images_of(folder, by_ids), [*by_ids.ids, *train.ids], told, classes)
    is_by_class = "{class}" in templates[0]
    if masks.kind.is_by_class and not is_by_class:
        why = "one PNG an image cannot show classes that share pixels"
        return None, [f"{_reason(told)}, and these are not written: {why}; mend submission.file"]
    if any("/" in one for one in by_ids.ids):
        why = "its names have no place for the ids of the images to predict"
        return None, [f"{_reason(told)}, and these are not written: {why}; mend submission.file"]
    names = ("foreground",) if is_by_class or not classes else classes
    values, why = _values(folder, told, masks, names, listed)
    named = "the names are as it has them" if len(templates) == 1 else "the names are not clear"
    if packed is not None and name is not None:
        named = f"the names are those in {packed.path}"
    if told.folder and not any("/" in one for one in templates):
        named = f"{named}; whether the ZIP has the folder {told.folder}, too, is not known"
        templates = [f"{told.folder}/{templates[0]}", *templates]
    others = [_file(templates[0], other, why) for other in values[1:]]
    others += [_file(one, values[0], named) for one in templates[1:]]
    notes = [f"{told.path} asks for a TAR, and podium writes a ZIP: pack its files anew"]
    return StatedPngs(
        by_ids,
        _file(templates[0], values[0], "")[0],
        f"{_reason(told)}; {named}; {why}",
        tuple(others),
        bool(classes),
        notes if told.is_tar else [],
    ), []


def _from_example(packed: PackedExample) -> StatedFiles:
    """Return what a ZIP alone tells of pictures to send, but for their names."""
    nothing = frozenset[frozenset[int]]()
    return StatedFiles(
        path=packed.path,
        quote="",
        names=(),
        others=(),
        has_name_of_image=False,
        suffix=f".{packed.names[0].rpartition('.')[2].lower()}",
        pairs=nothing,
        listed=nothing,
        in_colours=not packed.is_grey,
        in_one_channel=packed.is_grey,
        as_train=False,
        by_number=False,
        is_tar=False,
    )


def _name_in(packed: PackedExample, ids: Sequence[str]) -> str | None:
    """Return the name with {id} of all pictures of a ZIP, of half of the images; None without."""
    for template in dict.fromkeys(_as_template(NameInText(packed.names[0], ""), ids)):
        made = {template.replace("{id}", one) for one in ids}
        n = len(made & {*packed.names})
        if n == len(packed.names) and n > HALF * len(ids) and _is_name(template):
            return template
    return None


def _as_in(packed: PackedExample, name: str, told: StatedFiles) -> StatedFiles:
    """Return what a text tells of pictures, with the names that those of a ZIP have.

    The ZIP itself shows the folders.
    """
    is_pair = len(packed.values) == 2 and 0 in packed.values
    return told._replace(
        names=(NameInText(name, packed.path),),
        pairs=frozenset({packed.values}) if is_pair else told.pairs,
        in_one_channel=told.in_one_channel or packed.is_grey,
        folder="",
    )


def _reason(told: StatedFiles) -> str:
    if not told.quote:
        return f"{told.path} has pictures called as images to predict"
    return f"{told.path} says {told.quote!r}"


def _file(name: str, values: Values, why: str) -> tuple[Mapping[str, object], str]:
    return {"kind": "png", "name": name, "mask_values": dict(values)}, why


def _with_ids_of_files(folder: DataFolder, test: PartImages, told: StatedFiles) -> PartImages:
    """Return the images to predict with the ids that names of files to send have a place for.

    Where a text has `<id>_sat.jpg` beside `<id>_mask.png`, an id is what stands before `_sat`;
    else it is one of the images as they are, without folder and ending.
    """
    images = images_of(folder, test)
    if folder.channels:  # what the names of an image's files have in common is its id
        is_named = test.table is None and {*test.ids} == {one.name for one in images}
        stems = tuple(one.stem for one in images)
        return replace(test, id="{stem}", ids=stems) if is_named else test
    places = {one.place for one in told.names if one.place}
    for one in sorted(told.others, key=lambda one: -len(one.template)):
        before, _, end = one.template.rpartition("/")[2].partition("{id}")
        after = re.sub(r"\.\w+$", "", end)
        is_own = one.place in places and (before or after) and "{" not in before + after
        if is_own and all(image.name.lower().endswith(end.lower()) for image in images):
            made = _one_part(ids_without(after, images, before))
            if made is not None:
                return _by_path(test, made)
    is_file = any("/" in one for one in test.ids) or {*test.ids} & {one.name for one in images}
    if is_file or (told.has_name_of_image and not told.names):
        made = _one_part(ids_without("", images))
        return test if made is None else _by_path(test, made)
    return test


def _one_part(made: Mapping[FolderPart, PathIds]) -> PathIds | None:
    """Return the ids of images that are all of one part, or None."""
    return next(iter(made.values())) if len(made) == 1 else None


def _by_path(test: PartImages, made: PathIds) -> PartImages:
    """Return the images with ids of their paths; as they were where they have these."""
    if {*made.ids} == {*test.ids}:
        return test
    why = f"{test.why}, with the ids that names of files to send have"
    return PartImages(
        made.pattern, made.template, len(made.ids), why, notes=test.notes, ids=tuple(made.ids)
    )


def _templates(
    images: Sequence[ImageFile], ids: Sequence[str], told: StatedFiles, classes: Sequence[str]
) -> list[str]:
    """Return the names of files to send with {id}, the likeliest first.

    Args:
        images: to predict.
        ids: of these, and of those of train.
        told: with the names as the text has them.
        classes: of the masks, where these are of several.
    """
    ways = dict.fromkeys(one for name in told.names for one in _as_template(name, ids))
    each = _of_each_class(list(ways), classes)
    found = [one for one in each or ways if _is_name(one) and (classes or "{class}" not in one)]
    # Of names of images and of masks in one section the latter are sent.
    paths = {one.name.lower() for one in images}
    rest = [one for one in found if not _is_of_images(one, ids, paths)]
    if rest or found:
        return rest or found
    plain = f"{{id}}{told.suffix}"
    is_told = told.has_name_of_image and not told.names
    return [plain] if is_told else [plain, f"{{id}}_mask{told.suffix}"]


def _of_each_class(templates: Sequence[str], classes: Sequence[str]) -> list[str]:
    """Return the one name with {class} that names with each class stand for; [] without.

    Example:
        >>> _of_each_class(["Cat/{id}.png", "Dog/{id}.png"], ["Cat", "Dog"])
        ['{class}/{id}.png']
    """
    found = {
        (re.sub(rf"(?<![^\W_]){re.escape(name)}(?![^\W_])", "{class}", one), name)
        for one in templates
        for name in classes
        if name in one
    }
    made = {one for one, _ in found if one.count("{class}") == 1}
    is_of_all = len(made) == 1 and len(found) == len(classes) == len(templates)
    return list(made) if is_of_all and len(classes) > 1 else []


def _is_name(template: str) -> bool:
    """Return whether `submission.file.name` may be so."""
    try:
        return bool(FileForm(kind="png", name=template))
    except ValidationError:
        return False


def _as_template(name: NameInText, ids: Sequence[str]) -> Iterator[str]:
    """Yield the name with {id}: of an example, where one of the ids, or one like them, stands."""
    if name.place:
        yield name.template
        return
    known = [one for one in ids if one in name.template]
    if known:
        yield "{id}".join(name.template.rsplit(max(known, key=len), 1))
        return
    numbers = re.findall(r"\d+", name.template.rpartition("/")[2])
    if len(numbers) == 1 and all(one.isdecimal() for one in ids):
        yield "{id}".join(name.template.rsplit(numbers[0], 1))


def _is_of_images(template: str, ids: Sequence[str], images: set[str]) -> bool:
    """Return whether a template is that of the images to predict themselves."""
    names = {template.replace("{id}", one).lower() for one in ids}
    return bool(images) and images <= names


def _values(
    folder: DataFolder,
    told: StatedFiles,
    masks: FoundMasks,
    names: Sequence[str],
    listed: ClassNames | None,
) -> tuple[list[Values], str]:
    """Return what pixels of files to send mean, the likeliest first, and why; one where it is sure.

    The text tells it: two values of one class, colours, numbers of classes, or that files are as
    those of train. Where it tells none of these, they are likely as those of train.
    """
    colours, numbers = _colours_of_train(masks, names), numbers_of_train(masks, names)
    of_train = colours if colours is not None else numbers
    as_train = "values are those of the mask files of train"
    is_grey = told.by_number or told.in_one_channel
    if len(names) == 1 and told.pairs and not (told.in_colours and colours and not is_grey):
        pairs = [
            _of_pair(folder, max(one), numbers, names[0]) for one in sorted(told.pairs, key=max)
        ]
        return list(pairs), "values are those that it names"
    if told.in_colours and colours is not None and not is_grey:
        return [colours], "colours are those of the mask files of train"
    if numbers is not None and frozenset(numbers) in told.listed:
        return [numbers], f"{as_train}, which it lists"
    if told.as_train and of_train is not None and not (colours and is_grey):
        return [of_train], as_train
    of_classes = numbers or _of_list(listed, names) or _of_text(folder, names)
    if told.by_number and of_classes is not None and len(names) > 1:
        return [of_classes], "values are the numbers of the classes"
    usual = _usual(names)
    likely = (of_classes, *usual, of_train) if is_grey else (of_train, of_classes, *usual)
    ways: list[Values] = [one for one in likely if one is not None]
    distinct = [one for n, one in enumerate(ways) if one not in ways[:n]]
    return (
        distinct,
        f"it does not tell the values{'' if of_train is None else ': likely as in train'}",
    )


def _usual(names: Sequence[str]) -> list[Values]:
    if len(names) == 1:
        return [{0: "background", 255: names[0]}, {0: "background", 1: names[0]}]
    counted = dict(enumerate(names, start=1))
    return [{0: "background", **counted}]


def _of_pair(
    folder: DataFolder, value: int, of_train: Mapping[int, str] | None, name: str
) -> Values:
    """Return the meaning of 0 and another value: 0 is background, where no text or mask tells."""
    listed = readme_pixel_values(folder)
    is_turned = listed is not None and is_background(listed[1].get(value, ""))
    if of_train is not None and set(of_train) == {0, value}:
        is_turned = of_train[value] == "background"
    return {0: name, value: "background"} if is_turned else {0: "background", value: name}


def _colours_of_train(masks: FoundMasks, names: Sequence[str]) -> dict[str, str] | None:
    """Return the colour of each class in mask files of train; None where these have none.

    What is of no class is sent in the colour that is left out of the score, or in black; where
    black is a class, and each pixel is of one, nothing is.
    """
    if not isinstance(masks, MaskFiles) or masks.by_class or masks.by_object:
        return None
    content = masks.content
    found = {
        colour: "background" if is_background(name) else name
        for colour, name in (content.values or {}).items()
        if isinstance(colour, str)
    }
    if len(names) == 1:
        found = {one: "background" if of == "background" else names[0] for one, of in found.items()}
    if {*found.values()} - {"background"} != {*names} or len({*found.values()}) < len(found):
        return None
    if "background" not in found.values():
        ground = content.ignore if isinstance(content.ignore, str) else _BLACK
        if ground not in found:
            found = {ground: "background", **found}
        elif not content.is_without_ground:
            return None
    return found


def _of_list(listed: ClassNames | None, names: Sequence[str]) -> dict[int, str] | None:
    """Return the number of each class in a list that came with the data; None without."""
    if listed is None:
        return None
    of_name = listed.numbers or {name: n for n, name in listed.named.items() if isinstance(n, int)}
    return _whole({number: name for name, number in of_name.items()}, names)


def _of_text(folder: DataFolder, names: Sequence[str]) -> dict[int, str] | None:
    """Return the number of each class in a text; None without."""
    found = readme_pixel_values(folder)
    return None if found is None else _whole(found[1], names)


def _whole(named: Mapping[int, str], names: Sequence[str]) -> dict[int, str] | None:
    """Return the values of background and all classes; None where a class has none."""
    spelt = {one.casefold(): one for one in names}
    found = {
        value: "background" if is_background(name) else spelt.get(name.casefold(), "")
        for value, name in named.items()
    }
    kept = {value: name for value, name in sorted(found.items()) if name and 0 <= value <= 255}
    is_whole = {*kept.values()} - {"background"} == {*names}
    return kept if is_whole and len({*kept.values()}) == len(kept) else None
