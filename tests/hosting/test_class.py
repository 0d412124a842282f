"""A class at work: teams, the end, finals, rescoring and export, against numbers by hand."""

from __future__ import annotations

import csv
import sqlite3
import stat
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from podium.errors import DataError, UsageError
from podium.hosting import running
from podium.hosting.export import export_class
from podium.hosting.host import Host, private_leaderboard, public_leaderboard
from podium.hosting.protocol import respond
from podium.hosting.scoring.rescoring import rescore
from podium.hosting.scoring.score import SubmissionScores
from podium.hosting.spec import HostFolder, parse_deadline, set_deadline
from podium.hosting.store import Store
from podium.hosting.users import add_users, remove_users
from tests.hosting.test_app import SERVICE, Served
from tests.recorded_progress import RecordedProgress


def entry(ref, team, public, private, *, final=False, status="COMPLETE"):
    about = {"ref": ref, "team": team, "public": public, "private": private}
    return {**about, "at": f"2026-01-{ref:02}", "is_final": final, "status": status}


ENTRIES = [
    entry(1, "a", 0.9, 0.1),
    entry(2, "a", 0.8, 0.2),
    entry(3, "a", 0.1, 0.9),  # best private, but neither chosen nor among the two best public
    entry(4, "b", 0.5, 0.6),
    entry(5, "b", 0.6, 0.3),
    entry(6, "b", 0.4, 0.7, final=True),
    entry(7, "c", None, None, status="ERROR"),
]


def test_private_board_uses_chosen_submissions_else_the_best_public_ones():
    public = public_leaderboard(ENTRIES, higher_is_better=True)
    assert [(team, score) for team, score, _ in public] == [("a", 0.9), ("b", 0.6)]
    private = private_leaderboard(ENTRIES, finals=2, higher_is_better=True)
    assert [(team, score) for team, score, _ in private] == [("b", 0.7), ("a", 0.2)]
    lower = private_leaderboard(ENTRIES, finals=1, higher_is_better=False)
    assert [(team, score) for team, score, _ in lower] == [("b", 0.7), ("a", 0.9)]


def test_without_private_rows_the_public_scores_stay():
    entries = [entry(1, "a", 0.2, None), entry(2, "a", 0.4, None)]
    (row,) = private_leaderboard(entries, finals=2, higher_is_better=True)
    assert row[:2] == ("a", 0.4)


def test_two_of_a_team_share_quota_submissions_and_place(host_of, answers):
    folder = HostFolder(host_of())
    add_users(folder, [("cho", "<b>red</b>"), ("dee", "<b>red</b>")])
    with running(folder.root) as hosted:
        served = Served(hosted)
        assert served.submit(answers.text(3).encode(), user="cho").status_code == 200
        assert served.submit(answers.text(1).encode(), user="dee").status_code == 200
        refused = served.submit(answers.text(0).encode(), user="cho")
        assert "daily submission allowance (2)" in refused.json()["message"]
        listed = served.call("ListSubmissions", user="dee").json()["submissions"]
        assert [(one["submittedBy"], one["teamName"]) for one in listed] == [
            ("dee", "<b>red</b>"),
            ("cho", "<b>red</b>"),
        ]
        assert served.call("GetSubmissionLimits", user="cho").json()["numAllowedNow"] == 0
        board = served.call("GetLeaderboard").json()["submissions"]
        assert [one["teamName"] for one in board] == ["<b>red</b>"]
        token = served.headers("cho")
        remove_users(folder, ["cho"])
        assert served.call("ListSubmissions", headers=token).status_code == 401


def test_a_running_host_knows_that_it_was_closed_and_reopened(host_of, answers):
    folder = HostFolder(host_of())
    with running(folder.root) as hosted:
        served = Served(hosted)
        served.submit(answers.text(5).encode())
        set_deadline(folder, parse_deadline("now") - timedelta(seconds=1))
        start = served.call("StartSubmissionUpload", {"contentLength": 3})
        assert "deadline" in start.json()["message"]
        (row,) = served.call("GetLeaderboard").json()["submissions"]
        right = answers.decisions(5) == answers.truth
        assert row["score"] == f"{right[~answers.public].mean():.5f}"
        (row,) = served.call("GetLeaderboard", {"overridePublic": True}).json()["submissions"]
        assert row["score"] == f"{right[answers.public].mean():.5f}"
        set_deadline(folder, None)
        assert served.call("StartSubmissionUpload", {"contentLength": 3}).status_code == 200


def test_a_moment_is_in_utc_unless_it_names_a_zone():
    assert parse_deadline("2026-12-20T18:00") == datetime(2026, 12, 20, 18, tzinfo=UTC)
    assert parse_deadline("2026-12-20T18:00+01:00") == datetime(2026, 12, 20, 17, tzinfo=UTC)
    with pytest.raises(UsageError, match="no moment"):
        parse_deadline("tomorrow")


