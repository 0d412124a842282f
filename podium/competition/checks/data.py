"""`check_data`: all checks of a data folder before training, for broken, leaking or odd data.

Here are also the checks of images that stand more than once (the same file, or the same picture in
another one) and of the extra sources.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from podium.competition import metrics
from podium.competition.checks import Finding, Level, count_with_examples, finding_from_error
from podium.competition.checks.adversarial import MIN_ROWS, adversarial_validation
from podium.competition.checks.drift import find_drift, save_drift, summarise_drift
from podium.competition.checks.image_facts import (
    FEATURES,
    ImageFacts,
    read_image_facts,
    save_checked_images,
)
from podium.competition.checks.masks import NO_MASK_OF, check_masks
from podium.competition.checks.near_duplicates import clusters, near_pairs, same_picture
from podium.competition.extra import as_train, load_extra, reword_for_extra
from podium.competition.fold_leaks import shared_names
from podium.competition.folds import n_folds
from podium.competition.folds_file import plan_folds, read_folds
from podium.competition.labels import class_counts, format_range
from podium.competition.open_set import describe_unseen, open_set_truth, refuse_open_set_metric
from podium.competition.samples import load_samples, truth
from podium.competition.spec import Competition
from podium.competition.tables import read_table
from podium.competition.units import describe_units, has_units
from podium.errors import DataError, some
from podium.tasks.protocols.names import of_images
from podium.workspace.layout import Workspace
from podium.workspace.progress import SILENT, Progress

__all__ = ["Finding", "check_data"]


_LEVELS: tuple[Level, ...] = ("error", "warning", "note")
_SPLITS: tuple[Literal["train", "unlabelled", "test"], ...] = ("train", "unlabelled", "test")

ODD_SIZE = 8  # a side this many times longer or shorter than the median is odd
ODD_ASPECT = 4  # a width-to-height ratio this many times the median's, or its inverse, is odd
TINY_PX = 16
DIFFERENT_AUC = 0.6  # an AUC whose interval lies above is reported as a warning
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
    findings, samples = _load(workspace, competition)
    findings += _metric(competition)
    unusable = _reader(competition)
    if unusable:
        return unusable + findings
    findings += _classes_of_test(competition)
    found, extras = load_extras(workspace, competition)
    findings += found
    parts = {extra_part_name(name): frame for name, frame in extras.items()}
    images = _image_rows(competition, {**samples, **parts}, progress)
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
    save_checked_images(workspace, images, [*duplicates.exact, *duplicates.near])
    if adversarial and {"train", "test"} <= samples.keys():
        findings += _train_against_test(images)
        findings += _drift(workspace, images)
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
            findings.append(finding_from_error(error, f"the {split} part cannot be read"))
    return findings, samples


def _metric(competition: Competition) -> list[Finding]:
    """Return an error for a metric that is none, cannot score the task, or has not the option."""
    spec = competition.metric
    try:
        task = competition.scored_task
        metrics.fitting(metrics.of(competition), competition.tasks[task], spec.options, task=task)
        refuse_open_set_metric(competition)
    except DataError as error:
        return [finding_from_error(error, "the metric cannot be used")]
    return []


def _reader(competition: Competition) -> list[Finding]:
    """Return an error for a reader of the user's own that cannot be loaded."""
    try:
        competition.reader.require()
    except DataError as error:
        return [finding_from_error(error, "the reader cannot be used")]
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


