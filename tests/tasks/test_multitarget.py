"""Several numbers an image take the whole path, from `podium init` to a score of the host.

What is expected is computed by loops over columns and cells, or by scikit-learn.
"""

from __future__ import annotations

import csv
import json
import pickle
from pathlib import Path
from typing import Any

import miniatures
import numpy as np
import pandas as pd
import pytest
import yaml
from command_line import podium
from numpy.typing import NDArray

import podium as package
from podium.competition import metrics
from podium.competition.folds.strata import read_strata
from podium.competition.infer.labels.kinds import InferredLabels
from podium.competition.samples import load_samples, truth
from podium.competition.spec import Competition
from podium.errors import DataError, RecipeError, SubmissionError
from podium.submissions.format.answers import read_answers, write_answers
from podium.submissions.format.expected import expected_of_ids
from podium.submissions.format.spec import format_of
from podium.submissions.format.writing import PredictionBatch
from podium.tasks.protocols.find import image_kind

NAMES = ["across", "down", "area", "glow"]
SIZE = 16
RNG = np.random.default_rng(7)
TRUTH = RNG.normal([0, 5, 1000, 2], [1, 2, 300, 0.1], (30, 4))
TRUTH[RNG.random((30, 4)) < 0.2] = np.nan
TRUTH[:, 0] = RNG.normal(size=30)
VALUES = np.nan_to_num(TRUTH, nan=3.0) + RNG.normal(0, [0.4, 1, 100, 0.2], (30, 4))


def _known(c: int) -> list[tuple[float, float]]:
    """Return truth and value of the rows that have a truth in column `c`."""
    pairs = zip(TRUTH[:, c].tolist(), VALUES[:, c].tolist(), strict=True)
    return [(right, value) for right, value in pairs if right == right]


def test_mcrmse_is_the_mean_of_the_roots_by_column() -> None:
    roots = [np.sqrt(np.mean([(v - t) ** 2 for t, v in _known(c)])) for c in range(4)]
    assert metrics.score("mcrmse", TRUTH, VALUES) == pytest.approx(float(np.mean(roots)))


SCALES, WEIGHTS = [1.6, 38.0, 300.0, 0.1], [1.0, 0.0, 2.0, 0.5]


def test_scales_and_weights_of_columns_are_those_of_a_loop() -> None:
    """Scores of folds pool exactly: the sums know nothing of the options."""
    roots = [np.sqrt(np.mean([(v - t) ** 2 for t, v in _known(c)])) for c in range(4)]
    scaled = [root / scale for root, scale in zip(roots, SCALES, strict=True)]
    found = metrics.score("mcrmse", TRUTH, VALUES, scales=SCALES)
    assert found == pytest.approx(float(np.mean(scaled)))
    both = {"scales": SCALES, "weights": WEIGHTS}
    total = sum(root * weight for root, weight in zip(scaled, WEIGHTS, strict=True))
    found = metrics.score("mcrmse", TRUTH, VALUES, **both)
    assert found == pytest.approx(total / sum(WEIGHTS))
    metric = metrics.get("mcrmse")
    assert metric.sums is not None
    assert metric.value is not None
    halves = [metric.sums(TRUTH[at], VALUES[at], **both) for at in (slice(11), slice(11, None))]
    assert metric.value(np.concatenate(halves), **both) == pytest.approx(found)


@pytest.mark.parametrize("name", ["mcrmse", "mcmae", "mcrmsle"])
@pytest.mark.parametrize(
    ("options", "message", "fix"),
    [
        ({"scales": [1.6]}, "scales must be 4 numbers, got [1.6]", "scales: [1, 1, 1, 1]"),
        ({"scales": 38}, "scales must be 4 numbers, got 38", "in the order of `classes`"),
        ({"scales": ["a", 1, 1, 1]}, "scales must be 4 numbers", "in the order of `classes`"),
        ({"scales": [1, 1, 0, 1]}, "scales must be above 0", "1 leaves it as it is"),
        ({"weights": [1, -1, 1, 1]}, "weights must be >= 0", "0 leaves it out"),
        ({"weights": [0, 0, 0, 0]}, "weights must be >= 0 and not all 0", "0 leaves it out"),
        ({"scale": SCALES}, "no option 'scale'", "scales"),
    ],
)
def test_options_of_columns_that_do_not_fit_are_told_with_the_fix(
    name: str, options: dict[str, Any], message: str, fix: str
) -> None:
    """Before any training: where competition.yaml is read."""
    with pytest.raises(DataError) as error:
        metrics.fitting(name, image_kind("multitarget"), options, n_classes=4)
    assert name in str(error.value)
    assert message in str(error.value)
    assert fix in str(error.value.fix)


