"""`podium report`: one self-contained page about the workspace; or a run's figures as files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from podium import reporting
from podium.cli.completion import artefact_names
from podium.cli.context import open_workspace, progress, to_type_here
from podium.cli.options import split_commas
from podium.cli.tables import print_table
from podium.errors import UsageError

EXAMPLE = "podium report --open"
FORMATS: tuple[Literal["pdf", "png", "svg"], ...] = ("pdf", "png", "svg")


def run(
    ctx: typer.Context,
    artefact: Annotated[
        str | None,
        typer.Argument(
            metavar="[RUN|BLEND]",
            help="With --figures or --list: whose.",
            show_default=False,
            autocompletion=artefact_names,
        ),
    ] = None,
    figures: Annotated[
        str | None,
        typer.Option(
            metavar="NAMES|FORMAT",
            help="Write figures of RUN or BLEND to files: all (pdf, png or svg), or by name, "
            "as stages,pca,png.",
            show_default=False,
        ),
    ] = None,
    listed: Annotated[bool, typer.Option("--list", help="Print the names of the figures.")] = False,
    to: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Where to; default: report/ID.", show_default=False),
    ] = None,
    show: Annotated[bool, typer.Option("--open", help="Open it in the browser.")] = False,
    serve: Annotated[
        bool, typer.Option("--serve", help="Serve it to this machine, live while a run trains.")
    ] = False,
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="With --serve; 0: any that is free.")
    ] = 8124,
) -> None:
    """Write report/index.html: board, curves, confusion matrix, mistakes.

    With RUN --figures pdf the figures of a run or blend instead, a file each, as a paper takes
    them, and captions.txt beside them. With --serve the page is served to this machine alone: it
    follows a training, and sheets of requests for labels save their answers.
    """
    if figures is None and not listed and artefact is not None:
        open_workspace(ctx)[0].artefact(artefact, rooms=("runs", "blends"))  # a name that is none
    if figures is None and not listed and (artefact is not None or to is not None):
        what = "RUN" if artefact is not None else "--to"
        raise UsageError(f"{what} is of figures", fix="add --figures pdf, png or svg")
    if figures is not None and (artefact is None or show):
        fix = "podium report RUN --figures pdf" if artefact is None else "leave out --open"
        raise UsageError("--figures writes the files of one run or blend", fix=fix)
    if serve and (figures is not None or listed):
        raise UsageError("--serve serves the page, and no figures", fix="leave out one of them")
    if listed and artefact is None:
        rows = [
            (name, what, to_type_here(needs))
            for name, (_, what, needs) in reporting.FIGURES.items()
        ]
        print_table(("figure", "what it shows", "what it takes"), rows)
        return
    workspace, competition = open_workspace(ctx)
    if artefact is not None:
        if listed:
            found = reporting.figure_names(workspace, competition, artefact)
            print_table(("figure", "title"), list(found.items()))
            return
        given = split_commas(figures)
        forms = [one for one in FORMATS if one in given]
        if len(forms) > 1:
            raise UsageError("figures have one format", fix=f"--figures {forms[0]}")
        for file in reporting.export_figures(
            workspace,
            competition,
            artefact,
            form=forms[0] if forms else "pdf",
            folder=to,
            names=[one for one in given if one not in FORMATS],
            progress=progress(),
        ):
            print(file)
        return
    if serve:
        try:
            for url in reporting.serve_report(
                workspace, competition, port=port, progress=progress()
            ):
                print(f"{url} (stop with Ctrl-C)", flush=True)
                for sheet in sorted(workspace.labels.glob("*/index.html")):
                    print(f"{url}labels/{sheet.parent.name}/", flush=True)
                if show:
                    typer.launch(url)
        except KeyboardInterrupt as stopped:
            if type(stopped) is not KeyboardInterrupt:  # a signal, and not Ctrl-C
                raise
        return
    page = reporting.build_report(workspace, competition, progress=progress())
    print(page)
    if show:
        typer.launch(page.as_uri())
