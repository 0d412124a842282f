"""Labels of a run without a blend: the plain decision about its own out-of-fold and test rows."""

import dataclasses
import shutil

import numpy as np
import pytest
from inkless_pages import draw_nothing

from podium.competition.samples import load_samples, truth
from podium.competition.spec import Competition, load_competition
from podium.ensembling import read_blend
from podium.errors import DataError
from podium.predictions import write_fold
from podium.reporting.data_summary import summarise_data
from podium.reporting.entries import blends_of, runs_of
from podium.reporting.labels.evaluation import LabelSource
from podium.reporting.pages.report_page import find_best_predictions
from podium.reporting.plots import labels, plots_of
from podium.reporting.subjects import label_subject_of_run
from podium.workspace.documents import dumps
from podium.workspace.records import Record, read_record, scan_all, write_record

NAMES = ("cat", "dog", "eel")


@pytest.fixture(autouse=True)
def inkless(monkeypatch):
    """Figures are made and named, and not drawn."""
    draw_nothing(monkeypatch)


def add(made, name, *, seed, oof=0.6, metric="accuracy"):
    """Write a run that says which prediction set is its own, as a training does."""
    run = made.add_run(name, seed=seed)
    record = read_record(run)
    scores = {**record.scores, "tasks": {"classify": {"metric": metric, "oof": oof}}}
    details = {**record.details, "predictions": "aabbccdd"}
    write_record(run, record.model_copy(update={"scores": scores, "details": details}))
    return run / "predictions" / "aabbccdd"


def add_test(where, *, seed=0, folds=3):
    """Write what each fold model says of the three test images; return it, `(folds, 3, C)`."""
    predicted = np.random.default_rng(seed).dirichlet([1, 1, 1], (folds, 3)).astype(np.float32)
    for fold, probs in enumerate(predicted):
        ids = [f"test{i:02d}" for i in range(3)]
        write_fold(where, "test", "classify", fold, ids=ids, probs=probs, model=f"m/{fold}")
    return predicted


def entries(made):
    found = [(path, one) for path, one in scan_all(made.workspace) if isinstance(one, Record)]
    return runs_of(found, made.competition), blends_of(found, made.competition, [])


def looked(made):
    problems: list[str] = []
    runs, blends = entries(made)
    data = summarise_data(made.workspace, made.competition)
    return find_best_predictions(
        made.workspace, made.competition, data, blends, runs, problems
    ), problems


def test_a_run_that_was_cut_short_in_its_first_fold_has_no_predictions(make):
    """Its record names their folder from the beginning on, and every figure would look there."""
    made = make()
    shutil.rmtree(add(made, "a-00000001", seed=1))
    assert entries(made)[0][0].predictions is None
    folder = add(made, "b-00000002", seed=2)
    assert {run.id: run.predictions for run in entries(made)[0]}["b-00000002"] == folder


def test_a_runs_rows_are_decided_plainly_and_counted(make):
    made = make()
    add(made, "a-00000001", seed=1)
    data = summarise_data(made.workspace, made.competition)
    (entry,), _ = entries(made)
    subject = label_subject_of_run(made.competition, entry, data)
    every = load_samples(made.competition, "train")
    right = dict(zip(every["id"], truth(every, made.competition), strict=True))
    predicted = dict(zip(every["id"], made.probs["a-00000001"].argmax(axis=1), strict=True))
    assert sorted(subject.lens.samples["id"]) == sorted(right)
    for row, identity in enumerate(subject.lens.samples["id"]):
        assert subject.lens.truth[row] == right[identity]
        assert subject.lens.decisions[row] == predicted[identity]
    counts = [
        [sum((right[i], predicted[i]) == (t, s) for i in right) for s in range(3)] for t in range(3)
    ]
    assert subject.counts.tolist() == counts
    assert subject.trained.tolist() == [sum(r == c for r in right.values()) for c in range(3)]


def test_test_predictions_of_a_run_or_blend_are_the_mean_of_its_folds(make):
    made = make()
    where = add(made, "a-00000001", seed=1)
    source = LabelSource(made.competition, (where,))
    assert source.test_decisions() is None, "it was not predicted"
    predicted = add_test(where)
    assert (predicted[0].argmax(axis=1) != predicted.mean(axis=0).argmax(axis=1)).any(), (
        "folds differ"
    )
    np.testing.assert_array_equal(source.test_decisions(), predicted.mean(axis=0).argmax(axis=1))
    blend, sets = read_blend(made.add_blend("a-00000001"))
    weights = [1.0, 0.0, 5.0]
    weighted = dataclasses.replace(blend, decision=({"class_weights": weights},))
    found = LabelSource(made.competition, tuple(sets), weighted).test_decisions()
    np.testing.assert_array_equal(found, (predicted.mean(axis=0) * weights).argmax(axis=1))


