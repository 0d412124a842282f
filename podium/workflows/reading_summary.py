"""What `podium init` read, in a few lines with an example each: a person sees what is wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pandas as pd

from podium.competition.samples import Split
from podium.competition.spec import Competition
from podium.competition.truths.annotator_labels import format_label
from podium.competition.truths.masks import MaskRef
from podium.errors import plural
from podium.submissions.format.spec import sample_path

__all__ = ["reading_summary"]

_SHOWN_CLASSES = 5
_LONGEST = 300  # letters of a line


def reading_summary(
    competition: Competition,
    samples: Mapping[Split, pd.DataFrame],
    unread: Sequence[str] = (),
) -> tuple[str, ...]:
    """Return a line for each part: how many images it has, and one of them with its truth.

    No line where a part could not be loaded, which `podium check` reports in full.

    Args:
        competition: as it was read.
        samples: of its parts that could be loaded.
        unread: pictures of the data folder that are of no part.
    """
    if samples.keys() != {"train", "test", "unlabelled"}:
        return ()
    train, test, unlabelled = (samples[one] for one in ("train", "test", "unlabelled"))
    lines = [f"to learn from: {_n(train)}; {'; '.join(_truths(competition, train))}"]
    if len(unlabelled):
        lines.append(f"without a label: {_n(unlabelled)}, as {_image(competition, unlabelled, 0)}")
    if len(test):
        sent = f", whose id is {test['id'].iloc[0]}"
        lines.append(f"to predict: {_n(test)}, as {_image(competition, test, 0)}{sent}")
    if (sample := sample_path(competition)) is not None and sample.suffix == ".csv":
        with sample.open(encoding="utf-8", errors="replace") as file:
            header, row = (file.readline(_LONGEST).strip() for _ in range(2))
        is_empty = competition.scores_masks and row.endswith((",", ";"))
        mask = " (an empty mask)" if is_empty else ""
        lines.append(f"to send: {header}, with rows as {row}{mask}")
    if unread:
        # Many of one folder say most: what they are was not understood.
        folder, n = Counter(one.rpartition("/")[0] for one in unread).most_common(1)[0]
        of_it = next(one for one in unread if one.rpartition("/")[0] == folder)
        where = "" if n == len(unread) else f", {n:,} of them in its folder"
        lines.append(f"not read: {plural(len(unread), 'picture')}, as {of_it}{where}")
    return tuple(line[:_LONGEST] for line in lines)


def _n(samples: pd.DataFrame) -> str:
    n_units = samples["unit"].nunique()
    images = plural(len(samples), "image")
    return images if n_units == len(samples) else f"{images} of {plural(n_units, 'unit')}"


def _image(competition: Competition, samples: pd.DataFrame, row: int) -> str:
    files = [_below(competition, file) for file in samples["images"].iloc[row]]
    more = f" and {plural(len(files) - 1, 'file')} more of it" if len(files) > 1 else ""
    return f"{files[0]}{more}"


def _below(competition: Competition, file: str) -> str:
    """Return the end of a path that distinguishes it: three folders at most."""
    parts = Path(competition.root / file).parts
    return "/".join(parts[-3:])


def _truths(competition: Competition, train: pd.DataFrame) -> Iterator[str]:
    labelled = train[train["label"].notna()]
    if len(labelled):
        label = format_label(competition, labelled["label"].iloc[0])
        yield f"{_image(competition, labelled, 0)} is {label or 'of no class'}"
        kind = competition.kind
        if competition.classes and (kind.is_exclusive or kind.is_yes_no):
            yield _sizes(competition, labelled)
    masked = train[train["mask"].notna()]
    if len(masked):
        # One that is not empty shows more.
        drawn = [row for row, one in enumerate(masked["mask"]) if one.files or one.runs]
        row = drawn[0] if drawn else 0
        mask = _mask(competition, masked["mask"].iloc[row])
        yield f"{_image(competition, masked, row)} has {mask}"


def _mask(competition: Competition, mask: MaskRef) -> str:
    files = [file for file in mask.files if file]
    if files:
        more = f" and {plural(len(files) - 1, 'file')} more" if len(files) > 1 else ""
        return f"the mask {_below(competition, files[0])}{more}"
    return f"a mask of runs, as {mask.runs[0][1][:20]!r}" if mask.runs else "an empty mask"


def _sizes(competition: Competition, labelled: pd.DataFrame) -> str:
    counts = Counter(int(one) for one in labelled["label"])
    names = competition.label_names
    shown = [f"{names[at]} {n:,}" for at, n in counts.most_common(_SHOWN_CLASSES)]
    rest = len(counts) - len(shown)
    more = f" and {rest:,} more" if rest > 0 else ""
    return f"{len(counts):,} classes: {', '.join(shown)}{more}"
