"""`podium check` of the data: the folder's files, and what `competition.yaml` makes of them.

The data are checked by `competition.checks`. Here come those checks that need the room of
submissions: whether a file in the format that is written down can be made, and whether the sample
submission is such a file.
"""

from __future__ import annotations

import json
import os
import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from podium.competition import metrics
from podium.competition.checks import Finding, Level, line_of
from podium.competition.checks.data import FOLD_LACKS, LEVELS, check_data, check_spec
from podium.competition.checks.joined_classes import check_joined_classes
from podium.competition.data_folder import data_folder
from podium.competition.folds.file import plan_folds, read_folds, redo_advice
from podium.competition.ids.patterns import is_image
from podium.competition.infer.conversions.labels.cells.one_spelling import ONE_SPELLING
from podium.competition.infer.conversions.parts.samples_by_content import is_called_submission
from podium.competition.infer.files import DataFolder
from podium.competition.infer.ids.other_words import naming_as_sent
from podium.competition.infer.readme.metrics import find_readme_metrics
from podium.competition.infer.readme.runs import ReadmeRuns, find_readme_runs
from podium.competition.infer.sample.submission import is_sample_submission
from podium.competition.made_files import changed_sources, made_readers
from podium.competition.samples import (
    left_out_of_test,
    left_out_sentence,
    load_samples,
    unpredicted_answer,
)
from podium.competition.scores.combination import score_name
from podium.competition.sections.data import MaskTable
from podium.competition.sections.submission import FileForm
from podium.competition.sections.tasks import BY_OUTPUT, combination_of
from podium.competition.spec import Competition
from podium.competition.tables import TABLE_SUFFIXES, read_table
from podium.errors import DataError, PodiumError, plural
from podium.submissions.format.cells import ExpectedRows
from podium.submissions.format.checking import (
    check_expected,
    other_classes,
    stale_sample_problems,
)
from podium.submissions.format.csv_text import of_competition
from podium.submissions.format.expected import expected_of_test
from podium.submissions.format.problems import Problem
from podium.submissions.format.reading import HEADER_MUST_BE
from podium.submissions.format.row_names import SampleKeys, owners_of, plain_sample
from podium.submissions.format.spec import (
    TEXT_FIELD,
    SubmissionFormat,
    format_of,
    sample_with_rows,
)
from podium.submissions.values import LabelValue, label_value
from podium.submissions.values import get as get_value
from podium.tasks.protocols.names import IMAGES
from podium.tasks.protocols.needs import are_decisions, are_probs
from podium.training.runs.scoring import undefined_folds
from podium.workspace.atomic import write_json
from podium.workspace.layout import COMPETITION_FILE, Workspace
from podium.workspace.marked_yaml import yaml_comment
from podium.workspace.progress import SILENT, Progress

__all__ = [
    "OTHER_ROWS",
    "check_before_writing",
    "check_constant_columns",
    "check_counted_runs",
    "check_merged_spellings",
    "check_rows_of_no_class",
    "check_scores_of_folds",
    "check_workspace",
    "describe_runs",
    "guessed_runs",
]

UNFIT = "the submission format does not fit"
OTHER_ROWS = "the sample submission has other rows than the test set"
_KEYS = ("columns", "rows", "value", "id", "sample", "preset", "item", "k", "unknown", "rle")


def check_workspace(
    workspace: Workspace,
    competition: Competition,
    *,
    adversarial: bool = True,
    progress: Progress = SILENT,
) -> list[Finding]:
    """Return findings on the data and on `competition.yaml`, errors first.

    Args:
        workspace: whose data are checked.
        competition: locates the data.
        adversarial: also run adversarial validation of train against test.
        progress: of opening the files.
    """
    of_data = check_data(workspace, competition, adversarial=adversarial, progress=progress)
    undefined = check_scores_of_folds(workspace, competition)
    if undefined:  # it is of the same classes, whose scores are not left out
        of_data = [one for one in of_data if one.title != FOLD_LACKS]
    found = [
        *check_choices(competition),
        *check_guessed_metric(competition),
        *check_metric_of_texts(competition),
        *check_rows_of_no_class(workspace, competition),
        *_changed_sources(workspace),
        *check_merged_spellings(workspace, competition),
        *undefined,
        *check_joined_classes(competition),
        *of_data,
        *check_format(competition),
        *check_constant_columns(competition),
        *check_sample_is_named(competition),
        *check_counted_runs(competition),
        *check_same_files(competition),
        *check_left_out(competition),
    ]
    n_errors = sum(one.level == "error" for one in found)
    with suppress(OSError):  # a folder that cannot be written: `podium` then knows of no problem
        workspace.check_verdict.parent.mkdir(parents=True, exist_ok=True)
        write_json(workspace.check_verdict, {"errors": n_errors})
    return sorted(found, key=lambda finding: LEVELS.index(finding.level))


