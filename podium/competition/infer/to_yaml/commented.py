"""The inferred `competition.yaml` as text, each line with a comment on its meaning and reason."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml

from podium.competition.calibrate.codec import Estimate, unknown_codec
from podium.competition.infer.evidence import OpenKey
from podium.competition.infer.files import DataFolder, ImageTable, JoinedTable
from podium.competition.infer.groups.columns import GroupColumn, find_fold_column
from podium.competition.infer.labels.columns import InferredLabels, sort_classes
from podium.competition.infer.masks.files import MaskFiles
from podium.competition.infer.parts.channels import channel_pattern
from podium.competition.infer.parts.folders import PlainImages
from podium.competition.infer.parts.to_predict import PartImages
from podium.competition.infer.parts.train import TrainPart
from podium.competition.infer.reader import ReaderGuess, find_reader, other_frames
from podium.competition.infer.readme.metrics import other_readme_metric, why_no_readme_metric
from podium.competition.infer.readme.runs import with_readme_runs
from podium.competition.infer.sample.runs import MASK_CELLS, MaskRuns
from podium.competition.infer.sample.submission import (
    InferredFormat,
    InferredUnit,
    SampleSubmission,
)
from podium.competition.infer.tasks.settle import FoundMasks, InferredTasks
from podium.competition.presets import Preset
from podium.competition.sections.submission import OBJECT_ROW
from podium.tasks.protocols.find import image_kind, kind_names, pixel_kind
from podium.tasks.protocols.kind import Kind
from podium.tasks.protocols.names import IMAGES, PIXELS, TaskName

__all__ = ["FolderFindings", "ImagesWithoutMasks", "entries_of", "guessed_metric", "render"]


_WITHOUT_FRACTIONS = frozenset({"label", "labels", "name", "topk", "rle", "coco", "coco64"})
"""Values of `submission.value` whose cells have no decimal sign."""
_OF_PRESET = frozenset({"tasks", "metric.name", "submission.rows", "submission.value"})
"""Keys that a competition known by its name decides."""
_ORDER = "<the classes from the lowest to the highest>"
_WIDTH = 100
_INDENT = "  "


@dataclass(frozen=True)
class YamlEntry:
    """A line of the file: its key, its value (a list of entries for a section), and its comment."""

    key: str
    value: Any
    comment: str = ""
    others: tuple[tuple[object, str], ...] = ()
    """Values that fit as well, each with the evidence: they stand below it, as comments."""


def render(entries: Sequence[YamlEntry], heading: str) -> str:
    """Return YAML text with comments.

    Example:
        >>> print(render([YamlEntry("name", "no", "any name will do")], "A competition."), end="")
        # A competition.
        <BLANKLINE>
        name: 'no'  # any name will do
    """
    lines = _comment(heading, "")
    for entry in entries:
        lines += ["", *_lines(entry, "")]
    return "\n".join(lines) + "\n"


def _lines(entry: YamlEntry, indent: str) -> list[str]:
    if isinstance(entry.value, list) and entry.value and isinstance(entry.value[0], YamlEntry):
        above = _comment(entry.comment, indent) if entry.comment else []
        inner = [line for child in entry.value for line in _lines(child, indent + _INDENT)]
        return [*above, f"{indent}{_text(entry.key)}:", *inner, *_other_lines(entry, indent)]
    body = [*_wrapped(entry, indent), *_other_lines(entry, indent)]
    beside = f"{body[0]}  # {entry.comment}"
    if not entry.comment:
        return body
    if len(body) == 1 and len(beside) <= _WIDTH and "\n" not in entry.comment:
        return [beside]
    return [*_comment(entry.comment, indent), *body]


def _other_lines(entry: YamlEntry, indent: str) -> Iterator[str]:
    for value, why in entry.others:
        first, *rest = _wrapped(YamlEntry(entry.key, value), "")
        yield from (f"{indent}# or {first}", *(f"{indent}#    {line}" for line in rest))
        if why:
            yield from _comment(f"   as {why}", indent)


def _wrapped(entry: YamlEntry, indent: str) -> list[str]:
    """Return `key: value`, a long list or mapping over several lines."""
    start = f"{indent}{_text(entry.key)}: "
    if isinstance(entry.value, Mapping):
        parts = [f"{_text(key)}: {_text(value)}" for key, value in entry.value.items()]
        opening, closing = "{", "}"
    elif isinstance(entry.value, list):
        parts = [_text(value) for value in entry.value]
        opening, closing = "[", "]"
    else:
        return [start + _text(entry.value)]
    whole = f"{start}{opening}{', '.join(parts)}{closing}"
    if len(whole) <= _WIDTH:
        return [whole]
    # Broken between the parts only: a name with a space must stay whole.
    lines = [start + opening]
    for part in parts:
        if len(lines) > 1 and len(lines[-1]) + len(part) + 2 <= _WIDTH:
            lines[-1] += f" {part},"
        else:
            lines.append(f"{indent}{_INDENT}{part},")
    return [*lines, f"{indent}{closing}"]


def _text(value: Any) -> str:
    """Return a scalar as YAML reads it back, quoted only where it must be."""
    # PyYAML takes 1e3 for text, YAML 1.2 and `read_document` for a number.
    style = "'" if isinstance(value, str) and _is_number(value) else None
    flow = yaml.safe_dump(
        [value],
        default_flow_style=True,
        default_style=style,
        allow_unicode=True,
        width=1_000_000,
        sort_keys=False,
    )
    return flow.strip()[1:-1]


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _comment(text: str, indent: str) -> list[str]:
    start = f"{indent}# "
    return [
        (start + line).rstrip()
        for paragraph in text.split("\n")
        for line in textwrap.wrap(
            paragraph, _WIDTH - len(start), break_long_words=False, break_on_hyphens=False
        )
        or [""]
    ]


N_FOLDS = 5
_PATHS = (
    "Where the files are. Paths are relative to this file; {column} stands for a cell of that "
    "column, * for anything."
)
_FOLDS = "How train is split for validation; `podium folds` writes the result to folds.csv, once."
_METRIC = "{} is guessed, as {}; {}see the competition's page for the right one. Among others: {}"
_METRICS = {
    IMAGES: "accuracy, macro_f1, log_loss, auc, rmse",
    PIXELS: "mean_dice, mean_iou, global_dice, pixel_accuracy",
    "ratings": "qwk, accuracy, macro_f1, mae",
    "columns": "mcrmse, mean_r2, rmse, mae",
    "objects": "iou_precision, iou_f2, panoptic_quality, mask_map",
}
_VALUES = (
    "All kinds: name (a class name), label (its place in classes, from 0), labels (several names), "
    "prob (probabilities), score (any number), topk (a ranking of classes), scalar (a number)"
)
_SUBMISSION = "The format of the file to upload."
_KAGGLE = "Used by `podium submit`; copy it from the competition's page."


@dataclass(frozen=True)
class ImagesWithoutMasks:
    """The images of train that have no mask file, where others have one.

    Attributes:
        paths: relative to the data folder.
        before: the unlabelled part without them.
    """

    paths: tuple[str, ...]
    before: PartImages | None


@dataclass(frozen=True)
class FolderFindings:
    """The findings of a data folder."""

    folder: DataFolder
    train: TrainPart
    test: PartImages
    unlabelled: PartImages | None
    group: GroupColumn | None
    sample: SampleSubmission | None
    form: InferredFormat
    tasks: InferredTasks
    codec: Mapping[str, Estimate] | None = None
    """The format of runs; None where it is unknown."""
    base: Estimate | None = None
    """The number of the first pixel in runs of the sample; None where these do not show it."""
    said_runs: Mapping[str, Estimate] = field(default_factory=dict)
    """What texts beside the data say of how runs are counted."""
    preset: Preset | None = None
    """The preset of this competition, if there is one."""
    unit: InferredUnit | None = None
    """The scored unit, where that is several images."""
    group_notes: tuple[str, ...] = ()
    """What may be a group, and is none here."""
    frame: tuple[int, int] | None = None
    """(height, width) of all masks of train, where every image is larger."""
    unmasked: ImagesWithoutMasks | None = None
    """Images that became unlabelled ones, where that is known of each image."""
    pool: str = ""
    """Why images without a mask are to be predicted, where no sample submission names them."""

    @cached_property
    def reader(self) -> ReaderGuess:
        """The reader of the images, and why."""
        found = find_reader(self.files)
        if self.folder.channels and not self.folder.by_folder and found[0] == "image":
            grey = {"name": "image", "mode": "grey"}
            return grey, "of each file one channel; rgb keeps its colours"
        return found

    @cached_property
    def files(self) -> list[Path]:
        """A file of each image."""
        folder = self.folder
        images = [image.path for image in folder.images if image.part != "mask"]
        first = folder.channels[:1]
        files = [channel_pattern(folder, path, first[0]) if first else path for path in images]
        return [folder.path / file for file in files]

    @property
    def _open_reader(self) -> Iterator[OpenKey]:
        """Yield the frames of arrays, of which nothing shows the one that is labelled."""
        if others := other_frames(self.reader, self.files[0]):
            yield OpenKey("data.reader", tuple((one, "") for one in others))

    @cached_property
    def open(self) -> list[OpenKey]:
        """The keys for which several readings fit."""
        masks = self.tasks.masks
        of_masks = masks.content.open if isinstance(masks, MaskFiles) else ()
        found = [
            *self._open_tasks,
            *self._open_images,
            *self._open_test,
            *self._open_reader,
            *of_masks,
            *self.form.open,
            *self._open_codec,
            *self._open_file,
            *self._open_group,
        ]
        known = _OF_PRESET if self.preset is not None else frozenset[str]()
        return list({one.key: one for one in found if one.key not in known}.values())

    @property
    def _open_group(self) -> Iterator[OpenKey]:
        """Yield that rows belong to no group, where no word but their order shows the group."""
        if self.group is None or not self.group.others:
            return
        why = f"where images of one {self.group.column} are not alike, with scheme: stratified"
        others = ((one, why if one is None else "") for one in self.group.others)
        yield OpenKey("folds.group", tuple(others))

    @property
    def _open_images(self) -> Iterator[OpenKey]:
        """Yield levels of folders, and columns of a table, of which another may be meant."""
        if self.train.folders is not None and self.train.folders.other is not None:
            pattern, classes = self.train.folders.other
            why = "where those folders are the classes"
            yield OpenKey("data.train.images", ((_spelt(self.folder, pattern), why),))
            yield OpenKey("classes", ((classes, why),))
        match = self.train.match
        if match is None or not self._have_several or self.stacks_images:
            return
        why = f"{' and '.join(match.several)} name an image each, stacked as channels"
        for key, one in (("train", match.several), ("test", self.test.several)):
            yield OpenKey(f"data.{key}.images", ((_spelt(self.folder, "", one), why),))

    @property
    def _open_test(self) -> Iterator[OpenKey]:
        """Yield that images without a mask may be unlabelled, where no sample names them."""
        if self.pool:
            why = "the images without a mask may be unlabelled: call this part unlabelled then"
            yield OpenKey("data.test", ((None, why),))

    @property
    def _have_several(self) -> bool:
        """Whether rows of train and of test name several images, by the same columns."""
        several = {} if self.train.match is None else self.train.match.several
        return bool(several) and set(several) == set(self.test.several)

    @property
    def stacks_images(self) -> bool:
        """Whether the images of a row are of one sample, by the names of their columns."""
        return self._have_several and self.train.match is not None and self.train.match.are_parts

    def _open_lists(self, sign: str, names: list[str], none: str) -> Iterator[OpenKey]:
        """Yield all that is otherwise where cells are lists of `names`, and `none` may be none."""
        why, kind = f"lists of several of {len(names):,} names", image_kind("multilabel")
        yield OpenKey("tasks", ((self._kinds_with(IMAGES, kind), why),))
        without = [one for one in names if one != none]
        each = ((without, f"{why}, and {none!r} is none of them"),) if none else ()
        yield OpenKey("classes", (*each, (names, why)))
        yield OpenKey("metric.name", ((kind.usual_metric, why),))
        if self.form.value == "name":
            yield OpenKey("submission.value", (("labels", why),))
            if sign != " ":
                yield OpenKey("submission.sep", ((sign, why),))

    @property
    def _open_tasks(self) -> Iterator[OpenKey]:
        """Yield what else the target may be, with the keys that go with it."""
        masks, labels = self.tasks.masks, self.tasks.labels
        if labels is not None and labels.open_order:
            yield OpenKey("classes", ((_ORDER, f"the order counts: {labels.open_order}"),))
        if labels is not None and self.train.other_tables:
            spelt = ((self.folder.spell(one), why) for one, why in self.train.other_tables)
            yield OpenKey("data.train.table", tuple(spelt))
        if labels is not None and labels.columns:
            with_it = "`podium init DATA --force --label {}` writes it, with all that goes with it"
            together = "these columns together"
            if not labels.kind.is_by_column:
                together += ", with tasks: {classify: multilabel} and classes of the same names"
            others = tuple(
                (one, with_it.format(one) if isinstance(one, str) else together)
                for one in labels.columns
            )
            yield OpenKey("data.train.label", others)
        if labels is not None and labels.other is not None:
            yield OpenKey("tasks", ((self._kinds_with(IMAGES, labels.other[0]), labels.other[1]),))
        if labels is not None and labels.as_lists is not None:
            yield from self._open_lists(*labels.as_lists, labels.none)
        elif labels is not None and labels.none and not labels.is_none_sure:
            yield self._open_none(labels)
        if isinstance(masks, MaskFiles) and masks.content.other is not None:
            kind, why = masks.content.other
            yield OpenKey("tasks", ((self._kinds_with(PIXELS, kind), why),))
        if isinstance(masks, MaskFiles) and not masks.absent:
            yield from self._open_absent(masks)
        if masks is None or not masks.as_one_mask or self._objects_are_shown:
            return
        usual = pixel_kind("binary")
        yield OpenKey("tasks", ((self._kinds_with(PIXELS, usual), masks.as_one_mask),))
        yield OpenKey("metric.name", ((usual.usual_metric, "of one mask an image"),))
        yield OpenKey("submission.rows", (("image", "of one mask an image"),))
        if isinstance(masks, MaskFiles) and masks.content.numbered is not None:
            foreground = dict.fromkeys(masks.content.numbered.numbers, "foreground")
            values = {0: "background", **foreground}
            yield OpenKey("data.train.mask_values", ((values, "of one mask an image"),))

    def _open_none(self, labels: InferredLabels) -> OpenKey:
        """Return the classes with the word that is taken for no class, or without it."""
        rest = [one for one in self.tasks.classes if one != labels.none]
        if len(rest) < len(self.tasks.classes):
            why = f"{labels.none!r} is no class: choose it as submission.empty, below"
            return OpenKey("classes", ((rest, why),))
        why = f"{labels.none!r} is a class of its own: choose a blank submission.empty, below"
        return OpenKey("classes", ((sort_classes([*rest, labels.none]), why),))

    def _open_absent(self, masks: MaskFiles) -> Iterator[OpenKey]:
        """Yield that images without a mask file may have an empty mask, and be of train."""
        n = len(self.train.images) - masks.n_found
        if self.unmasked is not None:
            n, before = len(self.unmasked.paths), self.unmasked.before
            entries = [] if before is None else _source(self.folder, before)
            other = {one.key: one.value for one in entries} or None
            why = f"the {n:,} images may show nothing to draw: choose absent: empty with it"
            if n:
                yield OpenKey("data.unlabelled", ((other, why),))
        if n > 0:
            why = f"where the {n:,} images without a mask file have an empty mask"
            why += "" if self.unmasked is None else "; choose unlabelled, below, with it"
            yield OpenKey("data.train.absent", (("empty", why),))

    def _kinds_with(self, task: TaskName, kind: Kind) -> dict[str, str]:
        return {name: str(one) for name, one in {**self.kinds, task: kind}.items()}

    @property
    def _objects_are_shown(self) -> bool:
        """Whether the sample has several rows of an image, or the competition is a known one."""
        if self.preset is not None:
            return True
        if self.form.index_base is not None:
            return True
        return self.sample is not None and not self.sample.table[self.sample.id].is_unique

    @property
    def sample_is_excerpt(self) -> bool:
        """Whether the sample has rows of objects, and of some of the images to predict alone."""
        if self.sample is None or self.form.rows != OBJECT_ROW:
            return False
        own, every = set(self.sample.table[self.sample.id]), set(self.test.ids)
        return own < every

    @property
    def sends_pngs(self) -> bool:
        """Whether a file to send is a ZIP of PNGs."""
        return self.sample is not None and self.sample.file.get("kind") == "png"

    @property
    def _open_file(self) -> Iterator[OpenKey]:
        if self.form.value in _WITHOUT_FRACTIONS and not self.sends_pngs:
            return
        if self.sample is not None and self.sample.other_file is not None:
            yield OpenKey("submission.file", (self.sample.other_file,))

    @property
    def _open_codec(self) -> Iterator[OpenKey]:
        masks, found = self.tasks.masks, self.codec
        if isinstance(masks, MaskRuns) and found is not None:
            yield from open_codec("data.train.mask_codec", found)
        if self.form.value == "coco" and self.form.is_blank:
            # One question: how runs are counted belongs to the reading with runs.
            why = "runs of start and length; add rle: {base: 1, order: F}, or as the page has it"
            yield OpenKey("submission.value", (("rle", why),))
        if self.form.value != "rle" or self.sample is None or self.sends_pngs:
            return
        sent = self.sent_codec or _UNKNOWN_CODEC
        unsure = list(open_codec("submission.rle", sent))
        yield from unsure
        others = {
            name: one for name, one in self.said_runs.items() if one.value != sent[name].value
        }
        if others and not unsure:
            # Masks of train are counted otherwise: the text may be of the files to send alone.
            values = {name: {**sent, **others}[name].value for name in ("base", "order")}
            why = " and ".join(one.why for one in others.values())
            yield OpenKey("submission.rle", ((values, why),))

    @property
    def sent_codec(self) -> CodecEstimates | None:
        """The format of the runs to send; None where nothing shows it."""
        found = self.codec
        if found is not None and found["kind"].value != "rle":
            found = None
        if self.base is not None and (found is None or found["base"].sure == "not sure"):
            found = {**(found or _UNKNOWN_CODEC), "base": self.base}
        if not self.said_runs or (found is not None and found is self.codec):
            return found  # the codec of train has what is said
        return with_readme_runs(found or _UNKNOWN_CODEC, self.said_runs)

    @property
    def scored(self) -> TaskName:
        """The task that is submitted."""
        return PIXELS if self.form.value in MASK_CELLS else IMAGES

    @property
    def kinds(self) -> dict[TaskName, Kind]:
        """The kind of each task."""
        found: dict[TaskName, Kind] = {}
        if self.tasks.labels is not None:
            found[IMAGES] = self.tasks.labels.kind
        if self.tasks.masks is not None:
            found[PIXELS] = self.tasks.masks.kind
        return found

    @property
    def scored_kind(self) -> Kind | None:
        """The kind of the submitted task."""
        return self.kinds.get(self.scored)


def entries_of(findings: FolderFindings, *, name: str, slug: str | None) -> list[YamlEntry]:
    """Return the entries of the whole file, section by section."""
    train = findings.train
    submission = _submission_entries(findings)
    entries = [
        *_task_entries(train, findings.tasks),
        YamlEntry("data", _data_entries(findings), _PATHS),
        *_frame_entries(findings),
        *_unit_entries(findings.unit),
        YamlEntry("folds", _fold_entries(train, findings.group, findings.group_notes), _FOLDS),
        YamlEntry("metric", _metric_entries(findings)),
        YamlEntry("submission", submission, _SUBMISSION),
        YamlEntry("kaggle", _kaggle_entries(slug), _KAGGLE),
    ]
    named = YamlEntry("name", name, "shown in reports; any name will do")
    to_choose = [YamlEntry("to_choose", [one.key for one in findings.open], _TO_CHOOSE)]
    for one in findings.open:
        advice = "" if one.others else _advice(one.key, findings.sample)
        entries = _with_others(entries, one.key.split("."), one.others, advice)
    return [named, *(to_choose if findings.open else []), *entries]


_TO_CHOOSE = (
    "Of these keys several readings fit all that is there; the others stand below each, behind "
    '"or". Choose, and take the key out of this list: what depends on it waits for that.'
)


def _advice(key: str, sample: SampleSubmission | None) -> str:
    """Return what to write at a key of which no other reading was found."""
    advice = _UNREAD.get(key, "to choose: nothing that was tried fits; see the competition's page")
    if key != "submission.id" or sample is None or not len(sample.table):
        return advice
    return f"{advice}. The sample's first row is {str(sample.table[sample.id].iloc[0])!r}"


_UNREAD = {
    "submission.id": (
        "to choose: no reading fits all of the sample's rows. Write the id of a row as the sample "
        "has it, with {id} for the image and, where it stands there, {class}, {index} or {number} "
        "for the class, whose names may have to be mended under classes"
    ),
    "submission.rows": (
        "to choose: a row for each object, with the id of its image (object), or one for each "
        "image (image); see the competition's page"
    ),
}


def _with_others(
    entries: Sequence[YamlEntry],
    path: Sequence[str],
    others: tuple[tuple[object, str], ...],
    advice: str = "",
) -> list[YamlEntry]:
    """Return the entries with further readings of the one at `path`, or what to write there."""
    first, *rest = path
    if not any(one.key == first for one in entries):
        default = YamlEntry(first, _DEFAULTS.get(first), advice, others)
        return [*entries, default] if not rest else list(entries)
    found = []
    for one in entries:
        if one.key == first and rest:
            one = replace(one, value=_with_others(one.value, rest, others, advice))
        elif one.key == first:
            comment = "; ".join(filter(None, (one.comment, advice)))
            one = replace(one, others=others, comment=comment)
        found.append(one)
    return found


_DEFAULTS = {"id": "{id}", "rows": "image", "sep": " ", "empty": ""}


def _unit_entries(unit: InferredUnit | None) -> list[YamlEntry]:
    if unit is None:
        return []
    aggregate = "of the predictions of a unit's images; max and noisy_or: one finding suffices"
    entries = [YamlEntry("aggregate", "mean", aggregate)]
    if unit.differs:
        entries.append(YamlEntry("truth", "max", f"{unit.differs}: the highest is the unit's"))
    return [YamlEntry("units", entries, "How images become the units that are scored.")]


def _frame_entries(findings: FolderFindings) -> list[YamlEntry]:
    preset = findings.preset
    if preset is not None and preset.frame != "native":
        why = (
            "masks are predicted, scored and sent at this height and width, as "
            f"{preset.name} wants it"
        )
        return [YamlEntry("frame", list(preset.frame), why)]
    if findings.frame is None:
        return []
    why = (
        "the masks of train have this height and width, and the images are larger: masks are "
        "predicted, scored and sent so, unless the page asks for another size"
    )
    return [YamlEntry("frame", list(findings.frame), why)]


def guessed_metric(findings: FolderFindings) -> str:
    """Return what to say where neither a text nor a preset names the metric; "" where one does."""
    form = findings.form
    if form.readme_names_metric or _has_metric_of_preset(findings):
        return ""
    name, why = (form.metric, form.why_metric) if not form.parts else ("combined", "both are sent")
    kind = None if form.parts else findings.scored_kind
    none_named = why_no_readme_metric(findings.folder, kind, findings.scored)
    return (
        f"metric.name: {name} is guessed ({why}), {none_named}: write the one that the "
        "competition's page names"
    )


def _has_metric_of_preset(findings: FolderFindings) -> bool:
    preset = findings.preset
    return preset is not None and preset.tasks.get(findings.scored) == findings.scored_kind


def _metric_entries(findings: FolderFindings) -> list[YamlEntry]:
    form = findings.form
    if findings.preset is not None and _has_metric_of_preset(findings):
        metric = findings.preset.metric
        entries = [YamlEntry("name", metric.name, f"that of {findings.preset.title}")]
        if len(findings.kinds) == 2:
            entries.append(YamlEntry("task", findings.scored, "what is submitted and scored"))
        return [*entries, *(YamlEntry(name, value) for name, value in metric.options.items())]
    if form.parts:
        why = (
            "combined is guessed, as the mean of both scores; see the competition's page. With "
            "name: rowwise and an expression, as right * iou, each row is scored alone"
        )
        parts = YamlEntry("parts", list(form.parts), "one score for each task")
        return [YamlEntry("name", "combined", why), parts]
    named = ""
    if not form.readme_names_metric:
        named = other_readme_metric(findings.folder, findings.scored_kind, findings.scored)
    named += "; " * bool(named)
    why = _METRIC.format(form.metric, form.why_metric, named, _other_metrics(findings))
    if form.readme_names_metric:
        why = f"{form.why_metric}; see the competition's page for its options"
    entries = [YamlEntry("name", form.metric, why)]
    if findings.tasks.labels is not None and findings.tasks.masks is not None:
        entries.append(YamlEntry("task", findings.scored, "what is submitted and scored"))
    options = form.options.items()
    return [*entries, *(YamlEntry(name, value, comment) for name, (value, comment) in options)]


def _other_metrics(findings: FolderFindings) -> str:
    """Return the names of a few metrics of the submitted task."""
    kind = findings.scored_kind
    if kind is None:
        return _METRICS[findings.scored]
    families = {"objects": kind.finds_objects, "ratings": kind.is_ordered}
    families |= {"columns": kind.is_by_column, kind.task: True}
    family = next(name for name, is_its in families.items() if is_its)
    usual, listed = kind.usual_metric, _METRICS[family]
    return listed if usual in listed.split(", ") else usual


def _task_entries(train: TrainPart, tasks: InferredTasks) -> list[YamlEntry]:
    found: dict[TaskName, str] = {}
    why = []
    if tasks.labels is not None:
        kind = tasks.labels.kind
        found[IMAGES] = str(kind)
        of = "" if tasks.masks is None else f"{IMAGES}, "
        every = sorted(map(image_kind, kind_names(IMAGES)), key=lambda one: not one.is_exclusive)
        others = f"Others: {', '.join(every)}."
        why.append(f"{of}{kind}: {kind.description}. Guessed: {tasks.labels.why}. {others}")
    if tasks.masks is not None:
        found[PIXELS] = str(tasks.masks.kind)
        why.append(why_masks(tasks.masks))
    if len(found) == 2:
        why.append("One network is trained on both; leave one out to train on the other alone.")
    entries = [YamlEntry("tasks", found, "\n".join(why))]
    if tasks.classes:
        sizes = "" if tasks.labels is None else _sizes(train.n_by_class)
        comment = (
            f"The {len(tasks.classes):,} names as the data has them, in the order of the "
            f"network's outputs.{sizes}"
        )
        entries.append(YamlEntry("classes", tasks.classes, comment))
    if tasks.labels is not None and tasks.labels.are_positions:
        comment = "by their names these are places in the image, which no view may flip or move"
        entries.append(YamlEntry("positions", True, comment))
    return entries


def _sizes(n_by_class: dict[str, int]) -> str:
    if not n_by_class:
        return ""
    rarest, most = min(n_by_class, key=lambda name: n_by_class[name]), max(n_by_class.values())
    low = n_by_class[rarest]
    return (
        f" Each has {low:,} image{'s' * (low != 1)}."
        if low == most
        else (
            f" The rarest, {rarest}, has {low:,} image{'s' * (low != 1)}, the commonest {most:,}."
        )
    )


def _data_entries(findings: FolderFindings) -> list[YamlEntry]:
    folder, test, unlabelled = findings.folder, findings.test, findings.unlabelled
    train, comment = _train_entries(folder, findings.train, findings.stacks_images)
    unit = (
        []
        if findings.unit is None
        else [YamlEntry("unit", findings.unit.template, findings.unit.why)]
    )
    train += unit
    if findings.tasks.masks is not None:
        train += mask_entries(folder, findings.tasks.masks, findings.codec)
    entries = [YamlEntry("train", train, comment)]
    if unlabelled is not None:
        comment = (
            f"{unlabelled.n:,} images without labels, for methods that use them: {unlabelled.why}."
        )
        entries.append(YamlEntry("unlabelled", _source(folder, unlabelled), comment))
    comment = f"{test.n:,} images to predict: {test.why}."
    test_entries = _source(folder, test, findings.stacks_images)
    entries.append(YamlEntry("test", [*test_entries, *unit], comment))
    entries.append(YamlEntry("reader", *findings.reader))
    return entries


def _spelt(
    folder: DataFolder, pattern: str, several: Mapping[str, str] = MappingProxyType({})
) -> str | dict[str, str]:
    """Return the pattern of images as `competition.yaml` has it: of each file, where several."""
    if several:
        return {column: folder.spell(template) for column, template in several.items()}
    if not folder.channels:
        return folder.spell(pattern)
    files = {one: folder.spell(channel_pattern(folder, pattern, one)) for one in folder.channels}
    if not folder.in_folders:
        return files
    stems = [name.rpartition(".")[0] for name in files]
    names = stems if len(set(stems)) == len(stems) else list(files)
    return dict(zip(names, files.values(), strict=True))


def _train_entries(
    folder: DataFolder, train: TrainPart, parts: bool
) -> tuple[list[YamlEntry], str]:
    joined = []
    if train.join is not None:
        table = {"table": folder.spell(train.join[0]), "key": train.join[1]}
        joined = [YamlEntry("join", table, "a row for each image: its columns are theirs")]
    if train.plain is not None:
        entries = [*_plain_entries(folder, train.plain), *joined]
        return entries, f"{len(train.images):,} images with masks."
    if train.folders is not None:
        images = _spelt(folder, train.folders.pattern)
        is_name = "{class}" in train.folders.pattern.rpartition("/")[2]
        what = "text" if is_name else "folder"
        comment = f"the {what} in the place of {{class}} is the label"
        entries = [YamlEntry("images", images, comment)]
        if train.folders.id != "{stem}":
            entries.append(YamlEntry("id", train.folders.id, _IDS[train.folders.id]))
        entries += joined
        where = "whose names have the class" if is_name else "in class folders"
        return entries, f"{len(train.folders.images):,} labelled images {where}."
    match, labels = train.match, train.labels
    assert match is not None
    if match.join is not None:
        return _joined_entries(folder, match, match.join, labels)
    found = f"names the image of a row: {match.n_found:,} of {len(match.table):,} found"
    entries = [
        YamlEntry(
            "table",
            folder.spell(match.path),
            f"columns {', '.join([one for one in match.table.columns if '{' not in one][:8])}",
        ),
        YamlEntry("id", match.id, found),
        YamlEntry("images", *_of_row(folder, match.template, match.several, parts)),
    ]
    if labels is None:
        return entries, f"{len(match.table):,} images: a row of {match.path} each."
    entries += _label_entries(labels)
    return entries, f"{len(match.table):,} labelled images: a row of {match.path} each."


def _label_entries(labels: InferredLabels) -> list[YamlEntry]:
    """Return the column of the labels, and what separates several in a cell."""
    entries = [YamlEntry("label", labels.column, labels.why)]
    if labels.separator is not None:
        why = "stands between the labels of a cell"
        entries.append(YamlEntry("label_sep", labels.separator, why))
    elif labels.as_lists is not None:
        entries.append(YamlEntry("label_sep", labels.as_lists[0], "only lists of labels have it"))
    return entries


def _joined_entries(
    folder: DataFolder, match: ImageTable, join: JoinedTable, labels: InferredLabels | None
) -> tuple[list[YamlEntry], str]:
    """Return the entries of images whose labels are those of a patient, a study, a folder."""
    entries = [YamlEntry("images", _spelt(folder, match.template), "every image there")]
    if join.id != "{stem}":
        entries.append(YamlEntry("id", join.id, _IDS.get(join.id, _OF_PARTS)))
    meaning = f"a row is of several images: {join.n_rows:,} rows, {len(match.images):,} images"
    table = {"table": folder.spell(match.path), "key": join.key}
    entries.append(YamlEntry("join", table, meaning))
    if labels is not None:
        entries += _label_entries(labels)
    comment = f"{len(match.images):,} images, labelled by the rows of {match.path}."
    return entries, comment


def _plain_entries(folder: DataFolder, plain: PlainImages) -> list[YamlEntry]:
    entries = [
        YamlEntry("images", _spelt(folder, plain.pattern), "every image there that is no mask")
    ]
    if plain.id != "{stem}":
        entries.append(YamlEntry("id", plain.id, _IDS.get(plain.id, _OF_PARTS)))
    return entries


_IDS = {
    "{stem}": "the id is the file name without extension",
    "{name}": "the id is the file name with its extension",
    "{path}": "the id is the path, because file names repeat",
    "{folder}": "the id is the folder's name, because file names repeat",
}
_OF_PARTS = "the id is made of parts of the path, as the tables have it"


def _source(folder: DataFolder, found: PartImages, parts: bool = False) -> list[YamlEntry]:
    entries = []
    if found.table is not None:
        entries.append(YamlEntry("table", folder.spell(found.table), "one row for each image"))
    if found.id is not None and not (folder.channels and found.table is None):
        other = _OF_PARTS if found.table is None else "the column that names the images"
        meaning = _IDS.get(found.id, other)
        entries.append(YamlEntry("id", found.id, meaning))
    if found.table is None:
        return [*entries, YamlEntry("images", _spelt(folder, found.images), "every image there")]
    return [*entries, YamlEntry("images", *_of_row(folder, found.images, found.several, parts))]


def _of_row(
    folder: DataFolder, template: str, several: Mapping[str, str], parts: bool
) -> tuple[str | dict[str, str], str]:
    """Return the pattern from a row to its image, or images, and what it is."""
    if not (several and parts):
        return _spelt(folder, template), "from a row to its image"
    what = f"{' and '.join(several)} name an image each: a network gets them stacked as channels"
    return _spelt(folder, template, several), f"{what}; for one alone, its pattern"


def _fold_entries(
    train: TrainPart, group: GroupColumn | None, notes: Sequence[str]
) -> list[YamlEntry]:
    kind = None if train.labels is None else train.labels.kind
    table = None if train.match is None else train.match.table
    column = (
        None if table is None or train.match is None else find_fold_column(table, [train.match.id])
    )
    if column is not None and table is not None:
        why = f"the column {column} holds fold numbers already"
        n = table[column].nunique()
        return [
            YamlEntry("scheme", "column", why),
            YamlEntry("column", column, "0 is the first fold"),
            YamlEntry("n", n, "as many as the column has"),
        ]
    scheme, shares = "stratified", "every class"
    if kind is None:
        shares = "images with much and with little foreground"
    elif kind.is_continuous:
        shares = "every direction" if kind.is_circular else "high and low values"
    elif kind.is_by_class:
        scheme, shares = "multilabel_stratified", "every label"
    why = f"each fold has its share of {shares}"
    if group is not None:
        scheme, why = "stratified_group", f"no group is in two folds, and {why}"
    n, reason = N_FOLDS, "folds; each one costs a training and gives a model to average"
    if group is not None and group.n < n:
        n, reason = group.n, "as many folds as there are groups; each one costs a training"
    entries = [YamlEntry("scheme", scheme, why), YamlEntry("n", n, reason), _SEED]
    if train.labels is None:
        balance = "what every fold has its share of: coverage, how much of an image is foreground"
        entries.append(YamlEntry("balance", "coverage", balance))
    if group is not None:
        return [*entries, YamlEntry("group", group.column, group.why)]
    found = ". ".join(notes) or "no column looks like a patient, a scene or another group"
    otherwise = (
        "If rows belong together, name the column here and write scheme: stratified_group, or "
        "images validate their likes"
    )
    return [*entries, YamlEntry("group", None, f"{found}. {otherwise}")]


_SEED = YamlEntry("seed", 42, "another seed, another split")


def _submission_entries(findings: FolderFindings) -> list[YamlEntry]:
    folder, sample, layout, test = findings.folder, findings.sample, findings.form, findings.test
    n_classes = len(findings.tasks.classes)
    entries = []
    file_entries = []
    if sample is not None and sample.file:
        comment = "how a file to send differs from a plain CSV, as the sample does"
        if findings.sends_pngs:
            comment = "a file to send is a ZIP of PNGs, and the sample a table of their rows"
            comment += f"; {sample.why_file}"
        if "header" in sample.file:
            comment += ", which has no header: the names of columns stand here alone"
        file_entries.append(YamlEntry("file", dict(sample.file), comment))
    if sample is not None and findings.sample_is_excerpt:
        file_entries += [YamlEntry("empty_row", "drop", "an image without an object has no row")]
    elif sample is not None:
        comment = f"{len(sample.table):,} rows; every file is checked against it before it is sent"
        n_rows = test.n * (n_classes if layout.rows == "image_class" else 1)
        is_listed = "lookup" in sample.file
        if len(sample.table) != n_rows and findings.unit is None and not is_listed:
            comment += f" (but there are {test.n:,} images to predict: find out which count)"
        entries.append(YamlEntry("sample", folder.spell(sample.path), comment))
    if layout.answers:
        comment = "the file's columns, in order: each a field of the row, or an answer of a task"
        entries.append(YamlEntry("columns", list(layout.answers), comment))
    elif layout.columns:
        comment = "the file's columns, in order, and what stands in each"
        entries.append(YamlEntry("columns", layout.columns, comment))
    if layout.value in MASK_CELLS:
        return [*entries, *file_entries, *rle_entries(layout, findings)]
    entries += file_entries
    entries += _row_entries(layout)
    meaning = layout.why_value
    entries.append(YamlEntry("value", layout.value, f"{meaning}. {_VALUES}"))
    if layout.directions != "degrees" and layout.value == "degrees":
        comment = "the unit of the directions of train, in which a file has them again"
        entries.append(YamlEntry("directions", layout.directions, comment))
    if layout.least is not None and layout.value == "scalar":
        least, why = layout.least
        comment = (
            f"the least number that a file may hold, as {why}: a prediction below is written as "
            "it, while honest scores are of predictions as they are. Leave the key out if numbers "
            "below may be right"
        )
        entries.append(YamlEntry("range", [least, None], comment))
    if layout.decimals is not None:
        decimals, why = layout.decimals
        comment = (
            f"the digits behind the point of a number, as {why}: predictions are rounded to these, "
            "while honest scores are of predictions as they are. Leave the key out if the host "
            "takes more"
        )
        entries.append(YamlEntry("decimals", decimals, comment))
    if layout.sep != " ":
        comment = (
            "stands between the labels of a cell" if layout.sep else "each label is one letter"
        )
        entries.append(YamlEntry("sep", layout.sep, comment))
    if layout.empty is not None:
        comment = f"the cell of an image without a class: {layout.why_empty}"
        entries.append(YamlEntry("empty", layout.empty, comment))
    if layout.k is not None:
        entries.append(YamlEntry("k", layout.k, "how many a cell holds at most"))
    return entries


def _kaggle_entries(slug: str | None) -> list[YamlEntry]:
    where = "the name in kaggle.com/competitions/<name>; `podium submit` needs it"
    return [
        YamlEntry("slug", slug, where),
        YamlEntry(
            "kind", "file", "file: a CSV is uploaded; code: a notebook writes it on the host"
        ),
        YamlEntry(
            "daily_limit", 5, "submissions a day; overridden by the limit that the host reports"
        ),
        YamlEntry("host", None, "null: Kaggle; a host of your own by its address or its folder"),
        YamlEntry("finals", 2, "submissions that may be chosen for the final score"),
    ]


CodecEstimates = Mapping[str, Estimate]
"""The format of runs: `CodecEstimate.estimates`."""


_UNKNOWN_CODEC = unknown_codec("no mask of train is written as runs").estimates
_CODEC = "base: number of the first pixel; order: F down the columns, C along the rows"
_UNKNOWN = "The usual ones, a guess without evidence: view a few masks"


def why_masks(masks: FoundMasks) -> str:
    """Return the meaning of the masks' kind, and the reason for it."""
    why = masks.content.why if isinstance(masks, MaskFiles) else masks.why
    rows = ""
    if isinstance(masks, MaskRuns) and masks.classes:
        rows = f", of {len(masks.classes)} classes"
    return f"{PIXELS}, {masks.kind}: {masks.kind.description}. Guessed: {why}{rows}."


