"""Inference of a competition's formats from its data, with certainty and evidence.

Evidence by rank: the sample submission's header and ids, then the training data (the texts of masks
of each image, compared with other masks), then the competition's pages (the preset of a known
competition). Contradictions between them are reported.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from PIL import Image

from podium.competition.calibrate.codec import (
    Certainty,
    CodecEstimate,
    Estimate,
    ImageTexts,
    infer_codec,
)
from podium.competition.calibrate.mask_values import value_parameters
from podium.competition.calibrate.preset import (
    PresetMatch,
    list_of_presets,
    match_preset,
    sizes_of_files,
)
from podium.competition.calibrate.sample import (
    CalibratedParameter,
    base_of_sample,
    sample_parameters,
)
from podium.competition.ids.patterns import Pattern
from podium.competition.images import first_file, image_size, read_image
from podium.competition.infer.competition_data import CompetitionData
from podium.competition.infer.conversions.masks.object_folders import scan_data
from podium.competition.infer.files import DataFolder, possible_image_names
from podium.competition.infer.ids.paths import with_joined_columns, with_path_ids
from podium.competition.infer.masks.files import train_masks
from podium.competition.infer.readme.runs import find_readme_runs
from podium.competition.infer.sample.runs import MaskRuns, find_runs, keys_of_rows
from podium.competition.infer.sample.submission import (
    SampleSubmission,
    is_sample_submission,
    read_sample_submission,
)
from podium.competition.samples import load_samples
from podium.competition.sections.data import MaskTable
from podium.competition.sections.frame import plain_frame
from podium.competition.spec import Competition
from podium.competition.tables import read_table
from podium.competition.truths.masks import IGNORE, LazyTruths, Mask, MaskRef, truth_masks
from podium.errors import DataError, UsageError
from podium.workspace.atomic import write_text
from podium.workspace.marked_yaml import yaml_with_values

__all__ = [
    "Calibration",
    "calibrate",
    "codec_changes",
    "codec_of",
    "with_preset",
    "write_parameters",
]


_RLE = ("order", "base", "relative")


@dataclass(frozen=True)
class Calibration:
    """The inferred parameters, and notes for a person."""

    parameters: tuple[CalibratedParameter, ...]
    notes: tuple[str, ...]

    @property
    def changes(self) -> tuple[CalibratedParameter, ...]:
        return tuple(one for one in self.parameters if one.changes)


def codec_of(
    competition: Competition,
    samples: pd.DataFrame,
    folder: DataFolder,
    tables: Mapping[str, pd.DataFrame],
) -> tuple[CodecEstimate | None, str]:
    """Return how the masks of train are written, and in which table; None where none is a text."""
    images, where = train_texts(competition, samples, folder, tables)
    return (infer_codec(images), where) if images else (None, where)


def calibrate(competition: Competition) -> Calibration:
    """Return the formats of a competition inferred from its data.

    Raises:
        DataError: the training samples cannot be read.
    """
    folder = scan_data(*_data_folder(competition))
    tables, sample = _tables(competition, folder)
    tables = with_joined_columns(CompetitionData(folder, tables))
    folder = with_path_ids(
        CompetitionData(folder, tables), None if sample is None else sample.table[sample.id]
    )
    estimate: CodecEstimate | None = None
    where = ""
    values: list[CalibratedParameter] = []
    if competition.has_masks:
        train = load_samples(competition, "train")
        estimate, where = codec_of(competition, train, folder, tables)
        values = value_parameters(competition, train, folder, tables)
    submission = competition.submission
    sizes = cache(partial(_train_sizes, competition))
    match = match_preset(
        sample,
        names=(submission.preset, competition.kaggle.slug),
        folders=(competition.name, folder.path.name),
        tasks=competition.tasks,
        relative=None if estimate is None else estimate.is_relative,
        sizes=sizes,
    )
    found = [_of_preset(match, competition)]
    found += values
    found += _of_train(estimate, where, match, competition)
    base = base_of_sample(sample, sizes)
    stated = find_readme_runs(folder).parts if submission.value == "rle" else {}
    found += _of_submission(estimate, base, stated, match, competition)
    notes = [] if estimate is None else _evidence_notes(estimate, where)
    if sample is not None:
        more, more_notes = sample_parameters(competition, sample, folder)
        found += [_empty_of_preset(one, match) for one in more]
        notes += more_notes
    notes += _contradictions(found, match, competition)
    return Calibration(tuple(found), tuple(notes))


def codec_changes(competition: Competition, samples: pd.DataFrame) -> list[CalibratedParameter]:
    """Return the keys on runs that the texts of the masks of train speak against.

    Mask files, the sample submission and presets are not asked; of a preset's competition, which
    tells how masks are sent, only keys of train are returned.

    Args:
        competition: whose `data.train.mask` is a table of runs; without one there are no keys.
        samples: of train.
    """
    images, where = train_texts(competition, samples, None, {})
    if not images:
        return []
    estimate, nothing = infer_codec(images), PresetMatch(None, "not sure", "")
    found = [*_of_train(estimate, where, nothing, competition)]
    if competition.submission.preset is None:
        found += _of_submission(estimate, None, {}, nothing, competition)
    return [one for one in found if one.changes]


def _train_sizes(competition: Competition) -> dict[str, tuple[int, int]]:
    samples = load_samples(competition, "train")
    files = [competition.root / first_file(paths) for paths in samples["images"]]
    return sizes_of_files(files, competition.reader)


def write_parameters(calibration: Calibration, file: Path) -> tuple[CalibratedParameter, ...]:
    """Set certain and likely values in competition.yaml, keeping comments; return the changed keys.

    Raises:
        UsageError: a key cannot be set, because of how the file is written.
    """
    changes = calibration.changes
    if not changes:
        return ()
    values = {tuple(one.name.split(".")): one.value for one in changes}
    try:
        text = yaml_with_values(file.read_text(encoding="utf-8"), values)
    except ValueError as error:
        raise UsageError(str(error), where=file, fix="change the file by hand") from error
    write_text(file, text)
    return changes


def _data_folder(competition: Competition) -> tuple[Path, str]:
    """Return the folder that holds all that competition.yaml names, and how it is spelt there.

    Where data lie beside the workspace, it is the folder of what lies outside: one that holds both
    may hold other competitions, or the whole disk.
    """
    data = competition.data
    sources = [one for one in (data.train, data.test, data.unlabelled) if one is not None]
    paths = [pattern for source in sources for pattern in source.patterns]
    folders = [Pattern(path).fixed_part for path in paths]
    tables: list[str | None] = [table for source in sources for table in source.tables]
    mask = data.train.mask
    tables.append(mask.table if isinstance(mask, MaskTable) else None)
    tables.append(competition.submission.sample)
    if isinstance(mask, str):
        folders.append(Pattern(mask).fixed_part)
    folders += [table.rpartition("/")[0] for table in tables if table is not None]
    root = competition.root
    places = [root / folder for folder in folders]
    # Links are not resolved: paths are compared as they are written.
    here = os.path.normpath(root.absolute())
    lies_in = {place: os.path.normpath(place.absolute()) for place in places}
    widest = os.path.commonpath(lies_in.values())
    if widest != here and Path(here).is_relative_to(widest):
        places = [one for one in places if not Path(lies_in[one]).is_relative_to(here)]
    common = Path(os.path.commonpath(places))
    spelt = common.relative_to(root).as_posix() if common.is_relative_to(root) else str(common)
    return common, spelt


def _tables(
    competition: Competition, folder: DataFolder
) -> tuple[dict[str, pd.DataFrame], SampleSubmission | None]:
    """Return the tables but for the sample submission, and that."""
    tables: dict[str, pd.DataFrame] = {}
    sample: SampleSubmission | None = None
    named = competition.submission.sample
    if named is not None:
        with suppress(DataError):
            table = read_table(competition.root / named, where=named)
            path = next((one for one in folder.tables if folder.spell(one) == named), named)
            sample = read_sample_submission(path, table)
    for path in sorted(folder.tables, key=len):
        if folder.spell(path) == named:
            continue
        try:
            table = read_table(folder.path / path, where=path)
        except DataError:
            continue
        if is_sample_submission(path):
            sample = sample or (read_sample_submission(path, table) if named is None else None)
        else:
            tables[path] = table
    return tables, sample


def _of_preset(match: PresetMatch, competition: Competition) -> CalibratedParameter:
    now = competition.submission.preset
    if match.preset is None:
        among = f": {list_of_presets(match)}" if match.others else ""
        fix = "name it: kaggle.slug, or submission.preset" if match.others else ""
        return CalibratedParameter("preset", None, "not sure", match.why + among, now, fix)
    return CalibratedParameter("preset", match.preset.name, match.sure, match.why, now)


def _of_train(
    estimate: CodecEstimate | None, where: str, match: PresetMatch, competition: Competition
) -> Iterable[CalibratedParameter]:
    if estimate is None:
        return
    codec = competition.data.train.mask_codec
    is_key = isinstance(competition.data.train.mask, MaskTable)
    start = "data.train.mask_codec" if is_key else f"runs of {where}"
    for name, one in with_preset(estimate, match, sure=match.sure_values).items():
        if name == "kind" and one.value == codec.kind:
            continue
        now = getattr(codec, name) if is_key else None
        yield CalibratedParameter(
            f"{start}.{name}", one.value, one.sure, one.why, now, one.fix, is_key
        )
    scale = estimate.scale
    if scale.value != 1:
        fix = "podium reads masks at the size of their images: shrink the images to it"
        yield CalibratedParameter(
            "size of the masks", f"1/{scale.value}", scale.sure, scale.why, "1", fix
        )


def with_preset(
    estimate: CodecEstimate, match: PresetMatch, *, sure: Certainty = "likely"
) -> dict[str, Estimate]:
    """Return the estimates from the data; where they are not sure, those of a fitting preset.

    Args:
        estimate: of the data.
        match: the presets that fit.
        sure: how sure a value is that presets alone show.
    """
    found = dict(estimate.estimates)
    if estimate.n_texts == 0:
        return found
    for name in set(found) & set(_RLE):
        usual = match.runs_value(name)
        if found[name].sure == "not sure" and usual is not None:
            value, whose = usual
            why = f"so {whose} of the presets has it; the data do not decide it: {found[name].why}"
            found[name] = replace(found[name], value=value, sure=sure, why=why, fix="")
    return found


def _empty_of_preset(one: CalibratedParameter, match: PresetMatch) -> CalibratedParameter:
    """Return the preset's cell of an empty mask, where the sample does not show it."""
    preset = match.preset
    if one.name != "submission.empty" or one.sure != "not sure" or preset is None:
        return one
    if preset.submission.value != "rle":
        return one
    why = f"so the preset {preset.name} has it; every cell of the sample has a mask"
    sure = match.sure_values
    fix = one.fix if sure == "not sure" else ""
    return replace(one, value=preset.submission.empty, sure=sure, why=why, fix=fix)


