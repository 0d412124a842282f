"""What records, receipts and leaderboard snapshots say, as rows of the ledger."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from podium.errors import RunError
from podium.workspace import json_lines
from podium.workspace.records import Record

__all__ = ["adopted_rows", "receipt_row", "record_row", "snapshot_rows"]

_FINISHED_STATES = ("complete", "scored", "finished")
_FAILED_STATES = ("error", "failed", "refused")


def record_row(path: str, record: Record) -> dict[str, Any]:
    """Return the row of a record that stands in `path` (below the workspace)."""
    said = record.model_dump(
        mode="json", include={"kind", "id", "name", "status", "podium", "parents"}
    )
    return said | {
        "path": path,
        "created": _iso(record.created),
        "scores": record.scores,
        "details": record.details,
    }


def receipt_row(path: str, file: Path) -> dict[str, Any]:
    """Return the row of the receipt in `file`, which is `path` below the workspace.

    Raises:
        RunError: the file is not a receipt.
    """
    receipt = _json(file.read_text(encoding="utf-8", errors="replace"), str(file))
    identity = str(receipt.get("id", file.parent.name))
    scores = {key: receipt.get(key) for key in ("honest", "public_score", "private_score")}
    details = {
        key: receipt.get(key)
        for key in ("state", "file_sha256", "description_id", "target", "slug", "ref")
    }
    return {
        "path": path,
        "kind": "submission",
        "id": identity,
        "name": identity,
        "status": _status(str(receipt.get("state", ""))),
        "created": _iso(_moment(receipt.get("created"), file)),
        "podium": str(receipt.get("podium", "")),
        "parents": [str(source) for source in receipt.get("sources") or []],
        "scores": {key: value for key, value in scores.items() if value is not None},
        "details": {key: value for key, value in details.items() if value is not None},
    }


def adopted_rows(path: str, file: Path) -> list[dict[str, Any]]:
    """Return a row for each submission that was sent by other means, as it was last seen.

    Lines that are none are left out, as the board leaves them out.
    """
    newest: dict[str, dict[str, Any]] = {}
    for line in json_lines.read(file):
        identity, seen = str(line.get("id", "")), str(line.get("seen", ""))
        if line.get("kind") == "adopted" and seen >= str(newest.get(identity, {}).get("seen", "")):
            newest[identity] = line
    return [_adopted_row(f"{path}#{identity}", file, one) for identity, one in newest.items()]


def _adopted_row(path: str, file: Path, line: dict[str, Any]) -> dict[str, Any]:
    scores = {key: line.get(key) for key in ("public_score", "private_score")}
    about = ("target", "slug", "ref", "description", "file_name", "sources", "likely_from")
    return {
        "path": path,
        "kind": "submission",
        "id": str(line["id"]),
        "name": str(line["id"]),
        "status": _status(str(line.get("status", ""))),
        "created": _iso(_moment(line.get("created"), file)),
        "podium": "",
        "parents": [],
        "scores": {key: value for key, value in scores.items() if value is not None},
        "details": {"adopted": True, **{key: line.get(key) for key in about}},
    }


def _status(state: str) -> str:
    if state.lower() in _FINISHED_STATES:
        return "finished"
    return "failed" if state.lower() in _FAILED_STATES else "unfinished"


def snapshot_rows(path: str, file: Path) -> tuple[list[dict[str, Any]], str | None]:
    """Return the lines of a snapshot file, and why others are left out, or None.

    What a killed process left cut at the end is no complaint.
    """
    text = file.read_text(encoding="utf-8", errors="replace")
    numbered = [(at, line) for at, line in enumerate(text.split("\n"), 1) if line.strip()]
    rows, problem = [], None
    for at, line in numbered:
        try:
            rows.append({"path": path, "line": at, "content": _json(line, f"{file}:{at}")})
        except RunError as error:
            is_cut = at == numbered[-1][0] and not text.endswith("\n")
            problem = problem if is_cut or problem else str(error)
    return rows, problem


def _json(text: str, where: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except ValueError as error:
        raise RunError(
            f"this is not JSON: {error}", where=where, fix="remove or mend it"
        ) from error
    if not isinstance(value, dict):
        raise RunError("this is not a JSON object", where=where, fix="remove or mend it")
    return value


def _moment(text: object, file: Path) -> datetime:
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError as error:
        raise RunError(
            f"created must be a time such as 2026-11-20T06:58:54+00:00, got {text!r}", where=file
        ) from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _iso(moment: datetime) -> str:
    # One zone and one width, so that the order of the texts is the order of the times.
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
