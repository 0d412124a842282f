"""Points for a person to check: what was left out, and guesses that could be wrong."""

from __future__ import annotations

import re
import shlex
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from fnmatch import fnmatch
from pathlib import PurePosixPath

import pandas as pd

from podium.competition.checks.shared_masks import group_of_shared_masks, rows_of_masks
from podium.competition.ids.patterns import Pattern, bare_name
from podium.competition.infer.evidence import OpenKey
from podium.competition.infer.files import DataFolder
from podium.competition.infer.findings.folder import FolderFindings, ImagesWithoutMasks
from podium.competition.infer.findings.questions import open_keys
from podium.competition.infer.ids.other_words import naming_as_sent
from podium.competition.infer.image_tables import ImageTable
from podium.competition.infer.labels.cells import MANY_OF_A_ROW, MOST_GRADES, has_fractions
from podium.competition.infer.masks.closed_lines import closed_lines
from podium.competition.infer.masks.files import MaskFiles, train_masks
from podium.competition.infer.parts.find import FoundParts
from podium.competition.infer.parts.to_predict import PartImages
from podium.competition.infer.parts.train import TrainPart
from podium.competition.infer.readme.texts import texts_as_written
from podium.competition.infer.sample.rows import find_rows
from podium.competition.infer.sample.runs import MaskRuns
from podium.competition.infer.sample.submission import (
    InferredFormat,
    SampleSubmission,
    slices_hint,
)
from podium.competition.infer.sources import MASKS_ALONE, Sources
from podium.competition.infer.tasks.settle import FoundMasks, InferredTasks
from podium.competition.languages import is_called
from podium.competition.made_record import MadeFile
from podium.competition.samples import Split, load_samples
from podium.competition.spec import Competition
from podium.competition.spelling import names_alike
from podium.competition.truths.slips import likely_slips
from podium.errors import DataError, either, plural, some, some_names
from podium.workspace.marked_yaml import load_plain_yaml, value_at, yaml_text

__all__ = [
    "complaints",
    "loaded_parts",
    "pictures_called_as_test",
    "points_to_check",
]


def points_to_check(
    sources: Sources,
    parts: FoundParts,
    findings: FolderFindings,
    text: str,
    *,
    png_notes: Sequence[str],
) -> list[str]:
    """Return what a person must choose or look at, what was left out, and likely mistakes.

    Args:
        sources: with the tables and files that were made.
        parts: the parts of the competition as they were found.
        findings: as `competition.yaml` has them.
        text: of `competition.yaml`.
        png_notes: on pictures that may show how masks are sent.
    """
    train, test = findings.train, findings.test
    return [
        *(
            f"choose {one.key} in competition.yaml: several readings fit"
            f"{_short_readings(one, text)}{_way_to_choose(one)}"
            if one.others
            else f"write {one.key} in competition.yaml, as its comment has it: no reading fits"
            for one in open_keys(findings)
        ),
        *(
            f"{path} lists {plural(len(ids), 'image')} of train, as {ids[0]}, and nothing tells "
            "why: name them in data.train.exclude where they are not to be used"
            for path, ids in train.listed
        ),
        *test.notes,
        *_absent_images(train, findings.tasks.masks),
        *_absent_of_test(test),
        *_several_images(train, test),
        *findings.group_notes,
        *findings.form.notes,
        *findings.tasks.notes,
        *_left_out(
            sources,
            train,
            findings.tasks,
            _paths_of(parts.blank, findings.unmasked) | _paths_of_rows(sources.folder, test),
        ),
        *_many_classes(train),
        *_unsure_answers(train),
        *_answers_of_other_kinds(train, sources.sample, findings.form),
        *png_notes,
        *filter(None, [closed_lines(sources.folder.path, train_masks(sources.folder))]),
        *_classes_alike(findings.tasks.classes, train.n_by_class),
        *_equal_classes(sources.folder, findings.tasks.classes),
        *([] if train.folders is None else train.folders.notes),
    ]


