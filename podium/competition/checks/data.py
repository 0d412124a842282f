"""Checks of a data folder before it costs anything: what is broken, would leak, or is odd."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from podium.competition import metrics
from podium.competition.checks.adversarial import LEAST_ROWS, tell_apart
from podium.competition.checks.duplicates import check_duplicates, find_duplicates
from podium.competition.checks.extra import check_extras, load_extras, part_name
from podium.competition.checks.findings import Finding, Level, counted, from_error
from podium.competition.checks.image_facts import FEATURES, ImageFacts, look_at_all
from podium.competition.checks.looked import keep_looked
from podium.competition.checks.masks import check_masks
from podium.competition.folds import n_folds
from podium.competition.folds_file import plan_folds, read_folds
from podium.competition.labels import class_counts, range_in_words
from podium.competition.open_set import describe_new, refuse_metric, seen_truth
from podium.competition.samples import load_samples, truth
from podium.competition.spec import Competition
from podium.competition.tables import read_table
from podium.competition.units import describe_units, has_units
from podium.errors import DataError, some
from podium.workspace.layout import Workspace
from podium.workspace.progress import SILENT, Progress

__all__ = ["Finding", "check_data"]

_LEVELS: tuple[Level, ...] = ("error", "warning", "note")
_SPLITS: tuple[Literal["train", "unlabelled", "test"], ...] = ("train", "unlabelled", "test")

ODD_SIZE = 8  # a side this many times longer or shorter than the median is odd
ODD_ASPECT = 4  # a width-to-height ratio this many times the median's, or its inverse, is odd
TINY_PX = 16
TOLD_APART = 0.6  # an AUC whose interval lies above is reported as a warning
SHOWN_CLASSES = 12
SHOWN_CAUSES = 4
END_OF_RANGE = 1 / 8  # 12 bits in a range of 16 are a sixteenth of it


def check_data(
    workspace: Workspace,
    competition: Competition,
    *,
    adversarial: bool = True,
    progress: Progress = SILENT,
) -> list[Finding]:
    """Return what is wrong, odd or worth knowing about the data, errors first.

    Every image of train, unlabelled, test and the extra sources is opened once, and every mask that
    the cache does not know. Nothing but caches is written: of masks, and of sizes and duplicates
    (`looked`), which a report shows.

    Args:
        workspace: its `folds.csv` is checked, too; without one, the folds that would be made are.
        competition: says where the data lie.
        adversarial: also try to tell train from test images apart.
        progress: of the looking.
    """
    findings, samples = _load(workspace, competition)
    findings += _metric(competition)
    unusable = _reader(competition)
    if unusable:
        return unusable + findings
    findings += _classes_of_test(competition)
    found, extras = load_extras(workspace, competition)
    findings += found
    parts = {part_name(name): frame for name, frame in extras.items()}
    images = _look(competition, {**samples, **parts}, progress)
    findings += _unreadable(images) + _sizes(images)
    findings += _range(competition, images)
    for split, frame in samples.items():
        if has_units(frame):
            findings.append(Finding("note", f"units of {split}", describe_units(frame)))
    if "train" in samples:
        about_masks = check_masks(workspace, competition, samples["train"], progress=progress)
        are_broken = any(finding.level == "error" for finding in about_masks)
        folds, found = _folds(workspace, competition, samples["train"])
        # Folds that are balanced by masks that cannot be read have been explained by now.
        findings += about_masks + ([] if are_broken else found)
        findings += _balance(competition, samples["train"], folds)
        images["fold"] = _fold_of_images(images, folds)
    findings += check_extras(
        workspace, competition, extras, samples.get("train"), progress=progress
    )
    duplicates = find_duplicates(images)
    findings += check_duplicates(images, duplicates)
    keep_looked(workspace, images, [*duplicates.exact, *duplicates.near])
    if adversarial and {"train", "test"} <= samples.keys():
        findings += _told_apart(images)
    return sorted(findings, key=lambda finding: _LEVELS.index(finding.level))


def _load(
    workspace: Workspace, competition: Competition
) -> tuple[list[Finding], dict[str, pd.DataFrame]]:
    findings: list[Finding] = []
    samples: dict[str, pd.DataFrame] = {}
    for split in _SPLITS:
        if getattr(competition.data, split) is None:
            continue
        try:
            samples[split] = load_samples(competition, split, workspace=workspace)
        except DataError as error:
            findings.append(from_error(error, f"the {split} part cannot be read"))
    return findings, samples


def _metric(competition: Competition) -> list[Finding]:
    """Return an error for a metric that is none, cannot score the task, or has not the option."""
    spec = competition.metric
    try:
        task = competition.scored_task
        metrics.fitting(metrics.of(competition), competition.tasks[task], spec.options, task=task)
        refuse_metric(competition)
    except DataError as error:
        return [from_error(error, "the metric cannot be used")]
    return []


def _reader(competition: Competition) -> list[Finding]:
    """Return an error for a reader of the user's own that cannot be loaded."""
    try:
        competition.reader.require()
    except DataError as error:
        return [from_error(error, "the reader cannot be used")]
    return []


