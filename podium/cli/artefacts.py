"""Artefacts of a workspace on a terminal: runs, pseudo-labels, imports and studies.

Of a run: what it was trained on beside its own rows, its LoRA weights and kept predictions, and its
score without the extra images.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from podium.cli.tables import number, print_json, print_table
from podium.errors import RunError, some
from podium.predictions.snapshots import count_snapshots, snapshot_folds
from podium.training.runs.fold_files import Fold, FoldFiles
from podium.workflows.importing import describe_import_use
from podium.workflows.studies.table import table_cells
from podium.workspace.records import Record, read_record

if TYPE_CHECKING:
    from podium.training.data.extra import ExtraUse
    from podium.workflows.studies.table import Study

__all__ = [
    "lora_and_kept",
    "print_extra",
    "print_imports",
    "print_lora_and_kept",
    "print_pseudo",
    "print_study",
    "print_training_pools",
    "raise_failed_runs",
]


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
    # joined
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


_PARTS = ("labels", "masks")
_SHOWN_CLASSES = 12


def print_pseudo(folder: Path, *, as_json: bool = False) -> None:
    """Print what each fold's table has: how many are kept, how sure, of which classes, how right.

    Raises:
        RunError: there is no record.
    """
    record = read_record(folder)
    details, parents = record.details, record.parents
    if as_json:
        print_json({"id": record.id, "from": parents, **details})
        return
    title = f"{record.id}: {', '.join(parents)} on {details['items']:,} images, "
    title += f"threshold {details['threshold']:g}, round {details['round']}"
    for part in _PARTS:
        folds = {fold: facts[part] for fold, facts in details["folds"].items() if part in facts}
        if folds:
            print_table(*_pseudo_table(part, folds), title=title)
    planted = {
        fold: n for fold, facts in details["folds"].items() if (n := _n_validation_images(facts))
    }
    for fold, n in planted.items():
        print(f"note: {n} of the images are validated in fold {fold}, without its labels")
    for note in details["notes"]:
        print(f"note: {note}")


def _pseudo_table(
    part: str, folds: Mapping[str, Mapping[str, Any]]
) -> tuple[tuple[str, ...], list[tuple[object, ...]]]:
    """Return the columns and rows of the labels' or the masks' table."""
    between: list[tuple[str, ...]] = [()] * len(folds)
    columns: tuple[str, ...] = ()
    if part == "masks":
        columns = ("pixels known",)
        between = [(f"{one['pixels']:.1%}",) for one in folds.values()]
    elif any(one.get("precision") is not None for one in folds.values()):
        columns = ("precision",)
        between = [(_precision(one),) for one in folds.values()]
    rows: list[tuple[object, ...]] = [
        (fold, f"{one['kept']:,}", number(one["confidence"]), *more, format_class_counts(one))
        for (fold, one), more in zip(folds.items(), between, strict=True)
    ]
    return ("fold", part, "mean confidence", *columns, "of each class"), rows


def _precision(labels: Mapping[str, Any]) -> str:
    if labels["precision"] is None:
        return number(None)
    return f"{labels['precision']:.4f} of {labels['known']:,}"


def format_class_counts(facts: Mapping[str, Any]) -> str:
    """Return how many there are of each class, of the most frequent ones."""
    counts = facts.get("classes", {})
    most = sorted(counts.items(), key=lambda one: -one[1])[:_SHOWN_CLASSES]
    shown = [name for name in counts if name in dict(most)]
    rest = len(counts) - len(shown)
    text = ", ".join(f"{name} {counts[name]:,}" for name in shown)
    return text if rest <= 0 else f"{text} and {rest} more classes"


def _n_validation_images(facts: Mapping[str, Any]) -> int:
    return int(facts.get("validation_images", 0))


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
        what = [f"{name} of {kept[name]:,} images" for name in ("features", "masks") if kept[name]]
        ends = "epoch" if len(kept["epochs"]) == 1 else "epochs"
        print(f"kept of fold {fold} after {ends} {some(kept['epochs'])}: {', '.join(what)}")


def print_extra(use: ExtraUse, scores: dict[str, Any]) -> None:
    """Print the sources, and the run's `scores` beside those of its recipe without them."""
    rows = [
        (name, f"{one['samples']:,}", f"{one['weight']:g}") for name, one in use.sources.items()
    ]
    print_table(("extra images", "number", "weight of each"), rows)
    if use.twin is None:
        print(f"the score without them is not known yet: {use.command}")
        return
    without = use.twin.scores.get("tasks", {})
    for task, mine in scores.get("tasks", {}).items():
        other = without.get(task, {"folds": {}, "oof": None})
        folds = list(dict.fromkeys([*mine["folds"], *other["folds"]]))
        both = [[one["folds"].get(k) for k in folds] + [one["oof"]] for one in (mine, other)]
        differences = [_format_difference(*pair) for pair in zip(*both, strict=True)]
        if mine["folds"].keys() != other["folds"].keys():
            differences[-1] = number(None)  # the two were pooled over different rows
        table = [
            ("with extra images", *map(number, both[0])),
            (f"without: {use.twin.id}", *map(number, both[1])),
            ("difference", *differences),
        ]
        print_table((f"{mine['metric']} ({task})", *(f"fold {k}" for k in folds), "OOF"), table)
    if not use.twin.is_finished:
        print(f"the run without them is not finished: {use.command}")


