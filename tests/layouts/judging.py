"""The judge: what `podium init` infers of a layout is compared with its truth by meaning.

The inferred competition reads the samples, labels and masks of train, and writes the true answers
of the test images; both are compared with what was drawn. So any spelling of the same is right.
"""

from __future__ import annotations

import csv
import itertools
import os
import re
import tempfile
import traceback
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml
from numpy.typing import NDArray

from layouts.runs import Plane
from layouts.truth import LayoutTruth, TrueFile, TrueSample
from podium.competition.samples import load_samples
from podium.competition.sections.frame import PatchFrame
from podium.competition.spec import Competition, load_competition
from podium.competition.truths.instances import Instances
from podium.competition.truths.masks import IGNORE, to_frame, truth_masks
from podium.competition.truths.objects import truth_instances
from podium.errors import PodiumError
from podium.submissions.format.answers import write_answers
from podium.submissions.format.expected import expected_of_test
from podium.submissions.format.spec import SubmissionFormat
from podium.submissions.format.writing import PredictionBatch
from podium.workflows.contradictions import contradictions
from podium.workflows.initialising import infer_data, unread_pictures
from podium.workspace.marked_yaml import load_plain_yaml

__all__ = ["OUTCOMES", "Fault", "Outcome", "find_faults", "judge_layout", "readings_of"]

OUTCOMES = ("right", "asked", "hedged", "refused", "wrong")
"""asked: what is wrong is asked, and the right reading is offered. hedged: a doubt is written about
what is wrong, without the right reading. refused: an error that says what to do. wrong: certain and
wrong."""
_MOST_CHOICES = 512
_MOST_COMMANDS = 6


@dataclass(frozen=True)
class Fault:
    """What is wrong: the key of `competition.yaml` that it comes from, and what was seen of it.

    `is_error` where podium refuses to go on, and says so, in place of being wrong.
    """

    key: str
    why: str
    is_error: bool = False

    def __str__(self) -> str:
        return f"{self.key}: {self.why}"


@dataclass(frozen=True)
class Outcome:
    """The outcome of one layout.

    Attributes:
        name: one of `OUTCOMES`.
        faults: of what was inferred, [] where it is right.
        asked: the keys that are to be chosen.
        text: the inferred `competition.yaml`.
        notes: what `podium init` said.
        against: what it tells that its reading does not explain.
    """

    name: str
    faults: tuple[Fault, ...] = ()
    asked: tuple[str, ...] = ()
    text: str = ""
    notes: tuple[str, ...] = ()
    against: tuple[str, ...] = ()


def judge_layout(*truths: LayoutTruth, slug: str | None = None) -> Outcome:
    """Infer the competition of the truths' data in the folder around them; return the best outcome.

    Args:
        truths: readings of the same files, each of which is right.
        slug: as in `podium init <slug>`.
    """
    data = truths[0].data
    root = data.parent
    try:
        found = infer_data(data, root, slug=slug)
    except PodiumError as error:
        fault = Fault("init", str(error), is_error=True)
        return Outcome("refused" if error.fix else "wrong", (fault,))
    except Exception:
        return Outcome("wrong", (Fault("crash", traceback.format_exc(limit=-3)),))
    (root / "competition.yaml").write_text(found.text, encoding="utf-8")
    asked = tuple((load_plain_yaml(found.text) or {}).get("to_choose") or ())
    notes = tuple(found.notes)
    faults = [_faults_of(root, truth) for truth in truths]
    names = [_name_of(each, found.text, notes, asked) for each in faults]
    name, best = min(zip(names, faults, strict=True), key=lambda one: OUTCOMES.index(one[0]))
    # A command infers anew in this folder, so all choices are tried before it.
    if (asked and name != "right") and (
        any(_offers_the_truth(found.text, asked, truth) for truth in truths)
        or _offers_a_command(found.text, truths, slug)
    ):
        name = "asked"
    unread = unread_pictures(data, root, found.samples, found.made)
    against = contradictions(found.competition, found.samples, unread)
    return Outcome(name, best, asked, found.text, notes, against)


