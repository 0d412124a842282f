"""A host of a solution, a sample and a metric alone; what is public is drawn where asked."""

from __future__ import annotations

import csv
from collections import defaultdict

import numpy as np
import pytest

from podium.competition.sections.tasks import MetricSpec
from podium.errors import DataError
from podium.hosting.scoring.score import score_file
from podium.hosting.scoring.solution import read_solution
from podium.hosting.setup.from_solution import init_from_solution, metrics_of_solution
from podium.hosting.setup.split import PublicDraw

IDS = [f"img{i:02d}" for i in range(24)]
TRUTH = [("cat", "dog", "fox")[i % 3] for i in range(24)]


def table(path, header, rows):
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([header, *rows])
    return path


@pytest.fixture
def files(tmp_path):
    """Return a factory of (solution, sample) from the rows of both."""

    def make(solution, sample):
        return (
            table(tmp_path / "solution.csv", *solution),
            table(tmp_path / "sample.csv", *sample),
        )

    return make


def labels(usage=None):
    rows = [[one, label] for one, label in zip(IDS, TRUTH, strict=True)]
    if usage is None:
        return ["id", "label"], rows
    return ["id", "label", "Usage"], [[*row, usage(i)] for i, row in enumerate(rows)]


NAMES = (["id", "label"], [[one, "cat"] for one in IDS])
WIDE = (["id", "cat", "dog", "fox"], [[one, "0.3", "0.3", "0.4"] for one in IDS])


def scored(host, path):
    spec = host.spec()
    return score_file(path, spec, read_solution(host.solution, spec.format))


@pytest.mark.parametrize(
    ("metric", "solution", "sample", "kind", "value"),
    [
        ("accuracy", labels(), NAMES, "multiclass", "name"),
        ("log_loss", labels(), WIDE, "multiclass", "prob"),
        ("accuracy", labels(), WIDE, "multiclass", "prob"),
        ("map_at_k", labels(), NAMES, "multiclass", "topk"),
        (
            "auc",
            (["id", "y"], [[one, str(i % 2)] for i, one in enumerate(IDS)]),
            (["id", "y"], [[one, "0.5"] for one in IDS]),
            "binary",
            "prob",
        ),
        (
            "rmse",
            (["id", "age"], [[one, str(i / 7)] for i, one in enumerate(IDS)]),
            (["id", "age"], [[one, "0"] for one in IDS]),
            "regression",
            "scalar",
        ),
        (
            "mean_dice",
            (["id", "rle", "height", "width"], [[one, "1 3 9 2", "8", "8"] for one in IDS]),
            (["id", "rle"], [[one, ""] for one in IDS]),
            "binary",
            "rle",
        ),
    ],
)
def test_the_files_and_the_metric_tell_the_format(
    tmp_path, files, metric, solution, sample, kind, value
):
    solution, sample = files(solution, sample)
    host = init_from_solution(tmp_path / "host", solution, sample, MetricSpec(name=metric))
    form = host.spec().format
    assert (form.kind, form.value) == (kind, value)
    assert scored(host, sample).public is not None
    assert scored(host, sample).private is None


@pytest.mark.slow
def test_metrics_are_offered_that_fit_the_answers(tmp_path, files):
    from podium.competition import metrics

    numbers = (["id", "age"], [[one, str(i / 7)] for i, one in enumerate(IDS)])
    masks = (["id", "rle", "height", "width"], [[one, "1 3 9 2", "8", "8"] for one in IDS])
    offered = {
        "names": metrics_of_solution(*files(labels(), NAMES)),
        "numbers": metrics_of_solution(*files(numbers, (["id", "age"], [[IDS[0], "0"]]))),
        "masks": metrics_of_solution(*files(masks, (["id", "rle"], [[IDS[0], ""]]))),
    }
    assert {"accuracy", "macro_f1", "qwk"} <= set(offered["names"])
    assert {"rmse", "mae"} <= set(offered["numbers"])
    assert "mean_dice" in offered["masks"]
    assert not set(offered["names"]) & {"rmse", "auc", "mean_dice"}
    assert not set(offered["numbers"]) & {"accuracy", "auc", "mean_dice"}
    assert all(metrics.get(one).scores_masks for one in offered["masks"])
    two = ["id", "label"], [[one, "cat" if i % 3 else "dog"] for i, one in enumerate(IDS)]
    for kind, answers in (("three", labels()), ("two", two)):  # each makes a host that scores
        for name in metrics_of_solution(*files(answers, NAMES)):
            made = tmp_path / f"{kind}-{name}"
            host = init_from_solution(made, *files(answers, NAMES), MetricSpec(name=name))
            assert host.spec().metric.name == name
    assert "f1" in metrics_of_solution(*files(two, NAMES))


