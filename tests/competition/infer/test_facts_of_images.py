"""Records of images, a file each beside their masks, tell the group; few of them may be absent."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from podium.competition.infer.spec import Inferred, infer
from podium.competition.samples import load_samples

TOLD = "The test images were taken in other fields than those of train."
N = 20


def fields(
    root: Path, text: str, *, end: str = "json", absent: int = 1, key: str = "field_id"
) -> Inferred:
    """Return what is read of masks with a record each, but for the last ones."""
    for folder in ("train_images", "train_annotations", "test_images"):
        (root / "data" / folder).mkdir(parents=True)
    for n in range(N):
        image = Image.fromarray(np.full((24, 24, 3), 12 * n, np.uint8))
        image.save(root / "data/train_images" / f"a{n}.jpg")
        image.rotate(90).save(root / "data/test_images" / f"b{n}.jpg")
        mask = np.zeros((24, 24), np.uint8)
        mask[3 : 5 + n, 3:8] = 255
        Image.fromarray(mask).save(root / "data/train_annotations" / f"a{n}.png")
        if n >= N - absent:
            continue
        facts = {key: f"F{n % 5}", "altitude_m": 3 + n, "marks": [1, 2]}
        record = json.dumps({"attributes": facts})
        if end == "xml":
            record = f"<facts><{key}>F{n % 5}</{key}><altitude_m>{n}</altitude_m></facts>"
        (root / "data/train_annotations" / f"a{n}.{end}").write_text(record)
    (root / "data/README.md").write_text(text, encoding="utf-8")
    return infer(root / "data", root)


@pytest.mark.parametrize("end", ["json", "xml"])
def test_a_field_of_records_of_which_test_has_others_is_the_group(tmp_path: Path, end: str) -> None:
    found = fields(tmp_path, TOLD, end=end)
    folds = found.competition.folds
    assert (folds.scheme, folds.group) == ("stratified_group", "field_id")
    read = load_samples(found.competition, "train")
    groups = dict(zip(map(str, read["id"]), map(str, read["group"]), strict=True))
    stems = {one.removesuffix(".jpg"): group for one, group in groups.items()}
    assert stems == {f"a{n}": f"F{n % 5}" for n in range(N - 1)} | {f"a{N - 1}": f"a{N - 1}"}
    assert any("1 image without a record" in one for one in found.notes)


@pytest.mark.parametrize(
    ("text", "absent", "key"),
    [("Masks of weeds.", 1, "field_id"), (TOLD, 6, "field_id"), (TOLD, 0, "weather")],
)
def test_other_records_tell_no_group(tmp_path: Path, text: str, absent: int, key: str) -> None:
    found = fields(tmp_path, text, absent=absent, key=key)
    assert found.competition.folds.group is None
    assert not (tmp_path / "made/tables/facts_of_images.csv").exists()