def _faults_of(root: Path, truth: LayoutTruth) -> tuple[Fault, ...]:
    """Return the faults of the competition in a folder; its error is one."""
    try:
        return tuple(find_faults(load_competition(root), truth))
    except PodiumError as error:
        return (Fault("competition.yaml", str(error)),)


def _name_of(faults: Sequence[Fault], text: str, notes: Sequence[str], asked: Sequence[str]) -> str:
    """Return the outcome of what has these faults, where none of the choices is tried."""
    if not faults:
        return "right"
    if all(_is_hedged(one, text, notes, asked) for one in faults):
        return "hedged"
    return "refused" if all(one.is_error for one in faults) else "wrong"


# What is asked, and what is offered


_OTHER = re.compile(r"(?P<indent> *)# or (?P<text>.*)")
_MORE = re.compile(r" *#    (?P<text>.*)")
_KEY = re.compile(r"(?P<indent> *)(?P<key>[^\s#:][^:#]*):(?:\s|$)")


def readings_of(text: str) -> dict[str, list[Any]]:
    """Return the other readings that stand as `# or key: value` below each key, by dotted key."""
    found: dict[str, list[Any]] = defaultdict(list)
    path: list[tuple[int, str]] = []
    lines = text.splitlines()
    for place, line in enumerate(lines):
        other = _OTHER.fullmatch(line)
        if other is not None:
            more = itertools.takewhile(
                lambda one: one is not None, (_MORE.fullmatch(one) for one in lines[place + 1 :])
            )
            body = [other["text"], *(one["text"] for one in more if one is not None)]
            reading = _parsed(body)
            if reading is not None:
                key, value = reading
                depth = len(other["indent"])
                above = [name for indent, name in path if indent < depth]
                found[".".join([*above, key])].append(value)
            continue
        key_line = _KEY.fullmatch(line) or _KEY.match(line)
        if key_line is not None:
            depth = len(key_line["indent"])
            path = [one for one in path if one[0] < depth]
            path.append((depth, key_line["key"].strip("'\"")))
    return dict(found)


def _parsed(lines: Sequence[str]) -> tuple[str, Any] | None:
    """Return key and value of as many of the lines as are YAML together: the rest is a comment."""
    for n in range(len(lines), 0, -1):
        try:
            found = load_plain_yaml("\n".join(lines[:n]))
        except yaml.YAMLError:
            continue
        if isinstance(found, dict) and len(found) == 1:
            return next(iter(found.items()))
    return None


def _offers_the_truth(text: str, asked: Sequence[str], truth: LayoutTruth) -> bool:
    """Return whether a choice among the offered readings of the asked keys is right."""
    offered = readings_of(text)
    keys = [key for key in asked if key in offered]
    choices = [[None, *(("set", value) for value in offered[key])] for key in keys]
    for choice in itertools.islice(itertools.product(*choices), 1, _MOST_CHOICES):
        document = load_plain_yaml(text)
        document.pop("to_choose", None)
        for key, chosen in zip(keys, choice, strict=True):
            if chosen is not None:
                _put(document, key.split("."), chosen[1])
        try:
            competition = Competition.model_validate(document).at(truth.data.parent)
        except (ValueError, PodiumError):
            continue
        if not any(True for _ in find_faults(competition, truth)):
            return True
    return False


_COMMAND = re.compile(r"--label (?P<label>'[^']*'|[^\s`;,]+)")


def _offers_a_command(text: str, truths: Sequence[LayoutTruth], slug: str | None) -> bool:
    """Return whether one of the offered `podium init --label` reads what is right."""
    text = re.sub(r"\n *# *", " ", text)
    labels = dict.fromkeys(one["label"].strip("'") for one in _COMMAND.finditer(text))
    data, root = truths[0].data, truths[0].data.parent
    for label in itertools.islice(labels, _MOST_COMMANDS):
        try:
            found = infer_data(data, root, slug=slug, label=label)
        except PodiumError:
            continue
        (root / "competition.yaml").write_text(found.text, encoding="utf-8")
        if not all(_faults_of(root, truth) for truth in truths):
            return True
    return False