def test_mcmae_is_the_mean_of_the_means_by_column_and_mae_where_no_cell_is_empty() -> None:
    each = [np.mean([abs(v - t) for t, v in _known(c)]) for c in range(4)]
    assert metrics.score("mcmae", TRUTH, VALUES) == pytest.approx(float(np.mean(each)))
    scaled = np.average(np.array(each) / SCALES, weights=WEIGHTS)
    both = {"scales": SCALES, "weights": WEIGHTS}
    assert metrics.score("mcmae", TRUTH, VALUES, **both) == pytest.approx(float(scaled))
    whole = np.nan_to_num(TRUTH, nan=2.0)
    pooled = metrics.score("mae", whole, VALUES)
    assert metrics.score("mcmae", whole, VALUES) == pytest.approx(pooled)
    assert metrics.score("mae", TRUTH, VALUES) != pytest.approx(float(np.mean(each)))


def test_mcrmsle_is_that_of_scikit_learn_and_leaves_out_cells_without_a_truth() -> None:
    sklearn = pytest.importorskip("sklearn.metrics")
    truth, values = np.abs(TRUTH), np.abs(VALUES)
    logs = np.log1p(values) - np.log1p(truth)
    roots = np.sqrt(np.nanmean(logs**2, axis=0))
    assert metrics.score("mcrmsle", truth, values) == pytest.approx(float(roots.mean()))
    whole = np.nan_to_num(truth, nan=2.0)
    theirs = float(sklearn.root_mean_squared_log_error(whole, values))
    assert metrics.score("mcrmsle", whole, values) == pytest.approx(theirs)


def test_mcrmsle_of_minus_one_is_refused_by_its_own_name() -> None:
    with pytest.raises(DataError, match="mcrmsle is undefined: the true value of row 1"):
        metrics.score("mcrmsle", np.array([[1.0, 2.0], [1.0, -1.0]]), np.ones((2, 2)))


def test_rmsle_of_several_columns_leads_to_mcrmsle() -> None:
    with pytest.raises(DataError, match="rmsle cannot score") as error:
        metrics.fitting("rmsle", image_kind("multitarget"))
    assert "mcrmsle" in str(error.value.fix)


def test_rmse_and_mae_are_of_all_cells_with_a_truth() -> None:
    errors = [v - t for c in range(4) for t, v in _known(c)]
    rmse = metrics.score("rmse", TRUTH, VALUES)
    assert rmse == pytest.approx(float(np.sqrt(np.mean(np.square(errors)))))
    assert metrics.score("mae", TRUTH, VALUES) == pytest.approx(float(np.mean(np.abs(errors))))


def test_mean_r2_is_that_of_scikit_learn_by_column() -> None:
    sklearn = pytest.importorskip("sklearn.metrics")
    each = [sklearn.r2_score(*zip(*_known(c), strict=True)) for c in range(4)]
    assert metrics.score("mean_r2", TRUTH, VALUES) == pytest.approx(float(np.mean(each)))


def test_mean_r2_with_weights_is_the_weighted_mean_by_column() -> None:
    sklearn = pytest.importorskip("sklearn.metrics")
    each = [sklearn.r2_score(*zip(*_known(c), strict=True)) for c in range(4)]
    expected = (3 * each[0] + each[2]) / 4
    given = {"weights": [3, 0, 1, 0]}
    assert metrics.score("mean_r2", TRUTH, VALUES, **given) == pytest.approx(float(expected))
    with pytest.raises(DataError, match="mean_r2: weights must be 4 numbers"):
        metrics.score("mean_r2", TRUTH, VALUES, weights=[1, 2])


def test_mean_r2_of_a_constant_column_is_undefined() -> None:
    with pytest.raises(DataError, match="a column is constant"):
        metrics.score("mean_r2", np.array([[1.0, 2.0], [1.0, 3.0]]), np.ones((2, 2)))


