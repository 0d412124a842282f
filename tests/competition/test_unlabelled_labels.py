"""Labels of unlabelled images: used for scoring, checked as train's are, never required."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from podium.competition.samples import load_samples
from podium.competition.spec import Competition, load_competition
from podium.errors import DataError

SPEC = """\
name: animals
tasks: {{classify: {kind}}}
classes: [cat, dog, fox]
data:
  train: {{table: data/train.csv, id: image_id, images: 'data/train_images/{{image_id}}.jpg',
    label: {train}}}
  unlabelled: {{{unlabelled}}}
  test: {{images: 'data/test_images/*.jpg'}}
metric: {{name: {metric}}}
"""


def written(
    root: Path, miniatures: ModuleType, unlabelled: str, *, kind: str = "multiclass", **texts: str
) -> Competition:
    miniatures.table_and_images(root / "data", n=12, n_unlabelled=4, groups=False)
    facts = {"train": "species", "metric": "accuracy", **texts}
    (root / "competition.yaml").write_text(SPEC.format(kind=kind, unlabelled=unlabelled, **facts))
    return load_competition(root)


TABLE = "table: data/u.csv, id: id, images: 'data/unlabelled/{id}.jpg'"


def test_a_column_holds_labels_and_a_blank_cell_is_none(
    tmp_path: Path, miniatures: ModuleType
) -> None:
    competition = written(tmp_path, miniatures, f"{TABLE}, label: what")
    rows = [["900000", "fox"], ["900001", ""], ["900002", "fox"], ["900003", "cat"]]
    miniatures.write_table(tmp_path / "data/u.csv", ["id", "what"], rows)
    samples = load_samples(competition, "unlabelled")
    assert samples["label"].tolist() == [2, None, 2, 0]  # of dogs there is none, and need not be
    assert samples["source"].tolist() == ["unlabelled"] * 4
    assert samples["mask"].isna().all()


def test_without_the_key_nothing_is_read(tmp_path: Path, miniatures: ModuleType) -> None:
    competition = written(tmp_path, miniatures, TABLE)
    rows = [["900000", "fox"], ["900001", "unheard of"]]
    miniatures.write_table(tmp_path / "data/u.csv", ["id", "species"], rows)
    assert load_samples(competition, "unlabelled")["label"].isna().all()


def test_a_field_of_the_path_is_the_label(tmp_path: Path, miniatures: ModuleType) -> None:
    competition = written(tmp_path, miniatures, "images: 'data/more/{kind}/*.jpg', label: kind")
    for number, name in enumerate(("dog", "cat")):
        image = np.zeros((8, 8, 3), np.uint8)
        miniatures.save(tmp_path / f"data/more/{name}/{number}.jpg", image)
    samples = load_samples(competition, "unlabelled")
    assert dict(zip(samples["id"], samples["label"], strict=True)) == {"1": 0, "0": 1}


def test_several_columns_hold_several_labels(tmp_path: Path, miniatures: ModuleType) -> None:
    competition = written(
        tmp_path,
        miniatures,
        f"{TABLE}, label: [a, b, c]",
        kind="multilabel",
        metric="macro_f1",
        train="species",
    )
    rows = [["900000", "1", "0", "1"], ["900001", "", "", ""]]
    miniatures.write_table(tmp_path / "data/u.csv", ["id", "a", "b", "c"], rows)
    first, second = load_samples(competition, "unlabelled")["label"]
    assert first.tolist() == [1, 0, 1]
    assert second is None


@pytest.mark.parametrize(
    ("unlabelled", "cell", "message"),
    [
        (f"{TABLE}, label: what", "wolf", "unknown class.*wolf"),
        (f"{TABLE}, label: whta", "cat", "no column 'whta'"),
        ("images: 'data/unlabelled/*.jpg', label: kind", "cat", "no column 'kind'"),
        (f"{TABLE}, label: [a, b]", "cat", "data.unlabelled.label names 2 columns"),
    ],
)
def test_invalid_labels_are_refused(
    tmp_path: Path, miniatures: ModuleType, unlabelled: str, cell: str, message: str
) -> None:
    miniatures.write_table(tmp_path / "data/u.csv", ["id", "what"], [["900000", cell]])
    with pytest.raises(DataError, match=message):
        load_samples(written(tmp_path, miniatures, unlabelled), "unlabelled")
