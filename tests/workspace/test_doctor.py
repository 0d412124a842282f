"""Tests of the doctor: every finding has its fix, and no secret is shown."""

import importlib.metadata
import sys

import pytest

from podium.workspace import doctor
from podium.workspace.doctor import examine
from podium.workspace.layout import Workspace

SECRET = "KGAT_0123456789"
TORCH = {"version": "2.9", "threads": 2, "gpus": [], "bf16": False, "mps": False, "driver": None}


def refuse(_):
    raise ConnectionRefusedError(111, "refused")


def accept(_):
    return None


@pytest.fixture
def look(tmp_path, monkeypatch):
    """Examine a machine with the given torch, environment and network; return checks by name."""

    def look(*, torch=TORCH, workspace=None, env=None, connect=accept):
        monkeypatch.setattr(doctor.processes, "call", lambda *_, **__: torch)
        checks = examine(workspace, env=env or {}, home=tmp_path, connect=connect)
        assert all(check.fix for check in checks if check.status != "ok")
        return {check.name: check for check in checks}

    return look


@pytest.mark.slow
def test_torch_is_checked_in_another_process(tmp_path):
    checks = {c.name: c for c in examine(None, env={}, home=tmp_path, connect=accept)}
    assert importlib.metadata.version("torch") in checks["torch"].found
    assert checks["torch"].status in ("ok", "warn")


def test_nothing_heavy_is_imported_here(tmp_path):
    code = (
        "import sys; import podium.workspace.doctor as d; d.check_torch = None;"
        "d._packages(); print('torch' in sys.modules, 'pandas' in sys.modules)"
    )
    import subprocess

    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert printed.stdout.split() == ["False", "False"]


@pytest.mark.parametrize(
    ("facts", "status", "words"),
    [
        ({"gpus": ["H200 140 GiB"], "bf16": True}, "ok", "H200 140 GiB (bf16)"),
        ({"gpus": ["T4 15 GiB"], "driver": "GPU 0: T4"}, "ok", "fp16 only"),
        ({"mps": True}, "ok", "Apple"),
        ({}, "warn", "no GPU, 2 CPU threads"),
        ({"cpu_bf16": True}, "warn", "2 CPU threads with bf16"),
        ({"driver": "GPU 0: T4"}, "fail", "but the machine has GPU 0: T4"),
    ],
)
def test_the_gpu_is_named_and_a_torch_that_misses_it_fails(look, facts, status, words):
    check = look(torch=TORCH | facts)["torch"]
    assert check.status == status
    assert words in check.found


def test_missing_and_unfitting_packages_are_named_with_a_command(look, monkeypatch):
    needed = {"numpy": ">=1.26", "absent-package": ">=3", "pydantic": "<2"}
    monkeypatch.setattr(doctor, "_requirements", lambda: needed)
    check = look()["packages"]
    assert check.status == "fail"
    assert check.fix == "pip install 'absent-package>=3' 'pydantic<2'"
    assert f"numpy {importlib.metadata.version('numpy')}" in check.found


def test_disks_are_checked_where_podium_writes(look, tmp_path):
    workspace = Workspace(tmp_path, scratch=tmp_path / "not" / "made" / "yet")
    checks = look(workspace=workspace)
    assert {"disk: temporary files", "disk: workspace", "disk: scratch"} <= set(checks)
    assert not (tmp_path / "not").exists()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("gib", "status"), [(0.1, "fail"), (3, "warn"), (50, "ok")])
def test_little_space_is_reported_before_it_ends(look, tmp_path, monkeypatch, gib, status):
    usage = type("Usage", (), {"free": gib * 2**30})
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda _: usage)
    assert look(workspace=Workspace(tmp_path))["disk: workspace"].status == status


def test_without_network_the_doctor_only_warns(look):
    check = look(connect=refuse)["network"]
    assert check.status == "warn"
    assert "api.kaggle.com" in check.found
    assert look(connect=accept)["network"].status == "ok"


def test_behind_a_proxy_the_proxy_is_tried(look):
    tried = []
    check = look(env={"HTTPS_PROXY": "http://proxy.local:3128"}, connect=tried.append)["network"]
    assert tried == [("proxy.local", 3128)]
    assert "through the proxy in HTTPS_PROXY" in check.found


def test_a_token_that_hides_a_key_is_reported(look):
    env = {"KAGGLE_API_TOKEN": SECRET, "KAGGLE_USERNAME": "u", "KAGGLE_KEY": SECRET}
    check = look(env=env)["Kaggle credentials"]
    assert check.status == "warn"
    assert check.found == "from KAGGLE_API_TOKEN, which hides KAGGLE_USERNAME and KAGGLE_KEY"
    assert "stale" in check.fix
    assert SECRET not in repr(check)


def test_a_file_that_others_may_read_is_reported_with_a_command(look, tmp_path):
    file = tmp_path / ".kaggle" / "access_token"
    file.parent.mkdir()
    file.write_text(SECRET)
    file.chmod(0o644)
    checks = look()
    assert checks["Kaggle credentials"].status == "ok"
    assert checks["Kaggle credentials: privacy"].fix == f"chmod 600 {file}"
    assert SECRET not in repr(checks)


def test_no_credentials_are_a_warning(look):
    assert look()["Kaggle credentials"].status == "warn"


STEP = {
    "batch_size": 8,
    "size": 224,
    "decode_s": 0.01,
    "batch_s": 0.02,
    "transfer_s": 0.001,
    "arithmetic_s": 0.4,
    "limit": "arithmetic",
    "images_per_s": 20.0,
    "workers": 0,
}


@pytest.mark.parametrize(
    ("facts", "status", "words", "fix"),
    [
        ({}, "ok", "20 images/s, limited by arithmetic: views 20 ms, transfer 1 ms", ""),
        ({}, "ok", "decoding, once: 100 photos/s and core", ""),
        ({"limit": "views", "workers": 5}, "warn", "limited by views", "workers: 5"),
        ({"limit": "transfer"}, "warn", "limited by transfer", "other programs"),
    ],
)
def test_a_step_is_measured_on_request_and_its_limit_has_a_fix(
    facts, status, words, fix, tmp_path, monkeypatch
):
    def call(target, *_, **__):
        return STEP | facts if target == "a:step" else TORCH

    monkeypatch.setattr(doctor.processes, "call", call)
    named = {"env": {}, "home": tmp_path, "connect": accept}
    assert "training step" not in {one.name for one in examine(None, **named)}
    check = {one.name: one for one in examine(None, step="a:step", **named)}["training step"]
    assert check.status == status
    assert words in check.found
    assert fix in (check.fix or "")
