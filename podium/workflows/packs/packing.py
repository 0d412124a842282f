"""From a blend to the folder that predicts it without a network, and predictions from that folder.

`predict_packed` lays the package out as a small workspace in a scratch folder (links to the weights
and to the data, the recipes and the blend) and runs the code of `podium predict` and `podium
submit`. The input is only read.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import podium
from podium.competition.spec import Competition, load_competition
from podium.errors import DataError, RunError, UsageError, some
from podium.predictions.store.reading import PredictionSet
from podium.predictions.views import ViewSet
from podium.submissions.format.checking import check
from podium.submissions.packages import wheels
from podium.submissions.packages.folder import (
    STATEMENT,
    PackedRun,
    PackFolder,
    PackRecord,
    dataset_slug_of,
    digest_of,
    notebook_text,
)
from podium.submissions.packages.wheels import image_compatibility, read_freeze
from podium.training.inference.prediction_sets import predict_fold, refuse_other_code
from podium.training.recipe import load_recipe
from podium.training.runs.fold_files import FoldFiles
from podium.training.runs.job import Job, TrainingData
from podium.workflows.blends.files import blend_parts
from podium.workflows.packs.places import folder_of_data, places_of_data
from podium.workflows.submission.submitting import find_blend, write_blend_file
from podium.workspace import extensions
from podium.workspace.atomic import (
    new_folder,
    temporary_folder,
    write_bytes,
    write_json,
    write_text,
)
from podium.workspace.documents import dumps
from podium.workspace.layout import COMPETITION_FILE, Workspace
from podium.workspace.machine import now, own_distribution
from podium.workspace.marked_yaml import load_plain_yaml
from podium.workspace.progress import SILENT, Progress
from podium.workspace.records import RECORD_FILE, read_json, read_record

__all__ = [
    "PackedParts",
    "data_folder",
    "pack",
    "pack_parts",
    "predict_packed",
    "spec_text",
    "write_statement",
]


def pack(
    workspace: Workspace,
    competition: Competition,
    what: str | None = None,
    *,
    to: Path,
    python: str = wheels.KAGGLE_PYTHON,
    wheels_from: Path | None = None,
    bring_all: bool = False,
    image: Path | None = None,
    progress: Progress = SILENT,
) -> PackFolder:
    """Return the package of a blend or run (None: of the best) in `to`.

    Args:
        what: a blend or run by id or name; None: the best that is finished, without imports.
        to: the new folder.
        python: for which the wheels are downloaded, on Linux.
        wheels_from: a folder of wheels, instead of a download.
        bring_all: also what the host's image has: torch, torchvision, CUDA's libraries.
        image: a `pip freeze` of the host's image, which brings what it has at our versions.

    Raises:
        UsageError: `to` exists, something that predicts cannot be packed, or `image` is no list.
        RunError: a fold's weights are damaged, or code that predicts changed since training.
    """
    if to.exists() or to.is_symlink():
        raise UsageError("it is there already", where=to, fix="name a new folder, or remove it")
    text = spec_text(competition)
    spec, tables = places_of_data(competition, text)
    if (outside := folder_of_data(competition, text)) is not None:
        progress.say(f"  data/ of the package stands for {workspace.root / outside}")
    chosen = _packages_of_image(python, bring_all, image, progress)
    blend = find_blend(workspace, competition, what, progress, imports=False)
    to.parent.mkdir(parents=True, exist_ok=True)
    with new_folder(to) as folder:
        parts = pack_parts(folder, workspace, competition, blend, spec, tables, progress)
        slug = competition.kaggle.slug or competition.name
        notebook = notebook_text(dataset_slug_of(slug), slug)
        write_text(folder / "notebook.ipynb", notebook)
        incomplete, left = _add_wheels(folder, python, wheels_from, chosen, progress)
        found = None if incomplete else python
        write_statement(folder, competition, blend, parts, found, incomplete, left)
    return PackFolder(to)


PackedParts = tuple[tuple[PackedRun, ...], dict[str, Path]]
"""The runs of a package, and the places of modules and tables by the names of their files."""


def pack_parts(
    folder: Path,
    workspace: Workspace,
    competition: Competition,
    blend: Path,
    spec: str,
    tables: dict[Path, bytes],
    progress: Progress,
) -> PackedParts:
    """Write all that predicts into a folder."""
    record, parts = read_record(blend), blend_parts(blend, competition)
    sets = list(dict.fromkeys(one for part in parts.values() for one in part.sets))
    _require_runs(sets)
    own = _own_modules(workspace, competition, sets, record.model_dump(mode="json"))
    own |= tables
    names = {f"own-{n}{place.suffix}": place for n, place in enumerate(own)}
    for name, place in names.items():
        write_bytes(folder / name, own[place])
    write_text(folder / COMPETITION_FILE, spec)
    write_bytes(folder / "blend.json", (blend / RECORD_FILE).read_bytes())
    runs = list(dict.fromkeys(one.parent.parent for one in sets))
    packed = tuple(
        _pack_run(
            folder,
            workspace,
            competition,
            [one for one in sets if one.parent.parent == run],
            progress,
        )
        for run in runs
    )
    return packed, names


def write_statement(
    folder: Path,
    competition: Competition,
    blend: Path,
    parts: PackedParts,
    python: str | None,
    incomplete: str,
    left: dict[str, str],
) -> None:
    """Write what a package is and has, its files with their digests."""
    record, (packed, names) = read_record(blend), parts
    files = {file.name: digest_of(file) for file in sorted(folder.iterdir())}
    statement = PackRecord(
        id=PackRecord.id_of(files),
        title=f"{competition.name}: {record.id}",
        competition=competition.name,
        slug=competition.kaggle.slug,
        created=now(),
        podium=podium.__version__,
        blend=record.id,
        honest=record.scores.get("honest"),
        runs=packed,
        own={name: place.as_posix() for name, place in names.items()},
        python=python,
        incomplete=incomplete,
        from_image=left,
        files=files,
    )
    write_json(folder / STATEMENT, statement.model_dump(mode="json"))


def _packages_of_image(
    python: str, bring_all: bool, image: Path | None, progress: Progress
) -> tuple[dict[str, str], dict[str, str]]:
    """Return what is needed, and what of it is left to the host's image, name → version."""
    every = wheels.pins(python=python, bring_all=bring_all)
    if bring_all:
        if image is not None:
            raise UsageError("--all leaves nothing to an image", fix="leave out --all or --image")
        return every, {}
    if image is None:
        return every, {n: v for n, v in every.items() if wheels.is_of_image(n)}
    found = image_compatibility(read_freeze(image), every)
    for warning in found.warnings:
        progress.say(f"  mind: {warning}")
    of_image = {n: v for n, v in every.items() if wheels.is_of_image(n)}
    return every, {**of_image, **found.left}


