"""`host.yaml`: one competition as its host knows it, and the layout of the host's folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, PrivateAttr

from podium.competition import metrics
from podium.competition.metrics import Metric
from podium.competition.spec import MetricSpec
from podium.errors import UsageError
from podium.submissions.format import Format
from podium.workspace.documents import read_document

__all__ = ["HostFolder", "HostSpec"]


class HostSpec(BaseModel):
    """What the host knows of its competition besides the solution."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    slug: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")]
    title: str
    metric: MetricSpec
    format: Format
    daily_limit: Annotated[int, Field(ge=1)] = 5
    deadline: AwareDatetime | None = Field(default=None, description="nothing is taken after it")
    reveal_private: bool = Field(
        default=False, description="show private scores before the deadline, too"
    )
    max_upload_bytes: Annotated[int, Field(ge=1)] = 256 << 20
    finals: Annotated[int, Field(ge=1)] = Field(
        default=2, description="submissions of a team that the private leaderboard looks at"
    )
    max_score_s: Annotated[float, Field(gt=0)] = Field(
        default=120.0, description="seconds that scoring one submission may take while serving"
    )
    _root: Path | None = PrivateAttr(default=None)

    def at(self, root: Path) -> Self:
        """Return the same settings, with modules of the organiser's own looked for in `root`."""
        moved = self.model_copy()
        moved._root = root
        return moved

    @property
    def root(self) -> Path | None:
        """Where modules of the organiser's own lie; None: nobody said it."""
        return self._root

    @property
    def scored_by(self) -> Metric:
        """The metric.

        Raises:
            DataError: there is none of that name, or the organiser's own cannot be loaded.
        """
        return metrics.get(self.metric.name, root=self._root)


@dataclass(frozen=True)
class HostFolder:
    """Where the files of a host lie."""

    root: Path

    @property
    def spec_file(self) -> Path:
        return self.root / "host.yaml"

    @property
    def solution(self) -> Path:
        return self.root / "solution.csv"

    @property
    def files(self) -> Path:
        """What participants may download."""
        return self.root / "files"

    @property
    def uploads(self) -> Path:
        return self.root / "uploads"

    @property
    def database(self) -> Path:
        return self.root / "host.db"

    @property
    def tokens(self) -> Path:
        return self.root / "tokens.json"

    @property
    def cache(self) -> Path:
        return self.root / "cache"

    @property
    def locks(self) -> Path:
        return self.root / "locks"

    def spec(self) -> HostSpec:
        """Return the host's settings.

        Raises:
            UsageError: this is no host's folder, or `host.yaml` is not as it must be.
        """
        if not self.spec_file.is_file():
            raise UsageError(
                "this is no host's folder: there is no host.yaml",
                where=self.root,
                fix="make one with `podium host init`",
            )
        return read_document(self.spec_file, HostSpec, error=UsageError).at(self.root)
