"""Artefacts of a workspace on a terminal, each as its kind is shown: `show_artefact`.

Of a run: its scores after each phase, what it was trained on beside its own rows, its LoRA weights
and kept predictions, and its score without the extra images. Of an image: its facts, its labels and
masks by every source, and where they are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from podium.cli.blends import describe_estimate, print_blend, print_members
from podium.cli.context import print_to_type, progress, to_type_here
from podium.cli.imports import print_imports
from podium.cli.pseudo_labels import format_class_counts, print_pseudo
from podium.cli.tables import print_json, print_table
from podium.ensembling.missing_members import missing_members
from podium.ensembling.record import read_parts
from podium.errors import RunError, UsageError, plural, some
from podium.predictions.snapshots import count_snapshots, snapshot_folds
from podium.reporting.images.view import report_image
from podium.tasks.protocols.names import is_of_images, is_of_pixels
from podium.training.data.extra import extra_use
from podium.training.recipe import load_recipe
from podium.training.runs.advice import run_advice
from podium.training.runs.content import changes_as_json, kept_data_changes
from podium.training.runs.fold_files import Fold, FoldFiles, loaded_lines
from podium.training.runs.history import phase_scores
from podium.training.runs.recipe_edits import (
    override_lines,
    overrides_of,
    recipe_edit,
    runs_with_overrides,
)
from podium.training.runs.versions import fold_versions, versions_line
from podium.workflows.blends.blending import member_contributions
from podium.workflows.blends.expected import estimate_of_run, expected_of_run
from podium.workflows.studies.table import read_study, table_cells
from podium.workspace.display import number
from podium.workspace.records import (
    UNKNOWN_START,
    Record,
    is_label_free_run,
    is_of_all_labels,
    other_name,
    read_record,
)

if TYPE_CHECKING:
    from podium.competition.spec import Competition
    from podium.reporting.images.predictions import ImagePrediction
    from podium.reporting.images.view import ImageReport
    from podium.training.data.extra import ExtraUse
    from podium.training.recipe import Recipe
    from podium.training.runs.content import DataChange
    from podium.training.runs.history import PhaseScores
    from podium.training.runs.recipe_edits import RecipeEdit
    from podium.workflows.studies.table import Study
    from podium.workspace.layout import Workspace

__all__ = ["print_study", "raise_failed_runs", "show_artefact", "stages_scored"]

_TOGETHER = " of all scored rows together"
"""The score of the rows of all folds; the mean over the folds, above it, is another number."""


def show_artefact(
    workspace: Workspace, competition: Competition, name: str, *, members: bool, as_json: bool
) -> None:
    """Print the artefact `name`, or the image of that name where there is none.

    With `members`, print what each member of a blend brings.

    Raises:
        UsageError: there is neither.
    """
    rooms = ("runs", "blends", "imports", "pseudo", "studies")
    try:
        folder = workspace.artefact(name, rooms=rooms)
    except UsageError as no_artefact:
        if members:
            raise
        _show_image(workspace, competition, name, no_artefact, as_json=as_json)
        return
    record = read_record(folder)
    changes = kept_data_changes(workspace, competition, folder)
    edit = recipe_edit(workspace, name, folder)
    if not as_json:
        missing = missing_members(workspace, folder)
        if (renamed := other_name(folder, record)) is not None:
            print(f"{folder.name} is {renamed[0]}: {renamed[1]}")
        overridden = override_lines(runs_with_overrides(workspace, folder))
        for line in (*changes, *missing, *([edit] if edit else []), *overridden):
            print_to_type(line)
    if members:
        _show_members(workspace, competition, folder, record, as_json=as_json)
    elif record.kind == "blend":
        print_blend(workspace, folder, competition, changes=changes, as_json=as_json)
    elif record.kind == "import":
        print_imports([folder], changes=changes, as_json=as_json)
    elif record.kind == "pseudo":
        print_pseudo(folder, as_json=as_json)
    elif record.kind == "study":
        print_study(read_study(folder), as_json=as_json)
    elif "soup" in record.inputs:
        _show_soup(record, as_json=as_json)
    elif is_label_free_run(record):
        _show_without_labels(folder, record, as_json=as_json)
    else:
        _show_run(workspace, competition, folder, record, changes, edit, as_json=as_json)


def _show_image(
    workspace: Workspace,
    competition: Competition,
    name: str,
    no_artefact: UsageError,
    *,
    as_json: bool,
) -> None:
    try:
        print_image(workspace, competition, name, as_json=as_json)
    except UsageError as no_image:
        if not no_image.message.startswith("there is no image"):
            raise
        fixes = [one.fix for one in (no_artefact, no_image) if one.fix]
        near = [one for one in fixes if one.startswith("did you mean")]
        message = f"{no_artefact.message}, and no image of that name"
        raise UsageError(message, fix=" ".join(near) or "; or ".join(fixes)) from no_image


def _show_members(
    workspace: Workspace, competition: Competition, folder: Path, record: Record, *, as_json: bool
) -> None:
    if record.kind != "blend":
        raise UsageError(f"{record.id} is no blend, and --members is of blends", fix="name a blend")
    table = member_contributions(workspace, competition, folder, progress=progress())
    parts = [one.blend for one in read_parts(folder).values()]
    is_gated = any("gate" in step for one in parts for step in one.decision)
    print_members(record.id, table, parts[0], is_gated=is_gated, as_json=as_json)


def _show_run(
    workspace: Workspace,
    competition: Competition,
    folder: Path,
    record: Record,
    changes: Sequence[DataChange],
    edit: RecipeEdit | None,
    *,
    as_json: bool,
) -> None:
    stages = phase_scores(folder)
    extra = extra_use(workspace, folder)
    estimate = estimate_of_run(workspace, competition, folder)
    expected = expected_of_run(workspace, competition, folder)
    versions = versions_line(folder)
    if as_json:
        more: dict[str, Any] = {} if estimate is None else {"on_test_like": estimate.to_json()}
        more |= {} if expected is None else {"expected": expected.to_json()}
        if versions is not None:
            more["versions"] = fold_versions(folder)
        if edit is not None:
            more["recipe_edit"] = edit.to_json()
        if overrides := overrides_of(record):
            more["overrides"] = list(overrides)
        print_json(
            {
                "id": record.id,
                "stages": [asdict(one) for one in stages],
                "scores": record.scores,
                "extra": None if extra is None else asdict(extra),
                "start_weights": loaded_lines(folder),
                "advice": run_advice(competition, folder),
                **lora_and_kept(folder),
                **changes_as_json(changes),
                **more,
            }
        )
        return
    metrics = list(dict.fromkeys(name for stage in stages for name in stage.scores))
    # A run that learns from nothing but labels has no use for these columns.
    has_methods = any(stage.method not in ("", "supervised") for stage in stages)
    rows = [
        (
            stage.phase,
            *((stage.method, _pseudo(stage)) if has_methods else ()),
            "/".join(map(str, dict.fromkeys(stage.epochs))),
            ", ".join(stage.learnt),
            ", ".join(stage.frozen),
            *(number(stage.mean(name)) for name in metrics),
        )
        for stage in stages
    ]
    of_methods = ("method", "pseudo-labels") if has_methods else ()
    columns = ("stage", *of_methods, "epochs", "learnt", "frozen", *metrics)
    of_all_labels = is_of_all_labels(record)
    title = "trained on all labels alone" if of_all_labels else "mean over its folds"
    print_table(columns, rows, title=f"{record.id}: {title}")
    if of_all_labels:
        print_to_type(
            f"it has no score: podium train runs/{record.id}/recipe.yaml trains its folds"
        )
    elif (recipe := folder / "recipe.yaml").is_file():
        print(f"stages: mean over the folds, {stages_scored(load_recipe(recipe))}")
    if "combined" in record.scores:
        together = record.scores["combined"]
        print(f"OOF {together['metric']}: {number(together['oof'])}{_TOGETHER}")
    for task, scores in record.scores.get("tasks", {}).items():
        print(f"OOF {scores['metric']} ({task}): {number(scores['oof'])}{_TOGETHER}")
    if UNKNOWN_START in record.scores:
        print("started from weights of unknown origin: they may have learnt these rows")
    if expected is not None:
        print_to_type(expected)
    if estimate is not None:
        print_to_type(describe_estimate(estimate))
    for line in loaded_lines(folder):
        print(line)
    if versions is not None:
        print_to_type(versions)
    print_lora_and_kept(folder)
    print_training_pools(folder, record)
    for line in run_advice(competition, folder):
        print_to_type(line)
    if extra is not None:
        print_extra(extra, record.scores)


def _show_without_labels(folder: Path, record: Record, *, as_json: bool) -> None:
    """Print the training images of a network, and its last epoch's numbers: it has no scores."""
    stages, facts = phase_scores(folder)[1:], FoldFiles(folder, "full").read_done()
    images, last = facts["pools"]["images"], facts["last_epoch"]
    if as_json:
        found = {"id": record.id, "without_labels": True, "images": images, "last_epoch": last}
        found["start_weights"] = loaded_lines(folder)
        found |= lora_and_kept(folder)
        print_json({**found, "stages": [asdict(one) for one in stages]})
        return
    rows = [
        (one.phase, one.method, "/".join(map(str, one.epochs)), ", ".join(one.frozen))
        for one in stages
    ]
    title = f"{record.id}: trained without labels"
    print_table(("phase", "method", "epochs", "frozen"), rows, title=title)
    print(f"images: {', '.join(f'{n:,} {name}' for name, n in images.items())}")
    for line in loaded_lines(folder):
        print(line)
    print_lora_and_kept(folder)
    numbers = {name: one for name, one in last.items() if isinstance(one, float)}
    print(f"last epoch: {', '.join(f'{name} {one:.4g}' for name, one in numbers.items())}")
    start = f"-o model.from={record.id} -o model.weights=null"
    print(f"it has no predictions; start a run from it: {start}")