@pytest.mark.parametrize(
    "name", ["mcrmse", "mean_r2", "rmse", "mae", "mape", "smape", "mcmae", "mcrmsle"]
)
def test_sums_of_parts_add_up_where_a_part_lacks_a_column(name: str) -> None:
    right, values = np.abs(TRUTH), np.abs(VALUES)  # a logarithm needs no negative ones
    right[:5, 2] = np.nan
    parts = [metrics.sums(name, right[rows], values[rows]) for rows in (slice(5), slice(5, 30))]
    pooled = metrics.value(name, np.concatenate([one for one in parts if one is not None]))
    assert pooled == pytest.approx(metrics.score(name, right, values))


def test_a_missing_truth_of_one_number_stays_an_error() -> None:
    with pytest.raises(DataError, match="nan"):
        metrics.score("rmse", np.array([1.0, np.nan]), np.array([1.0, 2.0]))


def test_the_loss_is_a_mean_over_known_cells_in_deviations_of_their_columns() -> None:
    torch = pytest.importorskip("torch")
    from podium.training.data.rows import column_scale
    from podium.training.objective import build_objective

    scale = column_scale(TRUTH.astype(np.float32))
    kinds = {"classify": "multitarget"}
    given: dict[str, Any] = {"kinds": kinds, "column_units": scale.scale}
    logits, target = torch.tensor(VALUES), torch.tensor(TRUTH)
    z, squares, hubers = [np.std([t for t, _ in _known(c)]) for c in range(4)], [], []
    for c in range(4):
        for t, v in _known(c):
            d = abs(v - t) / z[c]
            squares.append(d**2)
            hubers.append(d**2 / 2 if d <= 0.5 else 0.5 * (d - 0.25))
    for loss, by_hand in (({"mse": 1}, squares), ({"huber": {"delta": 0.5}}, hubers)):
        objective = build_objective({"classify": loss}, **given)
        found = objective({"classify": logits}, {"classify": target})["total"]
        assert float(found) == pytest.approx(float(np.mean(by_hand)), rel=1e-4)
    means = [np.mean([t for t, _ in _known(c)]) for c in range(4)]
    np.testing.assert_allclose(scale.mean, means, rtol=1e-5)


def test_the_scale_of_a_constant_or_unknown_column_is_one() -> None:
    pytest.importorskip("torch")
    from podium.training.data.rows import column_scale

    scale = column_scale(np.array([[0.1, np.nan], [0.1, np.nan], [0.1, np.nan]], dtype=np.float32))
    assert scale.scale.tolist() == [1, 1]
    np.testing.assert_allclose(scale.mean, [0.1, 0])
    np.testing.assert_allclose([scale.low[0], scale.high[0]], [0.1, 0.1])
    assert scale.high[1] > 3e38 > -3e38 > scale.low[1]


def test_predictions_stay_within_a_tenth_of_the_range_of_train_and_losses_do_not() -> None:
    torch = pytest.importorskip("torch")
    from podium.models.heads.classify import ColumnUnits
    from podium.training.data.rows import column_scale

    target = np.array([[0.0, 10.0], [1.0, np.nan], [2.0, 30.0]], dtype=np.float32)
    units = ColumnUnits(2)
    measured = column_scale(target)._asdict()
    units.load_state_dict({name: torch.from_numpy(one) for name, one in measured.items()})
    numbers = torch.tensor([[9.0, -9.0], [-9.0, 9.0], [0.5, 0.5]])
    free = numbers * torch.tensor([(2 / 3) ** 0.5, 10.0]) + torch.tensor([1.0, 20.0])
    torch.testing.assert_close(units.train()(numbers), free)
    bounded = torch.tensor([[2.2, 8.0], [0.0, 32.0], free[2].tolist()])
    torch.testing.assert_close(units.eval()(numbers), bounded)
    torch.testing.assert_close(units.unbounded(numbers), free)


@pytest.mark.parametrize(
    ("known", "bounds"),
    [
        ((0, 30), (0, 33)),
        ((1, 51), (0, 56)),
        ((20, 30), (19, 31)),
        ((-40, -2), (-43.8, 0)),
        ((-1, 9), (-2, 10)),
        ((0, 0), (0, 0)),
    ],
)
def test_numbers_of_one_sign_are_predicted_with_that_sign(
    known: tuple[float, float], bounds: tuple[float, float]
) -> None:
    """A tenth beyond the least count of 0 would be -3 penguins, which have no logarithm."""
    pytest.importorskip("torch")
    from podium.training.data.rows import column_scale

    scale = column_scale(np.array(known, dtype=np.float32)[:, None])
    np.testing.assert_allclose([scale.low[0], scale.high[0]], bounds, rtol=1e-6)


