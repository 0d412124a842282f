"""A class and its teams: added, moved, removed and given new tokens, also while the host runs."""

from __future__ import annotations

import csv
import json
import stat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podium.errors import DataError, UsageError
from podium.hosting.spec import HostFolder
from podium.hosting.users import (
    Roster,
    add_users,
    escape_formula,
    read_class,
    read_users,
    remove_users,
    renew_token,
    team_name,
    write_class,
)


@pytest.fixture
def folder(host_of):
    return HostFolder(host_of())


def test_users_get_a_team_of_their_own_unless_one_is_named(folder):
    made = add_users(folder, [("cho", "blue"), ("dee", "blue"), ("eve", "")])
    users = read_users(folder.tokens)
    assert {name: user.team for name, user in users.items()} == {
        "ann": "ann",
        "bob": "bob",
        "cho": "blue",
        "dee": "blue",
        "eve": "eve",
    }
    assert made == {name: users[name].token for name in ("cho", "dee", "eve")}
    assert len({user.token for user in users.values()}) == 5
    assert stat.S_IMODE(folder.tokens.stat().st_mode) == 0o600


def test_a_class_that_is_added_again_keeps_its_tokens_and_may_change_teams(folder):
    before = add_users(folder, [("cho", "blue"), ("dee", "")])
    assert add_users(folder, [("cho", "red"), ("dee", "")]) == before
    assert read_users(folder.tokens)["cho"].team == "red"
    assert add_users(folder, [("cho", "")]) == {"cho": before["cho"]}
    assert read_users(folder.tokens)["cho"].team == "red"


def test_a_folder_with_tokens_alone_is_read_as_before(folder):
    tokens = {"ann": "podium_0123456789", "bob": "podium_abcdefghij"}
    folder.tokens.write_text(json.dumps(tokens))
    assert {user.name: (user.team, user.token) for user in read_users(folder.tokens).values()} == {
        name: (name, token) for name, token in tokens.items()
    }


@pytest.mark.parametrize(
    ("pairs", "words"),
    [
        ([("../x", "")], "'../x'"),
        ([("=1+1", "")], "'=1+1'"),
        ([("a b", "")], "'a b'"),
        ([("cho", "blue"), ("cho", "red")], "two teams"),
        ([("cho", "blue"), ("blue", "")], "would join the team 'blue' of cho"),
        ([("cho", "\u202e\0")], "1 to 100 characters"),
        ([("cho", "x" * 101)], "1 to 100 characters"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_added(folder, pairs, words):
    before = folder.tokens.read_bytes()
    with pytest.raises(UsageError) as caught:
        add_users(folder, pairs)
    assert words in caught.value.message
    assert folder.tokens.read_bytes() == before


def test_a_running_roster_sees_users_added_renewed_and_removed(folder):
    roster = Roster(folder.tokens)
    (first,) = add_users(folder, [("cho", "blue")]).values()
    assert roster.holder(first).team == "blue"
    second = renew_token(folder, "cho")
    assert roster.holder(first) is None
    assert roster.holder(second).name == "cho"
    remove_users(folder, ["cho"])
    assert roster.holder(second) is None
    with pytest.raises(UsageError, match="no user 'cho'"):
        renew_token(folder, "cho")
    with pytest.raises(UsageError, match="no user 'zed'"):
        remove_users(folder, ["ann", "zed"])
    assert set(roster.users()) == {"ann", "bob"}


def test_a_roster_holds_while_its_file_is_broken(folder):
    roster = Roster(folder.tokens)
    token = roster.users()["ann"].token
    folder.tokens.write_text("{")
    assert roster.holder(token).name == "ann"
    assert roster.holder("\ud800") is None


def test_a_class_is_read_from_a_csv_in_any_order_of_columns(tmp_path):
    path = tmp_path / "students.csv"
    path.write_text('Team,User,Mail\n"the ""best"", really",ann,a@x\n,bob,b@x\n')
    assert read_class(path) == [("ann", 'the "best", really'), ("bob", "")]
    path.write_text("name\nann\n")
    with pytest.raises(DataError, match="no column user"):
        read_class(path)


def test_tokens_go_to_a_file_that_only_its_owner_reads_without_formulas(folder, tmp_path):
    made = add_users(folder, [("cho", "=cmd|' /C calc'!A0")])
    write_class(folder, tmp_path / "tokens.csv", ["cho"])
    assert stat.S_IMODE((tmp_path / "tokens.csv").stat().st_mode) == 0o600
    with (tmp_path / "tokens.csv").open(newline="") as file:
        (row,) = csv.DictReader(file)
    assert row == {"user": "cho", "team": "'=cmd|' /C calc'!A0", "token": made["cho"]}


@given(st.text())
def test_no_text_is_a_formula_once_it_is_defused(text):
    cell = escape_formula(text)
    assert cell in (text, f"'{text}")
    assert not cell.lstrip().startswith(("=", "+", "-", "@"))
    assert not cell.startswith(("\t", "\r", "\n"))


@given(st.text())
def test_a_team_s_name_is_one_line_and_stays_what_it_is(text):
    try:
        name = team_name(text)
    except UsageError:
        return
    assert name == team_name(name)
    assert len(name.splitlines()) == 1
    name.encode("utf-8")


def test_emoji_markup_and_sql_are_names_like_others():
    for name in ("👩‍🔬 lab", "<script>", "'; DROP TABLE submission; --", "مرحبا"):
        assert team_name(name) == name
