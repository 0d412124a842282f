"""Rows of several sources in our order, against a plain loop; the likeliest of many classes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from podium.errors import DataError
from podium.predictions import PredictionSet
from podium.predictions.imports.matching import OofMatch, TestMatch
from podium.predictions.imports.schema import ImportSchema
from podium.predictions.imports.tables import ImportedLabels
from podium.predictions.imports.writing import begin_import, write_oof, write_test
from podium.predictions.top_k import DEFAULT_K, TopK
from podium.tasks.protocols.find import image_kind


def predicted(ids: list[str], values: np.ndarray, label: str = "", folds: list[str] | None = None):
    return ImportedLabels(
        Path(f"file{label}.csv"), ids, lambda i: f"row {i}", lambda at: values[at], folds, label
    )


def places(sources: list[ImportedLabels], ids: list[str], folds: np.ndarray, **more) -> OofMatch:
    given = {"groups": [], "table": None, "knows_the_past_only": True, **more}
    return OofMatch.of(sources, ids, folds, has_answer=np.ones(len(ids), dtype=bool), **given)


def written(
    root: Path, form: ImportSchema, sources: list[ImportedLabels], where, ids, *, test: bool = False
):
    """Return the set at `root` with one split written."""
    write = write_test if test else write_oof
    begin_import(root, {} if test else {"classify": where}, {"classify": where} if test else {}, {})
    write(
        root, form, sources, where, ids=ids, name="x", sizes=lambda *_: [], advance=lambda _: None
    )
    return PredictionSet(root)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**6), n=st.integers(2, 12), n_files=st.integers(1, 3))
def test_rows_stand_where_they_belong(tmp_path_factory, seed: int, n: int, n_files: int) -> None:
    rng = np.random.default_rng(seed)
    ids = [f"i{i}" for i in range(n)]
    folds = rng.integers(0, 2, n)
    probs = rng.dirichlet(np.ones(3), n)
    home = rng.integers(0, n_files, n)
    sources, order = [], rng.permutation(n)
    for number in range(n_files):
        rows = [int(i) for i in order if home[i] == number]
        if rows:
            sources.append(predicted([ids[i] for i in rows], probs[rows], str(number)))
    where = places(sources, ids, folds)
    form = ImportSchema("classify", image_kind("multiclass"), ("a", "b", "c"))
    found = written(tmp_path_factory.mktemp("set"), form, sources, where, ids).oof()
    for one, row, fold in zip(found.ids, found.probs, found.folds, strict=True):
        i = ids.index(one)
        np.testing.assert_allclose(row, probs[i], atol=1e-7)
        assert folds[i] == fold
    assert sorted(found.ids) == sorted(ids)
    same = [(home[i] == home[j]) == (folds[i] == folds[j]) for i in range(n) for j in range(n)]
    assert (where.oof_status == "ours") == all(same)


def test_of_thousands_of_classes_the_likeliest_are_kept(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    ids, n_classes = ["a", "b", "c"], 1200
    probs = rng.dirichlet(np.full(n_classes, 0.1), 3)
    form = ImportSchema("classify", image_kind("multiclass"), tuple(map(str, range(n_classes))))
    source = predicted(["c", "a", "b"], probs[[2, 0, 1]], folds=["0", "1", "1"])
    where = places([source], ids, np.array([1, 1, 0]))
    found = written(tmp_path, form, [source], where, ids).oof().align(ids)
    assert isinstance(found.probs, TopK)
    assert found.probs.shape == (3, n_classes)
    for row, classes, kept in zip(probs, found.probs.classes, found.probs.probs, strict=True):
        best = np.argsort(-row)[:DEFAULT_K]
        assert set(classes.tolist()) == set(best.tolist())
        np.testing.assert_allclose(kept, row[classes], rtol=1e-5)


def test_a_test_file_of_each_fold_model_goes_with_its_oof(tmp_path: Path) -> None:
    ids, folds = ["a", "b", "c", "d"], np.array([1, 1, 0, 0])
    values = np.arange(4.0)[:, None] / 4
    sources = [predicted(["a", "b"], values[:2], "0"), predicted(["d", "c"], values[[3, 2]], "1")]
    oof = places(sources, ids, folds)
    tests = [predicted(["t", "u"], values[:2], "0"), predicted(["u", "t"], values[2:], "1")]
    where = TestMatch.of(tests, ["t", "u"], oof)
    assert where.folds == [1, 0]
    form = ImportSchema("classify", image_kind("regression"), ("1",))
    found = written(tmp_path, form, tests, where, ["t", "u"], test=True)
    assert found.fold("test", "classify", 1).probs().ravel().tolist() == [0, 0.25]
    assert found.fold("test", "classify", 0).probs().ravel().tolist() == [0.75, 0.5]
    assert found.is_complete
    assert TestMatch.of(tests[:1], ["t", "u"], None).folds == ["full"]
    with pytest.raises(DataError, match="1 test rows have no prediction: 'v'"):
        TestMatch.of(tests, ["t", "u", "v"], oof)


def test_rows_without_an_answer_may_be_missing() -> None:
    source = predicted(["a", "c"], np.ones((2, 1)))
    ids, folds = ["a", "b", "c"], np.array([0, 0, -1])
    found = OofMatch.of(
        [source], ids, folds, has_answer=np.array([True, False, True]), groups=[], table=None,
        knows_the_past_only=True,
    )  # fmt: skip
    assert found.rows.tolist() == [0]
    assert "1 row that folds.csv never validates are left out" in found.notes
    assert found.oof_status == "folds unknown"
