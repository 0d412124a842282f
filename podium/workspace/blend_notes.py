"""Words of a blend: its method, who has a weight, and notes that commands read again.

Whoever reads them needs no blend: `podium status` loads nothing that fits one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from podium.workspace.records import Record

__all__ = [
    "CALIBRATION",
    "DOUBT",
    "better_member",
    "better_member_note",
    "format_method",
    "is_of_same_file",
    "leaking_member",
    "member_of_same_file",
    "member_to_send",
    "same_file_note",
    "set_owner",
    "weighed_members",
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
    return f"{alone}: honest {score} is worse, as the members were chosen anew for each fold"


def is_of_same_file(note: str) -> bool:
    """Return whether a note is a `same_file_note`."""
    return " has the same file, and scores " in note


def member_of_same_file(notes: Sequence[str], members: Sequence[str]) -> str:
    """Return the member whose file is that of the blend, by its `notes`; "" where none does."""
    same = [note for note in notes if is_of_same_file(note)]
    return next((one for one in members for note in same if note.startswith(f"{one} alone")), "")


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


CALIBRATION = "calibration"
"""The key of what a blend's probabilities are calibrated by, beside what its method found."""

_IN_WORDS = {
    "bagged": "bagged hill climbing",
    "geometric": "geometric mean",
    "hill_climb": "hill climbing",
    "logit_mean": "mean of logits",
    "paying": "weighted mean, where a member must pay,",
    "per_class": "weighted mean by class",
    "power": "power mean",
    "rank": "mean of ranks",
    "search": "weighted mean by Optuna",
    "simplex": "weighted mean by simplex",
    "stack_logistic": "logistic stacking",
    "stack_ridge": "ridge stacking",
    "vote": "majority vote",
}


def format_method(name: str) -> str:
    """Return a blending method in the field's words, to stand before "of" its members.

    Example:
        >>> format_method("hill_climb"), format_method("mean")
        ('hill climbing', 'mean')
    """
    return _IN_WORDS.get(name, name.replace("_", " "))


def weighed_members(record: Record) -> tuple[str, ...]:
    """Return the runs and imports that change a blend: those with a weight, in whatever part.

    Where its method found more than the weights, as a stacker does, these are all.
    """
    details, inputs = record.details, record.inputs
    parts = [details, *details.get("beside", {}).values()]
    facts = [inputs, *inputs.get("beside", [])]
    both = zip(parts, facts, strict=False)  # an old record may lack either
    places = [place for part, of_part in both for place in _weighed_sets(part, of_part)]
    return tuple(dict.fromkeys(map(set_owner, places))) or tuple(record.parents)


def _weighed_sets(part: Mapping[str, Any], facts: Mapping[str, Any]) -> Iterator[str]:
    is_of_all = bool({*part.get("params", {})} - {CALIBRATION})
    for place, weight in zip(facts.get("sets", ()), part.get("weights", ()), strict=False):
        if weight or is_of_all:
            yield str(place)


def set_owner(place: str) -> str:
    """Return the id of the run or import that the prediction set at `place` belongs to."""
    parts = Path(place).parts
    is_inside = not Path(place).is_absolute() and len(parts) >= 2
    return parts[1] if is_inside else place
