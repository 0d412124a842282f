"""Findings held against the masks of train, known competitions and texts: codec, metric, size."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import cache, partial

import pandas as pd

from podium.competition import metrics
from podium.competition.calibrate.calibration import codec_of, with_preset
from podium.competition.calibrate.preset import match_preset, sizes_of_files
from podium.competition.calibrate.sample import base_of_sample
from podium.competition.ids.rows import ids_of_rows
from podium.competition.infer.encodings import read_text
from podium.competition.infer.evidence import OpenKey
from podium.competition.infer.files import DataFolder
from podium.competition.infer.findings.folder import FolderFindings
from podium.competition.infer.labels.cells import known_cells, sort_classes
from podium.competition.infer.readme.column_formulas import readme_column_formula
from podium.competition.infer.readme.empty_pairs import readme_empty_pair
from podium.competition.infer.readme.metric_caveats import caveat_of_metric, means_of_columns
from podium.competition.infer.readme.metrics import (
    MEANS_OF_COLUMNS,
    ReadmeMetric,
    find_f1_of_classes,
    find_readme_metrics,
    find_readme_ranking,
    find_readme_sum,
    find_readme_terms,
    lone_metric,
    mean_of_images,
    numbers_in_name,
    quote_of_both,
)
from podium.competition.infer.readme.runs import (
    ReadmeRuns,
    contradictions,
    find_readme_runs,
    with_readme_runs,
)
from podium.competition.infer.readme.texts import SENTENCE_END, texts_beside
from podium.competition.infer.readme.weights import find_readme_weights, find_weighted_log_loss
from podium.competition.infer.sample.pixel_rows import metric_of_pixels
from podium.competition.infer.sample.runs import EMPTY_PAIR, MASK_CELLS
from podium.competition.infer.sample.submission import (
    JOINED_BY_GUESS,
    InferredFormat,
    SampleSubmission,
    with_metric_of_axes,
)
from podium.competition.infer.sources import MASKS_ALONE
from podium.competition.infer.tasks.settle import InferredTasks
from podium.competition.languages import meaning_words
from podium.competition.phrases import words_pattern
from podium.competition.samples import load_samples, rows_of_source, rows_without_image
from podium.competition.sections.submission import ValueKind
from podium.competition.sections.sums import sum_labels, sum_name
from podium.competition.spec import Competition
from podium.errors import DataError
from podium.tasks.protocols.find import image_kind, kind_names
from podium.tasks.protocols.kind import Kind
from podium.tasks.protocols.names import IMAGES, PIXELS, TaskName, of_pixels
from podium.tasks.protocols.outputs import by_output

__all__ = ["calibrated", "with_readme_metric"]


def calibrated(
    findings: FolderFindings,
    competition: Competition,
    tables: Mapping[str, pd.DataFrame],
    slug: str | None,
) -> tuple[FolderFindings, list[str]]:
    """Return the findings with the masks' codec and the preset of the competition, and notes."""
    estimate = None
    if competition.has_masks:
        samples = _loadable_samples(competition)
        if samples is not None:
            estimate, _ = codec_of(competition, samples, findings.folder, tables)
    sizes = cache(partial(sizes_of_files, findings.files, competition.reader))
    match = match_preset(
        findings.sample,
        names=(slug,),
        folders=(competition.name,),
        tasks=competition.tasks,
        relative=None if estimate is None else estimate.is_relative,
        sizes=sizes,
    )
    notes = []
    preset = match.preset if match.is_named else None
    if match.preset is not None:
        one = match.preset
        kinds = "".join(
            f", tasks: {{{task}: {kind}}}"
            for task, kind in one.tasks.items()
            if competition.tasks.get(task) != kind
        )
        fix = (
            ""
            if preset
            else f"; if so, write kaggle: {{slug: {one.slug}}}{kinds} and metric: {one.metric.name}"
        )
        if preset and match.sure != "certain" and of_pixels(competition.tasks):
            fix = f"; if they were resized, write frame: {list(one.image_size or ())}"
        told = "this may be" if match.sure == "not sure" else "this seems to be"
        notes.append(f"{told} {one.title} ({match.why}){fix}. {one.note.strip()}".strip())
    # A header that a known competition has too shows what is usual, and nothing more; runs that
    # count from the last one are rare enough to tell the competition.
    is_known = match.is_named or (
        match.preset is not None
        and match.preset.submission.rle.relative
        and match.sure_values == "likely"
    )
    if preset is not None:
        findings = _with_known_classes(findings, preset.classes)
    codec = None
    if estimate is not None:
        codec = with_preset(estimate, match, sure="likely" if is_known else "not sure")
    form = findings.form
    if preset is not None and form.value not in MASK_CELLS:
        known = preset.submission.value
        others = {
            value for one in form.open if one.key == "submission.value" for value, _ in one.others
        }
        if known in others:
            why = f"that of {preset.title}"
            form = replace(form, value=known, why_value=why)
    base = base_of_sample(findings.sample if of_pixels(competition.tasks) else None, sizes)
    has_runs = competition.has_masks and (codec is not None or form.value == "rle")
    found_runs = find_readme_runs(findings.folder) if has_runs else ReadmeRuns({})
    said = found_runs.parts
    worked = {} if findings.sample is None else findings.sample.run_parts
    if worked and has_runs:
        notes += contradictions(worked, said)
        said = {**said, **worked}
        base = None if "base" in worked else base
    if found_runs.ends and form.value == "rle" and codec is None:
        findings = _with_ends_of_text(findings, found_runs.ends)
    findings = _with_single_runs(findings, found_runs)
    if base is not None and (against := contradictions({"base": base}, said)):
        notes += against
        said = {name: one for name, one in said.items() if name != "base"}
    if codec is not None and codec["kind"].value == "rle":
        notes += contradictions(codec, said)
        codec = with_readme_runs(codec, said)
    if codec is not None:
        unsure = [name for name, one in codec.items() if name != "kind" and one.sure == "not sure"]
        if unsure:
            why = codec[unsure[0]].why
            notes.append(f"mask_codec: {', '.join(unsure)} could not be determined ({why})")
    of_coco = estimate is not None and estimate.kind.value == "coco"
    # A text that tells how runs are counted tells of no COCO's counts, which leave nothing open.
    if of_coco and form.is_blank and not {"base", "order"} <= said.keys():
        why = "the masks of train are COCO's counts, and the sample shows none"
        form = replace(form, value="coco", why_value=why)
    if has_runs and preset is None:
        form = _with_minus_one(findings.folder, form)
    findings = replace(findings, codec=codec, base=base, said_runs=said, preset=preset, form=form)
    return findings, notes