def test_a_head_gives_numbers_in_the_units_of_their_columns() -> None:
    torch = pytest.importorskip("torch")
    from podium.models.features import Features
    from podium.models.heads.classify import Classify, with_column_units

    head = Classify(6, 2, pool="avg", dropout=0.0)
    plain = head(features := Features((torch.rand(3, 6, 2, 2),), (8, 8), (8, 8)))
    with_column_units(head, 2)
    assert torch.equal(head(features), plain)  # nothing was measured yet
    assert head.units is not None
    head.units.mean.copy_(torch.tensor([10.0, -1.0]))
    head.units.scale.copy_(torch.tensor([2.0, 300.0]))
    expected = plain * torch.tensor([2.0, 300.0]) + torch.tensor([10.0, -1.0])
    torch.testing.assert_close(head(features), expected)
    torch.testing.assert_close(head.each_sample(features)[:, 0], expected)
    assert {"units.mean", "units.scale"} <= head.state_dict().keys()


def test_a_linear_probe_is_ridge_regression_of_scaled_columns() -> None:
    torch = pytest.importorskip("torch")
    linear = pytest.importorskip("sklearn.linear_model")
    from podium.models.heads.classify import Classify, with_column_units
    from podium.training.data.rows import column_scale
    from podium.training.linear_fit import LinearRows, RowSpace, fit_layer, write_layer
    from podium.training.objective import build_objective

    x = RNG.normal(2, 3, (40, 5))
    y = x @ RNG.normal(size=(5, 3)) * [1, 50, 1e-3] + RNG.normal(0, [1, 50, 1e-3], (40, 3))
    scale = column_scale(y.astype(np.float32))
    kinds = {"classify": "multitarget"}
    objective = build_objective(None, kinds=kinds, column_units=scale.scale)
    head = Classify(5, 3, pool="avg", dropout=0.0)
    with_column_units(head, 3)
    head.units.mean.copy_(torch.tensor(scale.mean))
    head.units.scale.copy_(torch.tensor(scale.scale))

    def loss(logits: Any, target: Any, weight: Any) -> Any:
        return objective({"classify": head.in_units(logits)}, {"classify": target}, weight)["total"]

    space = RowSpace.of(torch.from_numpy(x))
    rows = LinearRows(
        space.coordinates(torch.from_numpy(x)), torch.from_numpy(y), torch.ones(40).double()
    )
    write_layer(head.linear, fit_layer(head.linear, rows, loss, strength=0.1), space)
    with torch.no_grad():
        found = head.in_units(head.linear(torch.from_numpy(x).float())).numpy()
    # n · mean of 3 columns' squares + ‖w‖² / (2C) is Ridge's with α = 3 / (2C), on scaled columns
    of_x = (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + 0.1 * x.var(axis=0).mean())
    of_y = (y - y.mean(axis=0)) / y.std(axis=0)
    peer = linear.Ridge(alpha=3 / (2 * 0.1)).fit(of_x, of_y).predict(of_x)
    np.testing.assert_allclose((found - y.mean(axis=0)) / y.std(axis=0), peer, atol=1e-2)


def _competition(root: Path, **more: Any) -> Competition:
    document = {
        "name": "discs", "tasks": {"classify": "multitarget"}, "classes": NAMES,
        "data": {
            "train": {"table": "data/train.csv", "id": "id", "images": "data/train/{id}.png",
                      "label": NAMES},
            "test": {"images": "data/test/*.png"},
        },
        "metric": {"name": "mcrmse"},
        **more,
    }  # fmt: skip
    return Competition.model_validate(document).at(root)


def _with_train(root: Path, rows: list[list[str]]) -> None:
    for row in rows:
        miniatures.save(root / f"data/train/{row[0]}.png", np.zeros((4, 4, 3), dtype=np.uint8))
    miniatures.write_table(root / "data/train.csv", ["id", *NAMES], rows)


