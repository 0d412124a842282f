"""Every figure of one run or blend, as files for a paper (`podium report RUN --figures pdf`).

Loggers get the same figures, one after the other.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, Literal, NoReturn

from podium.competition.spec import Competition
from podium.ensembling.record import read_parts
from podium.errors import DataError, PodiumError, UsageError, suggest
from podium.predictions.store.reading import PredictionSet
from podium.reporting.data_summary import DataSummary, summarise_data
from podium.reporting.entries import blends_of, metric_of, runs_of, tasks_in_order
from podium.reporting.labels.evaluation import evaluate_blend_labels
from podium.reporting.masks import evaluation as mask_evaluation
from podium.reporting.masks.view import plot_mask_examples
from podium.reporting.plot import NO_NAME, Plot, svg_file
from podium.reporting.plots import blend as of_blend
from podium.reporting.plots import labels as of_labels
from podium.reporting.plots import masks as of_masks
from podium.reporting.plots import plots_of
from podium.reporting.plots import run as of_run
from podium.reporting.subjects import (
    BlendSubject,
    LabelSubject,
    RunSubject,
    label_subject_of,
    label_subject_of_run,
    mask_subject_of,
)
from podium.tasks.protocols.names import IMAGES, has_images, has_pixels
from podium.workspace.atomic import replacing, sweep, write_text
from podium.workspace.display import printable
from podium.workspace.layout import Workspace
from podium.workspace.progress import SILENT, Progress
from podium.workspace.records import Record, read_record, scan_all

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from podium.reporting.masks.evaluation import MaskSource

__all__ = ["FIGURES", "export_figures", "figure_names", "figures_of"]


FigureFormat = Literal["pdf", "png", "svg"]
FIGURES = {
    "stages": ("stages", "the scores after each phase", "a recipe of several phases"),
    "thresholds_by_seed": (
        "thresholds_by_seed",
        "a method's threshold by epoch, over seeds",
        "train the recipe with two seeds: -o seed=1; a method with thresholds, as freematch",
    ),
    "seeds": ("seeds", "loss and metrics over seeds", "train the recipe again with -o seed=1"),
    "counts_train_validation": (
        "learnt_counts",
        "predicted counts, train against validation",
        "podium explain RUN --learnt 500",
    ),
    "layers": ("feature_maps", "what layers give for an image", "podium explain RUN IMAGE_ID"),
    "surplus": ("predicted_surplus", "over- and under-predicted classes", "a task with labels"),
    "pca": (
        "features_pca",
        "PCA of the features at three epochs",
        "train with -o keep.epochs=[first,middle,last] -o keep.features=500",
    ),
    "tsne": (
        "features_tsne",
        "t-SNE of the features at three epochs",
        "as pca, for the best three runs: -o keep.epochs=[first,middle,last] -o keep.features=500",
    ),
    "masks_by_epoch": (
        "kept_masks",
        "masks of images at three epochs",
        "train with -o keep.epochs=[first,middle,last] -o keep.masks=[IMAGE_ID]",
    ),
    "confusion": ("confusion", "the confusion matrix", "a task with classes"),
    "curves": ("loss", "the loss by epoch", "a run"),
}
"""Name → name of the plot, what it shows, and what it takes to have it."""
CAPTIONS = "captions.txt"
DPI, MOST_PIXELS = 300, 64_000_000


def export_figures(
    workspace: Workspace,
    competition: Competition,
    artefact: str,
    *,
    form: FigureFormat,
    folder: Path | None = None,
    names: Sequence[str] = (),
    progress: Progress = SILENT,
) -> list[Path]:
    """Return the files of all figures of a run or blend, one each, on white; the last is captions.

    pdf: vectors, with its fonts inside; svg: vectors, letters as shapes; png: 300 dots an inch,
    fewer where that would be more than 64 million. The same run gives the same bytes. Each file
    appears whole or not at all, and no more than one figure is held. `captions.txt` has the file,
    title, caption and words of each.

    Args:
        workspace: that contains it.
        competition: of the workspace.
        artefact: id or name of a run or blend.
        form: of the files.
        folder: that the files are written to; None: `report/<id>`.
        names: of the figures: keys of `FIGURES`, or of `figure_names`; without one, all.
        progress: shows a bar while masks are evaluated, and what could not be drawn.

    Raises:
        UsageError: there is no such run or blend, or no such figure.
        DataError: there is nothing to draw yet, or the blend cannot be read.
        OSError: a file cannot be written.
    """
    found = workspace.artefact(artefact, rooms=("runs", "blends"))
    folder = workspace.report.parent / found.name if folder is None else folder
    sweep(folder)
    problems: list[str] = []
    files: list[Path] = []
    captions: list[str] = []
    wanted = {one: FIGURES[one][0] if one in FIGURES else one for one in map(_plain_name, names)}
    met: list[str] = []
    for title, plot in figures_of(
        workspace, competition, found, problems=problems, progress=progress
    ):
        met.append(plot.name)
        if wanted and not any(_is_named(plot.name, one) for one in wanted.values()):
            continue
        file = _free(folder / f"{NO_NAME.sub('-', plot.name)}.{form}", files)
        _write(plot, file, form)
        files.append(file)
        captions.append(_caption(file.name, title, plot))
        signs = _lacking(plot.figure)
        if signs:
            progress.say(f"  {file.name}: the font has no {signs}: boxes stand for them")
    for problem in problems:
        progress.say(f"  not shown: {printable(problem)}")
    for name, prefix in wanted.items():
        if not any(_is_named(one, prefix) for one in met):
            _refuse(name, met, found.name)
    if not files:
        raise DataError(
            f"there is nothing to draw of {found.name} yet", fix=f"podium show {found.name}"
        )
    write_text(folder / CAPTIONS, "\n".join(captions))
    return [*files, folder / CAPTIONS]


def figure_names(workspace: Workspace, competition: Competition, artefact: str) -> dict[str, str]:
    """Return name → title of each figure that a run or blend has now.

    Raises:
        UsageError, DataError, RunError: as `export_figures`.
    """
    found = workspace.artefact(artefact, rooms=("runs", "blends"))
    problems: list[str] = []
    each = figures_of(workspace, competition, found, problems=problems)
    return {plot.name.replace("-", "_"): plot.title for _, plot in each}


def _plain_name(name: str) -> str:
    return name.strip().lower().replace("-", "_")


def _is_named(plot: str, wanted: str) -> bool:
    """Return whether a plot is the one of this name, or one of its series, as `scalars-0`."""
    name = _plain_name(plot)
    return name == wanted or (name.startswith(f"{wanted}_") and name[len(wanted) + 1 :].isdecimal())


def _refuse(name: str, met: Sequence[str], artefact: str) -> NoReturn:
    if name in FIGURES:
        what, needs = FIGURES[name][1:]
        raise DataError(
            f"{artefact} has no figure {name}, {what}",
            fix=f"what it takes: {needs}; what {artefact} has: podium report {artefact} --list",
        )
    known = [*FIGURES, *map(_plain_name, met)]
    fix = suggest(name, known, "did you mean {}?", otherwise=f"podium report {artefact} --list")
    raise UsageError(f"there is no figure {name!r}", fix=fix)


def _free(file: Path, taken: list[Path]) -> Path:
    """Return `file`, with a number where it is taken: names of scalars are free."""
    number, free = 2, file
    while free in taken:
        free, number = file.with_stem(f"{file.stem}-{number}"), number + 1
    return free


def _write(plot: Plot, file: Path, form: FigureFormat) -> None:
    import warnings

    from matplotlib import rc_context

    if form == "svg":
        write_text(file, svg_file(plot.figure, name=plot.name))
        return
    metadata = {"CreationDate": None} if form == "pdf" else {}
    # Type 42: whole TrueType fonts, which publishers require; they refuse Type 3.
    with (
        replacing(file) as temporary,
        rc_context({"pdf.fonttype": 42}),
        warnings.catch_warnings(),
    ):
        warnings.filterwarnings("ignore", message="Glyph .* missing from")  # reported by _lacking
        plot.figure.savefig(
            temporary, format=form, facecolor="white", dpi=_dpi(plot.figure), metadata=metadata
        )


def _dpi(figure: Figure) -> float:
    """Return 300, or what keeps a figure of hundreds of classes within memory."""
    width, height = figure.get_size_inches()
    return min(DPI, math.sqrt(MOST_PIXELS / (width * height)))


def _lacking(figure: Figure) -> str:
    """Return the letters of names from data that matplotlib's font cannot draw, a few of them."""
    from matplotlib.font_manager import fontManager, get_font
    from matplotlib.text import Text

    has: dict[str, bool] = {}
    for text in figure.findobj(Text):
        assert isinstance(text, Text)
        font = get_font(fontManager.findfont(text.get_fontproperties()))
        for sign in set(text.get_text()) - has.keys() - {"\n"}:
            has[sign] = font.get_char_index(ord(sign)) != 0
    missing = sorted(sign for sign, there in has.items() if not there)
    return "".join(missing[:20]) + ("…" if len(missing) > 20 else "")