def _with_ends_of_text(findings: FolderFindings, ends: str) -> FolderFindings:
    """Return the findings whose runs to send name their ends, as a text states, unless cells do."""
    sample = findings.sample
    if sample is None or sample.run_pairs:
        return findings
    pairs = {"second": "last"}
    return replace(findings, sample=replace(sample, run_pairs=pairs, why_pairs=ends))


def _with_single_runs(findings: FolderFindings, said: ReadmeRuns) -> FolderFindings:
    """Return the findings; runs end in their last pixels for sure where a text has one of one."""
    sample = findings.sample
    if sample is None or sample.run_pairs.get("second") != "last":
        return findings
    if str(sample.run_pairs.get("join")) not in said.singles:
        return findings
    return replace(findings, sample=replace(sample, why_pairs=""))


def _loadable_samples(competition: Competition) -> pd.DataFrame | None:
    """Return the samples of train, without rows whose image is not there; None where none load.

    Errors are told where all parts are loaded; masks of the other images show the codec meanwhile.
    """
    source = competition.data.train
    with suppress(DataError):
        return load_samples(competition, "train")
    if source.table is None or source.id is None:
        return None
    with suppress(DataError, KeyError):
        rows = rows_of_source(competition, source)
        missing = rows[rows_without_image(competition, source, rows)]
        left_out = [*source.exclude, *ids_of_rows(missing, source.id)]
        train = source.model_copy(update={"exclude": left_out})
        data = competition.data.model_copy(update={"train": train})
        rest = competition.model_copy(update={"data": data}).at(competition.root)
        return load_samples(rest, "train")
    return None


