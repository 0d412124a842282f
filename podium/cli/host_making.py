"""`podium host init`: from labelled data, from a solution, or of a workspace."""

from __future__ import annotations

from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from podium.cli.context import opened, program, progress, session
from podium.errors import UsageError

if TYPE_CHECKING:
    from podium.competition.spec import MetricSpec
    from podium.hosting.spec import HostFolder
    from podium.hosting.usage_draw import Draw

__all__ = ["EXAMPLES", "init"]

EXAMPLES = (
    "Examples: podium host init ../pets --from ~/pets --hold-out 0.3 --metric accuracy · "
    "podium host init ../pets --solution solution.csv --sample sample_submission.csv "
    "--metric accuracy --files public · in a workspace: podium host init ../host --solution "
    "solution.csv --users ann,bo"
)
_DATA, _SOLUTION = "From labelled data", "From a solution"


def init(
    ctx: typer.Context,
    folder: Annotated[Path, typer.Argument(help="The host's folder: missing or empty.")],
    data: Annotated[
        Path | None,
        typer.Option(
            "--from",
            help="Labelled images: class folders, a table and images, or images and masks.",
            rich_help_panel=_DATA,
        ),
    ] = None,
    hold_out: Annotated[
        float, typer.Option(help="Share of them that is hidden as test.", rich_help_panel=_DATA)
    ] = 0.3,
    label: Annotated[
        str | None,
        typer.Option(help="Column with the answers, where it is not found.", rich_help_panel=_DATA),
    ] = None,
    solution: Annotated[
        Path | None,
        typer.Option(
            help="CSV of the hidden answers: id, answer, and Usage (Public or Private).",
            rich_help_panel=_SOLUTION,
        ),
    ] = None,
    sample: Annotated[
        Path | None,
        typer.Option(
            help="Sample submission; without it, the workspace says the format.",
            rich_help_panel=_SOLUTION,
        ),
    ] = None,
    classes: Annotated[
        str | None,
        typer.Option(help="Names of the classes, comma-separated.", rich_help_panel=_SOLUTION),
    ] = None,
    files: Annotated[
        Path | None,
        typer.Option(help="Folder that participants may download.", rich_help_panel=_SOLUTION),
    ] = None,
    metric: Annotated[
        str | None, typer.Option(help="Metric that submissions are scored by.")
    ] = None,
    public: Annotated[
        float | None,
        typer.Option(
            help="Share of the test images whose score everyone sees; default: 0.3 with --from; "
            "of a solution, what its column Usage says."
        ),
    ] = None,
    group: Annotated[
        str | None,
        typer.Option(help="Column whose images stay together: a patient, a scene."),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(
            min=0,
            help="Of what is drawn; default: a new one. It tells the answers: keep it secret.",
        ),
    ] = None,
    daily_limit: Annotated[
        int | None, typer.Option(min=1, help="Submissions a team has a day (UTC); default: 5.")
    ] = None,
    deadline: Annotated[
        str | None, typer.Option(help="End, as 2026-12-20T18:00: UTC, unless it ends in +01:00.")
    ] = None,
    title: Annotated[str | None, typer.Option(help="Name of the competition.")] = None,
    users: Annotated[
        str | None,
        typer.Option(help="Who may submit, comma-separated; later: podium host user add."),
    ] = None,
) -> None:
    """Make a host of labelled images, or of a solution.

    With --from, part of the labelled images become a hidden test set under neutral names.

    With --solution and --sample, a solution and a metric are enough.

    With --solution alone, competition.yaml of this workspace says the metric and the format.
    """
    from podium.cli.values import words
    from podium.hosting.closing import moment_of

    end = None if deadline is None else moment_of(deadline)
    names = words(users)
    _refuse_mixed(data=data, solution=solution, sample=sample, files=files, label=label)
    if data is not None:
        from podium.hosting.from_data import init_from_data
        from podium.hosting.hold_out import HoldOut
        from podium.hosting.usage_draw import secret_seed

        shares = HoldOut(
            share=hold_out,
            public=0.3 if public is None else public,
            seed=secret_seed() if seed is None else seed,
        )
        made = init_from_data(
            folder,
            data,
            _metric(metric),
            hold_out=shares,
            group=group,
            label=label,
            title=title,
            daily_limit=daily_limit or 5,
            deadline=end,
            users=names,
            progress=progress(),
        )
        print(f"wrote {made.folder.root}")
        print(
            f"images: {made.n_train} to learn from, {made.n_public} public and {made.n_private} "
            "private test images"
        )
        print(f"seed: {shares.seed} (makes the same files again, and tells the answers: keep it)")
        for note in made.notes:
            print(f"note: {note}")
        _say_next(made.folder, has_users=bool(names))
        return
    assert solution is not None
    draw = _draw(public, seed, group)
    if sample is not None:
        from podium.hosting.from_solution import init_from_solution

        host = init_from_solution(
            folder,
            solution,
            sample,
            _metric(metric),
            classes=words(classes),
            files=files,
            draw=draw,
            title=title,
            daily_limit=daily_limit or 5,
            deadline=end,
            users=names,
        )
    else:
        from podium.hosting import init_host

        if session(ctx).workspace_if_any() is None:
            raise UsageError(
                "this is no workspace, so nothing says what a submission looks like",
                fix="add --sample sample_submission.csv --metric accuracy, or go to a workspace",
            )
        _, competition = opened(ctx)
        if metric is not None or classes is not None or title is not None:
            raise UsageError(
                "competition.yaml of this workspace says metric, classes and title",
                fix="leave these options out, or give --sample to go without the workspace",
            )
        if daily_limit is not None:
            kaggle = competition.kaggle.model_copy(update={"daily_limit": daily_limit})
            competition = competition.model_copy(update={"kaggle": kaggle}).at(competition.root)
        host = init_host(folder, competition, solution, names, files=files, draw=draw, deadline=end)
    _say_rows(host, draw)
    _say_next(host, has_users=bool(names))


