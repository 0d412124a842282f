"""A competition's folder in a notebook: what the commands do, as methods that return frames.

`podium.Workspace` is this class. Each method calls the function that its command calls, so what a
notebook makes and what a shell makes are the same files.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, overload

import numpy as np
import pandas as pd

from podium.competition.folds.file import ensure_folds
from podium.competition.samples import load_samples
from podium.competition.spec import Competition, load_competition
from podium.ensembling.method import method_names
from podium.ensembling.predicting import blend_probs
from podium.ensembling.record import read_parts
from podium.errors import DataError, UsageError, plural
from podium.predictions.imports.arrays import LabelsInMemory
from podium.predictions.imports.schema import imports_of
from podium.predictions.store.reading import PredictionSet, views_in
from podium.predictions.top_k import TopK
from podium.reporting import build_report
from podium.submissions.format.checking import check
from podium.tasks.protocols.names import is_of_images
from podium.tuning.step_grid import read_steps
from podium.workflows.api import arguments
from podium.workflows.blends.blending import blend_runs, newest_set, tune_decisions
from podium.workflows.checking import check_workspace
from podium.workflows.engines import HERE
from podium.workflows.importing import ImportTarget, import_predictions, import_warning
from podium.workflows.initialising import initialise
from podium.workflows.nearest_neighbours import nearest_neighbour_member
from podium.workflows.predicting import predict_sets, score_of_set
from podium.workflows.submission.rehearsing import rehearse as rehearse_blend
from podium.workflows.submission.submitting import find_blend, load_board, submit
from podium.workflows.training import raise_failed, train_recipes
from podium.workspace.atomic import temporary_folder
from podium.workspace.display import html_table
from podium.workspace.layout import Workspace
from podium.workspace.progress import SILENT, Progress, Status, line_progress
from podium.workspace.records import read_record, scan, scores_of_all

if TYPE_CHECKING:
    from podium.ensembling.blend import Blend
    from podium.submissions.board.view import BlendScore, BoardRow, RunScore
    from podium.submissions.upload.receipt import Receipt
    from podium.training.runs.train import Trained
    from podium.workflows.submission.rehearsing import Rehearsal

__all__ = ["KeptBlend", "NotebookWorkspace", "PrintedProgress"]


_BOARD_COLUMNS = (
    "id",
    "kind",
    "sources",
    "oof",
    "honest",
    "optimistic",
    "public_score",
    "private_score",
    "rank",
    "n_teams",
    "state",
    "submitted",
    "message",
    "on_test_like",
)


class ProblemFrame(pd.DataFrame):
    """A frame of problems that is printed with whole texts, where pandas cuts them."""

    @property
    def _constructor(self) -> type[ProblemFrame]:
        return ProblemFrame

    def __repr__(self) -> str:
        if self.empty:
            return super().__repr__()
        blocks = []
        for label, row in self.iterrows():
            lines = [
                f"{name}: {text}" for name, text in row.items() if str(text) not in ("", "None")
            ]
            blocks.append(
                "\n    ".join([f"{label}  {lines[0]}" if lines else f"{label}", *lines[1:]])
            )
        return "\n".join(blocks)

    def _repr_html_(self) -> str:
        with pd.option_context("display.max_colwidth", None):
            return self.to_html(notebook=True)


class PrintedProgress:
    """Prints the progress of long work: a line a sentence, and of a bar a line now and then."""

    def say(self, message: str) -> None:
        """Print `message` on a line of its own."""
        sys.stdout.write(f"{message}\n")
        sys.stdout.flush()

    @contextmanager
    def bar(self, label: str, total: int) -> Iterator[Callable[[int], None]]:
        """Give the function that counts what is done of `total`."""
        yield line_progress(self.say, label, total)

    @contextmanager
    def status_bar(
        self, label: str, total: int, status: Callable[[], Status]
    ) -> Iterator[Callable[[int], None]]:
        """Do what `bar` does, with the status of the work in its lines."""
        yield line_progress(self.say, label, total, status)


@dataclass(frozen=True, repr=False)
class KeptBlend:
    """A blend in a workspace; a cell shows it as a table.

    Attributes:
        folder: `blends/<id>`.
        blend: members, weights, decision and scores of the scored task.
        beside: of other tasks that its members predict.
    """

    folder: Path
    blend: Blend
    beside: tuple[Blend, ...] = ()

    @property
    def id(self) -> str:
        """Its id, which commands take, too."""
        return self.folder.name

    def __repr__(self) -> str:
        return "\n".join([self.id, *map(repr, (self.blend, *self.beside))])

    def _repr_html_(self) -> str:
        each = "".join(one._repr_html_() for one in (self.blend, *self.beside))
        return f"<div><code>{self.id}</code>{each}</div>"


class NotebookWorkspace:
    """The folder of one competition, for a notebook: `podium.Workspace`.

    Args:
        path: the folder that holds `competition.yaml`, or one inside it; text or a path, "~" is the
            home folder.
        scratch: a local folder for caches and databases, where `path` lies on a slow drive.
        quiet: print no progress.

    Raises:
        UsageError: `path` is no path, or there is no `competition.yaml` from it upwards.

    Example:
        >>> import podium
        >>> ws = podium.Workspace("~/leaves", quiet=True)
        >>> ws.train("baseline").finished
        (0, 1)
        >>> blend = ws.blend(trials=2)
        >>> ws.submit(blend, message="from Python", dry_run=True).state
        'dry_run'
    """

    def __init__(
        self, path: str | Path = ".", *, scratch: str | Path | None = None, quiet: bool = False
    ) -> None:
        for name, given in (("path", path), ("scratch", scratch or ".")):
            if not isinstance(given, str | Path):
                raise UsageError(
                    f"{name} must be a path, as text or Path, got {type(given).__name__} {given!r}",
                    fix='podium.Workspace("~/leaves")',
                )
        self.progress: Progress = SILENT if quiet else PrintedProgress()
        self.layout = Workspace.find(path, scratch, tell=self.progress.say)

    @classmethod
    def create(
        cls,
        source: str | Path,
        path: str | Path | None = None,
        *,
        force: bool = False,
        quiet: bool = False,
    ) -> NotebookWorkspace:
        """Return a new workspace: `competition.yaml` and starter recipes are written.

        Args:
            source: a folder of data as downloaded, or the last part of a Kaggle competition's
                address.
            path: the workspace; default: the current folder.
            force: replace a `competition.yaml` that is there.
            quiet: print no progress.

        Raises:
            UsageError: there is a `competition.yaml`, or `source` is neither.
            DataError: the layout of the data was not understood.

        Example:
            >>> new = podium.Workspace.create("~/leaves/data", "~/second", quiet=True)
            >>> new.recipes
            ['baseline', 'frozen', 'probe', 'strong']
        """
        root = None if path is None else Path(path).expanduser()
        progress = SILENT if quiet else PrintedProgress()
        made = initialise(str(source), root, force=force, draft=False, progress=progress)
        for note in made.notes:
            progress.say(f"- {note}")
        return cls(made.root, quiet=quiet)

    def __repr__(self) -> str:
        return f"podium.Workspace({str(self.root)!r})"

    def _repr_html_(self) -> str:
        competition, kinds = self.competition, self.runs()["kind"]
        rows = [
            ("competition", competition.name),
            ("tasks", ", ".join(f"{task}: {kind}" for task, kind in competition.tasks.items())),
            ("metric", competition.metric.name),
            ("recipes", ", ".join(self.recipes) or "none"),
            *((f"{kind}s", int((kinds == kind).sum())) for kind in ("run", "import")),
        ]
        return html_table(("", ""), rows, title=str(self.root))

    @property
    def root(self) -> Path:
        """The folder that holds `competition.yaml`.

        Example:
            >>> ws.root.name
            'leaves'
        """
        return self.layout.root

    @property
    def competition(self) -> Competition:
        """The content of `competition.yaml` now.

        Raises:
            DataError: a key or value is wrong; names the line.

        Example:
            >>> ws.competition.classes
            ['cat', 'dog', 'fox']
        """
        return load_competition(self.layout.competition_file)

    @property
    def recipes(self) -> list[str]:
        """The names of the recipes in `recipes/`, as `train` takes them.

        Example:
            >>> "baseline" in ws.recipes
            True
        """
        return sorted(path.stem for path in self.layout.recipes.glob("*.yaml"))

    def samples(self, part: Literal["train", "unlabelled", "test"] = "train") -> pd.DataFrame:
        """Return the samples of one part of the data, a row each.

        Columns are `id`, `images` (a tuple of paths), `label`, `group`, `weight` and some more.
        `label` is the class number, its place in `competition.classes` (int64; Int64 where some are
        missing), a float64 of a regression, an array `(C,)` of 0 and 1 of several classes, or None.
        Once there is a `folds.csv`, the rows of train have their `fold`.
        `folds`, `oof` and `test` have their rows in this order, too.

        Raises:
            UsageError: there is no such part.
            DataError: names every problem of the part.

        Example:
            >>> ws.samples()[["id", "label"]].values.tolist()[:2]
            [['000000', 0], ['000001', 0]]
            >>> len(ws.samples("test"))
            9
        """
        if part not in ("train", "unlabelled", "test"):
            raise UsageError(f"part must be train, unlabelled or test, got {part!r}")
        competition = self.competition
        found = load_samples(competition, part, workspace=self.layout)
        found["label"] = _typed_labels(found["label"])
        if part == "train" and self.layout.folds_file.is_file():
            found["fold"] = ensure_folds(self.layout, competition, found)
        return found

    def check(self, file: str | Path | None = None, *, adversarial: bool = True) -> pd.DataFrame:
        """Return what is wrong with the data, or with a submission, errors first; `podium check`.

        Args:
            file: a submission; None: the data are checked.
            adversarial: also try to separate train from test images.

        Returns:
            Of the data the columns `level`, `title`, `detail` and `fix`; of a submission `level`,
            `line`, `message` and `fix`. No rows where nothing is wrong. Texts are printed whole.

        Example:
            >>> list(ws.check(adversarial=False).columns)
            ['level', 'title', 'detail', 'fix']
            >>> ws.check("~/leaves/data/sample_submission.csv").empty
            True
        """
        if file is None:
            findings = check_workspace(
                self.layout, self.competition, adversarial=adversarial, progress=self.progress
            )
            return ProblemFrame(
                [asdict(one) for one in findings], columns=["level", "title", "detail", "fix"]
            )
        problems = check(Path(file).expanduser(), self.competition)
        return ProblemFrame(
            [asdict(one) for one in problems], columns=["level", "line", "message", "fix"]
        )

    def folds(self, *, redo: bool = False) -> pd.DataFrame:
        """Return the `id` and `fold` of each train sample; the first call writes `folds.csv`.

        Rows have the order of `samples()`.

        Args:
            redo: make them anew from the present `competition.yaml`; refused once runs exist.

        Raises:
            DataError: the file does not fit the samples, or no folds can be made.
            RunError: `redo` while runs exist.

        Example:
            >>> ws.folds().groupby("fold").size().to_dict()
            {0: 20, 1: 16}
        """
        competition = self.competition
        found = load_samples(competition, "train", workspace=self.layout)
        folds = ensure_folds(self.layout, competition, found, redo=redo, progress=self.progress)
        return pd.DataFrame({"id": found["id"].to_numpy(), "fold": folds})

    def train(
        self,
        recipe: str | Path,
        *,
        overrides: Mapping[str, Any] | Sequence[str] = (),
        folds: int | Sequence[int] | None = None,
        full: bool = False,
        max_time_s: float | None = None,
        again: int = 0,
        on: str = HERE,
    ) -> Trained:
        """Train a recipe over the folds, and return its run; `podium train`.

        The same call resumes an unfinished run and does nothing to a finished one.

        Args:
            recipe: a name in `recipes/`, or a file.
            overrides: changes to the recipe, `{"optimizer.lr": 3e-4}` or `["optimizer.lr=3e-4"]`.
            folds: only this fold or these; None: all; []: none, with `full` alone.
            full: also train on all rows. A run of these alone has no score.
            max_time_s: stop, resumably, before so many seconds are over.
            again: 1, 2, …: the same recipe once more, under another id.
            on: where the folds are trained: `"local:1"`, one after the other in this process;
                `"local:2"`, in two processes; `"ray"` or `"ray://HEAD:10001"`, on a cluster.

        Returns:
            `run` (its folder), `finished` and `missing` folds, `scores` and why it `stopped`.

        Raises:
            UsageError: there is no such engine.
            PodiumError: as the command does; finished work is kept.

        Example:
            >>> trained = ws.train("baseline", overrides={"batch_size": 6}, folds=[0])
            >>> trained.finished, trained.missing
            ((0,), (1,))
            >>> ws.train("baseline", overrides={"batch_size": 6}).finished
            (0, 1)
            >>> ws.train("baseline", overrides={"seed": 1}, on="local:2").finished
            (0, 1)
        """
        return self.train_all(
            [recipe],
            overrides=overrides,
            folds=folds,
            full=full,
            max_time_s=max_time_s,
            again=again,
            on=on,
        )[0]

    def train_all(
        self,
        recipes: Sequence[str | Path],
        *,
        seeds: Sequence[int] | None = None,
        overrides: Mapping[str, Any] | Sequence[str] = (),
        folds: int | Sequence[int] | None = None,
        full: bool = False,
        max_time_s: float | None = None,
        again: int = 0,
        on: str = HERE,
    ) -> list[Trained]:
        """Train several recipes, each with each of the `seeds`, and return their runs.

        Where one training fails, the others go on, and the error is raised at the end. With
        `on="local:2"` the folds of all runs share two processes.

        Example:
            >>> both = ws.train_all(["baseline"], seeds=[0, 1])
            >>> [one.run.name[:9] for one in both]
            ['baseline-', 'baseline-']
        """
        if isinstance(recipes, str | Path):
            recipes = [recipes]
        attempts = train_recipes(
            self.layout,
            self.competition,
            recipes,
            overrides=_overrides(overrides),
            folds=_integers(folds, "folds"),
            full=full,
            seeds=_integers(seeds, "seeds"),
            max_time_s=max_time_s,
            again=again,
            on=_engine(on),
            progress=self.progress,
        )
        raise_failed(attempts)
        return [one.result() for one in attempts]

    def runs(self) -> pd.DataFrame:
        """Return the runs and imports, oldest first, a row each.

        Returns:
            `run` (its id), `recipe` (of an import its name), `status`, `metric`, `oof` (the pooled
            score, float, nan where there is none; of an import by plain decisions), `folds` (fold →
            score), `selected_on_fold`, `created` (UTC) and `kind` (run or import).

        Example:
            >>> ws.train("baseline").run.name in list(ws.runs()["run"])
            True
            >>> list(ws.runs().columns[:5])
            ['run', 'recipe', 'status', 'metric', 'oof']
        """
        records = [record for _, record in scan(self.layout) if record.kind in ("run", "import")]
        rows = [
            {
                "run": one.id,
                "recipe": one.name,
                "status": one.status,
                "metric": (own := scores_of_all(one.scores)).get("metric", ""),
                "oof": _or_nan(own.get("oof")),
                "folds": {int(k): score for k, score in own.get("folds", {}).items()},
                "selected_on_fold": bool(one.scores.get("selected_on_fold", False)),
                "created": one.created,
                "kind": one.kind,
            }
            for one in sorted(records, key=lambda record: record.created)
        ]
        columns = ["run", "recipe", "status", "metric", "oof", "folds", "selected_on_fold"]
        return pd.DataFrame(rows, columns=[*columns, "created", "kind"])

    def import_predictions(
        self,
        oof: Any = None,
        *,
        test: Any = None,
        name: str | None = None,
        ids: Any = None,
        test_ids: Any = None,
        folds: Any = None,
        run: str | None = None,
        logits: bool = False,
        trust_folds: bool = False,
    ) -> pd.DataFrame:
        """Import predictions made elsewhere, and return their rows of `runs()`; `podium import`.

        From then on they have a name, as a run has, and become members of a blend. The same
        predictions are imported once.

        Args:
            oof: out-of-fold predictions of train samples: a frame with a column of ids and one a
                class, perhaps `fold`; an array `(N, C)` or `(N,)`, with `ids`; a file (CSV, npz,
                npy) or a folder of masks; a list of these, one a fold; or the folder of another
                workspace. Masks in memory are a mapping from ids to `(H, W)` or `(H, W, C)`, or N
                of these, with `ids`. None: there are test predictions only.
            test: of the test samples, in the same forms: one, or one a fold model.
            name: of the import; needed where `oof` is no file.
            ids: `(N,)`, of the rows of an array or of N masks, or the file of those of an npy; of
                a list of arrays a list of these.
            test_ids: the same of `test`.
            folds: how `oof` was made: `(N,)`, the fold of each row of a frame or array, or a file
                of id and fold.
            run: of another workspace: a run, import or blend there; None: all that can be meant.
            logits: whether values are logits.
            trust_folds: you declare that no row was predicted by a model that was trained on it.

        Returns:
            The row of `runs()`; a row for each member where `run` is a blend.

        Raises:
            UsageError: arguments contradict each other, or an array has no `ids` or no `name`.
            DataError: ids are not those of the samples, or values are none; names row or id.

        Example:
            >>> import numpy as np
            >>> samples, tests = ws.samples(), ws.samples("test")
            >>> oof = samples[["id", "fold"]].assign(cat=0.5, dog=0.3, fox=0.2)
            >>> test = np.full((len(tests), 3), [0.5, 0.3, 0.2])
            >>> made = ws.import_predictions(oof, test=test, test_ids=tests["id"], name="mine")
            >>> made[["recipe", "kind", "metric"]].values.tolist()
            [['mine', 'import', 'accuracy']]
            >>> ws.blend("baseline", "mine", trials=2).blend.members[1] == made["run"][0]
            True
        """
        with temporary_folder("podium-masks") as spool:
            saved = self._saved_masks(spool / "oof", oof, ids, name)
            if saved and folds is not None and not isinstance(folds, str | Path):
                folds = _fold_table(spool / "folds.csv", saved, folds)
            if saved:
                oof, ids = spool / "oof", None
            if self._saved_masks(spool / "test", test, test_ids, name):
                test, test_ids = spool / "test", None
            is_file = isinstance(folds, str | Path)
            sources, id_files = _sources(oof, "oof", ids, None if is_file else folds)
            tests, test_id_files = _sources(test, "test", test_ids, None)
            made = import_predictions(
                ImportTarget.of(self.layout, self.competition),
                sources,
                test=tests,
                run=run,
                name=name,
                ids=id_files,
                test_ids=test_id_files,
                folds_file=arguments.path(folds, "folds") if is_file else None,
                logits=logits,
                trust_folds=trust_folds,
                progress=self.progress,
            )
        for one in made:
            if doubt := import_warning(one):
                self.progress.say(f"  {doubt}")
        runs = self.runs()
        return runs[runs["run"].isin([one.name for one in made])].reset_index(drop=True)

    def _saved_masks(self, folder: Path, given: Any, ids: Any, name: str | None) -> list[str]:
        """Save masks in memory as files of `folder`, and return their ids; [] where none are."""
        competition = self.competition
        if not competition.has_masks or given is None:
            return []
        masks = arguments.masks_by_id(given, ids, folder.name)
        if not masks:
            return []
        if name is None:
            raise UsageError(
                f"{folder.name} is no file, so the import has no name",
                fix='give it one: name="unet"',
            )
        channels = imports_of(competition.mask_kind).channels(competition)
        arguments.save_masks(folder, masks, len(channels))
        return list(masks)

    def predictions(self, run: str | Path | Trained) -> PredictionSet:
        """Return the newest predictions of a run or import, by id or name.

        Its masks are `oof_masks()` and `mean_masks("test")`, read on demand: `ids`, `sizes`, and
        `band(i, top, bottom)`, the rows `top` to `bottom` of mask `i`, float32 `(rows, W, C)`. A
        whole one is `band(i, 0, sizes[i][0])`; nan is a pixel that no view covered.

        Raises:
            UsageError: there is no such run.
            RunError: it has no predictions yet.

        Example:
            >>> ws.predictions("baseline").splits
            ('oof', 'test')
        """
        return PredictionSet(newest_set(self._artefact(run, ("runs", "imports"))))

    def predict(
        self,
        run: str | Path | Trained,
        *,
        splits: Sequence[str] | None = None,
        tta: Sequence[str] | None = None,
        tta_mean: str | None = None,
        each_view: bool = False,
        folds: int | Sequence[int] | None = None,
        neighbours: bool = False,
        on: str = HERE,
    ) -> pd.DataFrame:
        """Predict with a run's networks, and return the prediction sets; `podium predict`.

        The newest set of a run stands for it in blends and submissions, but for sets of single
        views. What is there already is kept.

        Args:
            run: an id, a name, or what `train` returned.
            splits: of "oof", "test", "unlabelled"; None: oof, and test if there are test images.
            tta: views beside the identity, as `["hflip"]`; None: the recipe's.
            tta_mean: of the views: mean, geometric, max or logits; None: the recipe's.
            each_view: a set of each view, to blend them.
            folds: only the networks of this fold or these; None: all that are trained.
            neighbours: also classes by the nearest training images, as a member to blend.
            on: where the networks predict, as `train` has it.

        Returns:
            A row for each set: `set` (its folder, which `blend` takes), `views` (in words),
            `metric`, `oof` and `run_oof`, the score of the run's own views over the same rows
            (float, nan where there is none).

        Raises:
            UsageError: there is no such run, split, fold or engine.
            PodiumError: as the command does.

        Example:
            >>> run = ws.train("baseline")
            >>> made = ws.predict(run, tta=["hflip", "vflip"])
            >>> list(made.columns), made["views"].tolist()
            (['set', 'views', 'metric', 'oof', 'run_oof'], ['hflip, vflip'])
            >>> len(ws.predict(run))  # the run stands for its own views again
            1
        """
        if each_view and tta_mean is not None:
            raise UsageError("views that stay apart have no mean", fix="leave tta_mean out")
        competition, folder = self.competition, self._artefact(run, ("runs",))
        sets = predict_sets(
            self.layout,
            competition,
            folder,
            each_view=each_view,
            splits=_texts(splits, "splits"),
            tta=_texts(tta, "tta"),
            tta_mean=tta_mean,
            folds=_integers(folds, "folds"),
            on=_engine(on),
            progress=self.progress,
        )
        rows: list[tuple[str, str, str, float, float]] = []
        for root in sets.values():
            score = score_of_set(self.layout, competition, folder, root)
            views = views_in(root).description
            if score is None:
                rows.append((str(root), views, "", float("nan"), float("nan")))
            else:
                oof, own = _or_nan(score.oof), _or_nan(score.run_oof)
                rows.append((str(root), views, score.metric, oof, own))
        if neighbours:
            member = nearest_neighbour_member(
                self.layout, competition, folder, progress=self.progress
            )
            rows.append((str(member), "nearest neighbours", "", float("nan"), float("nan")))
        return pd.DataFrame(rows, columns=["set", "views", "metric", "oof", "run_oof"])

    def oof(self, run: str | Path | Trained | KeptBlend, task: str | None = None) -> pd.DataFrame:
        """Return the out-of-fold predictions of a run, import or blend, a row a sample.

        Rows have the order of `samples()`. Samples that no trained fold has validated, or that not
        every member of a blend has predicted, are left out; samples that are no longer in the data
        come last.

        Args:
            run: an id, a name, or what `train` or `blend` returned.
            task: whose; None: the task that predicts labels.

        Returns:
            `id`, `fold` (int64) and a column of float32 for each class, `prediction` where there is
            one output. Of thousands of classes the likeliest: `class 1`, `probability 1`, …

        Raises:
            UsageError: there is no such run, or it predicts masks: see `predictions`.
            DataError: there are no out-of-fold predictions.

        Example:
            >>> oof = ws.oof(ws.train("baseline"))
            >>> list(oof.columns), len(oof)
            (['id', 'fold', 'cat', 'dog', 'fox'], 36)
        """
        return self._predicted(run, task, "oof")

    def test(self, run: str | Path | Trained | KeptBlend, task: str | None = None) -> pd.DataFrame:
        """Return the predictions of the test set, the mean over fold models; as `oof`, no `fold`.

        Rows have the order of `samples("test")`.

        Raises:
            UsageError: there is no such run, or it predicts masks: see `predictions`.
            DataError: the test set was not predicted.

        Example:
            >>> test = ws.test(ws.train("baseline"))
            >>> list(test.columns), len(test)
            (['id', 'cat', 'dog', 'fox'], 9)
        """
        return self._predicted(run, task, "test")

    def tune(
        self,
        what: str | Path | Trained | KeptBlend,
        *,
        steps: str | Path | Sequence[dict[str, Any]] | None = None,
        trials: int = 50,
        seed: int = 0,
        raw: bool = False,
    ) -> KeptBlend:
        """Return a blend of a run or blend with newly tuned decisions; `podium tune thresholds`.

        Args:
            what: an id, a name, or what `train` or `blend` returned.
            steps: steps with values to try, or a YAML file of them; None: podium's own search.
            trials: decisions that are tried, at most.
            seed: of the searches.
            raw: take the raw maximum, not the middle of what is as good.

        Raises:
            UsageError: there is no such run or blend, or the steps cannot be meant.

        Example:
            >>> tuned = ws.tune(ws.train("baseline"), trials=2)
            >>> len(tuned.blend.members), tuned.blend.honest <= 1
            (1, True)
        """
        grid = read_steps(Path(steps).expanduser()) if isinstance(steps, str | Path) else steps
        folder = tune_decisions(
            self.layout,
            self.competition,
            _name(what),
            trials=trials,
            seed=seed,
            grid=grid or (),
            raw=raw,
            progress=self.progress,
        )
        return self.read_blend(folder)

    def blend(
        self,
        *members: str | Path | Trained | Sequence[str | Path | Trained],
        method: str | None = None,
        auto: bool = False,
        methods: Sequence[str] = (),
        name: str | None = None,
        plain: bool = False,
        trials: int = 50,
        on: str = HERE,
        seed: int = 0,
    ) -> KeptBlend:
        """Return a blend of runs, weights and decisions fitted across folds; `podium blend`.

        Args:
            members: runs by id or name, or what `train` returned, also as one list; none: every
                finished run and import.
            method: how; None: `hill_climb`, of masks `mean`.
            auto: try several methods, and choose one by honest scores.
            methods: those that are tried with `auto`; none: all of podium's own.
            name: of the blend; None: `blend`, or `auto`.
            plain: decide plainly, by 0.5 or argmax, and tune nothing.
            trials: Optuna trials for each fit of the decisions.
            on: where the methods of `auto` are fitted, as `train` has it.
            seed: of the searches.

        Raises:
            UsageError: no run is finished, there is no such member, method or engine, `method` and
                `auto` stand together, or `on` without `auto`.
            DataError: no row was predicted out of fold by every member.

        Example:
            >>> runs = ws.train_all(["baseline"], seeds=[0, 1])
            >>> made = ws.blend(*runs, method="mean", trials=2)
            >>> made.blend.weights
            (0.5, 0.5)
            >>> both = ["mean", "best"]
            >>> chosen = ws.blend(*runs, auto=True, methods=both, trials=2, on="local:2")
            >>> chosen.blend.method in both
            True
        """
        if auto and method is not None:
            raise UsageError("auto chooses the method", fix="leave method out, or auto")
        if methods and not auto:
            raise UsageError("methods names those that auto tries", fix="add auto=True")
        if on != HERE and not auto:
            raise UsageError("on fits the methods of auto side by side", fix="add auto=True")
        folder = blend_runs(
            self.layout,
            self.competition,
            [_name(one) for one in _flat(members)] or None,
            method=method,
            families=(tuple(methods) or tuple(method_names())) if auto else (),
            name=name or ("auto" if auto else "blend"),
            plain=plain,
            trials=trials,
            on=_engine(on),
            seed=seed,
            progress=self.progress,
        )
        return self.read_blend(folder)

    def read_blend(self, what: str | Path) -> KeptBlend:
        """Return a blend that was made before, by id, name or folder.

        Raises:
            UsageError: there is no such blend.

        Example:
            >>> made = ws.blend(trials=2)
            >>> ws.read_blend(made.id).blend == made.blend
            True
        """
        folder = self.layout.artefact(str(what), rooms=("blends",))
        scored, *others = [part.blend for part in read_parts(folder).values()]
        return KeptBlend(folder, scored, tuple(others))

    @overload
    def submit(
        self,
        what: str | Path | Trained | KeptBlend | None = None,
        *,
        rehearse: Literal[True],
        folds: int | Sequence[int] | None = None,
        plain: bool = False,
    ) -> Rehearsal: ...

    @overload
    def submit(
        self,
        what: str | Path | Trained | KeptBlend | None = None,
        *,
        message: str = "",
        dry_run: bool = False,
        rehearse: Literal[False] = False,
        match_rates: bool = False,
        plain: bool = False,
        yes: bool = False,
        again: bool = False,
        wait_s: float = 600,
    ) -> Receipt: ...

    def submit(
        self,
        what: str | Path | Trained | KeptBlend | None = None,
        *,
        message: str = "",
        dry_run: bool = False,
        rehearse: bool = False,
        folds: int | Sequence[int] | None = None,
        match_rates: bool = False,
        plain: bool = False,
        yes: bool = False,
        again: bool = False,
        wait_s: float = 600,
    ) -> Receipt | Rehearsal:
        """Write the file, check it, upload it, and wait for the score; `podium submit`.

        Args:
            what: a CSV, a blend or a run; None: the best, as `podium status` has it.
            message: shown at the host.
            dry_run: all but the upload.
            rehearse: write the out-of-fold predictions instead, and score the file here.
            folds: with `rehearse`: of this fold or these.
            match_rates: thresholds or class weights by which the test set has as many of each
                class as out of fold.
            plain: decide plainly, by 0.5 or argmax.
            yes: spend the last submission of the day.
            again: send the same content once more.
            wait_s: how long to wait for the score, seconds.

        Returns:
            The receipt: `state`, `public_score`, `id`. With `rehearse` the rehearsal: `honest`,
            the score to believe; `problems` of the file; and `score`, the optimistic one of the
            file, whose weights and decision were fitted on its rows. It equals `own`, the blend's
            own, unless the file has lost something.

        Raises:
            PodiumError: as the command does; the same call after a failure continues it.

        Example:
            >>> made = ws.blend(trials=2)
            >>> ws.submit(made, rehearse=True).problems
            []
            >>> ws.submit(made, dry_run=True).state
            'dry_run'
        """
        competition, name = self.competition, None if what is None else _name(what)
        if not rehearse:
            if folds is not None:
                raise UsageError("folds are rehearsed", fix="add rehearse=True")
            return submit(
                self.layout,
                competition,
                name,
                message=message,
                dry_run=dry_run,
                match_rates=match_rates,
                plain=plain,
                yes=yes,
                again=again,
                wait_s=wait_s,
                progress=self.progress,
            )
        if name is not None and Path(name).is_file():
            raise UsageError("a blend is rehearsed, or a run", fix=f"ws.check({name!r})")
        blend = find_blend(self.layout, competition, name, self.progress, plain=plain)
        numbers = _integers(folds, "folds")
        return rehearse_blend(self.layout, competition, blend, numbers, progress=self.progress)

    def board(self, *, refresh: bool = True) -> pd.DataFrame:
        """Return submissions, blends, runs and imports, each kind newest first; `podium board`.

        Args:
            refresh: ask the host for new scores and the leaderboard; False: what is known here.

        Returns:
            A row each: `id`, `kind` (submission, blend, run or import), `sources` (of a blend its
            members), `oof` (of a run or import), `honest`, `optimistic`, `public_score` and
            `private_score` (float, nan where unknown), `rank`, `n_teams`, `state`, `submitted`,
            `message` and `on_test_like` (float, the score on train rows that look like the test).
            Scores of a run of some folds, or of a blend of such runs, are of fewer rows:
            `scored_rows` of `attrs` has those of each blend.
            `attrs` has the `metric`, too, whether `greater_is_better`, and `quota_left` (None where
            nobody was asked).

        Example:
            >>> board = ws.board(refresh=False)
            >>> list(board.columns[:5]), board.attrs["metric"]
            (['id', 'kind', 'sources', 'oof', 'honest'], 'accuracy')
            >>> sorted(board["kind"].unique())[:2]
            ['blend', 'run']
        """
        view = load_board(self.layout, self.competition, refresh=refresh, progress=self.progress)
        every: list[tuple[str, Sequence[Any]]] = [
            ("submission", view.rows),
            ("blend", view.blends[::-1]),
            ("run", view.runs[::-1]),
            ("import", view.imports[::-1]),
        ]
        rows = [_board_row(kind, one) for kind, many in every for one in many]
        found = pd.DataFrame(rows, columns=list(_BOARD_COLUMNS))
        scores = ["oof", "honest", "optimistic", "public_score", "private_score", "on_test_like"]
        found[scores] = found[scores].astype(np.float64)
        found.attrs |= {
            "metric": view.metric,
            "greater_is_better": view.greater_is_better,
            "quota_left": view.quota_left,
            "scored_rows": {one.id: one.scored_rows for one in view.blends},
        }
        return found

    def report(self) -> Path:
        """Write `report/index.html` and return its path; `podium report`.

        Example:
            >>> ws.report().name
            'index.html'
        """
        return build_report(self.layout, self.competition, progress=self.progress)

    def _artefact(self, what: Any, rooms: Sequence[str]) -> Path:
        return self.layout.artefact(_name(what), rooms=rooms)

    def _predicted(
        self, what: Any, task: str | None, split: Literal["oof", "test"]
    ) -> pd.DataFrame:
        competition = self.competition
        folder = self._artefact(what, ("runs", "imports", "blends"))
        folds = None
        if read_record(folder).kind == "blend":
            parts = {str(name): part for name, part in read_parts(folder).items()}
            name = _label_task(parts, task, folder)
            ids, probs = blend_probs(parts[name].blend, parts[name].sets, split, task=name)
        else:
            found = PredictionSet(newest_set(folder))
            name = _label_task(found.tasks(split), task, folder)
            if split == "oof":
                pooled = found.oof(name)
                ids, probs, folds = pooled.ids, pooled.probs, pooled.folds
            else:
                ids, probs = found.mean(split, name)
        frame = pd.DataFrame({"id": ids})
        samples = self.samples("train" if split == "oof" else "test")
        if split == "oof":
            if folds is None:
                folds = samples.set_index("id")["fold"].loc[ids].to_numpy()
            frame["fold"] = folds
        columns = _columns(probs, imports_of(competition.kind).channels(competition))
        return _in_order(pd.concat([frame, columns], axis=1), samples["id"].tolist())


def _board_row(kind: str, one: BoardRow | BlendScore | RunScore) -> dict[str, Any]:
    """Return the cells of a submission, blend or run; None where it has no such fact."""
    cells = {name: getattr(one, name, None) for name in _BOARD_COLUMNS}
    sources: Sequence[str] = getattr(one, "members", ()) or getattr(one, "sources", ())
    estimate = getattr(one, "on_test_like", None)
    return {
        **cells,
        "kind": kind,
        "sources": ", ".join(sources),
        "on_test_like": None if estimate is None else estimate.score,
    }


def _label_task(tasks: Any, wanted: str | None, folder: Path) -> str:
    """Return the task whose predictions fit a frame.

    Raises:
        UsageError: the task is none of these, or predicts masks.
    """
    there = [str(one) for one in tasks]
    frames = [one for one in there if is_of_images(one)]
    name = wanted or next(iter(frames), None)
    if not there:
        raise DataError("there are no predictions here", where=folder, fix="train it first")
    if name is None or name not in frames:
        if name is None or name in there:
            raise UsageError(
                f"{folder.name} predicts masks, which are no frame",
                fix=f"read them one by one: ws.predictions({folder.name!r}).oof_masks()",
            )
        raise UsageError(f"task must be one of {', '.join(there)}, got {name!r}")
    return name


def _sources(
    given: Any, argument: str, ids: Any, folds: Any
) -> tuple[list[Path | LabelsInMemory], list[Path]]:
    """Return predictions to import as a command has them, and the files of ids of those in npys."""
    if given is None:
        return [], []
    if not _are_several(given):
        many, names, each = [given], [argument], [ids]
    else:
        many, names = list(given), [f"{argument}[{i}]" for i in range(len(given))]
        each = [None] * len(many) if ids is None else list(ids)
        if folds is not None:
            raise UsageError(
                f"folds are those of one frame or array, and {argument} has one for each fold",
                fix="leave folds out",
            )
        if len(each) != len(many):
            raise UsageError(
                f"{argument} has {plural(len(many), 'prediction')}, and {len(each)} have their "
                "ids named",
                fix="give a list of ids for each",
            )
    found = [_source(*one, folds) for one in zip(many, names, each, strict=True)]
    files = [
        arguments.path(one, f"the ids of {name}")
        for source, name, one in zip(found, names, each, strict=True)
        if isinstance(source, Path) and one is not None
    ]
    return found, files


def _fold_table(file: Path, ids: Sequence[str], folds: Any) -> Path:
    """Return `file`, the table of id and fold."""
    table = {"id": ids, "fold": arguments.vector(folds, "folds", like=len(ids))}
    pd.DataFrame(table).to_csv(file, index=False)
    return file


def _are_several(given: Any) -> bool:
    """Return whether `given` is a list of paths, frames or arrays, and no array itself."""
    return isinstance(given, list | tuple) and all(
        isinstance(one, str | Path) or getattr(one, "ndim", 0) > 0 for one in given
    )


def _source(given: Any, argument: str, ids: Any, folds: Any) -> Path | LabelsInMemory:
    if isinstance(given, str | Path):
        if folds is not None:
            raise UsageError(
                f"folds are those of a frame or array, and {argument} is a file",
                fix="name the file of id and fold: folds=PATH",
            )
        return Path(given).expanduser()
    values = given if isinstance(given, pd.DataFrame) else arguments.numbers(given, argument)
    if not isinstance(given, pd.DataFrame) and (values.ndim > 2 or isinstance(ids, str)):
        raise UsageError(
            f"{argument} must be of labels, (N,) or (N, C), beside a list of their ids, got an "
            f"array {values.shape}",
            fix="give a list of ids for each array of labels, or of masks one id an image; "
            "large ones as a folder of np.save(folder / f'{id}.npy', probs): "
            f"{argument.partition('[')[0]}=folder",
        )
    n = len(values)
    named = None if ids is None else arguments.texts(ids, f"the ids of {argument}", like=n)
    arguments.check_order_of_rows({argument: given, "ids": ids, "folds": folds}, named)
    return LabelsInMemory(
        argument,
        values,
        named,
        None if folds is None else arguments.vector(folds, "folds", like=n).tolist(),
    )


def _in_order(frame: pd.DataFrame, ids: Sequence[str]) -> pd.DataFrame:
    """Return the rows of `frame` in the order of `ids`; those of no such id come last.

    Example:
        >>> _in_order(pd.DataFrame({"id": ["c", "gone", "a"]}), ["a", "b", "c"])["id"].tolist()
        ['a', 'c', 'gone']
    """
    place = {one: at for at, one in enumerate(ids)}
    order = np.argsort([place.get(one, len(place)) for one in frame["id"]], kind="stable")
    return frame.iloc[order].reset_index(drop=True)


def _typed_labels(labels: pd.Series[Any]) -> pd.Series[Any]:
    """Return numbers by their own type, where a column of objects has them; others as they are.

    Example:
        >>> _typed_labels(pd.Series([2, 0], dtype=object)).dtype
        dtype('int64')
        >>> _typed_labels(pd.Series([2, None], dtype=object)).dtype
        Int64Dtype()
    """
    known = labels.dropna()
    types = set(map(type, known))
    if not types or not all(issubclass(one, int | np.integer | float) for one in types):
        return labels
    if any(issubclass(one, float) for one in types):
        return labels.astype(np.float64)
    return labels.astype("int64" if len(known) == len(labels) else "Int64")


def _columns(probs: Any, channels: Sequence[str]) -> pd.DataFrame:
    if isinstance(probs, TopK):
        found: dict[str, Any] = {}
        for place in range(probs.k):
            found[f"class {place + 1}"] = probs.classes[:, place]
            found[f"probability {place + 1}"] = probs.probs[:, place]
        return pd.DataFrame(found)
    n = probs.shape[1]
    if n == 1:
        names = ["prediction"]
    else:
        names = list(channels) if n == len(channels) else [f"class {c}" for c in range(n)]
    return pd.DataFrame(np.asarray(probs), columns=names)


def _name(what: Any) -> str:
    """Return what commands call an artefact: its id, its name or its path."""
    if isinstance(what, KeptBlend):
        return what.id
    run = getattr(what, "run", what)
    if not isinstance(run, str | Path):
        raise UsageError(
            f"a run or blend is named by its id, name or path, got {type(what).__name__} {what!r}",
            fix="ws.runs() lists the runs",
        )
    return str(Path(run).expanduser()) if str(run).startswith("~") else str(run)


def _flat(members: Sequence[Any]) -> Sequence[Any]:
    """Return members that are given one by one, or as one list or column."""
    is_list = len(members) == 1 and isinstance(members[0], list | tuple | pd.Series)
    return list(members[0]) if is_list else members


def _overrides(given: Mapping[str, Any] | Sequence[str]) -> tuple[str, ...]:
    """Return changes to a recipe as commands take them.

    Example:
        >>> _overrides({"optimizer.lr": 0.001, "predict.tta": ["hflip"]})
        ('optimizer.lr=0.001', 'predict.tta=["hflip"]')
    """
    if isinstance(given, Mapping):
        return tuple(
            f"{key}={value if isinstance(value, str) else json.dumps(value)}"
            for key, value in given.items()
        )
    if isinstance(given, str):
        return (given,)
    return tuple(given)


def _texts(given: Sequence[str] | None, argument: str) -> tuple[str, ...] | None:
    """Return names as a command has them; a single one may stand for itself."""
    if given is None:
        return None
    many = [given] if isinstance(given, str) else list(given)
    if not all(isinstance(one, str) for one in many):
        raise UsageError(f"{argument} must be texts, got {given!r}", fix=f'{argument}=["…"]')
    return tuple(many)


def _integers(given: int | Sequence[int] | None, argument: str) -> tuple[int, ...] | None:
    if given is None:
        return None
    many = [given] if isinstance(given, int | np.integer) else list(given)
    if any(isinstance(one, bool) or not isinstance(one, int | np.integer) for one in many):
        raise UsageError(f"{argument} must be whole numbers, got {given!r}", fix=f"{argument}=[0]")
    return tuple(map(int, many))


def _engine(on: str) -> str:
    """Return `on`, which the commands take as text."""
    if not isinstance(on, str):
        raise UsageError(f"on must be text, got {on!r}", fix='on="local:2"')
    return on


def _or_nan(value: float | None) -> float:
    return float("nan") if value is None else float(value)
