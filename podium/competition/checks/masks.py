"""Checks of the masks of train: unreadable files, wrong sizes, absent classes, odd masks.

Of objects: their number and size, and those that share pixels or touch.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from podium.competition import metrics
from podium.competition.calibrate.calibration import codec_changes
from podium.competition.checks import (
    Finding,
    Level,
    count_with_examples,
    finding_from_error,
    line_of,
)
from podium.competition.checks.mask_facts import (
    MaskFact,
    MaskFacts,
    ObjectFact,
    list_mask_facts,
    mask_fact_arrays,
)
from podium.competition.ids.patterns import Pattern
from podium.competition.images import exif_orientation, first_file
from podium.competition.samples import truth
from podium.competition.scale import shows_same_scale
from podium.competition.sections.data import MaskTable
from podium.competition.sections.frame import fixed_size
from podium.competition.spec import Competition
from podium.competition.spelling import letters_of
from podium.competition.truths.mask_files import MaskFault
from podium.competition.truths.masks import MaskError, empty_marks, n_mask_classes
from podium.competition.truths.volumes import volumes_of
from podium.errors import DataError, plural, some
from podium.workspace.layout import Workspace
from podium.workspace.progress import SILENT, Progress

__all__ = ["NO_MASK_OF", "check_codec", "check_masks"]

NO_MASK_OF = "classes in no mask"
SPELT_OTHERWISE = "masks of classes that are spelt otherwise"

TINY = 0.001  # share of an image: smaller objects are easily lost when images are shrunk
FEW = 0.01  # share of the masks: rarer classes are named
LIKE_BACKGROUND = 0.8  # share of all pixels: a class of so many, in every mask, may be background
SHARED = 3  # images with one mask: fewer may be copies of one picture
_SHOWN_CLASSES = 12
_FAULTS: dict[MaskFault, str] = {
    "file": "masks that cannot be read",
    "size": "masks of another size than their images",
    "values": "masks with unknown values",
    "noise": "masks with JPEG noise",
    "runs": "runs that are no mask",
}

_LINES: dict[MaskFault, str] = {"values": "mask_values"}
"""The key of `data.train` that a fault is about, where it is not `mask`."""


def check_masks(
    workspace: Workspace,
    competition: Competition,
    train: pd.DataFrame,
    *,
    progress: Progress = SILENT,
) -> list[Finding]:
    """Return findings on errors, oddities and facts of the masks of `train`.

    Args:
        workspace: its cache keeps the facts of each mask.
        competition: configures the masks; without a mask task there are no findings.
        train: as `load_samples` returns it.
        progress: of reading masks.
    """
    if not competition.has_masks:
        return []
    try:
        each = list_mask_facts(workspace, competition, train, progress=progress)
    except DataError as error:
        return [finding_from_error(error, "masks that cannot be read")]
    facts = mask_fact_arrays(each, n_mask_classes(competition), train)
    findings = _broken(each, train, competition)
    if not facts.present.any():
        return findings
    findings += _overview(facts, train)
    findings += _empty_rows(competition, train)
    findings += _volumes(facts, competition, train)
    findings += check_objects(each, competition, train)
    findings += _classes(facts, competition)
    findings += _full(facts, competition, train)
    findings += _identical(each, facts, train)
    findings += _turned(competition, facts, train)
    findings += _against_labels(facts, competition, train)
    findings += _scale(competition)
    return findings


def check_codec(competition: Competition, train: pd.DataFrame) -> list[Finding]:
    """Return a warning where masks of train are written otherwise than competition.yaml has it.

    Runs that are counted from another pixel, or along the other side, are masks too, of other
    shapes: nothing but these shapes shows it.
    """
    changes = codec_changes(competition, train) if competition.has_masks else []
    if not changes:
        return []
    shown = [f"{one.name}: {one.now} seems to be {one.shown}" for one in changes]
    what = f"{'; '.join(shown)} ({changes[0].why})"
    fix = (
        "look at a few masks over their images; podium calibrate has the evidence, and with "
        "--write it changes competition.yaml. Keep what the competition's page says"
    )
    where = line_of(competition, *changes[0].name.split("."))
    return [Finding("warning", "runs that may be counted otherwise", what, fix, where=where)]


def _scale(competition: Competition) -> list[Finding]:
    """Return a warning where images to predict of another size would be resized to one of train."""
    found = shows_same_scale(competition)
    if found is None:
        return []
    (height, width), (own_height, own_width) = found.test, found.train
    ratio = max(found.test) / max(found.train)
    what = (
        f"all images to predict have {width} × {height} pixels, all of train {own_width} × "
        f"{own_height} (width × height): resized to one size they show things "
        f"{max(ratio, 1 / ratio):.2g} times {'smaller' if ratio > 1 else 'larger'} than train does"
    )
    fix = (
        "train on windows, which keep the scale (recipe: input.fit: tile, as the starter recipes "
        "and podium auto have it here); if the same things have more pixels in the larger images, "
        "write fit: resize"
    )
    return [Finding("warning", "train and test have images of two sizes", what, fix)]


def _broken(
    each: Sequence[MaskFact], train: pd.DataFrame, competition: Competition
) -> list[Finding]:
    """Return one error for each kind of fault, with the first of the kind explained."""
    ids: dict[MaskFault, list[str]] = {}
    first: dict[MaskFault, MaskError] = {}
    for name, fact in zip(train["id"], each, strict=True):
        # The checks of images report an image that cannot be read.
        if isinstance(fact.error, MaskError):
            ids.setdefault(fact.error.fault, []).append(str(name))
            first.setdefault(fact.error.fault, fact.error)
    return [
        Finding(
            "error",
            _FAULTS[fault],
            f"{count_with_examples(names)}; {first[fault].where}: {first[fault].message}",
            first[fault].fix or "",
            tuple(names),
            where=line_of(competition, "data", "train", _LINES.get(fault, "mask")),
        )
        for fault, names in ids.items()
    ]


def _ids(train: pd.DataFrame, is_meant: NDArray[np.bool_]) -> tuple[str, ...]:
    return tuple(str(name) for name in train["id"][is_meant])


def _overview(facts: MaskFacts, train: pd.DataFrame) -> list[Finding]:
    """Return a note on how many masks there are, how many are empty, and how full the rest is."""
    n, n_masks = len(train), int(facts.present.sum())
    is_empty = facts.present & (facts.pixels.sum(axis=1) == 0)
    detail = (
        f"{n_masks:,} of {plural(n, 'image')}, {is_empty.sum():,} empty "
        f"({is_empty.sum() / n_masks:.0%})"
    )
    some_of_it = facts.coverage[facts.present & ~is_empty & ~np.isnan(facts.coverage)]
    if len(some_of_it):
        least, middle, most = np.quantile(some_of_it, [0, 0.5, 1])
        shares = ", ".join(f"{word} {_share(x)}" for word, x in _words(least, middle, most))
        detail += f"; foreground of the others: {shares} of the image"
    findings = [Finding("note", "masks", detail)]
    without = tuple(str(name) for name in train["id"][[ref is None for ref in train["mask"]]])
    if without:
        fix = (
            "nothing, if only part of the images was drawn; absent: empty, if no file is no object"
        )
        findings.append(Finding.listing("note", "images without a mask", without, fix))
    if facts.unknown.any():
        share = facts.unknown.sum() / facts.sizes[facts.present].prod(axis=1).sum()
        what = f"{_share(float(share))} of all pixels are ignored: excluded from loss and score"
        findings.append(Finding("note", "ignored pixels", what))
    return findings


def _empty_rows(competition: Competition, train: pd.DataFrame) -> list[Finding]:
    """Return warnings on images with a mask and a mark of an empty one, and on those without a row.

    Where a table marks empty masks, an image that it does not name may be one that nobody drew.
    """
    source = competition.data.train
    if not isinstance(source.mask, MaskTable):
        return []
    marks = empty_marks(competition, [str(one) for one in train["id"]])
    shown = some(marks.cells, 3)
    findings = []
    if marks.with_runs:
        fix = (
            f"mend the table: take out the row of the two that is wrong; {shown} counts for nothing"
        )
        title = "masks beside a row of an empty mask"
        where = line_of(competition, "data", "train", "mask")
        findings.append(Finding.listing("warning", title, marks.with_runs, fix, where=where))
    if marks.cells and marks.without_row and source.absent is None:
        fix = (
            f"write data.train.absent: missing, which leaves them out: of others a cell, {shown}, "
            "says that their mask is empty; or absent: empty, where there is nothing in these"
        )
        title = "images without a row, taken for empty masks"
        where = line_of(competition, "data", "train", "mask")
        findings.append(Finding.listing("warning", title, marks.without_row, fix, where=where))
    return findings


def _volumes(facts: MaskFacts, competition: Competition, train: pd.DataFrame) -> list[Finding]:
    """Return findings on the number of slices of scored volumes, or on their errors."""
    try:
        if not metrics.of(competition).scores_volumes:
            return []
    except DataError:
        return []  # the check of the metric reports it
    try:
        volumes = volumes_of(train)
    except DataError as error:
        return [finding_from_error(error, "volumes that cannot be scored")]
    depths = np.array([len(one.rows) for one in volumes])
    least, middle, most = np.quantile(depths, [0, 0.5, 1])
    slices = ", ".join(f"{word} {x:,.0f}" for word, x in _words(least, middle, most))
    findings = [Finding("note", "volumes", f"{len(depths):,}; slices of a volume: {slices}")]
    torn = tuple(one.name for one in volumes if _n_sizes(facts.sizes[one.rows]) > 1)
    if fixed_size(competition.frame) is None and torn:
        fix = "set frame: [height, width]; predictions and truth are brought to it, then scored"
        what = "volumes of slices of several sizes"
        findings.append(Finding.listing("error", what, torn, fix))
    return findings


def _n_sizes(sizes: NDArray[np.int64]) -> int:
    read = sizes[sizes[:, 0] > 0]  # 0 × 0: the image cannot be read, as other checks report
    return len(np.unique(read, axis=0))


def _words(*values: float) -> Iterable[tuple[str, float]]:
    return zip(("least", "median", "most"), values, strict=True)


def _share(share: float) -> str:
    return f"{100 * share:.3g} %"


def _classes(facts: MaskFacts, competition: Competition) -> list[Finding]:
    train = competition.data.train
    names = ["foreground"] if competition.mask_kind.is_yes_no else competition.classes
    n_in = facts.has_class.sum(axis=0).astype(np.int64)  # masks that have the class, (K,)
    area = facts.sizes[:, 0] * facts.sizes[:, 1]
    typical = [_typical(facts.pixels[:, c], area) for c in range(len(names))]
    absent = tuple(name for name, n in zip(names, n_in, strict=True) if n == 0)
    findings = []
    if absent:
        fix = "mend mask_values or the classes: a model cannot be trained on absent classes"
        keys = ("classes",) if train.mask_values is None else ("data", "train", "mask_values")
        where = line_of(competition, *keys)
        findings.append(Finding.listing("warning", NO_MASK_OF, absent, fix, where=where))
        findings += _spelt_otherwise(competition, absent)
    order = [c for c in np.argsort(-n_in, kind="stable") if n_in[c]]
    shown = [f"{names[c]} in {n_in[c]:,} ({_share(typical[c])})" for c in order[:_SHOWN_CLASSES]]
    if len(order) > len(shown):
        shown.append(f"{len(order) - len(shown)} more")
    if len(names) > 1 and shown:
        detail = f"masks with the class, and its median share of an image: {', '.join(shown)}"
        findings.append(Finding("note", "classes of the masks", detail))
    n_masks = int(facts.present.sum())
    rare = tuple(names[c] for c in order if n_in[c] < FEW * n_masks)
    if rare:
        fix = "balance the samples (recipe: sampling), and look at the score of each class"
        findings.append(Finding.listing("warning", "classes in few masks", rare, fix))
    tiny = tuple(names[c] for c in order if typical[c] < TINY)
    if tiny:
        what = (
            f"{count_with_examples(tiny)} cover less than {_share(TINY)} of an image in the median"
        )
        fix = "train on windows (input.fit: tile) or large inputs: shrunk images lose them"
        findings.append(Finding("warning", "tiny objects", what, fix, tiny))
    return findings


def _spelt_otherwise(competition: Competition, absent: Sequence[str]) -> list[Finding]:
    """Return an error on classes without a mask whose files have other signs, or capitals.

    As `7_repair-patch.png` of the class `repair patch`: all its masks would be taken for empty.
    """
    mask = competition.data.train.mask
    if not competition.masks_by_class or not isinstance(mask, str):
        return []
    of_letters = {letters_of(name): name for name in absent}
    before, _, after = mask.partition("{class}")
    sign = before[-1:]
    files: dict[str, list[str]] = {}
    for one in Pattern(mask).find(competition.root):
        text = one.fields["class"]
        if "{" not in after and "/" not in sign:
            # Id and class may both have the sign: which part is whose, a pattern cannot tell.
            text = one.path.rpartition("/")[2].removesuffix(after)
        words = text.split(sign) if sign else [text]
        ends = [sign.join(words[n:]) for n in range(len(words))]
        end = next((one for one in ends if letters_of(one) in of_letters), "")
        name = of_letters.get(letters_of(end), "")
        # A file with the very name of the class is read: its class is absent for another reason.
        if name and name != end:
            files.setdefault(name, []).append(one.path)
    if not files:
        return []
    items = tuple(
        f"{name}: {plural(len(each), 'file')}, as {each[0]}" for name, each in sorted(files.items())
    )
    fix = "write the class as its files have it, or rename the files: all its masks seem empty"
    where = line_of(competition, "classes")
    return [Finding.listing("error", SPELT_OTHERWISE, items, fix, where=where)]


def _typical(pixels: NDArray[np.int64], area: NDArray[np.int64]) -> float:
    """Return the median share of an image that a class takes where it occurs."""
    there = pixels > 0
    return float(np.median(pixels[there] / area[there])) if there.any() else 0.0


def _full(facts: MaskFacts, competition: Competition, train: pd.DataFrame) -> list[Finding]:
    is_full = facts.present & (facts.coverage == 1)
    if not is_full.any():
        return []
    names = _ids(train, is_full)
    title = "masks that are all foreground"
    if 2 * is_full.sum() <= facts.present.sum():
        fix = "look at them: a mask that was never drawn may be all foreground"
        return [Finding.listing("note", title, names, fix)]
    # Land cover, or a street: classes that share a whole image out. A wrong reading may do so, too.
    is_shared_out = is_full & (facts.has_class.sum(axis=1) > 1)
    n = f"{len(names):,} of {facts.present.sum():,}, none of their pixels is background"
    if 2 * is_shared_out.sum() <= is_full.sum():
        fix = "if one class is background, mend mask_values: it was taken for foreground"
        return [Finding.listing("warning", title, names, fix)]
    pixels = facts.pixels[is_full]
    share, most = pixels.sum(axis=0) / pixels.sum(), int(pixels.sum(axis=0).argmax())
    if share[most] < LIKE_BACKGROUND or not facts.has_class[is_full, most].all():
        return [Finding("note", title, f"{n}: classes share the images out", "", names)]
    of_class = competition.classes[most]
    detail = f"{n}: {of_class} has {_share(share[most])} of them, and is in every mask"
    fix = (
        f"is {of_class} the background? If so, take it out of classes, and write background in its "
        "place in mask_values, also in those of submission.file"
    ) + _without_other_background(competition)
    where = line_of(competition, "data", "train", "mask_values")
    return [Finding("warning", title, detail, fix, names, where=where, beside=detail)]


def _without_other_background(competition: Competition) -> str:
    """Return how the fix ends where the file to send has a value for background; else ""."""
    sent = competition.submission.file.mask_values.items()
    values = [f"{value}" for value, name in sent if name == "background"]
    if not values:
        return ""
    # Masks may have several values for background, a file to send has one.
    return f"; from those of submission.file, remove {' and '.join(values)}: background until now"


def _identical(each: Sequence[MaskFact], facts: MaskFacts, train: pd.DataFrame) -> list[Finding]:
    """Return a warning on masks that several images share, but for empty and full ones."""
    is_meant = facts.present & (facts.coverage > 0) & (facts.coverage < 1)
    rows = np.flatnonzero(is_meant)
    digests = pd.Series([fact.digest for fact in each], dtype=object)[is_meant]
    names = tuple(
        " = ".join(str(name) for name in train["id"].iloc[rows[part]])
        for part in digests.groupby(digests, sort=False).indices.values()
        if len(part) >= SHARED
    )
    if not names:
        return []
    fix = "check the ids: a mask of one image was copied to others, unless the camera did not move"
    return [Finding.listing("warning", "one mask for several images", names, fix)]


def _turned(competition: Competition, facts: MaskFacts, train: pd.DataFrame) -> list[Finding]:
    """Return a warning on images with an EXIF turn whose masks fit both before and after it."""
    if competition.reader.is_foreign:
        return []  # a user's reader may or may not apply the EXIF turn
    rows = np.flatnonzero(facts.present)
    turns = (
        exif_orientation(competition.root / first_file(train["images"].iloc[row])) for row in rows
    )
    is_turned = np.zeros(len(train), dtype=bool)
    is_turned[rows] = [turn != 1 for turn in turns]
    if not is_turned.any():
        return []
    names = _ids(train, is_turned)
    fix = "look at masks over these images: an image is turned by its EXIF tag, a mask is not"
    return [Finding.listing("warning", "turned images with masks", names, fix)]


def _against_labels(
    facts: MaskFacts, competition: Competition, train: pd.DataFrame
) -> list[Finding]:
    """Return warnings on labels that contradict the mask of the same image."""
    if not competition.has_labels or competition.labels_from_masks:
        return []
    labelled = _label_table(competition, train)
    if labelled is None:
        return []
    has = facts.has_class
    if competition.kind.is_yes_no:
        has = (has.sum(axis=1, keepdims=True) > 0).astype(np.uint8)
    known = (~np.isnan(facts.coverage) & train["label"].notna().to_numpy())[:, None]
    lacking, extra = known & (labelled == 1) & (has == 0), known & (labelled == 0) & (has == 1)
    if competition.kind.is_yes_no and extra.sum() > (known & (labelled == 0)).sum() / 2:
        # Most images of both labels have foreground: the label is the kind of it.
        return []
    fix = "look at them: either the label or the mask is wrong, or the mask is of another image"
    findings = []
    kinds = [("labels that the mask does not show", lacking)]
    if not competition.kind.is_exclusive:  # one label of several that a mask may show
        kinds.append(("masks of classes that are not in the label", extra))
    for title, is_odd in kinds:
        rows = np.flatnonzero(is_odd.any(axis=1))
        if len(rows):
            items = tuple(_odd(train, int(row), is_odd[row], competition) for row in rows)
            findings.append(Finding.listing("warning", title, items, fix))
    return findings


def _label_table(competition: Competition, train: pd.DataFrame) -> NDArray[np.int64] | None:
    """Return the mask classes by the labels, 0/1 `(N, K)`; None where labels imply none."""
    if not competition.kind.is_prob:
        return None
    labels = truth(train, competition)
    if competition.kind.is_yes_no:
        return np.asarray(labels, dtype=np.int64)[:, None]
    if competition.mask_kind.is_yes_no:
        return None
    if competition.kind.is_by_class:
        return np.asarray(labels, dtype=np.int64)
    return np.asarray(labels[:, None] == np.arange(len(competition.classes)), dtype=np.int64)


def _odd(train: pd.DataFrame, row: int, is_odd: NDArray[np.bool_], spec: Competition) -> str:
    name = str(train["id"].iloc[row])
    if spec.kind.is_yes_no:
        return name
    return f"{name}: {', '.join(spec.classes[c] for c in np.flatnonzero(is_odd))}"


TINY_OBJECT = 10  # pixels: an object of fewer is as likely a slip of the pen
FEW_OBJECTS = 0.01  # share of the objects


def check_objects(
    each: Sequence[MaskFact], competition: Competition, train: pd.DataFrame
) -> list[Finding]:
    """Return findings on oddities and facts of the objects.

    Args:
        each: the facts of all samples, as `list_mask_facts` returns them.
        competition: its `data.train.border` is the border between objects that touch.
        train: the samples.
    """
    known = [
        (str(name), fact.objects)
        for name, fact in zip(train["id"], each, strict=True)
        if fact.objects is not None
    ]
    areas = np.array([area for _, one in known for area in one.areas], dtype=np.int64)
    if not len(areas):
        return []
    findings = [_overview_of_objects([one for _, one in known], areas)]
    findings += _tiny(areas)
    overlapping = tuple(name for name, one in known if one.shared)
    if overlapping:
        fix = "look at them; where a format forbids it, the surer object keeps the pixels"
        title = "images with objects that share pixels"
        findings.append(Finding.listing("warning", title, overlapping, fix))
    findings += _touching([one for _, one in known], len(areas), competition)
    in_pieces = sum(one.in_pieces for _, one in known)
    if in_pieces:
        names = tuple(name for name, one in known if one.in_pieces)
        share = in_pieces / len(areas)
        what = f"{in_pieces:,} of {len(areas):,} ({share:.1%}), in {count_with_examples(names)}"
        fix = "nothing, if they are covered in part; each area that is found counts as an object"
        findings.append(Finding("note", "objects in several pieces", what, fix, names))
    return findings


def _overview_of_objects(known: Sequence[ObjectFact], areas: NDArray[np.int64]) -> Finding:
    n = np.array([len(one.areas) for one in known])
    least, middle, most = np.quantile(areas, [0, 0.5, 1]).round().astype(np.int64).tolist()
    what = (
        f"{len(areas):,} in {plural(len(known), 'image')}, {(n == 0).sum():,} without one; "
        "an image has "
        f"{np.median(n):g} in the median, {n.max():,} at most; pixels of an object: least "
        f"{least:,}, median {middle:,}, most {most:,}"
    )
    return Finding("note", "objects", what)


def _tiny(areas: NDArray[np.int64]) -> list[Finding]:
    n_tiny = int((areas < TINY_OBJECT).sum())
    if not n_tiny:
        return []
    what = f"{n_tiny:,} of {len(areas):,} have fewer than {TINY_OBJECT} pixels"
    fix = "look at them: stray pixels beside an object count as objects that no model can find"
    level: Level = "warning" if n_tiny >= FEW_OBJECTS * len(areas) else "note"
    return [Finding(level, "objects of a few pixels", what, fix)]


def _touching(known: Sequence[ObjectFact], n: int, competition: Competition) -> list[Finding]:
    touching = sum(one.touching for one in known)
    if touching < FEW_OBJECTS * n:
        return []
    border = competition.data.train.border
    what = f"{touching:,} of {n:,} ({touching / n:.0%}) touch another one of their class"
    if border:
        beside = (
            "1 pixel beside each edge is"
            if border == 1
            else f"{border} pixels beside each edge are"
        )
        fix = f"nothing: {beside} background in the training target (border)"
        return [Finding("note", "objects that touch", what, fix)]
    fix = "data.train.border: 1 teaches the network to leave a gap between them"
    return [Finding("warning", "objects that touch", what, fix)]
