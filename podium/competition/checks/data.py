"""`check_data`: all checks of a data folder before training, for broken, leaking or odd data.

Those of images alone, of the metric, of labels and of folds are here; the other ones are beside it.
"""

from __future__ import annotations

import json
import os
import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from PIL import Image

from podium.competition import metrics
from podium.competition.checks import (
    SHOWN_CLASSES,
    Finding,
    Level,
    count_with_examples,
    finding_from_error,
    line_of,
)
from podium.competition.checks.adversarial import MIN_ROWS, adversarial_validation
from podium.competition.checks.checked_drift import save_drift
from podium.competition.checks.drift import drift_groups, find_drift, summarise_drift
from podium.competition.checks.duplicates import (
    NumberLabels,
    check_duplicates,
    find_duplicates,
    of_whole_units,
)
from podium.competition.checks.extras import check_extras, extra_part_name, load_extras
from podium.competition.checks.image_facts import (
    FEATURES,
    ImageFacts,
    read_image_facts,
    save_checked_images,
)
from podium.competition.checks.masks import check_codec, check_masks
from podium.competition.checks.name_groups import check_names
from podium.competition.checks.sequences import check_sequences, sequences_of_train
from podium.competition.checks.shared_masks import check_shared_masks
from podium.competition.checks.unlisted_images import check_unlisted_images
from podium.competition.folds import n_folds
from podium.competition.folds.file import (
    are_other_than_planned,
    describe_unvalidated,
    fewer_folds,
    has_runs,
    lacking_classes,
    move_runs,
    plan_folds,
    read_folds,
    redo_advice,
)
from podium.competition.folds.open_set import (
    describe_unseen,
    lacks_unseen,
    name_threshold,
    open_set_truth,
    refuse_open_set_metric,
)
from podium.competition.folds.strata import ONE_ROW
from podium.competition.samples import (
    ids_without_image,
    images_to_open,
    load_samples,
    truth,
    unpredicted_answer,
)
from podium.competition.scores.combination import check_combination, check_part
from podium.competition.sections.tasks import Combination, written_combination
from podium.competition.spec import Competition, DataSource
from podium.competition.spelling import composed_otherwise, names_alike
from podium.competition.tables import read_table
from podium.competition.truths.labels import class_counts, format_range, format_unknown
from podium.competition.truths.pixels import BROKEN_FIX
from podium.competition.truths.slips import likely_slips
from podium.competition.units import describe_units, has_units
from podium.errors import DataError, plural, some
from podium.tasks.protocols.names import IMAGES, of_images
from podium.workspace.layout import Workspace
from podium.workspace.progress import SILENT, Progress

__all__ = [
    "FOLD_LACKS",
    "LEVELS",
    "Finding",
    "check_data",
    "check_made_folds",
    "check_spec",
    "image_rows",
]


_SPREADS = [FEATURES.index(f"spread of {one}") for one in ("red", "green", "blue")]
_BLANK_SPREAD = 1.0  # of 255
_MANY_BLANK = 0.02
LEVELS: tuple[Level, ...] = ("error", "warning", "note")
_SPLITS: tuple[Literal["train", "unlabelled", "test"], ...] = ("train", "unlabelled", "test")

ODD_SIZE = 8  # a side this many times longer or shorter than the median is odd
ODD_ASPECT = 4  # a width-to-height ratio this many times the median's, or its inverse, is odd
TINY_PX = 16
DIFFERENT_AUC = 0.6  # an AUC whose interval lies above is reported as a warning
SHOWN_CAUSES = 4
_LISTED_IDS = 10
FOLD_LACKS = "classes that a fold lacks"
END_OF_RANGE = 1 / 8  # 12 bits in a range of 16 are a sixteenth of it


