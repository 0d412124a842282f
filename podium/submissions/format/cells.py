"""What a file must hold, and what the kinds of cells give to its one writer and one checker."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Generic, Protocol, TypeVar, overload

from podium.submissions.format.csv_text import CsvBlock, CsvLine
from podium.submissions.format.mask_sizes import MaskSizes
from podium.submissions.format.row_names import KeyCheck
from podium.submissions.format.spec import SubmissionFormat

__all__ = ["AnswersOfFile", "Checker", "ExpectedRows", "NamedRows"]

Key = TypeVar("Key")
Answer = TypeVar("Answer")
NamedRows = tuple[str, Sequence[Sequence[str]]]
"""The name of a row, and the cells of all rows of that name: one, none, or some of objects."""


@dataclass(frozen=True)
class ExpectedRows:
    """The expected content of a file.

    Attributes:
        form: its format; of one answer of several, that of this answer alone.
        rows: the names of its rows in order, iterated several times; None: unknown.
        sizes: of its masks, as far as they are known.
        rows_source: the source of these names, for messages.
        ids: of the samples or units that a reader returns, in this order; it reads no others.
        within: the format of the whole file, where `form` is that of one of its answers.
        taken: the cells of columns that are taken from other files, by the position of the column
            and the name of the row.
    """

    form: SubmissionFormat
    rows: Iterable[str] | None
    sizes: MaskSizes = field(default_factory=MaskSizes)
    rows_source: str = "the test set"
    ids: Sequence[str] = ()
    within: SubmissionFormat | None = None
    taken: Mapping[int, Mapping[str, str]] = field(default_factory=dict)

    @property
    def of_file(self) -> SubmissionFormat:
        """The format of the whole file."""
        return self.form if self.within is None else self.within

    @property
    def of_answers(self) -> list[ExpectedRows]:
        """What each answer of a row must be; of a row with one answer, this alone."""
        if not self.form.parts:
            return [self]
        return [replace(self, form=one, within=self.form) for one in self.form.parts]

    def own_cells(self, cells: list[str]) -> list[str]:
        """Return the cells of the columns of `form` from those of a whole row."""
        return cells if self.within is None else [cells[at] for at in self._places]

    @cached_property
    def _places(self) -> list[int]:
        """The positions of the columns of `form` in the file."""
        return [self.of_file.header.index(name) for name in self.form.header]


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


@dataclass(frozen=True)
class AnswersOfFile(Sequence[Answer], Generic[Key, Answer]):
    """The answers of a file that was checked, in the order of `keys`; each is read on demand.

    Args:
        keys: of the answers, as the ids of images.
        read: returns the answer of one.
    """

    keys: Sequence[Key]
    read: Callable[[Key], Answer]

    def __len__(self) -> int:
        return len(self.keys)

    def __iter__(self) -> Iterator[Answer]:
        return map(self.read, self.keys)

    @overload
    def __getitem__(self, index: int) -> Answer: ...
    @overload
    def __getitem__(self, index: slice) -> list[Answer]: ...
    def __getitem__(self, index: Any) -> Any:
        found = self.keys[index]
        return [self.read(one) for one in found] if isinstance(index, slice) else self.read(found)
