"""What the kinds of cells give to the one writer and the one checker of files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol, TypeVar

from podium.submissions.format.csv_text import CsvBlock, CsvLine
from podium.submissions.format.mask_sizes import Size
from podium.submissions.format.row_names import KeyCheck

__all__ = ["Cells", "Checker", "NamedRows"]

Answer = TypeVar("Answer", contravariant=True)
NamedRows = tuple[str, Sequence[Sequence[str]]]
"""The name of a row, and the cells of all rows of that name: one, none, or some of objects."""


class Cells(Protocol[Answer]):
    """The text of one answer, in one format."""

    def rows(self, sample_id: str, answer: Answer, size: Size | None) -> Iterable[NamedRows]:
        """Yield the rows of one answer, whose texts were read back and are that answer.

        Args:
            sample_id: of the image or its unit.
            answer: its mask, or its objects.
            size: (height, width) of the image; None: not known.

        Raises:
            SubmissionError: the format cannot hold the answer.
        """


class Checker(Protocol):
    """Checks the rows of one file, which it goes through once; faults go to its `Problems`."""

    @property
    def longest(self) -> int:
        """How many bytes a line may have."""

    @property
    def in_blocks(self) -> bool:
        """Whether it takes many plain lines at once, and not line by line."""

    def see(self, parts: Iterator[CsvLine | CsvBlock], keys: KeyCheck) -> None:
        """Take note of all rows, and of their names in `keys`."""

    def finish(self) -> None:
        """Report what shows only at the end of a file that was read as a whole."""
