"""The folder of one fold model, and the state that its files show (no torch here).

fold-K/  .lock · resume.pt, before.pt, good.pt, selected-P-E.npz (while training) · last.pt, best.pt
(the network that predicts) · metrics.csv · selected.csv (samples that methods labelled) · done.json
(the fold is trained: written when all else is there) · loaded.json (a `LoadReport`, key by key:
which start weights were loaded; missing where a network started from random weights) · failed.json
(why the training stopped by itself; it goes when the fold is trained again) · seen/ (first
batches of streams) · kept/ (features and masks at chosen epochs) · inside/ (files of `podium
explain`)
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from podium.errors import RunError
from podium.models.weights.report import LoadReport
from podium.predictions.store.reading import Fold
from podium.workspace import digests
from podium.workspace.atomic import link, move, remove, write_json
from podium.workspace.locks import LockHolder, find_holder
from podium.workspace.progress import Progress
from podium.workspace.records import read_json

__all__ = [
    "Checkpoint",
    "Fold",
    "FoldFailure",
    "FoldFiles",
    "find_failure",
    "folds_in_training",
    "loaded_lines",
    "report_loaded",
]


Checkpoint = Literal["last", "best"]


@dataclass(frozen=True)
class FoldFailure:
    """Why the training of a fold stopped by itself.

    Attributes:
        fold: which one.
        what: happened.
        fix: what to try.
    """

    fold: str
    what: str
    fix: str


@dataclass(frozen=True)
class FoldFiles:
    """Paths below one fold's folder.

    Args:
        run: the run's folder.
        fold: the fold that the model does not see, or "full" for all rows.
    """

    run: Path
    fold: Fold

    @property
    def folder(self) -> Path:
        return self.run / f"fold-{self.fold}"

    @property
    def lock(self) -> Path:
        return self.folder / ".lock"

    @property
    def resume(self) -> Path:
        return self.folder / "resume.pt"

    @property
    def before(self) -> Path:
        """The last checkpoint from before the epoch that is under way, once that has its own."""
        return self.folder / "before.pt"

    @property
    def good(self) -> Path:
        """The checkpoint from before an epoch in which something like a collapse began."""
        return self.folder / "good.pt"

    def keep_before(self) -> None:
        """Keep the checkpoint, where there is one, as that from before the epoch under way."""
        _replace(self.before, self.resume)

    def set_good_aside(self, within: bool) -> None:
        """Keep the last checkpoint from before the epoch that is over, where there is one.

        Args:
            within: whether that epoch has checkpoints of its own.
        """
        _replace(self.good, self.before if within else self.resume)

    def return_to_good(self) -> None:
        """Make what was set aside the checkpoint again; without it there is none any more."""
        if self.good.is_file():
            move(self.good, self.resume)
        else:
            remove(self.resume)
        remove(self.good)  # of two names of one file a rename leaves both
        remove(self.before)

    @property
    def metrics(self) -> Path:
        return self.folder / "metrics.csv"

    @property
    def selected_table(self) -> Path:
        return self.folder / "selected.csv"

    def selected(self, phase: int, epoch: int) -> Path:
        """Return the file of what a method selected at the beginning of an epoch."""
        return self.folder / f"selected-{phase}-{epoch}.npz"

    def forget_selected(self, but: Path | None = None) -> None:
        """Remove what was selected for epochs that are over, all but the file `but`.

        As long as an earlier checkpoint is kept, nothing is: it may need them.
        """
        if self.good.is_file() or self.before.is_file():
            return
        for file in self.folder.glob("selected-*.npz"):
            if file != but:
                remove(file)

    @property
    def loaded(self) -> Path:
        """Path of the report on the start weights; not written for random ones."""
        return self.folder / "loaded.json"

    @property
    def failed(self) -> Path:
        """Why the training stopped by itself, the last time."""
        return self.folder / "failed.json"

    def write_failed(self, what: str, fix: str) -> None:
        """Keep what stopped the training, and what to try, for commands that need the run later."""
        write_json(self.failed, {"what": what, "fix": fix})

    @property
    def done(self) -> Path:
        return self.folder / "done.json"

    @property
    def is_done(self) -> bool:
        """Whether the fold is trained."""
        return self.done.is_file()

    @property
    def title(self) -> str:
        """The fold for messages: "fold 0 of baseline-3fa1c2d4"."""
        return f"fold {self.fold} of {self.run.name}"

    def checkpoint(self, rule: Checkpoint) -> Path:
        """Return the file of the network that predicts by `rule`; of a package, its safetensors."""
        packed = self.folder / f"{rule}.safetensors"
        return packed if packed.is_file() else self.folder / f"{rule}.pt"

    def model(self, rule: Checkpoint) -> str:
        """Return the name under which predictions of this network are stored."""
        return f"{self.run.name}/fold-{self.fold}/{rule}.pt"

    def read_done(self) -> dict[str, Any]:
        """Return the facts that the finished training wrote.

        Raises:
            RunError: the fold is not trained, or the file is damaged.
        """
        try:
            digests.check(self.done)
            return read_json(self.done, fix="remove the fold's folder, train it again")
        except FileNotFoundError as error:
            raise RunError(
                f"{self.title} is not trained",
                fix=f"podium train runs/{self.run.name}/recipe.yaml",
            ) from error

    def write_done(self, facts: dict[str, Any]) -> None:
        """Mark the fold as trained, and remove the files for resuming."""
        write_json(self.done, facts)
        self.forget_unfinished()

    def forget_unfinished(self) -> None:
        """Remove what an unfinished training needs; a killed process may have left some."""
        for file in (self.resume, self.before, self.good, self.failed):
            remove(file)
        self.forget_selected()


def find_failure(run: Path) -> FoldFailure | None:
    """Return why the first fold of a run that failed did; None where none did.

    A file that is damaged counts as none: it only informs.
    """
    for file in sorted(run.glob("fold-*/failed.json")):
        found = read_loaded(file)
        if "what" in found:
            fold = file.parent.name.removeprefix("fold-")
            return FoldFailure(fold, str(found["what"]), str(found.get("fix", "")))
    return None


def folds_in_training(run: Path) -> dict[str, LockHolder]:
    """Return the process that trains each fold of a run now, or predicts with it; {} of none."""
    locks = sorted(run.glob("fold-*/.lock"))
    found = {one.parent.name.removeprefix("fold-"): find_holder(one) for one in locks}
    return {fold: holder for fold, holder in found.items() if holder is not None}


def _replace(path: Path, source: Path) -> None:
    """Let `path` be what `source` is, or nothing where that is not there."""
    remove(path)
    if source.is_file():
        link(source, path)


def report_loaded(files: FoldFiles, report: LoadReport | None, progress: Progress) -> None:
    """Keep `report`, and print its line unless another fold of this run has printed the same.

    Args:
        files: of the fold.
        report: None where nothing was loaded; then nothing is printed nor kept.
        progress: gets the sentence.
    """
    if report is None:
        return
    printed = loaded_lines(files.run)
    write_json(files.loaded, report.facts())
    if report.line not in printed:
        progress.say(report.line)


def loaded_lines(run: Path) -> list[str]:
    """Return what became of the start weights of a run, in one line; several where folds differ."""
    found = [read_loaded(file) for file in sorted(run.glob("fold-*/loaded.json"))]
    return list(dict.fromkeys(str(facts["line"]) for facts in found if "line" in facts))


def read_loaded(file: Path) -> dict[str, Any]:
    """Return the contents of a file as `loaded.json`, {} where it is damaged: it only informs."""
    try:
        found = {} if digests.is_damaged(file) else json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