def _evidence_notes(estimate: CodecEstimate, where: str) -> list[str]:
    notes = []
    if estimate.n_left_out:
        n = f"{estimate.n_left_out:,} of {estimate.n_texts:,}"
        notes.append(f"{where}: {n} cells can be read under no codec: `podium check` names them")
    if estimate.contradiction:
        notes.append(f"{where}: {estimate.contradiction}: find out which of the two is right")
    return notes


def _of_submission(
    estimate: CodecEstimate | None,
    base: Estimate | None,
    stated: Mapping[str, Estimate],
    match: PresetMatch,
    competition: Competition,
) -> Iterable[CalibratedParameter]:
    """Give the codec to submit in: that of train, which a host writes alike, or the preset's.

    Where neither determines it, the `base` is that of the sample's own runs, and a part is what the
    texts beside the data state (`stated`), before a preset that is not sure.
    """
    form = competition.submission
    if form.value == "rle":
        estimates = {}
        if estimate is not None:
            estimates = with_preset(estimate, match, sure=match.sure_values)
        for name in ("order",) if form.rle.counts else _RLE:
            now = getattr(form.rle, name)
            if name in estimates and estimates[name].sure != "not sure":
                why = f"as the masks of train are written: {estimates[name].why}"
                value = estimates[name].value
            elif (usual := match.runs_value(name)) is not None and not (
                name in stated and match.sure_values == "not sure"
            ):
                value, whose = usual
                why = f"so {whose} of the presets has it"
            elif name == "base" and base is not None:
                value, why = base.value, base.why
            elif name in stated:
                value, why = stated[name].value, stated[name].why
            else:
                why = "neither a header nor a training mask in this format shows it"
                fix = "see the competition's page, and score a few training masks"
                yield CalibratedParameter(
                    f"submission.rle.{name}", now, "not sure", why, now, fix, True
                )
                continue
            is_shown = name in {*estimates, *stated} or (name == "base" and base is not None)
            sure = "likely" if is_shown else match.sure_values
            yield CalibratedParameter(f"submission.rle.{name}", value, sure, why, now, "", True)
    if match.preset is not None and match.preset.frame != "native":
        frame, now = plain_frame(match.preset.frame), plain_frame(competition.frame)
        why = f"so the preset {match.preset.name} has it: masks are sent at this size"
        sure = match.sure_values
        yield CalibratedParameter("frame", frame, sure, why, now, "", True)


