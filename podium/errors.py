"""The errors that podium raises on purpose, each with the exit code of the command that meets it.

PodiumError
├── UsageError       2  the command was called with something that it cannot use
├── DataError        2  the competition's files or `competition.yaml` are not as they must be
├── RecipeError      2  a recipe asks for something impossible
├── TextError        2  a cell, or another text of a file, cannot be read
│   └── CodecError   2  a text does not decode to a mask, or a mask cannot be encoded
├── SubmissionError  2  a submission file would be refused or misread
├── RunError         1  a training, a prediction or a file operation could not be finished
│   └── TaskTimeoutError  1  a process of its own did not answer in time
├── HostError        1  the competition's host refused or did not answer
└── QuotaError       1  the day's submissions are used up, or the last one was not confirmed
"""

from __future__ import annotations

import difflib
import errno
import struct
import tokenize
import zipfile
import zlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager

__all__ = [
    "DAMAGED_ARRAY",
    "DAMAGED_CACHE",
    "FULL_OR_READ_ONLY",
    "CodecError",
    "DataError",
    "HostError",
    "PodiumError",
    "QuotaError",
    "RecipeError",
    "RunError",
    "SubmissionError",
    "TaskTimeoutError",
    "TextError",
    "UsageError",
    "either",
    "from_memory_error",
    "from_os_error",
    "is_out_of_memory",
    "naming_place",
    "plural",
    "shortened",
    "some",
    "some_names",
    "suggest",
]

SHOWN_AT_MOST = 5

DAMAGED_ARRAY = (
    OSError, ValueError, EOFError, TypeError, KeyError, IndexError, AttributeError, OverflowError,
    SyntaxError, RecursionError, RuntimeError, NotImplementedError,
    tokenize.TokenError, struct.error, zipfile.BadZipFile, zlib.error,
)  # fmt: skip
"""What numpy raises on a damaged npy or npz: its header is parsed as Python is."""

DAMAGED_CACHE = (*DAMAGED_ARRAY, MemoryError)
"""The same of a file that is made again at any rate: a damaged header may ask for all memory."""

FULL_OR_READ_ONLY = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM)
"""Numbers of an OSError of a disk that takes no file: a cache is gone without then."""


class PodiumError(Exception):
    """The root of the tree: what is wrong, where, and how to mend it.

    Args:
        message: what is wrong and what came instead, one sentence.
        where: the place as `file`, `file:line` or `file, row 15`; printed first.
        fix: what the user should do next; printed on a line of its own.

    Example:
        >>> import podium
        >>> try:
        ...     podium.score("log_los", [0, 1], [[0.9, 0.1], [0.2, 0.8]])
        ... except podium.PodiumError as error:
        ...     print(error)
        there is no 'log_los' among the metrics
          fix: write log_loss
    """

    exit_code = 1

    def __init__(self, message: str, *, where: object = None, fix: str | None = None) -> None:
        self.message = message
        self.where = None if where is None else str(where)
        self.fix = fix
        super().__init__(message)

    def __str__(self) -> str:
        text = self.message if self.where is None else f"{self.where}: {self.message}"
        return text if self.fix is None else f"{text}\n  fix: {self.fix}"


class UsageError(PodiumError):
    """The command or function was called with something that it cannot use.

    Example:
        >>> import podium
        >>> try:
        ...     podium.score("accuracy", ["cat", "dog"], [[0.9, 0.1], [0.2, 0.8]])
        ... except podium.UsageError as error:
        ...     print(error.message)
        accuracy scores decisions, and y_pred holds probabilities at row 0
    """

    exit_code = 2


class DataError(PodiumError):
    """The competition's files, `competition.yaml` or arrays hold values that cannot be right.

    Example:
        >>> import podium
        >>> try:
        ...     podium.make_folds(["cat", "dog"], n_splits=5)
        ... except podium.DataError as error:
        ...     print(error.message)
        2 rows do not fill 5 folds
    """

    exit_code = 2


class RecipeError(PodiumError):
    """A recipe asks for something impossible."""

    exit_code = 2


