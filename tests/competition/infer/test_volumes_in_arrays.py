"""A volume in one array is refused with code that writes its slices, which `init` reads."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from podium.competition.samples import load_samples
from podium.errors import DataError
from podium.workflows.initialising import init_workspace


def test_the_code_of_the_refusal_writes_slices_that_are_read(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    data = tmp_path / "data"
    data.mkdir()
    labels = 1 + rng.integers(0, 3, (12, 10, 8))
    np.savez(data / "data_train.npz", data=rng.normal(size=labels.shape))
    np.savez(data / "labels_train.npz", labels=labels)
    np.save(data / "data_test.npy", rng.normal(size=(12, 10, 5)))
    np.savez(data / "sample_submission.npz", prediction=np.zeros((12, 10, 5), int))
    with pytest.raises(DataError, match="no labels") as raised:
        init_workspace(data, tmp_path / "first")
    told = str(raised.value)
    assert "12 × 10 × 8 of data_train.npz" in told
    code = re.search(r"^ +import numpy(?:\n|.)*?(?=\n  or )", told, re.M)
    assert code is not None
    lines = [line.removeprefix("    ") for line in code[0].split("\n")]
    subprocess.run([sys.executable, "-c", "\n".join(lines)], cwd=data, check=True, env=os.environ)
    found = init_workspace(data / "slices", tmp_path / "second").competition
    assert found.tasks == {"segment": "multiclass"}
    train, test = load_samples(found, "train"), load_samples(found, "test")
    assert (len(train), len(test)) == (8, 5)

    for n, name in enumerate(train["id"]):
        assert name == f"train_{n:04}"
        assert np.array_equal(
            np.load(tmp_path / f"data/slices/train/masks/{name}.npy"), labels[..., n]
        )
