"""A class of each of several outputs takes the whole path, from `podium init` to the host's score.

What is expected is computed by scikit-learn, output by output, or by loops.
"""

from __future__ import annotations

import csv
import json
import pickle
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import miniatures
import numpy as np
import pytest
import yaml
from command_line import podium
from import_workspaces import Team
from numpy.typing import NDArray
from pydantic import ValidationError
from reporting.labels.test_label_view import rendered

import podium as package
from podium.competition import metrics
from podium.competition.metrics._by_output import can_be_by_output
from podium.competition.samples import load_samples, truth
from podium.competition.spec import Competition
from podium.errors import DataError, SubmissionError
from podium.predictions.decisions.labels import decide
from podium.reporting.labels.evaluation import LabelSource, evaluate_labels
from podium.reporting.labels.view import view_labels
from podium.reporting.pages.moving_threshold import moving_labels
from podium.reporting.score_by_output import score_by_output
from podium.reporting.subjects import label_subject_of
from podium.submissions.format.answers import read_answers, write_answers
from podium.submissions.format.expected import expected_of_ids
from podium.submissions.format.spec import format_of
from podium.submissions.format.writing import PredictionBatch
from podium.tasks.protocols.find import image_kind
from podium.tasks.protocols.outputs import as_flags, blocks

CLASSES = {"colour": ["red", "green", "blue"], "shape": ["disc", "square"]}
NAMES = [f"{output}={name}" for output, names in CLASSES.items() for name in names]
SIZES = (3, 2)
KIND = image_kind("multioutput[3,2]")
RNG = np.random.default_rng(11)
INDICES = np.stack([RNG.integers(3, size=60), RNG.integers(2, size=60)], axis=1)
INDICES[:5, 0] = INDICES[9:12, 1] = -1
FLAGS = as_flags(INDICES, SIZES)
PROBS = np.hstack([RNG.dirichlet(np.ones(n), 60) for n in SIZES])
OPTIONS: dict[str, Any] = {"outputs": [3, 2], "weights": [2, 1]}
SIDE = 16


def _each(score: Callable[[Any, Any], float], *, of_probs: bool) -> list[float]:
    """Return the score of each output over the rows of which its answer is known."""
    found = []
    for at, columns in enumerate((range(3), range(3, 5))):
        rows = [row for row in range(60) if INDICES[row, at] >= 0]
        own = PROBS[np.ix_(rows, list(columns))]
        found.append(score(INDICES[rows, at], own if of_probs else own.argmax(axis=1)))
    return found


@pytest.mark.parametrize(
    ("name", "peer", "more"),
    [
        ("accuracy", "accuracy_score", {}),
        ("balanced_accuracy", "balanced_accuracy_score", {}),
        ("macro_f1", "f1_score", {"average": "macro"}),
        ("kappa", "cohen_kappa_score", {}),
        ("qwk", "cohen_kappa_score", {"weights": "quadratic"}),
        ("mcc", "matthews_corrcoef", {}),
        ("log_loss", "log_loss", {}),
    ],
)
def test_a_metric_by_output_is_the_weighted_mean_of_scikit_learns(
    name: str, peer: str, more: dict[str, Any]
) -> None:
    sklearn = pytest.importorskip("sklearn.metrics")
    metric = metrics.get(f"{name}_by_output")
    each = _each(lambda t, p: getattr(sklearn, peer)(t, p, **more), of_probs=name == "log_loss")
    given = PROBS if metric.scores_probs else decide(PROBS, None, KIND)
    wanted = pytest.approx((2 * each[0] + each[1]) / 3)
    assert metrics.score(metric, FLAGS, given, **OPTIONS) == wanted
    parts = [
        metrics.sums(metric, FLAGS[at], given[at], **OPTIONS) for at in (slice(9), slice(9, 60))
    ]
    pooled = np.concatenate([one for one in parts if one is not None])
    assert metrics.value(metric, pooled, **OPTIONS) == wanted
    assert metrics.values(metric, pooled.sum(axis=0)[None], **OPTIONS)[0] == wanted
    plain = metrics.score(metric, FLAGS, given, outputs=[3, 2])
    assert plain == pytest.approx((each[0] + each[1]) / 2)
    assert pickle.loads(pickle.dumps(metric)) is metric


