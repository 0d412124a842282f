"""Code of a workspace that was not made here is named, asked about or refused before it runs."""

from __future__ import annotations

from pathlib import Path

import pytest
from command_line import podium
from PIL import Image

from podium.errors import UsageError
from podium.workspace.trust import allow_code, trust

CODE = """\
from pathlib import Path

import numpy as np

Path(__file__).with_name("ran").touch()


def read(path):
    return np.zeros((4, 4, 3), dtype=np.uint8)
"""


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.delenv("PODIUM_TRUST", raising=False)
    return tmp_path / "state"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "workspace"
    root.mkdir()
    (root / "train.csv").write_text(
        "id,label\n" + "".join(f"{n},{'ab'[n % 2]}\n" for n in range(8))
    )
    for n in range(8):
        Image.new("RGB", (4, 4)).save(root / f"{n}.png")
        Image.new("RGB", (4, 4)).save(root / f"test_{n}.png")
    (root / "evil.py").write_text(CODE)
    (root / "competition.yaml").write_text(
        "name: x\ntasks: {classify: multiclass}\nclasses: [a, b]\ndata:\n"
        "  train: {table: train.csv, id: id, images: '{id}.png', label: label}\n"
        "  test: {images: 'test_*.png'}\n  reader: 'evil:read'\n"
        "folds: {n: 2}\nmetric: {name: accuracy}\n"
    )
    return root


def test_a_command_tells_once_that_the_workspace_runs_code_of_its_own(root: Path) -> None:
    printed = "was not made here, and runs code of its own with your rights: evil.py"
    assert printed in podium(root, "check")
    assert (root / "ran").exists()
    assert printed not in podium(root, "check")


def test_code_that_is_not_trusted_does_not_run_where_none_may(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PODIUM_TRUST", "none")
    assert "its evil.py is not trusted" in podium(root, "check", code=2)
    assert not (root / "ran").exists()
    trust(root)
    podium(root, "check")
    assert (root / "ran").exists()


def test_a_copy_at_another_place_is_not_trusted(root: Path) -> None:
    trust(root)
    copy = root.rename(root.with_name("copy"))
    messages: list[str] = []
    allow_code(copy, copy / "evil.py", report=messages.append, ask=None)
    assert len(messages) == 1


@pytest.mark.parametrize("answer", [True, False])
def test_trust_prompts_and_remembers_a_yes(root: Path, answer: bool) -> None:
    asked: list[str] = []

    def ask(text: str) -> bool:
        asked.append(text)
        return answer

    for _ in range(2):
        try:
            allow_code(root, root / "evil.py", report=pytest.fail, ask=ask)
            assert answer
        except UsageError:
            assert not answer
    assert len(asked) == (1 if answer else 2)


def test_no_prompt_where_all_code_is_trusted(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PODIUM_TRUST", "all")
    allow_code(root, root / "evil.py", report=pytest.fail, ask=pytest.fail)
    monkeypatch.setenv("PODIUM_TRUST", "yes")
    with pytest.raises(UsageError, match="one of ask, all, none"):
        allow_code(root, root / "evil.py", report=pytest.fail, ask=None)
