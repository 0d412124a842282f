"""Two recipes beside each other: both can be read back from what is shown, and paths lead there."""

import random
import re

import yaml

from podium.reporting.provenance import count_differing_lines, recipe_diff

OLD = """seed: 0
model:
  backbone: resnet18
  heads:
    classify: null
    segment:
      decoder: unet
optimizer:
  name: adamw
  lr: 0.01
phases:
  - name: warm-up
    epochs: 2
    freeze: [backbone]
  - name: joint
    epochs: 3
    freeze: []
unlabelled: [unlabelled, train]
pseudo: []
"""


def both(lines):
    """Return the recipes that the lines are of."""
    new = [one.text for one in lines if one.sign != "removed"]
    old = []
    for one in lines:
        if one.sign == "changed":
            old.append(one.text.removesuffix(one.value) + one.was)
        elif one.sign != "added":
            old.append(one.text)
    return old, new


def reached(document, path):
    for key, item in re.findall(r"([^.\[\]]+)|\[([^\]]+)\]", path):
        if key:
            document = document[key]
        elif isinstance(document[0], dict) and "name" in document[0]:
            document = next(one for one in document if one["name"] == item)
        else:
            document = document[int(item)]
    return document


def test_a_changed_value_an_added_and_a_removed_line():
    new = OLD.replace("lr: 0.01", "lr: 0.001").replace("pseudo: []\n", "")
    new = new.replace("  name: adamw\n", "  name: adamw\n  clip: 1.0\n")
    told = [(x.sign, x.path, x.value, x.was) for x in recipe_diff(OLD, new) if x.sign != "same"]
    assert told == [
        ("added", "optimizer.clip", "1.0", ""),
        ("changed", "optimizer.lr", "0.001", "0.01"),
        ("removed", "pseudo", "[]", ""),
    ]
    assert [one.sign for one in recipe_diff(OLD, OLD)] == ["same"] * 19
    assert count_differing_lines(OLD, OLD) == 0
    assert count_differing_lines(OLD, new) == 4


def test_both_recipes_can_be_read_back_from_any_difference():
    rng = random.Random(3)
    for _ in range(300):
        lines = OLD.splitlines()
        for _ in range(rng.randrange(6)):
            at = rng.randrange(len(lines))
            kind = rng.randrange(3)
            if kind == 0:
                del lines[at]
            elif kind == 1:
                lines.insert(at, f"  added: {rng.randrange(3)}")
            else:
                lines[at] = re.sub(r": .*", f": {rng.randrange(3)}", lines[at])
        found = recipe_diff(OLD, "\n".join(lines))
        assert both(found) == (OLD.splitlines(), lines)
        assert all(one.was != one.value for one in found if one.sign == "changed")


def test_paths_lead_to_the_values_that_yaml_reads():
    document = yaml.safe_load(OLD)
    valued = [one for one in recipe_diff(OLD, OLD) if one.value]
    assert len(valued) == 14
    for one in valued:
        assert reached(document, one.path) == yaml.safe_load(one.value), one
    assert valued[8].path == "phases[warm-up].freeze"
    numbered = "list:\n  - a: 1\n    b: 2\n  - a: 3\n"
    assert [x.path for x in recipe_diff(numbered, numbered)][1:] == [
        "list[0].a", "list[0].b", "list[1].a"
    ]  # fmt: skip


def test_any_text_is_taken():
    odd = ("", "\n\n", ": :", "- - -", "\tx: y", "a: |\n  b\n\n  c", "שלום: 😀 # x", "- a\n- b")
    for text in odd:
        assert both(recipe_diff(text, OLD)) == (text.splitlines(), OLD.splitlines())
        assert both(recipe_diff(OLD, text)) == (OLD.splitlines(), text.splitlines())