def test_a_mean_over_outputs_of_a_ranking_is_refused_with_the_metrics_that_there_are() -> None:
    with pytest.raises(DataError, match="map_at_k does not score one class") as error:
        metrics.get("map_at_k_by_output")
    assert "accuracy_by_output" in str(error.value.fix)
    with pytest.raises(DataError, match="accuracy cannot score a multioutput task") as error:
        metrics.fitting("accuracy", KIND)
    assert "balanced_accuracy_by_output" in str(error.value.fix)


@pytest.mark.parametrize("weights", [[1], [1, -1], [0, 0], "many"])
def test_weights_that_do_not_fit_the_outputs_are_refused(weights: Any) -> None:
    with pytest.raises(DataError, match="weights must"):
        metrics.fitting("accuracy_by_output", KIND, {"weights": weights}, n_classes=5)


def test_an_output_without_any_known_answer_is_named() -> None:
    unknown = as_flags(np.array([[0, -1], [1, -1]]), SIZES)
    for function in (
        metrics.score,
        lambda *a, **o: metrics.value(a[0], metrics.sums(*a, **o), **o),
    ):
        with pytest.raises(DataError, match="output 2"):
            function("accuracy_by_output", unknown, np.abs(unknown), outputs=[3, 2])


def test_the_decision_is_the_most_probable_class_of_each_output() -> None:
    found = decide(PROBS, None, "multioutput[3,2]")
    for row in range(60):
        p = PROBS[row].tolist()
        colour, shape = p[:3].index(max(p[:3])), p[3:].index(max(p[3:]))
        assert found[row].tolist() == [int(c == colour) for c in range(3)] + [
            int(c == shape) for c in range(2)
        ]


def test_the_loss_is_the_mean_of_cross_entropies_of_known_answers() -> None:
    torch = pytest.importorskip("torch")
    from podium.tasks.kinds.classify.multilabel.outputs import target
    from podium.training.objective import build_objective, class_weights_for
    from podium.training.outputs import outputs_of

    logits = torch.tensor(RNG.normal(size=(60, 5)))
    objective = build_objective(None, kinds={"classify": KIND})
    found = objective({"classify": logits}, {"classify": torch.tensor(target(FLAGS))})["total"]
    by_hand, probs = [], np.zeros((60, 5))
    for at, columns in enumerate((range(3), range(3, 5))):
        losses = []
        for row in range(60):
            z = np.exp(logits[row, list(columns)].numpy())
            probs[row, list(columns)] = z / z.sum()
            if INDICES[row, at] >= 0:
                losses.append(-np.log(z[INDICES[row, at]] / z.sum()))
        by_hand.append(float(np.mean(losses)))
    assert float(found) == pytest.approx(sum(by_hand) / 2, rel=1e-5)
    weighted = build_objective(
        {"classify": {"ce_by_output": {"weights": [3.0, 1.0]}}}, kinds={"classify": KIND}
    )
    found = weighted({"classify": logits}, {"classify": torch.tensor(target(FLAGS))})["total"]
    assert float(found) == pytest.approx((3 * by_hand[0] + by_hand[1]) / 4, rel=1e-5)
    np.testing.assert_allclose(outputs_of(KIND).activate(logits).numpy(), probs, rtol=1e-6)
    balanced = class_weights_for("balanced", FLAGS, kind=KIND, n_classes=5)
    assert balanced is not None
    for at, size, start in ((0, 3, 0), (1, 2, 3)):
        known = [one for one in INDICES[:, at].tolist() if one >= 0]
        for c in range(size):
            assert balanced[start + c] == pytest.approx(len(known) / (size * known.count(c)))


def _competition(root: Path, **more: Any) -> Competition:
    document = {
        "name": "tokens", "tasks": {"classify": "multioutput"}, "classes": CLASSES,
        "data": {
            "train": {"table": "data/train.csv", "id": "id", "images": "data/train/{id}.png",
                      "label": list(CLASSES)},
            "test": {"images": "data/test/*.png"},
        },
        "metric": {"name": "accuracy"},
        **more,
    }  # fmt: skip
    return Competition.model_validate(document).at(root)


