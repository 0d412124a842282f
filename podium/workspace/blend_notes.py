"""Sentences in the record of a blend that commands read again: who scores better, who is doubted.

Whoever reads them needs no blend: `podium status` loads nothing that fits one.
"""

from __future__ import annotations

from collections.abc import Sequence

__all__ = [
    "DOUBT",
    "better_member",
    "better_member_note",
    "is_of_same_file",
    "leaking_member",
    "member_to_send",
    "same_file_note",
]

DOUBT = "were its out-of-fold rows really predicted by models that did not see them?"
"""How a note on an import ends whose score is too good to be out of fold."""


def better_member_note(name: str, score: float, how: str) -> str:
    """Return the note on a member that scores better than the blend; `how` it is decided."""
    return f"{name} alone{how} scores better: {score:.4f}"


def same_file_note(note: str, score: str) -> str:
    """Return the note in place of a `better_member_note` of a member that the file is of.

    `score` is the honest one of the blend. Both files are the same: neither is to be proposed
    beside the other.
    """
    alone = note.replace(" scores better: ", " has the same file, and scores ")
    return f"{alone}: honest {score} also counts the choosing of members, fold by fold"


def is_of_same_file(note: str) -> bool:
    """Return whether a note is a `same_file_note`."""
    return " has the same file, and scores " in note


def better_member(note: str, members: Sequence[str]) -> str:
    """Return which of `members` a `better_member_note` is of, "" for any other note."""
    is_of_one = " scores better: " in note
    return next((one for one in members if is_of_one and note.startswith(f"{one} alone")), "")


def leaking_member(note: str, members: Sequence[str]) -> str:
    """Return which of `members` a note that ends in `DOUBT` is of, "" for any other note."""
    is_doubt = note.endswith(DOUBT)
    return next((one for one in members if is_doubt and note.startswith(f"{one} scores ")), "")


def member_to_send(notes: Sequence[str], members: Sequence[str]) -> str:
    """Return the member that scores better alone by the `notes` of a blend, or "".

    One whose out-of-fold rows the notes doubt is not to be sent.
    """
    doubted = {leaking_member(note, members) for note in notes}
    better = (better_member(note, members) for note in notes)
    return next((one for one in better if one and one not in doubted), "")
