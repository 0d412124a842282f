"""docs/tutorials, executed: every file of a page is written, every command typed, in its order.

`podium` is forked from a process that has loaded it (`loaded_python.py`), but for the hosts; so is
what draws the data, which uses nothing of podium.
"""

from __future__ import annotations

import os
import re
import shlex
import signal
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
from loaded_python import PODIUM, loaded_programs, loaded_python

FOLDER = Path(__file__).parents[1] / "docs/tutorials"
PAGES = sorted(FOLDER.glob("*.md"))
_BLOCK = re.compile(r"^```(\w+)([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_MARK = "@@ done "
_LIMIT_S = 900
_WORDS_A_MINUTE = 80
"""Of someone who studies a text in a foreign language; a command takes twenty seconds beside it."""


@dataclass(frozen=True)
class Typed:
    """A command of a page, and what the page shows that it prints.

    Attributes:
        line: the command.
        shown: lines; `…` stands for any text, and alone in a line for any lines.
        manner: "background": it runs on until the page ends; "refused": it must fail, with what it
            prints as an error; else "".
    """

    line: str
    shown: str
    manner: str


def steps(page: str) -> list[Typed | tuple[str, str]]:
    """Return the commands of a page, and its files with their names, in their order."""
    found: list[Typed | tuple[str, str]] = []
    for language, details, text in _BLOCK.findall(page):
        if name := re.search(r'title="([^"]+)"', details):
            found.append((name[1], text))
        elif language == "console":
            for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
                line, _, shown = part.partition("\n")
                found.append(Typed(line, shown.rstrip("\n"), details.strip()))
    return found


def fits(shown: str, printed: str) -> bool:
    """Return whether a command printed what a page shows; how wide a table is does not matter.

    Lines are compared one by one: a single pattern of many `…` takes minutes to find no match.
    """
    lines = printed.splitlines()
    blocks: list[list[re.Pattern[str]]] = [[]]
    for line in shown.split("\n"):
        if line.strip() == "…":
            blocks.append([])
        else:
            words = [".*?".join(map(re.escape, word.split("…"))) for word in line.split()]
            blocks[-1].append(re.compile(r"[ ]*" + r"[ ]+".join(words) + "[ ]*"))

    def begins(at: int, block: list[re.Pattern[str]]) -> bool:
        there = lines[at : at + len(block)]
        return len(there) == len(block) and all(map(re.Pattern.fullmatch, block, there))

    if len(blocks) == 1:
        return len(lines) == len(blocks[0]) and begins(0, blocks[0])
    at, (first, *inner, last) = len(blocks[0]), blocks
    if not begins(0, first):
        return False
    for block in inner:
        found = next((i for i in range(at, len(lines) + 1) if begins(i, block)), None)
        if found is None:
            return False
        at = found + len(block)
    return at <= len(lines) - len(last) and begins(len(lines) - len(last), last)


@pytest.mark.parametrize(
    ("shown", "printed", "expected"),
    [
        ("a 0.9…", "a   0.95\n", True),
        ("a 0.9…", "a 0.85\n", False),
        ("a\n…\nz", "a\nb\nc\nz\n", True),
        ("a\n…\nz", "a\nz\n", True),
        ("a\nz", "a\nb\nz\n", False),
        ("…\nz", "a\nz\nlast\n", False),
        ("a\n…\nb\n…\nz", "a\nb\nb\nc\nz\n", True),
        ("a\n…\na", "a\n", False),
        ("…\nx y\n…", "a\n  x   y \nz\n", True),
        ("…", "", True),
    ],
)
def test_what_a_page_shows_is_compared_line_by_line(
    shown: str, printed: str, expected: bool
) -> None:
    assert fits(shown, printed) == expected


def minutes_to_follow(page: str) -> float:
    """Return the minutes of a careful reader at a page, without those of the computer."""
    prose = re.sub(_BLOCK, "", page)
    written = [one.shown if isinstance(one, Typed) else one[1] for one in steps(page)]
    commands = sum(isinstance(one, Typed) for one in steps(page))
    return sum(len(one.split()) for one in (prose, *written)) / _WORDS_A_MINUTE + commands / 3


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_tutorial_states_how_long_it_takes(page: Path) -> None:
    text = " ".join(page.read_text(encoding="utf-8").split())
    found = re.search(
        r"It takes (a quarter of an|half an) hour, of which a computer works for about two minutes",
        text,
    )
    assert found
    minutes = minutes_to_follow(page.read_text(encoding="utf-8")) + 2
    promised = {"a quarter of an": 15, "half an": 30}[found[1]]
    assert promised / 3 <= minutes <= promised * 1.05, f"{minutes:.0f} minutes"


@pytest.mark.first
@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_tutorial_does_what_it_shows(page: Path, tmp_path: Path) -> None:
    port = free_port()
    shell = Shell(tmp_path)
    try:
        for step in steps(page.read_text(encoding="utf-8")):
            if isinstance(step, Typed):
                shell.type(step, port)
            else:
                name, text = step
                (shell.folder / name).write_text(text, encoding="utf-8")
    finally:
        shell.end()
    assert not shell.other, "\n".join(shell.other)


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


class Shell:
    """A shell that a reader types into: its folder and its variables stay from line to line.

    Attributes:
        folder: where the next command runs.
        other: commands that did something else than their page shows, with what they printed.
    """

    def __init__(self, home: Path) -> None:
        # What pages call `python` is a fresh one: `import podium` must do there.
        self._programs = home / ".programs"
        self._programs.mkdir()
        (self._programs / "podium").symlink_to(loaded_programs() / "podium")
        names = ("LANG", "OMP_NUM_THREADS", "PYTHONPATH")
        kept = {name: os.environ[name] for name in names if name in os.environ}
        self._environment = {
            **kept,
            "PATH": os.pathsep.join([str(self._programs), str(PODIUM.parent), os.environ["PATH"]]),
            "HOME": str(home),
            "COLUMNS": "120",
        }
        self._home, self.folder = home, home
        self._variables = home / ".variables"
        self._variables.write_text("", encoding="utf-8")
        self._running: list[subprocess.Popen[bytes]] = []
        self.other: list[str] = []

    def type(self, step: Typed, port: int) -> None:
        """Run a command; one that does not do what the page shows is added to `other`."""
        line = step.line
        if line.startswith("podium host serve") or "podium host env" in line:
            line = re.sub(r"(podium host (?:serve|env)[^)\"]*)", rf"\1 --port {port}", line)
        line = re.sub(r"^python (?=make_\w+\.py$)", f"{shlex.quote(loaded_python())} ", line)
        if step.manner == "background":
            words = shlex.split(line.replace("podium", str(PODIUM), 1))  # it is sent a signal
            one = subprocess.Popen(words, cwd=self.folder, env=self._environment)
            self._running.append(one)
            wait_for(port, one)
            return
        script = (
            f". {self._variables}\n{line}\nstatus=$?\nexport -p > {self._variables}\n"
            f'printf "\\n{_MARK}%s" "$PWD"\nexit $status'
        )
        done = subprocess.run(
            ["bash", "-c", script],
            cwd=self.folder,
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=_LIMIT_S,
        )
        printed, _, folder = done.stdout.rpartition(f"\n{_MARK}")
        self.folder = Path(folder)
        is_refused = step.manner == "refused"
        if is_refused:
            printed = done.stderr
        printed = printed if printed.endswith("\n") or not printed else printed + "\n"
        is_other = bool(step.shown) and not fits(step.shown, printed)
        if is_other or (done.returncode != 0) != is_refused:
            self.other.append(f"$ {line}\n{step.shown}\n--- printed\n{printed}\n{done.stderr}")

    def end(self) -> None:
        for one in self._running:
            one.send_signal(signal.SIGINT)
            one.wait(timeout=60)


def wait_for(port: int, server: subprocess.Popen[bytes]) -> None:
    """Wait until a server listens; it must not have ended."""
    while True:
        assert server.poll() is None, "it ended"
        with socket.socket() as one:
            if one.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
