"""Words of a blend: its method in the field's words, and the members that change it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from podium.ensembling.method import method_names
from podium.workspace.blend_notes import format_method, weighed_members
from podium.workspace.records import Record


def record(parts: list[tuple[list[str], list[float], dict[str, Any]]]) -> Record:
    """Return the record of a blend: of each part runs, weights and what else was found."""
    facts = [{"sets": [f"runs/{one}/predictions/00" for one in runs]} for runs, *_ in parts]
    found = [{"weights": weights, "params": params} for _, weights, params in parts]
    return Record(
        kind="blend",
        id="mix-0a1b2c3d",
        name="mix",
        created=datetime(2026, 11, 20, tzinfo=UTC),
        status="finished",
        parents=["a", "b", "c"],
        inputs={**facts[0], "beside": facts[1:]},
        details={**found[0], "beside": dict(enumerate(found[1:]))},
    )


def test_methods_are_told_in_words() -> None:
    told = {name: format_method(name) for name in method_names()}
    assert not [one for one in told.values() if "_" in one]
    assert told["paying"].startswith("weighted mean")
    assert told["mean"] == "mean"
    assert format_method("my_blend:METHOD") == "my blend:METHOD"


def test_members_without_a_weight_do_not_change_a_blend() -> None:
    labels = (["a", "b", "c"], [0.4, 0.0, 0.6], dict[str, Any]())
    assert weighed_members(record([labels])) == ("a", "c")
    masks = (["b", "c"], [1.0, 0.0], dict[str, Any]())
    assert weighed_members(record([labels, masks])) == ("a", "c", "b")
    views = (["a", "a", "b"], [0.5, 0.5, 0.0], dict[str, Any]())
    assert weighed_members(record([views])) == ("a",)


def test_what_a_stacker_found_is_of_all_members_and_a_calibration_of_none() -> None:
    runs, weights = ["a", "b"], [1.0, 0.0]
    assert weighed_members(record([(runs, weights, {"coefficients": [1]})])) == ("a", "b")
    assert weighed_members(record([(runs, weights, {"calibration": {"scale": 2}})])) == ("a",)
