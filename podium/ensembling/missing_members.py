"""Members of a blend whose run, import or predictions were removed since it was made."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from podium.errors import PodiumError
from podium.workspace import digests
from podium.workspace.layout import Workspace
from podium.workspace.records import read_record

__all__ = ["MissingMember", "missing_as_json", "missing_members"]


@dataclass(frozen=True)
class MissingMember:
    """A member that a blend was made of, and that is not there any more.

    Attributes:
        blend: its id.
        folder: of the run or import, or of its predictions where only these are gone; from the
            workspace.
        fix: what can be done.
    """

    blend: str
    folder: str
    fix: str

    def __str__(self) -> str:
        return (
            f"{self.blend} is of {self.folder}, which was removed: it can be submitted or packed "
            f"when it is there again; {self.fix}"
        )

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {"blend": self.blend, "folder": self.folder, "fix": self.fix}


def missing_members(workspace: Workspace, *folders: Path) -> list[MissingMember]:
    """Return the members of the blends in `folders` that are not there any more.

    Args:
        workspace: where their sets are looked for.
        folders: of artefacts; those that are no blends have no members.
    """
    found: list[MissingMember] = []
    for folder in folders:
        try:
            record = read_record(folder)
        except (PodiumError, OSError):  # whoever needs the record refuses
            continue
        if record.kind != "blend":
            continue
        parts = [record.inputs, *record.inputs.get("beside", ())]
        sets = list(dict.fromkeys(str(one) for part in parts for one in part.get("sets", ())))
        left = [one for one in sets if (workspace.root / one).is_dir()]
        members = dict.fromkeys(_member(workspace, one) for one in left)
        gone: dict[str, str] = {}
        for one in sets:
            if one not in left:
                member = _member(workspace, one)
                if member.is_dir():
                    gone[one] = _fix_of_set(workspace, member, workspace.root / one)
                else:
                    kept = [own.name for own in members]
                    gone[_shown(workspace, member)] = _fix_of_member(workspace, member, kept)
        found += [MissingMember(record.id, one, fix) for one, fix in gone.items()]
    return found


def missing_as_json(missing: list[MissingMember]) -> dict[str, Any]:
    """Return the key `missing_members` of a blend that is shown as JSON; {} where none is."""
    return {"missing_members": [one.to_json() for one in missing]} if missing else {}


def _member(workspace: Workspace, place: str) -> Path:
    """Return the folder of the run or import that has the prediction set at `place`."""
    return (workspace.root / place).parent.parent


def _shown(workspace: Workspace, folder: Path) -> str:
    inside = folder.is_relative_to(workspace.root)
    return folder.relative_to(workspace.root).as_posix() if inside else str(folder)


def _fix_of_set(workspace: Workspace, member: Path, place: Path) -> str:
    if member.parent.name != "runs":
        return "restore it from a copy, or repeat the `podium import` that made it"
    how = digests.made_again(member, place)
    return f"restore it from a copy, or {how.replace(f'{workspace.root}{os.sep}', '')}"


def _fix_of_member(workspace: Workspace, member: Path, left: list[str]) -> str:
    name = member.name.rpartition("-")[0]
    without = f"`podium blend {' '.join(left)}` makes one without it" if left else ""
    ways = ["restore it from a copy"]
    if member.parent.name == "imports":
        ways.append("repeat the `podium import` that made it")
    elif (workspace.recipes / f"{name}.yaml").is_file():
        ways.append(f"repeat the `podium train {name}` that made it")
    else:
        ways.append("repeat the command that trained it")
    return ", or ".join([*ways, *([without] if without else [])])
