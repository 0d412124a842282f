"""`submit_code` through the unmodified official client against a stand-in on loopback."""

from __future__ import annotations

import importlib
import json
import os
import sys
from unittest import mock

import pytest

from podium.competition.spec import load_competition
from podium.submissions.notebooks import submit_code
from podium.submissions.upload.endpoint import Endpoint, client_variables
from tests.submissions.kaggle_stand_in import SLUG, KaggleStandIn, serving
from tests.submissions.notebooks.packages import pack_of, writes


@pytest.fixture(autouse=True)
def short_waits(monkeypatch):
    monkeypatch.setattr("podium.submissions.upload.submit.RECONCILE_S", 0.0)
    monkeypatch.setattr("podium.submissions.notebooks.STALE_S", 0.0)
    monkeypatch.setattr("podium.submissions.notebooks._FIRST_PAUSE_S", 0.05)
    monkeypatch.setattr("podium.submissions.official.notebooks._SHORTEST_POLL_S", 0.05)
    monkeypatch.setattr("podium.submissions.official.session._FIRST_PAUSE_S", 0.05)


@pytest.fixture(autouse=True)
def in_this_process(request, monkeypatch, tmp_path_factory):
    """Call the official client here, logged in anew each time: a process takes a third of a second.

    Not for tests that ask for `in_processes`.
    """
    if "in_processes" in request.fixturenames:
        return
    private = tmp_path_factory.mktemp("client")

    def call(endpoint, target, argument, *, timeout_s):
        variables = client_variables(endpoint, private, ours=os.environ)
        mask = os.umask(0o077)
        with mock.patch.dict(os.environ, variables, clear=True), mock.patch.object(sys, "argv"):
            try:
                import kaggle
                from kaggle.api.kaggle_api_extended import KaggleApi

                kaggle.api = KaggleApi()
                kaggle.api.authenticate()
                module, _, function = target.partition(":")
                official = importlib.import_module(f"podium.submissions.official.{module}")
                return json.loads(json.dumps(getattr(official, function)(argument)))
            finally:
                os.umask(mask)

    monkeypatch.setattr("podium.submissions.upload.client.call_official", call)
    monkeypatch.setattr("podium.submissions.notebooks.call_official", call)


@pytest.fixture
def in_processes():
    """Each call in a process of its own, as at work."""


@pytest.fixture
def competition(competition_of, tmp_path):
    competition_of()
    spec = tmp_path / "competition.yaml"
    old = "kaggle: {slug: pets, daily_limit: 2}"
    spec.write_text(spec.read_text().replace(old, f"kaggle: {{slug: {SLUG}, kind: code}}"))
    return load_competition(tmp_path)


@pytest.fixture
def pack(tmp_path):
    return pack_of(tmp_path / "pack", b"weights")


@pytest.fixture
def host():
    with serving(KaggleStandIn(writes())) as served:
        yield served


@pytest.fixture
def send(host, workspace, competition, pack):
    def run(folder=None, **options):
        options = {"wait_s": 5, **options}
        endpoint = Endpoint(host.url, {"KAGGLE_API_TOKEN": host.token})
        return submit_code(workspace, competition, folder or pack, endpoint=endpoint, **options)

    return run