class TextError(PodiumError):
    """A cell, or another text of a file, cannot be read.

    Args:
        message: what is wrong, one sentence.
        column: the character of the text at which it is wrong, from 1; None: not known.
        where: as of every error; by default the column, where it is known.
        fix: as of every error.
    """

    exit_code = 2

    def __init__(
        self,
        message: str,
        *,
        column: int | None = None,
        where: object = None,
        fix: str | None = None,
    ) -> None:
        self.column = column
        if where is None and column is not None:
            where = f"column {column}"
        super().__init__(message, where=where, fix=fix)

    @property
    def at_character(self) -> str:
        """The message with the place in the text before it, where that is known."""
        return self.message if self.column is None else f"character {self.column}: {self.message}"


class CodecError(TextError):
    """A text does not decode to a mask, or a mask cannot be encoded."""

    exit_code = 2


class SubmissionError(PodiumError):
    """A submission file would be refused or misread by the host.

    Example:
        >>> import pandas as pd
        >>> import podium
        >>> sample = pd.DataFrame({"id": ["a", "b"], "label": "cat"})
        >>> try:
        ...     podium.write_submission("mine.csv", ["a", "c"], ["cat", "dog"], sample=sample)
        ... except podium.SubmissionError as error:
        ...     print(error.message.split(";")[0])
        sample_submission.csv has 1 row without a prediction: 'b'
    """

    exit_code = 2


class RunError(PodiumError):
    """A training, a prediction or a file operation could not be finished."""


class TaskTimeoutError(RunError):
    """A process of its own did not answer within its time, and was ended."""


class HostError(PodiumError):
    """The competition's host refused or did not answer."""


class QuotaError(PodiumError):
    """The day's submissions are used up, or spending the last one was not confirmed."""


_MORE_MEMORY = (
    "end other programs, or choose a smaller batch_size, input.size or number of workers; the same "
    "command then goes on with what is finished"
)
_NO_MEMORY = (  # so say torch on a CPU, oneDNN, Arrow, the linker, and Python
    "can't allocate memory", "cannot allocate memory", "not enough memory", "out of memory",
    "could not create a primitive", "failed to launch worker thread", "failed to map segment",
    "can't start new thread",
)  # fmt: skip
_OS_FIXES = {
    errno.ENOSPC: "free disk space, as of .podium/cache, which is made again when it is needed (or "
    "move it with --scratch DIR); the same command then goes on with what is finished",
    errno.EDQUOT: "free some of your disk quota; then repeat the command",
    errno.EACCES: "give this user the right to read or write it",
    errno.EPERM: "give this user the right to read or write it",
    errno.EROFS: "choose a writable workspace, or move the cache with --scratch DIR",
    errno.EFBIG: "the file system or `ulimit -f` allows no larger file: choose another disk",
    errno.EIO: "the disk failed: check the drive or the mount, then repeat the command",
    errno.EMFILE: "allow more open files with `ulimit -n 4096`, then repeat the command",
    errno.ENOMEM: _MORE_MEMORY,
    errno.ENOENT: "check the path, and whether the drive is mounted",
}


def from_os_error(error: OSError) -> RunError:
    """Return `error` as a RunError that names the file and, for the usual causes, the way out."""
    what = error.strerror or str(error) or type(error).__name__
    return RunError(what, where=error.filename, fix=_OS_FIXES.get(error.errno or 0))


def is_out_of_memory(error: BaseException) -> bool:
    """Return whether memory is what an error lacked; most libraries have no class for it."""
    text = str(error).lower()
    return isinstance(error, MemoryError) or any(one in text for one in _NO_MEMORY)


def from_memory_error(error: BaseException) -> RunError:
    """Return an error for which `is_out_of_memory` holds as a RunError with the way out."""
    return RunError(
        f"there is too little memory: {error or type(error).__name__}", fix=_MORE_MEMORY
    )


@contextmanager
def naming_place(where: str) -> Iterator[None]:
    """Name `where` in a DataError from inside that names no place itself."""
    try:
        yield
    except DataError as error:
        if error.where is not None:
            raise
        raise DataError(error.message, where=where, fix=error.fix) from error


def plural(n: int, what: str) -> str:
    """Return a number of things as text.

    Example:
        >>> plural(1, "image"), plural(1200, "image")
        ('1 image', '1,200 images')
    """
    return f"{n:,} {what if n == 1 else f'{what}s'}"


