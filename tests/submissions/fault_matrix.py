"""The fault matrix: every call of a submission, broken in every way, and the command killed.

    python tests/submissions/fault_matrix.py [--only CALL] [--jobs 4]

It runs `podium submit` with the unmodified official client against a faulty host on loopback, then
the same command with the fault gone, and prints both tables as Markdown, and a summary of the first
for docs/faults.md. A cell says what the first run said, and how many submissions the host had
after the first and after the second run:

    sent      it is submitted and scored          found    it was in doubt, looked, and found it
    unscored  it is submitted; no score yet       doubt    it cannot say whether it arrived
    refused   nothing was submitted

For a killed command it is what the receipt said. The exit code is 1 if a cell breaks a rule.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

sys.path[:] = [entry for entry in sys.path if Path(entry or ".").resolve() != Path(__file__).parent]
sys.path.insert(0, str(Path(__file__).parents[1]))

from submissions.fault_matrix_cell import LATE_S, Cell, Outcome, tried  # noqa: E402
from submissions.faulty_host import KINDS, Fault, Hold  # noqa: E402

__all__ = [
    "FAULT_ROWS",
    "HOLD_ROWS",
    "KILL_COLUMNS",
    "STAGES",
    "STEPS",
    "STEP_NAMES",
    "cells",
    "printed",
    "summary",
]


@dataclass(frozen=True)
class FaultRow:
    """A call at one moment, the client's function that makes it, and what broke before."""

    name: str
    call: str
    phase: str
    function: str
    base: tuple[Fault, ...] = ()


@dataclass(frozen=True)
class HoldRow:
    """A request during which something is killed."""

    name: str
    call: str
    phase: str
    when: str
    late_s: float | None = None


_ARRIVED = (Fault("CreateSubmission", "lost after", "upload"),)
_LOST = (Fault("CreateSubmission", "lost before", "upload"),)
_NO_FILE = (Fault("DownloadLeaderboard", "404", "board", always=True),)
FAULT_ROWS = (
    FaultRow("IntrospectToken (look)", "IntrospectToken", "before", "look"),
    FaultRow("ListSubmissions (look)", "ListSubmissions", "before", "look"),
    FaultRow("GetSubmissionLimits", "GetSubmissionLimits", "before", "look"),
    FaultRow("IntrospectToken (upload)", "IntrospectToken", "upload", "submit"),
    FaultRow("StartSubmissionUpload", "StartSubmissionUpload", "upload", "submit"),
    FaultRow("PUT of the bytes", "PUT", "upload", "submit"),
    FaultRow("CreateSubmission", "CreateSubmission", "upload", "submit"),
    FaultRow(
        "ListSubmissions (in doubt: it arrived)", "ListSubmissions", "doubt", "look", _ARRIVED
    ),
    FaultRow("ListSubmissions (in doubt: it did not)", "ListSubmissions", "doubt", "look", _LOST),
    FaultRow("IntrospectToken (in doubt)", "IntrospectToken", "doubt", "look", _ARRIVED),
    FaultRow("IntrospectToken (poll)", "IntrospectToken", "poll", "wait"),
    FaultRow("ListSubmissions (poll)", "ListSubmissions", "poll", "wait"),
    FaultRow("ListSubmissions (board)", "ListSubmissions", "board", "listing"),
    FaultRow("DownloadLeaderboard", "DownloadLeaderboard", "board", "listing"),
    FaultRow("GetLeaderboard", "GetLeaderboard", "board", "listing", _NO_FILE),
)
ACTING = ("StartSubmissionUpload", "PUT", "CreateSubmission")
STAGES = {
    "token, list and limits, before the upload": FAULT_ROWS[:4],
    "the upload of the bytes": FAULT_ROWS[4:6],
    "creating the submission": FAULT_ROWS[6:7],
    "looking for a submission whose answer was lost": FAULT_ROWS[7:10],
    "waiting for the score": FAULT_ROWS[10:12],
    "the board": FAULT_ROWS[12:],
}
WORDS = ("sent", "found", "unscored", "refused", "doubt")

STEPS = (
    "call look", "write uploading", "call submit", "write submitted", "call wait",
    "write complete", "call listing", "end",
)  # fmt: skip
STEP_NAMES = (
    "before anything is asked", "before the receipt is written", "before the upload's process",
    "answered; before the receipt says so", "before the wait for the score",
    "scored; before the receipt says so", "before the board", "at the very end",
)  # fmt: skip
HOLD_ROWS = (
    HoldRow("during ListSubmissions (look)", "ListSubmissions", "before", "before"),
    HoldRow("during IntrospectToken (upload)", "IntrospectToken", "upload", "before"),
    HoldRow("during StartSubmissionUpload", "StartSubmissionUpload", "upload", "after"),
    HoldRow("half of the bytes sent", "PUT", "upload", "half"),
    HoldRow("all bytes sent", "PUT", "upload", "after"),
    HoldRow("CreateSubmission came, not handled", "CreateSubmission", "upload", "before"),
    HoldRow("CreateSubmission came, handled later", "CreateSubmission", "upload", "before", LATE_S),
    HoldRow("CreateSubmission handled, no answer", "CreateSubmission", "upload", "after"),
    HoldRow("during ListSubmissions (poll)", "ListSubmissions", "poll", "before"),
    HoldRow("during ListSubmissions (board)", "ListSubmissions", "board", "before"),
)
KILL_COLUMNS = ("command", "client", "both")
Key = tuple[str, str, str]  # row, column, "once" | "always" | ""


