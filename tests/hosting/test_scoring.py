from __future__ import annotations

import warnings

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score, f1_score, log_loss, roc_auc_score

from podium.competition.sections.tasks import MetricSpec
from podium.errors import DataError, SubmissionError, UsageError
from podium.hosting.scoring.score import (
    SubmissionScores,
    refuse_unscorable,
    score_file,
    step_of_one_image,
)
from podium.hosting.scoring.solution import Solution, read_solution
from podium.hosting.spec import HostSpec
from podium.submissions.format.answers import write_answers
from podium.submissions.format.expected import expected_of_ids
from podium.submissions.format.spec import SubmissionFormat
from podium.submissions.format.writing import PredictionBatch

IDS = [f"i{k}" for k in range(40)]
PUBLIC = np.arange(40) % 3 == 0
IGNORED = np.arange(40) % 10 == 9
PRIVATE = ~PUBLIC & ~IGNORED
CLASSES = ("a", "b", "c")
WIDE = {"id": "id", "a": "prob[a]", "b": "prob[b]", "c": "prob[c]"}
NARROW = {"id": "id", "y": "value"}


def spec_of(kind, value, columns, metric, **options):
    classes = () if kind in ("binary", "regression") else CLASSES
    form = SubmissionFormat(kind=kind, classes=classes, columns=columns, value=value)
    return HostSpec(slug="s", title="S", metric=MetricSpec(name=metric, **options), format=form)


def write_values(path, form, ids, values):
    write_answers(path, expected_of_ids(form, ids), [PredictionBatch(ids, values, values)])


def scores_of(tmp_path, spec, truth, values):
    solution = Solution(tuple(IDS), truth, PUBLIC & ~IGNORED, PRIVATE)
    refuse_unscorable(spec, solution)
    write_values(tmp_path / "s.csv", spec.format, IDS[::-1], values[::-1])  # any order will do
    return score_file(tmp_path / "s.csv", spec, solution)


@pytest.fixture
def rng():
    return np.random.default_rng(3)


def test_accuracy_and_macro_f1_of_names_equal_the_formula_on_each_part(tmp_path, rng):
    truth, predicted = rng.integers(0, 3, 40), rng.integers(0, 3, 40)
    scores = scores_of(
        tmp_path, spec_of("multiclass", "name", NARROW, "accuracy"), truth, predicted
    )
    public = PUBLIC & ~IGNORED
    assert scores == SubmissionScores(
        pytest.approx(sum(truth[public] == predicted[public]) / sum(public)),
        pytest.approx(sum(truth[PRIVATE] == predicted[PRIVATE]) / sum(PRIVATE)),
    )
    scores = scores_of(
        tmp_path, spec_of("multiclass", "label", NARROW, "macro_f1"), truth, predicted
    )
    assert scores.private == pytest.approx(
        f1_score(truth[PRIVATE], predicted[PRIVATE], average="macro")
    )


def test_kappa_of_ratings_equals_sklearn_on_each_part(tmp_path, rng):
    truth = rng.integers(0, 3, 40)
    predicted = np.clip(truth + rng.integers(-1, 2, 40), 0, 2)
    scores = scores_of(tmp_path, spec_of("ordinal", "label", NARROW, "qwk"), truth, predicted)
    assert scores.private == pytest.approx(
        cohen_kappa_score(truth[PRIVATE], predicted[PRIVATE], weights="quadratic")
    )


@pytest.mark.parametrize(
    ("kind", "metric", "score"),
    [
        ("multiclass", "accuracy", lambda truth, said: np.mean(truth == said)),
        ("multiclass", "macro_f1", lambda truth, said: f1_score(truth, said, average="macro")),
        ("ordinal", "qwk", lambda truth, said: cohen_kappa_score(truth, said, weights="quadratic")),
    ],
)
def test_the_step_of_an_image_is_the_most_that_one_wrong_answer_costs(rng, kind, metric, score):
    truth = np.array([0] * 25 + [1] * 12 + [2] * 3)[rng.permutation(40)]
    public = PUBLIC | (truth == 2)
    solution = Solution(tuple(IDS), truth, public, ~public)
    right, costs = truth[public], []
    for row in range(len(right)):
        for other in range(3):
            wrong = right.copy()
            wrong[row] = other
            costs.append(1 - score(right, wrong))
    spec = spec_of(kind, "label", NARROW, metric)
    assert step_of_one_image(spec, solution) == pytest.approx(max(costs))