def check_data(
    workspace: Workspace,
    competition: Competition,
    *,
    adversarial: bool = True,
    progress: Progress = SILENT,
) -> list[Finding]:
    """Return findings on errors, oddities and facts of the data, errors first.

    Every image of train, unlabelled, test and the extra sources is opened once, and every mask that
    is not cached. Nothing but caches is written: of masks, and of sizes and duplicates, which a
    report shows.

    Args:
        workspace: its `folds.csv` is checked, too; without one, the folds that would be made are.
        competition: locates the data.
        adversarial: also run adversarial validation of train against test.
        progress: of opening the files.
    """
    findings, samples, incomplete = _load(workspace, competition)
    findings += _metric(competition)
    unusable = _reader(competition)
    if unusable:
        return unusable + findings
    findings += _classes_of_test(competition) + _ids_composed_otherwise(samples)
    found, extras = load_extras(workspace, competition)
    findings += found
    parts = {extra_part_name(name): frame for name, frame in extras.items()}
    if all(getattr(competition.data, one) is None or one in samples for one in _SPLITS):
        findings += check_unlisted_images(competition, {**samples, **parts})
    images = image_rows(competition, {**samples, **incomplete, **parts}, progress)
    findings += _unreadable(images, competition) + _sizes(images) + _of_one_colour(images)
    findings += _range(competition, images)
    findings += _lost_bits(competition, images)
    for split, frame in samples.items():
        if has_units(frame):
            findings.append(Finding("note", f"units of {split}", describe_units(frame)))
    if "train" in samples:
        about_masks = check_masks(workspace, competition, samples["train"], progress=progress)
        are_broken = any(finding.level == "error" for finding in about_masks)
        folds, found = _folds(workspace, competition, samples["train"])
        # Folds that are balanced by masks that cannot be read have been explained by now.
        findings += about_masks + check_codec(competition, samples["train"])
        findings += [] if are_broken else found
        findings += check_shared_masks(workspace, competition, samples["train"], folds)
        findings += _balance(competition, samples["train"], folds)
        test_ids = samples["test"]["id"].tolist() if "test" in samples else []
        findings += check_names(competition, samples["train"], test_ids, folds)
        images["fold"] = _fold_of_images(images, folds)
    findings += check_extras(
        workspace, competition, extras, samples.get("train"), progress=progress
    )
    sequences = sequences_of_train(images)
    findings += check_sequences(images, sequences)
    duplicates = find_duplicates(competition, images, sequences=sequences, progress=progress)
    numbers = NumberLabels.of(competition, images, samples.get("train"))
    alone: list[Finding] = []
    of_cases = duplicates
    if competition.scores_units and has_units(images):
        of_cases, alone = of_whole_units(images, duplicates)
    findings += check_duplicates(images, of_cases, numbers, units=of_cases is not duplicates)
    findings += alone
    save_checked_images(workspace, competition, images, [*duplicates.exact, *duplicates.near])
    if adversarial and {"train", "test"} <= samples.keys():
        compared, is_chance = _train_against_test(images)
        findings += [*compared, *_drift(workspace, images, is_chance=is_chance)]
    findings = [_after_runs(workspace, finding) for finding in findings]
    return sorted(findings, key=lambda finding: LEVELS.index(finding.level))


def check_spec(workspace: Workspace, competition: Competition) -> list[Finding]:
    """Return the errors of `check_data` that `competition.yaml` and the tables alone can show.

    Those of tables and their columns, files that are not there, labels, the metric and the folds.
    No image is opened, and no mask.
    """
    findings = _metric(competition) + _reader(competition)
    if competition.reads_labels_off_masks:
        return findings
    found, samples, _ = _load(workspace, competition)
    findings += found + _classes_of_test(competition)
    are_of_masks = not competition.has_labels or competition.folds.balance == "coverage"
    if "train" in samples and not are_of_masks:
        try:  # those of folds.csv are made anew after a change: they are no fault of it
            plan_folds(competition, samples["train"], workspace=workspace, told=[])
        except DataError as error:
            findings.append(finding_from_error(error, _NO_FOLDS))
    return [one for one in findings if one.level == "error"]


def _load(
    workspace: Workspace, competition: Competition
) -> tuple[list[Finding], dict[str, pd.DataFrame], dict[str, pd.DataFrame]]:
    """Return findings on parts that cannot be read, the parts, and the rest of incomplete ones.

    A part is incomplete where images of some rows are not there; its other images can be checked.
    Of one whose table has other faults, images are opened without labels.
    """
    findings: list[Finding] = []
    samples: dict[str, pd.DataFrame] = {}
    incomplete: dict[str, pd.DataFrame] = {}
    for split in _SPLITS:
        if getattr(competition.data, split) is None:
            continue
        try:
            samples[split] = load_samples(competition, split, workspace=workspace)
        except DataError as error:
            found = finding_from_error(error, f"the {split} part cannot be read")
            found = replace(
                found,
                where=line_of(competition, *_keys(error, split, getattr(competition.data, split))),
            )
            absent, rest = _without_absent(workspace, competition, split)
            if rest is None:
                opened = images_to_open(competition, getattr(competition.data, split), split)
                incomplete |= {split: opened} if len(opened) else {}
            else:
                incomplete[split] = rest
                if len(absent) <= _LISTED_IDS:
                    found = replace(
                        found,
                        fix=f"add the images, or {_leaving_out({split: absent}, competition)}",
                    )
            findings.append(found)
    return findings, samples, incomplete


