"""Record a first competition in a terminal, and draw a picture that moves: images/terminal.svg.

    python docs/draw_terminal.py                           # records, and draws: minutes of CPU
    python docs/draw_terminal.py --keep session.json       # keeps what was recorded
    python docs/draw_terminal.py --recording session.json  # draws it again, in a second

The data are scikit-learn's digits, 630 labelled and 270 hidden behind a host on this machine. What
is drawn is what the terminal showed, without the progress bars, which it removes itself. Pauses are
shortened.
"""

from __future__ import annotations

import argparse
import fcntl
import json
import os
import pty
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import termios
import time
from dataclasses import dataclass
from html import escape
from pathlib import Path

import numpy as np
from PIL import Image
from sklearn.datasets import load_digits

TARGET = Path(__file__).parent / "images" / "terminal.svg"
COLUMNS, ROWS = 100, 26
LETTER_PX, LINE_PX, MARGIN_PX, BAR_PX = 7.8, 18, 16, 30
# Seconds in the picture: a pause of the recording is shown as at most LONGEST_S.
COMMAND_S, SHORTEST_S, LONGEST_S, END_S = 1.2, 0.05, 0.35, 6.0
N_IMAGES = 900
SESSION = (
    "podium init ../digits",
    "sed -i 's|host: null|host: ../host|' competition.yaml   # a host of our own, not Kaggle",
    "podium check",
    "podium train baseline -o model.backbone=cnn -o model.pretrained=false -o input.size=32",
    "podium blend",
    "podium submit",
    "podium",
)

_CONTROL = re.compile(r"\x1b\[([0-9;?]*)([A-Za-z])")


@dataclass(frozen=True)
class Line:
    """A line of the terminal, and when it got its last change, in seconds."""

    text: str
    at: float


def lay_out(folder: Path) -> None:
    """Make a competition of scikit-learn's digits: `digits` to start from, `host` to submit to."""
    digits = load_digits()
    for number, (pixels, name) in enumerate(zip(digits.images, digits.target, strict=True)):
        if number < N_IMAGES:
            image = Image.fromarray((pixels * 255 / 16).astype(np.uint8)).resize((32, 32))
            file = folder / "all" / str(name) / f"{number}.png"
            file.parent.mkdir(parents=True, exist_ok=True)
            image.save(file)
    program = folder / "bin" / "podium"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m podium "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    for words in (
        "init host --from all --hold-out 0.3 --metric accuracy --title Digits --seed 1",
        "user add host you",
    ):
        subprocess.run([program, "host", *words.split()], cwd=folder, check=True)
    not_theirs = shutil.ignore_patterns("competition.yaml", "README.md")
    shutil.copytree(folder / "host/files", folder / "digits", ignore=not_theirs)
    (folder / "competition").mkdir()


def record(folder: Path, command: str) -> list[tuple[float, str]]:
    """Return what a command writes to a terminal, each piece with its seconds.

    Raises:
        SystemExit: it failed.
    """
    started, pieces = time.monotonic(), []
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(folder / "competition")
        os.environ.update(TERM="xterm-256color", PATH=f"{folder / 'bin'}:{os.environ['PATH']}")
        os.execvp("bash", ["bash", "--norc", "-c", command])
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 50, COLUMNS, 0, 0))
    while True:
        try:
            piece = os.read(terminal, 1 << 16)
        except OSError:  # Linux's way to tell the end
            break
        # The temporary folder has a name that says nothing: it is shown as the home folder.
        text = piece.decode(errors="replace").replace(str(folder), "~")
        pieces.append((time.monotonic() - started, text))
    if os.waitpid(child, 0)[1] != 0:
        raise SystemExit(f"{command}: {''.join(text for _, text in pieces)[-2000:]}")
    return pieces


def screen_lines(pieces: list[tuple[float, str]]) -> list[Line]:
    """Return the lines that stay: carriage returns, cursor up and erase are done as they come."""
    rows: list[list[str]] = [[]]
    changed = [0.0]
    row = column = 0
    for at, text in pieces:
        end = 0
        while end < len(text):
            control = _CONTROL.match(text, end)
            if control is not None:
                end = control.end()
                n = int(control[1]) if control[1].isdigit() else 1
                if control[2] == "A":
                    row = max(0, row - n)
                elif control[2] == "K":
                    rows[row] = [] if control[1] == "2" else rows[row][:column]
                continue
            letter = text[end]
            end += 1
            if letter == "\r":
                column = 0
            elif letter == "\n":
                row, column = row + 1, 0
                if row == len(rows):
                    rows.append([])
                    changed.append(at)
            elif letter >= " ":
                rows[row] += " " * (column + 1 - len(rows[row]))
                rows[row][column] = letter
                changed[row] = at
                column += 1
    lines = [Line("".join(one).rstrip(), at) for one, at in zip(rows, changed, strict=True)]
    while lines and not lines[-1].text:
        lines.pop()
    return lines


