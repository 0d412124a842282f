"""S0's example ends with a file of labels and masks that its host scored."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest
from scripts import EXAMPLES, script

from podium.codecs import rle
from podium.ensembling.record import read_parts
from podium.tasks.protocols.names import PIXELS
from podium.workspace.records import read_record

SHORT = (
    "model.backbone=cnn",
    "model.options={widths: [8, 16]}",
    "model.pretrained=false",
    "input.size=32",
    "input.train[0].size=[32,32]",
    "predict.tta=[]",
    *(f"phases[{i}].epochs=1" for i in range(4)),
    "phases[2].epoch=null",
    *(f"phases[{i}].steps_per_epoch=2" for i in range(4)),
)


@pytest.mark.slow
def test_s0_writes_labels_and_masks_and_its_host_scores_both(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    public = script(EXAMPLES / "s0" / "run.py").main(
        ["--folder", str(tmp_path), "--seeds", "0,1"], overrides=SHORT
    )
    printed = capsys.readouterr().out
    [blend] = (tmp_path / "workspace" / "blends").glob("[!.]*")
    decision = read_parts(blend)[PIXELS].blend.decision
    assert any("median" in one for one in decision)
    assert len(read_record(blend).parents) == 2
    assert f"public score at the host: {public:.4f}" in printed
    [file] = (tmp_path / "workspace" / "submissions").glob("*/submission.csv")
    with file.open(newline="") as opened:
        rows = list(csv.DictReader(opened))
    with (tmp_path / "labels_and_masks.csv").open(newline="") as opened:
        truth = {(one["id"], one["class"]): one for one in csv.DictReader(opened)}
    assert list(rows[0]) == ["image_id", "class", "prob", "rle"]
    assert {(one["image_id"], one["class"]) for one in rows} == set(truth)
    # Both parts by hand: the likeliest class of each public image, and pixels of all of them.
    best: dict[str, tuple[float, str]] = {}
    for one in rows:
        best[one["image_id"]] = max(
            best.get(one["image_id"], (-1.0, "")), (float(one["prob"]), one["class"])
        )
    public_ids = {image for (image, _), one in truth.items() if one["Usage"] == "Public"}
    right = [truth[image, best[image][1]]["prob"] == "1" for image in public_ids]
    accuracy = sum(right) / len(right)
    both: Counter[str] = Counter()
    either: Counter[str] = Counter()
    for one in rows:
        known = truth[one["image_id"], one["class"]]
        if known["Usage"] == "Public":
            size = int(known["height"]), int(known["width"])
            decided, right_mask = (rle.decode(text["rle"], size) for text in (one, known))
            both[one["class"]] += int((decided & right_mask).sum())
            either[one["class"]] += int((decided | right_mask).sum())
    ious = [both[name] / n for name, n in either.items() if n]
    assert public == pytest.approx(0.5 * accuracy + 0.5 * sum(ious) / len(ious), abs=1e-5)