def _show_soup(record: Record, *, as_json: bool) -> None:
    """Print which runs' weights are averaged in each fold, and the scores of the mean."""
    made = {fold: facts["soup"] for fold, facts in record.details.get("folds", {}).items()}
    if as_json:
        print_json(
            {"id": record.id, **record.inputs["soup"], "made": made, "scores": record.scores}
        )
        return
    scores = record.scores.get("folds", {})
    rows = [(fold, ", ".join(names), number(scores.get(fold))) for fold, names in made.items()]
    columns = ("fold", "runs in the soup", record.scores.get("metric", "score"))
    print_table(columns, rows, title=f"{record.id}: a {record.inputs['soup']['method']} soup")
    for task, of_task in record.scores.get("tasks", {}).items():
        print(f"OOF {of_task['metric']} ({task}): {number(of_task['oof'])}")


def stages_scored(recipe: Recipe) -> str:
    """Return how the scores of the stages are computed.

    Of TTA there is no word where the recipe has none: who reads it would look for it.
    """
    without = ", without the recipe's TTA" if recipe.predict.tta else ""
    return f"at the size of the network's input, with plain decisions{without}"


def _pseudo(stage: PhaseScores) -> str:
    """Return the number of pseudo-labelled samples, and of the correct ones, if known."""
    if not stage.selected:
        return ""
    n = "/".join(f"{one:,}" for one in dict.fromkeys(stage.selected))
    if not stage.precision:
        return n
    return f"{n} ({sum(stage.precision) / len(stage.precision):.0%} right)"


