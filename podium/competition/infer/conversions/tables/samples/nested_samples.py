"""Sample submissions of masks as records in records, which podium cannot write.

{"7.jpg": {"road": {"10": [[8, 15], [24, 31]]}}, "8.jpg": {}}
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from podium.competition.infer.conversions.tables.records.record_files import content_of
from podium.competition.infer.files import DataFolder
from podium.competition.infer.masks.files import train_masks
from podium.competition.infer.sample.submission import is_sample_submission
from podium.competition.infer.shares import NEARLY_ALL
from podium.workspace import extensions

__all__ = ["NestedSample", "find_nested_sample"]

_LARGEST = 500_000_000  # bytes of a file that is read whole
_LONGEST = 60  # letters of a word; runs of masks are longer


@dataclass(frozen=True)
class NestedSample:
    """A sample submission of records in records.

    Attributes:
        path: relative to the data folder.
        words: its keys and its texts below the images, in their order, each once.
    """

    path: str
    words: tuple[str, ...]

    def note(self) -> str:
        """Return what it means for files to send."""
        return (
            f"files to send are records in records, as {self.path} is, and podium cannot write "
            "such yet: submission has the usual form of masks, as a start (a row for each image "
            "and class, with runs). Convert that file by a script of your own before you send it; "
            "docs/extending.md says how to add a form to podium"
        )


def find_nested_sample(folder: DataFolder) -> NestedSample | None:
    """Return the sample of records in records by the names of images; None without one.

    Train has masks, and folders tell what is to be predicted: elsewhere such records are read as
    tables.
    """
    if not train_masks(folder) or not folder.of_part("test"):
        return None
    for path in filter(is_sample_submission, folder.jsons):
        file = folder.path / path
        content = content_of(file) if file.stat().st_size < _LARGEST else None
        if not isinstance(content, dict) or not content:
            continue
        n_named = sum(bool(folder.named(str(one))) for one in content)
        if n_named >= NEARLY_ALL * len(content) and any(map(_is_nested, content.values())):
            told = (word for one in content.values() for word in extensions.strings_in(one))
            words = dict.fromkeys(word for word in told if len(word) <= _LONGEST)
            return NestedSample(path, tuple(words))
    return None


def _is_nested(answer: Any) -> bool:
    """Return whether an answer has records, or lists in a record: more than cells of a row."""
    if isinstance(answer, dict):
        return any(isinstance(one, dict | list) for one in answer.values())
    return isinstance(answer, list) and any(isinstance(one, dict) for one in answer)
