"""`check_data`: all checks of a data folder before training, for broken, leaking or odd data.

Here are also the checks of images that stand more than once (the same file, or the same picture in
another one) and of the extra sources.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from PIL import Image

from podium.competition import metrics
from podium.competition.checks import (
    Finding,
    Level,
    count_with_examples,
    finding_from_error,
    joined,
    line_of,
)
from podium.competition.checks.adversarial import MIN_ROWS, adversarial_validation
from podium.competition.checks.alike_units import alike_units
from podium.competition.checks.drift import drift_groups, find_drift, save_drift, summarise_drift
from podium.competition.checks.image_facts import (
    FEATURES,
    ImageFacts,
    read_image_facts,
    save_checked_images,
)
from podium.competition.checks.masks import NO_MASK_OF, check_codec, check_masks
from podium.competition.checks.name_groups import check_names
from podium.competition.checks.near_duplicates import clusters, near_pairs, same_picture
from podium.competition.checks.second_look import look_again
from podium.competition.checks.sequences import (
    ImageSequence,
    find_sequences,
    split_into_scenes,
)
from podium.competition.folds import n_folds
from podium.competition.folds.file import (
    describe_unvalidated,
    has_runs,
    move_runs,
    plan_folds,
    read_folds,
)
from podium.competition.folds.leaks import shared_names
from podium.competition.folds.open_set import (
    describe_unseen,
    lacks_unseen,
    name_threshold,
    open_set_truth,
    refuse_open_set_metric,
)
from podium.competition.samples import as_train, load_extra, load_samples, reword_for_extra, truth
from podium.competition.scores.combination import check_combination, check_part
from podium.competition.sections.tasks import Combination, combination_of
from podium.competition.spec import Competition
from podium.competition.spelling import (
    composed_otherwise,
    counted,
    joined_otherwise,
    spelt_alike,
)
from podium.competition.tables import read_table
from podium.competition.truths.labels import class_counts, format_range
from podium.competition.truths.pixels import BROKEN_FIX
from podium.competition.truths.targets import targets_of
from podium.competition.units import describe_units, has_units
from podium.errors import DataError, some
from podium.tasks.protocols.names import IMAGES, of_images
from podium.workspace.layout import Workspace
from podium.workspace.progress import SILENT, Progress

__all__ = ["LEVELS", "Finding", "check_data", "duplicate_groups", "sequence_groups"]


_SPREADS = [FEATURES.index(f"spread of {one}") for one in ("red", "green", "blue")]
_BLANK_SPREAD = 1.0  # of 255
_MANY_BLANK = 0.02
LEVELS: tuple[Level, ...] = ("error", "warning", "note")
_SPLITS: tuple[Literal["train", "unlabelled", "test"], ...] = ("train", "unlabelled", "test")

ODD_SIZE = 8  # a side this many times longer or shorter than the median is odd
ODD_ASPECT = 4  # a width-to-height ratio this many times the median's, or its inverse, is odd
TINY_PX = 16
DIFFERENT_AUC = 0.6  # an AUC whose interval lies above is reported as a warning
SHOWN_CLASSES = 12
SHOWN_CAUSES = 4
_LISTED_IDS = 10
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
    findings += _classes_of_test(competition) + _ids_composed_otherwise(samples)
    found, extras = load_extras(workspace, competition)
    findings += found
    parts = {extra_part_name(name): frame for name, frame in extras.items()}
    images = _image_rows(competition, {**samples, **parts}, progress)
    findings += _unreadable(images) + _sizes(images) + _of_one_colour(images)
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
        findings += _balance(competition, samples["train"], folds)
        test_ids = samples["test"]["id"].tolist() if "test" in samples else []
        findings += check_names(competition, samples["train"], test_ids, folds)
        images["fold"] = _fold_of_images(images, folds)
    findings += check_extras(
        workspace, competition, extras, samples.get("train"), progress=progress
    )
    sequences = sequences_of_train(images)
    findings += _sequences(images, sequences)
    duplicates = find_duplicates(competition, images, sequences=sequences, progress=progress)
    numbers = _NumberLabels.of(competition, images, samples.get("train"))
    alone: list[Finding] = []
    of_cases = duplicates
    if competition.scores_units and has_units(images):
        of_cases, alone = _of_whole_units(images, duplicates)
    findings += check_duplicates(images, of_cases, numbers, units=of_cases is not duplicates)
    findings += alone
    save_checked_images(workspace, competition, images, [*duplicates.exact, *duplicates.near])
    if adversarial and {"train", "test"} <= samples.keys():
        findings += _train_against_test(images)
        findings += _drift(workspace, images)
    findings = [_after_runs(workspace, finding) for finding in findings]
    return sorted(findings, key=lambda finding: LEVELS.index(finding.level))


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
            found = finding_from_error(error, f"the {split} part cannot be read")
            findings.append(replace(found, where=line_of(competition, *_keys(error, split))))
    return findings, samples


def _after_runs(workspace: Workspace, finding: Finding) -> Finding:
    """Return a finding with what comes before folds are made anew, where runs are in the way."""
    if not finding.mend.endswith(" --redo") or not has_runs(workspace):
        return finding
    return replace(
        finding, mend=f"first {move_runs(workspace)}, as runs have these folds: {finding.mend}"
    )


_KEY_OF_FOLDS = re.compile(r"\((folds)\.(\w+)\)")


def _keys(error: DataError, split: str) -> Sequence[str]:
    """Return the keys of competition.yaml to look at where a part cannot be read."""
    of_folds = _KEY_OF_FOLDS.search(error.message)
    if of_folds is not None:
        return of_folds.groups()
    return ("classes",) if "unknown class" in error.message else ("data", split)


def _metric(competition: Competition) -> list[Finding]:
    """Return an error for a metric that is none, cannot score the task, or has not the option."""
    spec = competition.metric
    combination = combination_of(spec)
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


def _image_rows(
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


def _unreadable(images: pd.DataFrame) -> list[Finding]:
    broken: list[ImageFacts] = [one for one in images["facts"] if one.error is not None]
    if not broken:
        return []
    shown = dict(zip(images["path"], images["shown"], strict=True))
    names = tuple(dict.fromkeys(shown[one.path] for one in broken))
    why: dict[str, list[str]] = {}  # the fault of one file may not be that of another
    fixes: list[str] = []
    for one in broken:
        assert one.error is not None
        why.setdefault(one.error.message, []).append(shown[one.path])
        if len(why) <= SHOWN_CAUSES:
            fixes.append(one.error.fix or "download them again")
    causes = [f"{some(dict.fromkeys(paths))}; {cause}" for cause, paths in why.items()]
    if len(causes) > SHOWN_CAUSES:
        causes[SHOWN_CAUSES:] = [f"and {len(causes) - SHOWN_CAUSES:,} more causes"]
    shown_causes = causes[0] if len(causes) == 1 else "".join(f"\n  - {cause}" for cause in causes)
    detail = f"{len(names):,} of {images['path'].nunique():,}: {shown_causes}"
    fix = "; ".join(dict.fromkeys(fixes))
    is_broken = np.array([one.error is not None for one in images["facts"]])
    of_parts = {
        str(name): list(ids) for name, ids in images[is_broken].groupby("split", sort=False)["id"]
    }
    if fix == BROKEN_FIX and max(map(len, of_parts.values())) <= _LISTED_IDS:
        listed = " and ".join(_exclude_of(part, ids) for part, ids in of_parts.items())
        fix = f"download them again, or write {listed}"
    return [Finding("error", "images that cannot be read", detail, fix, names)]


def _exclude_of(part: str, ids: Sequence[str]) -> str:
    """Return the line of competition.yaml that leaves samples of a part out, and what follows."""
    key = part.replace(" ", ".")  # of an extra source
    line = f"exclude: [{', '.join(map(repr, ids))}] below data.{key}"
    if part == "test":
        return f"{line}, then their rows of the file hold what is most frequent in train"
    return line


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
        detail = f"{len(known):,} images, width × height: least {low}, median {middle}, most {high}"
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
        f"{len(deep):,} of {images['shown'].nunique():,} images have 16 bits, of which the higher "
        f"8 are read, and are nearly black so: {some(deep)}"
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
        lacking: list[str] = []
        if workspace.folds_file.exists():
            folds = read_folds(workspace, competition, train)
        else:
            folds = plan_folds(competition, train, workspace=workspace, told=lacking)
        told = describe_unvalidated(train, folds, scheme=competition.folds.scheme)
        findings = [] if told is None else [Finding("note", "rows that share files", told)]
        return folds, [*findings, *_lacking(competition, lacking)]
    except DataError as error:
        return np.full(len(train), -1), [finding_from_error(error, "folds that cannot be used")]


def _lacking(competition: Competition, sentences: Sequence[str]) -> list[Finding]:
    """Return a finding on the classes that some fold of `competition.yaml` lacks."""
    if not sentences or competition.open_set is not None:  # there, such a class is new to the fold
        return []
    spec = competition.folds
    fix = f"make fewer folds than {spec.n}: write another n below folds"
    if "group" in spec.scheme:
        fix += "; rows of one group are in one fold, and such a class is of few groups"
    detail = f"{'; '.join(sentences)}: no score of such a fold is of that class"
    where = line_of(competition, "folds")
    return [Finding("warning", "classes that a fold lacks", detail, fix, where=where)]


def _fold_of_images(images: pd.DataFrame, folds: NDArray[np.int64]) -> list[int]:
    is_train = images["split"] == "train"
    return [int(folds[row]) if t else -1 for row, t in zip(images["row"], is_train, strict=True)]


def _balance(
    competition: Competition, train: pd.DataFrame, folds: NDArray[np.int64]
) -> list[Finding]:
    if not competition.has_labels:
        return []
    if competition.kind.is_continuous:
        return [
            Finding("note", "labels", format_range(train["label"], competition.classes_of(IMAGES)))
        ]
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
    sizes = dict(zip(names, counts.tolist(), strict=True))
    findings = [Finding("note", "class balance", detail), *_classes_spelt_alike(competition, sizes)]
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


def _classes_spelt_alike(competition: Competition, sizes: Mapping[str, int]) -> list[Finding]:
    """Return classes that are likely one, written twice: by case, blanks or signs alone."""
    names = competition.classes_of(IMAGES)
    joined = tuple(" and ".join(counted(each, sizes)) for each in joined_otherwise(names))
    fix = "if they are one class, write it one way in the table, and once under classes"
    found = (
        ("spelt alike", "case or blanks", tuple(spelt_alike(names))),
        ("of the same words", "the signs between words", joined),
    )
    return [
        Finding("warning", f"classes that are {how}", f"names that differ by {by} alone", fix, each)
        for how, by, each in found
        if each
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
    groups = drift_groups(both)
    try:
        result = adversarial_validation(train, test, FEATURES, groups=groups)
    except DataError as error:
        return [Finding("note", "train against test: not compared", error.message)]
    auc = f"AUC {result.auc:.2f} ({result.low:.2f} to {result.high:.2f})"
    if result.low <= DIFFERENT_AUC:
        title, below = "train and test look alike", ""
        if result.auc > DIFFERENT_AUC:
            title, below = "train and test may differ", "; of so few images that may be chance, too"
        elif result.high < 0.5:
            below = "; less than 0.5 is chance, too"
        return [
            Finding(
                "note",
                title,
                f"{auc} from sizes, colours and headers{below}",
            )
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
            "find out why, and rely on the score on train rows that look like the test",
            tuple(one.feature for one in away),
            count=-1,
        )
    ]


def _drift(workspace: Workspace, images: pd.DataFrame) -> list[Finding]:
    """Keep how the test set differs from train, and return how much of it is unlike train."""
    try:
        drift = find_drift(images)
    except DataError:  # too few groups, as the comparison has reported
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


_ROUNDS = 4


def find_duplicates(
    competition: Competition,
    images: pd.DataFrame,
    *,
    sequences: Iterable[ImageSequence] = (),
    progress: Progress = SILENT,
) -> Duplicates:
    """Return the sets of samples that are one picture.

    Args:
        competition: locates and reads the files, for a second look at candidates.
        images: one row a sample, with its files and facts.
        sequences: whose neighbours are not compared; they are known to be alike.
        progress: of that look.
    """
    facts: list[ImageFacts] = list(images["facts"])
    files = list(images["files"])
    if _share_files(files):
        return Duplicates(_equal(facts), _alike_in_all(competition, facts, files, progress))
    sequence = np.full(len(facts), -1)
    for number, one in enumerate(sequences):
        sequence[one.rows] = number
    near = _near(competition, facts, files, sequence, progress)
    for at in range(1, max(map(len, files), default=1)):
        near = _alike_at(competition, files, near, at, progress)
    return Duplicates(_equal(facts), clusters(near, len(facts)))


def _share_files(files: Sequence[tuple[str, ...]]) -> bool:
    """Return whether rows of several files each, as pairs, share some."""
    every = [path for paths in files for path in set(paths) if path]
    return any(len(paths) > 1 for paths in files) and len(set(every)) < len(every)


def _near(
    competition: Competition,
    facts: Sequence[ImageFacts],
    files: Sequence[tuple[str, ...]],
    sequence: NDArray[np.int64],
    progress: Progress,
) -> NDArray[np.int64]:
    """Return pairs `(P, 2)` of images of different content whose pictures are one."""
    representatives = _one_of_each(facts)
    if len(representatives) < 2:
        return np.empty((0, 2), dtype=np.int64)
    hashes = np.array([facts[i].hash for i in representatives], dtype=np.uint64)
    thumbnails = np.array([facts[i].thumbnail for i in representatives])
    sequence = sequence[representatives]
    found_files = [_absolute(competition, files[i]) for i in representatives]
    found = []
    candidates = near_pairs(hashes)
    for _ in range(_ROUNDS):
        pairs = same_picture(thumbnails, candidates)
        is_of_one = (sequence[pairs] >= 0).all(axis=1) & (
            sequence[pairs[:, 0]] == sequence[pairs[:, 1]]
        )
        kept = look_again(
            found_files, pairs[~is_of_one], reader=competition.reader, progress=progress
        )
        found.append(kept)
        # Of equal hashes each was compared with the first only: those that are not its copies may
        # be copies of each other.
        is_equal = hashes[candidates[:, 0]] == hashes[candidates[:, 1]]
        left = np.setdiff1d(candidates[is_equal].max(axis=1, initial=-1), kept)
        candidates = left[near_pairs(hashes[left], max_distance=0)]
        if len(candidates) == 0:
            break
    return representatives[np.concatenate(found)]


def _absolute(competition: Competition, paths: Sequence[str]) -> list[Path | None]:
    return [competition.root / path if path else None for path in paths]


def _alike_at(
    competition: Competition,
    files: Sequence[tuple[str, ...]],
    pairs: NDArray[np.int64],
    at: int,
    progress: Progress,
) -> NDArray[np.int64]:
    """Return those of `pairs` `(P, 2)` of rows whose files at place `at` are one picture, too.

    The picture of a row is that of its first channels: of its first file, mostly.
    """
    own = [paths[at] if at < len(paths) else "" for paths in files]
    is_same = np.array([own[one] == own[other] for one, other in pairs], dtype=bool)
    is_there = np.array([bool(own[one] and own[other]) for one, other in pairs], dtype=bool)
    each = [_absolute(competition, [path]) for path in own]
    looked = look_again(
        each, pairs[~is_same & is_there], reader=competition.reader, progress=progress
    )
    return np.concatenate([pairs[is_same], looked])


def _alike_in_all(
    competition: Competition,
    facts: Sequence[ImageFacts],
    files: Sequence[tuple[str, ...]],
    progress: Progress,
) -> list[NDArray[np.int64]]:
    """Return sets of rows of different content of which each file is one picture, in its place.

    Each file is compared once, however many rows have it.
    """
    paths = sorted({path for each in files for path in each if path})
    singles = [(path,) for path in paths]
    of_files = read_image_facts(
        competition.root, singles, reader=competition.reader, progress=progress
    )
    nowhere = np.full(len(paths), -1)
    near = _near(competition, of_files, singles, nowhere, progress)
    equal = [np.column_stack([rows[:-1], rows[1:]]) for rows in _equal(of_files)]
    picture = np.arange(len(paths))
    for rows in clusters(np.concatenate([near, *equal]), len(paths)):
        picture[rows] = rows[0]
    of_path = {"": -1, **dict(zip(paths, picture.tolist(), strict=True))}
    first: dict[str, int] = {}  # of each content
    for row, fact in enumerate(facts):
        if fact.error is None:
            first.setdefault(fact.sha256, row)
    alike: dict[tuple[int, ...], list[int]] = {}
    for row in first.values():
        alike.setdefault(tuple(of_path[path] for path in files[row]), []).append(row)
    return [np.array(rows) for rows in alike.values() if len(rows) > 1]


def sequences_of_train(images: pd.DataFrame) -> list[ImageSequence]:
    """Return the sequences among the images of train, by rows of `images`."""
    rows = np.flatnonzero((images["split"] == "train").to_numpy())
    facts: list[ImageFacts] = list(images["facts"].to_numpy()[rows])
    if not facts:
        return []
    found = find_sequences(
        [str(name) for name in images["id"].iloc[rows]],
        np.array([fact.thumbnail for fact in facts]),
        np.array([fact.error is None and not fact.is_flat for fact in facts]),
    )
    return [replace(one, rows=rows[one.rows]) for one in found]


def _sequences(images: pd.DataFrame, found: Sequence[ImageSequence]) -> list[Finding]:
    """Return a finding on images of train that follow each other, a warning if folds part them."""
    if not found:
        return []
    folds, shown = images["fold"].to_numpy(), images["shown"].to_numpy()
    torn = [one for one in found if len(set(folds[one.rows])) > 1]
    listed = torn or list(found)
    n = sum(map(len, listed))
    items = tuple(f"{shown[one.rows[0]]} … {shown[one.rows[-1]]} ({len(one):,})" for one in listed)
    beside = (
        f"{n:,} train images are of {len(listed):,} sequences, as frames of a video or slices of a "
        "volume are: their names count on, and neighbours look alike"
    )
    pictures = tuple(tuple(shown[one.rows[:4]]) for one in listed)
    what = f"{beside}; {some(items, 3)}"
    title = "sequences of images"
    finding = Finding("note", title, what, "", items, n, pictures=pictures, beside=beside)
    if not torn:
        return [finding]
    fix = "keep a sequence in one fold; else the score is of rows that the network remembers"
    title = f"{title} in different folds"
    return [replace(finding, level="warning", title=title, fix=fix, mend=_MEND_SEQUENCES)]


_MEND_DUPLICATES = "podium folds --group duplicates --redo"
_MEND_SEQUENCES = "podium folds --group drift:sequence --redo"


def duplicate_groups(
    workspace: Workspace, competition: Competition, *, progress: Progress = SILENT
) -> list[NDArray[np.int64]]:
    """Return the sets of rows of train that show one picture, as `podium check` finds them.

    Raises:
        DataError: train cannot be read.
    """
    images = _train_rows(workspace, competition, progress)
    found = find_duplicates(
        competition, images, sequences=sequences_of_train(images), progress=progress
    )
    near = found.near
    if competition.scores_units and has_units(images):
        near = alike_units(_units_of_images(images), [*found.exact, *near])
    return [*found.exact, *near]


def sequence_groups(
    workspace: Workspace,
    competition: Competition,
    *,
    most: int,
    progress: Progress = SILENT,
) -> list[NDArray[np.int64]]:
    """Return the rows of train of each sequence that `podium check` finds.

    A sequence of more than `most` rows, which would fill folds alone, is cut where its picture
    changes altogether.

    Raises:
        DataError: train cannot be read.
    """
    found = sequences_of_train(_train_rows(workspace, competition, progress))
    return [
        part
        for one in found
        for part in (split_into_scenes(one) if len(one) > most else [one.rows])
    ]


def _train_rows(workspace: Workspace, competition: Competition, progress: Progress) -> pd.DataFrame:
    train = load_samples(competition, "train", workspace=workspace)
    return _image_rows(competition, {"train": train}, progress)


_FAR_APART = 1.0
"""Standard deviations of the labels of train: of numbers, images that are nearly one picture may
differ by less in just what is asked, as the level of the water on photographs of one gauge."""


@dataclass(frozen=True)
class _NumberLabels:
    """The labels of train where they are numbers, or classes in an order.

    Attributes:
        values: `(N, C)`, of all images; nan where there is none.
        spread: `(C,)`, the standard deviation over train.
        is_circular: whether they are directions in degrees.
    """

    values: NDArray[np.float64]
    spread: NDArray[np.float64]
    is_circular: bool

    @classmethod
    def of(
        cls, competition: Competition, images: pd.DataFrame, train: pd.DataFrame | None
    ) -> _NumberLabels | None:
        """Return the labels of `train` in the order of `images`; None where they are no numbers."""
        if train is None or not competition.has_labels:
            return None
        kind = competition.kind
        if not (kind.is_continuous or kind.is_ordered):
            return None
        known = train["label"].notna().to_numpy()
        if not known.any():
            return None
        found = targets_of(kind).as_array(train["label"][known], len(competition.classes))
        numbers = np.asarray(found, dtype=np.float64).reshape(int(known.sum()), -1)
        of_train = np.full((len(train), numbers.shape[1]), np.nan)
        of_train[known] = numbers
        values = np.full((len(images), numbers.shape[1]), np.nan)
        is_train = (images["split"] == "train").to_numpy()
        values[is_train] = of_train[images["row"].to_numpy()[is_train]]
        return cls(values, _spread(numbers, is_circular=kind.is_circular), kind.is_circular)

    def are_far_apart(self, rows: NDArray[np.int64]) -> bool:
        """Return whether two of these rows differ by more than one standard deviation."""
        of_rows = self.values[rows]
        gaps = _gaps(of_rows[:, None], of_rows[None], is_circular=self.is_circular)
        return bool((gaps > _FAR_APART * self.spread).any())


def _gaps(
    one: NDArray[np.float64], other: NDArray[np.float64], *, is_circular: bool
) -> NDArray[np.float64]:
    apart = np.abs(one - other)
    return np.minimum(apart, 360 - apart) if is_circular else apart


def _spread(numbers: NDArray[np.float64], *, is_circular: bool) -> NDArray[np.float64]:
    """Return the standard deviation of each column, nan left out."""
    if not is_circular:
        return np.array([np.std(one[~np.isnan(one)]) for one in numbers.T])
    # Half of the mean square of what two differ by, as of numbers on a line.
    drawn = np.random.default_rng(0).permutation(len(numbers))
    gaps = _gaps(numbers, numbers[drawn], is_circular=True)
    return np.asarray(np.sqrt(np.nanmean(gaps**2, axis=0) / 2))


def check_duplicates(
    images: pd.DataFrame,
    found: Duplicates,
    numbers: _NumberLabels | None = None,
    *,
    units: bool = False,
) -> list[Finding]:
    """Return findings on images that are one picture, by the parts that share them.

    Args:
        images: one row a sample: split, label, fold (-1: none), path, facts.
        found: the result of `find_duplicates`.
        numbers: the labels, where they are numbers: of pictures that are nearly one only those that
            are far apart are reported.
        units: whether the near ones are of units that are alike as a whole.
    """
    near = "units of near-duplicate images" if units else "near-duplicate images"
    return [
        *_duplicate_findings(images, found.exact, "identical images", numbers),
        *_duplicate_findings(images, found.near, near, numbers, is_near=True),
    ]


def _units_of_images(images: pd.DataFrame) -> NDArray[np.int64]:
    """Return the number of each image's unit, `(N,)`; a name in two parts is of two units."""
    return np.asarray(images.groupby(["split", "unit"], sort=False).ngroup(), dtype=np.int64)