def print_training_pools(folder: Path, record: Record) -> None:
    """Print how many answers, pseudo-labels and unlabelled images each fold trained on, if any."""
    folds = [FoldFiles(folder, int(k)) for k in record.details.get("folds", {}) if k != "full"]
    by_fold = {one.fold: one.read_done().get("pools", {}) for one in folds if one.is_done}
    pools = list(by_fold.values())
    for start, count in _images_seen_by_starts(folds).items():
        print(
            f"{start}, which it starts from, was trained on {count:,} validation images, without "
            "labels"
        )
    if pools and record.inputs.get("imported_labels"):
        out = sum(one.get("imported_labels_left_out", 0) for one in pools)
        what = f", {out:,} left out of folds that hold their images out" if out else ""
        print(
            f"labels of people: {_per_fold([one.get('imported_labels', 0) for one in pools])}{what}"
        )
    if pools and record.inputs.get("pseudo"):
        what = _of_validation(pools, "pseudo_validation_images")
        n = _per_fold([one.get("pseudo", 0) for one in pools])
        print(f"pseudo-labels trained on: {n}, {what}")
        _print_artefacts(by_fold)
    seen = [one for one in pools if "unlabelled" in one]
    if seen:
        what = _of_validation(seen, "validation_images")
        print(
            f"images seen without labels: {_per_fold([one['unlabelled'] for one in seen])}, {what}"
        )


