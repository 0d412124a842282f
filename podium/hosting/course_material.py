"""Course material: what a student types, as a page and as a sheet, and the README of the data."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from podium.errors import plural
from podium.hosting.spec import HostSpec
from podium.submissions import values

__all__ = [
    "HelpSection",
    "data_readme",
    "export_lines",
    "help_sections",
    "help_variables",
    "student_sheet",
]


Shell = Literal["posix", "powershell"]
NO_TOKEN = "THE-TOKEN-YOU-WERE-GIVEN"


@dataclass(frozen=True)
class HelpSection:
    """A heading, the text below it, and the lines to type; `shell` marks the code block."""

    title: str
    text: tuple[str, ...]
    commands: tuple[str, ...] = ()
    shell: str = "sh"


def export_lines(variables: Mapping[str, str], shell: Shell = "posix") -> list[str]:
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


def student_sheet(spec: HostSpec, user: str, variables: Mapping[str, str], url: str) -> str:
    """Return a sheet for `user` as Markdown; it holds their token.

    Args:
        spec: of the competition.
        user: their name.
        variables: what their shell must export, as `client_environment` has it.
        url: of the host, as they reach it.
    """
    parts = [f"# {spec.title}: for {user}", ""]
    parts += [f"This sheet holds your token, `{variables['KAGGLE_API_TOKEN']}`: anyone who has it "]
    parts[-1] += "submits as you. The leaderboard is at " + url + "."
    for section in help_sections(spec, variables, url):
        parts += ["", f"## {section.title}"]
        for paragraph in section.text:
            parts += ["", paragraph]
        if section.commands:
            parts += ["", f"```{section.shell}", *section.commands, "```"]
    return "\n".join([*parts, ""])


def help_variables(url: str) -> dict[str, str]:
    """Return the lines to export on the host's page: without a token."""
    return {
        "KAGGLE_API_ENVIRONMENT": "LOCALHOST",
        "KAGGLE_API_TOKEN": NO_TOKEN,
        "HTTP_PROXY": url,
        "http_proxy": url,
        "NO_PROXY": "",
        "no_proxy": "",
    }


