"""Tests of parts that are found by their file name."""

import os
import sys
import time

import pytest

from podium.errors import RecipeError, UsageError
from podium.workspace import extensions


@pytest.fixture
def package(tmp_path, monkeypatch):
    folder = tmp_path / "odd_parts"
    folder.mkdir()
    (folder / "__init__.py").touch()
    (folder / "accuracy.py").write_text("PART = 1\n")
    (folder / "auc.py").write_text("raise RuntimeError('imported')\n")
    (folder / "_shared.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    import importlib

    yield importlib.import_module("odd_parts")
    for name in [name for name in sys.modules if name.startswith("odd_parts")]:
        del sys.modules[name]


def test_names_come_from_the_files_and_nothing_is_imported(package):
    assert extensions.names(package) == ["accuracy", "auc"]


def test_added_or_removed_extension_file_is_noticed(package, tmp_path):
    folder, file = tmp_path / "odd_parts", tmp_path / "odd_parts/recall.py"
    for old in (0, 3600):  # in a folder that has just changed, and in one that rests
        moment = time.time() - old
        os.utime(folder, (moment, moment))
        assert extensions.names(package) == extensions.names(package) == ["accuracy", "auc"]
        file.touch()
        assert extensions.names(package) == ["accuracy", "auc", "recall"]
        file.unlink()
        assert extensions.names(package) == ["accuracy", "auc"]


def test_a_part_is_loaded_by_its_name(package):
    assert extensions.load(package, "accuracy", "PART") == 1


def test_an_unknown_name_is_reported_with_the_nearest(package):
    with pytest.raises(RecipeError, match="no 'acuracy' among the odd parts") as caught:
        extensions.load(package, "acuracy", "PART", error=RecipeError)
    assert caught.value.fix == "write accuracy"
    with pytest.raises(UsageError) as caught:
        extensions.load(package, "AUC", "PART")
    assert caught.value.fix == "write auc"
    with pytest.raises(UsageError) as caught:
        extensions.load(package, "zzz", "PART")
    assert "accuracy, auc" in caught.value.fix


def test_private_files_are_no_parts(package):
    with pytest.raises(UsageError):
        extensions.load(package, "_shared", "PART")


def test_a_part_of_ones_own_is_given_by_module_and_object(package):
    import math

    assert extensions.load(package, "math:pi", "PART") == math.pi
    with pytest.raises(UsageError, match="RuntimeError: imported"):
        extensions.load(package, "odd_parts.auc:PART", "PART")
    for wrong in ("math:tau_", ":x", "math:"):
        with pytest.raises(UsageError, match="cannot load"):
            extensions.load(package, wrong, "PART")
    with pytest.raises(UsageError, match="there is no module 'no_such_module'"):
        extensions.load(package, "no_such_module:x", "PART")
