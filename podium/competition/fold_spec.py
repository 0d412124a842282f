"""The part of `competition.yaml` that says how train is split for validation."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from podium.competition.data_spec import Part

__all__ = ["FoldScheme", "FoldsSpec"]

FoldScheme = Literal[
    "stratified", "group", "stratified_group", "multilabel_stratified", "time", "holdout", "column"
]


class FoldsSpec(Part):
    """How train is split for validation."""

    scheme: FoldScheme = "stratified"
    n: Annotated[int, Field(ge=1, le=100)] = 5
    seed: int = 42
    group: str | None = Field(default=None, description="column whose values must not cross folds")
    time: str | None = Field(default=None, description="column that orders the rows (scheme: time)")
    column: str | None = Field(
        default=None, description="column that already holds the folds (scheme: column)"
    )
    fraction: Annotated[float, Field(gt=0, lt=1)] = Field(
        default=0.2, description="held out (scheme: holdout)"
    )
    balance: Literal["label", "coverage"] | None = Field(
        default=None,
        description="even in every fold: labels (default), or how much of an image is foreground",
    )

    @model_validator(mode="after")
    def _columns_that_the_scheme_needs(self) -> Self:
        needed = {"group": "group", "stratified_group": "group", "time": "time", "column": "column"}
        column = needed.get(self.scheme)
        if column is not None and getattr(self, column) is None:
            raise ValueError(f"scheme {self.scheme} needs {column}: a column of the train table")
        return self
