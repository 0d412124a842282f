"""Files of records as Python values: JSON, JSON lines, YAML, XML and databases of SQLite.

An element of XML is a record of its attributes and of what lies in it; elements of one name are a
list. A database is a record of its tables, each a list of records.
"""

from __future__ import annotations

import json
import sqlite3
import xml.etree.ElementTree as ET
from collections import defaultdict
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from podium.workspace.marked_yaml import parse_yaml, plain_value

__all__ = ["content_of", "is_record_file"]


def is_record_file(path: str) -> bool:
    """Return whether a file may hold records, by its ending."""
    return Path(path).suffix.lower() in _READ


def content_of(file: Path) -> Any:
    """Return what a file holds; None where it cannot be read."""
    try:
        return _READ[file.suffix.lower()](file)
    except (OSError, ValueError, RecursionError, ET.ParseError, sqlite3.Error):
        return None


def _text(file: Path) -> str:
    return file.read_text(encoding="utf-8-sig")


def _json(file: Path) -> Any:
    return json.loads(_text(file))


def _json_lines(file: Path) -> Any:
    return [json.loads(line) for line in _text(file).splitlines() if line.strip()]


def _yaml(file: Path) -> Any:
    document, _ = parse_yaml(_text(file), file.name, numbered=False)
    return None if document is None else plain_value(document)


def _xml(file: Path) -> Any:
    # Expat refuses entities that unfold to many times their size, and reads no other files.
    return _element(ET.fromstring(file.read_bytes()))  # noqa: S314


def _element(element: ET.Element) -> Any:
    """Return an element as a record, or its text where it has nothing else."""
    children: dict[str, list[Any]] = defaultdict(list)
    for one in element:
        children[one.tag.rpartition("}")[2]].append(_element(one))
    if not children and not element.attrib:
        return (element.text or "").strip()
    found: dict[str, Any] = dict(element.attrib)
    found |= {name: each[0] if len(each) == 1 else each for name, each in children.items()}
    text = (element.text or "").strip()
    return {**found, "text": text} if text and "text" not in found else found


_MOST_ROWS = 5_000_000


def _database(file: Path) -> Any:
    """Return the tables of a database; what they hold in bytes is left out."""
    address = f"{file.absolute().as_uri()}?mode=ro&immutable=1"
    with closing(sqlite3.connect(address, uri=True)) as database:
        database.execute("PRAGMA trusted_schema = OFF")
        names = database.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
        ).fetchall()
        return {str(name): _rows(database, str(name)) for (name,) in names}


def _rows(database: sqlite3.Connection, table: str) -> list[dict[str, Any]]:
    quoted = table.replace('"', '""')
    cursor = database.execute(f'SELECT * FROM "{quoted}" LIMIT {_MOST_ROWS}')  # noqa: S608
    columns = [str(one[0]) for one in cursor.description]
    return [
        {name: cell for name, cell in zip(columns, row, strict=True) if not isinstance(cell, bytes)}
        for row in cursor
    ]


_READ: Mapping[str, Callable[[Path], Any]] = {
    ".json": _json,
    ".jsonl": _json_lines,
    ".yaml": _yaml,
    ".yml": _yaml,
    ".xml": _xml,
    ".db": _database,
    ".sqlite": _database,
    ".sqlite3": _database,
}
