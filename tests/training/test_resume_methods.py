"""Methods, killed by SIGKILL in the middle of an epoch, end as the unbroken run to the bit.

What they keep is compared by what comes of it: weights, losses by epoch (thresholds and shares
among them), what was selected, and the predictions. What another method keeps, one of these keeps
too; `test_protocol.py` stops every method after every step, and tests that each part of the state
matters.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from training import killed
from training.fold_fits import tensors
from training.method_recipes import RECIPES, STEPS, write

from podium.training import methods
from podium.workspace import extensions

# In the first step, before there is a checkpoint; in the first epoch; in the second.
MOMENTS = (1, 2, STEPS + 2)


def test_every_method_has_a_recipe_here() -> None:
    used = {phase.get("method", {}).get("name") for r in RECIPES.values() for phase in r["phases"]}
    assert set(extensions.names(methods)) - {"supervised"} <= used


# By the files that are kept: a checkpoint with a queue and a slow copy; one of a phase before the
# folds; rows that are selected by epoch. That of an average is in test_resume.py.
KILLED = ("comatch-queue", "dino", "append")
ALSO_KILLED = (
    *("supervised", "fixmatch-align", "softmatch", "unimatch_v2", "byol"),
    *("classical", "permanent", "local"),
)


@pytest.mark.first
@pytest.mark.slow
@pytest.mark.parametrize(
    "names",
    [KILLED, pytest.param(ALSO_KILLED, marks=pytest.mark.long)],
    ids=["a kind each", "others"],
)
def test_a_killed_run_of_a_method_ends_as_the_unbroken_one_to_the_bit(
    names: tuple[str, ...], tmp_path: Path
) -> None:
    roots = {name: write(name, tmp_path / name).root for name in names}
    killed.in_another_process(list(roots.values()), MOMENTS)
    for name, root in roots.items():
        unbroken = result_of(root)
        assert any(file.startswith("predictions/") for file in unbroken)
        for moment in MOMENTS:
            broken = result_of(root.with_name(f"{root.name}-{moment}"))
            assert broken.keys() == unbroken.keys(), f"{name} killed at moment {moment}"
            for what, content in broken.items():
                assert content == unbroken[what], f"{name} killed at moment {moment}: {what}"


def result_of(root: Path) -> dict[str, object]:
    """Return everything that a run leaves behind and that must not depend on interruptions."""
    (run,) = (root / "runs").iterdir()
    fold = run / "fold-0"
    files = {str(one.relative_to(run)): one for one in run.rglob("*") if one.is_file()}
    assert not [one for one in files if "tmp" in one or "resume" in one or "selected-" in one]
    facts = json.loads((fold / "done.json").read_text())
    return {
        "run": run.name,
        "files": sorted(files),
        "stages": facts["stages"],
        "weights": tensors(fold / "last.pt"),
        "metrics": (fold / "metrics.csv").read_text(),
        **{
            name: one.read_bytes()
            for name, one in files.items()
            if one.suffix in (".npy", ".parquet") or one.name == "selected.csv"
        },
    }