def cells(only: str = "") -> dict[Key, Cell]:
    """Return every cell, those of `only` (a part of a row's name) where it is given."""
    made = {**dict(_fault_cells()), **dict(_kill_cells())}
    return {key: cell for key, cell in made.items() if only.lower() in key[0].lower()}


def _fault_cells() -> Iterator[tuple[Key, Cell]]:
    for row in FAULT_ROWS:
        for kind in KINDS:
            if kind in ("slow, acted", "acts later") and row.call not in ACTING:
                continue  # what only reads acts upon nothing
            if kind in ("403, acted", "429, acted", "listed late") and row.call != ACTING[-1]:
                continue  # only what is listed can be listed late, or be there all the same
            for always in (False, True):
                broken = Fault(row.call, kind, row.phase, always, LATE_S)
                # The official client tries a PUT for minutes: the time limit ends it.
                is_slow = kind.startswith("slow") or row.call == "PUT"
                yield (
                    (row.name, kind, "always" if always else "once"),
                    Cell(
                        (*row.base, broken),
                        slow=(row.function,) if is_slow else (),
                        board=row.phase == "board",
                        forget=always,
                    ),
                )


def _kill_cells() -> Iterator[tuple[Key, Cell]]:
    for number, name in enumerate(STEP_NAMES):
        yield (name, "command", ""), Cell(kill=number, board=True, forget=number % 2 == 0)
    for row in HOLD_ROWS:
        for what in KILL_COLUMNS:
            held = Hold(row.call, row.phase, row.when, row.late_s)
            is_board = row.phase == "board"
            yield (
                (row.name, what, ""),
                Cell(kill=what, hold=held, board=is_board, forget=what == "both"),
            )


def printed(found: Mapping[Key, Outcome]) -> str:
    """Return both tables as Markdown."""
    kills = (*STEP_NAMES, *(row.name for row in HOLD_ROWS))
    return "\n".join(
        [
            *_table("call", [row.name for row in FAULT_ROWS], KINDS, found),
            "",
            *_table("killed", kills, KILL_COLUMNS, found),
        ]
    )


def summary(found: Mapping[Key, Outcome]) -> str:
    """Return how often each outcome came, by the stage of the broken call, as Markdown."""
    lines = [
        "| fault in | the fault comes once | the fault comes at every call |",
        "| --- | --- | --- |",
    ]
    for stage, rows in STAGES.items():
        names = {row.name for row in rows}
        cells_of = []
        for often in ("once", "always"):
            counts = Counter(
                one.word for (row, _, when), one in found.items() if row in names and when == often
            )
            cells_of.append(", ".join(f"{w} {counts[w]}" for w in WORDS if counts[w]) or "·")
        lines.append(f"| {stage} | {' | '.join(cells_of)} |")
    return "\n".join(lines)


def _table(
    corner: str, rows: Sequence[str], columns: Sequence[str], found: Mapping[Key, Outcome]
) -> Iterator[str]:
    yield f"| {' | '.join((corner, *columns))} |"
    yield f"|{' --- |' * (len(columns) + 1)}"
    for row in rows:
        said = [_cell_text(row, column, found) for column in columns]
        if any(said):
            yield f"| {' | '.join((row, *(one or '·' for one in said)))} |"


def _cell_text(row: str, column: str, found: Mapping[Key, Outcome]) -> str:
    """Return the cell's text: once and always, where they differ."""
    outcomes = [
        found[row, column, often]
        for often in ("once", "always", "")
        if (row, column, often) in found
    ]
    said = list(
        dict.fromkeys(("**FAILS** " if one.problems else "") + str(one) for one in outcomes)
    )
    return " / ".join(said)


def main() -> None:
    """Run the matrix and print it."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--only", default="", help="rows whose name holds this")
    parser.add_argument("--every", type=int, default=1, help="every so many of them alone")
    parser.add_argument("--jobs", type=int, default=4, help="cells at the same time")
    options = parser.parse_args()
    chosen = dict(list(cells(options.only).items())[:: options.every])
    with ThreadPoolExecutor(options.jobs) as pool:
        found = dict(zip(chosen, pool.map(tried, chosen.values()), strict=True))
    failures = {key: one for key, one in found.items() if one.problems}
    sys.stdout.write(
        f"{printed(found)}\n\n{summary(found)}\n\n{len(found)} cells, {len(failures)} failures\n"
    )
    for key, one in failures.items():
        lines = [f"\n{' · '.join(key)}: {one}", *one.problems]
        sys.stderr.write("\n  ".join(lines) + "\n")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
