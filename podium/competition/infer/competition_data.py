"""The data of a competition, as conversions and searches take it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import pandas as pd

from podium.competition.infer.files import DataFolder, is_test_table
from podium.competition.infer.sample.submission import SampleSubmission

__all__ = ["CompetitionData"]


@dataclass(frozen=True)
class CompetitionData:
    """The data of a competition: its images, tables and sample submission."""

    folder: DataFolder
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    """Cells as text, by path; without sample submissions."""
    sample: SampleSubmission | None = None

    @cached_property
    def test_tables(self) -> dict[str, pd.DataFrame]:
        """The tables that are called as of test, by path."""
        return {path: table for path, table in self.tables.items() if is_test_table(path)}