def test_an_image_has_no_step_where_a_score_has_no_worst_end_or_none_is_public(rng):
    truth = rng.integers(0, 3, 40)
    solution = Solution(tuple(IDS), truth, PUBLIC, ~PUBLIC)
    assert step_of_one_image(spec_of("multiclass", "prob", WIDE, "log_loss"), solution) is None
    nothing = Solution(tuple(IDS), truth, PUBLIC & ~PUBLIC, ~PUBLIC)
    assert step_of_one_image(spec_of("multiclass", "label", NARROW, "accuracy"), nothing) is None


def test_log_loss_of_probabilities_equals_sklearn_on_each_part(tmp_path, rng):
    truth, probs = rng.integers(0, 3, 40), rng.dirichlet(np.ones(3), 40)
    scores = scores_of(tmp_path, spec_of("multiclass", "prob", WIDE, "log_loss"), truth, probs)
    assert scores.private == pytest.approx(
        log_loss(truth[PRIVATE], probs[PRIVATE], labels=[0, 1, 2])
    )


def test_auc_of_one_column_equals_sklearn(tmp_path, rng):
    truth, probs = rng.integers(0, 2, 40), rng.random((40, 1))
    scores = scores_of(tmp_path, spec_of("binary", "prob", NARROW, "auc"), truth, probs)
    assert scores.private == pytest.approx(roc_auc_score(truth[PRIVATE], probs[PRIVATE, 0]))


def test_sets_of_labels_are_scored_by_macro_f1(tmp_path, rng):
    truth = rng.integers(0, 2, (40, 3)).astype(np.uint8)
    predicted = rng.integers(0, 2, (40, 3)).astype(np.uint8)
    scores = scores_of(
        tmp_path, spec_of("multilabel", "labels", NARROW, "macro_f1"), truth, predicted
    )
    assert scores.private == pytest.approx(
        f1_score(truth[PRIVATE], predicted[PRIVATE], average="macro")
    )


def test_a_metric_of_decisions_takes_the_largest_probability(tmp_path, rng):
    truth, probs = rng.integers(0, 3, 40), rng.dirichlet(np.ones(3), 40)
    scores = scores_of(tmp_path, spec_of("multiclass", "prob", WIDE, "accuracy"), truth, probs)
    assert scores.private == pytest.approx((probs.argmax(1) == truth)[PRIVATE].mean())


def test_values_are_scored_by_rmse(tmp_path, rng):
    truth, predicted = rng.normal(size=40), rng.normal(size=40)
    scores = scores_of(tmp_path, spec_of("regression", "scalar", NARROW, "rmse"), truth, predicted)
    assert scores.private == pytest.approx(np.sqrt(((truth - predicted)[PRIVATE] ** 2).mean()))


def test_junk_rows_need_no_label_and_change_no_score(tmp_path):
    """CIFAR-10: 290,000 of 300,000 test images are there so that nobody labels them by hand."""
    spec = spec_of("multiclass", "name", NARROW, "accuracy")
    file = tmp_path / "solution.csv"
    file.write_text("id,y,Usage\nx,a,Public\njunk,,Ignored\nz,b,Private\n")
    solution = read_solution(file, spec.format)
    for guess in (0, 2):
        write_values(tmp_path / "s.csv", spec.format, solution.ids, np.array([0, guess, 2]))
        assert score_file(tmp_path / "s.csv", spec, solution) == SubmissionScores(1.0, 0.0)


def test_an_answer_of_a_row_that_is_scored_is_named_by_its_own_line(tmp_path):
    file = tmp_path / "solution.csv"
    file.write_text("id,y,Usage\njunk,,Ignored\nx,,Public\n")
    with pytest.raises(DataError, match=r"'' \(line 3\)"):
        read_solution(file, spec_of("multiclass", "name", NARROW, "accuracy").format)


def test_ratings_are_scored_with_the_classes_that_no_row_shows(tmp_path):
    """0.6667 without rating 1 and 2 in the list of ratings (Kaggle's definition: 0.6269)."""
    form = SubmissionFormat(kind="ordinal", classes=tuple("01234"), columns=NARROW, value="label")
    spec = HostSpec(slug="s", title="S", metric=MetricSpec(name="qwk"), format=form)
    everything, nothing = np.ones(5, dtype=bool), np.zeros(5, dtype=bool)
    truth, predicted = np.array([0, 0, 3, 4, 4]), np.array([0, 3, 3, 3, 4])
    solution = Solution(tuple(IDS[:5]), truth, everything, nothing)
    refuse_unscorable(spec, solution)
    write_values(tmp_path / "s.csv", form, IDS[:5], predicted)
    scores = score_file(tmp_path / "s.csv", spec, solution)
    assert scores.public == pytest.approx(0.6269, abs=5e-5)


