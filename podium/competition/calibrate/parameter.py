"""One parameter of a competition's format, as the data show it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from podium.competition.calibrate.codec_answers import Sure

__all__ = ["Parameter"]


@dataclass(frozen=True)
class Parameter:
    """One parameter: what it should be, how sure that is, why, and what competition.yaml says.

    Attributes:
        name: its key in competition.yaml, as `submission.rle.base`; or what it is of.
        value: None where nothing is known.
        sure: certain, likely or not sure.
        why: what led to it.
        now: what holds at present; None where competition.yaml has no such key.
        fix: what to do where that is not sure, or contradicts something.
        is_key: whether `write` may set it.
    """

    name: str
    value: Any
    sure: Sure
    why: str
    now: Any = None
    fix: str = ""
    is_key: bool = False

    @property
    def changes(self) -> bool:
        """Whether competition.yaml would be another: it is sure enough, and not so yet."""
        return self.is_key and self.sure != "not sure" and self.value != self.now

    @property
    def shown(self) -> str:
        """The value as a table has it."""
        return (
            "" if self.value is None else repr(self.value) if self.value == "" else str(self.value)
        )

    @property
    def told(self) -> str:
        """Why, and what to do."""
        return f"{self.why}; {self.fix}" if self.fix else self.why
