"""The sheet on which a person labels images: a page beside a folder of pictures, and nothing else.

It makes no request to a network. What is picked stays in the browser (localStorage and the tab's
own state, under the request's id) and is downloaded as the table that `podium label import` reads.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from podium.competition.spec import Competition
from podium.competition.truths.annotator_labels import NO_CLASSES, class_separator
from podium.reporting.images.thumbnails import as_webp, files_of, shrunk
from podium.reporting.pages.templating import environment
from podium.workspace.atomic import write_bytes, write_text
from podium.workspace.progress import Progress

__all__ = ["COLUMNS", "ImageToLabel", "write_sheet"]

COLUMNS = ("id", "image", "predicted", "confidence", "score", "label", "request", "image_sha256")
"""Columns of a request's table, and of the answers that the sheet saves."""


@dataclass(frozen=True)
class ImageToLabel:
    """An image to label.

    Attributes:
        id: its id.
        images: its files, as samples have them.
        sha256: of its content.
        predicted: the models' label, written as an answer is.
        confidence: of that label; None if the task has no confidence.
        score: expected benefit of its label, by the request's rule.
    """

    id: str
    images: tuple[str, ...]
    sha256: str
    predicted: str
    confidence: float | None
    score: float

    def row(self, request: str) -> dict[str, str]:
        """Return its row of `COLUMNS`, with no label yet."""
        return {
            "id": self.id,
            "image": next(one for one in self.images if one),
            "predicted": self.predicted,
            "confidence": "" if self.confidence is None else f"{self.confidence:.4f}",
            "score": f"{self.score:.6g}",
            "label": "",
            "request": request,
            "image_sha256": self.sha256,
        }


def write_sheet(
    folder: Path,
    competition: Competition,
    request: str,
    images: Sequence[ImageToLabel],
    progress: Progress,
) -> None:
    """Write `index.html` and `thumbnails/` into `folder`.

    Args:
        folder: of the request.
        competition: whose classes can be picked.
        request: its id.
        images: in the order in which they are shown.
        progress: shows a bar.

    Raises:
        DataError: an image cannot be read.
    """
    cards: list[dict[str, Any]] = []
    with progress.bar("thumbnails", len(images)) as advance:
        for number, one in enumerate(images):
            # By number: an id may have what no file name has.
            picture = f"thumbnails/{number + 1:05d}.webp"
            pixels = shrunk(files_of(competition, one.images), competition.reader)
            write_bytes(folder / picture, as_webp(pixels))
            cards.append({"picture": picture, "row": one.row(request)})
            advance(1)
    kind = competition.kind
    names = [] if kind.is_continuous else list(competition.label_names)
    if competition.open_set is not None:
        names.append(competition.open_set)
    given = {
        "request": request,
        "kind": "many" if kind.is_by_class else "value" if kind.is_continuous else "one",
        "classes": names,
        "numbers": list(competition.classes) if kind.is_by_column else [],
        "separator": class_separator(competition) if kind.is_wide else "",
        "nothing": NO_CLASSES,
        "columns": COLUMNS,
        "cards": cards,
    }
    template = environment().get_template("label_sheet.html")
    page = template.render(name=competition.name, given=given, request=request, n=len(images))
    write_text(folder / "index.html", page)