def check_choices(competition: Competition) -> list[Finding]:
    """Return the finding that keys of `competition.yaml` are still to be chosen."""
    keys = tuple(competition.to_choose)
    if not keys:
        return []
    return [
        Finding.listing(
            "error",
            "several readings of the data fit",
            keys,
            "choose one for each",
            mend="podium choose",
            where=line_of(competition, *keys[0].split(".")),
        )
    ]


def check_guessed_metric(competition: Competition) -> list[Finding]:
    """Return a warning where `podium init` guessed the metric, and nobody wrote another one.

    It is guessed while the comment at it marks the metric that stands there as guessed.
    """
    name = score_name(competition)
    try:
        text = (competition.root / COMPETITION_FILE).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return []  # a competition that was made otherwise has no comments
    guessed = rf"# {re.escape(name)} is guessed\b"
    above, beside = rf"^ *{guessed}.*\n(?: *#.*\n)* *name:", rf"^ *name: .*{guessed}"
    if re.search(f"{above}|{beside}", text, re.MULTILINE) is None:
        return []
    comment = re.sub(r"\n *# ?", " ", text)
    guessed = rf" {re.escape(name)} is guessed, as [^;]*; "
    other = re.search(rf"{guessed}((?:(?!; ).)+ says .*?); see the competition", comment)
    why = "as it read no other in texts beside the data" if other is None else f"as {other[1]}"
    return [
        Finding(
            "warning",
            "the metric is a guess",
            f"{name}: podium init took the likeliest one, {why}",
            "name the one of the competition's page: podium choose metric.name=NAME, with "
            f"{name} where it is this one",
            mend="podium choose metric.name=NAME",
            where=line_of(competition, "metric", "name"),
        )
    ]


def check_metric_of_texts(competition: Competition) -> list[Finding]:
    """Return a warning where texts beside the data name one metric, and it is another one."""
    own, task, sent = competition.metric, competition.scored_task, competition.submission
    if combination_of(own) is not None or ":" in own.name or sent.preset or sent.rows == "pixel":
        return []
    kind = competition.tasks[task]
    if kind.is_by_column or sent.value == "topk":
        return []  # what a text calls the score of a column, or of a guess, is a part of the metric
    for folder in _folders_of_texts(competition):
        told = find_readme_metrics(folder, kind, task)
        name = own.name.removesuffix(BY_OUTPUT) if kind.is_by_output else own.name
        if name in {one.name for one in told} or len(told) > 1:
            return []
        for one in told:
            return [
                Finding(
                    "warning",
                    "a text beside the data names another metric",
                    f"{one.path} says {one.called!r}, which is {one.name}; metric.name is "
                    f"{own.name}",
                    f"write {one.name}, if the text speaks of the score of this competition",
                    count=-1,
                    where=line_of(competition, "metric", "name"),
                )
            ]
    return []


def check_rows_of_no_class(workspace: Workspace, competition: Competition) -> list[Finding]:
    """Return a warning where rows without a class lower the score of the right answers themselves.

    As those that F1 of each row counts 0 when nothing is predicted for them, which is right.
    """
    spec = competition.metric_of(IMAGES)
    if spec is None or not competition.kind.is_by_class:
        return []
    try:
        metric = metrics.get(spec.name, root=competition.root)
        if not metric.scores_decisions:
            return []
        labels = load_samples(competition, "train", workspace=workspace)["label"].dropna()
        if labels.empty:
            return []
        truth = np.stack(list(labels))
        is_empty = ~truth.any(axis=1)
        if not is_empty.any() or is_empty.all():
            return []
        whole, rest = (
            metrics.score(metric, one, one, **spec.options) for one in (truth, truth[~is_empty])
        )
    except PodiumError:
        return []  # told by other checks
    if whole == rest or (whole > rest) == metric.greater_is_better:
        return []
    n = int(is_empty.sum())
    is_option = "zero_division" in metric.complete(spec.options)
    how = "write zero_division: 1 below metric" if is_option else "write another metric"
    return [
        Finding(
            "warning",
            "rows without a class lower the score even when they are right",
            f"{n:,} of {plural(len(truth), 'labelled row')} {'has' if n == 1 else 'have'} no "
            "class; the right answers of all rows "
            f"score {whole:.4g} by {spec.name}, and {rest:.4g} without these",
            f"{how}, if the competition counts nothing predicted for "
            "them as right; where a word for none is a class of its own, add it to classes",
            where=line_of(competition, "metric", "name"),
        )
    ]


