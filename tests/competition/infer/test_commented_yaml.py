"""What is written into a competition.yaml is read back as it was, each text on one line."""

from __future__ import annotations

from pathlib import Path

import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from podium.competition.infer.to_yaml.commented import YamlEntry, render
from podium.workspace.marked_yaml import parse_yaml, plain_value
from tests.competition.infer.test_odd_labels import begin, put

TEXTS = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\x00\ufeff\ufffe\uffff")
)


@given(st.dictionaries(TEXTS, st.lists(TEXTS)))
@example({"1e3": ["1e3", "0o7"]})  # numbers of YAML 1.2, and texts of 1.1
def test_keys_and_lists_of_any_text_are_read_back(values: dict[str, list[str]]) -> None:
    section = YamlEntry("section", [YamlEntry("columns", values)])
    text = render([section, YamlEntry("classes", [*values])], "A heading.")
    written = {"section": {"columns": values}, "classes": [*values]}
    assert yaml.safe_load(text) == written
    read, problems = parse_yaml(text, "competition.yaml")
    assert not problems
    assert read is not None
    assert plain_value(read) == written


def test_columns_whose_names_a_sheet_breaks_are_read(tmp_path: Path) -> None:
    rows = []
    for n in range(24):
        put(tmp_path / f"data/train/K{n:02}.png", n)
        rows.append(f"K{n:02},{n + 0.5},{100 + n}")
    for n in range(24, 30):
        put(tmp_path / f"data/test/K{n:02}.png", n)
    header = 'fruit,"sugar\n(Brix)","weight\n(g)"'
    (tmp_path / "data/labels.csv").write_text("\n".join([header, *rows]) + "\n")
    found, _ = begin(tmp_path)
    assert found.data.train.label in ("sugar\n(Brix)", "weight\n(g)")
    assert "data.train.label" in found.to_choose