def mask_entries(
    folder: DataFolder, masks: FoundMasks, found: CodecEstimates | None
) -> list[YamlEntry]:
    """Return the entries of `data.train` on masks; `found` is the format of their runs."""
    if isinstance(masks, MaskRuns):
        return _of_runs(folder, masks, found)
    entries = [
        YamlEntry("mask", folder.spell(masks.pattern), f"{masks.why}: {masks.n_found:,} images")
    ]
    content = masks.content
    if content.values is not None:
        comment = "pixel value, or colour, and what it is"
        entries.append(YamlEntry("mask_values", content.values, comment))
    if content.ignore is not None:
        comment = "pixels of this value are excluded from loss and score"
        entries.append(YamlEntry("ignore", content.ignore, comment))
    if masks.absent:
        entries.append(YamlEntry("absent", "empty", masks.absent))
    return entries


_RUNS = "runs: pairs of start and length"


def _of_runs(folder: DataFolder, masks: MaskRuns, found: CodecEstimates | None) -> list[YamlEntry]:
    comment = "names the image of a row"
    if "{class}" in masks.id:
        comment = "names the image and the class of a row"
    inner = [
        YamlEntry("table", folder.spell(masks.path), f"{len(masks.ids):,} images have rows"),
        YamlEntry("id", masks.id, comment),
        YamlEntry("rle", masks.rle, "COCO's counts" if masks.images else _RUNS),
    ]
    if masks.label is not None:
        inner.append(YamlEntry("label", masks.label, "the class of a row"))
    if not set(masks.empty) <= {"", "-1"}:
        inner.append(YamlEntry("empty", masks.empty, "cells that mean: no object"))
    absent = "" if masks.is_one_a_sample else "; an image without a row has an empty mask"
    return [
        YamlEntry("mask", inner, f"Masks as run-length text{absent}."),
        codec_entry("mask_codec", found),
    ]


