"""What is known of an image where several make what is scored, against its arrays by hand."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from podium.cli import artefacts
from podium.cli.app import app
from podium.competition.spec import Competition, load_competition
from podium.predictions import write_fold
from podium.reporting.images.predictions import ImagePrediction
from podium.reporting.images.view import report_image
from podium.submissions.upload.receipt import prepare_receipt, save_receipt
from podium.workflows.blends.blending import blend_runs
from podium.workspace.documents import dumps

N = 36


def breasts(made: Any, aggregate: str, rule: str) -> Any:
    """Return the workspace with two images a unit, of which one of the sick may show it."""
    root = made.workspace.root
    shown = [int(i // 2 % 2 == 0 and (rule == "agree" or i % 2 == 0)) for i in range(N)]
    lines = [f"train{i:02d},{shown[i]},u{i // 2:02d}" for i in range(N)]
    (root / "train.csv").write_text("\n".join(["id,label,pair", *lines]))
    (root / "test.csv").write_text("id,pair\ntest00,v\ntest01,w\ntest02,v\n")
    spec = made.competition.model_dump(mode="json", exclude_unset=True)
    spec["data"]["train"]["unit"] = "{pair}"
    images = {"table": "test.csv", "id": "id", "images": "test/{id}.png"}
    spec["data"]["test"] = {**images, "unit": "{pair}"}
    spec["units"] = {"aggregate": aggregate, "truth": rule}
    spec["folds"] = {"n": 3, "scheme": "stratified_group", "group": "pair"}
    spec["submission"] = {"value": "prob", "columns": {"id": "id", "label": "value"}}
    file = root / "competition.yaml"
    file.write_text(dumps(Competition.model_validate(spec)), encoding="utf-8")
    return dataclasses.replace(made, competition=load_competition(file))


def blended(made: Any, method: str) -> str:
    """Return the name of the blend of two runs, which have predicted the test part, too."""
    for seed, name in enumerate(("a-00000001", "b-00000002")):
        run = made.add_run(name, seed=seed)
        rng = np.random.default_rng(seed)
        made.probs[f"{name}/test"] = rng.random((3, 3, 1)).astype(np.float32)
        for fold, probs in enumerate(made.probs[f"{name}/test"]):
            ids = [f"test{i:02d}" for i in range(3)]
            about = {"task": "classify", "fold": fold, "model": f"{name}/{fold}"}
            write_fold(run / "predictions" / "aabbccdd", "test", **about, ids=ids, probs=probs)
    names = ["a-00000001", "b-00000002"]
    runs = [made.workspace.runs / name for name in names]
    return blend_runs(made.workspace, made.competition, runs, method=method, trials=2).name


def of(made: Any, name: str) -> tuple[Any, dict[str, ImagePrediction]]:
    (known,) = report_image(made.workspace, made.competition, name)
    assert known.problems == ()
    return known, {one.source: one for one in known.opinions}


def together(how: str, probs: Any) -> float:
    each = np.asarray(probs, dtype=np.float64)
    if how == "noisy_or":
        return float(1 - np.prod(1 - each))
    return float(each.max() if how == "max" else each.mean())


@pytest.mark.other_cases("long", of="quick")
@pytest.mark.parametrize(("how", "rule"), [("noisy_or", "max"), ("mean", "agree"), ("max", "max")])
def test_a_run_predicts_its_image_and_a_blend_the_unit_it_is_scored_by(
    make: Callable[..., Any], how: str, rule: str
) -> None:
    made = breasts(make("binary"), how, rule)
    blend = blended(made, "mean")
    for row in (0, 1, 2, 17, 35):
        known, predicted = of(made, f"train{row:02d}")
        unit = row // 2
        assert known.unit == f"u{unit:02d}"
        own = float(made.probs["a-00000001"][row, 0])
        right = int(unit % 2 == 0 and (rule == "agree" or row % 2 == 0))
        assert known.label == str(right)
        run = predicted["a-00000001"]
        assert (run.text, run.is_right) == (str(int(own >= 0.5)), (own >= 0.5) == right)
        each = [
            together(how, made.probs[name][2 * unit : 2 * unit + 2, 0])
            for name in ("a-00000001", "b-00000002")
        ]
        mean, sick = float(np.mean(each)), unit % 2 == 0
        assert known.unit_label == str(int(sick))
        opinion = predicted[blend]
        assert dict(opinion.top)["1"] == pytest.approx(mean, abs=1e-6)
        assert opinion.is_right == ((opinion.text == "1") == sick)
        assert opinion.of_truth == pytest.approx(mean if sick else 1 - mean, abs=1e-6)
        assert opinion.folds == run.folds == (known.fold,)


@pytest.mark.slow
def test_a_blend_of_ranks_ranks_the_unit_among_units(make: Callable[..., Any]) -> None:
    made = breasts(make("binary"), "max", "max")
    blend = blended(made, "rank")
    units = {
        name: np.asarray(made.probs[name][:, 0]).reshape(-1, 2).max(axis=1)
        for name in ("a-00000001", "b-00000002")
    }
    folds = np.array([of(made, f"train{2 * unit:02d}")[0].fold for unit in range(N // 2)])
    for unit in (0, 5, 17):
        inside = folds == folds[unit]
        ranks = [
            ((values[inside] < values[unit]).sum() + 0.5) / inside.sum()
            for values in units.values()
        ]
        _, predicted = of(made, f"train{2 * unit + 1:02d}")
        assert dict(predicted[blend].top)["1"] == pytest.approx(np.mean(ranks), abs=1e-6)


def test_a_test_image_has_its_units_answer_and_the_row_of_the_unit_that_was_sent(
    make: Callable[..., Any],
) -> None:
    made = breasts(make("binary"), "noisy_or", "max")
    blend = blended(made, "mean")
    file = made.workspace.root / "sent.csv"
    file.write_text("id,label\nv,0.25\nw,0.75\n")
    receipt = prepare_receipt(
        made.workspace, file, slug="x", target="host", message="m", sources=[blend], honest=0.5
    )
    made.workspace.submissions.mkdir(exist_ok=True)
    save_receipt(made.workspace, receipt.model_copy(update={"state": "complete"}), file)
    for name, rows in (("test02", [0, 2]), ("test01", [1])):
        known, predicted = of(made, name)
        each = [
            together("noisy_or", made.probs[f"{run}/test"].mean(axis=0)[rows, 0])
            for run in ("a-00000001", "b-00000002")
        ]
        assert dict(predicted[blend].top)["1"] == pytest.approx(np.mean(each), abs=1e-6)
        assert predicted[blend].is_right is None
        unit = "v" if 0 in rows else "w"
        (cell,) = known.given.cells
        assert (known.unit, cell.key) == (unit, unit)
        assert cell.cells == {"label": {"v": "0.25", "w": "0.75"}[unit]}
    asked = ["-w", str(made.workspace.root), "show", "test02"]
    shown = CliRunner().invoke(app, asked, env={"COLUMNS": "200"})
    assert shown.exit_code == 0, shown.output
    assert blend in shown.output
    assert "label of the unit" not in shown.output
    shown = CliRunner().invoke(app, [*asked[:-1], "train01"], env={"COLUMNS": "200"})
    assert ["label", "0"] in [line.split() for line in shown.output.splitlines()]
    assert "  label of the unit  1\n" in shown.output


def test_a_blends_value_of_the_unit_is_marked_beside_those_of_the_image(
    capsys: pytest.CaptureFixture[str],
) -> None:
    opinions = [
        ImagePrediction(source, kind, "classify", (0,), "1", value=value)
        for source, kind, value in (("r-1", "run", 0.9), ("b-2", "blend", 1.4))
    ]
    artefacts._print_labels(opinions, "plot7")
    of_run, of_blend = (line for line in capsys.readouterr().out.splitlines() if "-" in line)
    assert "the image" in of_run
    assert "unit plot7" in of_blend
    artefacts._print_labels(opinions, None)
    assert "unit" not in capsys.readouterr().out
