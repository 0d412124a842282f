"""A class as a CSV for its teacher: every submission, or one row for each team.

Text of participants is escaped, so that no spreadsheet runs it as a formula.
"""

from __future__ import annotations

import csv
from pathlib import Path

from podium.hosting.host import finals_of, private_leaderboard, public_leaderboard
from podium.hosting.spec import HostFolder
from podium.hosting.store import Row, Store
from podium.hosting.users import escape_formula, read_users
from podium.workspace.atomic import replacing

__all__ = ["export_class"]


def export_class(folder: HostFolder, to: Path, *, best: bool = False) -> int:
    """Write `to`, a CSV that only its owner reads, and return the number of rows.

    It holds private scores, and what participants wrote, as cells that no spreadsheet runs.

    Args:
        folder: of the host, at work or not.
        to: the file.
        best: a row for each team, with its ranks and the numbers of its finals, instead of one for
            each submission.
    """
    folder.spec()  # refuses what is no host's folder
    store = Store(folder.database)
    try:
        rows = list(reversed(store.submissions()))
    finally:
        store.close()
    table = _teams(folder, rows) if best else _submissions(rows)
    with (
        replacing(to, mode=0o600) as temporary,
        # With a byte order mark: spreadsheet programs take a CSV for UTF-8 only by that.
        temporary.open("w", encoding="utf-8-sig", newline="") as file,
    ):
        csv.writer(file, lineterminator="\n").writerows(table)
    return len(table) - 1


def _submissions(rows: list[Row]) -> list[list[object]]:
    header = "ref team user submitted_utc status public private is_final file description error"
    return [
        list(header.split()),
        *(
            [
                row["ref"],
                escape_formula(row["team"]),
                escape_formula(row["user"]),
                row["at"],
                row["status"],
                row["public"],
                row["private"],
                int(row["is_final"]),
                escape_formula(row["file_name"]),
                escape_formula(row["description"]),
                escape_formula(row["error"]),
            ]
            for row in rows
        ),
    ]


def _teams(folder: HostFolder, rows: list[Row]) -> list[list[object]]:
    spec = folder.spec()
    higher = spec.scored_by.greater_is_better
    public = public_leaderboard(rows, higher_is_better=higher)
    private = private_leaderboard(rows, finals=spec.finals, higher_is_better=higher)
    places = [{team: i for i, (team, *_) in enumerate(one, 1)} for one in (public, private)]
    scores = [{team: score for team, score, _ in one} for one in (public, private)]
    users = read_users(folder.tokens).values()
    # A student without a submission has a row, too: a teacher marks the whole class.
    teams = dict.fromkeys(
        [t for t, *_ in private] + [row["team"] for row in rows] + [u.team for u in users]
    )
    header = "private_rank public_rank team users private public submissions valid final_refs"
    table: list[list[object]] = [list(header.split())]
    for team in teams:
        mine = [row for row in rows if row["team"] == team]
        members = dict.fromkeys(
            [u.name for u in users if u.team == team] + [row["user"] for row in mine]
        )
        finals = finals_of(mine, finals=spec.finals, higher_is_better=higher)
        table.append(
            [
                places[1].get(team),
                places[0].get(team),
                escape_formula(team),
                " ".join(members),
                scores[1].get(team),
                scores[0].get(team),
                len(mine),
                sum(row["status"] == "COMPLETE" for row in mine),
                " ".join(str(row["ref"]) for row in finals),
            ]
        )
    return table