def either(n: int, one: str, several: str) -> str:
    """Return a number of things with the word behind it, as one or several have it.

    Example:
        >>> either(1, "row has", "rows have"), either(1200, "row has", "rows have")
        ('1 row has', '1,200 rows have')
    """
    return f"{n:,} {one if n == 1 else several}"


def some(offenders: Iterable[object], limit: int = SHOWN_AT_MOST) -> str:
    """Return the first `limit` offenders as text, and how many more there are.

    Example:
        >>> some(["a", "b", "c"], limit=2)
        "'a', 'b' and 1 more"
    """
    every = list(offenders)
    shown = ", ".join(repr(_plain(one)) for one in every[:limit])
    rest = len(every) - limit
    return shown if rest <= 0 else f"{shown} and {rest} more"


def some_names(names: Sequence[str]) -> str:
    """Return the first six names as they are written, and of longer lists the length.

    Example:
        >>> some_names("abc"), some_names("abcdefgh")
        ('a, b, c', 'a, b, c, d, e, f … (8)')
    """
    return ", ".join(names[:6]) + (f" … ({len(names):,})" if len(names) > 6 else "")


def shortened(text: str, longest: int) -> str:
    """Return a text; of a longer one the words at its beginning, with … behind them.

    A word as long as a path is cut within.

    Example:
        >>> shortened("the same colours", 16), shortened("the same colours", 12)
        ('the same colours', 'the same …')
        >>> shortened("of masks/149bbe3e79eb4c29596e394675ac9780.png", 24)
        'of masks/149bbe3e79eb4c…'
    """
    if len(text) <= longest:
        return text
    words, blank, cut = text[: longest - 1].rpartition(" ")
    return f"{words} …" if blank and len(cut) < _LONG_WORD else f"{text[: longest - 1]}…"


_LONG_WORD = 15


def _plain(one: object) -> object:
    """Return a numpy number as Python's own, which is shown as 0 and not as `np.int64(0)`."""
    item = getattr(one, "item", None)
    return item() if callable(item) and getattr(one, "shape", None) == () else one


def suggest(
    name: str,
    known: Collection[str],
    form: str = "write {}",
    *,
    otherwise: str,
    n: int = 1,
    cutoff: float = 0.6,
    any_case: bool = False,
) -> str:
    """Return the advice `form` with up to `n` names that are spelt like `name`.

    First come those that differ from it by two neighbouring letters that changed places.

    Args:
        name: what is not one of `known`.
        known: the names that there are.
        form: the advice, with {} in the place of the names.
        otherwise: the advice where no name is alike.
        n: the most names.
        cutoff: the least similarity, in [0, 1], as `difflib.get_close_matches` counts it.
        any_case: compare in lower case; of names that differ by case alone, the first counts.

    Example:
        >>> suggest("log_los", ["accuracy", "log_loss"], otherwise="choose one")
        'write log_loss'
    """
    if any_case:
        spelt = {one.lower(): one for one in reversed(list(known))}
        near = [spelt[one] for one in _near(name.lower(), spelt, n, cutoff)]
    else:
        near = _near(name, known, n, cutoff)
    return form.format(" or ".join(dict.fromkeys(near))) if near else otherwise


def _near(name: str, known: Collection[str], n: int, cutoff: float) -> list[str]:
    # difflib counts a swap as two changes, and finds `table` as near to `lable` as `label` is.
    swapped = [one for one in dict.fromkeys(known) if _are_neighbours_swapped(name, one)]
    near = difflib.get_close_matches(name, known, n, cutoff)
    return [*swapped, *(one for one in near if one not in swapped)][:n]


def _are_neighbours_swapped(one: str, other: str) -> bool:
    """Return whether two neighbouring letters that change places make one text of the other."""
    if len(one) != len(other):
        return False
    places = [place for place, (a, b) in enumerate(zip(one, other, strict=True)) if a != b]
    if len(places) != 2 or places[1] != places[0] + 1:
        return False
    first, last = places[0], places[1] + 1
    return one[first:last] == other[first:last][::-1]