def test_several_labels_in_a_cell_need_the_names_of_the_classes(tmp_path, files):
    both = [[one, "cat dog" if i % 2 else "fox"] for i, one in enumerate(IDS)]
    solution, sample = files((["id", "tags"], both), (["id", "tags"], NAMES[1]))
    host = init_from_solution(
        tmp_path / "host",
        solution,
        sample,
        MetricSpec(name="macro_f1"),
        classes=["cat", "dog", "fox"],
    )
    assert (host.spec().format.kind, host.spec().format.value) == ("multilabel", "labels")


def test_public_rows_are_drawn_by_seed_evenly_by_class(tmp_path, files):
    solution, sample = files(labels(), NAMES)
    usages = []
    for number, seed in enumerate((1, 1, 2)):
        host = init_from_solution(
            tmp_path / f"host{number}",
            solution,
            sample,
            MetricSpec(name="accuracy"),
            draw=PublicDraw(0.5, seed),
        )
        answers = read_solution(host.solution, host.spec().format)
        counts = [np.bincount(answers.truth[rows]) for rows in (answers.public, answers.private)]
        assert [one.tolist() for one in counts] == [[4, 4, 4], [4, 4, 4]]
        usages.append(answers.public.tolist())
    assert usages[0] == usages[1] != usages[2]
    assert "Usage" not in solution.read_text()


def test_groups_are_drawn_together_and_their_column_is_not_kept(tmp_path, files):
    rows = [[*row, f"patient {i // 4}"] for i, row in enumerate(labels()[1])]
    solution, sample = files((["id", "label", "patient"], rows), NAMES)
    host = init_from_solution(
        tmp_path / "host",
        solution,
        sample,
        MetricSpec(name="accuracy"),
        draw=PublicDraw(0.5, seed=42, group="patient"),
    )
    usage = defaultdict(set)
    with host.solution.open(newline="") as file:
        for row, (*_, patient) in zip(csv.DictReader(file), rows, strict=True):
            assert set(row) == {"id", "label", "Usage"}
            usage[patient].add(row["Usage"])
    assert len(usage) == 6
    assert {len(one) for one in usage.values()} == {1}
    assert {one for each in usage.values() for one in each} == {"Public", "Private"}


@pytest.mark.parametrize(
    ("metric", "solution", "sample", "options", "words"),
    [
        ("log_loss", labels(), NAMES, {}, "a probability of each of 3 classes"),
        ("iou_precision", labels(), NAMES, {}, "needs instances"),
        ("gap", labels(), NAMES, {}, "needs confident"),
        ("accuracy", (["id"], [[one] for one in IDS]), NAMES, {}, "has no answers"),
        ("accuracy", labels(), (["id"], [[one] for one in IDS]), {}, "has a column with ids"),
        ("accuracy", labels(), (["id", "label"], NAMES[1][:5]), {}, "19 rows of the solution"),
        ("accuracy", labels(), WIDE, {"classes": ["cat"]}, "are not the columns of the sample"),
        (
            "accuracy",
            labels(lambda _: "Public"),
            NAMES,
            {"draw": PublicDraw(0.5)},
            "has a column Usage, which marks the public rows",
        ),
        ("accuracy", labels(), NAMES, {"draw": PublicDraw(5)}, "--public 0.3 for 30 %"),
        (
            "accuracy",
            labels(),
            NAMES,
            {"draw": PublicDraw(0.5, group="patient")},
            "no column 'patient'",
        ),
        ("accuracy", labels(lambda _: "Hidden"), NAMES, {}, "Usage must be Public, Private"),
    ],
)
def test_mismatched_solution_is_refused_with_an_explanation(
    tmp_path, files, metric, solution, sample, options, words
):
    solution, sample = files(solution, sample)
    with pytest.raises(DataError, match=words):
        init_from_solution(tmp_path / "host", solution, sample, MetricSpec(name=metric), **options)
    assert not (tmp_path / "host" / "host.yaml").exists()
