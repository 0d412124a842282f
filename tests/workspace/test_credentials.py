"""Tests of the search for credentials: the client's order, and never a secret."""

import pytest

from podium.workspace.credentials import find_credentials

SECRET = "KGAT_0123456789"


@pytest.fixture
def home(tmp_path):
    (tmp_path / ".kaggle").mkdir()
    return tmp_path


def put(home, name, text=SECRET, mode=0o600):
    file = home / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    file.chmod(mode)
    return file


def sources(env, home):
    return [one.source for one in find_credentials(env, home)]


def test_nothing_is_found_where_nothing_is(home):
    assert sources({}, home) == []


def test_they_come_in_the_clients_order(home):
    put(home, ".kaggle/credentials.json")
    put(home, ".kaggle/access_token")
    put(home, ".kaggle/kaggle.json", '{"username": "u", "key": "k"}')
    assert sources({"KAGGLE_API_TOKEN": SECRET}, home) == [
        "KAGGLE_API_TOKEN",
        "~/.kaggle/access_token",
        str(home / ".kaggle/kaggle.json"),
        "~/.kaggle/credentials.json",
    ]


@pytest.mark.parametrize(
    ("env", "json", "source"),
    [
        ({"KAGGLE_USERNAME": "u", "KAGGLE_KEY": "k"}, None, "KAGGLE_USERNAME and KAGGLE_KEY"),
        ({"KAGGLE_USERNAME": "u"}, '{"key": "k"}', "kaggle.json"),
        ({"KAGGLE_USERNAME": "u"}, None, None),
        ({}, '{"username": "u"}', None),
        ({}, "not json", None),
        ({}, "[]", None),
    ],
)
def test_a_user_name_needs_its_key_from_the_variables_or_the_file(home, env, json, source):
    if json is not None:
        put(home, ".kaggle/kaggle.json", json)
    found = sources(env, home)
    assert len(found) == (source is not None)
    assert source is None or found[0].endswith(source)


def test_the_file_is_looked_for_where_the_client_looks(tmp_path):
    text = '{"username": "u", "key": "k"}'
    put(tmp_path, "xdg/kaggle/kaggle.json", text)
    put(tmp_path, "own/kaggle.json", text)
    assert sources({"XDG_CONFIG_HOME": str(tmp_path / "xdg")}, tmp_path) != []
    own = {"KAGGLE_CONFIG_DIR": str(tmp_path / "own")}
    assert sources(own, tmp_path) == [str(tmp_path / "own" / "kaggle.json")]
    assert sources({}, tmp_path) == []


def test_an_empty_token_file_is_none(home):
    put(home, ".kaggle/access_token", " \n")
    assert sources({}, home) == []


def test_a_file_that_others_may_read_is_marked(home):
    put(home, ".kaggle/access_token", mode=0o644)
    put(home, ".kaggle/credentials.json", mode=0o600)
    token, oauth = find_credentials({}, home)
    assert token.is_readable_by_others
    assert not oauth.is_readable_by_others


def test_the_variable_may_name_a_file(home):
    file = put(home, "token.txt", mode=0o640)
    (found,) = find_credentials({"KAGGLE_API_TOKEN": str(file)}, home)
    assert found.file == file


def test_no_secret_is_held(home):
    put(home, ".kaggle/access_token")
    put(home, ".kaggle/kaggle.json", f'{{"username": "u", "key": "{SECRET}"}}')
    env = {"KAGGLE_API_TOKEN": SECRET, "KAGGLE_USERNAME": "u", "KAGGLE_KEY": SECRET}
    assert SECRET not in repr(find_credentials(env, home))
