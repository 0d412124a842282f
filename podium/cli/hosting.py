"""A competition host on a terminal: how it is made, what students get, its users and its scores."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import typer

from podium.cli.context import open_workspace, program_name, progress, session
from podium.cli.options import split_commas
from podium.cli.tables import print_json, print_table
from podium.competition import metrics
from podium.competition.sections.submission import FILE_SUFFIXES
from podium.competition.sections.tasks import MetricSpec
from podium.competition.spec import Competition
from podium.errors import UsageError
from podium.hosting.address import note_on_address
from podium.hosting.course_material import export_lines, student_sheet
from podium.hosting.export import export_class
from podium.hosting.scoring.rescoring import rescore
from podium.hosting.scoring.score import SubmissionScores, step_of_one_image
from podium.hosting.scoring.solution import read_solution
from podium.hosting.server import client_environment
from podium.hosting.setup.from_competition import init_host
from podium.hosting.setup.from_data import init_from_data, metrics_of_data
from podium.hosting.setup.from_solution import init_from_solution, metrics_of_solution
from podium.hosting.setup.split import HoldOut, PublicDraw, secret_seed
from podium.hosting.spec import HostFolder, parse_deadline, set_deadline
from podium.hosting.users import (
    add_users,
    read_class,
    read_users,
    remove_users,
    renew_token,
    user_of,
    write_class,
)
from podium.workspace.display import number
from podium.workspace.machine import now

__all__ = [
    "HostTerms",
    "add_to_class",
    "close_host",
    "export_submissions",
    "make_host",
    "print_course_material",
    "print_environment",
    "print_token",
    "print_users",
    "remove_from_class",
    "reopen_host",
    "rescore_submissions",
]

_DAILY_LIMIT = 5
_PUBLIC = 0.3


@dataclass(frozen=True)
class HostTerms:
    """Options of a host that every way to make it takes; None: as without the option."""

    metric: str | None
    public: float | None
    group: str | None
    seed: int | None
    daily_limit: int | None
    deadline: str | None
    title: str | None
    users: tuple[str, ...]


def make_host(
    ctx: typer.Context,
    folder: Path,
    terms: HostTerms,
    *,
    data: Path | None,
    hold_out: float,
    label: str | None,
    solution: Path | None,
    sample: Path | None,
    classes: str | None,
    files: Path | None,
) -> None:
    """Make a host of labelled images, of a solution, or of the workspace; print what to do next."""
    end = None if terms.deadline is None else _coming(terms.deadline, "--deadline")
    _refuse_mixed(data=data, solution=solution, sample=sample, files=files, label=label)
    if data is not None:
        host = _make_from_labels(folder, data, terms, end, hold_out=hold_out, label=label)
    else:
        assert solution is not None
        draw = _draw(terms)
        if sample is not None:
            files_of_answers, names = (solution, sample), split_commas(classes)
            host = init_from_solution(
                folder,
                *files_of_answers,
                _metric(
                    terms.metric,
                    lambda: metrics_of_solution(
                        *files_of_answers, classes=names, group=terms.group
                    ),
                ),
                classes=names,
                files=files,
                draw=draw,
                title=terms.title,
                daily_limit=terms.daily_limit or _DAILY_LIMIT,
                deadline=end,
                users=terms.users,
            )
        else:
            competition = _own_competition(ctx, terms, classes)
            host = init_host(
                folder, competition, solution, terms.users, files=files, draw=draw, deadline=end
            )
        _print_rows(host, draw)
    _print_next_steps(host, has_users=bool(terms.users))


def _make_from_labels(
    folder: Path,
    data: Path,
    terms: HostTerms,
    end: datetime | None,
    *,
    hold_out: float,
    label: str | None,
) -> HostFolder:
    shares = HoldOut(
        share=hold_out,
        public=_PUBLIC if terms.public is None else terms.public,
        seed=secret_seed() if terms.seed is None else terms.seed,
    )
    made = init_from_data(
        folder,
        data,
        _metric(terms.metric, lambda: metrics_of_data(data, label=label)),
        hold_out=shares,
        group=terms.group,
        label=label,
        title=terms.title,
        daily_limit=terms.daily_limit or _DAILY_LIMIT,
        deadline=end,
        users=terms.users,
        progress=progress(),
    )
    print(f"wrote {made.folder.root}")
    print(
        f"images: {made.n_train} to learn from, {made.n_public} public and {made.n_private} "
        "private test images"
    )
    print(f"seed: {shares.seed} (makes the same files and reveals the answers: keep it secret)")
    for note in made.notes:
        print(f"note: {note}")
    _note_large_steps(made.folder, "a larger --public or --hold-out makes")
    return made.folder


_LARGE_STEP = 0.02
"""Of a public score: of larger ones the board shows chance more than models."""


def _note_large_steps(host: HostFolder, more: str) -> None:
    """Print by how much one image moves the public score, where that is much."""
    spec = host.spec()
    answers = read_solution(host.solution, spec.format)
    step = step_of_one_image(spec, answers)
    if step is not None and round(step, 6) > _LARGE_STEP:
        print(
            f"note: one wrong image of {int(answers.public.sum()):,} public can move the public "
            f"{spec.scored_by.name} by about {step:.2g}: smaller differences tell nothing; {more} "
            "such steps smaller"
        )


def _own_competition(ctx: typer.Context, terms: HostTerms, classes: str | None) -> Competition:
    """Return the competition of this workspace, with the daily limit of the terms."""
    if session(ctx).workspace_if_any() is None:
        raise UsageError(
            "this is no workspace, so the format of submissions is unknown",
            fix="add --sample sample_submission.csv --metric accuracy, or go to a workspace",
        )
    _, competition = open_workspace(ctx)
    if terms.metric is not None or classes is not None or terms.title is not None:
        raise UsageError(
            "competition.yaml of this workspace sets metric, classes and title",
            fix="leave these options out, or add --sample to go without the workspace",
        )
    if terms.daily_limit is None:
        return competition
    kaggle = competition.kaggle.model_copy(update={"daily_limit": terms.daily_limit})
    return competition.model_copy(update={"kaggle": kaggle}).at(competition.root)


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
            "pass either --from (labelled images) or --solution (the hidden answers)",
            fix=f"{program_name()} host init --help shows an example of each",
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


def _metric(name: str | None, fitting: Callable[[], list[str]]) -> MetricSpec:
    """Return the metric that was named; `fitting` lists those that can score the answers."""
    if name is not None:
        if ":" not in name:
            metrics.get(name)  # names the nearest where there is none
        return MetricSpec(name=name)
    found = fitting()
    what = "name the metric that submissions are scored by"
    if not found:
        raise UsageError(f"{what}; none can score these answers", fix="`podium host init -h`")
    example = "accuracy" if "accuracy" in found else found[0]
    raise UsageError(what, fix=f"add --metric {example}; these fit: {', '.join(found)}")


def _draw(terms: HostTerms) -> PublicDraw | None:
    if terms.public is None:
        if terms.group is not None:
            raise UsageError(
                "--group keeps rows together in a draw, and nothing is drawn",
                fix="add --public 0.3",
            )
        return None
    seed = secret_seed() if terms.seed is None else terms.seed
    return PublicDraw(public=terms.public, seed=seed, group=terms.group)


def _print_rows(host: HostFolder, draw: PublicDraw | None) -> None:
    spec = host.spec()
    answers = read_solution(host.solution, spec.format)
    print(f"wrote {host.root}")
    print(f"images scored: {answers.public.sum()} public, {answers.private.sum()} private")
    if all(one.suffix in FILE_SUFFIXES for one in host.files.iterdir()):  # at most the sample
        print(f"note: {host.files} has no images yet: put there what students download")
    if draw is not None:
        print(f"public and private were drawn with seed {draw.seed}: see {host.solution}")
    elif not answers.private.any():
        print("note: a Usage column with Private rows, or --public 0.3, keeps a score for the end")
    _note_large_steps(host, "more public images make")


def _print_next_steps(host: HostFolder, *, has_users: bool) -> None:
    deadline = host.spec().deadline
    if deadline is not None:
        print(f"deadline: {deadline.astimezone(UTC):%Y-%m-%d %H:%M} UTC")
    if has_users:
        print(f"tokens: {host.tokens} (readable by you alone; give each user their own)")
    print("next, as the host:")
    if not has_users:
        print(f"  {_program('host', 'user', 'add', host.root)} --from students.csv")
    print(f"  {_program('host', 'serve', host.root)}")
    # From the folder where it is typed a relative path would lead elsewhere.
    print("next, as a participant on this machine, in an empty folder:")
    print(f"  {_program('init', host.files.resolve())}")


def _program(*words: str | Path) -> str:
    return shlex.join([program_name(), *map(str, words)])


def print_environment(
    folder: Path, user: str, *, url: str | None, port: int, shell: Literal["posix", "powershell"]
) -> None:
    """Print what a shell exports so that the official client talks to the host."""
    address = _address(url, port)
    for line in export_lines(client_environment(folder, user, address), shell):
        print(line)
    _note_on_address(folder, address)


def print_course_material(folder: Path, user: str, *, url: str | None, port: int) -> None:
    """Print the sheet of a student."""
    address = _address(url, port)
    variables = client_environment(folder, user, address)
    print(student_sheet(HostFolder(folder).spec(), user, variables, address), end="")
    _note_on_address(folder, address)


def _note_on_address(folder: Path, address: str) -> None:
    """Print on stderr, for stdout is typed or printed, that another host answers there, or none."""
    if note := note_on_address(address, HostFolder(folder).spec().slug, folder):
        progress().say(f"note: {note}")


def _address(url: str | None, port: int) -> str:
    if url is None:
        return f"http://127.0.0.1:{port}"
    if not url.startswith("http://"):
        raise UsageError(
            f"the official client reaches a host over plain HTTP only, got {url}",
            fix="give http://ADDRESS:PORT; across a network that you do not trust, a tunnel "
            "(ssh -L) ends at http://127.0.0.1",
        )
    return url.rstrip("/")


def add_to_class(
    folder: Path, names: Sequence[str], *, team: str, source: Path | None, tokens: Path | None
) -> None:
    """Add the users of `names` and of the table `source`; print where their tokens are."""
    pairs = [(name, team) for name in names]
    pairs += [] if source is None else read_class(source)
    if not pairs:
        raise UsageError("nobody is named", fix="name users, or a CSV with --from")
    host = HostFolder(folder)
    before = read_users(host.tokens)
    made = add_users(host, pairs)
    if tokens is not None:
        write_class(host, tokens, list(made))
    print(f"{len(made):,} {'user' if len(made) == 1 else 'users'} may submit")
    for name, user in read_users(host.tokens).items():
        was = before.get(name, user).team
        if name in made and was != user.team:
            print(
                f"note: {name} moved from team {was} to {user.team}; earlier submissions stay with "
                f"{was}"
            )
    print(f"tokens: {tokens or host.tokens} (readable by you alone; give each user their own)")


def print_users(folder: Path, *, as_json: bool) -> None:
    """Print users and teams."""
    known = read_users(HostFolder(folder).tokens).values()
    if as_json:
        print_json([{"user": user.name, "team": user.team} for user in known])
    else:
        print_table(["user", "team"], [[user.name, user.team] for user in known])


def remove_from_class(folder: Path, names: Sequence[str]) -> None:
    """Take users out of the class."""
    remove_users(HostFolder(folder), names)
    print(f"removed {', '.join(names)}")


def print_token(folder: Path, name: str, *, renew: bool) -> None:
    """Print the token of a user, a new one with `renew`."""
    host = HostFolder(folder)
    print(renew_token(host, name) if renew else user_of(host, name).token)


def close_host(folder: Path, at: str) -> None:
    """Set the deadline to `at`, a time or now."""
    moment = parse_deadline(at)
    set_deadline(HostFolder(folder), moment)
    print(f"{_deadline(moment)}; a running host applies it already")


def reopen_host(folder: Path, until: str | None) -> None:
    """Set the deadline to `until`; None: there is none."""
    moment = None if until is None else _coming(until, "--until")
    set_deadline(HostFolder(folder), moment)
    until_then = "" if moment is None else f"; {_deadline(moment)}"
    print(f"submissions are taken again{until_then}; a running host applies it already")


def _coming(text: str, option: str) -> datetime:
    """Return the moment in `text`; raises UsageError where it is past, which `option` cannot be."""
    moment = parse_deadline(text)
    if moment <= now():
        raise UsageError(
            f"{option} {text} is past", fix="name a moment to come, or leave the option out"
        )
    return moment


def _deadline(moment: datetime) -> str:
    return f"the deadline is {moment:%Y-%m-%d %H:%M:%S %Z}"


def rescore_submissions(folder: Path, solution: Path | None) -> None:
    """Score every submission again, and print those whose scores changed."""
    changes = rescore(HostFolder(folder), solution, progress=progress())
    if changes:
        rows = [[c.ref, c.team, _format_scores(c.before), _format_scores(c.after)] for c in changes]
        print_table(["submission", "team", "before (public, private)", "after"], rows)
    n = len(changes)
    print(f"{'the score' if n == 1 else 'scores'} of {n} submission{'s' * (n != 1)} changed")


def _format_scores(outcome: object) -> str:
    if isinstance(outcome, SubmissionScores):
        return f"{number(outcome.public, 5)}, {number(outcome.private, 5)}"
    return str(outcome)


def export_submissions(folder: Path, to: Path, *, best: bool) -> None:
    """Write every submission, or the best of each team, with its scores."""
    n_rows = export_class(HostFolder(folder), to, best=best)
    print(f"wrote {to}: {n_rows} {'teams' if best else 'submissions'}")