def _left_out(
    sources: Sources, train: TrainPart, tasks: InferredTasks, unlabelled: Collection[str]
) -> list[str]:
    notes, folder = [], sources.folder
    copies = {one for made in sources.made for one in made.sources}
    used = train.used.union(unlabelled)
    masks = folder.of_part("mask")
    if masks and tasks.masks is None:
        where = masks[0].folder
        notes.append(
            f"{plural(len(masks), 'image')} in {where} {'is' if len(masks) == 1 else 'are'} "
            "taken for masks; classification "
            "ignores them"
        )
    if tasks.masks is not None and tasks.labels is not None:
        notes.append(
            "there are labels and masks, and a network is trained on both: leave segment out of "
            "tasks, and mask out of data.train, to train on the labels alone"
        )
    if train.match is not None:
        images = [image for image in folder.of_part("train") if image.path not in used]
        images = [one for one in images if folder.path.absolute() / one.path not in copies]
        if images:
            places = Counter(str(PurePosixPath(one.path).parent) for one in images).most_common()
            shown = f"such as {images[0].path}"
            if len(places) > 1:
                shown = some_names([f"{n:,} in {where}" for where, n in places])
            notes.append(
                f"{plural(len(images), 'image')} of train "
                f"{'has' if len(images) == 1 else 'have'} no row in {train.match.path} "
                f"({shown}): they are not used"
            )
    holdout = folder.of_part("holdout")
    if holdout and folder.of_part("test") and not {one.path for one in holdout} & train.used:
        notes.append(
            f"{plural(len(holdout), 'image')} in {holdout[0].path.split('/')[0]} "
            f"{'is' if len(holdout) == 1 else 'are'} not used, "
            "as folds validate: move them to the train part to train on them"
        )
    return notes


def _absent_images(train: TrainPart, masks: FoundMasks | None) -> list[str]:
    """Return that some rows of train are left out, as their image is not there."""
    if not train.absent:
        return []
    if train.match is None:
        if not isinstance(masks, MaskRuns):
            n = len(train.absent)
            has = "image of train lacks" if n == 1 else "images of train lack"
            return [
                f"{n:,} {has} one of the files of an image ({some(train.absent, 2)}), and "
                f"{'is' if n == 1 else 'are'} left out: exclude, below data.train, names "
                f"{'it' if n == 1 else 'them'}"
            ]
        return [
            f"{len(train.absent):,} of {plural(len(masks.ids), 'image')} that {masks.path} names "
            "are not in the data "
            f"({some(train.absent, 2)}), and their rows are left out: exclude, below "
            "data.train, names them"
        ]
    n, match = len(train.absent), train.match
    what = "row" if n == 1 else "rows"
    return [
        f"{n:,} of {plural(len(match.table), 'row')} of {match.path} have no image in the data "
        f"({some(train.absent, 2)}) and are left out: exclude, below data.train, names the {what}. "
        f"If the images are elsewhere, put them into the data, and take the {what} out of exclude"
    ]


def _absent_of_test(test: PartImages) -> list[str]:
    """Return that some images are not predicted, as one of their files is not there."""
    if not (n := len(test.absent)):
        return []
    lacks, it = ("image of test lacks", "it") if n == 1 else ("images of test lack", "them")
    return [
        f"{n:,} {lacks} one of the files of an image ({some(test.absent, 2)}): exclude, below "
        f"data.test, names {it}, and the file to send has what is most frequent in train (of "
        f"numbers the median) there. If the files are elsewhere, put them into the data, and take "
        f"{it} out of exclude"
    ]


def _paths_of_rows(folder: DataFolder, test: PartImages) -> frozenset[str]:
    """Return the paths of the images of a table of test, which may lie in a folder of train."""
    if test.table is None or test.id is None:
        return frozenset()
    where = re.sub(r"\{[^}]*\}", "*", test.images.replace("[", "[[]"))
    named = (one.path for cell in test.ids for one in folder.named(cell))
    return frozenset(path for path in named if fnmatch(path, where))


def _paths_of(blank: ImageTable | None, unmasked: ImagesWithoutMasks | None) -> frozenset[str]:
    """Return the paths of the images of train that became unlabelled ones."""
    of_rows = frozenset[str]() if blank is None else blank.paths
    return of_rows | frozenset(() if unmasked is None else unmasked.paths)