def test_empty_cells_are_missing_and_texts_are_refused_with_their_lines(tmp_path: Path) -> None:
    _with_train(tmp_path, [["a", "1", "", "2.5", "nan"], ["b", "0", "-1", "3", "4"]])
    found = truth(load_samples(_competition(tmp_path), "train"), _competition(tmp_path))
    np.testing.assert_array_equal(found, [[1, np.nan, 2.5, np.nan], [0, -1, 3, 4]])
    _with_train(tmp_path, [["a", "1", "big", "2.5", "1"], ["b", "", "", "", ""]])
    with pytest.raises(DataError, match=r"column 'down': 1 label is no numbers: 'big' \(line 2"):
        load_samples(_competition(tmp_path), "train")
    _with_train(tmp_path, [["a", "1", "2", "2.5", "1"], ["b", "", "", "", ""]])
    with pytest.raises(DataError, match="no number in any column: lines 3"):
        load_samples(_competition(tmp_path), "train")


def test_labels_as_text_are_read_back(tmp_path: Path) -> None:
    from podium.competition.truths.annotator_labels import format_label, parse_label

    competition, label = _competition(tmp_path), np.array([1.5, np.nan, -2.0, 0.25])
    text = format_label(competition, label)
    np.testing.assert_array_equal(parse_label(competition, text), label)
    with pytest.raises(DataError, match="does not hold 4 numbers"):
        parse_label(competition, "1.5")


def test_folds_are_balanced_by_the_mean_rank_over_columns() -> None:
    strata = read_strata(pd.DataFrame(index=range(30)), TRUTH)
    ranks = np.full((30, 4), np.nan)
    for c in range(4):
        known = sorted(t for t, _ in _known(c))
        for row, one in enumerate(TRUTH[:, c].tolist()):
            if one == one:
                ranks[row, c] = (known.index(one) + 1) / len(known)
    mean = [np.mean([one for one in row if one == one]) for row in ranks]
    np.testing.assert_array_equal(
        strata.codes, read_strata(pd.DataFrame(index=range(30)), mean).codes
    )
    assert strata.kind == "numbers"
    assert set(np.bincount(strata.codes)) == {3}


def test_cells_are_written_and_read_back_by_column_and_by_row(tmp_path: Path) -> None:
    values = np.round(VALUES[:3], 4)
    wide = {"columns": {"id": "id", **{name: f"value[{name}]" for name in NAMES}}}
    tall = {"rows": "image_class", "id": "{id}_{class}", "columns": {"RowId": "id", "x": "value"}}
    for name, submission in (("wide", wide), ("tall", tall)):
        form = format_of(_competition(tmp_path, submission=submission))
        assert form.value == "scalar"
        wanted = expected_of_ids(form, ["a", "b", "c"])
        batch = PredictionBatch(["a", "b", "c"], probs=values, decisions=values)
        path = write_answers(tmp_path / f"{name}.csv", wanted, [batch])
        np.testing.assert_array_equal(read_answers(path, wanted), values)
    with (tmp_path / "tall.csv").open(newline="", encoding="utf-8") as file:
        rows = {row["RowId"]: float(row["x"]) for row in csv.DictReader(file)}
    assert rows == {
        f"{one}_{name}": values[r, c] for r, one in enumerate("abc") for c, name in enumerate(NAMES)
    }
    text = (tmp_path / "wide.csv").read_text(encoding="utf-8").replace(str(values[1, 2]), "many")
    (tmp_path / "wide.csv").write_text(text, encoding="utf-8")
    wanted = expected_of_ids(format_of(_competition(tmp_path, submission=wide)), ["a", "b", "c"])
    with pytest.raises(SubmissionError, match="many"):
        read_answers(tmp_path / "wide.csv", wanted)


def test_one_column_cannot_hold_several_numbers(tmp_path: Path) -> None:
    submission = {"columns": {"id": "id", "x": "value"}}
    with pytest.raises(DataError, match="several numbers need a column each"):
        format_of(_competition(tmp_path, submission=submission))


def test_ridge_of_members_is_scikit_learns_on_the_known_rows_of_each_column() -> None:
    linear = pytest.importorskip("sklearn.linear_model")
    from podium.ensembling.methods.stack_ridge import METHOD
    from podium.tuning.scoring import LabelScorer

    members = np.stack([VALUES, VALUES[:, ::-1] * 0.01 + 1]).astype(np.float32)
    scorer = LabelScorer(metrics.get("mcrmse"), TRUTH, image_kind("multitarget"))
    made = METHOD.combine(members, METHOD.fit(members, scorer, seed=0))
    for c in range(4):
        known = np.isfinite(TRUTH[:, c])
        own = members[:, :, c].T.astype(np.float64)
        unit = np.sqrt(own[known].var(axis=0).mean())
        model = linear.Ridge().fit(own[known] / unit, TRUTH[known, c])
        np.testing.assert_allclose(made[:, c], model.predict(own / unit), rtol=1e-4)