def _caption(file: str, heading: str, plot: Plot) -> str:
    title = plot.title if plot.title == heading else f"{heading}: {plot.title}"
    lines = [file, title, plot.caption, plot.alt]
    each = [" ".join(printable(line).split()) for line in lines]
    return "\n".join(line for line in each if line) + "\n"


TitledPlot = tuple[str, Plot]
"""A heading, and a plot under it."""


def figures_of(
    workspace: Workspace,
    competition: Competition,
    folder: Path,
    *,
    problems: list[str],
    progress: Progress = SILENT,
) -> Iterator[TitledPlot]:
    """Return the figures of a run or blend, then those of its out-of-fold labels and masks.

    A plot is drawn when the iterator reaches it, so that no more than one is in memory.

    Args:
        workspace: that contains it.
        competition: of the workspace.
        folder: of the run or blend.
        problems: list that what cannot be drawn is appended to.
        progress: shows a bar while masks are evaluated.

    Raises:
        UsageError: it is neither a run nor a blend.
        DataError, RunError: its record, or the blend's predictions, cannot be read.
    """
    record = read_record(folder)
    if record.kind not in ("run", "blend"):
        raise UsageError(f"{record.id} is no run or blend", fix="name a run or a blend")
    data = summarise_data(workspace, competition, progress=progress)
    problems += data.problems
    drawing = _Drawing(workspace, competition, record.id, data, problems, progress)
    return drawing.run() if record.kind == "run" else drawing.blend(folder, record)


