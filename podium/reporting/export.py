"""`podium report RUN --figures pdf`: every figure of a run or blend as a file for a paper."""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from podium.competition.spec import Competition
from podium.errors import DataError
from podium.reporting.environment import printable
from podium.reporting.figures_of import figures_of
from podium.reporting.plot import Plot
from podium.reporting.svg import svg_file
from podium.workspace.atomic import replacing, sweep, write_text
from podium.workspace.layout import Workspace
from podium.workspace.progress import SILENT, Progress

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["CAPTIONS", "Form", "export_figures"]

Form = Literal["pdf", "png", "svg"]
CAPTIONS = "captions.txt"
DPI, MOST_PIXELS = 300, 64_000_000
_NO_NAME = re.compile(r"[^\w.-]+")


def export_figures(
    workspace: Workspace,
    competition: Competition,
    artefact: str,
    *,
    form: Form,
    folder: Path | None = None,
    progress: Progress = SILENT,
) -> list[Path]:
    """Return the files of all figures of a run or blend, one each, on white; the last is captions.

    pdf: vectors, with its fonts inside; svg: vectors, letters as shapes; png: 300 dots an inch,
    fewer where that would be more than 64 million. The same run gives the same bytes. Each file
    appears whole or not at all, and no more than one figure is held. `captions.txt` has the file,
    title, caption and words of each.

    Args:
        workspace: where it lies.
        competition: what it is about.
        artefact: id or name of a run or blend.
        form: of the files.
        folder: where to; None: `report/<id>`.
        progress: gets a bar while masks are looked at, and what could not be drawn.

    Raises:
        UsageError: there is no such run or blend.
        DataError: there is nothing to draw yet; or the blend cannot be read.
        OSError: a file cannot be written.
    """
    found = workspace.artefact(artefact, rooms=("runs", "blends"))
    folder = workspace.report.parent / found.name if folder is None else folder
    sweep(folder)
    problems: list[str] = []
    files: list[Path] = []
    captions: list[str] = []
    for title, plot in figures_of(
        workspace, competition, found, problems=problems, progress=progress
    ):
        file = _free(folder / f"{_NO_NAME.sub('-', plot.name)}.{form}", files)
        _write(plot, file, form)
        files.append(file)
        captions.append(_caption(file.name, title, plot))
        signs = _lacking(plot.figure)
        if signs:
            progress.say(f"  {file.name}: the font has no {signs}: boxes stand for them")
    for problem in problems:
        progress.say(f"  not shown: {printable(problem)}")
    if not files:
        raise DataError(
            f"there is nothing to draw of {found.name} yet", fix=f"podium show {found.name}"
        )
    write_text(folder / CAPTIONS, "\n".join(captions))
    return [*files, folder / CAPTIONS]


def _free(file: Path, taken: list[Path]) -> Path:
    """Return `file`, with a number where it is taken: names of scalars are free."""
    number, free = 2, file
    while free in taken:
        free, number = file.with_stem(f"{file.stem}-{number}"), number + 1
    return free


def _write(plot: Plot, file: Path, form: Form) -> None:
    import warnings

    from matplotlib import rc_context

    if form == "svg":
        write_text(file, svg_file(plot.figure, name=plot.name))
        return
    metadata = {"CreationDate": None} if form == "pdf" else {}
    # Type 42: whole TrueType letters, which publishers ask for; Type 3 they refuse.
    with (
        replacing(file) as temporary,
        rc_context({"pdf.fonttype": 42}),
        warnings.catch_warnings(),
    ):
        warnings.filterwarnings("ignore", message="Glyph .* missing from")  # told by _lacking
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