def _add_wheels(
    folder: Path,
    python: str,
    source: Path | None,
    chosen: tuple[dict[str, str], dict[str, str]],
    progress: Progress,
) -> tuple[str, dict[str, str]]:
    """Return why the wheels are not complete ("": they are), and what is left to the image."""
    every, left = chosen
    needed = {name: version for name, version in every.items() if name not in left}
    incomplete = ""
    if source is not None:
        missing = wheels.copied(needed, source, folder)
        incomplete = f"{source} has no wheel of {some(missing)}" if missing else ""
    else:
        try:
            wheels.downloaded(needed, folder, python=python)
        except RunError as error:
            incomplete = f"its wheels were not resolved: {error.message}"
    wheels.podium_wheel(folder)
    if left:
        progress.say(f"  left to the host's image: {', '.join(left)}")
    named = {**needed, own_distribution().name: podium.__version__}
    requirements = "".join(f"{name}=={version}\n" for name, version in named.items())
    write_text(folder / "requirements.txt", requirements)
    write_text(folder / "wheels.txt", wheels.listed(folder.glob("*.whl")))
    return incomplete, left


def spec_text(competition: Competition) -> str:
    """Return `competition.yaml`; classes that a table of the training data names are spelt out."""
    text = (competition.root / COMPETITION_FILE).read_text(encoding="utf-8")
    is_spelt_out = not isinstance(load_plain_yaml(text).get("classes"), dict)
    return text if is_spelt_out else dumps(competition)


def data_folder(workspace: Workspace) -> Path:
    """Return the folder of the workspace's data, which may lie outside."""
    competition = load_competition(workspace.root)
    folder = folder_of_data(competition, spec_text(competition))
    return workspace.data if folder is None else workspace.root / folder


