"""Values are set in a YAML text, and every comment stays."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from podium.workspace.marked_yaml import yaml_with_values

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
