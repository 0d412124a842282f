from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from torch import nn

from podium.errors import RecipeError
from podium.training.data.pools import FoldPools
from podium.training.data.sampling import LABELLED, UNLABELLED
from podium.training.method import Predict, SelectedSamples
from podium.training.pseudo.pool import PseudoPool
from podium.training.runs.fold_files import FoldFiles

NOBODY = SelectedSamples(np.empty(0, np.int64), np.empty(0, np.float32), np.empty(0, np.int64))


@pytest.mark.parametrize(
    "start_epoch",
    [lambda _, predict: list(predict(UNLABELLED)), lambda *_: NOBODY],
    ids=["asks", "answers"],
)
def test_a_pool_missing_from_a_methods_needs_is_reported(
    tmp_path: Path, start_epoch: Callable[[int, Predict], Any]
) -> None:
    pool = PseudoPool(
        FoldFiles(tmp_path, 0), FoldPools({}), classes=(), predict=lambda *_: iter(())
    )
    spec = SimpleNamespace(name="mine", method=SimpleNamespace(name="my_method:METHOD"))
    plan = SimpleNamespace(
        method=SimpleNamespace(start_epoch=start_epoch), pools={LABELLED: None}, spec=spec
    )
    run: Any = SimpleNamespace(index=0, plan=plan)
    with pytest.raises(RecipeError, match="no pool 'unlabelled'") as raised:
        pool.start_epoch(run, 0, nn.Identity())
    assert "my_method" in str(raised.value.where)
    assert "needs" in str(raised.value.fix)