def test_a_label_that_is_no_class_is_right_where_the_solution_has_it(tmp_path):
    form = SubmissionFormat(
        kind="multiclass", classes=CLASSES, columns=NARROW, value="topk", k=2, unknown="new"
    )
    spec = HostSpec(slug="s", title="S", metric=MetricSpec(name="map_at_k"), format=form)
    file = tmp_path / "solution.csv"
    file.write_text("id,y\nx,new\nz,b\n")
    solution = read_solution(file, form)
    refuse_unscorable(spec, solution)
    (tmp_path / "s.csv").write_text("id,y\nx,a new\nz,b new\n")
    assert score_file(tmp_path / "s.csv", spec, solution) == SubmissionScores((1 / 2 + 1) / 2, None)


def test_the_nearest_images_are_scored_by_their_ids(tmp_path):
    form = SubmissionFormat(
        kind="multiclass", classes=("a", "b"), columns=NARROW, value="topk", k=5, item="{id}"
    )
    spec = HostSpec(slug="s", title="S", metric=MetricSpec(name="map_at_k"), format=form)
    file = tmp_path / "solution.csv"
    file.write_text("id,y,Usage\nq1,g1 g2,Public\nq2,g3,Private\njunk,,Ignored\n")
    solution = read_solution(file, form)
    refuse_unscorable(spec, solution)
    (tmp_path / "s.csv").write_text("id,y\nq1,g1 x1 g2\nq2,x1 x2 g3\njunk,\n")
    expected = SubmissionScores((1 + 2 / 3) / 2, 1 / 3)
    assert score_file(tmp_path / "s.csv", spec, solution) == expected
    (tmp_path / "s.csv").write_text("id,y\nq1,x9 x9 g1\nq2,\njunk,x\n")
    assert score_file(tmp_path / "s.csv", spec, solution) == SubmissionScores(1 / 3 / 2, 0.0)


def test_problems_are_reported_without_revealing_the_solution(tmp_path):
    spec = spec_of("multiclass", "name", NARROW, "accuracy")
    solution = Solution(
        ("x", "y"), np.array([0, 1]), np.array([True, False]), np.array([False, True])
    )
    file = tmp_path / "s.csv"
    file.write_text("id,y\nx,q\nz,a\n")
    with pytest.raises(SubmissionError) as caught:
        score_file(file, spec, solution)
    text = caught.value.message
    assert text.startswith("line 2: column 'y': unknown classes: 'q'")
    assert "'z' (line 3)" in text
    assert "missing (1 of 2): 'y'" in text
    assert str(tmp_path) not in text


def test_values_that_no_metric_can_score_are_refused_without_the_metrics_row_numbers(tmp_path):
    spec = spec_of("multiclass", "prob", WIDE, "log_loss")
    solution = Solution(tuple(IDS), np.arange(40) % 3, PUBLIC, PRIVATE)
    probs = np.full((40, 3), 1 / 3)
    probs[6] = 0
    write_values(tmp_path / "s.csv", spec.format, IDS, probs)
    with pytest.raises(SubmissionError, match="log_loss is undefined") as caught:
        score_file(tmp_path / "s.csv", spec, solution)
    text = str(caught.value)
    assert text.endswith("no positive probability in the rows of 'i6'")
    assert not set("0123456789") & set(text.replace("'i6'", ""))


def test_numbers_without_a_finite_score_are_an_error_that_names_their_rows(tmp_path, rng):
    truth = rng.random(40)
    spec = spec_of("regression", "scalar", NARROW, "rmse")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for row in (0, 1, 9):  # public, private, ignored
            huge = truth.copy()
            huge[row] = 1e300  # its square is infinite
            with pytest.raises(SubmissionError, match=rf"rmse is undefined .* rows of 'i{row}'$"):
                scores_of(tmp_path, spec, truth, huge)
        with pytest.raises(SubmissionError, match="'i0', 'i1', 'i10', 'i11', 'i12' and 35 more"):
            scores_of(tmp_path, spec, truth, np.full(40, -1e300))
        large = scores_of(tmp_path, spec, truth, truth + 1e90)
    assert large.public == pytest.approx(1e90)


def test_a_metric_of_ones_own_that_is_no_number_is_an_error(tmp_path, rng):
    truth = rng.random(40)
    (tmp_path / "ratio.py").write_text(RATIO)
    spec = spec_of("regression", "scalar", NARROW, "ratio:METRIC").at(tmp_path)
    with pytest.raises(SubmissionError, match="ratio:METRIC is undefined"):
        scores_of(tmp_path, spec, truth, truth * 0)


