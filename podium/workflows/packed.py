"""Predict from a package, by the code that `podium predict` and `podium submit` run.

The package is laid out as a small workspace in a scratch folder: links to the weights and to the
data, the recipes and the blend. The input is read only.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from podium.errors import DataError, RunError, some
from podium.submissions.packages.folder import PackedRun, PackFolder, PackRecord
from podium.workspace.layout import COMPETITION_FILE, Workspace
from podium.workspace.progress import SILENT, Progress
from podium.workspace.records import RECORD_FILE

if TYPE_CHECKING:
    from podium.competition.spec import Competition
    from podium.training.job import Job

__all__ = ["predict_packed"]


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
    from podium.submissions.checking import check
    from podium.workflows.submitting import write_blend_file

    folder = PackFolder(Path(pack).resolve())
    record = folder.read()
    _require_files(folder, record)
    target = Path(to).resolve()
    with _laid_out(folder, record, Path(data), None if scratch is None else Path(scratch)) as space:
        competition = _competition_of(space)
        for run in record.runs:
            job = _job_of(space, competition, run)
            for name in run.sets:
                _predict(job, run, name, progress)
        written = write_blend_file(space, competition, space.blends / record.blend)
        wrong = [one for one in check(written, competition) if one.level == "error"]
        if wrong:
            raise RunError(f"the file is not as it must be: {some(map(str, wrong))}", where=target)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(written, target)
    return target


def _require_files(folder: PackFolder, record: PackRecord) -> None:
    """Check what is used here; wheels were unpacked by now, or are not needed."""
    used = {name: said for name, said in record.files.items() if not name.endswith(".whl")}
    folder.require_whole(record.model_copy(update={"files": used}))


@contextmanager
def _laid_out(
    folder: PackFolder, record: PackRecord, data: Path, scratch: Path | None
) -> Iterator[Workspace]:
    if not data.is_dir():
        raise DataError("there is no such folder", where=data, fix="name the competition's data")
    if scratch is not None:
        scratch.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="podium-packed-", dir=scratch) as private:
        # Resolved, because samples name their files below the root.
        root = Path(private).resolve()
        space = Workspace(root)
        shutil.copyfile(folder.path(COMPETITION_FILE), space.competition_file)
        for name, place in record.own.items():
            (root / place).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(folder.path(name), root / place)
        space.data.symlink_to(data.resolve(), target_is_directory=True)
        for run in record.runs:
            _lay_run(space.runs / run.id, folder, run)
        blend = space.blends / record.blend
        blend.mkdir(parents=True)
        shutil.copyfile(folder.path("blend.json"), blend / RECORD_FILE)
        yield space


def _lay_run(place: Path, folder: PackFolder, run: PackedRun) -> None:
    from podium.training.fold_files import FoldFiles

    place.mkdir(parents=True)
    shutil.copyfile(folder.path(run.recipe), place / "recipe.yaml")
    shutil.copyfile(folder.path(run.record), place / RECORD_FILE)
    for fold, name in run.weights.items():
        files = FoldFiles(place, "full" if fold == "full" else int(fold))
        files.folder.mkdir()
        rule = "last" if fold == "full" else run.checkpoint
        (files.folder / f"{rule}.safetensors").symlink_to(folder.path(name))


def _competition_of(space: Workspace) -> Competition:
    from podium.competition.spec import load_competition

    return load_competition(space.competition_file)


def _job_of(space: Workspace, competition: Competition, run: PackedRun) -> Job:
    """Return the job of a run whose training data are not here."""
    import numpy as np
    import pandas as pd

    from podium.training.job import Job, TrainingData
    from podium.training.recipe import load_recipe
    from podium.workspace.records import read_record

    folder = space.runs / run.id
    nobody = pd.DataFrame({"id": [], "images": []}, dtype=object)
    data = TrainingData(nobody, np.zeros(0, dtype=np.int64), competition.folds.scheme)
    recipe = load_recipe(folder / "recipe.yaml")
    return Job(space, competition, recipe, data, folder, read_record(folder).inputs)


def _predict(job: Job, run: PackedRun, name: str, progress: Progress) -> None:
    """Write the prediction set `name`, by every fold model that is packed."""
    from podium.predictions.views import ViewSet
    from podium.training.predicting import predict_fold

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
