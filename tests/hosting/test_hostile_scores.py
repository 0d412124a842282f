"""What a score, a refusal or a board tells: nothing of private rows, and nothing of the answers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
import requests

from podium.hosting import running
from tests.hosting.test_app import Served

PRIVATE = "privateScore"


def everything_shown(served, user="ann"):
    """Return all that a student sees but times, numbers and names of submissions."""
    entries = served.call("ListSubmissions", user=user).json()["submissions"]
    kept = [
        {name: value for name, value in entry.items() if name not in ("ref", "date")}
        for entry in entries
    ]
    board = served.call("GetLeaderboard", user=user).json()["submissions"]
    standing = [(row["teamName"], row["score"]) for row in board]
    return kept, standing, served.call("GetSubmissionLimits", user=user).json()


def shown_after(host_of, content, **options):
    """Return what is shown once this file alone was submitted to a new host."""
    with running(host_of(**options)) as hosted:
        served = Served(hosted)
        assert served.submit(content.encode()).status_code == 200
        page = requests.get(served.url, timeout=60).text
        return *everything_shown(served), page.replace(hosted.url, "").split("<tbody>")[1][:60]


@pytest.fixture
def makers(tmp_path_factory):
    """Return a factory of host factories, each in a folder of its own."""
    from podium.hosting import init_host
    from tests.hosting.conftest import make_competition

    def maker():
        root = tmp_path_factory.mktemp("host")

        def make(**options):
            made = make_competition(root, **options)
            init_host(root / "host", made, root / "solution.csv", ("ann", "bob"))
            return root / "host"

        return make

    return maker


def test_files_that_differ_in_private_rows_alone_get_equal_responses(makers, answers):
    draw = np.random.default_rng(1)
    seen = []
    for kind in ("right", "wrong", "random"):
        predicted = answers.truth.copy()
        hidden = ~answers.public
        if kind == "wrong":
            predicted[hidden] = (predicted[hidden] + 1) % 3
        if kind == "random":
            predicted[hidden] = draw.integers(0, 3, hidden.sum())
        predicted[np.flatnonzero(answers.public)[0]] = (
            predicted[np.flatnonzero(answers.public)[0]] + 1
        ) % 3
        rows = zip(answers.ids, predicted, strict=True)
        text = "id,label\n" + "".join(f"{i},{answers.classes[d]}\n" for i, d in rows)
        seen.append(shown_after(makers(), text))
    assert seen[0] == seen[1] == seen[2]
    assert seen[0][0][0]["publicScore"] == "0.80000"
    assert seen[0][0][0][PRIVATE] == ""


def probs_text(answers, bad, cell):
    rows = [cell if i == bad else "0.2,0.3,0.5" for i in answers.ids]
    return "id,a,b,c\n" + "".join(f"{i},{row}\n" for i, row in zip(answers.ids, rows, strict=True))


@pytest.mark.slow
@pytest.mark.parametrize(
    "cell", ["0,0,0", "nan,0,1", "inf,0,0", "-1,1,1", "x,0,1", ",,", "1e309,0,0"]
)
def test_cell_without_a_score_gets_equal_responses_in_public_and_private_rows(
    makers, answers, cell
):
    """Else a file with one bad row would tell, at no quota, which rows are private."""
    public = answers.ids[int(np.flatnonzero(answers.public)[1])]
    private = answers.ids[int(np.flatnonzero(~answers.public)[1])]
    ignored = answers.ids[int(np.flatnonzero(~answers.public)[2])]

    def make(**options):
        folder = makers()(value="prob", metric="log_loss")
        text = (folder / "solution.csv").read_text().splitlines()
        changed = [
            line.replace("Private", "Ignored") if line.startswith(f"{ignored},") else line
            for line in text
        ]
        (folder / "solution.csv").write_text("\n".join(changed) + "\n")
        return folder

    seen = []
    for bad in (public, private, ignored):
        entries, standing, limits, _ = shown_after(make, probs_text(answers, bad, cell))
        entry = entries[0]
        # The message may name the line, which the student knows: it is their file.
        line = f"line {answers.ids.index(bad) + 2}"
        told = entry["errorDescription"].replace(line, "line N")
        entry["errorDescription"] = told.replace(repr(bad), "ID")
        seen.append((entry, standing, limits))
    assert seen[0] == seen[1] == seen[2]


def test_no_call_gives_private_scores_before_the_end(host_of, answers):
    deadline = datetime.now(UTC) + timedelta(hours=1)
    with running(host_of(deadline=deadline)) as hosted:
        served = Served(hosted)
        served.submit(answers.text(wrong=1).encode())
        hidden = (answers.decisions(1) == answers.truth)[~answers.public].mean()
        wanted = f"{hidden:.5f}"
        ref = served.call("ListSubmissions").json()["submissions"][0]["ref"]
        shown = [
            served.call("ListSubmissions", {"group": "all"}).text,
            served.call("GetSubmission", {"ref": ref}).text,
            served.call("GetLeaderboard", {"overridePublic": False}).text,
            served.call("GetLeaderboard", {"overridePublic": None}).text,
            served.call("GetCompetition").text,
            served.call("CreateSubmission", {"blobFileTokens": "x"}).text,
            requests.get(served.url, timeout=60).text,
        ]
    assert wanted != "0.80000"  # it is not the public one
    assert [text for text in shown if wanted in text] == []


def test_messages_about_a_file_reveal_no_label(makers, answers):
    """Whatever is said of wrong labels is said of the file, alike for every hidden answer."""
    bad = answers.text().splitlines()
    for line in range(1, len(bad)):
        bad[line] = bad[line].split(",")[0] + ",z"
    seen = shown_after(makers(), "\n".join(bad) + "\n")
    message = seen[0][0]["errorDescription"]
    for line, i in enumerate(answers.ids, start=2):
        right = answers.classes[answers.truth[line - 2]]
        assert f"{i},{right}" not in message
        assert f"line {line}: {right}" not in message
