"""What each member brings, beside the record of its blend: `blends/<id>/members.json`.

    {"format": 1, "metric": "f1", "honest": 0.81, "best": "unet-0a1b2c3d",
     "members": [{"name": "unet-0a1b2c3d", "weight": 0.6, "alone": 0.8,
                  "dropped": {"score": 0.78, "gain": 0.03, "error": 0.01}, "added": null}],
     "correlation": [[1.0]]}

`MemberTable` says what each is; a correlation is null where it is undefined. Of the file alone
nothing depends: it can be removed, and is made again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from podium.ensembling.member_table import Gain, Member, MemberTable
from podium.workspace import atomic

__all__ = ["MEMBERS_FILE", "read_members", "write_members"]

MEMBERS_FILE = "members.json"
_FORMAT = 1


def read_members(folder: Path) -> MemberTable | None:
    """Return the table in a blend's folder; None: missing, damaged, or of another format."""
    try:
        found: Any = json.loads((folder / MEMBERS_FILE).read_text(encoding="utf-8"))
        if found["format"] != _FORMAT:
            return None
        members = tuple(_member(one) for one in found["members"])
        alike = np.array(found["correlation"], dtype=np.float64)  # of null it makes nan
        if alike.shape != (len(members), len(members)):
            return None
        honest, best = float(found["honest"]), str(found["best"])
        return MemberTable(str(found["metric"]), honest, best, members, alike)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write_members(folder: Path, table: MemberTable) -> None:
    """Write what `read_members` reads.

    Raises:
        OSError: it cannot be written.
    """
    alike = [[None if np.isnan(one) else float(one) for one in row] for row in table.correlation]
    said = {"format": _FORMAT, **asdict(table), "correlation": alike}
    atomic.write_text(folder / MEMBERS_FILE, json.dumps(said) + "\n")


def _member(found: Mapping[str, Any]) -> Member:
    dropped, added = (
        None if one is None else Gain(**one) for one in (found["dropped"], found["added"])
    )
    name, weight, alone = str(found["name"]), float(found["weight"]), float(found["alone"])
    return Member(name, weight, alone, dropped, added)