def _require_runs(sets: list[Path]) -> None:
    """Raise where a set was not predicted by a run: what made it cannot be packed."""
    members = list(dict.fromkeys(one.parent.parent for one in sets))
    runs = [one.name for one in members if read_record(one).kind == "run"]
    others = [one.name for one in members if one.name not in runs]
    if others:
        without = f"podium blend {' '.join(runs)}, and pack that" if runs else "podium pack RUN"
        raise UsageError(
            f"{some(others)} is no run of podium's: what made its predictions is not here",
            fix=f"pack without it: {without}",
        )


def _own_modules(
    workspace: Workspace, competition: Competition, sets: list[Path], blend: dict[str, Any]
) -> dict[Path, bytes]:
    """Return place → content of the workspace's modules that predict, or that these import."""
    recipes = [load_recipe(one.parent.parent / "recipe.yaml") for one in sets]
    values: list[Any] = [recipe.model.model_dump(mode="json") for recipe in recipes]
    values += [competition.model_dump(mode="json"), blend]
    return extensions.files(extensions.strings_in(values), workspace.root, error=UsageError)


def _pack_run(
    folder: Path,
    workspace: Workspace,
    competition: Competition,
    sets: list[Path],
    progress: Progress,
) -> PackedRun:

    run = sets[0].parent.parent
    record = read_record(run)
    recipe = load_recipe(run / "recipe.yaml")
    if recipe.model.backbone.startswith(("hf-hub:", "local-dir:")):
        raise UsageError(
            f"{run.name}: the shape of {recipe.model.backbone} is described outside timm",
            fix="train with the backbone's name in timm",
        )
    refuse_other_code(workspace, competition, recipe, record)  # else it would predict otherwise
    from podium.models.checkpoints import pack_weights

    write_bytes(folder / f"recipe-{run.name}.yaml", (run / "recipe.yaml").read_bytes())
    write_bytes(folder / f"run-{run.name}.json", (run / RECORD_FILE).read_bytes())
    weights, views, means = {}, {}, {}
    for one in sets:
        plan = read_json(one / "set.json", fix="remove the set's folder, and predict again")
        details = plan["details"]
        views[one.name] = tuple(details["views"])
        if "tta_mean" in details:
            means[one.name] = details["tta_mean"]
    for fold in _folds(sets, run):
        name = f"weights-{run.name}-fold-{fold}.safetensors"
        rule = "last" if fold == "full" else recipe.checkpoint
        known = "full" if fold == "full" else int(fold)
        pack_weights(FoldFiles(run, known).checkpoint(rule), folder / name)  # type: ignore[arg-type]
        weights[fold] = name
        progress.say(f"  packed fold {fold} of {run.name}")
    return PackedRun(
        id=run.name,
        sets=views,
        means=means,
        checkpoint=recipe.checkpoint,
        recipe=f"recipe-{run.name}.yaml",
        record=f"run-{run.name}.json",
        weights=weights,
    )


def _folds(sets: list[Path], run: Path) -> list[str]:
    """Return the fold models that are averaged: those that predicted test, else all trained."""
    found = {fold for one in sets for fold in _folds_of_set(one)}
    if not found:
        done = run.glob("fold-*/done.json")
        found = {file.parent.name.removeprefix("fold-") for file in done}
    return sorted(found, key=lambda one: (one == "full", one.zfill(8)))


def _folds_of_set(root: Path) -> set[str]:
    there = PredictionSet(root)
    return {str(fold) for task in there.tasks("test") for fold in there.folds("test", task)}


def predict_packed(
    pack: str | Path,
    *,
    data: str | Path,
    to: str | Path = "submission.csv",
    scratch: str | Path | None = None,
    progress: Progress = SILENT,
) -> Path:
    """Write the submission of the test set under `data`, and return its path.

    Args:
        pack: the folder that `podium pack` made.
        data: the competition's data, laid out as in the workspace's `data/`; only read.
        to: the file, which is written, read back and checked.
        scratch: where decoded images and predictions are kept meanwhile; default: a temporary
            folder. What is made there is removed at the end.
        progress: gets bars.

    Raises:
        RunError: a file of the package is missing or changed.
        DataError: there is no test set under `data`, or an image of it cannot be read.
    """
    folder = PackFolder(Path(pack).resolve())
    record = folder.read()
    _require_files(folder, record)
    target = Path(to).resolve()
    with _scratch_workspace(
        folder, record, Path(data), None if scratch is None else Path(scratch)
    ) as space:
        competition = _packed_competition(space)
        for run in record.runs:
            job = _packed_job(space, competition, run)
            for name in run.sets:
                _predict_run(job, run, name, progress)
        written = write_blend_file(space, competition, space.blends / record.blend)
        wrong = [one for one in check(written, competition) if one.level == "error"]
        if wrong:
            raise RunError(f"the file is not as it must be: {some(map(str, wrong))}", where=target)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(written, target)
    return target