def codec_entry(key: str, found: CodecEstimates | None, why: str = "") -> YamlEntry:
    """Return the entry of how runs are counted, with how sure each part of it is, and why."""
    if found is None:
        return YamlEntry(key, {"base": 1, "order": "F"}, why or f"{_CODEC}. {_UNKNOWN}")
    if found["kind"].value != "rle":
        return YamlEntry(key, {"kind": found["kind"].value}, found["kind"].why)
    names = [
        name for name in ("base", "order", "relative") if name != "relative" or found[name].value
    ]
    values = {name: found[name].value for name in names}
    reasons = "\n".join(
        f"{name} {_yaml(one.value)} is {one.sure}: {one.why}{'; ' if one.fix else ''}{one.fix}."
        for name, one in found.items()
        if name != "kind"
    )
    return YamlEntry(key, values, why or f"{_CODEC}.\n{reasons}")


def open_codec(key: str, found: CodecEstimates) -> Iterator[OpenKey]:
    """Yield the key of a codec of which something is not sure, with the other ways to count."""
    names = [name for name, one in found.items() if name != "kind" and one.sure == "not sure"]
    if not names or found["kind"].value != "rle":
        return
    ways: list[dict[str, object]] = [{name: one.value for name, one in found.items()}]
    for name in names:
        ways += [{**way, name: _other_value(way[name])} for way in ways]
    others = [
        {
            name: way[name]
            for name in ("base", "order", "relative")
            if name != "relative" or way[name]
        }
        for way in ways[1:]
    ]
    yield OpenKey(key, tuple((one, "") for one in others))


