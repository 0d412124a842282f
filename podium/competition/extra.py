"""Extra labelled images (generated ones, another competition's), kept apart from train.

They come from `data.extra` of `competition.yaml`, each source under its name and read by its own
conventions. They are in no fold; nothing is scored on them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pandas as pd

from podium.competition.samples import read_source
from podium.competition.spec import Competition
from podium.errors import DataError, PodiumError, some
from podium.workspace.layout import Workspace

__all__ = ["as_train", "extra_errors", "load_extra", "reword_for_extra"]


def as_train(competition: Competition, name: str) -> Competition:
    """Return the competition with the extra source `name` as its train part.

    What reads images, labels and masks of train reads those of the source with it.

    Raises:
        DataError: there is no source of this name.
    """
    sources = competition.data.extra
    if name not in sources:
        raise DataError(
            f"there is no extra source {name!r}",
            where="data.extra",
            fix=f"choose one of {', '.join(sources)}"
            if sources
            else f"name it in competition.yaml, as data.extra.{name}: {{images: …}}",
        )
    return competition.with_extra_as_train(name)


def load_extra(
    competition: Competition, name: str, *, workspace: Workspace | None = None
) -> pd.DataFrame:
    """Return the samples of the extra source `name`, one a row, as `load_samples` returns train.

    `source` is "extra", and a further column `extra` has the name. `group` is there where the
    source has the column `folds.group`. Each sample has a label or a mask; not every class need
    have one.

    Args:
        competition: as read.
        name: of a source of `data.extra`.
        workspace: caches the facts of mask files; default: the competition's folder.

    Raises:
        DataError: as `load_samples`, naming `data.extra.<name>`.
    """
    view = as_train(competition, name)
    with extra_errors(name):
        samples = read_source(view, view.data.train, "extra", workspace=workspace)
        answered = samples["label"].notna() | samples["mask"].notna()
        if not answered.all():
            nothing = samples["id"][~answered]
            raise DataError(
                f"{len(nothing):,} samples have neither a label nor a mask: {some(nothing)}",
                where="data.extra",
                fix="leave them out, or name their images in data.unlabelled",
            )
    # The group of an empty cell is unknown: two empty cells are not one group.
    group = samples["group"].where(samples["group"] != "", None)
    return samples.assign(group=group, extra=name)


@contextmanager
def extra_errors(name: str) -> Iterator[None]:
    """Reword errors about `data.train`, raised in reading an extra source, to name that source."""
    try:
        yield
    except PodiumError as error:
        error.message = reword_for_extra(error.message, name)
        error.where = None if error.where is None else reword_for_extra(error.where, name)
        error.fix = None if error.fix is None else reword_for_extra(error.fix, name)
        error.args = (error.message,)
        raise


def reword_for_extra(text: str, name: str) -> str:
    """Return a sentence about train as one about the extra source `name`, read as train.

    Example:
        >>> reword_for_extra("mend data.train.mask", "generated")
        'mend data.extra.generated.mask'
    """
    other_keys = rf"\bdata\.train\b|\bdata\.extra\b(?!\.{re.escape(name)}\b)"
    return re.sub(other_keys, f"data.extra.{name}", text)