def _without_absent(
    workspace: Workspace,
    competition: Competition,
    split: Literal["train", "unlabelled", "test"],
) -> tuple[list[str], pd.DataFrame | None]:
    """Return the ids of the rows without an image, and the other samples of the part.

    None instead of samples: all rows lack their image, or something else is wrong, too.
    """
    source = getattr(competition.data, split)
    try:
        absent = ids_without_image(competition, source, split)
        if not absent:
            return [], None
        part = source.model_copy(update={"exclude": [*source.exclude, *absent]})
        data = competition.data.model_copy(update={split: part})
        others = competition.model_copy(update={"data": data}).at(competition.root)
        return absent, load_samples(others, split, workspace=workspace)
    except DataError:
        return [], None


def _after_runs(workspace: Workspace, finding: Finding) -> Finding:
    """Return a finding with what comes before folds are made anew, where runs are in the way."""
    if not finding.mend.endswith(" --redo") or not has_runs(workspace):
        return finding
    return replace(
        finding, mend=f"first {move_runs(workspace)}, as runs have these folds: {finding.mend}"
    )


_KEY = re.compile(r"\(((?:data|folds)(?:\.\w+)+)\)")
"""A key that a message names, as there is no column 'labels' (data.train.label)."""
_IMAGES_ARE_LOST = re.compile(r"no image matches|\bimages? (?:is|are) missing")


def _keys(error: DataError, split: str, source: DataSource) -> Sequence[str]:
    """Return the keys of competition.yaml to look at where a part cannot be read."""
    named = _KEY.search(error.message)
    if named is not None:
        return named[1].split(".")
    if "unknown class" in error.message:
        return ("classes",)
    if "there is no such table" in error.message and error.where == source.table:
        return ("data", split, "table")
    is_of_images = _IMAGES_ARE_LOST.search(error.message)
    return ("data", split, "images") if is_of_images else ("data", split)


def _metric(competition: Competition) -> list[Finding]:
    """Return an error for a metric that is none, cannot score the task, or has not the option."""
    spec = competition.metric
    combination = written_combination(spec)
    if combination is not None:
        return _combined_metric(competition, combination)
    try:
        task = competition.scored_task
        metrics.fitting(
            metrics.of(competition),
            competition.tasks[task],
            spec.options,
            task=task,
            n_classes=len(competition.classes),
        )
        refuse_open_set_metric(competition)
    except DataError as error:
        found = finding_from_error(error, "the metric cannot be used")
        return [replace(found, where=line_of(competition, "metric"))]
    return []


def _combined_metric(competition: Competition, combination: Combination) -> list[Finding]:
    """Return an error for each part that cannot score its task, and for parts that do not add."""
    findings = []
    for place, part in enumerate(combination.parts):
        try:
            check_part(competition, combination, part)
        except DataError as error:
            found = finding_from_error(error, f"{part.label}, a part of the metric, cannot be used")
            # `metric` is a list, or has one under parts; without either it is one expression.
            own = line_of(competition, "metric", place)
            where = line_of(competition, "metric", "parts", place)
            if where == line_of(competition, "metric"):
                where = own
            findings.append(replace(found, where=where))
    if findings:
        return findings
    try:
        check_combination(competition)
        refuse_open_set_metric(competition)
    except DataError as error:
        found = finding_from_error(error, "the metric cannot be used")
        return [replace(found, where=line_of(competition, "metric"))]
    return []


def _reader(competition: Competition) -> list[Finding]:
    """Return an error for a reader of the user's own that cannot be loaded."""
    try:
        competition.reader.require()
    except DataError as error:
        found = finding_from_error(error, "the reader cannot be used")
        return [replace(found, where=line_of(competition, "data", "reader"))]
    return []


def _classes_of_test(competition: Competition) -> list[Finding]:
    """Return an error for classes that a test table names and training does not have."""
    test, label = competition.data.test, competition.data.train.label
    kind = of_images(competition.tasks)
    if kind is None or not kind.is_class:
        return []
    if test is None or test.table is None or not isinstance(label, str):
        return []
    try:
        table = read_table(competition.root / test.table, where=test.table)
    except DataError:
        return []  # loading the samples has reported it
    if label not in table.columns:
        return []
    unknown = sorted(set(table[label]) - {*competition.classes, competition.open_set, ""})
    # A label of train that is misspelt under `classes` has been reported with its own fix.
    unknown = sorted(set(unknown) - _labels_of_train(competition, label)) if unknown else []
    if not unknown:
        return []
    return [
        Finding(
            "error",
            "classes in test only",
            f"{test.table}: no training row has the class {some(unknown)}",
            "add training rows of the class, or mend the table's spelling",
            tuple(unknown),
            where=line_of(competition, "classes"),
        )
    ]


def _labels_of_train(competition: Competition, label: str) -> set[str]:
    """Return all cells of the column of labels in the tables of train that can be read."""
    found: set[str] = set()
    for name in competition.data.train.tables:
        try:
            table = read_table(competition.root / name, where=name)
        except DataError:
            continue  # loading the samples has reported it
        if label in table.columns:
            found.update(table[label])
    return found


