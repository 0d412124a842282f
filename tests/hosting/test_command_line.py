"""The unmodified command line against `podium host serve`, from the first look to after the end."""

from __future__ import annotations

import csv
import io
import zipfile

import pytest

from podium.hosting import client_environment
from podium.hosting.spec import HostFolder, parse_deadline, set_deadline
from tests.hosting import processes


def table(text):
    return list(csv.DictReader(io.StringIO(text)))


@pytest.fixture
def bob(host_of, tmp_path):
    """The command line as bob, in a home of its own, and the host's folder."""
    public = tmp_path / "public"
    (public / "train" / "cats and dogs").mkdir(parents=True)
    (public / "train" / "cats and dogs" / "ä 1.png").write_bytes(b"pixels")
    (public / "sample_submission.csv").write_text("id,label\n")
    folder, home = host_of(files=public, daily_limit=2), tmp_path / "home"
    home.mkdir()
    with processes.served(folder) as (_, url):
        env = client_environment(folder, "bob", url)

        def run(*words, code=0):
            done = processes.kaggle(env, home, *words)
            assert done.returncode == code, done.stdout + done.stderr
            return done.stdout + (done.stderr if code else "")

        yield run, HostFolder(folder), home


@pytest.mark.slow
def test_the_command_line_does_all_that_a_student_needs_also_after_the_deadline(
    bob, answers, tmp_path
):
    run, folder, home = bob
    assert [row["ref"].rpartition("/")[2] for row in table(run("list", "-v"))] == ["shapes"]
    names = [row["name"] for row in table(run("files", "shapes", "-v"))]
    assert names == ["sample_submission.csv", "train/cats and dogs/ä 1.png"]
    run("download", "shapes")
    with zipfile.ZipFile(home / "shapes.zip") as archive:
        assert archive.read("train/cats and dogs/ä 1.png") == b"pixels"
    file = tmp_path / "mine.csv"
    file.write_text(answers.text(wrong=5))
    assert "1 submissions remaining" in run("submit", "shapes", "-f", file, "-m", "the first")
    file.write_text("id,label\n000,z\n")
    run("submit", "shapes", "-f", file, "-m", "a broken one")
    file.write_text(answers.text(wrong=1))
    assert "0 submissions remaining" in run("submit", "shapes", "-f", file, "-m", "the last")
    too_many = run("submit", "shapes", "-f", file, "-m", "one too many", code=1)
    assert "your team has used its daily submission allowance (2)" in too_many
    rows = table(run("submissions", "shapes", "-v"))
    assert [row["description"] for row in rows] == ["the last", "a broken one", "the first"]
    assert [row["status"].rpartition(".")[2] for row in rows] == ["COMPLETE", "ERROR", "COMPLETE"]
    assert {row["privateScore"] for row in rows} == {""}
    (row,) = table(run("leaderboard", "shapes", "--show", "-v"))
    assert (row["teamName"], row["score"]) == ("bob", rows[0]["publicScore"])

    set_deadline(folder, parse_deadline("now"))
    too_late = run("submit", "shapes", "-f", file, "-m", "too late", code=1)
    assert "the deadline has passed" in too_late
    rows = table(run("submissions", "shapes", "-v"))
    assert len(rows) == 3
    right = answers.decisions(1) == answers.truth
    assert rows[0]["privateScore"] == f"{right[~answers.public].mean():.5f}"
    (row,) = table(run("leaderboard", "shapes", "--show", "-v"))
    assert (row["teamName"], row["score"]) == ("bob", rows[0]["privateScore"])
    run("leaderboard", "shapes", "--download", "-p", home / "board")
    with zipfile.ZipFile(home / "board" / "shapes.zip") as archive:
        (row,) = table(archive.read("shapes-leaderboard.csv").decode())
    assert row["Score"] == rows[0]["privateScore"]
    run("download", "shapes", "-f", "train/cats and dogs/ä 1.png", "-p", home / "late")
    (late,) = (home / "late").iterdir()
    assert late.read_bytes() == b"pixels"
