"""Labels of the sample that are the cells of several columns of train, joined."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from podium.competition.infer.spec import Inferred, infer
from podium.competition.samples import load_samples
from podium.errors import DataError
from tests.competition.infer.test_infer_masks import put, table

N_TRAIN, N_TEST = 18, 4


def facts(number: int) -> dict[str, str]:
    """Return what is known of an image; the area is no part of its label."""
    crop = ("1", "2")[number % 2]
    disease = ("00", "a9", "b3")[number % 3]
    return {"crop": crop, "disease": disease, "risk": str(number % 3), "area": "13"[number % 4 > 1]}


def label(number: int, sign: str) -> str:
    own = facts(number)
    return sign.join((own["crop"], own["disease"], own["risk"]))


def crops(data: Path, sign: str, *, as_json: bool, text: str, cells: str = "") -> None:
    """Write images with facts as a table, or a JSON in the folder of each, and a sample."""
    names = [f"train/{n + 500}/{n + 500}" for n in range(N_TRAIN)]
    put(data, [f"{name}.png" for name in names])
    put(data, [f"test/{n + 900}/{n + 900}.png" for n in range(N_TEST)])
    for n, name in enumerate(names if as_json else ()):
        own = facts(n)
        boxes = [{"x": n, "y": 4}, {"x": 5, "y": n}]
        seen = {**own, "risk": int(own["risk"]), "bbox": boxes, "part": []}
        content = {"about": {"region": "N1"}, "annotations": seen}
        (data / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")
    if not as_json:
        rows = (",".join([str(n + 500), *facts(n).values()]) for n in range(N_TRAIN))
        table(data, "train.csv", "image,crop,disease,risk,area", rows)
    sent = (f"{n + 900},{cells or label(n, sign)}" for n in range(N_TEST))
    table(data, "sample_submission.csv", "image,label", sent)
    (data / "guide.txt").write_text(text, encoding="utf-8")


def labels_of(found: Inferred) -> dict[str, str]:
    assert not found.competition.to_choose
    samples = load_samples(found.competition, "train")
    stems = samples["images"].map(lambda one: Path(one[0]).stem)
    names = samples["label"].map(lambda one: found.competition.classes[one])
    return dict(zip(stems, names, strict=True))


@pytest.mark.parametrize("as_json", [True, False], ids=["JSON beside images", "a table"])
@pytest.mark.parametrize("sign", ["_", "-"])
def test_cells_of_columns_are_joined_as_the_sample_has_them(
    sign: str, as_json: bool, tmp_path: Path
) -> None:
    # The four labels of the sample are of no other columns: no area is 2.
    crops(tmp_path / "data", sign, as_json=as_json, text="Labels are codes.")
    found = infer(tmp_path / "data", tmp_path)
    assert labels_of(found) == {str(n + 500): label(n, sign) for n in range(N_TRAIN)}
    assert found.competition.tasks == {"classify": "multiclass"}
    assert len(load_samples(found.competition, "test")) == N_TEST


def test_a_text_tells_the_columns_of_one_placeholder(tmp_path: Path) -> None:
    text = "A label is a code (crop_disease_risk), as 1_00_0."
    crops(tmp_path / "data", "_", as_json=True, text=text, cells="1_00_0")
    assert labels_of(infer(tmp_path / "data", tmp_path)) == {
        str(n + 500): label(n, "_") for n in range(N_TRAIN)
    }


def test_columns_that_nothing_tells_are_not_joined_in_silence(tmp_path: Path) -> None:
    crops(tmp_path / "data", "_", as_json=True, text="Labels are codes.", cells="1_00_0")
    told = "'1_00_0', may join annotations_crop, annotations_disease and annotations_risk, or"
    with pytest.raises(DataError, match=told):
        infer(tmp_path / "data", tmp_path)