def _contradictions(
    found: Sequence[CalibratedParameter], match: PresetMatch, competition: Competition
) -> Iterable[str]:
    preset = match.preset
    if preset is None:
        return
    if preset.note:
        yield f"{preset.name}: {preset.note.strip()}"
    if preset.submission.value == "rle":
        for one in found:
            name = one.name.rpartition(".")[2]
            if name not in _RLE or one.sure == "not sure" or one.name.startswith("submission."):
                continue
            usual = getattr(preset.submission.rle, name)
            if usual != one.value:
                yield (
                    f"the preset {preset.name} has {name} {usual}, the training masks {one.value} "
                    f"({one.why}): the data are believed"
                )
    for task, kind in preset.tasks.items():
        mine = competition.tasks.get(task)
        if mine is not None and mine != kind:
            yield f"the preset {preset.name} has tasks.{task} {kind}, competition.yaml {mine}"


MOST_IMAGES = 400
_PICTURE_PX = 16_000_000
_TRUTH_PX = 120_000_000
Truth = Callable[[], "NDArray[np.bool_] | None"]


def train_texts(
    competition: Competition,
    samples: pd.DataFrame,
    folder: DataFolder | None,
    tables: Mapping[str, pd.DataFrame],
) -> tuple[list[ImageTexts], str]:
    """Return the texts of train images, at most `MOST_IMAGES`, and the table that they stand in.

    That is the table of `data.train.mask`; where masks are files, a table of runs beside them. Of
    more images than that, half are those with the longest texts, which have most information, and
    half are drawn with a fixed seed.

    Args:
        competition: locates the masks.
        samples: of train.
        folder: the data folder; mask files in it are the truth of a table's rows. None: only the
            table of `data.train.mask` is read.
        tables: of the folder, by path.
    """
    texts, where = _of_spec(competition, samples)
    files: dict[int, list[str]] = {}
    if texts:
        files = {} if folder is None else _files_of(folder, samples)
    elif folder is None:
        return [], where
    else:
        runs = find_runs(CompetitionData(folder, tables))
        if runs is None:
            return [], ""
        texts, where = _of_table(runs, tables[runs.path], folder, samples), runs.path
    chosen = _chosen({row: sum(map(len, cells)) for row, cells in texts.items()})
    masks = truth_masks(competition, samples) if _has_files(competition) else None
    found = []
    for row in chosen:
        path = competition.root / first_file(samples["images"].iloc[row])
        try:
            size = image_size(path, competition.reader)
        except (DataError, OSError):
            continue
        truth: Truth | None = None
        if size[0] * size[1] <= _TRUTH_PX:
            if masks is not None:
                truth = partial(_truth_of_sample, masks, row)
            elif folder is not None and row in files:
                truth = partial(_truth_of_files, folder, files[row])
        picture = partial(_grey, competition, path) if size[0] * size[1] <= _PICTURE_PX else None
        cells = tuple(texts[row])
        found.append(ImageTexts(str(samples["id"].iloc[row]), size, cells, truth, picture))
    return found, where