def _classes_of_test(competition: Competition) -> list[Finding]:
    """Return an error for classes that a test table names and training does not have."""
    test, label = competition.data.test, competition.data.train.label
    if competition.tasks.get("classify") not in ("multiclass", "ordinal"):
        return []
    if test is None or test.table is None or not isinstance(label, str):
        return []
    try:
        table = read_table(competition.root / test.table, where=test.table)
    except DataError:
        return []  # the loading of the samples has said it
    if label not in table.columns:
        return []
    unknown = sorted(set(table[label]) - {*competition.classes, competition.open_set, ""})
    if not unknown:
        return []
    return [
        Finding(
            "error",
            "classes in test only",
            f"{test.table}: no training row has the class {some(unknown)}",
            "add training rows of the class, or mend the table's spelling",
            tuple(unknown),
        )
    ]


def _look(
    competition: Competition, samples: dict[str, pd.DataFrame], progress: Progress
) -> pd.DataFrame:
    """Return one row a sample: split, row, id, label, group, path, facts.

    Of a sample that sees its neighbours in a volume, these are of its own slice.
    """
    own = competition.data.train.own_files
    parts = []
    for split, frame in samples.items():
        part = frame[["id", "label", "group"]].assign(split=split, row=np.arange(len(frame)))
        files = [tuple(paths[own]) for paths in frame["images"]]
        parts.append(part.assign(path=pd.Series(files, dtype=object, index=part.index)))
    columns = ["split", "row", "id", "label", "group", "path"]
    images = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)
    paths = list(dict.fromkeys(images["path"]))
    found = look_at_all(competition.root, paths, reader=competition.reader, progress=progress)
    facts = dict(zip(paths, found, strict=True))
    images["facts"] = [facts[path] for path in images["path"]]
    images["path"] = [fact.path for fact in images["facts"]]
    images["fold"] = -1
    return images


def _unreadable(images: pd.DataFrame) -> list[Finding]:
    broken: list[ImageFacts] = [one for one in images["facts"] if one.error is not None]
    if not broken:
        return []
    names = tuple(dict.fromkeys(one.path for one in broken))
    why: dict[str, list[str]] = {}  # what is wrong with one file says nothing of another
    fixes: list[str] = []
    for one in broken:
        assert one.error is not None
        why.setdefault(one.error.message, []).append(one.path)
        if len(why) <= SHOWN_CAUSES:
            fixes.append(one.error.fix or "download them again")
    causes = [f"{some(dict.fromkeys(paths))}; {cause}" for cause, paths in why.items()]
    if len(causes) > SHOWN_CAUSES:
        causes[SHOWN_CAUSES:] = [f"and {len(causes) - SHOWN_CAUSES:,} more causes"]
    said = causes[0] if len(causes) == 1 else "".join(f"\n  - {cause}" for cause in causes)
    detail = f"{len(names):,} of {images['path'].nunique():,}: {said}"
    fix = "; ".join(dict.fromkeys(fixes))
    return [Finding("error", "images that cannot be read", detail, fix, names)]


def _sizes(images: pd.DataFrame) -> list[Finding]:
    findings = []
    for split in images["split"].unique():
        known = [f for f in images.loc[images["split"] == split, "facts"] if f.error is None]
        if not known:
            continue
        sides = np.array([[f.width, f.height] for f in known], dtype=np.float64)  # (N, 2)
        low, middle, high = (_size(fn(sides, axis=0)) for fn in (np.min, np.median, np.max))
        detail = f"{len(known):,} images, width × height: least {low}, median {middle}, most {high}"
        findings.append(Finding("note", f"sizes of {split}", detail))
        odd = tuple(known[i].path for i in np.flatnonzero(_is_odd(sides)))
        if odd:
            fix = "look at them: thumbnails, icons and broken downloads have odd sizes"
            findings.append(Finding("warning", f"odd sizes in {split}", counted(odd), fix, odd))
    return findings


def _size(sides: NDArray[np.float64]) -> str:
    return f"{sides[0]:.0f} × {sides[1]:.0f}"


def _range(competition: Competition, images: pd.DataFrame) -> list[Finding]:
    """Return a warning where images of more than 8 bits lie at one end of `data.reader.range`."""
    pixels = competition.pixels
    known = [fact.features for fact in images["facts"] if fact.error is None]
    if pixels.dtype == "uint8" or not known:
        return []
    features = np.stack(known)  # (N, features), of the images as people see them
    means = features[:, [FEATURES.index(colour) for colour in ("red", "green", "blue")]]
    spreads = features[:, [FEATURES.index(f"spread of {c}") for c in ("red", "green", "blue")]]
    high = np.median((means + 2 * spreads).max(axis=1)) / 255
    low = np.median((means - 2 * spreads).min(axis=1)) / 255
    if not (high < END_OF_RANGE or low > 1 - END_OF_RANGE):
        return []
    end = f"below {high:.2f}, nearly black" if high < END_OF_RANGE else f"above {low:.2f}, white"
    what = f"a network sees {pixels.low:g} as 0 and {pixels.high:g} as 1; most images lie"
    fix = "data.reader: {…, range: [lowest, highest]} with what the values really are"
    return [Finding("warning", "images at one end of their range", f"{what} {end}", fix)]