def image_rows(
    competition: Competition, samples: dict[str, pd.DataFrame], progress: Progress
) -> pd.DataFrame:
    """Return one row a sample: split, row, id, label, group, answered, path, files, shown, facts.

    Of a sample with neighbouring slices of a volume, the facts are of its own slice.
    """
    own = competition.data.train.own_files
    parts = []
    for split, frame in samples.items():
        part = frame[["id", "unit", "label", "group"]].assign(
            split=split, row=np.arange(len(frame))
        )
        part["answered"] = frame["label"].notna() | frame["mask"].notna()
        files = [tuple(paths[own]) for paths in frame["images"]]
        parts.append(part.assign(path=pd.Series(files, dtype=object, index=part.index)))
    columns = ["split", "row", "id", "unit", "label", "group", "answered", "path"]
    images = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)
    paths = list(dict.fromkeys(images["path"]))
    found = read_image_facts(competition.root, paths, reader=competition.reader, progress=progress)
    facts = dict(zip(paths, found, strict=True))
    images["facts"] = [facts[path] for path in images["path"]]
    images["files"] = images["path"]
    images["path"] = [fact.path for fact in images["facts"]]
    images["shown"] = [_shown_path(competition.root, path) for path in images["path"]]
    images["fold"] = -1
    return images


def _shown_path(root: Path, path: str) -> str:
    """Return `path` as a person finds it from the workspace: relative to it."""
    if not Path(path).is_absolute():
        return path
    try:
        return os.path.relpath(path, root)
    except ValueError:  # another drive
        return path


def _unreadable(images: pd.DataFrame, competition: Competition) -> list[Finding]:
    broken: list[ImageFacts] = [one for one in images["facts"] if one.error is not None]
    if not broken:
        return []
    shown = dict(zip(images["path"], images["shown"], strict=True))
    reason_of = {shown[one.path]: one.error.message for one in broken if one.error is not None}
    names = tuple(reason_of)
    why: dict[str, list[str]] = {}  # the fault of one file may not be that of another
    fixes: list[str] = []
    for one in broken:
        assert one.error is not None
        why.setdefault(one.error.message, []).append(shown[one.path])
        if len(why) <= SHOWN_CAUSES:
            fixes.append(one.error.fix or "download them again")
    causes = [f"{some(dict.fromkeys(paths))}; {cause}" for cause, paths in why.items()]
    if len(causes) > SHOWN_CAUSES:
        causes[SHOWN_CAUSES:] = [f"and {plural(len(causes) - SHOWN_CAUSES, 'more cause')}"]
    shown_causes = causes[0] if len(causes) == 1 else "".join(f"\n  - {cause}" for cause in causes)
    detail = f"{len(names):,} of {images['path'].nunique():,}: {shown_causes}"
    fix = "; ".join(dict.fromkeys(fixes))
    is_broken = np.array([one.error is not None for one in images["facts"]])
    of_parts = {
        str(name): list(ids) for name, ids in images[is_broken].groupby("split", sort=False)["id"]
    }
    if fix == BROKEN_FIX and max(map(len, of_parts.values())) <= _LISTED_IDS:
        fix = f"download them again, or {_leaving_out(of_parts, competition)}"
    title, reasons = "images that cannot be read", tuple(reason_of.values())
    return [Finding("error", title, detail, fix, names, beside="", reasons=reasons)]


def _leaving_out(of_parts: Mapping[str, Sequence[str]], competition: Competition) -> str:
    """Return the command that leaves samples of each part out, and what follows of it."""
    values = []
    for part, ids in of_parts.items():
        key = f"data.{part.replace(' ', '.')}.exclude"  # of an extra source
        values.append(shlex.quote(f"{key}={_with_before(key, ids, competition)}"))
    told = f"leave them out: podium choose {' '.join(values)}"
    if "test" not in of_parts:
        return told
    rows = "its row" if len(of_parts["test"]) == 1 else "their rows"
    answer = unpredicted_answer(competition)
    return f"{told}; in {rows} of the file to send then stands {answer}"


def _with_before(key: str, ids: Sequence[str], competition: Competition) -> str:
    """Return the value of a key that leaves ids out, beside those that are left out by now."""
    found: Any = competition
    for name in key.split("."):
        found = found.get(name) if isinstance(found, dict) else getattr(found, name, None)
    # Text in double quotes is YAML, too, and a shell takes it whole in single ones.
    return json.dumps([*dict.fromkeys([*(found or ()), *ids])], ensure_ascii=False)