def _images_seen_by_starts(folds: Sequence[FoldFiles]) -> dict[str, int]:
    """Return, by start, the number of validation images that it was trained on without labels."""
    starts = [one.read_done().get("start", {}) for one in folds if one.is_done]
    seen: dict[str, int] = {}
    for one in starts:
        if one.get("validation_images"):
            named = " and ".join(one["without_labels"])
            seen[named] = seen.get(named, 0) + int(one["validation_images"])
    return seen


def _print_artefacts(pools: Mapping[Fold, Mapping[str, Any]]) -> None:
    """Print the pseudo-labels of each fold by artefact; runs of older versions lack them."""
    learnt = [
        (fold, one) for fold, facts in pools.items() for one in facts.get("pseudo_artefacts", [])
    ]
    parts = [part for part in ("labels", "masks") if any(part in one for _, one in learnt)]
    rows = [
        (
            one["artefact"],
            fold,
            *(f"{one[part]:,}" if part in one else "" for part in parts),
            format_class_counts(one),
        )
        for fold, one in learnt
    ]
    if rows:
        print_table(("pseudo-labels of", "fold", *parts, "labels of each class"), rows)


def _per_fold(counts: Sequence[int]) -> str:
    return f"{'/'.join(f'{one:,}' for one in dict.fromkeys(counts))} a fold"


def _of_validation(pools: Sequence[Mapping[str, int]], key: str) -> str:
    known = sum(one.get(key, 0) for one in pools)
    return f"{known:,} of them validation images" if known else "no validation image among them"


def lora_and_kept(folder: Path) -> dict[str, Any]:
    """Return the record of a run on LoRA and on kept features and masks, as in the JSON.

    Returns:
        `lora` as `podium.models.lora.lora_facts` has it, None of a run without, or none of whose
        folds is trained; `kept`, of each fold that kept something: `epochs`, and of how many
        images there are `features` and `masks`.
    """
    names = (one.parent.name.removeprefix("fold-") for one in folder.glob("fold-*/done.json"))
    every = [FoldFiles(folder, "full" if one == "full" else int(one)) for one in names]
    lora = next((facts["lora"] for one in every if "lora" in (facts := one.read_done())), None)
    kept = {str(fold): count_snapshots(folder, fold)._asdict() for fold in snapshot_folds(folder)}
    return {"lora": lora, "kept": {fold: one for fold, one in kept.items() if one["epochs"]}}


def print_lora_and_kept(folder: Path) -> None:
    """Print what `lora_and_kept` finds, if anything."""
    found = lora_and_kept(folder)
    lora = found["lora"]
    if lora:
        layers = ", ".join(f"{name} ({n})" for name, n in lora["layers"].items())
        learnt, weights = lora["learnt"], lora["weights"]
        print(
            f"LoRA of rank {lora['rank']} in {layers}: {learnt:,} of the backbone's {weights:,} "
            f"weights learn ({learnt / weights:.2%})"
        )
    for fold, kept in found["kept"].items():
        what = [
            f"{name} of {plural(kept[name], 'image')}"
            for name in ("features", "masks")
            if kept[name]
        ]
        ends = "epoch" if len(kept["epochs"]) == 1 else "epochs"
        print(f"kept of fold {fold} after {ends} {some(kept['epochs'])}: {', '.join(what)}")


