"""The keys of `competition.yaml` for which several readings fit, with the others."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from podium.competition.ids.patterns import Pattern
from podium.competition.infer.conversions.parts.left_out import values_to_ask, withdrawn_folders
from podium.competition.infer.evidence import OpenKey
from podium.competition.infer.findings.cases import open_cases
from podium.competition.infer.findings.folder import UNKNOWN_CODEC, CodecEstimates, FolderFindings
from podium.competition.infer.findings.target_questions import open_marked_folders, open_targets
from podium.competition.infer.labels.cells import sort_classes
from podium.competition.infer.labels.kinds import InferredLabels
from podium.competition.infer.masks.files import MaskFiles, map_patterns, map_values
from podium.competition.infer.parts.channels import spelt_pattern
from podium.competition.infer.parts.folders import pattern_of
from podium.competition.infer.parts.to_predict import source_of
from podium.competition.infer.reader import other_frames
from podium.competition.infer.readme.claims import readme_objects
from podium.competition.infer.readme.metrics import find_readme_metrics
from podium.competition.infer.readme.withdrawn import Withdrawn
from podium.competition.infer.sample.runs import MaskRuns
from podium.competition.infer.sample.submission import SampleSubmission
from podium.errors import plural, some
from podium.tasks.protocols.find import image_kind, pixel_kind
from podium.tasks.protocols.kind import Kind
from podium.tasks.protocols.names import IMAGES, PIXELS, TaskName

__all__ = ["open_keys"]

_WITHOUT_FRACTIONS = frozenset({"label", "labels", "name", "topk", "rle", "coco", "coco64"})
"""Values of `submission.value` whose cells have no decimal sign."""
_OF_PRESET = frozenset({"tasks", "metric.name", "submission.rows", "submission.value"})
"""Keys that a competition known by its name decides."""
_LONGEST = 1000
"""The most ids that competition.yaml lists."""
_ORDER = "<the classes from the lowest to the highest>"


def open_keys(findings: FolderFindings) -> list[OpenKey]:
    """Return the keys for which several readings fit, each with the other ones."""
    masks = findings.tasks.masks
    of_masks = masks.content.open if isinstance(masks, MaskFiles) else ()
    found = [
        *open_targets(findings),  # first: what is known of a kind replaces it
        *_open_tasks(findings),
        *_open_images(findings),
        *open_marked_folders(findings),
        *_open_lists_of_train(findings),
        *_open_withdrawn(findings),
        *_open_test(findings),
        *open_cases(findings),
        *_open_reader(findings),
        *of_masks,
        *findings.form.open,
        *_open_codec(findings),
        *_open_file(findings),
        *_open_group(findings),
    ]
    known = _OF_PRESET if findings.preset is not None else frozenset[str]()
    kept = [one for one in found if one.key not in known]
    of_text = [*_open_known_tasks(findings), *_open_scored_masks(findings)]
    by_key = {one.key: one for one in [*kept, *of_text]}
    if by_key.get("submission.id") == OpenKey("submission.id", ()):
        for one in _open_rows_of_sample(findings):
            del by_key["submission.id"]
            by_key[one.key] = one
    for one in _open_shared_pixels(findings):
        if one.key not in known:
            before = by_key[one.key].others if one.key in by_key else ()
            by_key[one.key] = OpenKey(one.key, (*before, *one.others))
    return list(by_key.values())


def _open_rows_of_sample(findings: FolderFindings) -> Iterator[OpenKey]:
    """Yield that a file has a row for each image to predict, where a sample has some of them."""
    sample, every = findings.sample, set(findings.test.ids)
    if sample is None or not sample.table[sample.id].is_unique:
        return
    own = set(sample.table[sample.id])
    if findings.form.id == "{id}" and own < every:
        why = (
            f"where {sample.path} shows the form alone, and a file has a row for each of the "
            f"{plural(len(every), 'image')} to predict, and not for {len(own):,} of them"
        )
        yield OpenKey("submission.sample", ((None, why),))


def _open_known_tasks(findings: FolderFindings) -> Iterator[OpenKey]:
    """Yield the tasks of the competition that is known by its name, where these files tell others.

    As four folders of images may be four classes, and the host asks for one of them or any other.
    """
    preset = findings.preset
    if preset is None:
        return
    differ = {name: one for name, one in preset.tasks.items() if findings.kinds.get(name) != one}
    if differ:
        wanted = {name: str(one) for name, one in preset.tasks.items()}
        why = (
            f"{preset.title} has it: labels, classes and masks of train must be of that kind "
            "then, in a table of your own where they are not"
        )
        yield OpenKey("tasks", ((wanted, why),))


def _open_scored_masks(findings: FolderFindings) -> Iterator[OpenKey]:
    """Yield that masks are meant, where a text names a score of masks alone and none were read."""
    labels = findings.tasks.labels
    is_clear = findings.sample is not None or findings.preset is not None
    if is_clear or labels is None or findings.tasks.masks is not None:
        return
    if find_readme_metrics(findings.folder, labels.kind, IMAGES):
        return
    kind = pixel_kind("binary")
    for one in find_readme_metrics(findings.folder, kind, PIXELS)[:1]:
        why = f"{one.path} says {one.called!r}, a score of masks: name them as data.train.mask then"
        yield OpenKey("tasks", (({PIXELS: str(kind)}, why),))


def _open_reader(findings: FolderFindings) -> Iterator[OpenKey]:
    """Yield the frames of arrays, of which nothing shows the one that is labelled."""
    if others := other_frames(findings.reader, findings.files[0]):
        yield OpenKey("data.reader", tuple((one, "") for one in others))


def _open_group(findings: FolderFindings) -> Iterator[OpenKey]:
    """Yield that rows belong to no group, where no word but their order shows the group."""
    if findings.group is None or not findings.group.others:
        return
    why = f"where images of one {findings.group.column} are not alike, with scheme: stratified"
    others = ((one, why if one is None else "") for one in findings.group.others)
    yield OpenKey("folds.group", tuple(others))


def _open_images(findings: FolderFindings) -> Iterator[OpenKey]:
    """Yield levels of folders, and columns of a table, of which another may be meant."""
    if findings.train.folders is not None and findings.train.folders.other is not None:
        pattern, classes = findings.train.folders.other
        why = "where those folders are the classes"
        yield OpenKey("data.train.images", ((spelt_pattern(findings.folder, pattern), why),))
        yield OpenKey("classes", ((classes, why),))
        yield from _open_level(findings, pattern, classes, why)
    match = findings.train.match
    if match is None or not findings.have_several or findings.stacks_images:
        return
    why = f"{' and '.join(match.several)} name an image each, stacked as channels"
    for key, one in (("train", match.several), ("test", findings.test.several)):
        yield OpenKey(f"data.{key}.images", ((spelt_pattern(findings.folder, "", one), why),))


def _open_level(
    findings: FolderFindings, pattern: str, classes: list[str], why: str
) -> Iterator[OpenKey]:
    """Yield what goes with the other level of folders as classes: the kind, and no such groups.

    Groups go where they are these folders; patients inside both levels stay.
    """
    kind = image_kind("binary" if len(classes) == 2 else "multiclass")
    own = findings.tasks.labels
    if own is not None and own.kind != kind and (own.kind.is_yes_no or own.kind.is_exclusive):
        yield OpenKey("tasks", ((_kinds_with(findings, IMAGES, kind), why),))
        if kind.usual_metric != own.kind.usual_metric:
            yield OpenKey("metric.name", ((kind.usual_metric, why),))
    folders = findings.train.folders
    if folders is None or folders.group is None or findings.group != folders.group:
        return
    swapped = {"{class}": "{folder}", "{folder}": "{class}"}
    if pattern == re.sub(r"\{(?:class|folder)\}", lambda one: swapped[one[0]], folders.pattern):
        yield OpenKey("folds.group", ((None, f"{why}, with scheme: stratified"),))


def _open_lists_of_train(findings: FolderFindings) -> Iterator[OpenKey]:
    """Yield that the images of a list, of which nothing tells what it is, may be left out."""
    train = findings.train
    if len(train.listed) == 1 and len(train.listed[0][1]) <= _LONGEST:
        [(path, ids)] = train.listed
        why = f"{path} lists these {plural(len(ids), 'image')} of train, and nothing tells why"
        yield OpenKey("data.train.exclude", (([*train.absent, *ids], why),))


def _open_withdrawn(findings: FolderFindings) -> Iterator[OpenKey]:
    """Yield that values of a column, or folders, may be left out, as a text may mean it."""
    train, masks, labels = findings.train, findings.tasks.masks, findings.tasks.labels
    if isinstance(masks, MaskRuns) or train.plain is not None:
        return  # rows of runs are left out by ids
    found: tuple[str, Withdrawn] | None = None
    if train.folders is not None:
        for one in withdrawn_folders(findings.folder, findings.sample):
            paths = [
                each.path for each in train.images if set(one.values) & {*each.folder.split("/")}
            ]
            fields = [Pattern(train.pattern).match(each) or {} for each in paths]
            named = [key for key in (fields[0] if fields else {}) if fields[0][key] in one.values]
            if named and len(paths) < len(train.images):
                found = named[0], one
                break
    elif train.match is not None and train.match.join is None:
        match = train.match
        found = values_to_ask(findings.folder, match.path, match.table, findings.sample)
    if found is None:
        return
    column, told = found
    why = f"{told.why}, which may be of train"
    of_labels = labels is not None and column in ("class", labels.column)
    if of_labels and findings.tasks.classes:
        rest = [one for one in findings.tasks.classes if one not in told.values]
        if len(rest) < 2 or not set(told.values) <= set(findings.tasks.classes):
            return
        with_it = "choose data.train.exclude_where with it"
        yield OpenKey("classes", ((rest, f"{why}: {with_it}"),))
        why += ": choose classes with it"
    yield OpenKey("data.train.exclude_where", (({column: list(told.values)}, why),))


def _open_test(findings: FolderFindings) -> Iterator[OpenKey]:
    """Yield what images without a mask may be, where no sample names them.

    They are unlabelled, or, in a folder of their own, of train and show nothing to draw. So it is
    with images without a label that a list names.
    """
    if findings.listed:
        why = f"the images of {findings.listed} may be unlabelled: call this part unlabelled then"
        yield OpenKey("data.test", ((None, why),))
    if not findings.pool:
        return
    train, test = findings.train, findings.folder.of_part("test")
    apart = {one.folder for one in test}.isdisjoint({one.folder for one in train.images})
    why = "the images without a mask may be unlabelled"
    if findings.test.table is None or findings.unlabelled is not None or apart:
        yield OpenKey("data.test", ((None, f"{why}: call this part unlabelled then"),))
    else:
        # The pattern of train finds these images, too, where no other part names them.
        source = source_of(findings.folder, findings.test)
        why = f"{why}: choose test and unlabelled together"
        yield OpenKey("data.test", ((None, why),))
        yield OpenKey("data.unlabelled", ((source, why),))
    if train.plain is None or not test or not apart:
        return
    every = spelt_pattern(findings.folder, pattern_of([*train.images, *test]))
    why = (
        "where all of them show nothing to draw, as originals do: choose images and absent "
        "together, and test: null"
    )
    yield OpenKey("data.train.images", ((every, why),))
    yield OpenKey("data.train.absent", (("empty", why),))


def _open_lists(
    findings: FolderFindings, sign: str, names: list[str], none: str
) -> Iterator[OpenKey]:
    """Yield all that is otherwise where cells are lists of `names`, and `none` may be none."""
    why, kind = f"lists of several of {plural(len(names), 'name')}", image_kind("multilabel")
    yield OpenKey("tasks", ((_kinds_with(findings, IMAGES, kind), why),))
    without = [one for one in names if one != none]
    each = ((without, f"{why}, and {none!r} is none of them"),) if none else ()
    yield OpenKey("classes", (*each, (names, why)))
    yield OpenKey("metric.name", ((kind.usual_metric, why),))
    if findings.form.value == "name":
        yield OpenKey("submission.value", (("labels", why),))
        if sign != " ":
            yield OpenKey("submission.sep", ((sign, why),))


def _open_tasks(findings: FolderFindings) -> Iterator[OpenKey]:
    """Yield what else the target may be, with the keys that go with it."""
    masks, labels = findings.tasks.masks, findings.tasks.labels
    if labels is not None and labels.open_order:
        yield OpenKey("classes", ((_ORDER, f"the order counts: {labels.open_order}"),))
    if labels is not None and findings.train.other_tables:
        spelt = ((findings.folder.spell(one), why) for one, why in findings.train.other_tables)
        yield OpenKey("data.train.table", tuple(spelt))
    match = findings.train.match
    if findings.train.with_blank and match is not None and match.join is not None:
        zeros = {"table": findings.folder.spell(findings.train.with_blank), "key": match.join.key}
        why = "a blank cell is a 0 there, and the rows that have one are not left out"
        yield OpenKey("data.train.join", ((zeros, why),))
    elif findings.train.with_blank:
        every = findings.folder.spell(findings.train.with_blank)
        why = (
            "an image without a row, or with a blank cell, has none of the classes: choose table "
            "and unlabelled together"
        )
        yield OpenKey("data.train.table", ((every, why),))
        yield OpenKey("data.unlabelled", ((None, why),))
    yield from _open_no_results(findings)
    if labels is not None and labels.columns:
        with_it = "`podium init DATA --force --label {}` writes it, with all that goes with it"
        together = "these columns together"
        if not labels.kind.is_by_column:
            together += ", with tasks: {classify: multilabel} and classes of the same names"
        others = tuple(
            (one, with_it.format(shlex.quote(one)) if isinstance(one, str) else together)
            for one in labels.columns
        )
        yield OpenKey("data.train.label", others)
    if labels is not None and labels.other is not None:
        yield OpenKey("tasks", ((_kinds_with(findings, IMAGES, labels.other[0]), labels.other[1]),))
    if labels is not None and labels.as_lists is not None:
        yield from _open_lists(findings, *labels.as_lists, labels.none)
    elif labels is not None and labels.none and not labels.is_none_sure:
        yield _open_none(findings, labels)
    if isinstance(masks, MaskFiles) and masks.content.other is not None:
        kind, why = masks.content.other
        yield OpenKey("tasks", ((_kinds_with(findings, PIXELS, kind), why),))
    if isinstance(masks, MaskRuns) and masks.n_missing:
        why = f"where there is nothing in the {plural(masks.n_missing, 'image')} without a row"
        yield OpenKey("data.train.absent", (("empty", why),))
    if isinstance(masks, MaskFiles) and not masks.absent:
        yield from _open_absent(findings, masks)
    if masks is None or not masks.as_one_mask or _objects_are_shown(findings):
        return
    usual = pixel_kind("binary")
    yield OpenKey("tasks", ((_kinds_with(findings, PIXELS, usual), masks.as_one_mask),))
    yield OpenKey("metric.name", ((usual.usual_metric, "of one mask an image"),))
    yield OpenKey("submission.rows", (("image", "of one mask an image"),))
    if isinstance(masks, MaskFiles) and masks.content.numbered is not None:
        foreground = dict.fromkeys(masks.content.numbered.numbers, "foreground")
        values = {0: "background", **foreground}
        yield OpenKey("data.train.mask_values", ((values, "of one mask an image"),))


def _open_no_results(findings: FolderFindings) -> Iterator[OpenKey]:
    """Yield that values taken for no result are classes, with the keys that go with it."""
    found, own = findings.train.no_results, findings.tasks.labels
    if found is None or own is None:
        return
    shown = some(found.values, 3)
    why = f"{shown} is a class there: choose classes with it"
    of_folder = bool(findings.folder.of_part("unlabelled"))
    why += "" if of_folder else ", and data.unlabelled"
    yield OpenKey("data.train.table", ((findings.folder.spell(found.path), why),))
    if not of_folder:
        yield OpenKey("data.unlabelled", ((None, f"{shown} is a class"),))
    yield OpenKey("classes", ((found.labels.classes, f"{shown} is a class"),))
    kind = found.labels.kind
    if kind != own.kind:
        yield OpenKey("tasks", ((_kinds_with(findings, IMAGES, kind), f"{shown} is a class"),))
        if kind.usual_metric != own.kind.usual_metric:
            yield OpenKey("metric.name", ((kind.usual_metric, f"{shown} is a class"),))


def _open_shared_pixels(findings: FolderFindings) -> Iterator[OpenKey]:
    """Yield that a pixel may be of one class alone, where masks that were drawn share some."""
    masks, preset = findings.tasks.masks, findings.preset
    if not isinstance(masks, MaskFiles) or masks.maps is None:
        return
    if preset is not None and preset.tasks.get(PIXELS) == masks.kind:
        return
    why = f"{masks.maps.why}, and each may count as one class alone: choose data.train.mask with it"
    yield OpenKey("tasks", ((_kinds_with(findings, PIXELS, pixel_kind("multiclass")), why),))
    yield OpenKey("data.train.mask", tuple(map_patterns(masks)))
    values = map_values(masks.maps, findings.tasks.classes)
    if values is not None:
        yield OpenKey("data.train.mask_values", ((values, "with masks of one file an image"),))


def _open_none(findings: FolderFindings, labels: InferredLabels) -> OpenKey:
    """Return the classes with the word that is taken for no class, or without it."""
    rest = [one for one in findings.tasks.classes if one != labels.none]
    if len(rest) < len(findings.tasks.classes):
        why = f"{labels.none!r} is no class: choose it as submission.empty, below"
        return OpenKey("classes", ((rest, why),))
    why = f"{labels.none!r} is a class of its own: choose a blank submission.empty, below"
    return OpenKey("classes", ((sort_classes([*rest, labels.none]), why),))


def _open_absent(findings: FolderFindings, masks: MaskFiles) -> Iterator[OpenKey]:
    """Yield that images without a mask file may have an empty mask, and be of train.

    None has where each pixel of a mask is of a class.
    """
    if findings.unmasked is not None and masks.content.is_without_ground:
        return
    n = len(findings.train.images) - masks.n_found
    if findings.unmasked is not None:
        n, before = len(findings.unmasked.paths), findings.unmasked.before
        other = None if before is None else source_of(findings.folder, before)
        if n:
            why = _shows_nothing(n)
            yield OpenKey("data.unlabelled", ((other, why),))
    if n > 0:
        why = f"where the {plural(n, 'image')} without a mask file have an empty mask"
        why = why if findings.unmasked is None else _shows_nothing(n)
        unknown = f"where nobody drew the masks of the {plural(n, 'image')}: they are left out"
        is_offered = findings.unmasked is None and findings.n_undrawn == 0
        left_out = (("missing", unknown),) if is_offered else ()
        yield OpenKey("data.train.absent", (*left_out, ("empty", why)))


def _shows_nothing(n: int) -> str:
    """Return the reason that two keys have in common: they are chosen together."""
    return (
        f"where the {plural(n, 'image')} without a mask file show nothing to draw: choose absent "
        "and unlabelled together"
    )


def _kinds_with(findings: FolderFindings, task: TaskName, kind: Kind) -> dict[str, str]:
    return {name: str(one) for name, one in {**findings.kinds, task: kind}.items()}


def _objects_are_shown(findings: FolderFindings) -> bool:
    """Return whether the sample has several rows of an image, or a text or the preset states it."""
    if findings.preset is not None:
        return True
    if findings.form.index_base is not None:
        return True
    if findings.sample is not None and not findings.sample.table[findings.sample.id].is_unique:
        return True
    return bool(readme_objects(findings.folder))


def _open_file(findings: FolderFindings) -> Iterator[OpenKey]:
    if findings.form.value in _WITHOUT_FRACTIONS and not findings.sends_pngs:
        return
    if findings.sample is not None and findings.sample.other_file is not None:
        yield OpenKey("submission.file", (findings.sample.other_file,))


def _open_codec(findings: FolderFindings) -> Iterator[OpenKey]:
    masks, found = findings.tasks.masks, findings.codec
    if isinstance(masks, MaskRuns) and found is not None:
        yield from _open_ways("data.train.mask_codec", found)
    if findings.form.value == "coco" and findings.form.is_blank:
        # One question: how runs are counted belongs to the reading with runs.
        why = "runs of start and length; add rle: {base: 1, order: F}, or as the page has it"
        yield OpenKey("submission.value", (("rle", why),))
    if findings.form.value != "rle" or findings.sample is None or findings.sends_pngs:
        return
    sent = findings.sent_codec or UNKNOWN_CODEC
    if findings.sample.has_counts:
        if sent["order"].sure == "not sure":
            other = _other_value(sent["order"].value)
            yield OpenKey("submission.rle", (({"counts": True, "order": other}, ""),))
        return
    pairs = findings.sample.run_pairs
    unsure = list(_open_ways("submission.rle", sent, pairs))
    if findings.sample.why_pairs:
        unsure = [_with_other_pairs(unsure, sent, findings.sample)]
    yield from unsure
    others = {
        name: one for name, one in findings.said_runs.items() if one.value != sent[name].value
    }
    if others and not unsure:
        # Masks of train are counted otherwise: the text may be of the files to send alone.
        values: dict[str, object] = {
            name: {**sent, **others}[name].value for name in ("base", "order")
        }
        values |= pairs
        why = " and ".join(one.why for one in others.values())
        yield OpenKey("submission.rle", ((values, why),))


def _with_other_pairs(
    unsure: Sequence[OpenKey], found: CodecEstimates, sample: SampleSubmission
) -> OpenKey:
    """Return the key of runs to send, whose second number is open, too."""
    usual = {name: found[name].value for name in ("base", "order")}
    others = [(one, sample.why_pairs) for key in unsure for one, _ in key.others]
    ways = [usual | dict(sample.run_pairs), *(one for one, _ in others if isinstance(one, dict))]
    others += [({**way, "second": "stop"}, "where it is the pixel behind the run") for way in ways]
    if "join" not in sample.run_pairs:
        others.append((usual, "where it is the length of the run"))
    return OpenKey("submission.rle", tuple(others))


def _open_ways(
    key: str, found: CodecEstimates, pairs: Mapping[str, object] = MappingProxyType({})
) -> Iterator[OpenKey]:
    """Yield the key of a codec of which something is not sure, with the other ways to count.

    Runs that name their ends in place of lengths count none of these from the run before.
    """
    sure = {"kind", "relative"} if pairs else {"kind"}
    names = [name for name, one in found.items() if name not in sure and one.sure == "not sure"]
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
        | dict(pairs)
        for way in ways[1:]
    ]
    yield OpenKey(key, tuple((one, "") for one in others))


def _other_value(value: object) -> object:
    if isinstance(value, bool):
        return not value
    return {"F": "C", "C": "F", 0: 1, 1: 0}[value]
