"""Tests of YAML with places: YAML 1.2's scalars, and a dump that reads back as the same."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from podium.workspace.marked_yaml import dump_yaml, merge_values, parse_yaml, plain_value


def read(text):
    marked, problems = parse_yaml(text, "a.yaml")
    assert problems == []
    return plain_value(marked)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e-3", 0.001),
        ("5e-4", 0.0005),
        ("1E3", 1000.0),
        ("2.e1", 20.0),
        ("-.5", -0.5),
        ("+1.5e+2", 150.0),
        (".inf", math.inf),
        ("12", 12),
        ("-3", -3),
        ("012", 12),
        ("0x1f", 31),
        ("0o17", 15),
        ("true", True),
        ("False", False),
        ("null", None),
        ("~", None),
    ],
)
def test_a_plain_scalar_follows_yaml_1_2(text, value):
    found = read(f"a: {text}")["a"]
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    "text",
    ["yes", "no", "on", "off", "y", "2024-01-01", "12:30:00", "1_000", "e-3", "1e", ".", "-"],
)
def test_what_yaml_1_1_took_for_something_else_is_text(text):
    assert read(f"a: {text if text != '-' else chr(39) + '-' + chr(39)}") == {"a": text}


def test_nan_is_a_number():
    assert math.isnan(read("a: .nan")["a"])


def test_an_absent_value_is_null_and_keys_are_always_text():
    assert read("a:\n1: x\nno: y\n2024-01-01: z\n") == {
        "a": None,
        "1": "x",
        "no": "y",
        "2024-01-01": "z",
    }


def test_the_place_of_an_entry_is_the_line_of_its_key():
    marked, _ = parse_yaml("a: 1\nb:\n  c:\n    - x\n    - y\n", "f.yaml")
    b = marked.value["b"]
    assert str(b.place) == "f.yaml:2"
    assert str(b.value["c"].place) == "f.yaml:3"
    assert [str(one.place) for one in b.value["c"].value] == ["f.yaml:4", "f.yaml:5"]


def test_anchors_aliases_and_merge_keys_work():
    text = "base: &b {lr: 1, wd: 2}\na: *b\nc: {<<: *b, lr: 3}\nd: {<<: [{x: 1, lr: 9}, *b]}\n"
    assert read(text) == {
        "base": {"lr": 1, "wd": 2},
        "a": {"lr": 1, "wd": 2},
        "c": {"lr": 3, "wd": 2},
        "d": {"x": 1, "lr": 9, "wd": 2},
    }


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("a: 1\nb: 2\na: 3\n", 3, "'a' stands twice, first on line 1"),
        ("a: 1\nb:\n\tc: 2\n", 3, "a tab"),
        ("\ta: 1\n", 1, "a tab"),
        ("a: [1, 2\nb: 3\n", 2, "this is not YAML"),
        ("a: x: y\n", 1, "this is not YAML"),
        ("a: 1\n---\nb: 2\n", 2, "this is not YAML"),
        ("a: 'x\n", 2, "this is not YAML"),
        ("a: !!python/name:os.system x\n", 1, "is not allowed"),
        ("a: !!python/object/apply:os.system ['true']\n", 1, "is not allowed"),
        ("a:\n  b: !!set {c, d}\n", 2, "is not allowed"),
        ("a: !!int x\n", 1, "not a value of type int"),
        ("? [a, b]\n: 1\n", 1, "a key must be"),
        ("a: 1\nb: \x07\n", 2, "not allowed in YAML"),
        ("a: &a [1, *a]\n", 1, "an alias"),
        ("a: {<<: 3}\n", 1, "<<"),
    ],
)
def test_a_broken_text_is_reported_with_its_line(text, line, words):
    _, problems = parse_yaml(text, "f.yaml")
    assert str(problems[0].place) == f"f.yaml:{line}"
    assert words in problems[0].message


def test_merging_goes_key_by_key_and_replaces_lists():
    base, _ = parse_yaml("a: {x: 1, y: 2}\nl: [1, 2, 3]\nm: {q: 1}\n", "base")
    over, _ = parse_yaml("a: {y: 3}\nl: [4]\nm: null\n", "over")
    merged = merge_values(base, over)
    assert plain_value(merged) == {"a": {"x": 1, "y": 3}, "l": [4], "m": None}
    assert merged.value["a"].value["x"].place.file == "base"
    assert merged.value["a"].value["y"].place.file == "over"


scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text()
    | st.sampled_from(["1e-3", "no", "yes", "012", "0o7", "~", "2024-01-01", "", "<<", "=", "1_0"])
)
values = st.recursive(
    scalars, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=12
)


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.text(min_size=1), values, min_size=1))
def test_what_is_dumped_reads_back_as_the_same(value):
    assert read(dump_yaml(value)) == value


def test_a_dump_is_made_for_people():
    text = dump_yaml({"name": "é", "classes": ["a", "no"], "phases": [{"lr": 0.001}]})
    assert text == "name: é\nclasses: [a, 'no']\nphases:\n  - lr: 0.001\n"


def test_aliases_that_unfold_to_billions_of_values_are_refused_at_once():
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{k}: &a{k} [{', '.join([f'*a{k - 1}'] * 9)}]" for k in range(1, 10)]
    value, [problem] = parse_yaml("\n".join(lines), "a.yaml")
    assert value is None
    assert "values once its aliases (*) are unfolded" in problem.message


@pytest.mark.parametrize(
    "text",
    [
        f"a: {'[' * 51}{']' * 51}",
        f"a: {'[' * 1000}{']' * 1000}",
        "\n".join(["a0: &a0 [x]", *(f"a{k}: &a{k} [*a{k - 1}]" for k in range(1, 60))]),
        "\n".join(["a0: &a0 [x]", *(f"a{k}: &a{k} {{b: *a{k - 1}}}" for k in range(1, 1000))]),
    ],
)
def test_values_nested_without_end_are_refused(text):
    value, [problem] = parse_yaml(text, "a.yaml")
    assert value is None
    assert "more than 50 deep" in problem.message


def test_values_nested_as_people_do_are_read():
    value, problems = parse_yaml(f"a: {'[' * 40}{']' * 40}", "a.yaml")
    assert value is not None
    assert not problems
