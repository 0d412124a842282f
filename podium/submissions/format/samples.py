"""The samples of the test set: a file is checked without pandas where its rows are known so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from podium.competition.spec import Competition

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["samples_of_test"]


def samples_of_test(competition: Competition) -> pd.DataFrame:
    """Return the samples of the test set as `load_samples` does; pandas is loaded now."""
    from podium.competition.samples import load_samples

    return load_samples(competition, "test")
