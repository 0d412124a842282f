"""Sizes of the masks of a submission: the frame, or those in the headers of the test images."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from podium.competition.ids.patterns import Pattern, is_image
from podium.competition.images import first_file, image_size
from podium.competition.presets import find_preset
from podium.competition.readers import IMAGE, Reader
from podium.competition.sections.frame import Frame, fixed_size, frame_size
from podium.competition.spec import Competition
from podium.errors import DataError, plural
from podium.submissions.format.problems import Problems

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "LARGEST_UNKNOWN",
    "MaskSizes",
    "Size",
    "has_test_images",
    "samples_of_test",
    "scored_of_test",
    "sizes_of_test",
    "warn_of_unknown_sizes",
]

Size = tuple[int, int]
LARGEST_UNKNOWN = 1 << 27
"""Largest number of pixels of an image whose size is unknown."""
_LEAST_ROOM = 1 << 24


class MaskSizes:
    """Sizes (height, width) of masks, each read when it is first needed.

    Args:
        known: sizes by the ids of samples.
        frame: of the masks, where it is not that of their images.
        images: returns the image file of each id; the headers of these have the sizes that `known`
            lacks.
        reader: of these files.
        remedy: what to do where a size is unknown.

    Attributes:
        fixed: the size of every mask, whatever its id; None where it depends on the image's.
        problem: why a size is unknown, once one could not be found.
    """

    def __init__(
        self,
        known: Mapping[str, Size] | None = None,
        *,
        frame: Frame = "native",
        images: Callable[[], Mapping[str, Path]] | None = None,
        reader: Reader = IMAGE,
        remedy: str = "put the test images in their place, or set frame: [height, width]",
    ) -> None:
        self._sizes = dict(known or {})
        self.fixed, self._frame = fixed_size(frame), frame
        self._find_images, self._reader = images, reader
        self.problem: str | None = None
        self.remedy = remedy

    @cached_property
    def ids(self) -> list[str]:
        """The ids of the samples; [] where they are unknown."""
        return list(self._sizes) + [one for one in self._images if one not in self._sizes]

    def of(self, sample_id: str | None) -> Size | None:
        """Return the size of the mask of one sample (None: sample unknown), or None."""
        if self.fixed is not None or sample_id is None:
            return self.fixed
        if sample_id not in self._sizes and sample_id in self._images:
            self._read(sample_id)
        return self._sizes.get(sample_id)

    def owner(self, candidates: Iterable[str]) -> str | None:
        """Return the first of these samples whose size is known, or None."""
        known = [one for one in candidates if self.of(one) is not None]
        return known[0] if known else None

    def longest(self) -> int:
        """Return how many characters a row may have: what the largest mask needs, and an id."""
        if self.fixed is not None:
            return _LEAST_ROOM + longest_text(self.fixed)
        found = [size for size in map(self.of, self.ids) if size is not None]
        text = max(map(longest_text, found), default=longest_text((LARGEST_UNKNOWN, 1)))
        return _LEAST_ROOM + text

    def _read(self, sample_id: str) -> None:
        try:
            of_image = image_size(self._images[sample_id], self._reader)
            self._sizes[sample_id] = frame_size(self._frame, of_image)
        except DataError as error:
            self.problem = self.problem or f"{error.where}: {error.message}"

    @cached_property
    def _images(self) -> Mapping[str, Path]:
        if self._find_images is None:
            return {}
        try:
            return self._find_images()
        except DataError as error:
            self.problem = error.message
            return {}


def sizes_of_test(competition: Competition, known: Mapping[str, Size] | None = None) -> MaskSizes:
    """Return the sizes of the masks of the test set: its frame, else those of its images.

    With `known`, sizes by id, no image is opened. Where there is no test image yet, all have the
    size that the preset knows.
    """
    frame = competition.frame
    if known is not None:
        return MaskSizes(known, frame=frame)
    preset = competition.submission.preset
    if frame == "native" and preset is not None and not has_test_images(competition):
        frame = find_preset(preset).image_size or "native"

    def images() -> dict[str, Path]:
        samples = _with_left_out(competition)
        ids, paths = samples["id"], samples["images"]
        return {
            str(one): competition.root / first_file(files)
            for one, files in zip(ids, paths, strict=True)
        }

    return MaskSizes(frame=frame, images=images, reader=competition.reader)


def has_test_images(competition: Competition) -> bool:
    """Return whether there is a file where test images should be; pandas is not needed for it."""
    test, root = competition.data.test, competition.root
    if test is None or (test.table is not None and not (root / test.table).is_file()):
        return False
    folder = root / Pattern(test.patterns[0]).fixed_part
    return folder.is_dir() and any(is_image(one.name) or one.is_dir() for one in folder.iterdir())


def warn_of_unknown_sizes(problems: Problems, sizes: MaskSizes, n: int) -> None:
    """Add a warning that `n` masks were not checked against the size of their image, if any."""
    if n:
        why = f": {sizes.problem}" if sizes.problem else ""
        problems.add(
            f"the size of the images of {plural(n, 'mask')} is unknown, so "
            f"whether these fit was not checked{why}",
            fix=sizes.remedy,
            level="warning",
        )


def longest_text(size: Size) -> int:
    """Return how many characters the runs of a mask of `size` can have.

    Every second pixel is the worst: a start, a space, the length 1 and a space for each.
    """
    n_pixels = size[0] * size[1]
    return (n_pixels // 2 + 1) * (len(str(n_pixels)) + 3)


def samples_of_test(competition: Competition) -> pd.DataFrame:
    """Return the samples of the test set as `load_samples` does; pandas is loaded now."""
    found: pd.DataFrame = _samples().load_samples(competition, "test")
    return found


def scored_of_test(competition: Competition) -> list[str]:
    """Return what rows of a file are of: the images to predict, or their units, each once.

    Those that `data.test.exclude` leaves out are the last: nothing is predicted of them, and the
    host asks for them all the same.
    """
    named = "unit" if competition.scores_units else "id"
    predicted = [str(one) for one in samples_of_test(competition)[named]]
    return list(dict.fromkeys([*predicted, *_samples().left_out_of_test(competition)]))


def _with_left_out(competition: Competition) -> pd.DataFrame:
    """Return the samples of test, with those left out where their files are there.

    The headers of damaged images often are whole.
    """
    test = competition.data.test
    if test is not None and test.exclude:
        with suppress(DataError):
            whole = test.model_copy(update={"exclude": []})
            found: pd.DataFrame = _samples().read_source(competition, whole, "test")
            return found
    return samples_of_test(competition)


def _samples() -> Any:
    """Return the module that reads samples, which loads pandas."""
    from podium.competition import samples

    return samples