def test_simplex_weights_make_the_squared_errors_in_deviations_least() -> None:
    from podium.ensembling.simplex import fit_simplex
    from podium.tuning.scoring import LabelScorer

    noisy = VALUES + RNG.normal(0, [0.5, 2, 20, 0.3], VALUES.shape)
    members = np.stack([VALUES, noisy]).astype(np.float32)
    found = fit_simplex(
        members, LabelScorer(metrics.get("mcrmse"), TRUTH, image_kind("multitarget"))
    )

    def loss(weight: float) -> float:
        mixed = weight * members[0].astype(np.float64) + (1 - weight) * members[1]
        spread = [np.std([t for t, _ in _known(c)]) for c in range(4)]
        errors = ((mixed - TRUTH) / spread).ravel().tolist()
        return sum(one**2 for one in errors if one == one)

    steps = np.linspace(0, 1, 1001)
    best = steps[int(np.argmin([loss(one) for one in steps]))]
    assert found.weights[0] == pytest.approx(best, abs=2e-3)


def test_a_kind_with_other_facts_is_the_same_kind() -> None:
    kind = image_kind("multitarget")
    moved = kind.with_facts(moves_with_image=True)
    assert (moved, moved.moves_with_image, kind.moves_with_image) == (kind, True, False)
    assert pickle.loads(pickle.dumps(moved)).moves_with_image
    assert pickle.loads(pickle.dumps(kind)) is kind


@pytest.mark.parametrize(
    ("names", "are"),
    [
        (["left_eye_x", "left_eye_y"], True),
        (["x1", "y1", "size"], True),
        (["X4", "X11"], False),
        (["index_x", "size"], False),
    ],
)
def test_columns_are_positions_where_an_x_has_its_y(names: list[str], are: bool) -> None:
    assert InferredLabels(image_kind("multitarget"), names, names, "").are_positions is are