_MINUS_ONE = re.compile(r"(?<![\w./–-])[-–−]1(?![\w/%]|[.,]\d|.{1,8}?\+?1\b)")
"""-1, and not the lower end of "-1 to 1"."""


def _with_minus_one(folder: DataFolder, form: InferredFormat) -> InferredFormat:
    """Return the format of runs with -1 for an empty mask, where the sample has none.

    No pixel has that number: a text that quotes it, or has it beside a word for no or none, may
    tell of a mask without any. It is asked, as the text may be of something else.
    """
    if form.empty != "" or form.shows_empty:
        return form
    paths = [path for path, _ in texts_beside(folder)]  # without signs, as hyphens
    texts = ((one, read_text(folder.path / one, folder)) for one in paths)
    path = next((one for one, text in texts if _names_minus_one(text)), None)
    if path is None:
        return form
    asked = OpenKey("submission.empty", (("", f"{path} says -1, perhaps not of empty masks"),))
    return replace(form, empty="-1", open=(*form.open, asked))


def _names_minus_one(text: str) -> bool:
    """Return whether a sentence quotes -1, or has it beside a word for no, none or empty."""
    words_of_none = meaning_words("none") | meaning_words("negation") | meaning_words("empty")
    for line in text.splitlines():
        for sentence in SENTENCE_END.split(line):
            if _MINUS_ONE.search(sentence) is None:
                continue
            words = {*re.findall(r"\w+", sentence.casefold())}
            if words & words_of_none or _QUOTED_MINUS_ONE.search(sentence):
                return True
    return False


_QUOTED_MINUS_ONE = re.compile(r"[`'\"«“‘][-–−]1[`'\"»”’]")


def _with_known_classes(findings: FolderFindings, known: Sequence[str]) -> FolderFindings:
    """Return the findings; what may be the word for no class is a class that the preset has."""
    tasks, form = findings.tasks, findings.form
    labels = tasks.labels
    if labels is None or not labels.none or labels.none not in known:
        return findings
    classes = sort_classes([*labels.classes, labels.none])
    labels = replace(labels, classes=classes, none="")
    rest = tuple(one for one in form.open if one.key != "submission.empty")
    return replace(
        findings,
        tasks=replace(tasks, labels=labels, classes=classes),
        form=replace(form, empty=None, open=rest),
    )


def _cells_of_labels(findings: FolderFindings) -> list[pd.Series[str]]:
    """Return the cells of train in each of several columns of numbers; [] of other labels."""
    labels, match = findings.tasks.labels, findings.train.match
    if labels is None or match is None or not labels.kind.is_continuous or labels.kind.is_single:
        return []
    return [match.table[one] for one in labels.column_names if one in match.table]