def test_shares_are_drawn_of_the_test_part_too_once_it_is_predicted(make):
    made = make()
    where = add(made, "a-00000001", seed=1)
    data = summarise_data(made.workspace, made.competition)

    def alt():
        (entry,), _ = entries(made)
        subject = label_subject_of_run(made.competition, entry, data)
        problems: list[str] = []
        plots = {plot.name: plot for _, plot in plots_of(labels, subject, problems=problems, of="")}
        assert problems == []
        return plots["predicted-shares"].alt

    assert alt() == "Share of each class in train labels (36), predicted out of fold (36)"
    add_test(where)
    assert alt().endswith("predicted in test (3)")


def test_of_units_the_images_are_aggregated_before_they_are_decided(make):
    made = make()
    table = made.workspace.root / "train.csv"
    lines = [f"train{i:02d},{NAMES[i // 2 % 3]},u{i // 2}" for i in range(36)]
    table.write_text("\n".join(["id,label,pair", *lines]))
    spec = made.competition.model_dump(mode="json", exclude_unset=True)
    tested = made.workspace.root / "test.csv"
    tested.write_text("id,pair\ntest00,v\ntest01,w\ntest02,v\n")
    spec["data"]["train"]["unit"] = "{pair}"
    images = {"table": "test.csv", "id": "id", "images": "test/{id}.png"}
    spec["data"]["test"] = {**images, "unit": "{pair}"}
    spec["folds"] = {"n": 3, "scheme": "stratified_group", "group": "pair"}
    file = made.workspace.root / "competition.yaml"
    file.write_text(dumps(Competition.model_validate(spec)), encoding="utf-8")
    competition = load_competition(file)
    made = dataclasses.replace(made, competition=competition)
    where = add(made, "a-00000001", seed=1)
    (entry,), _ = entries(made)
    lens = label_subject_of_run(
        competition, entry, summarise_data(made.workspace, competition)
    ).lens
    assert entry.predictions == where
    probs = made.probs["a-00000001"].reshape(18, 2, 3).mean(axis=1)
    assert sorted(lens.samples["id"]) == sorted(f"u{i}" for i in range(18))
    for row, unit in enumerate(lens.samples["id"]):
        number = int(unit[1:])
        assert lens.truth[row] == number % 3
        assert lens.decisions[row] == probs[number].argmax()
    predicted = add_test(where).mean(axis=0)
    expected = [predicted[[0, 2]].mean(axis=0).argmax(), predicted[1].argmax()]
    assert lens.source.test_decisions().tolist() == expected


@pytest.mark.parametrize(("kind", "better"), [("multiclass", "b-2"), ("regression", "a-1")])
def test_label_checks_use_the_best_run_where_there_is_no_blend(make, kind, better):
    made = make(kind)
    metric = made.competition.metric.name
    add(made, "a-1", seed=1, oof=0.4, metric=metric)
    add(made, "b-2", seed=2, oof=0.7, metric=metric)  # of an error, the smaller one is better
    best, problems = looked(made)
    assert problems == []
    assert best.entry is None
    assert best.labels is not None
    assert (best.labels.id, best.labels.blend, best.labels.metric) == (better, None, metric)
    assert best.labels.n_rows == 36


def test_an_unreadable_run_is_reported_and_the_next_one_is_read(make):
    made = make()
    shutil.rmtree(add(made, "a-1", seed=1, oof=0.9))
    add(made, "b-2", seed=2, oof=0.7)
    add(made, "c-3", seed=3, oof=0.99, metric="macro_f1")  # of another metric
    best, problems = looked(made)
    assert best.labels is not None
    assert best.labels.id == "b-2"
    assert [one.split(":")[0] for one in problems] == ["run a-1"]


@pytest.mark.slow
def test_a_blend_that_can_be_read_comes_before_any_run(make):
    made = make()
    add(made, "a-00000001", seed=1)
    blend = made.add_blend("a-00000001").name
    best, _ = looked(made)
    assert best.labels is not None
    assert best.labels.id == blend
    shutil.rmtree(made.workspace.blends)
    assert looked(made)[0].labels.id == "a-00000001"


def test_a_run_without_predictions_names_the_command_that_makes_them(make):
    made = make()
    made.add_run("a-00000001")
    (entry,), _ = entries(made)
    with pytest.raises(DataError, match="has no predictions yet"):
        label_subject_of_run(
            made.competition, entry, summarise_data(made.workspace, made.competition)
        )