def _put(document: dict[str, Any], path: Sequence[str], value: Any) -> None:
    *above, last = path
    for name in above:
        document = document.setdefault(name, {})
    if value is None:
        document.pop(last, None)
    else:
        document[last] = value


_DOUBTS: dict[str, str] = {
    "data.train.mask_codec": r"is not sure|could not be determined|guess without evidence",
    "submission.rle": r"is not sure|could not be determined|guess without evidence|"
    r"no header shows|those of train are written otherwise",
    "submission.columns": r"are not understood|mend submission|likely, and not certain",
    "submission.rows": r"mend submission|are not understood|are not those of the test images",
    "submission.value": r"mend submission|likely, and not certain|are not understood",
    "submission.empty": r"mend submission",
    "tasks.segment": r"they are taken for single objects.*If|mend ",
    "tasks.classify": r"likely, and not certain|are not understood",
    "data.test": r"mend data\.test|are not those of the test images|find out which count",
    "data.train": r"to mend before training",
    "data.train.label": r"likely, and not certain",
    "data.train.mask": r"write tasks: \{segment|are not used",
    "classes": r"which are not the classes of the masks|mend classes",
}


_TOGETHER = (
    ("submission.rows", "submission.id", "submission.columns"),
    ("tasks", "tasks.segment", "tasks.classify", "submission.columns"),
    ("data.train.mask_values", "data.train.ignore", "classes"),
)
"""Keys that a person chooses together."""


def _is_hedged(fault: Fault, text: str, notes: Sequence[str], asked: Sequence[str]) -> bool:
    """Return whether a doubt is written about the key of a fault."""
    near = {fault.key}.union(*(group for group in _TOGETHER if fault.key in group))
    if any(key == one or key.startswith(one + ".") for key in asked for one in near):
        return True
    doubt = _DOUBTS.get(fault.key)
    everything = " ".join([re.sub(r"\n *# ?", " ", text), *notes])
    return doubt is not None and re.search(doubt, everything) is not None


# What is wrong


def find_faults(competition: Competition, truth: LayoutTruth) -> Iterator[Fault]:
    """Yield what the competition reads or writes otherwise than the truth has it."""
    for task, kind in competition.tasks.items():
        if task not in truth.kinds:
            yield Fault(f"tasks.{task}", f"there is no such task, and it is {kind}")
        elif kind.plain_name not in truth.kinds[task]:
            yield Fault(f"tasks.{task}", f"{kind} in place of {' or '.join(truth.kinds[task])}")
    yield from _faults_of_train(competition, truth)
    yield from _faults_of_test(competition, truth)


def _below(competition: Competition, truth: LayoutTruth, paths: Sequence[str]) -> str:
    """Return the path of a sample below the data: of several files the one that is in the truth."""
    full = [os.path.normpath(competition.root / one) for one in paths]
    below = [Path(os.path.relpath(one, truth.data.resolve())).as_posix() for one in full]
    known = (one for one in below if one in truth.train or one in truth.test)
    return next(known, below[0])


def _samples(
    competition: Competition, truth: LayoutTruth, split: Any
) -> tuple[pd.DataFrame | None, Fault | None]:
    try:
        samples = load_samples(competition, split)
    except PodiumError as error:
        return None, Fault(f"data.{split}", str(error), is_error=True)
    samples["path"] = [_below(competition, truth, paths) for paths in samples["images"]]
    return samples, None


