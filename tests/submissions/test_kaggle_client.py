"""The child's half of the official client: what its exceptions become, and what never leaves it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import requests

import podium
from podium.errors import HostError, QuotaError, RunError
from podium.submissions.official.session import _translated, redact
from podium.submissions.upload.attempt import ATTEMPT_FILE, note_attempt, read_attempt
from podium.submissions.upload.client import KaggleClient
from podium.submissions.upload.endpoint import Endpoint, client_variables
from podium.workspace.machine import now

TOKEN = "KGAT_0123456789abcdef0123456789abcdef"


def http_error(status: int, message: str = "no") -> requests.HTTPError:
    response = requests.Response()
    response.status_code = status
    return requests.HTTPError(message, response=response)


@pytest.mark.parametrize(
    ("error", "kind", "words", "fix"),
    [
        (http_error(401), HostError, "(401)", "kaggle.com/settings"),
        (http_error(403), HostError, "(403)", "competitions/pets/rules"),
        (http_error(404), HostError, "(404)", "kaggle.slug"),
        (http_error(429), HostError, "(429)", "minutes"),
        (http_error(500), HostError, "(500)", "later"),
        (http_error(503), HostError, "(503)", "later"),
        (http_error(400, "used its daily submission allowance (5)"), QuotaError, "(5)", "UTC"),
        (requests.ConnectionError(), HostError, "connection", "network"),
        (requests.Timeout(), HostError, "in time", "repeat"),
        (requests.JSONDecodeError("x", "y", 0), HostError, "not JSON", "later"),
        (KeyError("token"), HostError, "KeyError", "version"),
        (ValueError("odd"), HostError, "odd", "version"),
    ],
)
def test_every_exception_becomes_one_of_ours_with_a_fix(error, kind, words, fix):
    ours = _translated(error, "pets")
    assert type(ours) is kind
    assert words in ours.message
    assert fix in (ours.fix or "")


@pytest.mark.parametrize(
    "text",
    [
        f"401 for url: https://api.kaggle.com/v1/x?token={TOKEN}",
        f"Authorization: Bearer {TOKEN}",
        f"PUT http://localhost/upload/{TOKEN} failed",
        f"bad token {TOKEN}",
        "Basic YW5uOnNlY3JldA==",
    ],
)
def test_no_token_and_no_address_survives_the_cleaning(text):
    cleaned = redact(text)
    assert TOKEN not in cleaned
    assert "YW5u" not in cleaned
    assert "http" not in cleaned


def test_what_this_process_logged_in_with_is_hidden_however_short(monkeypatch):
    monkeypatch.setattr("podium.submissions.official.session._secrets", {"short!1"})
    assert redact("you are short!1 to us") == "you are <hidden> to us"


def test_the_reason_for_a_refused_content_keeps_its_ids(monkeypatch):
    monkeypatch.setattr("podium.submissions.official.session._secrets", {TOKEN})
    printed = f"unknown id d41d8cd98f00b204e9800998ecf8427e, see https://x.org/{TOKEN} or {TOKEN}"
    cleaned = redact(printed, keep_long_words=True)
    assert "unknown id d41d8cd98f00b204e9800998ecf8427e" in cleaned
    assert TOKEN not in cleaned


@pytest.mark.parametrize("text", ["url: /upload/abc (Caused by x)", "PUT /upload/abc?sig=1"])
def test_an_upload_s_path_is_hidden_without_its_host_too(text):
    assert "abc" not in redact(text)


def test_a_client_that_cannot_be_started_has_sent_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "gone"))
    file = tmp_path / "submission.csv"
    file.write_text("id,label\n")
    client = KaggleClient(Endpoint("http://127.0.0.1:9", {"KAGGLE_API_TOKEN": TOKEN}), "pets")
    with pytest.raises(RunError, match="No such file"):
        client.submit(file, "[podium-1]")
    assert read_attempt(tmp_path).sent_nothing


def test_an_attempt_is_read_as_it_was_noted_and_else_not_at_all(tmp_path):
    file = tmp_path / ATTEMPT_FILE
    before = now()
    note_attempt(file, "created", 7)
    attempt = read_attempt(tmp_path)
    assert (attempt.stage, attempt.ref, attempt.sent_nothing) == ("created", 7, False)
    assert before <= attempt.at <= now()
    good = json.loads(file.read_text())
    assert good["at"].endswith("Z")
    assert read_attempt(tmp_path / "nowhere") is None
    for change in ({"stage": "sent"}, {"at": "2026-01-01T00:00:00"}, {"at": 5}, {"ref": "7"}):
        file.write_text(json.dumps(good | change))
        assert read_attempt(tmp_path) is None
    for text in ("", "[]", "{}", "\xff"):
        file.write_text(text, encoding="latin-1")
        assert read_attempt(tmp_path) is None


def test_the_process_of_the_client_loads_little_of_podium():
    """A submission starts four of them; pydantic alone would be a quarter of each."""
    code = (
        "import sys, podium.workspace.process_main\n"
        "import podium.submissions.official.files, podium.submissions.official.board\n"
        "print({'pydantic', 'filelock', 'numpy', 'pandas', 'typer'} & set(sys.modules))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_only_one_folder_touches_the_client():
    root = Path(podium.__file__).parent
    importing = re.compile(r"^\s*(?:import|from)\s+kaggle(?:sdk)?\b", re.MULTILINE)
    touching = {
        file.parent.relative_to(root).as_posix()
        for file in root.rglob("*.py")
        if importing.search(file.read_text(encoding="utf-8"))
    }
    assert touching == {"submissions/official"}


def test_an_embedded_host_never_sees_the_user_s_own_credentials_or_home(tmp_path):
    ours = {
        "HOME": "/home/ann",
        "KAGGLE_KEY": "old",
        "KAGGLE_USERNAME": "ann",
        "KAGGLE_API_TOKEN": "real",
        "NO_PROXY": "localhost",
        "VERBOSE": "1",
        "PATH": "/bin",
    }
    endpoint = Endpoint("http://127.0.0.1:8123", {"KAGGLE_API_TOKEN": "for-the-host"})
    theirs = client_variables(endpoint, tmp_path, ours=ours)
    assert theirs["KAGGLE_API_TOKEN"] == "for-the-host"
    assert theirs["HOME"] == theirs["TMPDIR"] == str(tmp_path)
    assert theirs["HTTP_PROXY"] == theirs["http_proxy"] == "http://127.0.0.1:8123"
    assert not {"KAGGLE_KEY", "KAGGLE_USERNAME", "NO_PROXY", "VERBOSE"} & set(theirs)
    real = client_variables(
        Endpoint(), tmp_path, ours={**ours, "KAGGLE_API_ENVIRONMENT": "LOCALHOST"}
    )
    assert (real["KAGGLE_KEY"], real["HOME"], real["NO_PROXY"]) == ("old", "/home/ann", "localhost")
    assert not {"KAGGLE_API_ENVIRONMENT", "VERBOSE"} & set(real)


def test_a_host_is_reached_over_plain_http_only():
    with pytest.raises(HostError, match="plain HTTP"):
        Endpoint("https://example.org")


def test_missing_credentials_are_refused_with_how_to_get_them(tmp_path, monkeypatch):
    for name in ("KAGGLE_API_TOKEN", "KAGGLE_USERNAME", "KAGGLE_KEY", "KAGGLE_CONFIG_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    before = dict(os.environ)
    with pytest.raises(HostError, match="no Kaggle credentials") as caught:
        KaggleClient(Endpoint(), "pets", timeout_s=60).listing()
    assert "https://www.kaggle.com/settings" in caught.value.fix
    assert "access_token" in caught.value.fix
    assert "export lines of your sheet (of `podium host env`)" in caught.value.fix  # of a class
    assert caught.value.exit_code == 1
    assert dict(os.environ) == before


@pytest.mark.slow
def test_request_to_an_unresponsive_host_times_out():
    import socket

    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        client = KaggleClient(Endpoint(url, {"KAGGLE_API_TOKEN": TOKEN}), "pets", timeout_s=2.5)
        with pytest.raises(HostError, match="in time") as caught:
            client.look("[podium-1]")
    assert TOKEN not in str(caught.value)