def _image_rows(
    competition: Competition, samples: dict[str, pd.DataFrame], progress: Progress
) -> pd.DataFrame:
    """Return one row a sample: split, row, id, label, group, path, facts.

    Of a sample with neighbouring slices of a volume, the facts are of its own slice.
    """
    own = competition.data.train.own_files
    parts = []
    for split, frame in samples.items():
        part = frame[["id", "unit", "label", "group"]].assign(
            split=split, row=np.arange(len(frame))
        )
        files = [tuple(paths[own]) for paths in frame["images"]]
        parts.append(part.assign(path=pd.Series(files, dtype=object, index=part.index)))
    columns = ["split", "row", "id", "unit", "label", "group", "path"]
    images = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)
    paths = list(dict.fromkeys(images["path"]))
    found = read_image_facts(competition.root, paths, reader=competition.reader, progress=progress)
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
    why: dict[str, list[str]] = {}  # the fault of one file may not be that of another
    fixes: list[str] = []
    for one in broken:
        assert one.error is not None
        why.setdefault(one.error.message, []).append(one.path)
        if len(why) <= SHOWN_CAUSES:
            fixes.append(one.error.fix or "download them again")
    causes = [f"{some(dict.fromkeys(paths))}; {cause}" for cause, paths in why.items()]
    if len(causes) > SHOWN_CAUSES:
        causes[SHOWN_CAUSES:] = [f"and {len(causes) - SHOWN_CAUSES:,} more causes"]
    shown_causes = causes[0] if len(causes) == 1 else "".join(f"\n  - {cause}" for cause in causes)
    detail = f"{len(names):,} of {images['path'].nunique():,}: {shown_causes}"
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
            findings.append(
                Finding("warning", f"odd sizes in {split}", count_with_examples(odd), fix, odd)
            )
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
    spreads = features[:, [FEATURES.index(f"spread of {c}") for c in ("red", "green", "blue")]]
    high = np.median((means + 2 * spreads).max(axis=1)) / 255
    low = np.median((means - 2 * spreads).min(axis=1)) / 255
    if not (high < END_OF_RANGE or low > 1 - END_OF_RANGE):
        return []
    end = f"below {high:.2f}, nearly black" if high < END_OF_RANGE else f"above {low:.2f}, white"
    what = f"a network's input is 0 at {pixels.low:g} and 1 at {pixels.high:g}; most images lie"
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
    """Return the existing or planned folds (-1: there can be none), and findings on them."""
    try:
        if workspace.folds_file.exists():
            return read_folds(workspace, competition, train), []
        return plan_folds(competition, train, workspace=workspace), []
    except DataError as error:
        return np.full(len(train), -1), [finding_from_error(error, "folds that cannot be used")]


def _fold_of_images(images: pd.DataFrame, folds: NDArray[np.int64]) -> list[int]:
    is_train = images["split"] == "train"
    return [int(folds[row]) if t else -1 for row, t in zip(images["row"], is_train, strict=True)]


def _balance(
    competition: Competition, train: pd.DataFrame, folds: NDArray[np.int64]
) -> list[Finding]:
    if not competition.has_labels:
        return []
    if competition.kind.is_continuous:
        return [Finding("note", "labels", format_range(train["label"]))]
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
        now = open_set_truth(right, folds, scheme=competition.folds.scheme)
        findings.append(Finding("note", "open set", describe_unseen(competition, right, now)))
    n = n_folds(folds) or competition.folds.n
    rare = tuple(names[c] for c in order if counts[c] < n)
    if rare:
        fix = "make fewer folds, add rows, or expect folds in which the class is not scored"
        what = f"{count_with_examples(rare)} have fewer rows than the {n} folds"
        single = int((counts == 1).sum())
        if single:
            what += f"; {single:,} have one row, which is never both in training and validation"
        findings.append(Finding("warning", "rare classes", what, fix, rare))
    return findings


def _train_against_test(images: pd.DataFrame) -> list[Finding]:
    parts = {}
    for split in ("train", "test"):
        is_known = (images["split"] == split) & images["facts"].map(lambda fact: fact.error is None)
        parts[split] = images[is_known]
    if min(map(len, parts.values())) < MIN_ROWS:
        detail = f"fewer than {MIN_ROWS} images in one of them"
        return [Finding("note", "train against test: not compared", detail)]
    train, test = (np.stack([f.features for f in part["facts"]]) for part in parts.values())
    both = pd.concat(parts.values())
    groups = [
        fact.sha256 if pd.isna(group) else f"group {group}"
        for fact, group in zip(both["facts"], both["group"], strict=True)
    ]
    try:
        result = adversarial_validation(train, test, FEATURES, groups=groups)
    except DataError as error:
        return [Finding("note", "train against test: not compared", error.message)]
    auc = f"AUC {result.auc:.2f} ({result.low:.2f} to {result.high:.2f})"
    if result.low <= DIFFERENT_AUC:
        return [
            Finding("note", "train and test look alike", f"{auc} from sizes, colours and headers")
        ]
    away = [one for one in result.predictive[:3] if one.auc > DIFFERENT_AUC]
    by = ", ".join(
        f"{one.feature} (median {one.train_median:.4g} in train, {one.test_median:.4g} in test)"
        for one in away
    )
    return [
        Finding(
            "warning",
            "train and test differ",
            f"{auc}; given away by {by or 'several numbers together'}",
            "find out why; validate on training rows that are like the test's",
            tuple(one.feature for one in away),
        )
    ]