def test_a_competition_of_outputs_is_the_same_from_its_dump(tmp_path: Path) -> None:
    found = _competition(tmp_path, metric={"name": "balanced_accuracy", "weights": {"colour": 2}})
    assert (found.tasks["classify"], found.classes) == ("multioutput[3,2]", NAMES)
    assert found.metric.name == "balanced_accuracy_by_output"
    assert found.metric.options == {"outputs": [3, 2], "weights": [2, 1.0]}
    assert Competition.model_validate(found.model_dump(mode="json")).at(tmp_path) == found


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"classes": NAMES[:3]}, "several outputs"),
        ({"classes": NAMES[:4]}, "'shape' needs at least 2"),
        ({"classes": ["red", *NAMES]}, "'red' names no output"),
        ({"classes": [NAMES[0], *NAMES[3:], *NAMES[1:3]]}, "must stand together"),
        ({"metric": {"name": "accuracy", "weights": {"size": 2}}}, "there is no output 'size'"),
        ({"tasks": {"classify": "multioutput", "segment": "binary"}}, "stands alone"),
    ],
)
def test_outputs_that_do_not_fit_are_refused(
    tmp_path: Path, more: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValidationError, match=message):
        _competition(tmp_path, **more)


def _with_train(root: Path, rows: list[list[str]]) -> None:
    for row in rows:
        miniatures.save(root / f"data/train/{row[0]}.png", np.zeros((4, 4, 3), dtype=np.uint8))
    miniatures.write_table(root / "data/train.csv", ["id", *CLASSES], rows)


def test_a_blank_cell_is_an_unknown_output_and_another_word_is_refused(tmp_path: Path) -> None:
    rows = [["a", "red", "disc"], ["b", "", "square"], ["c", "green", "disc"], ["d", "blue", ""]]
    _with_train(tmp_path, rows)
    competition = _competition(tmp_path)
    found = truth(load_samples(competition, "train"), competition)
    assert found.tolist() == [
        [1, 0, 0, 1, 0], [-1, -1, -1, 0, 1], [0, 1, 0, 1, 0], [0, 0, 1, -1, -1],
    ]  # fmt: skip
    _with_train(tmp_path, [*rows, ["e", "pink", "disc"]])
    with pytest.raises(DataError, match=r"column 'colour': 1 row names an unknown class: 'pink'"):
        load_samples(competition, "train")
    _with_train(tmp_path, [*rows, ["e", "", ""]])
    with pytest.raises(DataError, match=r"no class in any of .*line 6"):
        load_samples(competition, "train")


def test_labels_as_text_are_read_back(tmp_path: Path) -> None:
    from podium.competition.truths.annotator_labels import format_label, parse_label

    competition = _competition(tmp_path)
    for label in ([0, 1, 0, 0, 1], [-1, -1, -1, 1, 0]):
        text = format_label(competition, np.array(label))
        assert parse_label(competition, text).tolist() == label
    with pytest.raises(DataError, match="which are of one output"):
        parse_label(competition, "colour=red colour=blue")


FORMS = {
    "wide": {"columns": {"id": "id", **{name: f"value[{name}]" for name in CLASSES}}},
    "numbers": {"columns": {"id": "id", **{name: f"value[{name}]" for name in CLASSES}},
                "value": "label"},
    "tall": {"rows": "image_class", "id": "{id}_{class}",
             "columns": {"row_id": "id", "target": "value"}, "value": "label"},
    "probs": {"columns": {"id": "id", **{name: f"prob[{name}]" for name in NAMES}},
              "value": "prob"},
}  # fmt: skip


