"""Blends on disk, and what they predict."""

import dataclasses
import importlib
import json
import sys
import tracemalloc
from types import SimpleNamespace

import numpy as np
import pytest

from podium.competition import metrics
from podium.ensembling import blend, read_blend
from podium.ensembling.method import method_identity
from podium.ensembling.predicting import _shared_oof, blend_probs
from podium.ensembling.record import find_parts, part_inputs, sets_of, write_blend
from podium.ensembling.rows import gather
from podium.errors import DataError, RunError, UsageError
from podium.predictions import PredictionSet, write_fold
from podium.predictions.store.reading import Oof
from podium.tasks.protocols.names import IMAGES, PIXELS
from podium.workspace.layout import Workspace
from podium.workspace.records import read_record

IDS = [f"{i:03d}" for i in range(60)]
TEST_IDS = [f"t{i:03d}" for i in range(25)]
FOLDS = np.arange(60) % 3
TRUTH = np.arange(60) * 7 % 4 % 3


def probs(n, seed):
    return np.random.default_rng(seed).dirichlet(np.ones(3), n).astype(np.float32)


def make_set(root, seed, test_ids=TEST_IDS):
    rng = np.random.default_rng(seed)
    member = probs(60, seed)
    for fold in range(3):
        inside = np.flatnonzero(fold == FOLDS)
        made = {"task": "classify", "fold": fold, "model": f"m/{fold}"}
        ids = [IDS[i] for i in inside]
        write_fold(root, "oof", **made, ids=ids, probs=member[inside])
        order = rng.permutation(len(test_ids))
        predicted = probs(len(test_ids), 100 * seed + fold)
        ids = [test_ids[i] for i in order]
        write_fold(root, "test", **made, ids=ids, probs=predicted[order])
    return root


@pytest.fixture
def workspace(tmp_path):
    return Workspace(tmp_path)


@pytest.fixture
def sets(workspace):
    runs = [workspace.runs / f"r{m}-0000000{m}" / "predictions" / "aabbccdd" for m in (1, 2)]
    return [make_set(run, m) for m, run in enumerate(runs, start=1)]


def test_sets_of_parts_are_each_there_once_in_the_order_of_each_part():
    parts = {"one": ("a", "b"), "two": ("a", "c", "b"), "three": ("d", "c", "e")}
    parts = {name: SimpleNamespace(sets=sets) for name, sets in parts.items()}
    assert sets_of(parts) == ["d", "a", "c", "e", "b"]


def make_blend(sets, **kwargs):
    members = [PredictionSet(one) for one in sets]
    kwargs = {"method": "hill_climb", "trials": 4, "n_resamples": 50, **kwargs}
    return blend(members, TRUTH, "macro_f1", FOLDS, ids=IDS, **kwargs)


def test_a_blend_comes_back_as_it_was_written(workspace, sets):
    made = make_blend(sets, notes=["selected on fold"])
    folder = write_blend(workspace, made, sets, name="best")
    back, places = read_blend(folder)
    assert back == made
    assert [one.resolve() for one in places] == [one.resolve() for one in sets]


def test_the_record_names_parents_and_both_scores(workspace, sets):
    made = make_blend(sets)
    record = read_record(write_blend(workspace, made, sets))
    assert record.kind == "blend"
    assert record.parents == ["r1-00000001", "r2-00000002"]
    assert record.scores["honest"] == made.honest
    assert record.scores["optimistic"] == made.optimistic
    assert record.scores["scored_rows"] == 60
    assert record.status == "finished"


@pytest.mark.slow
def test_the_same_blend_is_the_same_folder_and_any_other_is_another(workspace, sets):
    first = write_blend(workspace, make_blend(sets), sets)
    assert write_blend(workspace, make_blend(sets), sets) == first
    others = [
        write_blend(workspace, make_blend(sets, method="mean"), sets),
        write_blend(workspace, make_blend(sets, trials=5), sets),
        write_blend(workspace, make_blend(sets, seed=1), sets),
        write_blend(workspace, make_blend(sets[:1]), sets[:1]),
    ]
    assert len({first, *others}) == 5


