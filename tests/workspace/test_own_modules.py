"""Tests of a user's own modules: found in the workspace, never mixed up, their errors reported."""

from __future__ import annotations

import multiprocessing
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from podium.errors import RecipeError
from podium.workspace import extensions
from podium.workspace.extensions import (
    ExtensionContract,
    load_user_object,
    refresh,
    sources,
    user_code_location,
)

Write = Callable[..., Path]

LATE = "def late():\n    from my_late import NAME\n    return NAME\n"


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Return a function that writes files of a workspace and returns its folder."""

    def make(workspace: str = "ws", **files: str) -> Path:
        root = tmp_path / workspace
        for name, text in files.items():
            file = root / f"{name.replace('__', '/')}.py"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        return root

    return make


def load(name: str, root: Path | None, expected: ExtensionContract | None = None) -> object:
    return load_user_object(name, error=RecipeError, root=root, contract=expected)


def fails(name: str, root: Path | None, expected: ExtensionContract | None = None) -> RecipeError:
    with pytest.raises(RecipeError) as caught:
        load(name, root, expected)
    return caught.value


def test_a_module_is_found_in_the_workspace_and_python_s_path_stays_as_it_was(write: Write) -> None:
    before = list(sys.path)
    root = write(my_net="NAME = 'mine'\n", my_code__deep__nets="NAME = 'deep'\n")
    assert load("my_net:NAME", root) == "mine"
    assert load("my_code.deep.nets:NAME", root) == "deep"
    assert sys.path == before
    assert "my_net" not in sys.modules
    assert not list(root.rglob("__pycache__"))


def test_what_a_module_imports_is_found_beside_it_however_it_is_written(write: Write) -> None:
    root = write(
        my_net=(
            "import my_code.layers\n"
            "import my_code.layers as other\n"
            "from my_code import layers as third\n"
            "from my_code.layers import *\n"
            "import json, os.path\n"
            "SAME = my_code.layers is other is third\n"
            "WIDTH = WIDTH + json.loads('1')\n"
        ),
        my_code__layers=(
            "from .inner.sizes import SIZE\nfrom my_helper import ONE\nWIDTH = SIZE + ONE\n"
        ),
        my_code__inner__sizes="from ..bases import BASE\nSIZE = BASE\n",
        my_code__bases="BASE = 40\n",
        my_helper="ONE = 1\n",
    )
    assert load("my_net:WIDTH", root) == 42
    assert load("my_net:SAME", root) is True


def test_two_workspaces_of_one_process_have_modules_of_their_own(write: Write) -> None:
    """Of the same names, imported in turn, and inside a function long after both were loaded."""
    text = "import my_helper\n" + LATE + "NAME = my_helper.NAME\n"
    roots = [
        write(ws, my_net=text, my_helper=f"NAME = '{ws}'\n", my_late=f"NAME = 'late {ws}'\n")
        for ws in ("one", "two")
    ]
    assert [load("my_net:NAME", root) for root in roots] == ["one", "two"]
    late = [load("my_net:late", root) for root in roots]
    assert [one() for one in late] == ["late one", "late two"]
    assert load("my_net:NAME", roots[0]) == "one"


def _say(late: Callable[[], str], queue: multiprocessing.Queue) -> None:
    queue.put(late())


def test_forked_processes_and_threads_import_from_the_workspace(write: Write) -> None:
    root = write(
        my_net=LATE,
        my_late="NAME = 'l'\n",
    )
    late = load("my_net:late", root)
    context = multiprocessing.get_context("fork")
    queue = context.Queue()
    process = context.Process(target=_say, args=(late, queue))
    process.start()
    assert queue.get(timeout=30) == "l"
    process.join()
    complaint: list[str] = []
    thread = threading.Thread(target=lambda: complaint.append(late()))
    thread.start()
    thread.join()
    assert complaint == ["l"]


def test_the_workspace_goes_before_python_s_path_and_what_is_not_there_comes_from_it(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = write("elsewhere", my_a7="NAME = 'path'\n", my_b7="NAME = 'path'\n")
    monkeypatch.syspath_prepend(str(elsewhere))
    root = write(my_a7="import my_b7\nNAME = 'workspace ' + my_b7.NAME\n")
    assert load("my_a7:NAME", root) == "workspace path"
    assert load("my_b7:NAME", root) == load("my_a7:NAME", None) == "path"
    assert load("math:pi", root) > 3


def test_podium_is_never_taken_from_the_workspace(write: Write) -> None:
    """A copy of its source beside the data would have other classes of the same name."""
    root = write(
        podium__errors="DataError = None\n", my_net="from podium.errors import DataError\n"
    )
    from podium.errors import DataError

    assert load("my_net:DataError", root) is DataError


def test_data_folders_are_no_packages(write: Write) -> None:
    root = write(my_net="import runs7\n")
    (root / "runs7").mkdir()
    assert "No module named 'runs7'" in fails("my_net:x", root).message


def test_an_edit_counts_from_the_next_command_on_and_not_before(write: Write) -> None:
    """Files of one size, saved within a second: Python's own cache would keep the old code."""
    root = write(my_net="from my_helper import ONE\n", my_helper="ONE = 1\n")
    before = sources(["my_net:ONE"], root)
    assert load("my_net:ONE", root) == 1
    write(my_helper="ONE = 2\n")
    assert load("my_net:ONE", root) == 1
    assert sources(["my_net:ONE"], root) == before
    refresh(root)
    assert sources(["my_net:ONE"], root) != before
    assert load("my_net:ONE", root) == 2