def test_a_corrected_solution_scores_every_upload_again_while_the_host_runs(
    host_of, answers, tmp_path
):
    folder = HostFolder(host_of())
    lines = folder.solution.read_text().splitlines()
    wrong = "b" if lines[1].split(",")[1] == "a" else "a"
    new = tmp_path / "new.csv"
    new.write_text("\n".join([lines[0], f"000,{wrong},Public", *lines[2:], ""]))
    with running(folder.root) as hosted:
        served = Served(hosted)
        served.submit(answers.text().encode())
        (change,) = rescore(folder, new)
        assert (change.before, change.after) == (
            SubmissionScores(1.0, 1.0),
            SubmissionScores(0.8, 1.0),
        )
        assert served.submit(answers.text().encode()).json()["ref"] == 2
        listed = served.call("ListSubmissions").json()["submissions"]
    assert [one["publicScore"] for one in listed] == ["0.80000", "0.80000"]
    assert folder.solution.read_text() == new.read_text()
    (kept,) = folder.root.glob("solution-*.csv")
    assert kept.read_text().splitlines() == lines
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert rescore(folder) == []


def without_usage(text):
    return "".join(line.rpartition(",")[0] + "\n" for line in text.splitlines())


def test_a_corrected_solution_without_usage_keeps_which_rows_are_public(host_of, answers, tmp_path):
    folder, progress, new = HostFolder(host_of()), RecordedProgress(), tmp_path / "new.csv"
    old = folder.solution.read_text().splitlines()
    old[-1] = old[-1].rpartition(",")[0] + ",Ignored"
    folder.solution.write_text("\n".join(old) + "\n")
    with running(folder.root) as hosted:
        Served(hosted).submit(answers.text(wrong=3).encode())
    right = answers.decisions(3) == answers.truth
    counts = np.arange(20) < 19
    # The answer of the first row is what was sent, that of the ignored one is none at all.
    lines = without_usage(folder.solution.read_text()).splitlines()
    lines[1] = f"000,{answers.classes[answers.decisions(3)[0]]}"
    lines[-1] = "019,"
    new.write_text("\n".join(lines) + "\n")
    (change,) = rescore(folder, new, progress=progress)
    assert change.before.public == right[answers.public].mean()
    right[0] = True
    assert change.after == SubmissionScores(
        right[answers.public].mean(), right[~answers.public & counts].mean()
    )
    assert progress.lines == [f"{new} has no column Usage: which rows are public is kept"]
    kept = [line.rpartition(",")[2] for line in folder.solution.read_text().splitlines()]
    assert kept == [line.rpartition(",")[2] for line in old]
    new.write_text("\n".join([*lines[:2], "001,cow", *lines[3:]]) + "\n")
    with pytest.raises(DataError, match="no class") as caught:
        rescore(folder, new)
    assert caught.value.where == str(new)


def test_a_solution_that_loses_its_public_or_private_rows_is_refused(host_of, answers, tmp_path):
    folder, progress, new = HostFolder(host_of()), RecordedProgress(), tmp_path / "new.csv"
    with running(folder.root) as hosted:
        Served(hosted).submit(answers.text().encode())
    text = folder.solution.read_text()
    for part, other in (("Private", "Ignored"), ("Private", "Public"), ("Public", "Ignored")):
        new.write_text(text.replace(part, other))
        with pytest.raises(DataError, match=f"no row is {part.lower()} any more"):
            rescore(folder, new)
    assert folder.solution.read_text() == text
    new.write_text(text.replace("Private", "Public", 1))
    rescore(folder, new, progress=progress)
    assert progress.lines == [
        "Usage changed of 1 image: Public 5 -> 6, Private 15 -> 14, Ignored 0 -> 0"
    ]
    folder.solution.write_text(without_usage(text))  # by hand
    for file in (None, folder.solution):
        with pytest.raises(DataError, match="no row is private any more"):
            rescore(folder, file)


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_rescoring_that_is_killed_leaves_old_or_new_scores_with_their_solution(
    host_of, answers, tmp_path, monkeypatch, moment
):
    folder = HostFolder(host_of())
    with running(folder.root) as hosted:
        Served(hosted).submit(answers.text().encode())
    lines = folder.solution.read_text().splitlines()
    wrong = "b" if lines[1].split(",")[1] == "a" else "a"
    new = tmp_path / "new.csv"
    new.write_text("\n".join([lines[0], f"000,{wrong},Public", *lines[2:], ""]))
    real = Store.rescore

    def killed(self, *arguments):
        if moment == "after":
            real(self, *arguments)
        raise KeyboardInterrupt

    monkeypatch.setattr(Store, "rescore", killed)
    with pytest.raises(KeyboardInterrupt):
        rescore(folder, new)
    monkeypatch.setattr(Store, "rescore", real)
    wanted = "0.80000" if moment == "after" else "1.00000"
    host = Host(folder.root)
    (one,) = respond(host, f"{SERVICE}/ListSubmissions", "ann", {})["submissions"]
    assert one["publicScore"] == wanted
    host.close()
    rescore(folder, new)
    assert folder.solution.read_text() == new.read_text()


