"""What of a run's network learnt by LoRA, and what the run kept, for the screen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

__all__ = ["learnt_of", "print_learnt"]


def learnt_of(folder: Path) -> dict[str, Any]:
    """Return what a run says of LoRA and of what it kept, as JSON has it.

    Returns:
        `lora` as `podium.models.lora.lora_facts` has it, None of a run without, or none of whose
        folds is trained; `kept`, of each fold that kept something: `epochs`, and of how many
        images there are `features` and `masks`.
    """
    from podium.predictions.kept import count_kept, kept_folds
    from podium.training.fold_files import FoldFiles

    names = (one.parent.name.removeprefix("fold-") for one in folder.glob("fold-*/done.json"))
    every = [FoldFiles(folder, "full" if one == "full" else int(one)) for one in names]
    lora = next((facts["lora"] for one in every if "lora" in (facts := one.read_done())), None)
    kept = {str(fold): count_kept(folder, fold)._asdict() for fold in kept_folds(folder)}
    return {"lora": lora, "kept": {fold: one for fold, one in kept.items() if one["epochs"]}}


def print_learnt(folder: Path) -> None:
    """Print what `learnt_of` finds, if anything."""
    from podium.errors import some

    found = learnt_of(folder)
    lora = found["lora"]
    if lora:
        layers = ", ".join(f"{name} ({n})" for name, n in lora["layers"].items())
        learnt, weights = lora["learnt"], lora["weights"]
        print(
            f"LoRA of rank {lora['rank']} in {layers}: {learnt:,} of the backbone's {weights:,} "
            f"weights learn ({learnt / weights:.2%})"
        )
    for fold, kept in found["kept"].items():
        what = [f"{name} of {kept[name]:,} images" for name in ("features", "masks") if kept[name]]
        ends = "epoch" if len(kept["epochs"]) == 1 else "epochs"
        print(f"kept of fold {fold} after {ends} {some(kept['epochs'])}: {', '.join(what)}")