def with_readme_metric(findings: FolderFindings) -> FolderFindings:
    """Return the findings with the metric that a text beside the data names, if one does."""
    form, kind = findings.form, findings.scored_kind
    if form.parts:
        return replace(findings, form=_with_metrics_of_parts(findings))
    if kind is None:
        return findings
    total = _with_terms(findings, kind) or _with_column_formula(findings, kind)
    if total is not None:
        return total
    named = find_readme_metrics(findings.folder, kind, findings.scored)
    if form.rows == "pixel" and not named and str(kind) in kind_names(IMAGES):
        named = find_readme_metrics(findings.folder, image_kind(str(kind)), IMAGES)
    ranking = find_readme_ranking(findings.folder, form.k) if form.value == "topk" else None
    if ranking is not None:
        named = [ranking]
    weights = _weights_of_text(findings, kind)
    if not named and "class_weights" in weights:
        weighted = find_weighted_log_loss(findings.folder)
        named = [] if weighted is None else [weighted]
    if not named and findings.scored == PIXELS:
        f1 = find_f1_of_classes(findings.folder, kind)
        if f1 is not None:
            return _with_f1_of_classes(findings, f1)
    if not named:
        return _with_lone_metric(findings, kind)
    named, of_masks = _without_scores_of_masks(_of_each_column(named, findings), findings)
    first, *rest = named
    scaled = means_of_columns(findings.folder, first, kind, _cells_of_labels(findings))
    if scaled is not None:
        first, rest = replace(first, name=scaled[0]), []
    if form.rows == "pixel":
        return replace(findings, form=_with_metric_of_pixels(form, first))
    options = metrics.get(first.name).options
    kept = {name: one for name, one in form.options.items() if name in options}
    if "empty" in options and (pair := _empty_pair(findings, first)):
        kept["empty"] = pair
    if first.average:
        told = readme_empty_pair(findings.folder, first) if first.average == "samples" else None
        word = _word_for_no_class(findings) if first.average == "samples" and told is None else ""
        unsaid = f"; {_ZERO_DIVISION}" if told is None and not word else ""
        kept["average"] = (first.average, f"as {first.path} says{unsaid}")
        if word:
            kept["zero_division"] = (1, f"{word!r} is right where the truth has it, as any name is")
        if told is not None and told.counts == "one":
            kept["zero_division"] = (1, f"{first.path} says {told.quote!r}")
    if scaled is not None:
        kept["scales"] = (scaled[1], f"the mean of each column in train, as {scaled[2]}")
    why = f"{first.path} says {first.called!r}"
    known = {name: one for name, (one, _) in kept.items()}
    for name, number in numbers_in_name(first).items():
        if number != {**options, **known}[name]:
            kept[name] = (number, why)
    weights = {name: one for name, one in weights.items() if name == "weights" or name in options}
    kept |= weights
    if options.get("over") == "class" and (quote := mean_of_images(findings.folder, first)):
        kept |= {"over": ("image", f"{first.path} says {quote!r}"), "empty": ("one", EMPTY_PAIR)}
    both = quote_of_both(findings.folder, first, rest[0]) if len(rest) == 1 else ""
    behind = f": {both!r} has both, and podium takes a metric of your own (docs/extending.md)"
    others = tuple(
        (one.name, f"{one.path} says {one.called!r}{behind if both else ''}") for one in rest
    )
    open_keys = (*form.open, *([OpenKey("metric.name", others)] if others else []))
    labels = findings.tasks.labels
    predicted = () if labels is None else labels.classes or labels.column_names
    caveat = caveat_of_metric(
        findings.folder, first, kind, predicted, weights_are_read=bool(weights)
    )
    form = replace(
        form,
        notes=[*form.notes, *map(_sent_apart, of_masks)],
        metric=first.name,
        why_metric=why,
        readme_names_metric=not caveat,
        metric_told=(first.path, first.called),
        metric_caveat=caveat,
        options=kept,
        open=open_keys,
    )
    form = with_metric_of_axes(form)
    if not rest:
        form = _with_value_of_metric(form, findings.sample, why)
    return replace(findings, form=form, tasks=_with_kind_of_metric(findings, why))


def _with_f1_of_classes(findings: FolderFindings, named: ReadmeMetric) -> FolderFindings:
    """Return the findings with the Dice of each class, which is the F1 of its pixels."""
    form = findings.form
    usual = metrics.get(named.name).options
    kept = {name: one for name, one in form.options.items() if name in usual}
    kept["over"] = ("class", "the pixels of all images are pooled, then the mean over the classes")
    if quote := mean_of_images(findings.folder, named):
        kept["over"] = ("image", f"{named.path} says {quote!r}")
    told = readme_empty_pair(findings.folder, named)
    if told is not None:
        kept["empty"] = (told.counts, f"{named.path} says {told.quote!r}")
    why = f"{named.path} says {named.called!r}, and the F1 of pixels is their Dice"
    form = replace(
        form,
        metric=named.name,
        why_metric=why,
        readme_names_metric=True,
        metric_told=(named.path, named.called),
        options=kept,
    )
    return replace(findings, form=form)