def in_the_picture(session: list[tuple[str, list[tuple[float, str]]]]) -> list[Line]:
    """Return every line of the picture with its seconds there, commands with their prompt."""
    lines, clock = [], 0.0
    for command, pieces in session:
        lines.append(Line(f"$ {command}", clock))
        clock += COMMAND_S
        before = 0.0
        for line in screen_lines(pieces):
            clock += min(max(line.at - before, SHORTEST_S), LONGEST_S)
            before = max(before, line.at)
            lines += [Line(part, clock) for part in folded(line.text)]
        lines.append(Line("", clock))
    return lines


def folded(text: str) -> list[str]:
    """Return a line as a terminal of this width shows it."""
    return [text[at : at + COLUMNS] for at in range(0, max(len(text), 1), COLUMNS)]


def colour(text: str) -> str:
    """Return the class of a line."""
    if text.startswith("$ "):
        return "command"
    return "dim" if re.match(r" *[─│]", text) else "plain"


def draw(lines: list[Line]) -> str:
    """Return the SVG: lines appear one after the other, the window scrolls, then it repeats."""
    total = lines[-1].at + END_S
    width = COLUMNS * LETTER_PX + 2 * MARGIN_PX
    height = BAR_PX + ROWS * LINE_PX + MARGIN_PX
    steps, texts, scrolls = [], [], {}
    for number, line in enumerate(lines):
        percent = f"{100 * line.at / total:.2f}"
        if line.text:
            steps.append(f"@keyframes l{number}{{0%{{opacity:0}}{percent}%{{opacity:1}}}}")
            texts.append(
                f'<text class="{colour(line.text)}" y="{(number + 1) * LINE_PX}" '
                f'textLength="{len(line.text) * LETTER_PX:.1f}" '
                f'style="animation-name:l{number}">{escape(line.text)}</text>'
            )
        if number >= ROWS:
            scrolls[percent] = -(number + 1 - ROWS) * LINE_PX
    end = -max(0, len(lines) - ROWS) * LINE_PX
    moves = "".join(f"{at}%{{transform:translateY({y}px)}}" for at, y in scrolls.items())
    return f"""\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" role="img" \
aria-label="A terminal: podium from a folder of data to a scored submission">
<style>
text{{font:13px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;\
white-space:pre;fill:#e6edf3;animation:{total:.2f}s step-end infinite}}
.command{{fill:#7ee787;font-weight:600}}.dim{{fill:#8b949e}}
.rows{{animation:scroll {total:.2f}s step-end infinite;transform:translateY({end}px)}}
{"".join(steps)}
@keyframes scroll{{0%{{transform:none}}{moves}}}
@media (prefers-reduced-motion:reduce){{.rows,text{{animation:none!important}}}}
</style>
<rect width="100%" height="100%" rx="10" fill="#0d1117"/>
<circle cx="20" cy="15" r="5" fill="#ff5f57"/><circle cx="38" cy="15" r="5" fill="#febc2e"/>\
<circle cx="56" cy="15" r="5" fill="#28c840"/>
<clipPath id="window"><rect y="4" width="{COLUMNS * LETTER_PX + 4:g}" \
height="{ROWS * LINE_PX:g}"/></clipPath>
<g transform="translate({MARGIN_PX} {BAR_PX})" clip-path="url(#window)"><g class="rows">
{chr(10).join(texts)}
</g></g>
</svg>
"""


def main() -> None:
    """Record or read, and draw."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--recording", type=Path, help="draw this one, and run nothing")
    parser.add_argument("--keep", type=Path, help="write what was recorded to this file")
    options = parser.parse_args()
    if options.recording is not None:
        session = json.loads(options.recording.read_text(encoding="utf-8"))
    else:
        with tempfile.TemporaryDirectory() as name:
            lay_out(Path(name))
            session = [(command, record(Path(name), command)) for command in SESSION]
    if options.keep is not None:
        options.keep.write_text(json.dumps(session), encoding="utf-8")
    TARGET.write_text(draw(in_the_picture(session)), encoding="utf-8")
    sys.stdout.write(f"{TARGET}: {TARGET.stat().st_size / 1000:.0f} kB\n")


if __name__ == "__main__":
    main()
