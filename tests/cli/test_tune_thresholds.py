"""Curves on a terminal: where marks stand, what is said of them, and ASCII where it is asked."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from command_line import podium
from import_workspaces import labels

from podium.cli.tuning.thresholds import MOST_DRAWN, ROWS, draw_curve
from podium.tuning.curves import ParameterCurve


def tent(summit: float, *, greater_is_better: bool = True, **given) -> ParameterCurve:
    """Return a curve over [0, 1] that falls by the distance from its summit."""
    values = np.linspace(0, 1, 101)
    scores = 0.9 - np.abs(values - summit)
    drawn_scores = scores + np.random.default_rng(0).normal(0, 0.05, (50, 101))
    about = {"chosen": 0.4, "plain": 0.5} | given
    found = ParameterCurve.of(
        "threshold",
        "cat",
        values,
        scores if greater_is_better else -scores,
        drawn_scores,
        greater_is_better=greater_is_better,
        **about,
    )
    assert found is not None
    return found


@pytest.mark.parametrize("plain", [True, False])
def test_marks_stand_over_their_values_and_the_summit_is_the_highest_column(plain: bool) -> None:
    curve = tent(0.3)
    lines = draw_curve(curve, "f1", plain=plain)
    assert len(lines) == ROWS + 7
    assert max(map(len, lines)) <= 80
    assert all(ord(character) < 128 for line in lines for character in line) == plain
    axis = next(line for line in lines if line.strip().startswith("+" if plain else "└"))[11:]
    chosen, best, at_half, plateau = ("^", "x", "|", "=") if plain else ("▲", "◆", "│", "═")
    # Of 64 columns over [0, 1]: 0.4, 0.3 and 0.5 times 63.
    assert (axis.index(chosen), axis.index(best), axis.index(at_half)) == (25, 19, 32)
    assert set(axis[17:19]) == {plateau}, "it is within chance a little below its summit, too"
    top = lines[1][11:]
    assert abs(np.mean([i for i, one in enumerate(top) if one != " "]) - 19) <= 1
    assert "0.9000" in lines[1]
    marks = [line.strip() for line in lines[-4:]]
    assert marks[0] == f"{chosen} chosen 0.4 (0.8000)  {best} raw maximum 0.3 (0.9000)"
    assert marks[1].startswith(f"{at_half} plain 0.5 (0.7000)")
    assert marks[2].startswith(f"{plateau} within one standard error")


def test_a_flat_curve_has_one_label_of_its_scores() -> None:
    flat = replace(tent(0.3), scores=(1.0,) * 101)
    labels = [line.partition("┤")[0].strip() for line in draw_curve(flat, "f1") if "┤" in line]
    assert labels == ["1.0000"] + [""] * (ROWS - 1)


def test_the_legend_explains_a_chosen_value_outside_its_interval_and_the_plain_score() -> None:
    outside = "chosen is outside it: this curve alone did not choose"
    text = "\n".join(draw_curve(tent(0.3, chosen=0.9), "f1"))
    assert outside in text
    assert "plain 0.5 (0.7000), the other values as chosen" in text
    assert outside not in "\n".join(draw_curve(tent(0.3, chosen=0.3), "f1"))


def test_the_legend_states_that_few_rows_draw_a_threshold_of_labels_to_the_plain_one() -> None:
    drawn = "chosen lies from its centre towards plain: rows of the class are few"
    between, beyond = tent(0.2, chosen=0.4), tent(0.3, chosen=0.1)
    assert drawn in "\n".join(draw_curve(between, "f1", is_drawn=True))
    for curve, is_drawn in ((between, False), (beyond, True)):
        text = "\n".join(draw_curve(curve, "f1", is_drawn=is_drawn))
        assert drawn not in text
        assert "this curve alone did not choose" in text


def test_where_the_plain_decision_is_kept_nothing_is_called_chosen() -> None:
    text = "\n".join(draw_curve(tent(0.3, chosen=0.5), "f1", is_kept=True))
    assert "▲ kept: plain 0.5 (0.7000)" in text
    assert "kept though outside it: all tuned gains too little" in text
    assert "chosen" not in text
    assert text.count("plain 0.5") == 1


def test_the_legend_of_a_gate_explains_it() -> None:
    values, scores = np.array([0.0, 0.5]), np.array([0.3, 0.4])
    gate = ParameterCurve.of(
        "gate", "", values, scores, None, chosen=0.5, plain=0.0, greater_is_better=True
    )
    assert gate is not None
    meaning = "gate: below this classifier probability a class is absent"
    assert draw_curve(gate, "mean_dice")[-1].strip() == meaning
    assert meaning not in "\n".join(draw_curve(tent(0.3), "f1"))


def test_where_less_is_better_the_best_is_the_lowest_column() -> None:
    curve = tent(0.3, greater_is_better=False)
    assert curve.best == pytest.approx(0.3)
    assert curve.gain == pytest.approx(0.1)
    lines = draw_curve(curve, "error", plain=True)
    assert "-0.9000" in lines[ROWS]
    assert lines[1][11 + 19 : 11 + 20].strip() == ""


def test_a_flat_curve_and_one_without_errors_are_drawn() -> None:
    flat = ParameterCurve.of(
        "cuts", "dog", np.array([0.2, 0.9]), np.array([0.7, 0.7]), None,
        chosen=0.2, plain=None, greater_is_better=True,
    )  # fmt: skip
    assert flat is not None
    lines = draw_curve(flat, "qwk", plain=True)
    assert "within" not in lines[-1]
    assert "plain" not in lines[-1]
    assert "=" not in lines[-3]


@pytest.mark.slow
def test_the_command_prints_both_scores_and_curves_and_the_json_has_them_all(
    tmp_path: Path,
) -> None:
    team = labels(tmp_path, kind="multilabel", n=36)
    run = team.add_run("run", 1)
    output = podium(team.root, "tune", "thresholds", run.name, "--trials", 2)
    for words in ("honest", "optimistic", "not tuned", "95 % interval", "believe this one"):
        assert words in output
    assert output.count("all else held") == 3 <= MOST_DRAWN
    assert "macro_f1 by threshold cat, all else held" in output
    made = podium(team.root, "tune", "thresholds", run.name, "--trials", 2, "--json")
    found = json.loads(made[made.index("{") :])
    assert [one["name"] for one in found["curves"]] == ["cat", "dog", "fox"]
    assert found["raw"] is False
    made = podium(team.root, "tune", "thresholds", run.name, "--trials", 2, "--raw", "--json")
    raw = json.loads(made[made.index("{") :])
    assert raw["raw"] is True
    assert raw["id"] != found["id"]


def test_a_metric_of_probabilities_has_nothing_to_tune_and_no_blend_is_kept(
    tmp_path: Path,
) -> None:
    team = labels(tmp_path, kind="multilabel")
    rules = team.root / "competition.yaml"
    rules.write_text(rules.read_text().replace("macro_f1", "log_loss"))
    run = team.add_run("run", 1)
    printed = podium(team.root, "tune", "thresholds", run.name, "--trials", 2, code=2)
    assert "log_loss scores values as they are: there is no decision to tune" in printed
    assert list(team.root.glob("blends/*")) == []


def test_a_step_that_is_not_there_is_named_with_its_file_and_line(tmp_path: Path) -> None:
    team = labels(tmp_path, kind="multilabel")
    run = team.add_run("run", 1)
    steps = tmp_path / "decide.yaml"
    steps.write_text("- threshold: {try: [0.5, 0.4]}\n- atleast: {try: [0, 1]}\n")
    refused = podium(team.root, "tune", "thresholds", run.name, "--steps", steps, code=2)
    assert f"{steps}:2: decide: there is no step 'atleast'" in refused
    assert "did you mean at_least?" in refused
    steps.write_text("- at_least: 1\n- threshold: {try: [0.5, 0.4]}\n")
    refused = podium(team.root, "tune", "thresholds", run.name, "--steps", steps, code=2)
    assert f"{steps}:1: decide: at_least changes the decisions of a threshold" in refused
    steps.write_text("- threshold: 1.5\n")
    refused = podium(team.root, "tune", "thresholds", run.name, "--steps", steps, code=2)
    assert f"{steps}:1: decide: threshold is compared with probabilities" in refused
    steps.write_text("- threshold: {try: [0.5, 0.4]}\n- at_least: {try: [1, 0]}\n")
    output = podium(team.root, "tune", "thresholds", run.name, "--steps", steps)
    assert "at_least: 1" in output
    assert "honest, too, with the first value of each step of the file" in output


def test_class_weights_that_are_all_equal_are_the_most_probable_class(tmp_path: Path) -> None:
    team = labels(tmp_path, kind="multiclass")
    run = team.add_run("run", 1)
    steps = tmp_path / "decide.yaml"
    steps.write_text("- class_weights: [1, 1, 1]\n")
    output = podium(team.root, "tune", "thresholds", run.name, "--steps", steps)
    assert "decision: the most probable class" in output
    assert "class_weights: " not in output