@pytest.mark.parametrize("name", FORMS)
def test_answers_are_written_and_read_back_by_column_and_by_row(tmp_path: Path, name: str) -> None:
    ids = [f"p{row}" for row in range(8)]
    form = format_of(_competition(tmp_path, submission=FORMS[name]))
    flags, probs = decide(PROBS[:8], None, KIND), np.round(PROBS[:8], 6)
    wanted = expected_of_ids(form, ids)
    batch = PredictionBatch(ids, probs=probs, decisions=flags)
    path = write_answers(tmp_path / "sent.csv", wanted, [batch])
    found = read_answers(path, wanted)
    np.testing.assert_array_equal(found, probs if name == "probs" else flags)
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    colours, shapes = PROBS[:8, :3].argmax(axis=1), PROBS[:8, 3:].argmax(axis=1)
    pairs = list(zip(ids, colours.tolist(), shapes.tolist(), strict=True))
    if name == "wide":
        assert [tuple(row.values()) for row in rows] == [
            (one, CLASSES["colour"][c], CLASSES["shape"][s]) for one, c, s in pairs
        ]
    elif name == "numbers":
        assert [tuple(row.values()) for row in rows] == [
            (one, str(c), str(s)) for one, c, s in pairs
        ]
    elif name == "tall":
        assert {row["row_id"]: row["target"] for row in rows} == {
            f"{one}_{output}": str(answer)
            for one, c, s in pairs
            for output, answer in (("colour", c), ("shape", s))
        }


def test_a_class_of_another_output_in_a_column_is_refused_with_its_line(tmp_path: Path) -> None:
    form = format_of(_competition(tmp_path, submission=FORMS["wide"]))
    path = tmp_path / "sent.csv"
    path.write_text("id,colour,shape\na,red,disc\nb,disc,disc\n", encoding="utf-8")
    with pytest.raises(SubmissionError, match=r"(?s):3.*disc"):
        read_answers(path, expected_of_ids(form, ["a", "b"]))


def test_one_column_cannot_hold_the_classes_of_several_outputs(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="needs a column each"):
        format_of(_competition(tmp_path, submission={"columns": {"id": "id", "x": "value"}}))


# The whole path