def _drift(workspace: Workspace, images: pd.DataFrame) -> list[Finding]:
    """Keep how the test set differs from train, and return how much of it is unlike train."""
    try:
        drift = find_drift(images)
    except DataError:  # too few groups, which the comparison has told
        drift = None
    save_drift(workspace, drift)
    if drift is None or not drift.differs:
        return []
    found = summarise_drift(drift)
    items = tuple(one.path for one in found.unlike)
    return [Finding("note", "test images unlike train", found.sentence, found.advice, items)]


@dataclass(frozen=True)
class Duplicates:
    """Sets of rows that show one picture.

    Attributes:
        exact: of equal files.
        near: of different files; of equal ones among them the first stands for all.
    """

    exact: list[NDArray[np.int64]]
    near: list[NDArray[np.int64]]


def find_duplicates(images: pd.DataFrame) -> Duplicates:
    """Return the sets of samples that are one picture.

    Args:
        images: one row a sample, with its facts.
    """
    facts: list[ImageFacts] = list(images["facts"])
    representatives = _one_of_each(facts)
    hashes = np.array([facts[i].hash for i in representatives], dtype=np.uint64)
    thumbnails = np.array([facts[i].thumbnail for i in representatives])
    pairs = (
        same_picture(thumbnails, near_pairs(hashes)) if len(hashes) > 1 else np.empty((0, 2), int)
    )
    near = clusters(representatives[pairs], len(facts)) if len(pairs) else []
    return Duplicates(_equal(facts), near)


def check_duplicates(images: pd.DataFrame, found: Duplicates | None = None) -> list[Finding]:
    """Return findings on images that are one picture, by the parts that share them.

    Args:
        images: one row a sample: split, label, fold (-1: none), path, facts.
        found: the result of `find_duplicates`, if there is one.
    """
    found = found or find_duplicates(images)
    return [
        *_duplicate_findings(images, found.exact, "identical images"),
        *_duplicate_findings(images, found.near, "near-duplicate images"),
    ]


def _equal(facts: Sequence[ImageFacts]) -> list[NDArray[np.int64]]:
    by_content = pd.Series([fact.sha256 or f"?{i}" for i, fact in enumerate(facts)])
    groups = by_content.groupby(by_content, sort=False).indices.values()
    return [np.sort(rows) for rows in groups if len(rows) > 1]


def _one_of_each(facts: Sequence[ImageFacts]) -> NDArray[np.int64]:
    """Return the first position of every content that has a meaningful hash."""
    first: dict[str, int] = {}
    for i, fact in enumerate(facts):
        if fact.error is None and not fact.is_flat:
            first.setdefault(fact.sha256, i)
    return np.array(list(first.values()), dtype=np.int64)


def _duplicate_findings(
    images: pd.DataFrame, found: list[NDArray[np.int64]], what: str
) -> list[Finding]:
    """Return findings on clusters of one picture, by the parts that share it."""
    splits, paths = images["split"].to_numpy(), images["path"].to_numpy()
    kinds: dict[str, list[str]] = {
        "test": [],
        "labels": [],
        "folds": [],
        "unlabelled": [],
        "same": [],
        "extra": [],
        "extra test": [],
    }
    for rows in found:
        named = " = ".join(dict.fromkeys(paths[rows]))
        train = rows[splits[rows] == "train"]
        others = set(splits[rows]) - {"train"}
        is_extra = any(part.startswith(extra_part_name("")) for part in others)
        if is_extra and len(train):
            kinds["extra"].append(named)
        if is_extra and "test" in others:
            kinds["extra test"].append(named)
        if len(train) and "test" in others:
            kinds["test"].append(named)
        if len({str(label) for label in images["label"].iloc[train]}) > 1:
            kinds["labels"].append(named)
        if len(set(images["fold"].iloc[train])) > 1:
            kinds["folds"].append(named)
        elif len(train) and "unlabelled" in others:
            kinds["unlabelled"].append(named)
        elif not is_extra and not (len(train) and others):
            kinds["same"].append(named)
    texts: dict[str, tuple[Level, str, str]] = {
        "test": (
            "warning",
            "in train and test",
            "train on them knowingly: the test score of these is known",
        ),
        "labels": ("warning", "with different labels", "mend the labels, or leave these rows out"),
        "folds": (
            "warning",
            "in different folds",
            "give them one group, and use scheme stratified_group",
        ),
        "unlabelled": ("note", "in train and unlabelled", ""),
        "same": ("note", "within one part", ""),
        "extra": (
            "warning",
            "in train and an extra source",
            "take them out of the extra source: the score of folds that validate them would be a "
            "lie, and training with the same file is refused",
        ),
        "extra test": (
            "warning",
            "in test and an extra source",
            "train on them only if the rules allow labels of test images",
        ),
    }
    return [
        Finding(
            texts[kind][0],
            f"{what} {texts[kind][1]}",
            count_with_examples(items),
            texts[kind][2],
            tuple(items),
        )
        for kind, items in kinds.items()
        if items
    ]


