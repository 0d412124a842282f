"""How the text of a sample submission begins, and how its lines end, where Windows wrote it."""

from __future__ import annotations

import codecs
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from podium.competition.infer.encodings import decode
from podium.competition.infer.sample.submission import SampleSubmission
from podium.competition.infer.sources import Sources

__all__ = ["with_ends_of_text"]

_HEAD = 65_536  # bytes, an even number as letters of UTF-16 have two
_TEXTS = (".csv", ".tsv", ".txt")


def with_ends_of_text(sources: Sources, sample: SampleSubmission | None) -> SampleSubmission | None:
    """Return the sample with the mark and the ends of lines of its text as its form.

    That of a made table is the text that it was made of; a workbook, JSON and pictures have none.
    """
    if sample is None or "kind" in sample.file or sample.path in sources.tables:
        return sample
    found = _ends_of(_first_source(sources, sample.path))
    return replace(sample, file={**sample.file, **found}) if found else sample


def _first_source(sources: Sources, path: str) -> Path:
    """Return the file of the data folder that a table is, or was made of."""
    made = {sources.root / one.path: one.sources for one in sources.made}
    is_made = path in sources.folder.made
    found = (sources.root if is_made else sources.folder.path) / path
    while made.get(found):
        found = made.pop(found)[0]
    return found


def _ends_of(file: Path) -> Mapping[str, object]:
    """Return the keys of `submission.file` that tell a mark of UTF-8, and lines that end in CRLF.

    Where ends of both kinds stand in a text, it shows none.
    """
    if file.suffix.lower() not in _TEXTS or not file.is_file():
        return {}
    with file.open("rb") as stream:
        head = stream.read(_HEAD)
    text = decode(head, "latin-1")[0]  # which has a letter for each byte
    found: dict[str, object] = {}
    if head.startswith(codecs.BOM_UTF8):
        found["encoding"] = "utf-8-sig"
    if 0 < text.count("\n") == text.count("\r\n"):
        found["newline"] = "crlf"
    return found
