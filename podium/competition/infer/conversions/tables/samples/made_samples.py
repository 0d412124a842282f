"""Sample submissions that come as texts, as JSON, or with a column a class, made into tables."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from podium.codecs import coco
from podium.competition.ids.patterns import file_stem
from podium.competition.infer.competition_data import CompetitionData
from podium.competition.infer.conversions.ids.paths_elsewhere import with_files
from podium.competition.infer.conversions.tables.made_table import LARGEST, MadeTable
from podium.competition.infer.conversions.tables.records.nested_records import cell_of
from podium.competition.infer.conversions.tables.texts.lists_of_images import table_of_text
from podium.competition.infer.files import DataFolder
from podium.competition.infer.image_tables import IN_DATA, names_images
from podium.competition.infer.sample.runs import EMPTY_CELLS, are_runs, is_runs_name
from podium.competition.infer.sample.submission import SampleSubmission, is_sample_submission
from podium.competition.spelling import name_words

__all__ = [
    "sample_of_class_columns",
    "sample_of_list",
    "sample_of_records",
    "test_of_sample",
]


def sample_of_list(folder: DataFolder) -> MadeTable | None:
    """Return the sample submission that is a text, with a header or without one; or None."""
    for path in folder.texts:
        file = folder.path / path
        if not is_sample_submission(path) or file.stat().st_size > LARGEST:
            continue
        found = table_of_text(folder, file)
        if found is None or len(found.table.columns) < 2:
            continue
        if names_images(folder, found.table):
            return found.made_of(path)
    return None


def sample_of_records(folder: DataFolder) -> tuple[MadeTable, dict[str, object], str | None] | None:
    """Return the sample submission that is a JSON list of records, its form, its column of counts.

    COCO results have a mask as `{"size": [height, width], "counts": text}`: it becomes the counts,
    with columns for the size. None where there is no such list.
    """
    for path in folder.jsons:
        words = set(name_words(file_stem(path)))
        file = folder.path / path
        if not words & _SAMPLES or file.suffix != ".json" or file.stat().st_size > LARGEST:
            continue
        try:
            content = json.loads(file.read_bytes())
        except (OSError, ValueError, RecursionError):
            continue
        if (by_id := _sample_by_id(folder, path, content)) is not None:
            return by_id
        if not isinstance(content, list) or not content or not isinstance(content[0], dict):
            continue
        if any(not isinstance(one, dict) or set(one) != set(content[0]) for one in content):
            continue
        names = list(content[0])
        counts = [name for name in names if all(_are_counts(one[name]) for one in content)]
        order = sorted(names, key=lambda name: (not _is_id(name), names.index(name)))
        rows = []
        for one in content:
            row = {name: cell_of(one[name]) for name in order}
            for name in counts[:1]:
                height, width = one[name]["size"]
                row |= {name: _counts_text(one[name]), "height": str(height), "width": str(width)}
            rows.append(row)
        if len(order) < 2:
            continue
        as_text = [
            name
            for name in order
            if name not in counts and any(_is_number_text(one[name]) for one in content)
        ]
        form: dict[str, object] = {"kind": "json", **({"as_text": as_text} if as_text else {})}
        reader = "a list of records"
        if counts and any(isinstance(one[counts[0]]["counts"], list) for one in content):
            reader += " with counts as numbers; files to send have them as text, as COCO's own"
        made = MadeTable((path,), reader, pd.DataFrame(rows, dtype=object))
        return made, form, counts[0] if counts else None
    return None


def _sample_by_id(
    folder: DataFolder, path: str, content: Any
) -> tuple[MadeTable, dict[str, object], str | None] | None:
    """Return a sample submission that has answers by their ids; None where it is another JSON.

    As `{"7.jpg": "cat"}`, or with a record of answers each. Most ids name images.
    """
    if not isinstance(content, dict) or not content:
        return None
    answers = list(content.values())
    are_records = all(isinstance(one, dict) and one for one in answers)
    if not are_records and any(isinstance(one, dict | list) for one in answers):
        return None
    records = answers if are_records else [{"label": one} for one in answers]
    names = list(records[0])
    flat = all(not isinstance(cell, dict | list) for one in records for cell in one.values())
    if not flat or any(list(one) != names for one in records):
        return None
    column = next(name for name in ("id", "image", "id of the row") if name not in names)
    cells = [[key, *map(cell_of, one.values())] for key, one in zip(content, records, strict=True)]
    table = pd.DataFrame(cells, columns=[column, *names], dtype=object)
    if not names_images(folder, table[[column]]):
        return None
    as_text = [name for name in names if any(_is_number_text(one[name]) for one in records)]
    form: dict[str, object] = {"kind": "json", "by_id": True}
    made = MadeTable((path,), "answers by their ids", table)
    return made, {**form, **({"as_text": as_text} if as_text else {})}, None


def sample_of_class_columns(sample: SampleSubmission) -> tuple[MadeTable, dict[str, object]] | None:
    """Return a sample of masks with a column of runs a class as a row a class, and its form.

    As `tile,water,road`: every cell is blank, an empty mask or runs. None where it is another one,
    as where one column alone is called after runs.
    """
    cells = sample.table[sample.values]
    called = [name for name in sample.values if is_runs_name(name)]
    if len(sample.values) < 2 or len(called) not in (0, len(sample.values)):
        return None
    if sample.file.keys() - {"sep", "encoding"}:
        return None
    if not sample.table[sample.id].is_unique or not all(
        set(cells[name]) <= _EMPTY or are_runs(cells[name], by_name=True) for name in cells
    ):
        return None
    names = _class_names(sample.values) if called else sample.values
    if len(set(names)) < len(names):
        return None
    n = len(cells)
    table = pd.DataFrame(
        {
            sample.id: [one for one in sample.table[sample.id] for _ in names],
            "class": names * n,
            "rle": list(cells.to_numpy().ravel()),
        },
        dtype=object,
    )
    made = MadeTable((sample.path,), "a column a class", table)
    return made, {"wide": dict(zip(names, sample.values, strict=True))}


_EMPTY = frozenset(EMPTY_CELLS) - {"-1"}

_RUNS_WORD = r"(?:rle|mask|runs|pixels|encoded|segmentation)"

_OF_CLASS = (
    re.compile(rf"(?P<name>.+)[_\-. ]+{_RUNS_WORD}", re.I),
    re.compile(rf"{_RUNS_WORD}[_\-. ]+(?P<name>.+)", re.I),
)


def _class_names(columns: Sequence[str]) -> list[str]:
    """Return the columns without the word for runs: `water_rle` is of water."""
    for way in _OF_CLASS:
        found = [way.fullmatch(column) for column in columns]
        names = [one["name"] for one in found if one is not None]
        if len(names) == len(columns):
            return names
    return list(columns)


_SAMPLES = frozenset({"sample", "example", "submission", "template", "results", "result", "format"})


def _is_id(name: str) -> bool:
    return bool({"id", "image", "file"} & set(name_words(name))) and "category" not in name.lower()


def _are_counts(value: Any) -> bool:
    if not isinstance(value, dict) or "size" not in value:
        return False
    counts = value.get("counts")
    are_numbers = isinstance(counts, list) and all(isinstance(one, int) for one in counts)
    return isinstance(counts, str) or are_numbers


def _counts_text(value: Mapping[str, Any]) -> str:
    counts = value["counts"]
    return counts if isinstance(counts, str) else coco.encode_counts(np.asarray(counts, np.int64))


def _is_number_text(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch(r"-?\d+(\.\d+)?", value) is not None


def test_of_sample(data: CompetitionData) -> MadeTable | None:
    """Return a table of the images to predict, where the sample has their paths otherwise; or None.

    Its ids are paths of another machine, or have other small and large letters, and each is of one
    file. No table lists these images.
    """
    folder, sample = data.folder, data.sample
    of_test = folder.of_part("test")
    images = tuple(of_test or folder.of_part("other"))
    if sample is None or not images or not sample.table[sample.id].is_unique:
        return None
    if data.test_tables:
        return None
    known = {name for image in images for name in (image.stem, image.name)}
    cells = sample.table[sample.id]
    if any(folder.named(cell) or cell in known for cell in cells):
        return None
    if not of_test and not all(re.search(r"[/\\]", cell) for cell in cells):
        return None
    found = with_files(replace(folder, images=images), sample.table[[sample.id]])
    if found is None or (found[f"{sample.id}{IN_DATA}"] == "").any():
        return None
    if of_test and len(found) < len(images):
        return None
    reader = f"the ids of {sample.path}, with the files that they mean"
    return MadeTable((sample.path,), reader, found)
