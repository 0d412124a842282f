"""Folders of images without labels, as a README beside the data tells of them.

README.md: "extraimages.zip has further images without labels"    →    extraimages
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import NamedTuple

from podium.competition.infer.files import DataFolder
from podium.competition.infer.readme.texts import SENTENCE_END, as_in_texts, texts_beside
from podium.competition.languages import is_called
from podium.competition.phrases import any_phrase, one_spelling, plain_signs

__all__ = ["FoldersWithoutLabels", "readme_unlabelled"]

_CLAUSE = re.compile(rf"{SENTENCE_END.pattern}|(?<=[,;，；、])")


class FoldersWithoutLabels(NamedTuple):
    """Folders whose images have no label, and which text says so of the first, with its words."""

    folders: tuple[str, ...]
    told: str


def readme_unlabelled(folder: DataFolder, folders: Collection[str]) -> FoldersWithoutLabels | None:
    """Return those of some folders of which a text says that their images have no labels; or None.

    A clause has the name of the folder, or of the archive that it was in, and such words.

    Args:
        folders: by their paths, that are of no part of the data.
    """
    names = {path: plain_signs(as_in_texts(path.rpartition("/")[2])).strip() for path in folders}
    # "images without labels" may be any.
    names = {
        path: name
        for path, name in names.items()
        if not all(is_called(word, "image", "data") for word in name.split())
    }
    found: dict[str, str] = {}
    for text_path, text in texts_beside(folder, by_item=True):
        for clause in _CLAUSE.split(one_spelling(text)):
            plain = plain_signs(clause or "")
            words = re.findall(r"\w+", plain)
            if not (
                any_phrase("without labels").search(plain)
                or any(is_called(one, "unlabelled") for one in words)
            ):
                continue
            for path, name in names.items():
                if re.search(rf"(?<!\w){re.escape(name)}(?![^\W\u3040-\ud7af])", plain):
                    found.setdefault(path, f"{text_path} says {clause.strip()[:_LONGEST]!r}")
    return FoldersWithoutLabels(tuple(found), next(iter(found.values()))) if found else None


_LONGEST = 80  # letters of a clause that is shown