def print_extra(use: ExtraUse, scores: dict[str, Any]) -> None:
    """Print the sources, and the run's `scores` beside those of its recipe without them."""
    rows = [
        (name, f"{one['samples']:,}", f"{one['weight']:g}") for name, one in use.sources.items()
    ]
    print_table(("extra images", "number", "weight of each"), rows)
    if use.baseline is None:
        print_to_type(f"the score without them is not known yet: {use.command}")
        return
    without = use.baseline.scores.get("tasks", {})
    for task, mine in scores.get("tasks", {}).items():
        other = without.get(task, {"folds": {}, "oof": None})
        folds = list(dict.fromkeys([*mine["folds"], *other["folds"]]))
        both = [[one["folds"].get(k) for k in folds] + [one["oof"]] for one in (mine, other)]
        differences = [_format_difference(*pair) for pair in zip(*both, strict=True)]
        if mine["folds"].keys() != other["folds"].keys():
            differences[-1] = number(None)  # the two were pooled over different rows
        table = [
            ("with extra images", *map(number, both[0])),
            (f"without: {use.baseline.id}", *map(number, both[1])),
            ("difference", *differences),
        ]
        print_table((f"{mine['metric']} ({task})", *(f"fold {k}" for k in folds), "OOF"), table)
    if not use.baseline.is_finished:
        print_to_type(f"the run without them is not finished: {use.command}")


def _format_difference(mine: float | None, other: float | None) -> str:
    """Return by how much the score with extra images is higher.

    Example:
        >>> _format_difference(0.02, 0.4), _format_difference(0.5, None)
        ('-0.3800', '–')
    """
    return "–" if mine is None or other is None else f"{mine - other:+.4f}"


def print_study(study: Study, *, as_json: bool) -> None:
    """Print the arms, their differences, and where it all lies."""
    if as_json:
        print_json({"id": study.id, "folder": study.folder, **study.found})
        return
    better = "higher" if study.greater_is_better else "lower"
    folds = f"fold{'s' if len(study.folds) > 1 else ''} {', '.join(map(str, study.folds))}"
    columns, rows = table_cells(study)
    print_table(columns, rows, title=f"{study.id}: {study.metric}, {better} is better; {folds}")
    found = [
        (one.name, f"{one.mean:+.4f}", number(one.std), len(one.by_seed))
        for one in study.differences
        if one.mean is not None
    ]
    if found:
        print_table(("difference, seed by seed", "mean", "std", "seeds"), found)
    for note in study.notes:
        print_to_type(f"note: {note}")
    if study.stopped is not None:
        print_to_type(study.stopped)
    print(f"study: {study.folder}")


def raise_failed_runs(study: Study) -> None:
    """Raise what trainings failed with, after the table that lacks them.

    Raises:
        RunError: a training failed.
    """
    failed = [
        f"{row.name}, seed {seed}: {why}" for row in study.rows for seed, why in row.failed.items()
    ]
    if failed:
        raise RunError("\n".join(failed), fix="mend it; the same command trains what is missing")


def print_image(
    workspace: Workspace, competition: Competition, name: str, *, as_json: bool
) -> None:
    """Print the facts and predictions of the image `name`, in each part of the data that has it.

    Raises:
        UsageError: there is no such image.
    """
    every = report_image(workspace, competition, name)
    if as_json:
        print_json([_as_json(one) for one in every])
        return
    for known in every:
        _print_facts(known)
        _print_labels([one for one in known.opinions if is_of_images(one.task)], known.unit)
        _print_masks([one for one in known.opinions if is_of_pixels(one.task)])
        _print_sources(known)
        for problem in known.problems:
            print_to_type(f"not read: {problem}")


def _as_json(known: ImageReport) -> dict[str, Any]:
    found = asdict(known)
    given = found.pop("given")
    return {**found, **given, "problems": found["problems"]}


