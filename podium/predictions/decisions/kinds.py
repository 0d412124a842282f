"""Decision facts of a kind of images: its steps, and the answer where it has none."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray

from podium.tasks.protocols.find import find_part

if TYPE_CHECKING:
    from podium.predictions.top_k import TopK
    from podium.tasks.protocols.kind import Kind
    from podium.tasks.protocols.needs import Needs

__all__ = ["LabelDecisions", "LabelStep", "decisions_of"]


Values = NDArray[np.float32]
Answers = NDArray[Any]


@dataclass(frozen=True)
class LabelStep:
    """One step that decides.

    Args:
        decide: from values `(N, C)` and the parameter to answers, one a row.
        plain: its parameter without tuning.
        check: raises UsageError unless a task of C outputs can take the parameter; None: it has no
            parameter.
        decide_likeliest: as `decide`, from the k likeliest classes; None: it needs all of them.
        gives: what its answers are.
    """

    decide: Callable[[Values, Any], Answers]
    plain: Any = None
    check: Callable[[Any, int], None] | None = None
    decide_likeliest: Callable[[TopK, Any], Answers] | None = None
    gives: Needs = "decisions"


@dataclass(frozen=True)
class LabelDecisions:
    """The decisions of a kind; the module `decisions` of its folder exports them as `DECISIONS`.

    Args:
        steps: the steps that decide, by name, the default one first. A task takes one of them.
        undecided: where there is no step, from values `(N, C)` to answers, one a row.
    """

    steps: Mapping[str, LabelStep] = field(default_factory=dict)
    undecided: Callable[[Values], Answers] | None = None

    @property
    def plain(self) -> list[dict[str, Any]]:
        """The steps without tuning: the first one, if there is one."""
        return [{name: step.plain} for name, step in list(self.steps.items())[:1]]


def decisions_of(kind: Kind) -> LabelDecisions:
    """Return the decisions of a kind of images."""
    return cast("LabelDecisions", find_part(kind, "decisions").DECISIONS)
