"""An image of 12,000 × 12,000 pixels is cut, predicted, decided and written in under 2 GB.

Run with `-s` to see the peak memory and the seconds of each command.
"""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

SIDE = 12_000
MOST_BYTES = 2 * 2**30
GROUND, FIELD = (90, 85, 80), (220, 60, 50)
SPEC = """\
name: land
tasks: {segment: binary}
data:
  train: {images: "data/train/*.png", id: "{stem}", mask: "data/masks/{id}.png"}
  test: {images: "data/test/*.png", id: "{stem}"}
folds: {n: 2}
metric: {name: mean_iou, over: pair, empty: one}
submission: {value: rle, columns: {id: id, rle: value}}
kaggle: {slug: land}
"""
RECIPE = """\
model:
  backbone: cnn
  pretrained: false
  options: {widths: [4, 8]}
  heads: {segment: {decoder: linear}}
input: {size: 512, fit: tile, train: none}
optimizer: {name: adamw, lr: 1e-2, schedule: constant}
batch_size: 2
phases: [{name: all, epochs: 4}]
predict: {overlap: 0.125}
"""
# A process starts with the peak of the one that it was forked from: this one's is small.
LAUNCH = """\
import json, os, subprocess, sys, time
began = time.monotonic()
child = subprocess.Popen(sys.argv[1:], stdout=sys.stderr)
_, status, usage = os.wait4(child.pid, 0)
child.returncode = os.waitstatus_to_exitcode(status)
kib = usage.ru_maxrss
print(json.dumps([child.returncode, kib * 1024, time.monotonic() - began]))
"""


@pytest.fixture
def land(tmp_path: Path) -> tuple[Path, list[tuple[slice, slice]]]:
    """Give a workspace with small train images and one large test image, and its fields."""
    rng = np.random.default_rng(0)
    for folder in ("train", "masks", "test"):
        (tmp_path / "data" / folder).mkdir(parents=True)
    for i in range(40):
        mask = np.zeros((256, 256), dtype=np.uint8)
        top, left, height, width = rng.integers(20, 120, 4)
        mask[top : top + height, left : left + width] = 255
        image = np.where(mask[..., None] > 0, FIELD, GROUND) + rng.integers(0, 20, (256, 256, 3))
        save(image, tmp_path / "data" / "train" / f"i{i:02d}.png")
        save(mask, tmp_path / "data" / "masks" / f"i{i:02d}.png")
    huge = np.empty((SIDE, SIDE, 3), dtype=np.uint8)
    huge[:] = GROUND
    fields = []
    for _ in range(8):
        top, left = rng.integers(0, SIDE * 5 // 6, 2)
        height, width = rng.integers(SIDE // 40, SIDE // 6, 2)
        fields.append((slice(top, top + height), slice(left, left + width)))
        huge[fields[-1]] = FIELD
    save(huge, tmp_path / "data" / "test" / "huge.png")
    (tmp_path / "competition.yaml").write_text(SPEC)
    (tmp_path / "recipes").mkdir()
    (tmp_path / "recipes" / "tiles.yaml").write_text(RECIPE)
    return tmp_path, fields


def save(pixels: NDArray[Any], path: Path) -> None:
    Image.fromarray(pixels.astype(np.uint8, copy=False)).save(path, compress_level=1)


def run(root: Path, *words: str) -> int:
    """Run a command in a process of its own and return its peak memory in bytes."""
    podium = [sys.executable, "-c", "from podium.cli.app import main; main()", "-w", str(root)]
    done = subprocess.run(
        [sys.executable, "-c", LAUNCH, *podium, *words],
        capture_output=True,
        text=True,
        check=True,
    )
    code, peak, seconds = json.loads(done.stdout)
    assert code == 0, done.stderr[-3000:]
    sys.stdout.write(f"podium {' '.join(words)}: peak {peak / 1e9:.2f} GB, {seconds:.0f} s\n")
    return int(peak)


@pytest.mark.first
@pytest.mark.slow
@pytest.mark.long
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="ru_maxrss is in KiB on Linux")
def test_a_large_image_takes_less_than_two_gigabytes(
    land: tuple[Path, list[tuple[slice, slice]]],
) -> None:
    root, fields = land
    peaks = {
        words[0]: run(root, *words)
        for words in (
            ("check", "--no-adversarial"),
            ("train", "tiles"),
            ("blend", "--trials", "8"),
            ("submit", "--dry-run"),
        )
    }
    assert max(peaks.values()) < MOST_BYTES, peaks

    [file] = (root / "submissions").glob("*.csv")
    csv.field_size_limit(2**30)
    with file.open(newline="") as opened:
        [header, [name, runs]] = list(csv.reader(opened))
    assert (header, name) == (["id", "rle"], "huge")
    predicted = np.zeros(SIDE * SIDE, dtype=bool)
    numbers = np.array(runs.split(), dtype=np.int64).reshape(-1, 2)
    for start, length in numbers.tolist():
        predicted[start - 1 : start - 1 + length] = True
    assert numbers.sum(axis=1).max() <= SIDE * SIDE + 1
    right = np.zeros((SIDE, SIDE), dtype=bool)
    for field in fields:
        right[field] = True
    # Down the columns: the image in the file's order is its transpose.
    both = np.count_nonzero(predicted.reshape(SIDE, SIDE).T & right)
    either = int(predicted.sum()) + int(right.sum()) - both
    assert both / either > 0.98
