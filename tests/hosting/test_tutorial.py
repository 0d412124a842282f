"""docs/hosting.md, executed: a teacher's five commands and what a student types, on loopback.

The page leaves the rest of a student's commands to docs/tutorials/course.md, which
`tests/test_tutorials.py` runs; they are here for a class of several teams.
"""

from __future__ import annotations

import contextlib
import csv
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import pytest
import requests

from tests.miniatures import draw, save

PAGE = (Path(__file__).parents[2] / "docs/hosting.md").read_text(encoding="utf-8")
PROGRAMS = Path(sys.executable).parent
STUDENTS = "user,team\nann,the owls\nbo,the owls\neva,\n"
AFTER_THE_DOWNLOAD = [
    "python -m zipfile -e cats-and-dogs.zip data",
    'kaggle competitions submit cats-and-dogs -f data/sample_submission.csv -m "the sample"',
    "kaggle competitions submissions cats-and-dogs",
    "kaggle competitions leaderboard cats-and-dogs -s",
    "podium init cats-and-dogs",
    "cd cats-and-dogs",
    "podium check",
]


def part(title: str) -> str:
    """Return what stands below a heading of the page."""
    return re.split(r"^## ", PAGE.split(f"## {title}\n", 1)[1], flags=re.MULTILINE)[0]


def block(title: str) -> list[str]:
    """Return the lines of the indented blocks below a heading, without their comments."""
    lines = re.findall(r"^    (.+?)(?: +# .*)?$", part(title), flags=re.MULTILINE)
    return [line.strip() for line in lines]


@pytest.fixture
def course(tmp_path):
    """Return a folder with `pets/cat/…` and `pets/dog/…`."""
    rng = np.random.default_rng(5)
    for number in range(60):
        label = ("cat", "dog")[number % 2]
        save(tmp_path / f"pets/{label}/{label}{number:02d}.png", draw([label], 24, rng))
    (tmp_path / "students.csv").write_text(STUDENTS)
    return tmp_path


def sh(line: str, folder: Path) -> str:
    """Return what a command line prints; it must succeed."""
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", line],
        cwd=folder,
        env=environment(folder),
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, f"{line}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def environment(folder: Path) -> dict[str, str]:
    names = ("PATH", "LANG", "OMP_NUM_THREADS")
    kept = {name: os.environ[name] for name in names if name in os.environ}
    kept["PATH"] = f"{PROGRAMS}{os.pathsep}{kept['PATH']}"
    return {**kept, "HOME": str(folder)}


@contextlib.contextmanager
def served(line: str, folder: Path):
    """Run the page's command that serves, on a free port, until it is told to stop."""
    words = [*line.split(), "--port", "0"]
    server = subprocess.Popen(
        words,
        cwd=folder,
        env=environment(folder),
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        printed = ""
        while not (found := re.search(r"http://127\.0\.0\.1:\d+(?=\D)", printed)):
            line = server.stderr.readline()
            assert line, f"it ended: {printed}"
            printed += line
        assert requests.get(found[0], timeout=60).status_code == 200
        yield found[0]
    finally:
        server.send_signal(signal.SIGINT)
        server.communicate(timeout=60)
    assert server.returncode == 0


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def student(port: int, user: str, lines: list[str]) -> str:
    """Return the commands of a student as one script, of another user and port."""
    script = "\n".join(lines)
    return script.replace("--user ann", f"--user {user} --port {port}")


@pytest.mark.long
@pytest.mark.slow
def test_five_commands_make_a_class_competition(course):
    init, user, handout, serve, close, export, *rest = in_order()
    assert not rest
    printed = sh(init, course)
    # 60 images: 18 hidden, of which 5 are public.
    assert "images: 42 to learn from, 5 public and 13 private test images" in printed
    sh(user, course)
    tokens = (course / "pets-host/tokens.json").read_text()
    sheet = sh(handout, course)
    (token,) = re.findall(r"export KAGGLE_API_TOKEN=(\S+)", sheet)
    assert token in tokens
    typed = [*block("What a student does"), *AFTER_THE_DOWNLOAD]
    with served(serve, course) as url:
        port = urlsplit(url).port
        (course / "ann").mkdir()
        lines = [line.replace(" pets-host ", " ../pets-host ") for line in typed]
        shown = sh(student(port, "ann", lines), course / "ann")
        assert "Successfully submitted to Cats and dogs" in shown
        assert "the owls" in shown
        assert (course / "ann/data/train.csv").is_file()
        assert len(list((course / "ann/data/test").iterdir())) == 18
        taken = (course / "ann/cats-and-dogs/competition.yaml").read_bytes()
        assert taken == (course / "ann/data/competition.yaml").read_bytes()

        # eva knows the answers; bo is of ann's team.
        truth = rows(course / "pets-host/solution.csv")
        right = "id,label\n" + "".join(f"{row['id']},{row['label']}\n" for row in truth)
        (course / "submission.csv").write_text(right)
        env, *_ = typed
        submit = 'kaggle competitions submit cats-and-dogs -f submission.csv -m "all right"'
        sh(student(port, "eva", [env, submit]), course)

        board = requests.get(url, timeout=60).text
        assert board.index(">eva<") < board.index(">the owls<")
        assert "Public leaderboard, on 28% of the test images" in board
        assert "1.00000" in board
        helped = requests.get(f"{url}/competitions/cats-and-dogs/help", timeout=60).text
        assert f"export HTTP_PROXY={url}" in helped
        sh(close, course)
        board = requests.get(url, timeout=60).text
        assert "Final leaderboard, on the private part" in board
    sh(export, course)
    exported = (course / "class.csv").read_text()
    assert "eva" in exported
    assert "the owls" in exported


def in_order() -> list[str]:
    """Return the page's commands: init, user add, handout, serve, close, export."""
    inline = re.findall(r"`(podium host handout [^`]*)`", part("Five commands"))
    init, user, serve, close, export = block("Five commands")
    return [init, user, *inline, serve, close, export]


@pytest.mark.slow
def test_a_solution_and_a_sample_are_a_host_too(course):
    (line,) = block("From a solution")
    (course / "solution.csv").write_text("id,label,Usage\na,cat,Public\nb,dog,Private\n")
    (course / "sample_submission.csv").write_text("id,label\na,cat\nb,cat\n")
    (course / "public").mkdir()
    (course / "public/readme.txt").write_text("look")
    assert "images scored: 1 public, 1 private" in sh(line, course)
    assert (course / "pets-host/files/readme.txt").read_text() == "look"