def check_scores_of_folds(workspace: Workspace, competition: Competition) -> list[Finding]:
    """Return an error for folds that the metric cannot score, as AUC those without a class."""
    if not competition.has_labels:
        return []
    try:
        samples = load_samples(competition, "train", workspace=workspace)
        if is_made := workspace.folds_file.exists():
            folds = read_folds(workspace, competition, samples)
        else:
            folds = plan_folds(competition, samples, workspace=workspace, told=[])
        found = undefined_folds(competition, samples, folds)
    except PodiumError:
        return []  # told by other checks
    if found is None:
        return []
    redo = is_made and "folds.n" in found.mend
    return [
        Finding(
            "error",
            "folds that the metric cannot score",
            found.detail,
            found.fix,
            tuple(found.lacking),
            mend=f"{found.mend}, and {redo_advice(workspace)}" if redo else found.mend,
            where=line_of(competition, "folds" if "folds.n" in found.mend else "metric"),
            count=-1,
        )
    ]


def _changed_sources(workspace: Workspace) -> list[Finding]:
    """Return a warning for each file that `podium init` made of files that are others today."""
    return [
        Finding.listing(
            "warning",
            f"{one.path} was made of files that changed",
            one.sources,
            "make it again",
            mend=one.command,
        )
        for one in changed_sources(workspace)
    ]


def check_merged_spellings(workspace: Workspace, competition: Competition) -> list[Finding]:
    """Return a note on spellings of train that `podium init` read as one class."""
    tables = competition.data.train.tables
    try:
        told = {
            path: spelt
            for path, reader in made_readers(workspace).items()
            if path in tables and (spelt := reader.partition(ONE_SPELLING)[2])
        }
    except PodiumError:
        return []  # told of as changed sources
    return [
        Finding(
            "note",
            f"spellings that {path} has as one class",
            spelt,
            "to keep them apart, name the host's table as data.train.table in place of it, and "
            "write each spelling under classes",
            count=-1,
            where=line_of(competition, "data", "train", "table"),
        )
        for path, spelt in told.items()
    ]


def check_before_writing(workspace: Workspace, competition: Competition) -> list[Finding]:
    """Return errors that `competition.yaml` and the tables alone can show, before it is written."""
    return [*check_spec(workspace, competition), *_form_that_cannot_be(competition)]


def _form_that_cannot_be(competition: Competition) -> list[Finding]:
    """Return an error where the parts of a submission's format do not fit together."""
    try:
        format_of(competition)
    except DataError as error:
        message = error.message.removeprefix(f"{UNFIT}: ")
        is_own = error.where is None or "competition.yaml" in error.where
        detail = message if is_own else f"{error.where}: {message}"
        return [_unfit(competition, detail, error.fix or "", "" if is_own else "sample")]
    return []


def check_format(competition: Competition) -> list[Finding]:
    """Return findings on a submission format that cannot be written, or is not the sample's."""
    if found := _form_that_cannot_be(competition):
        return found
    form = format_of(competition)
    decided = _other_than_scored(competition, form)
    try:
        sample = sample_with_rows(competition)
    except DataError as error:
        return [_unfit(competition, str(error.message), error.fix or "", "sample")]
    if sample is None:
        return decided
    findings = list(decided)
    try:
        shown = _plain_copy(sample, form)
        found = _misfits(competition, form, sample, shown)
        findings += found
        if not found:
            other = other_classes(competition, form)
            stale = stale_sample_problems(competition, form) if other is None else ()
            findings += [_stale(competition, problem) for problem in stale]
            findings += [] if other is None else [_of_other_classes(competition, other)]
            findings += _blank_cells(competition, form, shown)
    except PodiumError as error:
        where = f"{error.where}: " if error.where else ""
        findings.append(_unfit(competition, f"{where}{error.message}", error.fix or "", "sample"))
    return findings


def _misfits(
    competition: Competition, form: SubmissionFormat, sample: Path, shown: Path
) -> list[Finding]:
    """Return why the sample submission would be refused as a file of the format, or [].

    Args:
        competition: whose format it is.
        form: the format.
        sample: the file.
        shown: what is read of it, as `_plain_copy` returns it.
    """
    expected = expected_of_test(competition)
    wanted = _plain(expected, sample) if shown == sample else expected
    return list(_of_sample(competition, form, check_expected(sample, wanted), shown))


def check_constant_columns(competition: Competition) -> list[Finding]:
    """Return a warning for each constant column of the file that has several values in train.

    A workspace predicts labels of one kind: the sample's columns of another one hold a constant
    until they come from a workspace of their own.
    """
    try:
        columns = format_of(competition).columns
        tables = {one: read_table(competition.root / one) for one in competition.data.train.tables}
    except DataError:
        return []  # reported where they are read
    found = []
    for name, cell in columns.items():
        constant = TEXT_FIELD.fullmatch(cell)
        path = next((one for one, table in tables.items() if name in table), None)
        if constant is None or path is None:
            continue
        n_values = tables[path].loc[tables[path][name] != "", name].nunique()
        if n_values > 1:
            found.append(
                Finding(
                    "warning",
                    f"column {name} is the same in every row of the file to send",
                    f"{constant[1]!r}, and {Path(path).name} has {plural(n_values, 'value')} of it",
                    "predict it in a workspace of its own, and write the file that it sends here, "
                    f"as {name}: 'file[../OTHER/submissions/auto.csv]'; where this is that "
                    f"workspace, leave it: {_init_of_column(competition, name)}",
                    count=-1,
                    where=line_of(competition, "submission", "columns"),
                )
            )
    return found