def test_a_value_out_of_range_is_refused_alike_in_public_private_and_ignored_rows(tmp_path, rng):
    truth = rng.random(40)
    wide, chances = rng.integers(0, 3, 40), np.full((40, 3), 1 / 3)
    prob = spec_of("multiclass", "prob", WIDE, "log_loss")
    scalar = spec_of("regression", "scalar", NARROW, "rmsle")
    for spec, answers, values, bad in (
        (prob, wide, chances, np.zeros(3)),
        (scalar, truth, truth + 0.1, -2.0),
    ):
        told = set()
        for row in (0, 1, 9):  # public, private, ignored
            broken = values.copy()
            broken[row] = bad
            with pytest.raises(SubmissionError) as caught:
                scores_of(tmp_path, spec, answers, broken)
            told.add(str(caught.value).replace(repr(IDS[row]), "ID"))
        assert len(told) == 1
        assert scores_of(tmp_path, spec, answers, values).private is not None


RATIO = """
from podium.competition.metrics import Metric

def ratio(truth, said):
    return float("nan") if said.sum() == 0 else float(truth.sum() / said.sum())

METRIC = Metric("ratio", "decisions", True, frozenset({"regression"}), ratio)
"""
CORRELATION = """
import numpy as np
from podium.competition.metrics import Metric
from podium.errors import DataError

def correlation(truth, said):
    if said.std() == 0:
        raise DataError("undefined")
    return float(np.corrcoef(truth, said)[0, 1])

METRIC = Metric("correlation", "decisions", True, frozenset({"regression"}), correlation)
"""


def test_values_that_only_the_private_rows_cannot_score_cost_a_try_like_others(tmp_path, rng):
    truth = rng.random(40)
    predicted = np.where(PRIVATE, 0.5, truth)
    (tmp_path / "correlation.py").write_text(CORRELATION)
    spec = spec_of("regression", "scalar", NARROW, "correlation:METRIC").at(tmp_path)
    scores = scores_of(tmp_path, spec, truth, predicted)
    assert scores.public == pytest.approx(1.0)
    assert scores.private is None


def test_a_host_that_could_never_score_is_refused_when_it_is_made():
    one_class = Solution(tuple(IDS), np.zeros(40, dtype=int), PUBLIC, PRIVATE)
    with pytest.raises(DataError, match="one class"):
        refuse_unscorable(spec_of("binary", "prob", NARROW, "auc"), one_class)
    with pytest.raises(UsageError, match="needs probabilities"):
        refuse_unscorable(spec_of("multiclass", "name", NARROW, "log_loss"), one_class)
    with pytest.raises(DataError, match="rmse"):
        refuse_unscorable(spec_of("multiclass", "name", NARROW, "rmse"), one_class)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("id,y\na,cat\n", "'cat' (line 2)"),
        ("id,y,Usage\na,b,Both\n", "'both' (line 2)"),
        ("id,y\nx,a\nx,b\n", "more than once: 'x'"),
        ("id,y,z\nx,a,b\n", "one column with the answer"),
        ("id,y\n", "no rows"),
        ("", "empty"),
    ],
)
def test_a_solution_that_cannot_be_read_is_refused_with_its_line(tmp_path, text, words):
    file = tmp_path / "solution.csv"
    file.write_text(text)
    form = SubmissionFormat(kind="multiclass", classes=CLASSES, columns=NARROW, value="name")
    with pytest.raises(DataError) as caught:
        read_solution(file, form)
    assert words in caught.value.message


def test_a_solution_may_name_classes_number_them_or_give_each_a_column(tmp_path):
    form = SubmissionFormat(kind="multiclass", classes=CLASSES, columns=NARROW, value="name")
    sets = SubmissionFormat(kind="multilabel", classes=CLASSES, columns=NARROW, value="labels")
    file = tmp_path / "solution.csv"
    file.write_text("id,y\nx,c\ny,1\n")
    np.testing.assert_array_equal(read_solution(file, form).truth, [2, 1])
    file.write_text("id,Usage,b,a,c\nx,PUBLIC,1,0,1\n")
    solution = read_solution(file, sets)
    np.testing.assert_array_equal(solution.truth, [[0, 1, 1]])
    assert solution.public.tolist() == [True]
    file.write_text("id,y\nx,a c\ny,\n")
    np.testing.assert_array_equal(read_solution(file, sets).truth, [[1, 0, 1], [0, 0, 0]])