def test_a_solution_of_other_ids_or_a_lost_upload_changes_nothing(host_of, answers, tmp_path):
    folder = HostFolder(host_of())
    with running(folder.root) as hosted:
        Served(hosted).submit(answers.text().encode())
    before = folder.solution.read_bytes()
    short = tmp_path / "short.csv"
    short.write_text("\n".join(folder.solution.read_text().splitlines()[:-1]) + "\n")
    with pytest.raises(DataError, match="0 ids are new, 1 are missing"):
        rescore(folder, short)
    next(folder.uploads.glob("*.csv")).unlink()
    with pytest.raises(DataError, match=r"submissions \[1\] are gone"):
        rescore(folder)
    assert folder.solution.read_bytes() == before


def test_a_solution_changed_by_hand_stops_the_host_until_all_is_scored_again(host_of, answers):
    folder = HostFolder(host_of())
    with running(folder.root) as hosted:
        Served(hosted).submit(answers.text().encode())
    folder.solution.write_text(folder.solution.read_text().replace("Public", "Ignored", 1))
    with pytest.raises(UsageError, match="not those that scored") as caught:
        Host(folder.root)
    assert "podium host rescore" in caught.value.fix
    rescore(folder)
    Host(folder.root).close()


def test_an_export_holds_every_submission_and_every_team_without_formulas(
    host_of, answers, tmp_path
):
    folder = HostFolder(host_of())
    add_users(folder, [("cho", "=HYPERLINK(1)")])
    with running(folder.root) as hosted:
        served = Served(hosted)
        served.submit(answers.text(5).encode(), user="cho", text="@SUM(1)", name="+a.csv")
        served.submit(b"id,label\n", user="ann")
    assert export_class(folder, tmp_path / "class.csv") == 2
    assert stat.S_IMODE((tmp_path / "class.csv").stat().st_mode) == 0o600
    with (tmp_path / "class.csv").open(newline="", encoding="utf-8-sig") as file:
        first, second = csv.DictReader(file)
    right = answers.decisions(5) == answers.truth
    assert float(first["private"]) == pytest.approx(right[~answers.public].mean())
    assert (first["team"], first["file"], first["description"]) == (
        "'=HYPERLINK(1)",
        "'+a.csv",
        "'@SUM(1)",
    )
    assert (second["status"], second["user"], second["public"]) == ("ERROR", "ann", "")
    assert export_class(folder, tmp_path / "best.csv", best=True) == 3
    with (tmp_path / "best.csv").open(newline="", encoding="utf-8-sig") as file:
        teams = list(csv.DictReader(file))
    assert [(row["private_rank"], row["users"], row["final_refs"]) for row in teams] == [
        ("1", "cho", "1"),
        ("", "ann", ""),
        ("", "bob", ""),
    ]


def test_database_of_an_older_podium_is_migrated_and_of_a_newer_refused(tmp_path):
    file = tmp_path / "host.db"
    connection = sqlite3.connect(file)
    connection.executescript("""
        CREATE TABLE upload (id INTEGER PRIMARY KEY, token VARCHAR NOT NULL UNIQUE,
          user VARCHAR NOT NULL, file_name VARCHAR NOT NULL, bytes INTEGER NOT NULL,
          is_complete BOOLEAN NOT NULL);
        CREATE TABLE submission (ref INTEGER PRIMARY KEY AUTOINCREMENT,
          upload INTEGER NOT NULL UNIQUE REFERENCES upload (id), user VARCHAR NOT NULL,
          at VARCHAR NOT NULL, description VARCHAR NOT NULL, status VARCHAR NOT NULL,
          error VARCHAR NOT NULL, public FLOAT, private FLOAT);
        INSERT INTO upload VALUES (1, 't', 'ann', 'f.csv', 3, 1);
        INSERT INTO submission VALUES (1, 1, 'ann', '2026-01-01T00:00:00.000+00:00', 'old',
          'COMPLETE', '', 0.5, 0.4);
    """)
    connection.close()
    store = Store(file)
    (row,) = store.submissions("ann")
    assert (row["team"], row["is_final"], row["public"]) == ("ann", False, 0.5)
    store.choose("ann", [1])
    assert store.submissions("ann")[0]["is_final"]
    store.close()
    Store(file).close()
    connection = sqlite3.connect(file)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    from podium.errors import HostError

    with pytest.raises(HostError, match="version 99"):
        Store(file)


def test_uploads_that_were_never_submitted_are_swept_after_a_day(host_of, answers):
    folder = HostFolder(host_of())
    with running(folder.root) as hosted:
        served = Served(hosted)
        served.submit(answers.text().encode())
        served.upload(b"x" * 10)
    (folder.uploads / "2.0123.part").write_bytes(b"x")
    assert len(list(folder.uploads.iterdir())) == 3
    Host(folder.root).close()
    assert len(list(folder.uploads.iterdir())) == 3
    Host(folder.root, clock=lambda: datetime.now(UTC) + timedelta(hours=25)).close()
    assert [path.name for path in folder.uploads.iterdir()] == ["1.csv"]