def help_sections(spec: HostSpec, variables: Mapping[str, str], url: str) -> list[HelpSection]:
    """Return what a student needs, in the order in which it is needed.

    Args:
        spec: of the competition.
        variables: what the shell must export.
        url: of the host, as students reach it.
    """
    slug, ending = spec.slug, spec.format.file.suffix
    limit = f"{spec.daily_limit} submissions a day; the day begins at 00:00 UTC."
    if spec.deadline is not None:
        limit += f" The last one is taken at {spec.deadline.astimezone(UTC):%Y-%m-%d %H:%M} UTC."
    return [
        HelpSection(
            "Once: the client",
            (
                "Python 3.11 or newer. The official client of Kaggle sends your files; nothing of "
                "it goes to Kaggle.",
            ),
            ("python -m pip install kaggle six",),
        ),
        HelpSection(
            "In every new shell: where to send",
            (
                "These lines point the client at the host of this course, and at nothing else: a "
                "shell in which they were typed does not reach other sites over plain HTTP.",
            ),
            tuple(export_lines(variables)),
        ),
        HelpSection(
            "The same in PowerShell (Windows)",
            (),
            tuple(export_lines(variables, "powershell")),
            shell="powershell",
        ),
        HelpSection(
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
                f"kaggle competitions download {slug} -f sample_submission{ending}",
            ),
        ),
        HelpSection(
            "Submit, and read the score",
            (
                describe_format(spec),
                f"{limit} A file that cannot be scored does not count: the client prints why, and "
                f"`submissions` shows `ERROR`. Your team's page keeps the reason; there, too, you "
                f"tick your final submissions, with your token: {_address(url)}/competitions/"
                f"{slug}/team",
            ),
            (
                f'kaggle competitions submit {slug} -f submission{ending} -m "my first"',
                f"kaggle competitions submissions {slug}",
                f"kaggle competitions leaderboard {slug} -s",
            ),
        ),
        HelpSection(
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
                "podium check",
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


def data_readme(spec: HostSpec, files: Path) -> str:
    """Return what the files in `files` are, as Markdown."""
    n_train, n_test = (_count(files / part) for part in ("train", "test"))
    lines = [
        f"# {spec.title}",
        "",
        f"Submissions are scored by `{spec.metric.name}`: "
        f"{'higher' if spec.scored_by.greater_is_better else 'lower'} is better. A team has "
        f"{spec.daily_limit} a day (UTC).",
    ]
    if spec.deadline is not None:
        lines.append(f"The competition ends at {spec.deadline.astimezone(UTC):%Y-%m-%d %H:%M} UTC.")
    lines += [
        "",
        "| file | what it is |",
        "| --- | --- |",
        f"| `train/` | {plural(n_train, 'image')} to learn from |",
        "| `train.csv` | the id and label data of each; the image is `train/<id>.…` |",
    ]
    if (files / "train_masks").is_dir():
        lines.append(
            "| `train_masks/` | their masks: 0 is background, "
            + (
                "1, 2, … the classes in the order of competition.yaml, 255 unknown |"
                if spec.format.kind.is_exclusive
                else "255 foreground, 128 unknown |"
            )
        )
    lines += [
        f"| `test/` | {plural(n_test, 'image')} to predict |",
        "| `sample_submission.csv` | a valid submission with the same prediction for every image |",
        "| `competition.yaml` | the same for podium: `podium init data` in the folder above takes "
        "it |",
        "",
        describe_format(spec),
        "",
        "Names are numbers in no order, and files hold pixels alone: nothing but the picture "
        "reveals what it shows.",
        "",
    ]
    return "\n".join(lines)


def describe_format(spec: HostSpec) -> str:
    """Return what stands in the columns of a submission, in a sentence or two."""
    form = spec.format
    if form.file.kind == "png":
        each = "test image and class" if form.file.is_by_class else "test image"
        named = form.file.name.replace("{id}", "<id>").replace("{class}", "<class>")
        pixels = ", ".join(
            f"{form.png_value(value)} for {name}" for name, value in form.png_values.items()
        )
        what = "a colour (RGB)" if form.file.has_colours else "a number of 8 bits"
        return (
            f"A submission is a ZIP with a {form.file.picture} for each {each}, called `{named}`, "
            f"in the size of the image; each of its pixels is {what}: {pixels}."
        )
    header = ",".join(form.header)
    run = f"start{form.rle.join}{form.rle.second}{form.rle.between}"
    along = "down the columns" if form.rle.order == "F" else "along the rows"
    described = {
        "name": "the name of a class",
        "label": "the number of a class",
        "labels": f"the names of the classes, with {form.sep!r} between them",
        "prob": "a probability between 0 and 1",
        "scalar": "a number",
        "score": "a number",
        "topk": f"the {form.k} likeliest classes, the likeliest first, with {form.sep!r} between",
        "rle": f"the pixels of the mask as runs `{run}{run}…`, counted from {form.rle.base} "
        f"{along}; empty where there is nothing",
    }
    if form.rle.counts:
        described["rle"] = (
            f"how many pixels in turn are background and are of the mask, {along}: the first "
            "number is 0 where the first pixel is of the mask, and all sum to width × height"
            + (f"; {form.empty} where there is nothing" if form.empty else "")
        )
    content = described.get(form.value) or values.get(form.value).description
    where = "each of the others" if form.wide else "the last"
    part = "class" if form.row_names == form.classes else "output"
    rows = {"image": "test image", "image_class": f"test image and {part}"}
    each = f" with a row for each {rows[form.rows]}" if form.rows in rows else ""
    return (
        f"A submission is a CSV{each}. Its first line is `{header}`; the "
        f"first column is the id, {where} holds {content}."
    )


def _count(folder: Path) -> int:
    return sum(1 for _ in folder.iterdir())
