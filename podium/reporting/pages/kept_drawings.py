"""What was drawn for an earlier page, kept until something that it shows changes.

A drawing takes a tenth of a second, a page has a hundred of them, and while a run trains the
figures of all others stay as they are. Each group of figures has one file in the workspace's cache,
with a digest of what it was drawn from: the code, the competition, the data's tables, the files of
its run or blend, and facts that the caller names. Files of groups that a page no longer has are
removed.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from types import ModuleType
from typing import Any

from markupsafe import Markup

from podium.competition.spec import Competition
from podium.errors import plural
from podium.reporting.plot import NO_NAME, Drawing
from podium.reporting.plots import Group, drawn_by_title
from podium.reporting.report import add_files, code_digest, data_files
from podium.workspace.atomic import remove, write_text
from podium.workspace.digests import is_damaged
from podium.workspace.layout import Workspace
from podium.workspace.progress import FIRST_LINE_S, LINE_EVERY_S, SILENT, Progress

__all__ = ["KeptDrawings"]

_OF_ARTEFACT = re.compile("^(?:run|blend)-")  # before an id


@dataclass
class KeptDrawings:
    """The drawings of one page.

    Attributes:
        folder: of the files; None: nothing is kept.
        base: digest of what all drawings depend on.
        used: names of the files that this page has.
        made: names of the groups that were drawn anew.
        say: gets a line on what is drawn, after 10 s and then one a minute.
        due: when the next one is.
    """

    folder: Path | None
    base: str
    used: set[str] = field(default_factory=set)
    made: list[str] = field(default_factory=list)
    say: Callable[[str], None] = SILENT.say
    due: float = field(default_factory=lambda: monotonic() + FIRST_LINE_S)

    @classmethod
    def of(
        cls, workspace: Workspace, competition: Competition, progress: Progress = SILENT
    ) -> KeptDrawings:
        """Return the kept drawings of a workspace; `progress` gets lines while many are drawn."""
        digest = hashlib.sha256(code_digest().encode())
        digest.update(competition.model_dump_json().encode())
        shared = [workspace.folds_file, workspace.checked_images]
        add_files(digest, [*shared, *data_files(competition)])
        return cls(workspace.cache / "report-figures", digest.hexdigest(), say=progress.say)

    @classmethod
    def nowhere(cls) -> KeptDrawings:
        """Return a page's drawings that are not kept."""
        return cls(None, "")

    def groups(
        self,
        package: ModuleType,
        subject: Any,
        *,
        problems: list[str],
        of: str,
        files: Iterable[Path],
        facts: Any = None,
    ) -> list[Group]:
        """Return what `drawn_by_title` does, drawn again only where something changed.

        Args:
            package, subject, problems, of: as `drawn_by_title` takes them.
            files: that the drawings show, beside the data.
            facts: whatever else they depend on, as JSON has it.
        """

        def draw() -> dict[str, Any]:
            met: list[str] = []
            groups = drawn_by_title(package, subject, problems=met, of=of)
            return {"groups": [[title, [_to_json(x) for x in each]] for title, each in groups],
                    "problems": met}  # fmt: skip

        # Labels of a blend and the blend itself have one prefix, and a file each.
        name = f"{package.__name__.rpartition('.')[2]}-{of}"
        found = self.value(name, files=files, facts=facts, make=draw)
        problems += found["problems"]
        return [(title, [_from_json(one) for one in each]) for title, each in found["groups"]]

    def value(
        self, name: str, *, files: Iterable[Path], facts: Any, make: Callable[[], Any]
    ) -> Any:
        """Return what `make` does, as JSON has it; kept until files or facts change."""
        if self.folder is None:
            return make()
        digest = hashlib.sha256(self.base.encode())
        digest.update(json.dumps([name, facts], sort_keys=True, default=str).encode())
        add_files(digest, files)
        key = digest.hexdigest()
        path = self.folder / f"{NO_NAME.sub('-', name)[:80]}-{_short(name)}.json"
        self.used.add(path.name)
        with suppress(OSError, ValueError, KeyError, TypeError):  # none yet, or damaged
            kept = json.loads(path.read_text(encoding="utf-8"))
            if kept["key"] == key and not is_damaged(path):
                return kept["value"]
        if monotonic() >= self.due:
            self.due = monotonic() + LINE_EVERY_S
            shown = _OF_ARTEFACT.sub("", name)
            self.say(
                f"  still drawing: after {plural(len(self.made), 'group')} of figures, {shown}"
            )
        value = make()
        self.made.append(name)
        with suppress(OSError):  # a full disk: the page has it all the same
            self.folder.mkdir(parents=True, exist_ok=True)
            write_text(path, json.dumps({"key": key, "value": value}))
        return value

    def forget_others(self) -> None:
        """Remove the files of groups that this page does not have."""
        if self.folder is not None and self.folder.is_dir():
            for path in self.folder.glob("*.json"):
                if path.name not in self.used:
                    remove(path)


def _short(name: str) -> str:
    return hashlib.sha256(name.encode(errors="surrogateescape")).hexdigest()[:8]


def _to_json(one: Drawing) -> list[str | None]:
    return [one.svg, one.title, one.caption, one.narrow]


def _from_json(kept: list[str | None]) -> Drawing:
    svg, title, caption, narrow = kept
    return Drawing(
        Markup(svg),  # noqa: S704  (as `_to_json` wrote it)
        str(title),
        str(caption),
        None if narrow is None else Markup(narrow),  # noqa: S704
    )