def test_what_was_hashed_is_what_runs_though_the_file_changed_in_between(write: Write) -> None:
    root = write(my_net="from my_helper import ONE\n", my_helper="ONE = 1\n")
    sources(["my_net:ONE"], root)
    write(my_helper="ONE = 2\n")
    assert load("my_net:ONE", root) == 1


def test_a_missing_module_is_reported_with_the_nearest(write: Write) -> None:
    root = write(my_net="")
    assert str(fails("my_nets:build", root)) == "there is no module 'my_nets'\n  fix: write my_net"
    other = fails("other.parts:build", root)
    assert other.fix == "write other/parts.py beside competition.yaml, or mend the name"


def test_a_missing_object_is_reported_with_the_nearest(write: Write) -> None:
    root = write(my_net="def build(): ...\n")
    error = fails("my_net:biuld", root)
    assert error.where == "my_net.py"
    assert error.fix == "write my_net:build"
    assert fails("my_net:zzz", root).fix == "define zzz there"


@pytest.mark.parametrize("name", [":x", "my_net:", "my_net:a:b", "my net:x", "1:2"])
def test_a_name_without_module_and_object_is_reported(name: str, write: Write) -> None:
    error = fails(name, write(my_net=""))
    assert "is no module:object" in error.message
    assert "my_code.nets:build" in str(error.fix)


@pytest.mark.parametrize(
    ("text", "line", "complaint"),
    [
        ("x = 1\nraise ValueError('no')\n", 2, "ValueError: no"),
        ("import json\n\nimport my_helper\n", 1, "ZeroDivisionError: division by zero"),
        ("import nowhere_7\n", 1, "ModuleNotFoundError: No module named 'nowhere_7'"),
        ("def f(:\n", 1, "SyntaxError"),
        ("import sys\nsys.exit(3)\n", 2, "SystemExit: 3"),
        ("import json\njson.loads('{')\n", 2, "JSONDecodeError"),
    ],
)
def test_an_error_at_import_is_reported_with_its_line(
    text: str, line: int, complaint: str, write: Write
) -> None:
    root = write(my_net=text, my_helper="1 / 0\n")
    error = fails("my_net:build", root)
    file = "my_helper.py" if "my_helper" in text else "my_net.py"
    assert error.where == f"{file}:{line}"
    assert complaint in error.message
    assert error.fix == "mend that line, or install what it needs"


def test_a_wrong_kind_of_object_is_reported_with_the_line_that_defines_it(write: Write) -> None:
    root = write(my_net="import math\n\nLOSS = 3\nclass Net: ...\n")
    expected = ExtensionContract("a function", lambda found: isinstance(found, ModuleType))
    error = fails("my_net:LOSS", root, expected)
    assert (error.where, error.message) == (
        "my_net.py:3",
        "my_net:LOSS is of type int, not a function",
    )
    assert (
        fails("my_net:Net", root, expected).message == "my_net:Net is the class Net, not a function"
    )
    assert load("my_net:math", root, expected)


def test_the_line_of_own_code_that_an_error_came_through_is_found(write: Write) -> None:
    root = write(my_net="import json\n\ndef build(text):\n    return json.loads(text)\n")
    build = load("my_net:build", root)
    with pytest.raises(ValueError, match="Expecting") as caught:
        build("{")
    assert user_code_location(caught.value) == "my_net.py:4"
    with pytest.raises(ZeroDivisionError) as elsewhere:
        1 / 0  # noqa: B018 — raises
    assert user_code_location(elsewhere.value) is None


def test_classes_of_a_module_know_their_types(write: Write) -> None:
    """A lookup of a class's module by its name finds it: dataclasses, pydantic, type hints."""
    root = write(
        my_net=(
            "from __future__ import annotations\nimport dataclasses, typing\n"
            "from pydantic import BaseModel\n"
            "class Inner(BaseModel):\n    n: int = 1\n"
            "class Outer(BaseModel):\n    inner: Inner = Inner()\n"
            "@dataclasses.dataclass\nclass Plain:\n    inner: Inner\n"
            "HINTS = typing.get_type_hints(Plain)\n"
            "MADE = Outer.model_validate({'inner': {'n': 2}})\n"
        )
    )
    assert load("my_net:MADE", root).inner.n == 2
    assert load("my_net:HINTS", root)["inner"] is load("my_net:Inner", root)


def test_names_of_timm_are_no_modules() -> None:
    assert not any(map(extensions.is_user_object, ["resnet18", "hf-hub:timm/a", "local-dir:/x/y"]))
