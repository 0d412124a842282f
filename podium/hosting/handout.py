"""What a student types: the same text as a page of the host and as a sheet to hand out."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from typing import Literal
from urllib.parse import urlsplit

from podium.hosting.class_readme import format_in_words
from podium.hosting.spec import HostSpec

__all__ = ["Section", "Shell", "exports", "handout", "help_variables", "sections"]

Shell = Literal["posix", "powershell"]
NO_TOKEN = "THE-TOKEN-YOU-WERE-GIVEN"


@dataclass(frozen=True)
class Section:
    """A heading, what is said below it, and what is typed; `shell` is how a block is marked."""

    title: str
    text: tuple[str, ...]
    commands: tuple[str, ...] = ()
    shell: str = "sh"


def exports(variables: Mapping[str, str], shell: Shell = "posix") -> list[str]:
    """Return the lines that set `variables` in a shell."""
    if shell == "powershell":
        # In single quotes nothing is special but the quote, which is doubled.
        return [
            "$env:{} = '{}'".format(name, value.replace("'", "''"))
            for name, value in _of_windows(variables).items()
        ]
    return [f"export {name}={shlex.quote(value)}" for name, value in variables.items()]


def _of_windows(variables: Mapping[str, str]) -> dict[str, str]:
    """Return the variables without those that differ in their case alone: Windows has one."""
    kept: dict[str, str] = {}
    for name, value in variables.items():
        kept.setdefault(name.upper(), value)
    return kept


def handout(spec: HostSpec, user: str, variables: Mapping[str, str], url: str) -> str:
    """Return a sheet for `user` as Markdown; it holds their token.

    Args:
        spec: of the competition.
        user: their name.
        variables: what their shell must export, as `client_environment` has it.
        url: of the host, as they reach it.
    """
    parts = [f"# {spec.title}: for {user}", ""]
    parts += [f"This sheet holds your token, `{variables['KAGGLE_API_TOKEN']}`: who has it "]
    parts[-1] += "submits as you. The leaderboard is at " + url + "."
    for section in sections(spec, variables, url):
        parts += ["", f"## {section.title}"]
        for paragraph in section.text:
            parts += ["", paragraph]
        if section.commands:
            parts += ["", f"```{section.shell}", *section.commands, "```"]
    return "\n".join([*parts, ""])


def help_variables(url: str) -> dict[str, str]:
    """Return what the host's page says to export: with no token in it."""
    return {
        "KAGGLE_API_ENVIRONMENT": "LOCALHOST",
        "KAGGLE_API_TOKEN": NO_TOKEN,
        "HTTP_PROXY": url,
        "http_proxy": url,
        "NO_PROXY": "",
        "no_proxy": "",
    }


def sections(spec: HostSpec, variables: Mapping[str, str], url: str) -> list[Section]:
    """Return what a student needs, in the order in which it is needed.

    Args:
        spec: of the competition.
        variables: what the shell must export.
        url: of the host, as students reach it.
    """
    slug = spec.slug
    limit = f"{spec.daily_limit} submissions a day; the day begins at 00:00 UTC."
    if spec.deadline is not None:
        limit += f" The last one is taken at {spec.deadline.astimezone(UTC):%Y-%m-%d %H:%M} UTC."
    return [
        Section(
            "Once: the client",
            (
                "Python 3.11 or newer. The official client of Kaggle sends your files; nothing of "
                "it goes to Kaggle.",
            ),
            ("python -m pip install kaggle six",),
        ),
        Section(
            "In every new shell: where to send",
            (
                "These lines point the client at the host of this course, and at nothing else: a "
                "shell in which they were typed does not reach other sites over plain HTTP.",
            ),
            tuple(exports(variables)),
        ),
        Section(
            "The same in PowerShell (Windows)",
            (),
            tuple(exports(variables, "powershell")),
            shell="powershell",
        ),
        Section(
            "Look, and download",
            (
                "All files come as one archive, with their folders. A single file (`-f NAME`) is "
                "saved under the last part of its name, without its folder.",
            ),
            (
                "kaggle competitions list",
                f"kaggle competitions files {slug}",
                f"kaggle competitions download {slug}",
                f"python -m zipfile -e {slug}.zip data",
                f"kaggle competitions download {slug} -f sample_submission.csv",
            ),
        ),
        Section(
            "Submit, and read the score",
            (
                format_in_words(spec),
                f"{limit} A file that cannot be scored does not count: `submissions` says `ERROR` "
                f"then, and your team's page says why, {_address(url)}/competitions/{slug}/team. "
                "There, too, you tick your final submissions, with your token.",
            ),
            (
                f'kaggle competitions submit {slug} -f submission.csv -m "my first"',
                f"kaggle competitions submissions {slug}",
                f"kaggle competitions leaderboard {slug} -s",
            ),
        ),
        Section(
            "Or with podium",
            (
                "In the same shell. It downloads, trains, writes and checks the file, "
                "sends it once, and keeps its own score beside the host's. "
                f'`kaggle: {{host: "{_address(url)}"}}` in competition.yaml saves the lines '
                "above, but for the token.",
            ),
            (
                f"podium init {slug}",
                f"cd {slug}",
                "podium folds",
                "podium train baseline",
                "podium blend",
                "podium submit",
                "podium board",
            ),
        ),
    ]


def _address(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