def _require_files(folder: PackFolder, record: PackRecord) -> None:
    """Check what is used here; wheels were unpacked by now, or are not needed."""
    used = {name: digest for name, digest in record.files.items() if not name.endswith(".whl")}
    folder.require_whole(record.model_copy(update={"files": used}))


@contextmanager
def _scratch_workspace(
    folder: PackFolder, record: PackRecord, data: Path, scratch: Path | None
) -> Iterator[Workspace]:
    if not data.is_dir():
        raise DataError("there is no such folder", where=data, fix="name the competition's data")
    if scratch is not None:
        scratch.mkdir(parents=True, exist_ok=True)
    with temporary_folder("podium-packed", scratch) as private:
        # Resolved, because samples name their files below the root.
        root = private.resolve()
        space = Workspace(root)
        shutil.copyfile(folder.path(COMPETITION_FILE), space.competition_file)
        for name, place in record.own.items():
            (root / place).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(folder.path(name), root / place)
        space.data.symlink_to(data.resolve(), target_is_directory=True)
        for run in record.runs:
            _lay_out_run(space.runs / run.id, folder, run)
        blend = space.blends / record.blend
        blend.mkdir(parents=True)
        shutil.copyfile(folder.path("blend.json"), blend / RECORD_FILE)
        try:
            yield space
        except DataError as error:
            # A file of the data is named as it was given, not by the link that goes at the end.
            link = f"{space.data}/"
            if error.where is None or not error.where.startswith(link):
                raise
            where = data / error.where.removeprefix(link)
            raise DataError(error.message, where=where, fix=error.fix) from error


def _lay_out_run(place: Path, folder: PackFolder, run: PackedRun) -> None:
    place.mkdir(parents=True)
    shutil.copyfile(folder.path(run.recipe), place / "recipe.yaml")
    shutil.copyfile(folder.path(run.record), place / RECORD_FILE)
    for fold, name in run.weights.items():
        files = FoldFiles(place, "full" if fold == "full" else int(fold))
        files.folder.mkdir()
        rule = "last" if fold == "full" else run.checkpoint
        (files.folder / f"{rule}.safetensors").symlink_to(folder.path(name))


def _packed_competition(space: Workspace) -> Competition:
    return load_competition(space.competition_file)


def _packed_job(space: Workspace, competition: Competition, run: PackedRun) -> Job:
    """Return the job of a run whose training data are not here."""
    import numpy as np
    import pandas as pd

    folder = space.runs / run.id
    no_rows = pd.DataFrame({"id": [], "images": []}, dtype=object)
    data = TrainingData(no_rows, np.zeros(0, dtype=np.int64), competition.folds.scheme)
    recipe = load_recipe(folder / "recipe.yaml")
    return Job(space, competition, recipe, data, folder, read_record(folder).inputs)


def _predict_run(job: Job, run: PackedRun, name: str, progress: Progress) -> None:
    """Write the prediction set `name`, by every fold model that is packed."""
    views = ViewSet.from_facts({"views": run.sets[name], "tta_mean": run.means.get(name, "mean")})
    # The gallery of embeddings is of training images, which no file is written from.
    spec = job.recipe.predict.model_copy(update={"embeddings": False})
    recipe = job.recipe.model_copy(update={"predict": spec})
    job = type(job)(job.workspace, job.competition, recipe, job.data, job.run, job.inputs)
    root = job.run / "predictions" / name
    for fold in run.weights:
        predict_fold(
            job,
            "full" if fold == "full" else int(fold),
            splits=("test",),
            views=views,
            root=root,
            progress=progress,
        )
