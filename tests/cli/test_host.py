"""What `podium host` prints to a teacher."""

from __future__ import annotations

import os
import shlex
import socket
from pathlib import Path

import pytest
from command_line import podium
from miniatures import class_folders
from PIL import Image
from typer.testing import CliRunner

from podium.cli.app import app


@pytest.fixture
def host(tmp_path: Path) -> Path:
    (tmp_path / "solution.csv").write_text("id,label,Usage\na,cat,Public\nb,dog,Private\n")
    (tmp_path / "sample.csv").write_text("id,label\na,cat\nb,cat\n")
    return tmp_path / "host"


def make(host: Path, *words: str, code: int = 0) -> str:
    from_solution = ("--solution", host.parent / "solution.csv", "--sample",
                     host.parent / "sample.csv", "--metric", "accuracy")  # fmt: skip
    return podium(
        host.parent, "host", "init", host, *from_solution, "--classes", "cat,dog", *words, code=code
    )


def test_host_without_files_requires_them(host: Path) -> None:
    note = f"note: {host / 'files'} has no images yet: put there what students download"
    assert note in make(host)


def test_a_host_with_files_does_not(host: Path) -> None:
    public = host.parent / "public"
    public.mkdir()
    (public / "a.txt").write_text("a")
    assert "no images yet" not in make(host, "--files", str(public))


@pytest.mark.parametrize(("n_public", "step"), [(1, "1"), (17, "0.059"), (50, None)])
def test_few_public_images_come_with_the_step_that_one_of_them_makes(
    host: Path, n_public: int, step: str | None
) -> None:
    rows = [(f"p{n}", "Public") for n in range(n_public)] + [("z", "Private")]
    for file, header in (("solution", "id,label,Usage\n"), ("sample", "id,label\n")):
        cells = [[one, "dog" if n % 2 else "cat", usage] for n, (one, usage) in enumerate(rows)]
        lines = [",".join(row[: 3 if file == "solution" else 2]) for row in cells]
        (host.parent / f"{file}.csv").write_text(header + "\n".join([*lines, ""]))
    printed = make(host)
    note = f"note: one wrong image of {n_public} public can move the public accuracy by about "
    if step is None:
        assert "can move" not in printed
    else:
        assert f"{note}{step}: " in printed


def test_without_a_metric_those_that_fit_the_data_are_listed(host: Path) -> None:
    data = host.parent / "pets"
    for label in ("cat", "dog"):
        for number in range(6):
            path = data / label / f"{number}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.new("RGB", (8, 8), (number * 40, ord(label[0]), 0)).save(path)
    words = ("host", "init", host.parent / "other", "--from", data)
    refused = podium(host.parent, *words, code=2)
    assert "name the metric that submissions are scored by" in refused
    assert "add --metric accuracy; these fit: accuracy, " in refused
    assert not [one for one in ("mean_dice", "rmse") if one in refused]
    assert not (host.parent / "other").exists()


def test_deadlines_are_printed_alike(host: Path) -> None:
    make(host)
    closed = podium(host.parent, "host", "close", host, "--at", "2099-12-20T18:00")
    reopened = podium(host.parent, "host", "reopen", host, "--until", "2099-12-24T18:00")
    assert closed == "the deadline is 2099-12-20 18:00:00 UTC; a running host applies it already\n"
    assert "submissions are taken again; the deadline is 2099-12-24 18:00:00 UTC; a" in reopened
    assert "taken again; a running" in podium(host.parent, "host", "reopen", host)


def test_a_deadline_that_is_past_is_refused(host: Path) -> None:
    assert "--deadline 2021-05-05 is past" in make(host, "--deadline", "2021-05-05", code=2)
    make(host)
    words = ("host", "reopen", host, "--until", "2021-05-05")
    assert "--until 2021-05-05 is past" in podium(host.parent, *words, code=2)


def test_a_metric_that_there_is_not_is_refused_with_the_nearest(host: Path) -> None:
    words = ("host", "init", host, "--from", host.parent, "--metric", "acuracy")
    refused = podium(host.parent, *words, code=2)
    assert refused.startswith("podium: there is no 'acuracy' among the metrics\n  fix: write acc")


def test_a_user_who_moves_to_another_team_is_named(host: Path) -> None:
    make(host, "--users", "ann,bo")
    added = podium(host.parent, "host", "user", "add", host, "ann", "cy", "--team", "blue")
    assert [one for one in added.splitlines() if one.startswith("note")] == [
        "note: ann moved from team ann to blue; earlier submissions stay with ann"
    ]
    assert "note" not in podium(host.parent, "host", "user", "add", host, "ann", "bo")


def test_a_solution_with_semicolons_or_of_a_pipe_is_refused_with_the_fix(host: Path) -> None:
    make(host)
    new = host.parent / "new.csv"
    new.write_text("id;label;Usage\na;cat;Public\nb;dog;Private\n")
    refused = podium(host.parent, "host", "rescore", host, "--solution", new, code=2)
    assert "'id;label;Usage'" in refused
    assert "separate the cells with commas" in refused
    ends = os.pipe()
    words = ("host", "rescore", host, "--solution", f"/dev/fd/{ends[0]}")
    refused = podium(host.parent, *words, code=2)
    for end in ends:
        os.close(end)
    assert "the file is a pipe\n  fix: write it to a file first" in refused


def test_a_rescore_counts_what_changed(host: Path) -> None:
    make(host)
    assert podium(host.parent, "host", "rescore", host).endswith(
        "scores of 0 submissions changed\n"
    )


@pytest.mark.parametrize("command", ["env", "handout"])
def test_lines_for_an_unreachable_address_come_with_a_note(host: Path, command: str) -> None:
    make(host, "--users", "ann")
    with socket.socket() as one:  # which does not listen
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
        shown = podium(host.parent, "host", command, host, "--user", "ann", "--port", port)
    assert f"http://127.0.0.1:{port}" in shown
    assert f"nothing answers at http://127.0.0.1:{port} now" in shown


def test_the_host_and_a_participant_are_shown_the_next_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    class_folders(tmp_path / "pets")
    made = ("host", "init", "my host", "--from", "pets", "--metric", "accuracy", "--seed", "1")
    without, named = podium(tmp_path, *made), podium(tmp_path, *made[:2], "other", *made[3:],
                                                     "--users", "ann")  # fmt: skip
    first, second, serve, participant, init = without.splitlines()[-5:]
    place = str(tmp_path / "my host")
    assert first == "next, as the host:"
    assert shlex.split(second) == [
        *("podium", "host", "user", "add"),
        *(place, "--from", "students.csv"),
    ]
    assert shlex.split(serve) == ["podium", "host", "serve", place]
    assert participant == "next, as a participant on this machine, in an empty folder:"
    assert "host user add" not in named
    assert f"  podium host serve {tmp_path / 'other'}\n" in named
    # Typed in an empty folder it makes a workspace.
    (tmp_path / "mine").mkdir()
    monkeypatch.chdir(tmp_path / "mine")
    program, *words = shlex.split(init)
    assert program == "podium"
    assert CliRunner().invoke(app, words).exit_code == 0
    assert (tmp_path / "mine/competition.yaml").is_file()
