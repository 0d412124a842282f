"""Starter recipes with the losses and views that fit a competition."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from podium.competition.metrics import kind_to_learn
from podium.competition.scale import shows_same_scale
from podium.competition.spec import Competition
from podium.tasks.protocols.names import of_images
from podium.training.starters import read_starter, starters, tasks_of
from podium.workspace.atomic import write_text

__all__ = ["copy_starters", "read_fitted_starter"]

_STEP = 32  # pixels that sides of inputs are multiples of


def read_fitted_starter(name: str, competition: Competition) -> tuple[str, list[str]]:
    """Return a starter recipe as `copy_starters` writes it, and its tasks that `competition` lacks.

    Raises:
        UsageError: there is none of this name.
    """
    text = read_starter(name)
    return _fitted(text, competition), sorted(tasks_of(text) - set(competition.tasks))


def copy_starters(folder: Path, competition: Competition) -> tuple[Path, ...]:
    """Write the starter recipes that fit into `folder`; return those that were not there.

    A recipe with a head for a task that the competition does not have is left out. Losses are
    those of the tasks' kinds and of the metric. Label smoothing is for classes: its lines are left
    out where labels are numbers or ratings; flips are where a label would have to turn with its
    image. Pieces of larger scenes are seen in windows, where those of test have another size.
    """
    written = []
    for starter in starters():
        path, text = folder / f"{starter.name}.yaml", read_starter(starter.name)
        if tasks_of(text) <= set(competition.tasks) and not path.exists():
            write_text(path, _fitted(text, competition))
            written.append(path)
    return tuple(written)


def _fitted(text: str, competition: Competition) -> str:
    kind = of_images(competition.tasks)
    if kind is not None and not kind.is_prob:
        lines = text.splitlines(keepends=True)
        text = "".join(line for line in lines if not line.startswith("label_smoothing:"))
    if kind is not None and kind.turns_with_image:
        text = re.sub(r"train: (weak|strong)\b", "train: photometric", text)
        text = re.sub(r"^predict: {tta: \[hflip\]}.*\n", "", text, flags=re.MULTILINE)
    scale = shows_same_scale(competition) if "fit: resize" in text else None
    if scale is not None:
        side = max(_STEP, min(scale.train) // _STEP * _STEP)
        text = re.sub(r"size: (\d+)", lambda found: f"size: {min(int(found[1]), side)}", text)
        text = text.replace("fit: resize ", "fit: tile   ")
    for task in competition.tasks:
        name, setting = next(iter(kind_to_learn(competition, task).usual_loss.items()))
        if isinstance(setting, Mapping):
            options = ", ".join(f"{key}: {value}" for key, value in setting.items())
            text = re.sub(rf"({task}: {{)ce: 1", rf"\g<1>{name}: {{{options}}}", text)
        else:
            text = re.sub(rf"({task}: {{)ce:", rf"\g<1>{name}:", text)
    return text