def pictures_called_as_test(
    folder: DataFolder,
    train: TrainPart,
    test: PartImages,
    masks: FoundMasks | None = None,
    *,
    are_labels_sent: bool = False,
) -> list[str]:
    """Return that other pictures have the names of those to predict, as masks to send may.

    Where ids have folders in front, a name that an image of train has, too, tells nothing. Nor do,
    without masks, those of a folder that has further names of train, as copies of its images have.

    Args:
        folder: with all pictures.
        train: whose images these are not.
        test: the images to predict.
        masks: of train, which are read.
        are_labels_sent: whether the file to send has labels beside which masks are sent apart.
    """
    of_train = {name for one in train.images for name in (one.name, one.stem)}
    bare = {bare_name(one) for one in test.ids if "/" in one} - of_train
    bare |= {bare_name(one) for one in test.ids if "/" not in one}
    ids, of_test = (
        {*test.ids, *bare},
        re.sub(r"\{[^}]*\}", "*", test.images.replace("[", "[[]")),
    )
    further = set[str]() if masks is not None else of_train - ids
    of_copies = {one.folder for one in folder.images if {one.name, one.stem} & further}
    is_read = Pattern(masks.pattern).match if isinstance(masks, MaskFiles) else None
    rest = Counter(
        image.folder
        for image in folder.images
        if {image.stem, image.name} & ids
        and image.part != "train"
        and image.path not in train.used
        and image.folder not in of_copies
        and not fnmatch(image.path, of_test)
        and (is_read is None or is_read(image.path) is None)
    )
    way = "write submission.file: {kind: png, name: …}, as docs/competition.md has it"
    if are_labels_sent:
        way = f"run `podium init DATA --label {MASKS_ALONE}` in another workspace"
    return [
        f"{plural(n, 'picture')} in {where} {'has' if n == 1 else 'have'} the names of images to "
        "predict, and are not read: if they show how masks are sent, "
        f"{way}"
        for where, n in rest.items()
        if 2 * n > len(test.ids)
    ]


def _several_images(train: TrainPart, test: PartImages) -> list[str]:
    """Return what it means that several columns of a table name images."""
    if train.match is None or not train.match.several:
        return []
    columns = list(train.match.several)
    named = (
        f"{plural(len(columns), 'column')} of {train.match.path} name images: {', '.join(columns)}"
    )
    if set(test.several) != set(columns):
        lacking = [one for one in columns if one not in test.several]
        return [
            f"{named}; the images to predict were read without {some(lacking or columns)}: name in "
            "data.train.images and data.test.images the images that both have"
        ]
    if train.match.are_parts:
        return [
            f"{named}; a network gets the images of a row together, stacked as channels, so they "
            "must have one size. To train on one of them alone, write its pattern as images, in "
            "train and in test"
        ]
    return [
        f"{named}; only {train.match.template} is read. Where the images of a row belong together, "
        "take the other reading of images, which stacks them as channels"
    ]


def _answers_of_other_kinds(
    train: TrainPart, sample: SampleSubmission | None, form: InferredFormat
) -> list[str]:
    """Return what it means that a sample asks for a class and for a number of each image."""
    labels, match = train.labels, train.match
    if sample is None or labels is None or match is None or sample.id in sample.values:
        return []
    table = match.table
    asked = [one for one in sample.values if one in table and table[one].nunique() > 1]
    known = {*labels.column_names, *match.several, *(one["name"] for one in form.answers)}
    known |= {name for name, field in form.columns.items() if field == f"file[{sample.path}]"}
    rest = [one for one in asked if one not in known]
    if rest and set(labels.column_names) <= set(asked):
        return [
            f"{sample.path} asks for {some(rest)}, too, which {match.path} has: labels of one kind "
            f"are learnt in one workspace, and this one learns {some(labels.column_names)}. Make a "
            f"second workspace with podium init --label {shlex.quote(rest[0])}, and take the "
            f"column from its file: {rest[0]}: 'file[../OTHER/submissions/auto.csv]' in "
            "submission.columns"
        ]
    whole = [
        one
        for one in labels.column_names
        if len(asked) > 1
        and labels.kind.is_by_column
        and table[one].nunique() <= MOST_GRADES
        and pd.concat([table[one], sample.table[one] if one in sample.table else table[one]])
        .str.fullmatch(r"\d+")
        .all()
    ]
    others = [one for one in labels.column_names if one not in whole]
    if not whole or not any(has_fractions(table[one]) for one in others):
        return []
    return [
        f"{some(whole)} holds few whole numbers beside others with fractions, and is predicted as "
        f"a number, as 1.4: where it names classes, make a workspace of it alone with podium init "
        f"--label {shlex.quote(whole[0])}, and take its column from the file of that one, as "
        "file[…] in submission.columns does"
    ]