def _is_odd(sides: NDArray[np.float64]) -> NDArray[np.bool_]:
    area, aspect = np.sqrt(sides.prod(axis=1)), sides[:, 0] / sides[:, 1]
    far = np.abs(np.log(area / np.median(area))) > np.log(ODD_SIZE)
    long = np.abs(np.log(aspect / np.median(aspect))) > np.log(ODD_ASPECT)
    return np.asarray(far | long | (sides.min(axis=1) < TINY_PX))


def _folds(
    workspace: Workspace, competition: Competition, train: pd.DataFrame
) -> tuple[NDArray[np.int64], list[Finding]]:
    """Return the folds that are or would be (-1: there can be none), and what is wrong."""
    try:
        if workspace.folds_file.exists():
            return read_folds(workspace, competition, train), []
        return plan_folds(competition, train, workspace=workspace), []
    except DataError as error:
        return np.full(len(train), -1), [from_error(error, "folds that cannot be used")]


def _fold_of_images(images: pd.DataFrame, folds: NDArray[np.int64]) -> list[int]:
    is_train = images["split"] == "train"
    return [int(folds[row]) if t else -1 for row, t in zip(images["row"], is_train, strict=True)]


def _balance(
    competition: Competition, train: pd.DataFrame, folds: NDArray[np.int64]
) -> list[Finding]:
    if "classify" not in competition.tasks:
        return []
    if competition.kind == "regression":
        return [Finding("note", "labels", range_in_words(train["label"]))]
    names, counts = class_counts(competition, train["label"])
    order = np.argsort(-counts, kind="stable")
    shown = [f"{names[c]} {counts[c]:,}" for c in order]
    if len(shown) > SHOWN_CLASSES:
        half = SHOWN_CLASSES // 2
        shown = [*shown[:half], f"… {len(shown) - 2 * half} more …", *shown[-half:]]
    ratio = counts.max() / max(counts.min(), 1)
    n_missing = int(train["label"].isna().sum())
    missing = f", {n_missing:,} without a label" if n_missing else ""
    detail = f"{len(train):,} rows: {', '.join(shown)} (most to least {ratio:.1f} : 1){missing}"
    findings = [Finding("note", "class balance", detail)]
    if competition.open_set is not None and (folds >= 0).any():
        right = truth(train, competition)
        now = seen_truth(right, folds, scheme=competition.folds.scheme)
        findings.append(Finding("note", "open set", describe_new(competition, right, now)))
    n = n_folds(folds) or competition.folds.n
    rare = tuple(names[c] for c in order if counts[c] < n)
    if rare:
        fix = "make fewer folds, add rows, or expect folds in which the class is not scored"
        what = f"{counted(rare)} have fewer rows than the {n} folds"
        single = int((counts == 1).sum())
        if single:
            what += f"; {single:,} have one row, which no fold both learns and scores"
        findings.append(Finding("warning", "rare classes", what, fix, rare))
    return findings


def _told_apart(images: pd.DataFrame) -> list[Finding]:
    parts = {}
    for split in ("train", "test"):
        is_known = (images["split"] == split) & images["facts"].map(lambda fact: fact.error is None)
        parts[split] = images[is_known]
    if min(map(len, parts.values())) < LEAST_ROWS:
        detail = f"fewer than {LEAST_ROWS} images in one of them"
        return [Finding("note", "train against test: not compared", detail)]
    train, test = (np.stack([f.features for f in part["facts"]]) for part in parts.values())
    both = pd.concat(parts.values())
    groups = [
        fact.sha256 if pd.isna(group) else f"group {group}"
        for fact, group in zip(both["facts"], both["group"], strict=True)
    ]
    try:
        told = tell_apart(train, test, FEATURES, groups=groups)
    except DataError as error:
        return [Finding("note", "train against test: not compared", error.message)]
    auc = f"AUC {told.auc:.2f} ({told.low:.2f} to {told.high:.2f})"
    if told.low <= TOLD_APART:
        return [
            Finding("note", "train and test look alike", f"{auc} from sizes, colours and headers")
        ]
    away = [one for one in told.given_away[:3] if one.auc > TOLD_APART]
    by = ", ".join(
        f"{one.feature} (median {one.train_median:.4g} in train, {one.test_median:.4g} in test)"
        for one in away
    )
    return [
        Finding(
            "warning",
            "train and test can be told apart",
            f"{auc}; given away by {by or 'several numbers together'}",
            "find out why; validate on training rows that are like the test's",
            tuple(one.feature for one in away),
        )
    ]
