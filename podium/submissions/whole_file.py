"""What is told of a submission beside its rows: its size, and a sample that is out of date."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from podium.competition.patterns import Pattern, is_image
from podium.competition.spec import Competition
from podium.errors import DataError, some
from podium.submissions.expected import SampleKeys
from podium.submissions.format import Format
from podium.submissions.header import sample_with_rows
from podium.submissions.owners import owners_of
from podium.submissions.problems import Problem

__all__ = ["stale_sample", "too_large"]

LARGE_BYTES = 100 << 20
"""Above it a file is worth a word, where nobody says how large one may be."""
_SHOWN = 100


def too_large(path: Path, competition: Competition) -> Iterator[Problem]:
    """Yield what is wrong with the size of the file: it is above `kaggle.max_bytes`, or large."""
    limit = competition.kaggle.max_bytes
    try:
        n_bytes = path.stat().st_size
    except OSError:
        return  # told elsewhere
    if limit is not None and n_bytes > limit:
        yield Problem(
            None,
            f"the file has {n_bytes:,} bytes, and {limit:,} are taken (kaggle.max_bytes)",
            "write fewer digits, or fewer and smaller objects",
        )
    elif limit is None and n_bytes > LARGE_BYTES:
        yield Problem(
            None,
            f"the file has {n_bytes >> 20:,} MiB, which some hosts refuse",
            "look what the competition's pages allow, and write it in kaggle.max_bytes",
            "warning",
        )


def stale_sample(competition: Competition, form: Format) -> Iterator[Problem]:
    """Yield a warning where the sample's rows are of other images than the test set on the disk.

    Nothing is said where there are no test images yet, and of rows of pixels.
    """
    sample = sample_with_rows(competition)
    if sample is None or form.rows == "pixel" or not _has_test_images(competition):
        return
    from podium.competition.samples import load_samples

    try:
        named = "unit" if competition.scores_units else "id"
        unseen = dict.fromkeys(str(one) for one in load_samples(competition, "test")[named])
        n_test = len(unseen)
        known, strange = frozenset(unseen), dict[str, None]()
        owners = owners_of(form)
        for key in SampleKeys(sample, form):
            found = [one for one in owners(key) if one in known]
            for one in found:
                unseen.pop(one, None)
            if not found and len(strange) < _SHOWN:
                strange[key] = None
    except DataError:
        return  # of what cannot be read `podium check` without a file tells
    may_lack = form.rows == "instance" and form.empty_row == "drop"
    missing = [] if may_lack else list(unseen)
    if not missing and not strange:
        return
    parts = []
    if missing:
        parts.append(f"lacks {len(missing):,} of {n_test:,} test images: {some(missing)}")
    if strange:
        many = "at least " * (len(strange) == _SHOWN)
        parts.append(f"has {many}{len(strange):,} rows of no test image: {some(list(strange))}")
    yield Problem(
        None,
        f"{sample.name} {' and '.join(parts)}",
        "download the data again; one of both is out of date, or data.test.id and submission.id "
        "make other ids than the sample has",
        "warning",
    )


def _has_test_images(competition: Competition) -> bool:
    """Return whether there is a file where test images should be; pandas is not needed for it."""
    test, root = competition.data.test, competition.root
    if test is None or (test.table is not None and not (root / test.table).is_file()):
        return False
    folder = root / Pattern(test.patterns[0]).fixed_part
    return folder.is_dir() and any(is_image(one.name) or one.is_dir() for one in folder.iterdir())