def _with_terms(findings: FolderFindings, kind: Kind) -> FolderFindings | None:
    """Return the findings with the weighted sum of metrics that a text names; None without one."""
    form = findings.form
    if form.rows == "pixel" or kind.is_by_output or kind.is_by_column:
        return None
    total = find_readme_terms(findings.folder, kind, findings.scored)
    if total is None:
        return None
    why, terms = f"{total.path} says {total.quote!r}", total.terms
    labels = sum_labels([one.name for _, one in terms])
    labelled = findings.tasks.labels
    predicted = () if labelled is None else labelled.classes or labelled.column_names
    caveats = [
        caveat_of_metric(findings.folder, one, kind, predicted, weights_are_read=True)
        for _, one in terms
    ]
    caveat = next(filter(None, caveats), "")
    form = replace(
        form,
        metric=sum_name([(weight, one.name) for weight, one in terms]),
        why_metric=why,
        readme_names_metric=not caveat,
        metric_caveat=caveat,
        options={
            label: (_options_of_term(findings, one), why)
            for label, (_, one) in zip(labels, terms, strict=True)
        },
    )
    form = _with_value_of_metric(form, findings.sample, why)
    return replace(findings, form=form, tasks=_with_kind_of_metric(findings, why))


def _with_column_formula(findings: FolderFindings, kind: Kind) -> FolderFindings | None:
    """Return the findings with the sum of one metric over columns that a text has, or None."""
    labels = findings.tasks.labels
    if labels is None or not kind.is_by_column or findings.form.rows == "pixel":
        return None
    columns = labels.classes or labels.column_names
    told = readme_column_formula(findings.folder, columns, kind)
    if told is None:
        return None
    why, total = f"{told.path} says {told.quote!r}", sum(told.weights)
    if not math.isclose(total, 1) and {"weights"} & {*told.options}:
        why += f"; that sum is {total:g} times this mean"
    form = replace(
        findings.form,
        metric=told.metric,
        why_metric=why,
        readme_names_metric=True,
        metric_told=(told.path, told.quote),
        options={name: (one, why) for name, one in told.options.items()},
    )
    return replace(findings, form=form)


def _options_of_term(findings: FolderFindings, named: ReadmeMetric) -> dict[str, object]:
    """Return the options of one metric of a sum, as texts and the usual metric have them."""
    known = metrics.get(named.name).options
    own = {name: one for name, (one, _) in findings.form.options.items() if name in known}
    pair = _empty_pair(findings, named) if "empty" in known else None
    own |= {} if pair is None else {"empty": pair[0]}
    if known.get("over") == "class" and mean_of_images(findings.folder, named):
        own |= {"over": "image", "empty": "one"}
    own |= {"average": named.average} if named.average else {}
    return own | dict(numbers_in_name(named))


def _empty_pair(findings: FolderFindings, named: ReadmeMetric) -> tuple[object, str] | None:
    """Return what a metric of masks counts where truth and answer are empty, and why; or None.

    As a text states it; else as the metric is usually meant, and not as the guess before it.
    """
    told = readme_empty_pair(findings.folder, named)
    if told is not None:
        return told.counts, f"{named.path} says {told.quote!r}"
    usual = metrics.get(named.name).options["empty"]
    return (usual, EMPTY_PAIR) if usual != "error" and named.name != findings.form.metric else None


def _without_scores_of_masks(
    named: list[ReadmeMetric], findings: FolderFindings
) -> tuple[list[ReadmeMetric], list[ReadmeMetric]]:
    """Return the metrics of labels without those that are of the masks beside, and the latter.

    As "IoU" beside "F1", of labels that have masks: an IoU of labels is rare.
    """
    masks = findings.tasks.masks or findings.tasks.left_out
    if findings.scored != IMAGES or masks is None:
        return named, []
    of_pixels = {one.called for one in find_readme_metrics(findings.folder, masks.kind, PIXELS)}
    of_labels = [one for one in named if one.called not in of_pixels]
    if not of_labels:
        return named, []
    return of_labels, [one for one in named if one.called in of_pixels]


def _sent_apart(named: ReadmeMetric) -> str:
    return (
        f"{named.path} says {named.called!r}, too, which scores masks, and the file to send has "
        f"labels alone: for the masks run `podium init DATA --label {MASKS_ALONE}` in another "
        "workspace"
    )