def _faults_of_train(competition: Competition, truth: LayoutTruth) -> Iterator[Fault]:
    samples, fault = _samples(competition, truth, "train")
    if samples is None:
        if fault is not None:
            yield fault
        return
    here = set(samples["path"])
    needed = {
        path for path, true in truth.train.items()
        if true.label is not None or true.planes is not None or true.objects is not None
    }  # fmt: skip
    if wrong := here - truth.train.keys():
        yield Fault("data.train", f"{len(wrong)} images are not train's, as {min(wrong)}")
        return
    if missing := needed - here:
        yield Fault("data.train", f"{len(missing)} images are missing, as {min(missing)}")
        return
    trues = [truth.train[path] for path in samples["path"]]
    if competition.has_labels and "classify" in truth.kinds:
        yield from _wrong_labels(competition, samples, trues)
    if not competition.has_masks or "segment" not in truth.kinds:
        return
    try:
        if competition.has_objects:
            yield from _wrong_objects(competition, samples, trues)
        else:
            yield from _wrong_masks(competition, samples, trues, truth)
    except PodiumError as error:
        is_codec = "character" in error.message
        yield Fault("data.train.mask_codec" if is_codec else "data.train.mask", str(error))


def _wrong_labels(
    competition: Competition, samples: pd.DataFrame, trues: Sequence[TrueSample]
) -> Iterator[Fault]:
    for path, label, true in zip(samples["path"], samples["label"], trues, strict=True):
        read = _label_read(competition, label)
        right: Any = true.label
        if isinstance(read, float) and not isinstance(right, float):
            with suppress(TypeError, ValueError):
                right = float(right)
        if read != right and not (read is None and right == competition.open_set):
            yield Fault("data.train.label", f"{path} has {read!r} in place of {true.label!r}")
            return


def _label_read(competition: Competition, label: Any) -> Any:
    if label is None:
        return None
    if competition.kind.is_by_column:
        return tuple(None if np.isnan(one) else float(one) for one in label)
    if competition.kind.is_continuous:
        return float(label)
    names = competition.label_names
    if competition.kind.is_by_class:
        return frozenset(names[place] for place in np.flatnonzero(np.asarray(label) == 1))
    return names[int(label)]