def _format_difference(mine: float | None, other: float | None) -> str:
    """Return by how much the score with extra images is higher.

    Example:
        >>> _format_difference(0.02, 0.4), _format_difference(0.5, None)
        ('-0.3800', '–')
    """
    return "–" if mine is None or other is None else f"{mine - other:+.4f}"


_TASKS = {"classify": "labels", "segment": "masks"}
_CROSS_FITS = {
    "ours": "by the folds of folds.csv",
    "other folds": "by other folds than those of folds.csv",
    "folds unknown": "by unknown folds",
    "torn groups": "by folds that tear groups apart",
    "test only": "no out-of-fold rows",
}


def print_imports(folders: Sequence[Path], *, as_json: bool = False) -> None:
    """Print what was read, how it is cross-fitted, its score, and what it can be used for."""
    records = [read_record(one) for one in folders]
    if as_json:
        print_json(
            [
                {
                    "id": one.id,
                    **one.details,
                    "scores": one.scores,
                    "use": describe_import_use(folder),
                }
                for folder, one in zip(folders, records, strict=True)
            ]
        )
        return
    for folder, record in zip(folders, records, strict=True):
        rows, tasks = [], record.details.get("tasks", {})
        for task, facts in tasks.items():
            score = record.scores.get("tasks", {}).get(task, {})
            rows.append(
                (
                    _TASKS[task],
                    f"{facts['oof_rows']:,}",
                    ", ".join(map(str, facts["folds"])) or "–",
                    f"{facts['test_rows']:,} × {facts['test_models']}",
                    score.get("metric", "–"),
                    number(score.get("oof")),
                )
            )
        columns = ("", "OOF rows", "folds", "test rows × models", "metric", "plain OOF score")
        print_table(columns, rows, title=record.id)
        print(f"out of fold: {_describe_cross_fit(record.details)}")
        for facts in tasks.values():
            for note in facts["notes"]:
                print(f"note: {note}")
        print(describe_import_use(folder))


def _describe_cross_fit(details: dict[str, object]) -> str:
    # Imports that podium made itself, as neighbours, are by our folds and prove nothing.
    basis = _CROSS_FITS[str(details.get("cross_fitted", "ours"))]
    return f"{basis}, on your word (--trust-folds)" if details.get("trusted") else basis


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
        print(f"note: {note}")
    if study.stopped is not None:
        print(study.stopped)
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
