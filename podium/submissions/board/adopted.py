"""Submissions that reached the host by other means: each is recorded, and its source is guessed.

    board/adopted.jsonl     a line whenever one is new or changed; of each the newest line counts

So they stay rows of the board when the host cannot be reached.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from podium.competition.sections.submission import FILE_SUFFIXES
from podium.submissions.upload.client import ListedSubmission
from podium.submissions.upload.endpoint import Target
from podium.submissions.upload.receipt import (
    SUBMISSION_FILE,
    Receipt,
    prepare_receipt,
    submission_folder,
)
from podium.workspace import json_lines
from podium.workspace.ids import short_digest
from podium.workspace.layout import ADOPTED_FILE, Workspace

__all__ = [
    "REHEARSAL",
    "AdoptedSubmission",
    "adopt_submissions",
    "match_receipts",
    "read_adopted",
    "without_receipt",
    "written_files",
]

_MARKER = re.compile(r"\[podium-[0-9a-f]{8,}\]")
_NAMED_AT_MOST = 3  # more files of one size prove nothing
_SENT_AGAIN = 5  # repetitions of one content that are tried


@dataclass(frozen=True)
class AdoptedSubmission:
    """A submission at a host that has no receipt here.

    `id` is made from what the host reports of it and never changes. `status` is PENDING, COMPLETE
    or ERROR. `sources` has the ids of what its content was made from, where its mark proves it;
    else `likely_from` has the ids of the blends, or the files, that it may be from.
    """

    id: str
    target: Target
    slug: str
    ref: int
    created: datetime
    file_name: str
    bytes: int | None
    description: str
    status: str
    error: str
    public_score: float | None
    private_score: float | None
    sources: tuple[str, ...]
    likely_from: tuple[str, ...]
    seen: datetime


def match_receipts(
    receipts: Sequence[Receipt], entries: Sequence[ListedSubmission], *, target: Target, slug: str
) -> dict[str, ListedSubmission]:
    """Return the submission of each receipt by the receipt's id, where the host has it.

    The marker decides; of several with it (the content went up twice) the number in the receipt,
    else the newest. Kaggle lets a description be edited: there, without a marker, the number is
    enough. (Hosts that are made anew count from 1 again.)
    """
    by_marker: dict[str, list[ListedSubmission]] = {}
    for entry in entries:
        by_marker.setdefault(_marker(entry.description), []).append(entry)
    unmarked = {entry.ref: entry for entry in by_marker.get("", [])}
    found = {}
    for receipt in receipts:
        if receipt.target != target:
            continue
        named = by_marker.get(receipt.marker, [])
        exact = [entry for entry in named if entry.ref == receipt.ref]
        if named:
            found[receipt.id] = (exact or named)[0]
        elif target == "kaggle" and receipt.slug == slug and receipt.ref in unmarked:
            found[receipt.id] = unmarked[receipt.ref]
    return found


def adopt_submissions(
    workspace: Workspace,
    entries: Iterable[ListedSubmission],
    receipts: Sequence[Receipt],
    known_ids: Iterable[str],
    *,
    target: Target,
    slug: str,
    at: datetime,
) -> None:
    """Record the submissions without a receipt that are new or have changed.

    The caller holds `json_lines.growing(workspace.board)`.

    Args:
        workspace: its `board/` gets the lines.
        entries: of the host's list, those for which `matched` found no receipt.
        receipts: all of them: one of their files may be the content that was sent.
        known_ids: ids of all blends.
        target: the host that listed them.
        slug: the competition there.
        at: when it listed them. What was recorded later stays.
    """
    known = {one.id: one for one in read_adopted(workspace)}
    files = _WrittenFiles(workspace, receipts, frozenset(known_ids))
    lines = []
    for entry in entries:
        fresh = _adopted(entry, target, slug, at)
        old = known.get(fresh.id)
        if old is None:
            sources, likely = files.origin(fresh)
            fresh = replace(fresh, sources=sources, likely_from=likely)
        elif old.seen > at:
            continue
        else:
            fresh = replace(
                fresh, sources=old.sources, likely_from=old.likely_from, created=old.created
            )
        if old is None or replace(old, seen=at) != fresh:
            lines.append(_line(fresh))
            known[fresh.id] = fresh
    json_lines.append(workspace.board / ADOPTED_FILE, lines)


def read_adopted(workspace: Workspace) -> list[AdoptedSubmission]:
    """Return every adopted submission in its newest state, oldest first."""
    newest: dict[str, AdoptedSubmission] = {}
    for line in json_lines.read(workspace.board / ADOPTED_FILE):
        one = _read(line)
        if one is not None and (one.id not in newest or one.seen >= newest[one.id].seen):
            newest[one.id] = one
    return sorted(newest.values(), key=lambda one: (one.created, one.ref))


def without_receipt(
    adopted: Iterable[AdoptedSubmission], receipts: Iterable[Receipt]
) -> list[AdoptedSubmission]:
    """Return the adopted submissions that belong to none of the receipts.

    A receipt may have come later, from a copy; at a host that was made anew its number proves
    nothing without its marker.
    """
    claimed = {
        (one.target, one.slug, one.ref, "" if one.target == "kaggle" else one.marker)
        for one in receipts
    }
    return [
        one
        for one in adopted
        if (
            one.target,
            one.slug,
            one.ref,
            "" if one.target == "kaggle" else _marker(one.description),
        )
        not in claimed
    ]


def _marker(description: str) -> str:
    """Return the first marker, which is its own: a message may quote another one."""
    match = _MARKER.search(description)
    return "" if match is None else match[0]


def _adopted(entry: ListedSubmission, target: Target, slug: str, at: datetime) -> AdoptedSubmission:
    # The date belongs to the identity: a host that is made anew counts from 1 again.
    when = (entry.date or "")[: len("2026-11-20T06:58:54")]
    return AdoptedSubmission(
        id=short_digest({"target": target, "slug": slug, "ref": entry.ref, "date": when}),
        target=target,
        slug=slug,
        ref=entry.ref,
        created=at if entry.date is None else datetime.fromisoformat(entry.date),
        file_name=entry.file_name,
        bytes=entry.bytes,
        description=entry.description,
        status=entry.status,
        error=entry.error,
        public_score=entry.public_score,
        private_score=entry.private_score,
        sources=(),
        likely_from=(),
        seen=at,
    )


def written_files(workspace: Workspace) -> list[Path]:
    """Return the files in `submissions/` that may be sent, in the order of names."""
    files = (one for one in workspace.submissions.glob("*") if one.suffix in FILE_SUFFIXES)
    return sorted(one for one in files if not one.name.startswith(REHEARSAL))


REHEARSAL = "rehearsal-"
"""How the names of files of train rows begin, which are never sent."""


@dataclass(frozen=True)
class _WrittenFile:
    """A file that we wrote, and what it was made from."""

    file: Path
    bytes: int
    sources: tuple[str, ...]


class _WrittenFiles:
    """The files that may be what was sent: looked at once, however many submissions there are."""

    def __init__(
        self, workspace: Workspace, receipts: Sequence[Receipt], blends: frozenset[str]
    ) -> None:
        self._workspace, self._blends = workspace, blends
        self._by_marker: dict[str, tuple[str, ...]] = {}
        for receipt in receipts:
            self._by_marker.setdefault(receipt.marker, tuple(receipt.sources))
        self._by_bytes: dict[int, list[_WrittenFile]] = {}
        for file in written_files(workspace):
            self._add(_WrittenFile(file, file.stat().st_size, (file.stem,)))
        for receipt in receipts:
            copy = submission_folder(workspace, receipt) / SUBMISSION_FILE
            self._add(_WrittenFile(copy, receipt.bytes, tuple(receipt.sources)))
        self._sent: dict[tuple[Target, str, int | None], dict[str, tuple[str, ...]]] = {}

    def _add(self, written: _WrittenFile) -> None:
        self._by_bytes.setdefault(written.bytes, []).append(written)

    def origin(self, one: AdoptedSubmission) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return what the content was made from, where that is proven, and what it was likely from.

        A marker holds a digest of the content, which is proof; a file's name is a good hint, its
        size a faint one.
        """
        if marker := _marker(one.description):
            if marker in self._by_marker:
                return self._by_marker[marker], ()
            return self._proven(one).get(marker, ()), ()
        stem = one.file_name.rpartition(".")[0]
        written = (file.stem for file in written_files(self._workspace))
        if stem in self._blends or stem in written:
            return (), (stem,)
        fitting = self._sources_of_size.get(one.bytes or -1, set()) - {()}
        names = sorted({name for sources in fitting for name in sources})
        return (), tuple(names) if len(fitting) <= _NAMED_AT_MOST else ()

    @cached_property
    def _sources_of_size(self) -> dict[int, set[tuple[str, ...]]]:
        return {size: {of.sources for of in files} for size, files in self._by_bytes.items()}

    def _proven(self, one: AdoptedSubmission) -> dict[str, tuple[str, ...]]:
        """Return the markers with which podium would send files of this size to where `one` is."""
        place = (one.target, one.slug, one.bytes)
        if place not in self._sent:
            sizes = self._by_bytes if one.bytes is None else (one.bytes,)
            self._sent[place] = {
                receipt.marker: of.sources
                for size in sizes
                for of in reversed(self._by_bytes.get(size, ()))
                if of.file.is_file()
                for receipt in self._receipts(of.file, one)
            }
        return self._sent[place]

    def _receipts(self, file: Path, one: AdoptedSubmission) -> Iterator[Receipt]:
        for again in range(_SENT_AGAIN):
            yield prepare_receipt(
                self._workspace, file, slug=one.slug, target=one.target, message="", again=again
            )


def _line(one: AdoptedSubmission) -> dict[str, Any]:
    times = {"created": one.created.isoformat(), "seen": one.seen.isoformat()}
    return {"schema_version": 1, "kind": "adopted", **asdict(one), **times}


def _read(line: dict[str, Any]) -> AdoptedSubmission | None:
    """Return the submission of a line; None: the line has another form."""
    try:
        if line["kind"] != "adopted":
            return None
        values = {name: line[name] for name in AdoptedSubmission.__dataclass_fields__}
        for name in ("sources", "likely_from"):
            values[name] = tuple(values[name])
        for name in ("created", "seen"):
            values[name] = datetime.fromisoformat(values[name])
            if values[name].tzinfo is None:
                return None
        return AdoptedSubmission(**values)
    except (ValueError, KeyError, TypeError):
        return None