def _at_size(mask: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.uint8]:
    """Return a mask that is read smaller than its image, by a whole number, at the size of this."""
    factors = [whole // own for whole, own in zip(size, mask.shape, strict=False)]
    if min(factors) < 1 or any(
        n * f != s for n, f, s in zip(mask.shape, factors, size, strict=False)
    ):
        return mask
    return mask.repeat(factors[0], axis=0).repeat(factors[1], axis=1)


def _planes_read(competition: Competition, mask: NDArray[np.uint8]) -> dict[str, Plane]:
    """Return the plane of each class by name; "" is that of a binary mask."""
    if competition.mask_kind.is_yes_no:
        return {"": mask == 1}
    if competition.mask_kind.is_by_class:
        return {name: mask[..., place] == 1 for place, name in enumerate(competition.classes)}
    return {name: mask == place + 1 for place, name in enumerate(competition.classes)}


def _are_places(names: Sequence[str]) -> bool:
    """Return whether classes have no names, or numbers, so that their order is what counts."""
    return all(not name or name.isdecimal() for name in names)


def _by_true_class(planes: Mapping[str, Plane], names: Sequence[str]) -> list[Plane] | str:
    """Return planes in the order of the true classes, or what hinders."""
    if len(names) == 1:
        return [np.any(list(planes.values()), axis=0)]
    if len(planes) != len(names):
        return f"{len(planes)} classes in place of {len(names)}: {', '.join(planes)}"
    if _are_places(names):
        return list(planes.values())
    if set(planes) != set(names):
        return f"classes {', '.join(planes)} in place of {', '.join(names)}"
    return [planes[name] for name in names]


def _wrong_masks(
    competition: Competition,
    samples: pd.DataFrame,
    trues: Sequence[TrueSample],
    truth: LayoutTruth,
) -> Iterator[Fault]:
    key = "data.train.mask" if isinstance(competition.data.train.mask, str) else (
        "data.train.mask_codec"
    )  # fmt: skip
    # Of patches, too, files of train have masks of single pixels.
    is_of_patches = isinstance(competition.frame, PatchFrame)
    of_files = competition.in_native_frame() if is_of_patches else competition
    masks = truth_masks(of_files, samples)
    seen = [False] * len(truth.mask_classes)
    found = dict[str, list[Plane]]()
    for path, mask, true in zip(samples["path"], masks, trues, strict=True):
        if true.planes is None:
            if mask is not None and true.objects is None and (mask == 1).any():
                yield Fault(key, f"{path} has no mask, and one was read")
                return
            continue
        if mask is None:
            yield Fault(key, f"{path} is without its mask")
            return
        mask = _at_size(mask, true.size)
        planes = _by_true_class(_planes_read(competition, mask), truth.mask_classes)
        if isinstance(planes, str):
            yield Fault("classes", planes)
            return
        found[path] = planes
        seen = [a or plane.any() for a, plane in zip(seen, planes, strict=True)]
        ignored = mask == IGNORE if mask.ndim == 2 else (mask == IGNORE).any(axis=-1)
        wanted = np.zeros(true.size, dtype=bool) if true.ignored is None else true.ignored
        if not np.array_equal(ignored, wanted):
            n, right = int(ignored.sum()), int(wanted.sum())
            yield Fault("data.train.mask_values", f"{path} ignores {n} pixels in place of {right}")
            return
        for place, (plane, right_one) in enumerate(zip(planes, true.planes, strict=True)):
            if not np.array_equal(plane, right_one):
                what = _compared(plane, right_one)
                if isinstance(competition.data.train.mask, str) and truth.mask_classes[place]:
                    key = "data.train.mask_values"
                yield Fault(key, f"{path}, class {truth.mask_classes[place] or place}: {what}")
                return


def _compared(plane: Plane, right: Plane) -> str:
    return (
        f"{int((plane & right).sum())} of {int(right.sum())} pixels, and "
        f"{int((plane & ~right).sum())} others"
    )


def _wrong_objects(
    competition: Competition, samples: pd.DataFrame, trues: Sequence[TrueSample]
) -> Iterator[Fault]:
    found = truth_instances(competition, samples)
    for path, objects, true in zip(samples["path"], found, trues, strict=True):
        wanted = true.objects or ()
        if objects is None:
            if true.objects is not None:
                yield Fault("data.train.mask", f"{path} is without its objects")
                return
            continue
        read = Counter(plane.tobytes() for plane in objects.planes())
        right = Counter(plane.tobytes() for _, plane in wanted)
        if read != right:
            n = sum((read & right).values())
            where = "data.train.mask_codec"
            if isinstance(competition.data.train.mask, str):
                where = "data.train.mask"
            yield Fault(where, f"{path}: {n} of {len(wanted)} objects, {len(objects)} were read")
            return


def _faults_of_test(competition: Competition, truth: LayoutTruth) -> Iterator[Fault]:
    samples, fault = _samples(competition, truth, "test")
    if samples is None:
        if fault is not None:
            yield fault
        return
    here = set(samples["path"])
    if here != set(truth.test):
        wrong, missing = here - set(truth.test), set(truth.test) - here
        shown = min(wrong or missing)
        what = f"{len(missing)} images of test are missing, {len(wrong)} are none, as {shown}"
        yield Fault("data.test", what)
        return
    if truth.file is None:
        return
    try:
        wanted = expected_of_test(competition)
    except PodiumError as error:
        yield Fault("submission.rows", str(error))
        return
    # A row of several answers has a format for each.
    forms = getattr(wanted.form, "parts", ()) or (wanted.form,)
    parts = [_true_answers(competition, samples, truth, form) for form in forms]
    for one in parts:
        if isinstance(one, Fault):
            yield one
            return
    with tempfile.TemporaryDirectory(dir=truth.data.parent) as folder:
        path = Path(folder) / "submission.csv"
        try:
            write_answers(path, wanted, parts if len(parts) > 1 else parts[0])
        except PodiumError as error:
            yield Fault("submission.rows", str(error))
            return
        try:
            with path.open(newline="", encoding=truth.file.encoding) as file:
                header, *rows = list(csv.reader(file, delimiter=truth.file.sep))
        except UnicodeDecodeError as error:
            yield Fault("submission.file", str(error))
            return
    yield from _wrong_rows(header, rows, truth.file)


def _true_answers(
    competition: Competition, samples: pd.DataFrame, truth: LayoutTruth, form: SubmissionFormat
) -> Any:
    """Return the true answers of the test images as podium writes them in a format."""
    trues = [truth.test[path] for path in samples["path"]]
    if form.kind.is_of_pixels:
        if any(true.planes is None and true.objects is None for true in trues):
            return Fault("submission.columns", "masks are submitted in place of labels")
        if competition.has_objects:
            return _true_objects(competition, samples, trues, truth)
        return _true_masks(competition, samples, trues, truth)
    return _true_labels(competition, samples, trues, truth, form)


def _true_objects(
    competition: Competition,
    samples: pd.DataFrame,
    trues: Sequence[TrueSample],
    truth: LayoutTruth,
) -> Any:
    places = list(range(len(truth.mask_classes)))
    if len(places) > 1:
        if set(competition.classes) != set(truth.mask_classes):
            return Fault("classes", f"{competition.classes} in place of {truth.mask_classes}")
        places = [competition.classes.index(name) for name in truth.mask_classes]
    answers = []
    for name, true in zip(samples["id"], trues, strict=True):
        objects = true.objects or tuple((0, one) for one in true.planes or () if one.any())
        planes = [plane for _, plane in objects]
        classes = [places[place] for place, _ in objects]
        answers.append((name, Instances.from_planes(true.size, planes, classes)))
    return answers


def _true_masks(
    competition: Competition,
    samples: pd.DataFrame,
    trues: Sequence[TrueSample],
    truth: LayoutTruth,
) -> Any:
    answers = []
    names = list(truth.mask_classes)
    for name, true in zip(samples["id"], trues, strict=True):
        if true.planes is None:
            union = np.zeros(true.size, dtype=bool)
            for _, plane in true.objects or ():
                union |= plane
            planes: Sequence[Plane] = [union]
        else:
            planes = true.planes
        if competition.mask_kind.is_yes_no:
            if len(planes) != 1:
                return Fault("tasks.segment", f"one mask in place of {len(planes)} classes")
            answers.append((name, to_frame(planes[0].astype(np.uint8), competition)))
            continue
        if len(planes) != len(competition.classes):
            return Fault("classes", f"{len(competition.classes)} in place of {len(planes)}")
        ordered = planes
        if not _are_places(names):
            if set(names) != set(competition.classes):
                return Fault("classes", f"{competition.classes} in place of {names}")
            ordered = [planes[names.index(one)] for one in competition.classes]
        stacked = np.stack(ordered, axis=-1).astype(np.uint8)
        if competition.mask_kind.is_by_class:
            answers.append((name, stacked))
        else:
            numbers = np.arange(1, len(ordered) + 1, dtype=np.uint8)
            answers.append((name, (stacked * numbers).max(axis=-1)))
    return answers


def _true_labels(
    competition: Competition,
    samples: pd.DataFrame,
    trues: Sequence[TrueSample],
    truth: LayoutTruth,
    form: SubmissionFormat,
) -> Any:
    by_unit = competition.scores_units
    if any(true.label is None for true in trues):
        return Fault("submission.columns", "labels are submitted in place of masks")
    first: dict[str, TrueSample] = {}
    named = samples["unit"] if by_unit else samples["id"]
    for name, true in zip(named, trues, strict=True):
        first.setdefault(str(name), true)
    ids, each = list(first), list(first.values())
    kind = competition.kind
    if kind.is_by_column:
        if list(competition.classes) != list(truth.classes):
            return Fault("classes", f"{competition.classes} in place of {truth.classes}")
        every = np.array([true.label for true in each], dtype=np.float64)
        return [PredictionBatch(ids, probs=every, decisions=every)]
    if kind.is_continuous:
        try:
            numbers = np.array([float(true.label) for true in each])  # type: ignore[arg-type]
        except (TypeError, ValueError):
            return Fault("tasks.classify", "numbers in place of names")
        return [PredictionBatch(ids, probs=numbers, decisions=numbers)]
    names = competition.label_names
    if form.value == "topk":
        return _true_rankings(competition, ids, each)
    if set(names) != set(truth.classes):
        return Fault("classes", f"{', '.join(names)} in place of {', '.join(truth.classes)}")
    probs = None
    if each[0].probs:
        probs = np.array([[true.probs[name] for name in names] for true in each])
        probs = probs[:, 1:] if kind.is_yes_no else probs
    if kind.is_by_class:
        decisions = np.array([[name in true.label for name in names] for true in each])  # type: ignore[operator]
        return [PredictionBatch(ids, probs=probs, decisions=decisions.astype(np.uint8))]
    places = np.array([names.index(str(true.label)) for true in each])
    return [PredictionBatch(ids, probs=probs, decisions=places)]


def _true_rankings(competition: Competition, ids: Sequence[str], each: Sequence[TrueSample]) -> Any:
    """Return rankings of the true class alone; of one that is open, a ranking without any."""
    names, of_none = competition.label_names, {competition.open_set, "new_whale"}
    strange = {str(true.label) for true in each} - set(names) - of_none
    if strange:
        return Fault("classes", f"{', '.join(names)} have no {min(strange)}")
    places = [names.index(str(one.label)) if one.label in names else -1 for one in each]
    return [PredictionBatch(ids, decisions=np.array(places)[:, None])]


def _wrong_rows(
    header: Sequence[str], rows: Sequence[Sequence[str]], true: TrueFile
) -> Iterator[Fault]:
    if list(header) != list(true.columns):
        what = f"columns {', '.join(header)} in place of {', '.join(true.columns)}"
        yield Fault("submission.columns", what)
        return
    keys = [place for place, one in enumerate(true.columns.values()) if one.content == "key"]
    written, right = _by_key(rows, keys), _by_key(true.rows, keys)
    if written.keys() != right.keys():
        shown = min(set(written) ^ set(right))
        what = f"{len(written)} rows in place of {len(right)}; of one alone {' '.join(shown)}"
        yield Fault("submission.rows", what)
        return
    for place, (name, column) in enumerate(true.columns.items()):
        if column.content in ("key", "free"):
            continue
        for key, cells in right.items():
            mine = Counter(_read(one[place], column) for one in written[key])
            wanted = Counter(_read(one[place], column) for one in cells)
            if mine != wanted:
                what = f"row {' '.join(key)}, {name}: {_few(mine)} in place of {_few(wanted)}"
                key_of = "submission.value"
                if column.content == "labels":
                    key_of = "submission.sep"
                if column.content == "rle":
                    is_empty = any(not str(one)[:1].isdigit() or one == "1 0" for one in wanted)
                    key_of = "submission.empty" if is_empty else "submission.rle"
                yield Fault(key_of, what)
                return


def _few(cells: Counter[Any]) -> str:
    return ", ".join(repr(one)[:50] for one in list(cells)[:2])


def _read(cell: str, column: Any) -> Any:
    if column.content == "number":
        try:
            return round(float(cell), 6)
        except ValueError:
            return cell
    if column.content == "ranking":
        return " ".join(cell.split()[:1])
    if column.content == "labels":
        return frozenset(one.strip() for one in cell.split(column.separator) if one.strip())
    return cell


def _by_key(
    rows: Sequence[Sequence[str]], keys: Sequence[int]
) -> dict[tuple[str, ...], list[Sequence[str]]]:
    found: dict[tuple[str, ...], list[Sequence[str]]] = defaultdict(list)
    for row in rows:
        found[tuple(row[place] for place in keys)].append(row)
    return dict(found)