def _weights_of_text(findings: FolderFindings, kind: Kind) -> dict[str, tuple[object, str]]:
    """Return the weights of outputs, and those of classes, as options of a metric, with comments.

    They are what a text gives to the names of all outputs, or of all classes; a list of numbers
    without names is of outputs or of classes where only these are as many.
    """
    labels = findings.tasks.labels
    if labels is None or not (kind.is_exclusive or kind.is_by_output):
        return {}
    named = {"class_weights": list(labels.classes)}
    if kind.is_by_output:
        each = by_output(labels.classes)
        classes = list(dict.fromkeys(one for own in each.values() for one in own))
        named = {"weights": list(each), "class_weights": classes}
    found: dict[str, tuple[object, str]] = {}
    for option, names in named.items():
        others = [one for other, one in named.items() if other != option]
        is_clear = all(len(one) != len(names) for one in others)
        told = find_readme_weights(findings.folder, names, may_lack_names=is_clear)
        if told is not None:
            numbers = (int(one) if one.is_integer() else one for one in told.weights)
            value = dict(zip(names, numbers, strict=True))
            found[option] = (value, f"{told.path} says {told.quote!r}")
    return found


def _word_for_no_class(findings: FolderFindings) -> str:
    """Return the word that is sent for an image without a class, as any name is; or "".

    It stands in train so, or train has a blank cell there and no other reading of the sample fits.
    """
    labels, form = findings.tasks.labels, findings.form
    if labels is None or not form.empty or form.empty in labels.classes:
        return ""
    is_asked = any(one.key == "submission.empty" for one in form.open)
    is_sent_alone = not labels.none and not is_asked
    return form.empty if form.empty == labels.none or is_sent_alone else ""


def _with_lone_metric(findings: FolderFindings, kind: Kind) -> FolderFindings:
    """Return the findings with the only metric that texts name as the guess, where it fits.

    It takes the same answers as the usual one, so that the file to send stays as it is. RMSE of
    several columns is more likely the mean over them, which is the usual one.
    """
    form = findings.form
    lone = lone_metric(findings.folder, kind, findings.scored)
    if lone is None or form.rows == "pixel" or form.metric.endswith(lone.name):
        return findings
    needs = {metrics.get(one).needs for one in (lone.name, form.metric)}
    if len(needs) > 1 and not kind.is_continuous:  # numbers are sent as they are
        return findings
    why = f"the only one that {lone.path} names for {kind}"
    return replace(findings, form=replace(form, metric=lone.name, why_metric=why, options={}))


def _with_metrics_of_parts(findings: FolderFindings) -> InferredFormat:
    """Return the format of labels and masks with the metric that a text names for each of them.

    How they are joined stays a guess, unless a sentence has both with their weights. Of a part for
    which texts name several, or none, the usual metric stays.
    """
    form, notes = findings.form, list[str]()
    total = find_readme_sum(findings.folder, findings.kinds)
    if total is not None:
        by_task = {str(task): found for task, found in total.parts.items()}
        return replace(
            form,
            parts=tuple(_with_name(part, *by_task[str(part["task"])]) for part in form.parts),
            notes=[one for one in form.notes if one != JOINED_BY_GUESS],
            why_metric=f"{total.path} says {total.quote!r}",
            readme_names_metric=True,
        )
    parts = []
    for part in form.parts:
        task: TaskName = IMAGES if part["task"] == IMAGES else PIXELS
        kind = findings.kinds.get(task)
        named = [] if kind is None else find_readme_metrics(findings.folder, kind, task)
        if len(named) != 1 or named[0].name == part["name"] or named[0].average:
            parts.append(part)
            continue
        parts.append(_with_name(part, named[0].name, part["weight"]))
        notes.append(f"{named[0].path} says {named[0].called!r}, which scores the part {task}")
    return replace(form, parts=tuple(parts), notes=[*form.notes, *notes])


def _with_name(part: Mapping[str, object], name: str, weight: object) -> Mapping[str, object]:
    """Return a part of a score with another metric and weight, and the options that it has, too."""
    kept = {"name", "task", "weight", *metrics.get(name).options}
    return {key: value for key, value in part.items() if key in kept} | {
        "name": name,
        "weight": weight,
    }


