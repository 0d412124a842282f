"""Ranks against a brute force, and snapshots that are small, durable and readable."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podium.submissions.board.leaderboard import (
    read_leaderboard,
    read_snapshots,
    record_leaderboard,
)
from podium.submissions.upload.client import HostListing, Limits
from podium.workspace.layout import Workspace

AT = datetime(2026, 11, 20, 6, 58, tzinfo=UTC)


def listing(scores, *, own=None, whole=True, **more):
    teams = tuple({"team": f"team {n}", "score": score} for n, score in enumerate(scores))
    return HostListing(Limits(0, 0, 5), (), teams, is_whole=whole, own=own, **more)


def noted(workspace, found, at=AT, *, greater=True):
    return record_leaderboard(
        workspace, found, target="host", slug="x", at=at, greater_is_better=greater
    )


@given(
    st.lists(st.integers(0, 20).map(lambda n: n / 20), min_size=1, max_size=30),
    st.integers(0, 20).map(lambda n: n / 20),
    st.booleans(),
)
def test_the_rank_is_one_more_than_the_teams_that_are_better(tmp_path_factory, scores, mine, up):
    workspace = Workspace(tmp_path_factory.mktemp("w"))
    standings = noted(workspace, listing(sorted(scores, reverse=up)), greater=up)
    better = [score for score in scores if (score > mine if up else score < mine)]
    assert standings.rank(mine, greater_is_better=up) == 1 + len(better)
    assert read_leaderboard(workspace, "host") == standings


def test_scores_are_compared_in_the_digits_that_the_host_shows(tmp_path):
    standings = noted(Workspace(tmp_path), listing([0.9, 0.12], digits=2))
    assert standings.rank(0.1204, greater_is_better=True) == 2  # a tie at 0.12


def test_below_a_top_the_rank_is_not_known(tmp_path):
    standings = noted(Workspace(tmp_path), listing([0.9, 0.8, 0.7], whole=False))
    assert standings.rank(0.85, greater_is_better=True) == 2
    assert standings.rank(0.6, greater_is_better=True) is None


def test_a_snapshot_has_the_top_our_row_and_the_quantiles_and_no_more(tmp_path):
    workspace = Workspace(tmp_path)
    noted(workspace, listing([1 - n / 1000 for n in range(201)], own=150))
    (one,) = read_snapshots(workspace)
    assert (len(one.top), one.n_teams) == (100, 201)
    assert one.own == (151, "team 150", 0.85)
    assert one.quantiles == tuple(1 - n / 1000 for n in range(0, 201, 10))


def test_in_a_tie_our_rank_is_our_place_in_the_hosts_order(tmp_path):
    scores = [0.9, 0.71429, 0.71429, 0.71429, None]
    for own, place in enumerate((1, 2, 3, 4)):
        workspace = Workspace(tmp_path / str(own))
        noted(workspace, listing(scores, own=own))
        (one,) = read_snapshots(workspace)
        assert one.own == (place, f"team {own}", scores[own])
    falling = Workspace(tmp_path / "less")
    noted(falling, listing([0.1, 0.2, 0.2], own=2), greater=False)
    assert read_snapshots(falling)[0].own == (3, "team 2", 0.2)


def test_leaderboard_snapshot_is_added_only_after_a_change(tmp_path):
    workspace = Workspace(tmp_path)
    for minutes, scores in enumerate([[0.9], [0.9], [0.9, 0.8], [0.9, 0.8]]):
        noted(workspace, listing(scores), AT + timedelta(minutes=minutes))
    assert [one.at.minute for one in read_snapshots(workspace)] == [58, 0]
    assert read_leaderboard(workspace, "host").seen == AT + timedelta(minutes=3)


def test_late_response_does_not_replace_a_newer_leaderboard(tmp_path):
    workspace = Workspace(tmp_path)
    newest = noted(workspace, listing([0.9, 0.8]))
    assert noted(workspace, listing([0.9]), AT - timedelta(minutes=1)) == newest
    assert len(read_snapshots(workspace)) == 1


def test_lines_of_the_first_version_and_cut_ones_do_no_harm(tmp_path):
    workspace = Workspace(tmp_path)
    workspace.board.mkdir()
    old = {"schema_version": 1, "kind": "leaderboard", "at": "2026-01-01T00:00:00+00:00"}
    old |= {"target": "host", "entries": [{"team": "us", "score": 0.5}]}
    (workspace.board / "leaderboard.jsonl").write_text(json.dumps(old) + '\n{"cut')
    assert read_leaderboard(workspace, "host").rank(0.6, greater_is_better=True) == 1
    noted(workspace, listing([0.9]))
    first, second = read_snapshots(workspace)
    assert (first.top, first.n_teams, second.top) == ((("us", 0.5),), None, (("team 0", 0.9),))


@pytest.mark.parametrize("hidden", [None, ()])
def test_a_host_without_a_leaderboard_leaves_no_rank(tmp_path, hidden):
    found = HostListing(Limits(0, 0, 5), (), hidden)
    standings = noted(Workspace(tmp_path), found)
    assert standings is None or standings.rank(0.5, greater_is_better=True) is None