def check_left_out(competition: Competition) -> list[Finding]:
    """Return a warning where test images are not predicted; an error where the sample has others.

    A name that the sample does not have is a slip, or of a file that nobody asks for.
    """
    where = line_of(competition, "data", "test", "exclude")
    try:
        names, sentence = left_out_of_test(competition), left_out_sentence(competition)
        asked = _named_by_sample(competition)
    except PodiumError:
        return []  # reported where they are read
    if not names:
        return []
    strange = tuple(one for one in names if asked and one not in asked)
    if strange:
        return [
            Finding.listing(
                "error",
                "data.test.exclude lists what the sample submission does not have",
                strange,
                "write ids as the sample has them, and others not at all",
                where=where,
            )
        ]
    return [
        Finding(
            "warning",
            "test images that are not predicted",
            sentence,
            "where their files can be had again, take them out of data.test.exclude",
            tuple(names),
            where=where,
            beside=f"podium writes {unpredicted_answer(competition)} into their rows of the file "
            "to send",
        )
    ]


def _init_of_column(competition: Competition, name: str) -> str:
    """Return the command that makes a workspace, beside this one, for another column of train."""
    folder = "-".join(re.findall(r"\w+", name)) or "other"
    words = ["-w", f"../{competition.root.resolve().name}-{folder}"]
    data = data_folder(competition)
    source = "DATA" if data is None else os.path.relpath(data, competition.root)
    if source.count("..") > 2:
        source = str(data)
    return shlex.join(["podium", *words, "init", source, "--label", name])


def check_sample_is_named(competition: Competition) -> list[Finding]:
    """Return a warning where a file is called a submission, and `submission.sample` is none.

    Looked at is the folder that holds the files of train and test. One with rows of some of the
    images to predict, in the form that is written, may be left out.
    """
    folder = data_folder(competition)
    if competition.submission.sample is not None or folder is None:
        return []
    names = sorted(
        one.name
        for one in folder.iterdir()
        if one.name.lower().endswith(TABLE_SUFFIXES)
        and (is_called_submission(one.name) or is_sample_submission(one.name))
    )
    if not names:
        return []
    path = os.path.relpath(folder / names[0], competition.root)
    spelt = str(folder / names[0]) if path.count("..") > 2 else path
    if len(names) == 1 and _shows_form_alone(competition, spelt):
        return []
    return [
        Finding.listing(
            "warning",
            "a file is called as a sample submission is, and no sample is named",
            tuple(names),
            "header, ids and number of rows are compared with a sample alone; if it is one, name "
            "it, and write submission.columns as its header is",
            where=line_of(competition, "submission", "sample"),
            mend=f"submission: {{sample: {json.dumps(spelt)}}}",
        )
    ]


def _shows_form_alone(competition: Competition, sample: str) -> bool:
    """Return whether a file, as the sample submission, has rows of some images to predict alone."""
    submission = competition.submission.model_copy(update={"sample": sample})
    named = competition.model_copy(update={"submission": submission}).at(competition.root)
    try:
        shown = _named_by_sample(named)
        every = set(_scored_names(competition, load_samples(competition, "test")))
    except DataError:
        return False
    return bool(shown) and shown < every