_MARKS = "?¿？~"
"""Signs that people put beside an answer that they are not sure of."""


def _unsure_answers(train: TrainPart) -> list[str]:
    """Return that marks of unknown answers in lists are taken for classes of their own."""
    labels = train.labels
    if labels is None or labels.separator is None or not labels.kind.is_by_class:
        return []
    plain = {one for one in labels.classes if one.strip(_MARKS) == one}
    beside = [one for one in labels.classes if one not in plain and one.strip(_MARKS) in plain]
    alone = [one for one in labels.classes if not one.strip(_MARKS) or is_called(one, "void")]
    unsure = [*beside, *alone, *(["unk"] if "unk" in plain else [])]
    if not unsure:
        return []
    return [
        f"cells of {labels.column} list {some(unsure)} beside other answers, and each is taken as "
        "a class: a cell with a list cannot say that one answer is unknown. Where that is meant, "
        "leave these rows out (data.train.exclude), or write a column of 0 and 1 a class, with a "
        "blank where the answer is unknown"
    ]


def _many_classes(train: TrainPart) -> list[str]:
    """Return a problem where most classes have an image or two, as numbers and texts have."""
    labels = train.labels
    if labels is None or labels.kind.is_by_class or not isinstance(labels.column, str):
        return []
    n_rows = sum(train.n_by_class.values())
    if len(labels.classes) <= max(6, MANY_OF_A_ROW * n_rows):
        return []
    return [
        f"{labels.column} has {plural(len(labels.classes), 'value')} in {plural(n_rows, 'row')}, "
        "and each is taken as a class: where it is a number, write it as 12.5, without a unit; "
        "where another column is the label, repeat podium init with --label"
    ]


def _classes_alike(classes: Sequence[str], sizes: Mapping[str, int]) -> list[str]:
    """Return problems where classes differ by case, accents or signs between words alone."""
    return [
        f"{one} differ by {how} alone: if they are one class, write them alike; else each is one"
        for how, several in names_alike(classes, sizes).items()
        for one in several[:3]
    ]


def _equal_classes(folder: DataFolder, classes: Sequence[str]) -> list[str]:
    """Return where a line of a text sets classes equal, as `pigeon = dove`: the host counts one."""
    known = set(classes)
    found = dict[frozenset[str], tuple[str, str]]()
    for path, text in texts_as_written(folder):
        for line in map(str.strip, text.splitlines()):
            cells = [re.sub(r"^[\s`'\"*•·-]+|[\s`'\"*.;]+$", "", one) for one in _EQUAL.split(line)]
            if 1 < len(cells) == len({*cells}) and known.issuperset(cells):
                found.setdefault(frozenset(cells), (path, line))
    return [
        f"{path} says {line!r}: {some(sorted(each), len(each))} are learnt as "
        f"{either(len(each), 'class', 'classes')}, "
        "and scores here count one for the other as an error: where the host counts them as one, "
        "give their images one label, and in submission.columns the other columns text[0]"
        for each, (path, line) in found.items()
    ]


_EQUAL = re.compile(r"={1,3}|[≡↔⇔＝]|<=>|<->")


def loaded_parts(
    competition: Competition, made: Sequence[MadeFile] | None = None
) -> tuple[dict[Split, pd.DataFrame], list[str]]:
    """Return the samples of each part that can be loaded, and the problems of the others.

    So that the first command reports them. `made` are the files of an init that records them later.
    """
    loaded, problems = dict[Split, pd.DataFrame](), list[str]()
    parts: tuple[Split, ...] = ("train", "unlabelled", "test")
    for split in parts:
        try:
            loaded[split] = load_samples(competition, split, made=made)
        except DataError as error:
            problems.append(f"to mend before training: {error}")
    return loaded, problems


