"""Values are set in a YAML text, and every comment stays."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from podium.workspace.marked_yaml import parse_yaml, plain_value, value_at, yaml_with_values

TEXT = """\
# what it is
name: cells  # any name

data:
  train:
    # where
    images: "a/*.png"
    mask_codec: {base: 1, order: F}  # how
submission:
  # the file
  rle:
    base: 1  # first
  empty:
"""


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("data", "train", "mask_codec", "base"), 0),
        (("data", "train", "mask_codec", "relative"), True),
        (("submission", "rle", "order"), "C"),
        (("submission", "empty"), "-1"),
        (("submission", "empty"), ""),
        (("submission", "empty"), "1 0"),
        (("submission", "columns", "id"), "no"),
        (("frame",), [350, 525]),
        (("name",), "a: b, {c} # d"),
    ],
)
def test_one_value_is_set_and_the_rest_is_as_it_was(path: tuple[str, ...], value: Any) -> None:
    text = yaml_with_values(TEXT, {path: value})
    before, after = yaml.safe_load(TEXT), yaml.safe_load(text)
    found = after
    for key in path:
        found = found[key]
    assert found == value
    at = before
    for key in path[:-1]:
        at = at.setdefault(key, {})
    at[path[-1]] = value
    assert before == after
    for comment in ("# what it is", "# any name", "# where", "# how", "# the file", "# first"):
        assert comment in text


def test_what_is_no_mapping_is_refused() -> None:
    with pytest.raises(ValueError, match="name"):
        yaml_with_values(TEXT, {("name", "x"): 1})


def test_values_of_an_empty_mapping_and_a_document_of_one_line() -> None:
    assert yaml_with_values("a: {}\n", {("a", "b"): 1, ("a", "c"): 2}) == "a: {b: 1, c: 2}\n"
    assert yaml.safe_load(yaml_with_values("a: 1", {("b",): 2})) == {"a": 1, "b": 2}


_SIGNS = st.text("ab1 #:*-&!%@`'\"{}[],?|>~<=.\\", min_size=1, max_size=8)
_WORDS = st.one_of(
    _SIGNS, st.text(max_size=130), st.sampled_from(["null", "true", "1e3", "<<", "="])
)


@given(st.dictionaries(_WORDS, _WORDS | st.lists(_WORDS, max_size=2), max_size=4))
def test_keys_and_values_of_any_signs_are_written_as_they_are(value: dict[str, Any]) -> None:
    text = yaml_with_values(TEXT, {("data", "train", "mask_values"): value, ("name",): "c"})
    marked, problems = parse_yaml(text, "competition.yaml")
    assert marked is not None
    assert problems == []
    assert value_at(plain_value(marked), ("data", "train", "mask_values")) == value
    assert "# how" in text


def test_colours_are_keys_in_quotes() -> None:
    colours = {"#000000": "background", "#0040c0": "background"}
    text = yaml_with_values("a: 1\n", {("b",): colours, ("c", "#1"): 2, ("a",): [3]})
    assert yaml.safe_load(text) == {"a": [3], "b": colours, "c": {"#1": 2}}
    assert yaml_with_values("{a: 1}\n", {("0",): {255: "b"}}) == "{a: 1, 0: {255: b}}\n"


def test_the_key_that_cannot_be_written_is_named() -> None:
    with pytest.raises(ValueError, match=r"^c\.d cannot be written there"):
        yaml_with_values("a: 1\n", {("a",): 2, ("c", "d"): datetime.date(2026, 1, 1), ("e",): 3})