def test_views_that_move_images_are_refused_for_positions(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    from podium.predictions.views import ViewSet

    for views in (["hflip"], ["shift:2:0"], ["crop:0.9:centre"]):
        ViewSet.of(views).check(_competition(tmp_path).tasks)
        with pytest.raises(RecipeError, match=r"moves the positions|changes the answer"):
            ViewSet.of(views).check(_competition(tmp_path, positions=True).tasks)


def test_policies_that_move_images_are_found() -> None:
    albumentations = pytest.importorskip("albumentations")
    from podium.training.policies._load import moving_transforms

    nested = albumentations.OneOf([albumentations.Affine(), albumentations.ToGray()])
    assert moving_transforms([nested, albumentations.GaussianBlur()]) == ["Affine"]


# The whole path


def _disc(numbers: dict[str, float], rng: np.random.Generator) -> NDArray[np.uint8]:
    """Return a disc whose place, area and colour are the numbers."""
    rows, columns = np.mgrid[:SIZE, :SIZE]
    image = rng.normal(60, 5, (SIZE, SIZE, 3))
    off = (columns - numbers["across"]) ** 2 + (rows - numbers["down"]) ** 2
    image[off * np.pi < numbers["area"]] = 60 + 190 * numbers["glow"] * np.array([1, 0.8, 0.3])
    return np.asarray(image.clip(0, 255), dtype=np.uint8)


def _write(root: Path) -> dict[str, list[float]]:
    """Write images of discs and their tables; return the numbers of test, by id."""
    rng = np.random.default_rng(3)
    found: dict[str, dict[str, list[float]]] = {"train": {}, "test": {}}
    for part, count in (("train", 40), ("test", 10)):
        for number in range(count):
            drawn = rng.uniform([4, 4, 8, 0.2], [12, 12, 90, 1])
            numbers = dict(zip(NAMES, np.round(drawn, 3).tolist(), strict=True))
            name = f"{part}{number:03d}"
            miniatures.save(root / f"data/{part}/{name}.png", _disc(numbers, rng))
            found[part][name] = list(numbers.values())
    train = [[name, *map(str, numbers)] for name, numbers in found["train"].items()]
    train[1][2] = train[7][4] = ""
    miniatures.write_table(root / "data/train.csv", ["id", *NAMES], train)
    sample = [[name, *["0.5"] * 4] for name in found["test"]]
    miniatures.write_table(root / "data/sample_submission.csv", ["id", *NAMES], sample)
    return found["test"]


def _table(path: Path) -> dict[str, NDArray[np.float64]]:
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return {row["id"]: np.array([float(row[name] or "nan") for name in NAMES]) for row in rows}


def _mcrmse(truth: NDArray[np.float64], values: NDArray[np.float64]) -> float:
    return float(np.sqrt(np.nanmean((truth - values) ** 2, axis=0)).mean())


@pytest.mark.slow
def test_columns_of_numbers_go_from_a_folder_to_a_score_of_the_host(tmp_path: Path) -> None:
    answers = _write(tmp_path)
    podium(tmp_path, "init", tmp_path / "data")
    spec = yaml.safe_load((tmp_path / "competition.yaml").read_text(encoding="utf-8"))
    assert spec["tasks"] == {"classify": "multitarget"}
    assert (spec["classes"], spec["data"]["train"]["label"]) == (NAMES, NAMES)
    assert (spec["metric"]["name"], spec["submission"]["value"]) == ("mcrmse", "scalar")
    assert "to_choose" not in spec
    (tmp_path / "competition.yaml").write_text(yaml.safe_dump({**spec, "folds": {"n": 2}}))
    probe = {"phases": [{"name": "probe", "epochs": 1, "method": {"name": "linear_probe"},
                         "freeze": ["backbone"]}]}  # fmt: skip
    for name, more in (("small", {}), ("probe", probe)):
        (tmp_path / f"recipes/{name}.yaml").write_text(
            yaml.safe_dump(miniatures.small_recipe(SIZE, **more))
        )
    podium(tmp_path, "check")
    podium(tmp_path, "folds")
    podium(tmp_path, "train", "small", "probe")
    workspace, right = package.Workspace(tmp_path), _table(tmp_path / "data/train.csv")
    for name in ("small", "probe"):
        oof = workspace.oof(name).set_index("id")
        assert list(oof.columns[-4:]) == NAMES
        by_hand = _mcrmse(np.stack(list(right.values())), oof.loc[list(right), NAMES].to_numpy())
        scores = json.loads(podium(tmp_path, "show", name, "--json"))["scores"]
        assert scores["oof"] == pytest.approx(by_hand, abs=1e-3)
    podium(tmp_path, "blend", "small", "probe", "--method", "mean", "--json")
    podium(tmp_path, "submit", "blend", "--dry-run")
    (path,) = (tmp_path / "submissions").glob("blend-*.csv")
    podium(tmp_path, "check", path)
    written = _table(path)
    tables = [workspace.test(name).set_index("id")[NAMES] for name in ("small", "probe")]
    for name, numbers in written.items():
        mean = (tables[0].loc[name] + tables[1].loc[name]) / 2
        np.testing.assert_allclose(numbers, mean, rtol=1e-5)
    solution = [[name, *map(str, numbers), ("Public", "Private")[place % 2]]
                for place, (name, numbers) in enumerate(answers.items())]  # fmt: skip
    solution[0][1] = ""  # a cell that the host does not score
    miniatures.write_table(tmp_path / "solution.csv", ["id", *NAMES, "Usage"], solution)
    podium(tmp_path, "host", "init", tmp_path / "host", "--solution", tmp_path / "solution.csv",
           "--users", "me", "--seed", "1")  # fmt: skip
    spec = yaml.safe_load((tmp_path / "competition.yaml").read_text(encoding="utf-8"))
    text = yaml.safe_dump({**spec, "kaggle": {"host": "host"}})
    (tmp_path / "competition.yaml").write_text(text, encoding="utf-8")
    podium(tmp_path, "submit", "blend")
    public = [row for row in solution if row[-1] == "Public"]
    hidden = np.array([[float(cell or "nan") for cell in row[1:5]] for row in public])
    ((team, score),) = [json.loads(podium(tmp_path, "board", "--json"))["leader"]]
    assert team == "me"
    assert score == pytest.approx(
        _mcrmse(hidden, np.stack([written[r[0]] for r in public])), abs=1e-4
    )
    podium(tmp_path, "report")
    page = (tmp_path / "report/index.html").read_text(encoding="utf-8")
    assert all(f"Predicted against actual: {name}" in page for name in NAMES)
    podium(tmp_path, "show", "train003")
