"""Tests of what the hash of a user's code covers: what it imports from the workspace, no more."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

import pytest

from podium.errors import RecipeError
from podium.workspace.extensions import find_installed, module_digests, refresh

FILES = {
    "my_net.py": "import json\nimport my_code.layers\nraise RuntimeError('imported')\n",
    "my_code/__init__.py": "",
    "my_code/layers.py": "from .inner import sizes\nfrom . import bases\n",
    "my_code/inner/__init__.py": "def f():\n    from my_late import x\n",
    "my_code/inner/sizes.py": "from ..more import *\n",
    "my_code/bases.py": "if False:\n    import my_net\n",  # a circle
    "my_code/more.py": "from my_two.parts import one, two\n",
    "my_code/unused.py": "",
    "my_two/parts.py": "one = 1\n",  # a package without __init__
    "my_two/one.py": "",
    "my_late.py": "",
    "unrelated.py": "import my_net\n",
    "README.md": "",
}
COUNTED = {
    "my_net", "my_code", "my_code.layers", "my_code.inner", "my_code.inner.sizes", "my_code.bases",
    "my_code.more", "my_two.parts", "my_late",
}  # fmt: skip


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def of(root: Path, *modules: str) -> dict[str, str]:
    refresh(root)
    return module_digests(modules or ["my_net"], root, error=RecipeError)


def test_all_that_a_module_imports_from_the_workspace_counts_and_nothing_is_imported(
    root: Path,
) -> None:
    found = of(root)
    assert set(found) == COUNTED
    assert found["my_net"] == hashlib.sha256(FILES["my_net.py"].encode()).hexdigest()


def test_every_counted_file_changes_the_hash_and_no_other_does(root: Path) -> None:
    """Seen failing with a hash of the named file alone, and with one of the whole folder."""
    before = of(root)
    for name in FILES:
        file = root / name
        module = name.removesuffix(".py").replace("/", ".").removesuffix(".__init__")
        file.write_text(FILES[name] + "\n# edited\n")
        changed = {key for key, one in of(root).items() if one != before[key]}
        assert changed == ({module} & COUNTED), name
        file.write_text(FILES[name])
    assert of(root) == before


def test_a_helper_that_is_imported_is_the_one_that_is_hashed(root: Path) -> None:
    """The files that Python really imports, by Python's own record, are counted."""
    (root / "my_net.py").write_text("import my_code.layers\nfrom my_code.inner import f\nf()\n")
    (root / "my_late.py").write_text("x = 1\n")
    (root / "my_two/parts.py").write_text("one = two = 1\n")
    code = "import sys, my_net; print(*[n for n in sys.modules if n.startswith('my_')])"
    done = subprocess.run(
        [sys.executable, "-B", "-c", code], cwd=root, capture_output=True, text=True, check=True
    )
    assert set(done.stdout.split()) - {"my_two"} == set(of(root))


def test_syntax_errors_are_reported_before_anything_runs(root: Path) -> None:
    (root / "my_code/more.py").write_text("x = 1\ndef f(:\n")
    with pytest.raises(RecipeError, match="this is no Python") as caught:
        of(root)
    assert caught.value.where == "my_code/more.py:2"


def test_a_missing_module_is_reported(root: Path) -> None:
    with pytest.raises(RecipeError, match=r"no module 'nowhere_7\.parts'") as caught:
        of(root, "nowhere_7.parts")
    assert "nowhere_7/parts.py beside competition.yaml" in str(caught.value.fix)


def test_of_a_library_its_file_counts_and_of_a_folder_on_the_path_what_it_imports(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = root / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "my_c7.py").write_text("import my_d7\n")
    (elsewhere / "my_d7.py").write_text("")
    monkeypatch.syspath_prepend(str(elsewhere))
    assert set(of(root, "my_c7")) == {"my_c7", "my_d7"}
    (elsewhere / "my_d7.py").write_text("x = 1\n")
    assert set(of(root, "json.decoder")) == {"json.decoder"}
    assert set(of(root, "PIL.Image")) == {"PIL.Image"}


def test_a_module_below_folders_without_init_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "outer_space" / "inner_space" / "mine.py"
    file.parent.mkdir(parents=True)
    file.write_text("METRIC = 1\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    found = find_installed("outer_space.inner_space.mine")
    assert found is not None
    assert found.origin == str(file)
