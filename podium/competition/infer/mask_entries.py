"""The entries of an inferred `competition.yaml` that are about masks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from podium.competition.calibrate.codec_answers import Answer
from podium.competition.infer.files import DataFolder
from podium.competition.infer.masks import MaskFiles
from podium.competition.infer.runs import MaskRuns
from podium.competition.infer.submission import Format
from podium.competition.infer.tasks import Masks
from podium.competition.infer.text import Entry

Found = Mapping[str, Answer]
"""How runs are written: `CodecAnswer.answers`."""

__all__ = ["codec_entry", "mask_entries", "rle_entries", "why_masks"]

_KINDS = {
    "binary": "binary: each pixel is foreground or not",
    "multiclass": "multiclass: each pixel is background or one of the classes",
    "multilabel": "multilabel: a mask for each class; they may overlap",
    "instance": "instance: single objects, each with a mask",
}
_CODEC = "base: number of the first pixel; order: F down the columns, C along the rows"
_UNKNOWN = "The usual ones: nothing shows which they are, so look at a few masks"


def why_masks(masks: Masks) -> str:
    """Return what the kind of the masks means, and what led to it."""
    why = masks.content.why if isinstance(masks, MaskFiles) else masks.why
    rows = ""
    if isinstance(masks, MaskRuns) and masks.classes:
        rows = f", of {len(masks.classes)} classes"
    return f"segment, {_KINDS[masks.kind]}. Guessed: {why}{rows}."


def mask_entries(folder: DataFolder, masks: Masks, found: Found | None) -> list[Entry]:
    """Return what `data.train` says of masks; `found` is how their runs are written."""
    if isinstance(masks, MaskRuns):
        return _of_runs(folder, masks, found)
    entries = [Entry("mask", folder.spell(masks.pattern), f"{masks.why}: {masks.n_found:,} images")]
    content = masks.content
    if content.values is not None:
        comment = "pixel value, or colour, and what it is"
        entries.append(Entry("mask_values", content.values, comment))
    if content.ignore is not None:
        comment = "pixels of this value are neither learnt nor scored"
        entries.append(Entry("ignore", content.ignore, comment))
    return entries


def _of_runs(folder: DataFolder, masks: MaskRuns, found: Found | None) -> list[Entry]:
    comment = "names the image of a row"
    if "{class}" in masks.id:
        comment = "names the image and the class of a row"
    inner = [
        Entry("table", folder.spell(masks.path), f"{len(masks.ids):,} images have rows"),
        Entry("id", masks.id, comment),
        Entry("rle", masks.rle, "runs: pairs of start and length"),
    ]
    if masks.label is not None:
        inner.append(Entry("label", masks.label, "the class of a row"))
    if not set(masks.empty) <= {"", "-1"}:
        inner.append(Entry("empty", masks.empty, "cells that say that there is nothing"))
    absent = "" if masks.is_one_a_sample else "; an image without a row has an empty mask"
    return [
        Entry("mask", inner, f"Masks as run-length text{absent}."),
        codec_entry("mask_codec", found),
    ]


def codec_entry(key: str, found: Found | None, why: str = "") -> Entry:
    """Return the entry of how runs are counted, with how sure each part of it is, and why."""
    if found is None:
        return Entry(key, {"base": 1, "order": "F"}, why or f"{_CODEC}. {_UNKNOWN}")
    if found["kind"].value != "rle":
        return Entry(key, {"kind": found["kind"].value}, found["kind"].why)
    names = [
        name for name in ("base", "order", "relative") if name != "relative" or found[name].value
    ]
    values = {name: found[name].value for name in names}
    told = "\n".join(
        f"{name} {_said(one.value)} is {one.sure}: {one.why}{'; ' if one.fix else ''}{one.fix}."
        for name, one in found.items()
        if name != "kind"
    )
    return Entry(key, values, why or f"{_CODEC}.\n{told}")


def _said(value: object) -> str:
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)


def rle_entries(form: Format, found: Found | None) -> list[Entry]:
    """Return what `submission` says of masks, behind its columns."""
    rows = {
        "image": "one row an image",
        "image_class": "one row for each image and class",
        "instance": "one row for each object; an image without one has a row, too",
    }[form.rows]
    entries = [Entry("rows", form.rows, rows)]
    if form.id != "{id}":
        comment = (
            "an image's row; {class} is a class's name, {index} its place from 0, {number} from 1"
        )
        entries.append(Entry("id", form.id, comment))
    entries.append(Entry("value", form.value, form.why_value))
    if form.empty is not None:
        entries.append(Entry("empty", form.empty, "stands where the mask is empty"))
    if form.rows == "instance":
        overlap = "forbid: of objects that share pixels the surer one keeps them; or allow"
        entries.append(Entry("overlap", "forbid", overlap))
    same = "how runs are counted; the usual ones, which no header shows: see the page"
    if found is not None:
        same = "how runs are counted: as the masks of train are"
        found = {**found, "kind": replace(found["kind"], value="rle")}
        if not set(found) & {"base"}:
            found, same = None, "how runs are counted; those of train are written otherwise"
    entries.append(codec_entry("rle", found, same))
    return entries
