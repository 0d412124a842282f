"""The golden record: what may differ becomes a placeholder, and what may not is found."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import golden_record
import numpy as np
import pytest
from golden_record import Answer, Normaliser, differences, files_of, is_wording


def test_ids_dates_paths_seconds_and_versions_become_placeholders(tmp_path: Path) -> None:
    normaliser = Normaliser(tmp_path)
    answer = {
        "created": "2026-11-22T08:38:34.370086Z",
        "file": f"{tmp_path}/submissions/blend-8638d706.csv",
        "of": {"tiny-592b8a79": "blend-8638d706"},
        "podium": "0.1.0",
        "score": 0.671875,
        "seconds": 1.25,
        "s/epoch": "0.22",
        "text": "finished in 3.5 s",
    }
    assert normaliser.value(answer) == {
        "created": "<date>",
        "file": "<root>/submissions/blend-<id 1>.csv",
        "of": {"tiny-<id 2>": "blend-<id 1>"},
        "podium": "<version>",
        "score": 0.671875,
        "seconds": "<seconds>",
        "s/epoch": "<seconds>",
        "text": "finished in <seconds>",
    }


def test_other_ids_in_the_same_order_are_the_same_record(tmp_path: Path) -> None:
    one = Normaliser(tmp_path).value(["a-00000001", "b-00000002", "a-00000001"])
    assert one == Normaliser(tmp_path).value(["a-deadbeef", "b-0badcafe", "a-deadbeef"])
    assert one != Normaliser(tmp_path).value(["a-deadbeef", "b-0badcafe", "b-0badcafe"])


def workspace(root: Path, run: str, last: float) -> Path:
    """Write a run's predictions under its id, and a submission."""
    chunks = root / f"runs/small-{run}/predictions/{run[::-1]}/oof/classify/fold-0"
    chunks.mkdir(parents=True)
    np.save(chunks / "chunk-0000.npy", np.array([0.25, last], np.float32))
    (chunks.parents[2] / "set.json").write_text("{}")
    (root / "submissions").mkdir()
    (root / f"submissions/small-{run}.csv").write_text("id,label\na,1\n")
    return root


def test_a_digest_changes_with_the_last_bit_of_an_array_and_not_with_its_id(tmp_path: Path) -> None:
    roots = [
        workspace(tmp_path / "a", "592b8a79", 0.5),
        workspace(tmp_path / "b", "0123abcd", 0.5),
        workspace(tmp_path / "c", "592b8a79", float(np.nextafter(np.float32(0.5), np.float32(1)))),
    ]
    was, same, other = (files_of(root, Normaliser(root)) for root in roots)
    assert len(was) == 2
    assert list(differences(was, same)) == []
    assert {where.rpartition(" > ")[2] for where, *_ in differences(was, other)} == {
        "sum",
        "sha256",
    }


def test_numbers_differ_to_the_bit_and_by_type_and_absent_keys_are_reported() -> None:
    was = {"a": [0.1, float("nan")], "b": 1, "c": None}
    assert list(differences(was, {"a": [0.1, float("nan")], "b": 1, "c": None})) == []
    now = {"a": [0.1 + 1e-17, 0.3], "b": 1.0, "d": 2}
    assert [where for where, *_ in differences(was, now)] == ["a[0]", "a[1]", "b", "c", "d"]


@pytest.mark.parametrize(
    ("where", "was", "now", "is_one"),
    [
        ("cells > answers > check > json[0] > detail", "64 images seen", "64 images", True),
        ("cells > answers > train > error", "podium: no", "podium: never", True),
        ("cells > answers > train > json > metric", "dice", "iou", False),
        ("cells > answers > train > json > oof", 0.5, 0.6, False),
        ("cells > files > folds.csv > sha256", "a b", "c d", False),
    ],
)
def test_a_difference_of_sentences_is_kept_apart_from_one_of_values(
    where: str, was: Any, now: Any, is_one: bool
) -> None:
    assert is_wording(where, was, now) is is_one


class OneCommand:
    """A case of one command, whose answer the test makes up."""

    place = ""

    def commands(self, root: Path) -> Any:
        (root / "data").mkdir()
        (root / "data/train.csv").write_text("id\n")
        yield ("blend", "--json")


def test_compare_finds_a_score_that_moved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answer: dict[str, Any] = {"id": "blend-592b8a79", "honest": 0.5}

    def records(only: Any, *, demo: bool) -> Any:
        root = tmp_path / answer["id"]
        root.mkdir()
        found = golden_record.record_case(
            OneCommand(), root, lambda *_: Answer(0, json.dumps(answer))
        )
        yield "one", found

    monkeypatch.setattr(golden_record, "_records", records)
    monkeypatch.setattr(golden_record, "_environment", dict)
    file = tmp_path / "record.json"
    golden_record.make(file)
    answer["id"] = "blend-00000000"
    assert golden_record.compare(file) == 0
    answer.update(id="blend-11111111", honest=0.5000000000000001)
    assert golden_record.compare(file) == 1
    assert "was 0.5\n  now 0.5000000000000001" in capsys.readouterr().out