def _other_value(value: object) -> object:
    if isinstance(value, bool):
        return not value
    return {"F": "C", "C": "F", 0: 1, 1: 0}[value]


def _yaml(value: object) -> str:
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)


_ROWS = {
    "image": "one row an image",
    "image_class": "one row for each image and class",
    OBJECT_ROW: "one row for each object; an image without one has a row, too",
}


def _row_entries(form: InferredFormat) -> list[YamlEntry]:
    """Return what names a row, where it is not the image's id alone."""
    entries = []
    if form.rows != "image":
        entries.append(YamlEntry("rows", form.rows, _ROWS[form.rows]))
    if form.id != "{id}":
        comment = "what stands around an image's id"
        if form.rows != "image":
            comment = (
                "an image's row; {class} is a class's name, {index} its place from 0, {number} "
                "from 1"
            )
        if form.index_base is not None:
            comment = "an object's row; {object} is its number in its image"
        entries.append(YamlEntry("id", form.id, comment))
    if form.index_base is not None:
        entries.append(YamlEntry("index_base", form.index_base, "number of the first object"))
    return entries


def rle_entries(form: InferredFormat, findings: FolderFindings) -> list[YamlEntry]:
    """Return the entries of `submission` on masks, after its columns."""
    entries = [YamlEntry("rows", form.rows, _ROWS[form.rows])] if form.rows == "image" else []
    entries += _row_entries(form)
    entries.append(YamlEntry("value", form.value, form.why_value))
    if form.empty is not None:
        entries.append(YamlEntry("empty", form.empty, "stands where the mask is empty"))
    if form.rows == OBJECT_ROW:
        overlap = "forbid: of objects that share pixels the surer one keeps them; or allow"
        # Where rows say how sure they are, each object is matched by itself.
        usual = "allow" if "conf" in form.columns.values() else "forbid"
        entries.append(YamlEntry("overlap", usual, overlap))
    if form.value != "rle" or findings.sends_pngs:
        return entries
    sent = findings.sent_codec
    why = ""  # of each part its own
    if sent is not None and sent is findings.codec:
        why = "how runs are counted: as the masks of train are"
    elif sent is None and findings.codec is not None:
        why = "how runs are counted; those of train are written otherwise"
    elif sent is None:
        why = "how runs are counted; the usual ones, which no header shows: see the page"
    return [*entries, codec_entry("rle", sent, why)]
