"""Who says what labels are: a blend, with what it decides by, or a run alone, decided plainly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from podium.competition.samples import load_samples
from podium.competition.spec import Competition
from podium.competition.units import units_of
from podium.ensembling.predicting import blend_probs, blend_scored
from podium.predictions.decide import decide, makes
from podium.predictions.fold_reading import Probs
from podium.predictions.reading import PredictionSet, Split, all_there
from podium.predictions.top_k import all_of

if TYPE_CHECKING:
    import pandas as pd

    from podium.ensembling.blend import Blend

__all__ = ["LabelSource"]


@dataclass(frozen=True)
class LabelSource:
    """A blend, or a run alone.

    Attributes:
        competition: whose labels.
        sets: prediction sets of the members, or the one of the run.
        blend: None: a run, which decides plainly.
    """

    competition: Competition
    sets: tuple[Path, ...]
    blend: Blend | None = None

    def scored(self, split: Split, samples: pd.DataFrame) -> tuple[list[str], Probs]:
        """Return `(names, probs)` of what is scored: of units, or else of images.

        Args:
            split: "oof", or "test", which is averaged over the fold models.
            samples: of the split ("oof": of train), which say the unit of each image.

        Raises:
            DataError: predictions are missing, or of an image that is not among the samples.
            RunError: the blend was made for images, and units are scored now, or the reverse.
        """
        if self.blend is not None:
            return blend_scored(self.blend, self.sets, split, samples, self.competition)
        (root,) = self.sets
        if split == "oof":
            oof = PredictionSet(root).oof("classify")
            ids, probs = oof.ids, oof.probs
        else:
            ids, probs = PredictionSet(root).mean(split, "classify")
        if not self.competition.scores_units:
            return ids, probs
        at = all_there(list(samples["id"]), ids, f"the {split} samples", where=None)
        units = units_of(samples.iloc[at], self.competition)
        assert units is not None
        return list(units.names), units.probs(all_of(probs, who="the mean of a unit"))

    def decide(self, probs: Probs) -> NDArray[Any]:
        """Return what is said, as `predictions.decide` does; of rankings the likeliest class."""
        steps: Sequence[Any] | None = None if self.blend is None else self.blend.decision
        if steps and makes(steps) != "decisions":
            steps = None
        return decide(probs, steps, self.competition.kind)

    def said_in_test(self) -> NDArray[Any] | None:
        """Return what is said of the test part; None where it was not predicted.

        Raises:
            DataError, RunError: as `scored`.
        """
        if any("classify" not in PredictionSet(root).tasks("test") for root in self.sets):
            return None
        if self.competition.scores_units:
            samples = load_samples(self.competition, "test")
            return self.decide(self.scored("test", samples)[1])
        if self.blend is not None:
            return self.decide(blend_probs(self.blend, self.sets, "test")[1])
        blocks = PredictionSet(self.sets[0]).mean_blocks("test", "classify")
        return np.concatenate([self.decide(probs) for _, probs in blocks])