def complaints(
    competition: Competition,
    loaded: Mapping[Split, pd.DataFrame],
    samples: Sequence[SampleSubmission],
) -> list[str]:
    """Return the likely mistakes that loaded samples show.

    Args:
        competition: as it was inferred.
        loaded: the samples of each part.
        samples: the sample submission, with the ids of rows and with those of images.
    """
    found: list[str] = []
    if "train" in loaded:
        train = loaded["train"]
        if competition.folds.group is None:
            found += filter(None, [slices_hint(list(train["id"]), list(train["label"]))])
        found += _shared_masks(competition, train)
        slips = likely_slips(competition, train).values()
        found += [f"{one}: mend it, if it is a slip" for one in slips]
    if "test" in loaded:
        tables = [list(one.table[one.id]) for one in samples]
        found += _other_ids(competition, sorted(set(map(str, loaded["test"]["unit"]))), tables)
    return found


def _shared_masks(competition: Competition, train: pd.DataFrame) -> list[str]:
    """Return a problem where images of one name in several folders have one mask."""
    images = defaultdict[tuple[str, ...], list[str]](list)
    for mask, files in zip(train.get("mask", ()), train["images"], strict=False):
        if mask is not None and mask.files:
            images[mask.files].append(files[0])
    shared = {
        masks: each
        for masks, each in images.items()
        if len(each) > 1 and len({path.rpartition("/")[2] for path in each}) < len(each)
    }
    if not shared:
        return []
    masks, each = next(iter(shared.items()))
    key = group_of_shared_masks(competition, train, rows_of_masks(train))
    apart = ""
    if key is not None and competition.folds.group is None:
        command = shlex.join(["podium", "choose", f"folds.group={key}"])
        apart = f"; else {command} keeps such images in one fold"
    return [
        f"{plural(len(shared), 'mask')} would be of several images of one name, as {masks[0]} of "
        f"{some(each, 2)}: where it is of one of them alone, write a table with a row for each "
        f"image, its file and its mask{apart}"
    ]


def _other_ids(
    competition: Competition, ids: Sequence[str], expected: Sequence[list[str]]
) -> list[str]:
    """Return a problem where ids of the sample are, for the greater part, not of test images."""
    template = competition.submission.id
    known = {*ids, *(template.replace("{id}", one) for one in ids)}
    for each in expected:
        rows = find_rows(each, ids, competition.row_names, repeats=True)
        n_others = sum(one not in known for one in each)
        if min(n_others, len(each) if rows is None else rows.chosen.n_against) <= 0.5 * len(each):
            return []
    if not expected:
        return []
    command = naming_as_sent(competition, ids, expected[0])
    how = "mend data.test.id, or submission.rows and submission.id"
    how = f"where equal numbers are of one image, {command}; else {how}" if command else how
    return [
        f"the sample submission's ids ({some(expected[0], 2)}) are not those of the test images "
        f"({some(ids, 2)}): {how}"
    ]


_LONGEST_READINGS = 60
"""The most characters of all readings of a key that a note names."""


def _short_readings(key: OpenKey, text: str) -> str:
    """Return the readings of a key, as ` (street or null)`; "" where they are long.

    The first one is that of `text`, the file.
    """
    chosen = value_at(load_plain_yaml(text), key.key.split("."))
    values = [chosen, *(value for value, _ in key.others)]
    readings = list(dict.fromkeys(map(yaml_text, values)))
    named = " or ".join(readings)
    return f" ({named})" if len(named) <= _LONGEST_READINGS and len(readings) > 1 else ""


def _way_to_choose(key: OpenKey) -> str:
    """Return the command that takes another label, with the tasks and format that go with it."""
    names = [value for value, _ in key.others if isinstance(value, str)]
    if key.key != "data.train.label" or not names:
        return ""
    return f"; or repeat podium init with --force --label {shlex.quote(names[0])}"