@pytest.mark.slow
def test_a_blend_by_a_method_of_the_users_own_is_another_once_its_code_changed(
    workspace, sets, tmp_path, monkeypatch
):
    monkeypatch.syspath_prepend(tmp_path)
    file = tmp_path / "my_way_to_blend.py"
    code = (
        "from podium.ensembling.method import BlendMethod, Fitted\n"
        "METHOD = BlendMethod(lambda members, objective, *, seed: Fitted.of([WEIGHTS]))\n"
    )
    folders = []
    for weights in ("1, 3", "3, 1"):
        file.write_text(code.replace("WEIGHTS", weights))
        monkeypatch.delitem(sys.modules, file.stem, raising=False)
        importlib.invalidate_caches()
        made = make_blend(sets, method="my_way_to_blend:METHOD")
        folders.append(write_blend(workspace, made, sets))
        back, _ = read_blend(folders[-1])
        assert back == made
    assert len(set(folders)) == 2


def test_what_is_as_usual_is_no_part_of_the_id_so_that_ids_of_before_stay(workspace, sets):
    given = {"data": "d", "method": "mean", "metric": "auc", "kind": "binary"}
    usual = part_inputs(workspace, sets, **given, seed=1, trials=2)
    assert usual == {
        "sets": [f"runs/r{m}-0000000{m}/predictions/aabbccdd" for m in (1, 2)],
        "data": "d",
        "method": "mean",
        "metric": {"name": "auc"},
        "kind": "binary",
        "seed": 1,
        "trials": 2,
    }
    assert part_inputs(workspace, sets, **given, seed=1, trials=2, task=IMAGES) == usual
    for other in (
        {"task": PIXELS},
        {"aggregate": "mean"},
        {"grid": [{"threshold": 0.5}]},
        {"raw": True},
        {"plain": True},
    ):
        assert part_inputs(workspace, sets, **given, seed=1, trials=2, **other) == usual | other


def find_blend(
    workspace, sets, *, members, truth, folds, groups, ids, method, metric, name="blend", **rest
):
    """Return the folder of the blend of the same question, by the id that its inputs give."""
    rows = gather(members, truth, folds, groups=groups, ids=ids, names=None)
    inputs = part_inputs(
        workspace, sets, data=rows.digest(), method=method_identity(method),
        metric=metrics.get(metric).identity, **rest,
    )  # fmt: skip
    return find_parts(workspace, [inputs], name=name)


def test_a_blend_is_found_before_anything_is_fitted_and_only_the_same_one(
    workspace, sets, monkeypatch
):
    question = {
        "members": [PredictionSet(one) for one in sets],
        "truth": TRUTH,
        "metric": "macro_f1",
        "folds": FOLDS,
        "ids": IDS,
        "kind": "multiclass",
        "groups": [f"g{fold}" for fold in FOLDS],
        "method": "hill_climb",
        "trials": 4,
        "seed": 0,
        "metric_options": {"zero_division": 0},
    }
    assert find_blend(workspace, sets, **question) is None
    folder = write_blend(workspace, blend(**question), sets)
    monkeypatch.setattr(sys.modules["podium.ensembling.labels"], "cross_fit", None)
    assert find_blend(workspace, sets, **question) == folder
    for change in (
        {"trials": 5},
        {"seed": 1},
        {"method": "mean"},
        {"groups": None},
        {"truth": np.roll(TRUTH, 1)},
        {"metric": "accuracy", "metric_options": {}},
        {"metric_options": {}},
        {"name": "other"},
    ):
        assert find_blend(workspace, sets, **{**question, **change}) is None


def test_a_moved_workspace_still_finds_its_members(workspace, sets, tmp_path):
    folder = write_blend(workspace, make_blend(sets), sets)
    moved = tmp_path.rename(tmp_path.with_name("moved"))
    _, places = read_blend(moved / "blends" / folder.name)
    assert all(place.is_dir() for place in places)
    moved.rename(tmp_path)