def _of_spec(competition: Competition, samples: pd.DataFrame) -> tuple[dict[int, list[str]], str]:
    mask = competition.data.train.mask
    if mask is None or isinstance(mask, str):
        return {}, ""
    refs: list[MaskRef | None] = list(samples["mask"])
    texts = {row: [one for _, one, _ in ref.runs] for row, ref in enumerate(refs) if ref}
    return {row: cells for row, cells in texts.items() if cells}, mask.table


def _has_files(competition: Competition) -> bool:
    return competition.has_masks and isinstance(competition.data.train.mask, str)


def _of_table(
    runs: MaskRuns, table: pd.DataFrame, folder: DataFolder, samples: pd.DataFrame
) -> dict[int, list[str]]:
    cells, _ = keys_of_rows(runs, table, folder)
    by_id = {str(one): row for row, one in enumerate(samples["id"])}
    by_path = {str(first_file(paths)): row for row, paths in enumerate(samples["images"])}
    texts: dict[int, list[str]] = defaultdict(list)
    for cell, text in zip(cells, table[runs.rle], strict=True):
        row = by_id.get(cell)
        if row is None:
            paths = (folder.spell(image.path) for image in folder.named(cell))
            row = next((by_path[path] for path in paths if path in by_path), None)
        if row is not None and text not in runs.empty:
            texts[row].append(text)
    return dict(texts)