def _with_metric_of_pixels(form: InferredFormat, named: ReadmeMetric) -> InferredFormat:
    """Return the format of rows of pixels with the metric that a text names, of all pixels."""
    metric, options = metric_of_pixels(named.name)
    why = f"{named.path} says {named.called!r}"
    return replace(
        form,
        metric=metric,
        why_metric=why,
        readme_names_metric=True,
        metric_told=(named.path, named.called),
        options={name: (one, f"{why}, of rows of pixels") for name, one in options.items()},
    )


_ZERO_DIVISION = (
    "add zero_division: 1 where an image without a label, of which none is sent, counts as right"
)


def _with_kind_of_metric(findings: FolderFindings, why: str) -> InferredTasks:
    """Return the tasks without a doubt about the labels' kind that the named metric settles."""
    tasks, labels = findings.tasks, findings.tasks.labels
    if labels is None or labels.other is None or findings.scored != IMAGES:
        return tasks
    if find_readme_metrics(findings.folder, labels.other[0], findings.scored):
        return tasks
    known = replace(labels, other=None, why=f"{labels.why}, and {why}")
    return replace(tasks, labels=known)


def _of_each_column(named: list[ReadmeMetric], findings: FolderFindings) -> list[ReadmeMetric]:
    """Return the metrics with the mean over columns beside an error that may be of all cells.

    "The RMSE of each column" has the mean first; nothing tells it for sure. Means of absolute
    errors are one, unless cells are empty.
    """
    labels = findings.tasks.labels
    if labels is None or not labels.kind.is_by_column or len(named) != 1:
        return named
    [of_all] = named
    if of_all.name not in MEANS_OF_COLUMNS:
        return named
    if of_all.name == "mae" and not _has_empty_cells(findings, labels.column_names):
        return named
    of_each = replace(of_all, name=MEANS_OF_COLUMNS[of_all.name])
    columns = words_pattern(meaning_words("column"))
    texts = dict(texts_beside(findings.folder))
    near = [one for one in SENTENCE_END.split(texts.get(of_all.path, "")) if of_all.called in one]
    if any(_OF_ALL_CELLS.search(one) for one in near):
        return [of_all]
    is_told = any(columns.search(one) for one in near)
    return [of_each, of_all] if is_told else [of_all, of_each]


_OF_ALL_CELLS = re.compile(
    r"\b(?:over|across|of)\s(?:all|every)\s(?:(?:the|\d+|\w+)\s){1,4}and\s"
    r"(?:(?:all|every)\s)?(?:\w+\s)?columns?\b"
)
"""Words of English for one mean of all rows and columns."""


def _has_empty_cells(findings: FolderFindings, columns: Sequence[str]) -> bool:
    match = findings.train.match
    cells = [] if match is None else [match.table[one] for one in columns if one in match.table]
    return any(len(known_cells(one)) < len(one) for one in cells)


_DECIDED: tuple[ValueKind, ...] = ("label", "name")


def _with_value_of_metric(
    form: InferredFormat, sample: SampleSubmission | None, why: str
) -> InferredFormat:
    """Return the format with decisions where the named metric scores these, in place of 0 and 1.

    Where cells of the sample are fractions, the host may decide by itself: a question.
    """
    scored, key = metrics.get(form.metric), "submission.value"
    left = tuple(one for one in form.open if one.key != key)
    known = [value for one in form.open if one.key == key for value, _ in one.others]
    if sample is None or form.value != "prob":
        return form
    if scored.needs_probs and known:  # 0 and 1 in each row were placeholders
        return replace(form, why_value=f"{form.why_value}, and {why}", open=left)
    decided: list[ValueKind] = [one for one in _DECIDED if one in known]
    is_decided = scored.scores_decisions and not scored.needs_probs
    if not is_decided or (known and not decided):
        return form
    cells = {cell for name in sample.values for cell in sample.table[name]}
    if cells <= {"0", "1"}:
        told = f"{why}, which scores decisions, and the sample holds 0 and 1 alone"
        return replace(form, value=(*decided, "label")[0], why_value=told, open=left)
    if not sample.has_fractions or known:
        return form
    other = OpenKey(key, (("label", f"0 or 1 a cell, as {why}, which scores decisions"),))
    return replace(form, open=(*left, other))