def _readable_parts(images: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    """Yield each part's name and its images that can be read, where there are any."""
    for split in images["split"].unique():
        part = images[images["split"] == split]
        part = part[[fact.error is None for fact in part["facts"]]]
        if len(part):
            yield split, part


def _sizes(images: pd.DataFrame) -> list[Finding]:
    findings = []
    for split, part in _readable_parts(images):
        known: list[ImageFacts] = list(part["facts"])
        sides = np.array([[f.width, f.height] for f in known], dtype=np.float64)  # (N, 2)
        low, middle, high = (_size(fn(sides, axis=0)) for fn in (np.min, np.median, np.max))
        detail = (
            f"{plural(len(known), 'image')}, width × height: least {low}, median "
            f"{middle}, most {high}"
        )
        findings.append(Finding("note", f"sizes of {split}", detail))
        odd = tuple(part["shown"].iloc[np.flatnonzero(_is_odd(sides))])
        if odd:
            fix = "look at them: thumbnails, icons and broken downloads have odd sizes"
            findings.append(
                Finding.listing(
                    "warning",
                    f"odd sizes in {split}",
                    odd,
                    fix,
                    pictures=tuple((path,) for path in odd),
                )
            )
    return findings


def _of_one_colour(images: pd.DataFrame) -> list[Finding]:
    """Return a finding for each part with images that show nothing; a warning where many do."""
    findings = []
    for split, part in _readable_parts(images):
        is_blank = [max(fact.features[_SPREADS]) < _BLANK_SPREAD for fact in part["facts"]]
        blank = tuple(part["shown"][is_blank])
        if not blank:
            continue
        level: Level = "warning" if len(blank) > _MANY_BLANK * len(part) else "note"
        title = f"images of one colour in {split}"
        fix = "look at them: broken downloads, empty tiles, or a reader that drops what is there"
        pictures = tuple((path,) for path in blank)
        findings.append(Finding.listing(level, title, blank, fix, pictures=pictures))
    return findings


def _size(sides: NDArray[np.float64]) -> str:
    return f"{sides[0]:.0f} × {sides[1]:.0f}"


def _range(competition: Competition, images: pd.DataFrame) -> list[Finding]:
    """Return a warning where images of more than 8 bits lie at one end of `data.reader.range`."""
    pixels = competition.pixels
    known = [fact.features for fact in images["facts"] if fact.error is None]
    if pixels.dtype == "uint8" or not known:
        return []
    features = np.stack(known)  # (N, features), of the images as 8-bit RGB
    means = features[:, [FEATURES.index(colour) for colour in ("red", "green", "blue")]]
    spreads = features[:, _SPREADS]
    high = np.median((means + 2 * spreads).max(axis=1)) / 255
    low = np.median((means - 2 * spreads).min(axis=1)) / 255
    if not (high < END_OF_RANGE or low > 1 - END_OF_RANGE):
        return []
    end = f"below {high:.2f}, nearly black" if high < END_OF_RANGE else f"above {low:.2f}, white"
    what = f"a network's input is 0 at {pixels.low:g} and 1 at {pixels.high:g}; most images lie"
    fix = "data.reader: {…, range: [lowest, highest]} with what the values really are"
    return [Finding("warning", "images at one end of their range", f"{what} {end}", fix)]


def _lost_bits(competition: Competition, images: pd.DataFrame) -> list[Finding]:
    """Return a warning where files of 16 bits, read as 8, are nearly black: they use fewer bits."""
    if competition.pixels.dtype != "uint8" or competition.reader.is_foreign:
        return []
    colours = [FEATURES.index(colour) for colour in ("red", "green", "blue")]
    deep: dict[str, None] = {}
    for fact, shown in zip(images["facts"], images["shown"], strict=True):
        highest = (fact.features[colours] + 2 * fact.features[_SPREADS]).max() / 255
        # Of an unreadable one it is nan.
        if highest < END_OF_RANGE and _has_16_bits(competition.root / fact.path):
            deep[shown] = None
    if not deep:
        return []
    detail = (
        f"{len(deep):,} of {plural(images['shown'].nunique(), 'image')} "
        f"{'has' if len(deep) == 1 else 'have'} 16 "
        "bits, of which the higher 8 are read, and are nearly black so: "
        f"{some(deep)}"
    )
    fix = (
        "where 12 bits are used: data.reader: {name: image, mode: native, channels: 1, dtype: "
        "uint16, range: [0, 4095]}; of files of several depths, make those of 16 bits anew"
    )
    return [Finding("warning", "images that use few of their bits", detail, fix, tuple(deep))]


def _has_16_bits(path: Path) -> bool:
    try:
        with Image.open(path) as opened:
            return opened.mode.startswith("I")
    except (OSError, ValueError):  # of another format
        return False


def _is_odd(sides: NDArray[np.float64]) -> NDArray[np.bool_]:
    area, aspect = np.sqrt(sides.prod(axis=1)), sides[:, 0] / sides[:, 1]
    far = np.abs(np.log(area / np.median(area))) > np.log(ODD_SIZE)
    long = np.abs(np.log(aspect / np.median(aspect))) > np.log(ODD_ASPECT)
    short = sides.min(axis=1)
    # Where most images are tiny, a tiny one is not odd.
    return np.asarray(far | long | (short < min(TINY_PX, float(np.median(short)))))


def _folds(
    workspace: Workspace, competition: Competition, train: pd.DataFrame
) -> tuple[NDArray[np.int64], list[Finding]]:
    """Return the existing or planned folds (-1: there can be none), and findings on them."""
    try:
        findings: list[Finding] = []
        if workspace.folds_file.exists():
            folds, findings = _made_folds(workspace, competition, train)
        else:
            folds = plan_folds(competition, train, workspace=workspace, told=[])
        told = describe_unvalidated(train, folds, scheme=competition.folds.scheme)
        findings += [] if told is None else [Finding("note", "rows that share files", told)]
        lacking = lacking_classes(workspace, competition, train, folds)
        return folds, [*findings, *_lacking(workspace, competition, train, lacking)]
    except DataError as error:
        return np.full(len(train), -1), [finding_from_error(error, _NO_FOLDS)]


def check_made_folds(workspace: Workspace, competition: Competition) -> list[Finding]:
    """Return findings where `folds.csv` has other folds than competition.yaml would make now.

    So does `check_data`, which reads all else, too. None where there is no such file.
    """
    if not workspace.folds_file.exists():
        return []
    try:
        train = load_samples(competition, "train", workspace=workspace)
        return _made_folds(workspace, competition, train)[1]
    except DataError as error:
        return [finding_from_error(error, _NO_FOLDS)]


def _made_folds(
    workspace: Workspace, competition: Competition, train: pd.DataFrame
) -> tuple[NDArray[np.int64], list[Finding]]:
    """Return the folds of `folds.csv`, and a finding where they are others than planned."""
    folds = read_folds(workspace, competition, train)
    return folds, _other_folds(workspace, competition, train, folds)


_NO_FOLDS = "folds that cannot be used"


def _other_folds(
    workspace: Workspace, competition: Competition, train: pd.DataFrame, folds: NDArray[np.int64]
) -> list[Finding]:
    """Return a finding where `folds` in competition.yaml asks for others than `folds.csv` has."""
    try:
        if not are_other_than_planned(workspace, competition, train, folds):
            return []
    except DataError:  # whoever wrote the folds by hand may have some that no scheme makes
        return []
    return [
        Finding(
            "warning",
            "folds.csv has other folds than competition.yaml would make",
            "every command goes on with those of folds.csv",
            f"to make them anew: {redo_advice(workspace)}; leave them where they are your own, or "
            "undo the change below folds",
            where=line_of(competition, "folds"),
        )
    ]


def _lacking(
    workspace: Workspace, competition: Competition, train: pd.DataFrame, sentences: Sequence[str]
) -> list[Finding]:
    """Return a finding on the classes that some fold lacks, made or planned."""
    if not sentences or competition.open_set is not None:  # there, such a class is new to the fold
        return []
    spec, title, detail = competition.folds, FOLD_LACKS, "; ".join(sentences)
    if all(one.startswith(ONE_ROW) for one in sentences):
        names, counts = class_counts(competition, train["label"])
        slips = likely_slips(competition, train)  # another finding names these
        if slips and all(names[c] in slips for c in np.flatnonzero(counts == 1)):
            return []
        return [Finding("warning", title, detail, _FIX_OF_ONE_ROW)]
    where = line_of(competition, "folds")
    n = _most_folds(workspace, competition, train)
    if n is None:
        few = "add rows of such a class, or leave it: no smaller number of folds mends it"
        return [Finding("warning", title, detail, few, where=where)]
    fix = (
        f"make {plural(n, 'fold')}: each has rows of every class; or leave it, if that is too "
        "few folds"
    )
    if "group" in spec.scheme:
        fix += "; rows of one group are in one fold, and such a class is of few groups"
    mend = f"podium choose folds.n={n}"
    mend += ", then podium folds --redo" if workspace.folds_file.exists() else ""
    return [Finding("warning", title, detail, fix, mend=mend, where=where)]


def _most_folds(workspace: Workspace, competition: Competition, train: pd.DataFrame) -> int | None:
    """Return the largest number of folds that lack no class of several rows; None: none does."""
    planned = fewer_folds(competition, train, workspace=workspace)
    return next(
        (n for n, _, lacking in planned if all(one.startswith(ONE_ROW) for one in lacking)), None
    )


_FIX_OF_ONE_ROW = (
    "add rows of such a class, mend its name, or leave it: no score tells how well it is found"
)


def _fold_of_images(images: pd.DataFrame, folds: NDArray[np.int64]) -> list[int]:
    is_train = images["split"] == "train"
    return [int(folds[row]) if t else -1 for row, t in zip(images["row"], is_train, strict=True)]


def _balance(
    competition: Competition, train: pd.DataFrame, folds: NDArray[np.int64]
) -> list[Finding]:
    if not competition.has_labels:
        return []
    if competition.kind.is_continuous:
        names = competition.number_columns
        reach = Finding("note", "labels", format_range(train["label"], names))
        return [reach, *_slipped_points(competition, train, names)]
    names, counts = class_counts(competition, train["label"])
    order = np.argsort(-counts, kind="stable")
    shown = [f"{names[c]} {counts[c]:,}" for c in order]
    if len(shown) > SHOWN_CLASSES:
        half = SHOWN_CLASSES // 2
        shown = [*shown[:half], f"… {len(shown) - 2 * half} more …", *shown[-half:]]
    ratio = counts.max() / max(counts.min(), 1)
    n_missing = int(train["label"].isna().sum())
    missing = f", {n_missing:,} without a label" if n_missing else ""
    detail = (
        f"{plural(len(train), 'row')}: {', '.join(shown)} (most to least {ratio:.1f} : 1){missing}"
    )
    sizes = dict(zip(names, counts.tolist(), strict=True))
    findings = [
        Finding("note", "class balance", detail),
        *_classes_spelt_alike(competition, sizes),
        *_misspelt(competition, train),
    ]
    if unknown := format_unknown(competition, train["label"]):
        what = f"in some rows, and neither learnt nor scored there: {unknown}"
        findings.append(Finding("note", "unknown labels", what))
    if competition.open_set is not None and (folds >= 0).any():
        right = truth(train, competition)
        now = open_set_truth(right, folds, scheme=competition.folds.scheme)
        found = describe_unseen(competition, right, now)
        if lacks_unseen(now[folds >= 0]):
            fix = name_threshold(competition)
            found += ": no score tells what new ones in the test set cost"
            findings.append(Finding("warning", "open set", found, fix))
        else:
            findings.append(Finding("note", "open set", found))
    n, slips = n_folds(folds) or competition.folds.n, likely_slips(competition, train)
    few = [c for c in order if counts[c] < n and names[c] not in slips]  # which are named above
    rare = tuple(names[c] for c in few)
    if rare:
        single = int((counts[few] == 1).sum())
        fix = "make fewer folds, add rows, or expect folds in which the class is not scored"
        if single == len(rare):
            fix = _FIX_OF_ONE_ROW
        have = "has" if len(rare) == 1 else "have"
        what = f"{count_with_examples(rare)} {have} fewer rows than the {plural(n, 'fold')}"
        if single:
            have = "has" if single == 1 else "have"
            what += f"; {single:,} {have} one row, which is never both in training and validation"
        findings.append(Finding("warning", "rare classes", what, fix, rare))
    return findings


def _misspelt(competition: Competition, train: pd.DataFrame) -> list[Finding]:
    """Return classes of a row or two that are one letter from a class of many."""
    slips = tuple(likely_slips(competition, train).values())
    if not slips:
        return []
    fix = "mend it, if it is a slip: in the table first, and then under classes"
    return [Finding("warning", "classes that may be misspelt", "; ".join(slips), fix, slips)]


def _slipped_points(
    competition: Competition, train: pd.DataFrame, names: Sequence[str]
) -> list[Finding]:
    """Return a finding on numbers far above all others, among which is a tenth of them, or less.

    As 2170 beside 180 to 290: a point may have slipped. Rows of one unit have one number.
    """
    found, ids = list[str](), list[str]()
    labels = train["label"].dropna()
    values = pd.DataFrame(list(labels), columns=list(names) or None, dtype=float)
    values.index = labels.index
    for name, column in values.items():
        known = np.unique(column.dropna())
        if len(known) < _FEWEST_NUMBERS or known[-2] <= 0 or known[-1] < _FAR * known[-2]:
            continue
        less = [known[-1] / ten for ten in (10, 100, 1000)]
        if not any(known[0] <= one <= known[-2] for one in less):
            continue
        rows = train.loc[column.index[column == known[-1]], "id"]
        ids += list(rows)
        of = f"{name}: " if names else ""
        found.append(f"{of}{known[-1]:g} of {some(rows)}, and of all others {known[-2]:g} at most")
    if not found:
        return []
    fix = f"mend it in the table, or write exclude: {list(dict.fromkeys(ids))} below data.train"
    where = line_of(competition, "data", "train")
    return [Finding("warning", "numbers far from all others", "; ".join(found), fix, where=where)]


_FEWEST_NUMBERS, _FAR = 10, 4  # different numbers; times the next one


def _classes_spelt_alike(competition: Competition, sizes: Mapping[str, int]) -> list[Finding]:
    """Return classes that are likely one, written twice: by case, accents or signs alone."""
    fix = (
        "each is learnt as a class of its own: if they are one class, write it one way in the "
        "table, and once under classes"
    )
    titles = {
        "case or blanks": "spelt alike",
        "accents": "accented otherwise",
        "the signs between words": "of the same words",
    }
    alike = names_alike(competition.classes_of(IMAGES), sizes)
    return [
        Finding(
            "warning",
            f"classes that are {titles[how]}",
            f"names that differ by {how} alone",
            fix,
            tuple(several),
        )
        for how, several in alike.items()
    ]


def _ids_composed_otherwise(samples: Mapping[str, pd.DataFrame]) -> list[Finding]:
    """Return ids that look alike and are two: their accents are composed otherwise in Unicode."""
    rows: dict[str, list[str]] = {}
    for split, frame in samples.items():
        for number, one in enumerate(frame["id"].astype(str), 1):
            if not one.isascii():
                rows.setdefault(one, []).append(f"row {number:,} of {split}")
    alike = tuple(
        " and ".join(f"{one!a} ({', '.join(rows[one])})" for one in each)
        for each in composed_otherwise(rows)
    )
    if not alike:
        return []
    what = "ids that differ by Unicode normalisation alone"
    fix = (
        "they look alike, and are two ids: where it is one image, keep one of its rows, else write "
        "another id; unicodedata.normalize('NFC', id) writes all in one form"
    )
    return [Finding.listing("warning", what, alike, fix)]


def _train_against_test(images: pd.DataFrame) -> tuple[list[Finding], bool]:
    """Return how train and test differ by measured numbers, and whether that is within chance."""
    parts = {}
    for split in ("train", "test"):
        is_known = (images["split"] == split) & images["facts"].map(lambda fact: fact.error is None)
        parts[split] = images[is_known]
    if min(map(len, parts.values())) < MIN_ROWS:
        detail = f"fewer than {MIN_ROWS} images in one of them"
        return [Finding("note", "train against test: not compared", detail)], False
    train, test = (np.stack([f.features for f in part["facts"]]) for part in parts.values())
    both = pd.concat(parts.values())
    groups = drift_groups(both)
    try:
        result = adversarial_validation(train, test, FEATURES, groups=groups)
    except DataError as error:
        return [Finding("note", "train against test: not compared", error.message)], False
    auc = f"AUC {result.auc:.2f} ({result.low:.2f} to {result.high:.2f})"
    if result.low <= DIFFERENT_AUC:
        title, below = "train and test look alike", ""
        if result.auc > DIFFERENT_AUC:
            title, below = "train and test may differ", "; of so few images that may be chance, too"
        elif result.high < 0.5:
            below = "; an AUC below 0.5 is chance, too"
        found = Finding("note", title, f"{auc} from sizes, colours and file headers{below}")
        return [found], result.low <= 0.5
    away = [one for one in result.predictive[:3] if one.auc > DIFFERENT_AUC]
    by = ", ".join(
        f"{one.feature} (median {one.train_median:.4g} in train, {one.test_median:.4g} in test)"
        for one in away
    )
    found = Finding(
        "warning",
        "train and test differ",
        f"{auc}; given away by {by or 'several numbers together'}",
        "find out why, and rely on the score on train rows like the test: podium board has it",
        tuple(one.feature for one in away),
        count=-1,
    )
    return [found], False


def _drift(workspace: Workspace, images: pd.DataFrame, *, is_chance: bool) -> list[Finding]:
    """Keep how the test set differs from train, and return how much of it is unlike train.

    Args:
        workspace: where it is kept.
        images: one row a sample.
        is_chance: measured numbers do not tell train and test apart: then no share is given.
    """
    try:
        drift = find_drift(images)
    except DataError:  # too few groups, as the comparison has reported
        drift = None
    save_drift(workspace, drift)
    if drift is None or not drift.differs:
        return []
    found = summarise_drift(drift)
    items = tuple(one.path for one in found.unlike)
    title = "test images unlike train"
    if is_chance:
        low, high = found.auc_interval
        detail = (
            f"only small copies of the images tell them apart, AUC {found.auc:.2f} ({low:.2f} to "
            f"{high:.2f}), and sizes, colours and file headers do not: it may be chance"
        )
        fix = "compare these images with those of train before you rely on either score"
        return [Finding("note", title, detail, fix, items)]
    return [Finding("note", title, found.sentence, found.advice, items)]