def _print_facts(known: ImageReport) -> None:
    size = "cannot be read" if known.size is None else f"{known.size[0]} × {known.size[1]}"
    rows: list[tuple[str, str]] = [
        ("file" if len(known.files) == 1 else "files", ", ".join(known.files)),
        ("height × width", size),
    ]
    optional = {
        "unit": known.unit,
        "group": known.group,
        "fold": None if known.fold is None else str(known.fold),
        "weight": None if known.weight == 1 else f"{known.weight:g}",
        "label": known.label,
        "label of the unit": None if known.unit_label == known.label else known.unit_label,
        "mask": "empty" if known.mask == "" else known.mask,
    }
    rows += [(name, value) for name, value in optional.items() if value is not None]
    if known.part == "train" and known.fold is None:
        rows.append(("fold", "none"))
    if known.duplicates is None:
        unsearched = to_type_here("not searched since the image came: podium check")
        rows.append(("same picture", unsearched))
    for duplicate in known.duplicates or ():
        how = (
            "the same file" if duplicate.is_same_file else f"{duplicate.distance} of 64 bits apart"
        )
        where = "" if duplicate.fold is None else f", fold {duplicate.fold}"
        of_label = "" if duplicate.label is None else f", {duplicate.label}"
        rows.append(("same picture", f"{duplicate.part} {duplicate.id}{of_label}{where} ({how})"))
    print(f"{known.id}: an image of {known.part}")
    widest = max(len(name) for name, _ in rows)
    for name, value in rows:
        print(f"  {name:<{widest}}  {value}")


def _print_labels(opinions: Sequence[ImagePrediction], unit: str | None) -> None:
    """Print a row for each source; where units are scored, blends predict the image's `unit`."""
    if not opinions:
        return
    is_number = all(one.value is not None for one in opinions)
    has_truth = any(one.of_truth is not None for one in opinions)
    has_right = any(one.is_right is not None for one in opinions)
    columns = ["label by", *(["of"] if unit is not None else []), "fold", "prediction"]
    columns += ["value"] if is_number else ["probability"]
    columns += ["right"] if has_right else []
    columns += ["of the truth"] if has_truth else []
    columns += [] if is_number else ["likeliest"]
    rows = []
    for one in opinions:
        of = f"unit {unit}" if one.kind == "blend" else "the image"
        cells: list[str] = [one.source, *([of] if unit is not None else [])]
        cells += [_folds(one), one.text]
        cells.append(number(one.value if is_number else one.confidence))
        cells += [_yes(one.is_right)] if has_right else []
        cells += [number(one.of_truth)] if has_truth else []
        likeliest = ", ".join(f"{name} {p:.3f}" for name, p in one.top)
        cells += [] if is_number else [likeliest]
        rows.append(cells)
    print_table(columns, rows)


def _print_masks(opinions: Sequence[ImagePrediction]) -> None:
    if not opinions:
        return
    metric = next((one.metric for one in opinions if one.metric), "")
    columns = ["mask by", "fold", *([f"{metric} of the image"] if metric else []), "prediction"]
    rows = [
        [one.source, _folds(one), *([number(one.score)] if metric else []), one.text or "empty"]
        for one in opinions
    ]
    print_table(columns, rows)


def _print_sources(known: ImageReport) -> None:
    given = known.given
    if given.pseudo:
        rows = [
            (one.source, one.fold, one.phase or one.teacher, one.label or "a mask",
             number(one.confidence), _yes(one.is_right))
            for one in given.pseudo
        ]  # fmt: skip
        columns = ("pseudo-label of", "fold", "teacher or phase", "label", "confidence", "right")
        print_table(columns, rows)
    if given.answer is not None:
        request = f", request {given.answer.request}" if given.answer.request else ""
        origin = f"{given.answer.who}, {given.answer.when}{request}"
        print(f"label by people: {given.answer.label} ({origin})")
    filled = [one for one in given.cells if any(one.cells.values())]
    if filled:
        cells = [
            (one.submission, number(one.public_score), one.key,
             ", ".join(f"{column} {text}" for column, text in one.cells.items()))
            for one in filled
        ]  # fmt: skip
        print_table(("submission", "public score", "row", "cells"), cells)
    n_empty = len(given.cells) - len(filled)
    if n_empty:
        print(f"rows of submissions that are empty: {n_empty}")


def _folds(one: ImagePrediction) -> str:
    """Return the folds of the models; of a mean over several as a list."""
    return ", ".join(map(str, one.folds))


def _yes(is_right: bool | None) -> str:
    return "–" if is_right is None else "yes" if is_right else "no"
