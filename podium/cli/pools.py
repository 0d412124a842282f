"""What a run learnt from without labels, for the screen."""

from __future__ import annotations

from pathlib import Path

from podium.training.fold_files import FoldFiles
from podium.workspace.records import Record

__all__ = ["print_pools"]


def print_pools(folder: Path, record: Record) -> None:
    """Print how many unlabelled images each fold of a run saw, where it saw any."""
    folds = [FoldFiles(folder, int(k)) for k in record.details.get("folds", {}) if k != "full"]
    pools = [fold.read_done().get("pools", {}) for fold in folds if fold.is_done]
    seen = [one["unlabelled"] for one in pools if "unlabelled" in one]
    if not seen:
        return
    known = sum(one["validation_images"] for one in pools if "unlabelled" in one)
    n = "/".join(f"{one:,}" for one in dict.fromkeys(seen))
    what = f"{known:,} of them validation images" if known else "no validation image among them"
    print(f"images seen without labels: {n} a fold, {what}")