def check_counted_runs(competition: Competition) -> list[Finding]:
    """Return a warning where runs are sent, and how they are counted is a default or is denied.

    No header shows it, a rehearsal writes and reads by the same rule, and a host reads a file that
    is counted otherwise without a word. What shows it: the key `rle` without the comment that marks
    it as a guess of `podium init`, a preset, masks of train that are runs, or a text beside the
    data. A text that states another rule is named.
    """
    try:
        sent = next((one for one in format_of(competition).answers if one.value == "rle"), None)
    except DataError:
        return []  # `check_format` reports it
    if sent is None or sent.file.kind == "png" or competition.submission.preset is not None:
        return []
    names = ("order",) if sent.rle.counts else ("base", "order")
    used: dict[str, object] = {name: sent.rle.options[name] for name in names}
    train = competition.data.train
    has_runs = isinstance(train.mask, MaskTable) and train.mask_codec.kind == "rle"
    of_train = {name: getattr(train.mask_codec, name) for name in used} if has_runs else {}
    if of_train == used:
        return []
    read = _read_runs(competition)
    written = _written_of_runs(competition)
    stated = {name: one for name, one in read.parts.items() if name in used}
    others = {name: one for name, one in stated.items() if one.value != used[name]}
    where = line_of(competition, "submission", "rle" if written else "value")
    found = []
    if read.ends and sent.rle.is_plain:
        found.append(
            Finding(
                "warning",
                "a text beside the data describes other runs",
                f"{read.ends}, and submission.rle writes a start and a length",
                "where runs are a first and a last pixel, write submission: {rle: {second: last}}; "
                "stop, where it is the pixel behind the run",
                where=where,
            )
        )
    counts = describe_runs(sent.rle.options)
    if others:
        fit = {**sent.rle.options, **{name: one.value for name, one in others.items()}}
        found.append(
            Finding(
                "warning",
                "a text beside the data counts runs otherwise than the file to send",
                f"{'; '.join(one.why for one in others.values())}; submission.rle is {counts}",
                "most of the score is lost if the text is right: write what it says, or ask the "
                "host",
                count=-1,
                where=where,
                mend=_rle_line(fit),
            )
        )
        return found
    guessed = guessed_runs(competition) if written else []
    unknown = [
        name for name in used if name not in stated and (name in guessed or name not in written)
    ]
    if not unknown:
        return found
    fit = {**sent.rle.options, **of_train}
    shown = (
        f"the masks of train are counted otherwise: {_counting(fit)}" if of_train else
        "no text beside the data tells it"
    )  # fmt: skip
    lost = "a file that is counted otherwise is taken, and most of its score is lost: write what "
    ways = "order: C counts along the rows, F down the columns"
    ways = ways if sent.rle.counts else f"base: 0 numbers pixels from 0, {ways}"
    if set(unknown) <= set(guessed):
        here = shlex.quote(f"submission.rle={_runs_in_yaml(sent.rle.options)}")
        title = "how runs are counted is a guess, and nothing shows it"
        told = f"{counts}; podium init took the usual {' and '.join(unknown)}; {shown}"
        fix = f"{lost}the competition's page says, also where it is this: podium choose {here}"
    else:
        title = "how runs are counted is podium's default, and nothing shows it"
        lacking = " and ".join(one for one in unknown if one not in guessed)
        told = f"submission.rle does not name {lacking}, so the file is of {counts}; {shown}"
        fix = f"{lost}the competition's page says, as {_rle_line(fit)}"
    found.append(Finding("warning", title, told, f"{fix}; {ways}", count=-1, where=where))
    return found


def guessed_runs(competition: Competition) -> list[str]:
    """Return which of base and order of `submission.rle` `podium init` guessed, and nobody changed.

    They are guessed while the comment at the key marks the value that stands there as guessed.
    """
    try:
        text = (competition.root / COMPETITION_FILE).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return []  # a competition that was made otherwise has no comments
    comment = yaml_comment(text, ("submission", "rle"))
    names = re.search(r"((?:(?: and )?(?:base|order) \w)+) (?:is|are) guessed,", comment)
    marked = re.findall(r"(base|order) (\w) is not sure:", comment)
    marked += re.findall(r"(base|order) (\w)", names[1]) if names else []
    options = competition.submission.rle.options
    return [name for name, value in marked if str(options.get(name)) == value]


def _counting(runs: Mapping[str, object]) -> str:
    way = "along the rows" if runs["order"] == "C" else "down the columns"
    if runs.get("counts"):
        return f"background and mask in turn, {way}"
    return f"pixels are numbered from {runs['base']}, {way}"


def describe_runs(runs: Mapping[str, object]) -> str:
    """Return the base and the order of runs, and what they mean."""
    if runs.get("counts"):
        return f"counts, order {runs['order']}: {_counting(runs)}"
    return f"base {runs['base']}, order {runs['order']}: {_counting(runs)}"


def _runs_in_yaml(runs: Mapping[str, object]) -> str:
    if runs.get("counts"):
        return f"{{counts: true, order: {runs['order']}}}"
    return f"{{base: {runs['base']}, order: {runs['order']}}}"


def _rle_line(runs: Mapping[str, object]) -> str:
    return f"submission: {{rle: {_runs_in_yaml(runs)}}}"


def _written_of_runs(competition: Competition) -> set[str]:
    """Return which keys of `rle` stand in `competition.yaml`, for each column that holds runs."""
    spec = competition.submission
    of_all = set(spec.rle.model_fields_set) if "rle" in spec.model_fields_set else set()
    listed = getattr(spec.columns, "listed", ())
    of_columns = [
        of_all if one.rle is None else set(one.rle.model_fields_set)
        for one in listed
        if one.value == "rle"
    ]
    return set.intersection(*of_columns) if of_columns else of_all


def _read_runs(competition: Competition) -> ReadmeRuns:
    """Return what texts beside the data state of runs."""
    for folder in _folders_of_texts(competition):
        found = find_readme_runs(folder)
        if found.parts or found.ends:
            return found
    return ReadmeRuns({})