def _of_whole_units(images: pd.DataFrame, found: Duplicates) -> tuple[Duplicates, list[Finding]]:
    """Return the near ones of units that are alike as a whole, and a note on the other ones.

    Of each of these units one image stands for all. Equal files stay what they are.
    """
    unit_of = _units_of_images(images)
    whole = alike_units(unit_of, [*found.exact, *found.near])
    seen = np.concatenate([np.empty(0, dtype=np.int64), *whole])
    near = [rows[np.unique(unit_of[rows], return_index=True)[1]] for rows in whole]
    alone = [rows for rows in found.near if not np.isin(rows, seen).all()]
    if not alone:
        return replace(found, near=near), []
    shown = images["shown"].to_numpy()
    named = [tuple(dict.fromkeys(shown[rows])) for rows in alone]
    return replace(found, near=near), [
        Finding.listing(
            "note",
            "near-duplicate images of units that differ in others",
            tuple(" = ".join(one) for one in named),
            examples=[joined(one) for one in named],
            pictures=tuple(named),
        )
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


_DIFFER = {
    "classes": ("with different labels", "mend the labels, or leave these rows out"),
    "numbers": (
        "with different labels",
        "look at them: one file has one answer; keep the right row, or one with the mean",
    ),
    "units": (
        "with different labels",
        "look at them: where the pictures differ in what is asked, the labels are right and stay; "
        "else mend them",
    ),
    "near numbers": (
        "with labels far apart",
        "look at them: the labels differ by more than the standard deviation over train. Where the "
        "pictures differ in what is asked, they are right and stay; else mend the labels",
    ),
}


def _duplicate_findings(
    images: pd.DataFrame,
    found: list[NDArray[np.int64]],
    what: str,
    numbers: _NumberLabels | None,
    *,
    is_near: bool = False,
) -> list[Finding]:
    """Return findings on clusters of one picture, by the parts that share it."""
    splits, paths = images["split"].to_numpy(), images["shown"].to_numpy()
    labels, answered = images["label"].to_numpy(), images["answered"].to_numpy()
    kinds: dict[str, list[tuple[str, ...]]] = {
        "test": [],
        "labels": [],
        "folds": [],
        "unlabelled": [],
        "same": [],
        "extra": [],
        "extra test": [],
    }
    n_known = 0  # sets whose test images have a label in train
    for rows in found:
        named = tuple(dict.fromkeys(paths[rows]))
        train = rows[splits[rows] == "train"]
        others = set(splits[rows]) - {"train"}
        is_extra = any(part.startswith(extra_part_name("")) for part in others)
        of_train = {str(labels[row]) for row in train}
        if is_extra and len(train):
            kinds["extra"].append(named)
        if is_extra and "test" in others:
            kinds["extra test"].append(named)
        if len(train) and "test" in others:
            kinds["test"].append(named)
            n_known += len(of_train) == 1 and bool(answered[train[0]])
        is_far = numbers is None or not is_near or numbers.are_far_apart(train)
        if len(of_train) > 1 and is_far:
            kinds["labels"].append(named)
        if len(set(images["fold"].iloc[train])) > 1:
            kinds["folds"].append(named)
        elif len(train) and "unlabelled" in others:
            kinds["unlabelled"].append(named)
        elif not is_extra and not (len(train) and others):
            kinds["same"].append(named)
    differ = "units" if what.startswith("units") else "classes"
    differ = differ if numbers is None else "near numbers" if is_near else "numbers"
    texts: dict[str, tuple[Level, str, str]] = {
        "test": ("warning", "in train and test", _of_test(n_known, len(kinds["test"]))),
        "labels": ("warning", *_DIFFER[differ]),
        "folds": (
            "warning",
            "in different folds",
            "keep them in one fold: give them one group, and use scheme stratified_group",
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
        Finding.listing(
            texts[kind][0],
            f"{what} {texts[kind][1]}",
            tuple(" = ".join(named) for named in every),
            texts[kind][2],
            examples=[joined(named) for named in every],
            mend=_MEND_DUPLICATES if kind == "folds" else "",
            pictures=tuple(every),
        )
        for kind, every in kinds.items()
        if every
    ]


def _of_test(n_known: int, n: int) -> str:
    """Return what images in train and test mean: an answer is known where train has one."""
    if n_known == n:
        return "train on them knowingly: the test score of these is known"
    if n_known == 0:
        return "look at them: train's answers to one picture are missing, or contradict each other"
    return (
        f"train on them knowingly: the test score of {n_known:,} is known; of the others train has "
        "no answer, or two"
    )


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
        beside=None if finding.beside is None else reword_for_extra(finding.beside, name),
        fix=reword_for_extra(finding.fix, name),
    )


def _labels(competition: Competition, name: str, samples: pd.DataFrame) -> list[Finding]:
    labels = samples["label"].dropna()
    if not competition.has_labels or not len(labels):
        return []
    if competition.kind.is_continuous:
        detail = f"{len(labels):,} images: {format_range(labels, competition.classes_of(IMAGES))}"
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
            findings.append(Finding.listing("warning", title, both, fixes[column]))
    return findings
