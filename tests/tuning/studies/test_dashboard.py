"""A study of podium's stands in optuna-dashboard, as a browser without a screen shows it."""

from __future__ import annotations

import json
import shlex
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from browser import CHROMIUM, FLAGS, needs_chromium
from command_line import podium
from PIL import Image

from podium.tuning.space import CategoricalValues, NumberRange, SearchParameter, SearchSpace
from podium.tuning.studies import RunningTrial, TrialOutcome, open_study, run_trials, storage_url
from podium.workspace.layout import Workspace

pytestmark = [pytest.mark.slow, pytest.mark.alone]

SILENT = (*FLAGS, "--window-size=1200,900", "--virtual-time-budget=10000")
SPACE = SearchSpace(
    (
        SearchParameter("optimizer.lr", NumberRange(1e-4, 1e-1, log=True)),
        SearchParameter("phases[0].epochs", NumberRange(1, 8)),
        SearchParameter("input.train", CategoricalValues(("weak", "strong"))),
    )
)


def score(running: RunningTrial) -> TrialOutcome:
    """Score values by a formula whose largest digits are easily found on a page."""
    values = running.values
    found = 0.5 - 0.1 * abs(np.log10(values["optimizer.lr"]) + 2.5) + 0.01 * (
        values["phases[0].epochs"] - 4 * (values["input.train"] == "weak")
    )  # fmt: skip
    running.report(found, 0)
    return TrialOutcome((float(found),), {"run": f"base-t-{running.number:08x}"})


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    (tmp_path / "competition.yaml").write_text("name: nothing\n")
    return Workspace(tmp_path)


@contextmanager
def served(command: str) -> Iterator[str]:
    """Run the command that `podium tune show` prints, on a free port; return its address."""
    server, address = started(command)
    try:
        yield address
    finally:
        server.terminate()
        server.wait(60)


def started(command: str) -> tuple[subprocess.Popen[bytes], str]:
    """Return the server once it answers, and where; on another port where one was just taken."""
    program, *words = shlex.split(command)
    program = str(Path(sys.executable).with_name(program))
    until = time.monotonic() + 120
    while True:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        with tempfile.TemporaryFile() as log:
            server = subprocess.Popen(
                [program, *words, "--port", str(port), "--quiet"], stdout=log, stderr=log
            )
            while server.poll() is None:
                try:
                    urllib.request.urlopen(
                        f"http://127.0.0.1:{port}/api/studies", timeout=60
                    ).close()
                    return server, f"http://127.0.0.1:{port}"
                except (urllib.error.URLError, OSError):
                    if time.monotonic() > until:
                        server.kill()
                        raise
                    time.sleep(0.1)
            log.seek(0)
            predicted = log.read().decode()
            assert "Address already in use" in predicted, (
                f"{command}: {server.returncode}: {predicted}"
            )


def browsed(address: str, profile: Path, *expected: str) -> str:
    assert CHROMIUM is not None
    done = subprocess.run(
        [CHROMIUM, *SILENT, f"--user-data-dir={profile}", *expected, address],
        capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    return done.stdout


@needs_chromium
@pytest.mark.parametrize(
    "kind", ["sqlite", pytest.param("journal", marks=pytest.mark.long), "postgresql"]
)
def test_the_dashboard_that_is_named_shows_the_study(
    kind: str, workspace: Workspace, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    elsewhere = {"sqlite": None, "journal": f"journal:{tmp_path}/studies.log"}
    given = elsewhere[kind] if kind in elsewhere else request.getfixturevalue("postgresql")
    url = storage_url(workspace, given)
    facts = {"kind": "recipe", "metric": ["mean_dice"]}
    with open_study(url, "recipe-base-0a1b2c3d", facts=facts) as opened:
        run_trials(opened, SPACE, score, trials=15)
        best = opened.study.best_value
    words = ("--json",) if given is None else ("--json", "--storage", given)
    predicted = podium(tmp_path, "tune", "show", *words)
    reported = json.loads(predicted)
    assert reported["studies"][0]["best"] == [best]
    command = reported["dashboard"]
    if kind == "postgresql":  # its password is nowhere on the screen
        password = url.removeprefix("postgresql://podium:").partition("@")[0]
        assert password not in predicted
        command = command.replace("***", password)
    with served(command) as address:
        page = f"{address}/dashboard/studies/{0 if kind == 'journal' else 1}"
        dom = browsed(page, tmp_path / "profile", "--dump-dom")
        assert "recipe-base-0a1b2c3d" in dom
        assert str(best) in dom  # beside the best trial
        assert "optimizer.lr" in dom
        assert "mean_dice" in dom
        picture = tmp_path / "dashboard.png"
        browsed(page, tmp_path / "profile", f"--screenshot={picture}")
    with Image.open(picture) as image:
        pixels = np.asarray(image.convert("RGB"))
    assert pixels.shape == (900, 1200, 3)
    # A page that is blank, or still loads, has a handful of colours.
    assert len(np.unique(pixels.reshape(-1, 3), axis=0)) > 100