def test_test_probabilities_are_the_weighted_mean_of_the_means_over_folds(sets, monkeypatch):
    monkeypatch.setattr("podium.predictions.store.reading._BLOCK_ROWS", 7)
    made = dataclasses.replace(make_blend(sets), weights=(0.25, 0.75))
    ids, got = blend_probs(made, sets, "test")
    means = [np.mean([probs(25, 100 * m + f) for f in range(3)], axis=0) for m in (1, 2)]
    expected = 0.25 * means[0] + 0.75 * means[1]
    at = [TEST_IDS.index(one) for one in ids]
    np.testing.assert_allclose(got, expected[at], rtol=1e-6)
    assert sorted(ids) == TEST_IDS


def test_oof_probabilities_are_those_that_were_scored(sets):
    made = dataclasses.replace(make_blend(sets), weights=(0.5, 0.5))
    ids, got = blend_probs(made, sets, "oof")
    at = [IDS.index(one) for one in ids]
    np.testing.assert_allclose(got, (probs(60, 1) + probs(60, 2))[at] / 2, rtol=1e-6)


def test_rows_that_all_members_have_keep_their_order_and_folds_in_the_first_one():
    models = dict.fromkeys(range(3), "m")
    first = Oof(["a", "b", "c", "d"], probs(4, 1), np.array([0, 0, 1, 2]), models)
    other = Oof(["d", "x", "y", "c", "a"], probs(5, 2), np.array([2, 2, 2, 1, 0]), models)
    ids, (one, two), folds = _shared_oof([first, other])
    assert ids == ["a", "c", "d"]
    assert folds.tolist() == [0, 1, 2]
    np.testing.assert_array_equal(one, first.probs[[0, 2, 3]])
    np.testing.assert_array_equal(two, other.probs[[4, 3, 0]])


def test_members_that_predicted_other_test_rows_are_refused_by_name(workspace, sets):
    other = workspace.runs / "r3-00000003" / "predictions" / "aabbccdd"
    make_set(other, 3, test_ids=[*TEST_IDS[:-1], "new"])
    trio = [*sets, other]
    with pytest.raises(DataError, match="r3-00000003 lacks 1 row than the first member: 't024'"):
        blend_probs(make_blend(trio), trio, "test")


def test_a_split_without_predictions_is_an_error(sets):
    with pytest.raises(DataError, match="no predictions for unlabelled"):
        blend_probs(make_blend(sets), sets, "unlabelled")


def test_as_many_sets_as_members(workspace, sets):
    made = make_blend(sets)
    with pytest.raises(UsageError, match="1 prediction sets for 2 members"):
        write_blend(workspace, made, sets[:1])
    with pytest.raises(UsageError, match="1 prediction sets for 2 members"):
        blend_probs(made, sets[:1], "test")


def test_other_and_incomplete_records_are_refused(workspace, sets):
    folder = write_blend(workspace, make_blend(sets), sets)
    file = folder / "record.json"
    record = json.loads(file.read_text())
    file.write_text(json.dumps({**record, "kind": "run"}))
    with pytest.raises(RunError, match="this is a run, not a blend"):
        read_blend(folder)
    del record["details"]["weights"]
    file.write_text(json.dumps(record))
    with pytest.raises(RunError, match="not complete: 'weights'"):
        read_blend(folder)


@pytest.mark.slow
def test_memory_does_not_grow_with_the_members(tmp_path):
    n_rows = 30_000
    ids = [str(i) for i in range(n_rows)]
    roots = [tmp_path / f"set{m}" for m in range(6)]
    for m, root in enumerate(roots):
        write_fold(root, "test", "classify", 0, ids=ids, probs=probs(n_rows, m), model="m")

    def peak(n):
        made = dataclasses.replace(MEAN, members=("x",) * n, weights=(1 / n,) * n)
        tracemalloc.start()
        blend_probs(made, roots[:n], "test")
        used = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return used

    peak(1)
    one_array = n_rows * 3 * 4
    assert peak(6) - peak(2) < 4 * one_array + 4 * n_rows * 100  # blocks, and the text of the ids


MEAN = blend(np.full((1, 4, 2), 0.5), np.array([0, 1, 0, 1]), "log_loss", np.array([0, 0, 1, 1]))