def _folders_of_texts(competition: Competition) -> Iterator[DataFolder]:
    """Yield the folders in which texts on the data may lie, with their files and no images."""
    root, folder = competition.root, data_folder(competition)
    if folder is None:
        return
    places = [folder]
    if folder.parent.is_relative_to(root) and folder.parent != root:
        places.append(folder.parent)  # data/images/train and data/images/test: data/README.md
    for place in places:
        with os.scandir(place) as entries:
            names = [one.name for one in entries if one.is_file() and not is_image(one.name)]
        tables = tuple(one for one in names if one.lower().endswith(TABLE_SUFFIXES))
        yield DataFolder(place, ".", (), tables, (), others=tuple(sorted({*names})))


def _plain_copy(sample: Path, form: SubmissionFormat) -> Path:
    """Return a plain copy of a sample that is as the host takes files, as without a header.

    That is the sample itself where it is plain, and where `_plain` reads it.
    """
    if form.file.id_of:
        return sample
    with of_competition(sample):
        return plain_sample(sample, form)


def _plain(expected: ExpectedRows, sample: Path) -> ExpectedRows:
    """Return what the sample must be: a plain CSV, in whatever form files are sent.

    Its ids may stand in one column, or in several as in a file to send; so may its rankings, and
    the answers of a pivot.
    """
    form = expected.form.file
    several = {"ranked": form.ranked, "pivot": form.pivot}
    known = {*read_table(sample)} if any(several.values()) else set()
    shown = {key: of if {*of} <= known else [] for key, of in several.items()}
    plain = FileForm(id_of=form.id_of, ranked=shown["ranked"], pivot=shown["pivot"])
    return replace(expected, form=expected.form.model_copy(update={"file": plain}))


def _other_than_scored(competition: Competition, form: SubmissionFormat) -> list[Finding]:
    """Return a warning where a metric of probabilities would get decisions, or the reverse."""
    if form.parts or form.kind.is_of_pixels or combination_of(competition.metric) is not None:
        return []
    metric, value = metrics.of(competition), label_value(form)
    if not metrics.can_score(metric, form.kind, IMAGES):
        return []  # an error by itself, which names those that can
    if metric.needs_probs and are_decisions(value.source(form)):
        what = "probabilities, and the file would hold decisions"
        lost = "most of the score is lost"
        if form.kind.is_ordered:
            what = "expected ratings, and the file would hold decided ones"
            lost = "the honest score is of ratings before they are rounded"
        detail = f"value: {value.name} is {value.description}; {lost}"
        fix = _value_of_probs(form)
    elif form.kind.is_continuous:
        return []  # a number is the answer itself, and has no probability
    elif metric.scores_decisions and are_probs(value.source(form)):
        what = "decisions, and the file would hold probabilities"
        detail = (
            f"submission.value: {form.value}; the honest score is of decisions, which the host "
            "would have to make of these by itself"
        )
        fix = "write value: label for 0 and 1, if the host takes no probabilities"
        if form.kind.is_exclusive and form.n_cells > 1:
            fix = (
                "if the host takes 0 and 1 alone, write 1 for the highest cell of each row of the "
                "file, and 0 for its others, before you send it: a column for each class of one "
                "label is written as probabilities"
            )
    else:
        return []
    where = line_of(competition, "submission", "value")
    return [Finding("warning", f"{metric.name} scores {what}", detail, fix, count=-1, where=where)]


def _value_of_probs(form: SubmissionFormat) -> str:
    """Return the advice to write a value of probabilities, or a metric where the task has none."""
    value = get_value("prob")
    if isinstance(value, LabelValue) and value.holds(form.kind):
        return "write value: prob"
    decided = [one for one in metrics.names() if metrics.get(one).scores_decisions]
    able = ", ".join(one for one in decided if metrics.can_score(one, form.kind, IMAGES))
    return f"a file of {form.kind.named} task holds decisions: choose a metric of these: {able}"


def _unfit(competition: Competition, detail: str, fix: str, key: str = "") -> Finding:
    keys = [key] if key else _keys_in(detail, competition)
    line = line_of(competition, "submission", *keys[:1])
    detail = detail.replace(f"{competition.root}/", "")
    return Finding("error", UNFIT, detail, fix, where=line)


def _keys_in(detail: str, competition: Competition) -> list[str]:
    """Return the keys of `submission` that a message names and the file has, the first first."""
    is_set = competition.submission.model_fields_set
    words = {key: "column" if key == "columns" else key for key in _KEYS if key in is_set}
    named = sorted(
        (match.start(), key)
        for key, word in words.items()
        if (match := re.search(rf"\b{word}", detail))
    )
    return [key for _, key in named]


