"""Values that list several classes in a cell: what keeps a list from being read back."""

from __future__ import annotations

import string
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from podium.errors import some

if TYPE_CHECKING:
    from podium.submissions.format.spec import SubmissionFormat

__all__ = ["misfits_of_lists"]

_ONE_CLASS = frozenset({"{label}", "{index}", "{number}"})


def misfits_of_lists(form: SubmissionFormat, texts: Sequence[str]) -> Iterator[str]:
    """Yield why the `texts` of answers, separator, item and empty text do not fit together."""
    cut = [text for text in texts if form.sep in text]
    if cut:
        yield f"class names that hold the separator {form.sep!r}: {some(cut)}"
    if form.empty in texts:
        yield f"{form.empty!r} is a class and stands for no class, too"
    if form.item is not None and form.item not in _ONE_CLASS:
        fields = [field for _, field, *_ in string.Formatter().parse(form.item) if field]
        if fields != ["id"] or form.value != "topk":
            yield f"submission.item {form.item!r} of a list is {', '.join(sorted(_ONE_CLASS))}"