@dataclass(frozen=True)
class _Drawing:
    workspace: Workspace
    competition: Competition
    id: str
    data: DataSummary
    problems: list[str]
    progress: Progress

    def run(self) -> Iterator[TitledPlot]:
        competition, data = self.competition, self.data
        found = [(at, one) for at, one in scan_all(self.workspace) if isinstance(one, Record)]
        runs = runs_of(found, competition, data.n_answered)
        entry = next(run for run in runs if run.id == self.id)
        metrics = tuple(metric_of(competition, task) for task in tasks_in_order(competition))
        subject = RunSubject(self.workspace, competition, entry, tuple(runs), metrics, data)
        yield from self._plots(of_run, subject)
        if entry.predictions is None:
            return
        tasks = PredictionSet(entry.predictions).tasks("oof")
        if has_images(tasks):
            yield from self._labels(lambda: label_subject_of_run(competition, entry, data))
        if has_pixels(tasks):
            predictions = entry.predictions
            yield from self._masks(
                lambda samples: mask_evaluation.mask_source_of_run(entry.id, predictions, samples)
            )

    def blend(self, folder: Path, record: Record) -> Iterator[TitledPlot]:
        competition, data = self.competition, self.data
        parts = read_parts(folder)  # a damaged record is an error here: it was requested
        (entry,) = blends_of([(folder, record)], competition, self.problems)
        yield from self._plots(of_blend, BlendSubject(self.workspace, competition, entry, data))
        samples, folds = data.samples, data.folds
        if samples is None or folds is None:
            return
        if has_images(parts):
            part = parts[IMAGES]
            yield from self._labels(
                lambda: label_subject_of(
                    evaluate_blend_labels(competition, part.blend, part.sets, samples, folds), data
                )
            )
        if has_pixels(parts):
            yield from self._masks(
                lambda samples: mask_evaluation.mask_source_of_blend(
                    entry.id, parts, competition, samples
                )
            )

    def _plots(self, package: ModuleType, subject: Any) -> Iterator[TitledPlot]:
        yield from plots_of(package, subject, problems=self.problems, of=self.id)

    def _labels(self, look: Callable[[], LabelSubject]) -> Iterator[TitledPlot]:
        try:
            subject = look()
        except PodiumError as error:
            self.problems.append(f"{self.id}: labels: {error}")
            return
        yield from self._plots(of_labels, subject)

    def _masks(self, source: Callable[[pd.DataFrame], MaskSource]) -> Iterator[TitledPlot]:
        samples, folds = self.data.samples, self.data.folds
        if samples is None or folds is None:
            return
        try:
            lens = mask_evaluation.evaluate_masks(
                self.workspace,
                self.competition,
                source(samples),
                samples,
                folds,
                progress=self.progress,
            )
            subject = mask_subject_of(lens)
        except PodiumError as error:
            self.problems.append(f"{self.id}: masks: {error}")
            return
        yield from self._plots(of_masks, subject)
        try:
            yield "Masks", plot_mask_examples(subject)
        except PodiumError as error:
            self.problems.append(f"{self.id}: images with masks: {error}")
