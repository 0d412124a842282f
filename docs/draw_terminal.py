"""Record `podium demo` in a terminal, and draw it as a picture that moves (docs/images/demo.svg).

    python docs/draw_terminal.py                        # runs the demo in a new folder: minutes
    python docs/draw_terminal.py --keep demo.json       # and keeps what was recorded
    python docs/draw_terminal.py --recording demo.json  # draws it again, in a second

What is drawn is what the terminal showed, without the progress bars, which it removes itself.
Pauses are shortened: the last line has the real time.
"""

from __future__ import annotations

import argparse
import fcntl
import json
import os
import pty
import re
import struct
import sys
import tempfile
import termios
import time
from dataclasses import dataclass
from html import escape
from pathlib import Path

TARGET = Path(__file__).parent / "images" / "demo.svg"
COLUMNS, ROWS = 100, 27
LETTER_PX, LINE_PX, MARGIN_PX, BAR_PX = 7.8, 18, 16, 30
# Seconds in the picture: a pause of the recording is shown as at most LONGEST_S.
TYPING_S, SHORTEST_S, LONGEST_S, END_S = 1.2, 0.12, 0.9, 8.0
COMMAND = "podium demo"

_CONTROL = re.compile(r"\x1b\[([0-9;?]*)([A-Za-z])")


@dataclass(frozen=True)
class Line:
    """A line of the terminal, and when it got its last change, in seconds."""

    text: str
    at: float


def record(folder: Path) -> list[tuple[float, str]]:
    """Return what `podium demo` writes to a terminal, each piece with its seconds."""
    started, pieces = time.monotonic(), []
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(folder)
        os.environ["TERM"] = "xterm-256color"
        os.execv(sys.executable, [sys.executable, "-m", *COMMAND.split()])
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 50, COLUMNS, 0, 0))
    while True:
        try:
            piece = os.read(terminal, 1 << 16)
        except OSError:  # Linux's way to tell the end
            break
        pieces.append((time.monotonic() - started, piece.decode(errors="replace")))
    if os.waitpid(child, 0)[1] != 0:
        raise SystemExit("".join(text for _, text in pieces)[-2000:])
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


def shown_at(lines: list[Line]) -> list[float]:
    """Return when each line appears in the picture, in seconds."""
    times, before = [], 0.0
    clock = TYPING_S
    for line in lines:
        clock += min(max(line.at - before, SHORTEST_S), LONGEST_S)
        before = max(before, line.at)
        times.append(clock)
    return times


def colour(text: str) -> str:
    """Return the class of a line."""
    if re.match(r"\[\d/\d\]", text):
        return "step"
    if re.match(r" *[─│]", text) or re.match(r" +\d[\d.]* s$", text):
        return "dim"
    return "plain"


def draw(lines: list[Line]) -> str:
    """Return the SVG: lines appear one after the other, the window scrolls, then it repeats."""
    times = shown_at(lines)
    total = times[-1] + END_S
    width = COLUMNS * LETTER_PX + 2 * MARGIN_PX
    height = BAR_PX + ROWS * LINE_PX + MARGIN_PX
    steps, texts = [], []
    for number, (line, at) in enumerate(zip(lines, times, strict=True)):
        start = 100 * at / total
        steps.append(f"@keyframes l{number}{{0%{{opacity:0}}{start:.2f}%{{opacity:1}}}}")
        shown = line.text[:COLUMNS]
        if shown:
            y = (number + 2) * LINE_PX
            texts.append(
                f'<text class="{colour(shown)}" y="{y}" textLength="{len(shown) * LETTER_PX:.1f}" '
                f'style="animation-name:l{number}">{escape(shown)}</text>'
            )
    scrolls = [
        f"{100 * at / total:.2f}%{{transform:translateY({-(number + 2 - ROWS) * LINE_PX}px)}}"
        for number, (line, at) in enumerate(zip(lines, times, strict=True))
        if number + 2 > ROWS
    ]
    end = -max(0, len(lines) + 1 - ROWS) * LINE_PX
    rules = "".join(steps) + f"@keyframes scroll{{0%{{transform:none}}{''.join(scrolls)}}}"
    typed = len(COMMAND)
    return f"""\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" role="img" \
aria-label="A terminal: podium demo, from data to a scored submission">
<style>
text{{font:13px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;\
white-space:pre;fill:#e6edf3}}
.step{{fill:#79c0ff;font-weight:600}}.dim{{fill:#8b949e}}.prompt{{fill:#7ee787}}
.rows text{{animation:{total:.2f}s step-end infinite}}
.rows{{animation:scroll {total:.2f}s step-end infinite;transform:translateY({end}px)}}
.typed{{animation:typed {total:.2f}s steps(1) infinite}}
{rules}
@media (prefers-reduced-motion:reduce){{.rows,.rows text,.hide{{animation:none!important}}\
.hide{{display:none}}}}
@keyframes type{{0%{{transform:none}}{100 * TYPING_S * 0.8 / total:.2f}%,100%\
{{transform:translateX({typed * LETTER_PX:.1f}px)}}}}
.hide{{animation:type {total:.2f}s linear infinite}}
</style>
<rect width="100%" height="100%" rx="10" fill="#0d1117"/>
<circle cx="20" cy="15" r="5" fill="#ff5f57"/><circle cx="38" cy="15" r="5" fill="#febc2e"/>\
<circle cx="56" cy="15" r="5" fill="#28c840"/>
<clipPath id="window"><rect y="4" width="{COLUMNS * LETTER_PX + 4:g}" \
height="{ROWS * LINE_PX:g}"/></clipPath>
<g transform="translate({MARGIN_PX} {BAR_PX})" clip-path="url(#window)"><g class="rows">
<text class="prompt" style="animation:none" y="{LINE_PX}" \
textLength="{2 * LETTER_PX}">$ </text><text style="animation:none" x="{2 * LETTER_PX}" \
y="{LINE_PX}" textLength="{typed * LETTER_PX:.1f}">{COMMAND}</text>
<rect class="hide" x="{2 * LETTER_PX}" y="4" width="{(typed + 1) * LETTER_PX}" height="{LINE_PX}" \
fill="#0d1117"/>
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
        pieces = json.loads(options.recording.read_text(encoding="utf-8"))
    else:
        with tempfile.TemporaryDirectory() as folder:
            pieces = record(Path(folder))
    if options.keep is not None:
        options.keep.write_text(json.dumps(pieces), encoding="utf-8")
    TARGET.write_text(draw(screen_lines(pieces)), encoding="utf-8")
    sys.stdout.write(f"{TARGET}: {TARGET.stat().st_size / 1000:.0f} kB\n")


if __name__ == "__main__":
    main()
