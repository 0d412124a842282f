"""A package says of every file what it was; whatever happened to one since is named."""

from __future__ import annotations

import ast
import json
import shutil
from pathlib import Path

import pytest

from podium.errors import RunError, SubmissionError
from podium.submissions.packages import PackFolder, PackRecord, notebook_text
from podium.submissions.packages.folder import digest_of
from podium.workspace.machine import now


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "pack"
    folder.mkdir()
    (folder / "weights-a-fold-0.safetensors").write_bytes(bytes(range(256)) * 8)
    (folder / "competition.yaml").write_text("name: shapes\n")
    files = {file.name: digest_of(file) for file in folder.iterdir()}
    record = PackRecord(
        id=PackRecord.id_of(files),
        title="shapes",
        competition="shapes",
        created=now(),
        podium="1",
        blend="blend-00000000",
        runs=(),
        files=files,
    )
    (folder / "pack.json").write_text(record.model_dump_json())
    return folder


def test_a_whole_package_has_no_problem_wherever_it_lies(root: Path, tmp_path: Path) -> None:
    moved = tmp_path / "elsewhere"
    shutil.move(root, moved)
    assert PackFolder(moved).problems() == []


def test_a_flipped_bit_is_named_by_its_file(root: Path) -> None:
    file = root / "weights-a-fold-0.safetensors"
    content = bytearray(file.read_bytes())
    content[1000] ^= 1
    file.write_bytes(content)
    with pytest.raises(RunError, match=r"weights-a-fold-0.safetensors has other content"):
        PackFolder(root).require_whole()


def test_a_missing_file_and_a_cut_one_are_named(root: Path) -> None:
    (root / "competition.yaml").unlink()
    (root / "weights-a-fold-0.safetensors").write_bytes(b"cut")
    assert sorted(PackFolder(root).problems()) == [
        "competition.yaml is missing",
        "weights-a-fold-0.safetensors has 3 bytes, not 2,048",
    ]


def test_files_that_a_host_put_into_folders_are_found(root: Path) -> None:
    inner = root / "archive" / "deeper"
    inner.mkdir(parents=True)
    (root / "competition.yaml").rename(inner / "competition.yaml")
    assert PackFolder(root).problems() == []


def test_a_folder_without_a_statement_is_no_package(tmp_path: Path) -> None:
    with pytest.raises(SubmissionError, match=r"no pack\.json"):
        PackFolder(tmp_path).read()


def test_the_notebook_is_python_that_installs_without_a_network() -> None:
    notebook = json.loads(notebook_text("my-pack", "shapes"))
    code = [cell["source"] for cell in notebook["cells"] if cell["cell_type"] == "code"]
    for source in code:
        ast.parse(source)
    assert "--no-index" in code[0]
    assert "--no-compile" in code[0]  # of modules that nothing imports, for a minute at the host
    assert '"my-pack", "datasets/*/my-pack"' in code[0]
    assert '"shapes", "competitions/shapes"' in code[0]
    assert "predict_packed" in code[1]