def _of_sample(
    competition: Competition, form: SubmissionFormat, problems: list[Problem], sample: Path
) -> Iterator[Finding]:
    """Yield a warning where the sample submission would be refused, or an error for all of it.

    A few odd cells are placeholders, and so are blank answers alone. Other columns, or no cell that
    fits, are no accident: the format is not the one that the host takes.
    """
    of_file = [one for one in problems if one.level == "error"]
    if not of_file or _is_blank(form, of_file, sample):
        return
    items = tuple(
        one.message if one.line is None else f"line {one.line}: {one.message}" for one in of_file
    )
    fix = "a file like the sample is what the host takes: mend submission in competition.yaml"
    of_lists = ("unknown classes", "another separator")
    if _lists_classes(form) and any(name in one for one in items for name in of_lists):
        none = f"{form.empty!r} is" if form.empty else "blank cells are"
        fix = (
            f"{fix}: sep ({form.sep!r}) stands between the classes of a cell, and empty is the "
            f"cell of an image without a class, for which {none} written now"
        )
    keys: tuple[str, ...] = ("submission", [*_keys_in(items[0], competition), "value"][0])
    title = "the sample submission does not fit the format"
    if _has_other_columns(form, of_file, sample):
        title, keys = _OTHER_COLUMNS, ("submission", "columns")
        fix = f"{fix}; where the sample is none of this competition, take submission.sample out"
    elif _fits_nowhere(form, of_file, sample):
        title = _NO_ANSWER_FITS
        fix = (
            f"{fix}, and tasks and classes where these are others; where the cells are "
            "placeholders of another kind than answers have, take submission.sample out"
        )
    elif not _lists_classes(form) and all(
        _NAMES in one and _QUOTED_NAME.search(one) for one in items
    ):
        fix = "write its names in classes of competition.yaml, unless they are placeholders"
        keys = ("classes",)
    level: Level = "error" if title in _REFUSED else "warning"
    yield Finding.listing(level, title, items, fix, where=line_of(competition, *keys))


def _is_blank(form: SubmissionFormat, problems: Sequence[Problem], sample: Path) -> bool:
    """Return whether all answers of a sample are blank, as of a form to fill in, and no more."""
    if form.parts or not all("missing values" in one.message for one in problems):
        return False
    return bool((read_table(sample)[form.answer_names] == "").all(axis=None))


def _has_other_columns(form: SubmissionFormat, problems: Sequence[Problem], sample: Path) -> bool:
    """Return whether a sample's first line names other columns, spaces and their order aside."""
    if not any(one.message.startswith(HEADER_MUST_BE) for one in problems):
        return False
    return {str(one).strip() for one in read_table(sample)} != {*form.header}


_OTHER_COLUMNS = "the file to send has other columns than the sample submission"
_NO_ANSWER_FITS = "no answer of the sample submission fits the format"
_REFUSED = (_OTHER_COLUMNS, _NO_ANSWER_FITS)
"""Titles of findings on files that no host would take."""
_OF_ANOTHER_KIND = (
    "unknown classes",
    "names of classes",
    "labels with a decimal point",
    "labels that are not ",
    "cells that are no number",
)
"""Faults of cells that answer something else; a number out of range may be a placeholder."""


_NAMES = "unknown classes"


_QUOTED_NAME = re.compile(r"'(?![-+\d.])[^']+' \(line ")


def _are_numbers_for_names(form: SubmissionFormat, cells: Sequence[str]) -> bool:
    """Return whether cells are numbers, and no class is one."""
    return all(map(_NUMBER.fullmatch, cells)) and not any(map(_NUMBER.fullmatch, form.classes))


_NUMBER = re.compile(r"[-+]?\d*\.?\d+(?:[eE][-+]?\d+)?")


def _fits_nowhere(form: SubmissionFormat, problems: Sequence[Problem], sample: Path) -> bool:
    """Return whether each cell of a sample answers another question than the competition.

    Never of masks, whose cells in a sample are often placeholders, nor of names in place of names,
    which may stand for any.
    """
    if form.parts or form.kind.is_of_pixels:
        return False
    table, names = read_table(sample), form.answer_names
    several = form.file.ranked or form.file.pivot
    cells = table[several if several and {*several} <= {*table} else names]
    n_rows = len(table)
    of_classes = any(_NAMES in one.message for one in problems)
    if of_classes and not _are_numbers_for_names(form, cells.to_numpy().ravel().tolist()):
        return False
    return min(n_rows, len(names)) > 0 and all(
        any(
            one.n >= n_rows and one.message.startswith(f"column {name!r}: {title}")
            for one in problems
            for title in _OF_ANOTHER_KIND
        )
        for name in names
    )