def extra_part_name(name: str) -> str:
    """Return what findings call the extra source `name`."""
    return f"extra {name}"


def load_extras(
    workspace: Workspace, competition: Competition
) -> tuple[list[Finding], dict[str, pd.DataFrame]]:
    """Return findings on the extra sources, and the samples of those that can be read."""
    findings: list[Finding] = []
    samples: dict[str, pd.DataFrame] = {}
    for name in competition.data.extra:
        try:
            samples[name] = load_extra(competition, name, workspace=workspace)
        except DataError as error:
            findings.append(finding_from_error(error, f"{extra_part_name(name)} cannot be read"))
    return findings, samples


def check_extras(
    workspace: Workspace,
    competition: Competition,
    extras: Mapping[str, pd.DataFrame],
    train: pd.DataFrame | None,
    *,
    progress: Progress = SILENT,
) -> list[Finding]:
    """Return findings on the extra sources, with the errors for which training would refuse them.

    Args:
        workspace: its cache keeps the facts of each mask.
        competition: configures the sources.
        extras: name → samples, as `load_extras` returns them.
        train: the samples of train; None where they cannot be read.
        progress: of the reading of masks.
    """
    findings: list[Finding] = []
    for name, samples in extras.items():
        findings += _labels(competition, name, samples)
        if competition.data.extra[name].mask is not None:
            found = check_masks(workspace, as_train(competition, name), samples, progress=progress)
            findings += [_with_source(one, name) for one in found if one.title != NO_MASK_OF]
        if train is not None:
            findings += _shared_with_train(name, samples, train)
    return findings


def _with_source(finding: Finding, name: str) -> Finding:
    return replace(
        finding,
        title=f"{extra_part_name(name)}: {finding.title}",
        detail=reword_for_extra(finding.detail, name),
        fix=reword_for_extra(finding.fix, name),
    )


def _labels(competition: Competition, name: str, samples: pd.DataFrame) -> list[Finding]:
    labels = samples["label"].dropna()
    if not competition.has_labels or not len(labels):
        return []
    if competition.kind.is_continuous:
        detail = f"{len(labels):,} images: {format_range(labels)}"
        return [Finding("note", f"{extra_part_name(name)}: labels", detail)]
    names, counts = class_counts(competition, labels)
    order = [c for c in np.argsort(-counts, kind="stable") if counts[c]]
    shown = [f"{names[c]} {counts[c]:,}" for c in order[:SHOWN_CLASSES]]
    if len(order) > SHOWN_CLASSES:
        shown.append(f"{len(order) - SHOWN_CLASSES} more")
    detail = f"{len(labels):,} images: {', '.join(shown)}"
    return [Finding("note", f"{extra_part_name(name)}: labels", detail)]


def _shared_with_train(name: str, samples: pd.DataFrame, train: pd.DataFrame) -> list[Finding]:
    """Return warnings on groups and ids that train has, too: their folds would leak."""
    findings = []
    fixes = {
        "group": "training with them is refused: take the images of these groups out",
        "unit": "training with them is refused: take the images of these units out",
        "id": "training with them is refused: write ids of their own, as "
        f"id: '{name}-{{stem}}', or take out what was made of train's images",
    }
    for column, word in (("group", "groups"), ("id", "ids"), ("unit", "units")):
        if column == "unit" and not has_units(samples, train):
            continue
        both = tuple(shared_names(*(one[column].dropna().astype(str) for one in (samples, train))))
        if both:
            title = f"{extra_part_name(name)}: {word} that train has, too"
            findings.append(
                Finding("warning", title, count_with_examples(both), fixes[column], both)
            )
    return findings