def _refuse_mixed(
    *,
    data: Path | None,
    solution: Path | None,
    sample: Path | None,
    files: Path | None,
    label: str | None,
) -> None:
    """Refuse options of two ways to make a host."""
    if (data is None) == (solution is None):
        raise UsageError(
            "give either --from (labelled images) or --solution (the hidden answers)",
            fix=f"{program()} host init --help shows an example of each",
        )
    of_solution = {"--sample": sample, "--files": files}
    wrong = [name for name, given in of_solution.items() if given is not None]
    if data is not None and wrong:
        raise UsageError(
            f"--from makes the sample and the files itself: {', '.join(wrong)} cannot be given",
            fix="leave them out",
        )
    if data is None and label is not None:
        raise UsageError("--label is a column of the data of --from", fix="leave it out")


def _metric(name: str | None) -> MetricSpec:
    from podium.competition.metrics import names
    from podium.competition.spec import MetricSpec

    if name is None:
        raise UsageError(
            "say what submissions are scored by",
            fix=f"add --metric accuracy; there are {', '.join(names())}",
        )
    return MetricSpec(name=name)


def _draw(public: float | None, seed: int | None, group: str | None) -> Draw | None:
    from podium.hosting.usage_draw import Draw, secret_seed

    if public is None:
        if group is not None:
            raise UsageError(
                "--group says which rows are drawn together, and nothing is drawn",
                fix="add --public 0.3",
            )
        return None
    return Draw(public=public, seed=secret_seed() if seed is None else seed, group=group)


def _say_rows(host: HostFolder, draw: Draw | None) -> None:
    from podium.hosting.solution import read_solution

    spec = host.spec()
    answers = read_solution(host.solution, spec.format)
    print(f"wrote {host.root}")
    print(f"images scored: {answers.public.sum()} public, {answers.private.sum()} private")
    if draw is not None:
        print(f"public and private were drawn with seed {draw.seed}: see {host.solution}")
    elif not answers.private.any():
        print("note: a Usage column with Private rows, or --public 0.3, keeps a score for the end")


def _say_next(host: HostFolder, *, has_users: bool) -> None:
    deadline = host.spec().deadline
    if deadline is not None:
        print(f"deadline: {deadline.astimezone(UTC):%Y-%m-%d %H:%M} UTC")
    if has_users:
        print(f"tokens: {host.tokens} (readable by you alone; give each user their own)")
    else:
        print(f"next: {program()} host user add {host.root} --from students.csv")
    print(f"next: {program()} host serve {host.root}")