def refuse_unfit_answers(competition: Competition) -> None:
    """Raise where no answer of the sample submission fits the format, or its columns are others.

    All else that `check_format` reports costs far more than a file to send should wait for.

    Raises:
        DataError: as `podium check` reports it.
    """
    found = list[Finding]()
    with suppress(PodiumError):  # of the format alone, which is reported where a file is written
        form, sample = format_of(competition), sample_with_rows(competition)
        if sample is not None:
            found = _misfits(competition, form, sample, _plain_copy(sample, form))
    for one in found:
        if one.title in _REFUSED:
            where = f"{competition.root / COMPETITION_FILE}"
            told = f"{one.title}: {one.detail}" if one.detail else one.title
            raise DataError(told, where=where, fix=one.fix)


def _lists_classes(form: SubmissionFormat) -> bool:
    """Return whether a cell lists all classes of an image."""
    return not form.parts and form.value == "labels" and not form.file.lists


def _blank_cells(
    competition: Competition, form: SubmissionFormat, sample: Path
) -> Iterator[Finding]:
    """Yield a note where an image without a class gets a blank cell, and the sample has none."""
    is_written = "empty" in competition.submission.model_fields_set
    if not _lists_classes(form) or form.empty or is_written:
        return
    table = read_table(sample)
    columns = [name for name, field in form.columns.items() if field == "value"]
    if not set(columns) <= set(table.columns) or (table[columns] == "").any(axis=None):
        return
    yield Finding(
        "note",
        "an image without a class is written as a blank cell, and the sample has none",
        f"{plural(len(table), 'row')} of the sample, each with a class",
        "write the host's word for no class as submission.empty; a blank cell may be refused",
        count=-1,
        where=line_of(competition, "submission", "value"),
    )


def check_same_files(competition: Competition) -> list[Finding]:
    """Return an error where the test set is made of the files of train, and the sample asks not so.

    That is where all files of one of the two are files of the other: one pattern for both takes
    all images for test, and what was learnt is predicted.
    """
    try:
        train, test = (load_samples(competition, part) for part in ("train", "test"))
        known = {_files(competition, images) for images in train["images"]}
        of_test = [_files(competition, images) for images in test["images"]]
        is_shared = [one in known for one in of_test]
        n = sum(is_shared)
        if n == 0 or n not in (len(of_test), len(known)):
            return []
        named = _scored_names(competition, test)
        if set(named[is_shared]) <= _named_by_sample(competition):
            return []
    except DataError:
        return []  # reported where they are read
    shared = [one for one, is_known in zip(of_test, is_shared, strict=True) if is_known]
    names = tuple(os.path.relpath(one[0], competition.root) for one in shared)
    return [
        Finding.listing(
            "error",
            "the test set is made of the files of train",
            names,
            f"{n:,} of {plural(len(of_test), 'test image')} {'is' if n == 1 else 'are'} files of "
            "the "
            f"{len(known):,} of train: write a pattern, or a table, of the images to predict alone "
            "into data.test",
            where=line_of(competition, "data", "test"),
        )
    ]


def _scored_names(competition: Competition, test: pd.DataFrame) -> pd.Series[str]:
    """Return what the rows of a file are of: the ids of images to predict, or of their units."""
    return test["unit" if competition.scores_units else "id"].astype(str)


def _named_by_sample(competition: Competition) -> set[str]:
    """Return the images that rows of the sample submission are of; of no sample none."""
    form, sample = format_of(competition), sample_with_rows(competition)
    if sample is None:
        return set()
    owners = owners_of(form)
    return {one for key in SampleKeys(sample, form) for one in owners(key)}


def _files(competition: Competition, images: Sequence[str]) -> tuple[str, ...]:
    return tuple(os.path.normpath(competition.root / one) for one in images)


def _of_other_classes(competition: Competition, problem: Problem) -> Finding:
    return Finding(
        "error",
        "no row of the sample submission is of a class of competition.yaml",
        problem.message,
        problem.fix or "",
        where=line_of(competition, "classes"),
    )


def _stale(competition: Competition, problem: Problem) -> Finding:
    """Return a sample of other rows as a finding: an error where no file of it can be written."""
    test = load_samples(competition, "test")
    named, shown = _scored_names(competition, test), _named_by_sample(competition)
    is_none = not format_of(competition).may_lack_rows and shown.isdisjoint(named)
    command = naming_as_sent(competition, list(named), sorted(shown)) if is_none else ""
    fix = f"where equal numbers are of one image: {command}" if command else problem.fix or ""
    if shown and shown < set(named):
        all_have = "where each image to predict has a row, and the sample shows the form alone"
        fix = "; or, ".join(
            filter(None, [fix, f"{all_have}: podium choose submission.sample=null"])
        )
    return Finding(
        "error" if is_none else "warning",
        "no row of the sample submission is of a test image" if is_none else OTHER_ROWS,
        problem.message,
        fix,
        mend=command,
        where=line_of(competition, "submission", "sample"),
    )