def _files_of(folder: DataFolder, samples: pd.DataFrame) -> dict[int, list[str]]:
    """Return the mask files of each row of the samples that has some, by their names."""
    rows: dict[str, int] = {}
    for row, paths in enumerate(samples["images"]):
        name = first_file(paths).rpartition("/")[2]
        rows.setdefault(name.rpartition(".")[0] or name, row)
    found: dict[int, list[str]] = defaultdict(list)
    for mask in train_masks(folder):
        named = [rows[stem] for stem, *_ in possible_image_names(mask.stem) if stem in rows]
        if named:
            found[named[0]].append(mask.path)
    return dict(found)


def _chosen(lengths: Mapping[int, int]) -> list[int]:
    """Return the rows to read, those with the longest texts first."""
    ranked = sorted(lengths, key=lambda row: (-lengths[row], row))
    if len(ranked) <= MOST_IMAGES:
        return ranked
    half = MOST_IMAGES // 2
    drawn = np.random.default_rng(0).choice(ranked[half:], half, replace=False)
    return [*ranked[:half], *(int(row) for row in drawn)]


def _truth_of_sample(masks: LazyTruths[Mask], row: int) -> NDArray[np.bool_] | None:
    try:
        mask = masks[row]
    except DataError:
        return None
    if mask is None:
        return None
    known: NDArray[np.bool_] = (mask != 0) & (mask != IGNORE)
    return known if known.ndim == 2 else np.any(known, axis=2)


def _truth_of_files(folder: DataFolder, paths: Sequence[str]) -> NDArray[np.bool_] | None:
    found: NDArray[np.bool_] | None = None
    for path in paths:
        try:
            with Image.open(folder.path / path) as opened:
                # Of an indexed file the index is the value; 0 is background either way.
                plain = opened if opened.mode in ("P", "L", "1") else opened.convert("L")
                pixels = np.asarray(plain)
        except Exception:  # Pillow raises any exception on damage; `podium check` explains it
            return None
        lossy = path.lower().endswith((".jpg", ".jpeg"))
        mask = pixels > (127 if lossy else 0)
        if found is not None and found.shape != mask.shape:
            return None
        found = mask if found is None else found | mask
    return found


def _grey(competition: Competition, path: Path) -> NDArray[np.float32]:
    try:
        image = read_image(path, competition.reader)
    except DataError:
        return np.zeros((0, 0), dtype=np.float32)
    grey: NDArray[np.float32] = image.astype(np.float32).mean(axis=2, dtype=np.float32)
    return grey