def _token(colour: int, shape: int, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Return a disc or a square of a colour."""
    rows, columns = np.mgrid[:SIDE, :SIDE] - SIDE // 2 + rng.integers(-2, 3)
    image = rng.normal(60, 5, (SIDE, SIDE, 3))
    off = np.hypot(rows, columns) if shape == 0 else np.maximum(abs(rows), abs(columns))
    image[off < 5, colour] += 150
    return np.asarray(image.clip(0, 255), dtype=np.uint8)


def _write(root: Path, *, tall: bool = False) -> dict[str, list[str]]:
    """Write images of tokens and their tables; return the classes of test, by id."""
    rng = np.random.default_rng(3)
    found: dict[str, dict[str, list[str]]] = {"train": {}, "test": {}}
    for part, count in (("train", 48), ("test", 12)):
        for number in range(count):
            colour, shape = number % 3, number // 3 % 2
            name = f"{part}{number:03d}"
            miniatures.save(root / f"data/{part}/{name}.png", _token(colour, shape, rng))
            found[part][name] = [CLASSES["colour"][colour], CLASSES["shape"][shape]]
    train = [[name, *own] for name, own in found["train"].items()]
    train[1][2] = train[7][1] = ""
    miniatures.write_table(root / "data/train.csv", ["id", *CLASSES], train)
    sample = [[name, "red", "disc"] for name in found["test"]]
    miniatures.write_table(root / "data/sample_submission.csv", ["id", *CLASSES], sample)
    return found["test"]


def _table(path: Path) -> dict[str, list[str]]:
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return {row["id"]: [row[name] for name in CLASSES] for row in rows}


def _accuracy(right: dict[str, list[str]], found: dict[str, list[str]]) -> float:
    """Return the mean over outputs of the share of known answers that are found."""
    shares = []
    for at in range(2):
        known = [one for one in right if right[one][at]]
        shares.append(sum(found[one][at] == right[one][at] for one in known) / len(known))
    return sum(shares) / 2


def _named(oof: Any) -> dict[str, list[str]]:
    found = {}
    for one, row in oof.iterrows():
        p = row[NAMES].to_numpy(dtype=float)
        for block in blocks(SIZES):
            assert p[block].sum() == pytest.approx(1, abs=1e-3)
        found[one] = [CLASSES["colour"][p[:3].argmax()], CLASSES["shape"][p[3:].argmax()]]
    return found


class _Team(Team):
    """A workspace of outputs, and noisy opinions on its rows."""

    def probs(self, seed: int = 0) -> NDArray[np.float64]:
        """Return mostly right probabilities of the train rows, `(N, C)`."""
        return _noisy(np.clip(truth(self.samples, self.competition), 0, 1), seed)

    def test_probs(self, seed: int = 0) -> NDArray[np.float64]:
        """Return probabilities of the test rows, `(N, C)`."""
        return _noisy(np.zeros((len(self.test), sum(SIZES))), 1000 + seed)


def _noisy(right: NDArray[Any], seed: int) -> NDArray[np.float64]:
    rng = np.random.default_rng(seed)
    mixed = np.hstack([rng.dirichlet(np.ones(n), len(right)) for n in SIZES]) + 0.3 * right
    each = [mixed[:, block] for block in blocks(SIZES)]
    return np.hstack([one / one.sum(axis=1, keepdims=True) for one in each])


def _team(root: Path, **more: Any) -> _Team:
    _write(root)
    folds = {"n": 2, "seed": 0, "scheme": "multilabel_stratified"}
    document = _competition(root, folds=folds, **more).model_dump(mode="json")
    (root / "competition.yaml").write_text(yaml.safe_dump(document, sort_keys=False))
    return _Team(root)


def test_nothing_is_tuned_where_each_output_has_its_most_probable_class(tmp_path: Path) -> None:
    team = _team(tmp_path)
    run = team.add_run("run", 1)
    steps = tmp_path / "decide.yaml"
    steps.write_text("- threshold: {try: [0.5, 0.4]}\n")
    for more in ((), ("--steps", steps)):
        refused = podium(team.root, "tune", "thresholds", run.name, *more, code=2)
        assert "nothing to tune: the most probable class of each output is the decision" in refused
    assert list(team.root.glob("blends/*")) == []


@pytest.mark.parametrize(
    ("name", "peer"),
    [("balanced_accuracy", "balanced_accuracy_score"), ("log_loss", "log_loss")],
)
def test_the_report_has_the_score_of_each_output(tmp_path: Path, name: str, peer: str) -> None:
    sklearn = pytest.importorskip("sklearn.metrics")
    team = _team(tmp_path, metric={"name": name, "weights": {"colour": 3}})
    run = team.add_run("run", 1)
    source = LabelSource(team.competition, (run / "predictions/aabbccdd",))
    lens = evaluate_labels(source, team.samples, team.folds)
    found = score_by_output(lens)
    assert found is not None
    right, p = _table(tmp_path / "data/train.csv"), np.asarray(lens.probs, dtype=np.float64)
    scores = []
    for at, (one, block) in enumerate(zip(found.outputs, blocks(SIZES), strict=True)):
        cells = [right[image][at] for image in lens.samples["id"]]
        known = [row for row, cell in enumerate(cells) if cell]
        numbers = [CLASSES[one.name].index(cells[row]) for row in known]
        own = p[known, block]
        if name == "log_loss":
            own = own / own.sum(axis=1, keepdims=True)
        said = own if name == "log_loss" else own.argmax(axis=1)
        scores.append(getattr(sklearn, peer)(numbers, said))
        assert one.score == pytest.approx(scores[-1], abs=1e-6)
        assert (one.n_rows, one.n_classes) == (len(known), len(CLASSES[one.name]))
    assert [one.name for one in found.outputs] == list(CLASSES)
    assert [one.weight for one in found.outputs] == [3, 1]
    assert moving_labels(lens) is None  # no threshold decides
    assert found.metric == f"{name}_by_output"
    assert found.whole == pytest.approx((3 * scores[0] + scores[1]) / 4, abs=1e-6)
    subject = label_subject_of(lens)
    view = view_labels("r-1", None, subject, [], metric=found.metric, score=found.whole)
    page = rendered(view, team.competition)
    for one in found.outputs:
        assert re.search(rf"<bdi>{one.name}</bdi>.*>{one.score:.4f}</td></tr>", page)


def test_metrics_of_masks_have_no_mean_over_outputs() -> None:
    assert can_be_by_output(metrics.get("accuracy"))
    assert not can_be_by_output(metrics.get("mean_dice"))
    assert not can_be_by_output(metrics.get("rmse"))


def test_an_output_of_which_no_answer_is_known_has_no_score(tmp_path: Path) -> None:
    team = _team(tmp_path)
    source = LabelSource(team.competition, (team.add_run("run", 1) / "predictions/aabbccdd",))
    lens = evaluate_labels(source, team.samples, team.folds)
    without = lens.truth.astype(np.int64)
    without[:, 3:] = -1
    found = score_by_output(replace(lens, truth=without))
    assert found is not None
    colour, shape = found.outputs
    assert np.isfinite(colour.score)
    assert shape.n_rows == 0
    assert np.isnan([shape.score, found.whole]).all()


@pytest.mark.slow
def test_outputs_go_from_a_folder_to_a_score_of_the_host(tmp_path: Path) -> None:
    answers = _write(tmp_path)
    podium(tmp_path, "init", tmp_path / "data")
    spec = yaml.safe_load((tmp_path / "competition.yaml").read_text(encoding="utf-8"))
    assert spec["tasks"] == {"classify": "multioutput"}
    assert {name: set(own) for name, own in spec["classes"].items()} == {
        name: set(own) for name, own in CLASSES.items()
    }
    assert spec["data"]["train"]["label"] == list(CLASSES)
    assert "to_choose" not in spec
    spec |= {"classes": CLASSES, "folds": {**spec["folds"], "n": 2}}
    text = yaml.safe_dump(spec, sort_keys=False)
    (tmp_path / "competition.yaml").write_text(text)
    for name, more in (("small", {}), ("other", {"seed": 5})):
        (tmp_path / f"recipes/{name}.yaml").write_text(
            yaml.safe_dump(miniatures.small_recipe(SIDE, **more))
        )
    podium(tmp_path, "check")
    podium(tmp_path, "folds")
    podium(tmp_path, "train", "small", "other")
    workspace, right = package.Workspace(tmp_path), _table(tmp_path / "data/train.csv")
    for name in ("small", "other"):
        oof = workspace.oof(name).set_index("id")
        scores = json.loads(podium(tmp_path, "show", name, "--json"))["scores"]
        assert scores["oof"] == pytest.approx(_accuracy(right, _named(oof)), abs=1e-3)
    refused = podium(tmp_path, "tune", "thresholds", "small", code=2)
    assert "the most probable class of each output is the decision" in refused
    podium(tmp_path, "blend", "small", "other", "--method", "mean", "--json")
    podium(tmp_path, "submit", "blend", "--rehearse")
    podium(tmp_path, "submit", "blend", "--dry-run")
    (path,) = (tmp_path / "submissions").glob("blend-*.csv")
    podium(tmp_path, "check", path)
    written = _table(path)
    tables = [workspace.test(name).set_index("id")[NAMES] for name in ("small", "other")]
    assert written == _named((tables[0] + tables[1].loc[tables[0].index]) / 2)
    solution = [[name, *own, ("Public", "Private")[place % 2]]
                for place, (name, own) in enumerate(answers.items())]  # fmt: skip
    solution[0][1] = ""  # an answer that the host does not score
    miniatures.write_table(tmp_path / "solution.csv", ["id", *CLASSES, "Usage"], solution)
    podium(tmp_path, "host", "init", tmp_path / "host", "--solution", tmp_path / "solution.csv",
           "--users", "me", "--seed", "1")  # fmt: skip
    spec = yaml.safe_load((tmp_path / "competition.yaml").read_text(encoding="utf-8"))
    text = yaml.safe_dump({**spec, "kaggle": {"host": "host"}}, sort_keys=False)
    (tmp_path / "competition.yaml").write_text(text, encoding="utf-8")
    podium(tmp_path, "submit", "blend")
    public = {row[0]: row[1:3] for row in solution if row[-1] == "Public"}
    ((team, score),) = [json.loads(podium(tmp_path, "board", "--json"))["leader"]]
    assert (team, score) == ("me", pytest.approx(_accuracy(public, written), abs=1e-4))
    podium(tmp_path, "report")
    page = (tmp_path / "report/index.html").read_text(encoding="utf-8")
    assert "colour=red" in page
    assert (
        '<th scope="row"><bdi>shape</bdi></th><td class="num">2</td><td class="num">47</td>' in page
    )
    podium(tmp_path, "show", "train003")
