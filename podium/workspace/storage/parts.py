"""What a task writes, kept on storage while it runs, so that any machine continues it.

A process that begins the task claims it: it makes the object of the next number, which one process
alone can make. What it then writes lies under its number, and the highest number that has written
anything counts. A process that was thought dead and is not finds a higher claim before it writes
again, and stops; what it wrote under its own number is not looked at any more.
"""

from __future__ import annotations

import json
import secrets
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from podium.errors import RunError
from podium.workspace.atomic import flush, replacing, temporary_folder
from podium.workspace.digests import SUMS_FILE, sha256
from podium.workspace.storage.objects import ObjectStore

__all__ = ["StoredPart", "TakenOverError"]

_STATE = "state.json"
_LAST = (SUMS_FILE, "done.json")  # in this order: what they speak of is there before
_TRIES = 5

Files = dict[str, dict[str, str]]
"""Folder or file → path in it ("" for the file itself) → digest."""


class TakenOverError(RunError):
    """Another process has claimed what this one was at."""


class StoredPart:
    """The files that one task writes.

    Args:
        store: where they are kept.
        name: of the task.
        root: the folder of the workspace on this machine.
        patterns: of the folders and files that the task writes, relative to `root`.
    """

    def __init__(self, store: ObjectStore, name: str, root: Path, patterns: Sequence[str]) -> None:
        self._store, self._name = store, name
        self._root, self._patterns = root, patterns
        self._base = f"parts/{name}"
        self._claim = 0
        self._stamps: dict[Path, tuple[int, ...]] = {}
        self._digests: dict[Path, str] = {}
        self._published: Files | None = None

    def claim(self, owner: str) -> None:
        """Take the task from whoever has it, and make the files here those of its last state.

        Args:
            owner: host:pid, for the message of the process that loses it.

        Raises:
            RunError: the storage cannot be reached.
        """
        content = json.dumps({"owner": owner, "token": secrets.token_hex(8)}).encode()
        while True:
            self._claim = self._newest_claim() + 1
            if self._store.put_new(self._claim_name(self._claim), content):
                break
        self.fetch()

    def publish(self) -> bool:
        """Write what the task has written so far; return False where a file changed meanwhile.

        Raises:
            TakenOverError: another process has claimed the task meanwhile.
            RunError: the storage cannot be written; what was there before stays.
        """
        newest = self._newest_claim()
        if newest != self._claim:
            raise TakenOverError(
                f"{self._name} was taken over by {self._owner(newest)}",
                fix="leave it to that one; repeated later, this command takes what it has made",
            )
        stamps = self._stamped()
        if stamps == self._stamps:
            return True
        with temporary_folder("published", self._home()) as spare:
            copies = {
                file: spare / str(at)
                for at, file in enumerate(stamps)
                if self._stamps.get(file) != stamps[file]
            }
            try:
                for file, copy in copies.items():
                    shutil.copyfile(file, copy)
            except FileNotFoundError:
                return False
            if self._stamped() != stamps:
                return False  # files of two moments: the next time, then
            digests = {file: self._digests[file] for file in stamps if file not in copies}
            digests |= {file: sha256(copy) for file, copy in copies.items()}
            there = set(self._digests.values()) if self._published is not None else set()
            for file, copy in copies.items():
                if digests[file] not in there:
                    self._store.put_file(self._object(digests[file]), copy)
                    there.add(digests[file])
        state = self._state_of(digests)
        self._store.put(f"{self._folder(self._claim)}/{_STATE}", _encoded(state))
        is_first, self._published = self._published is None, state
        self._stamps, self._digests = stamps, digests
        self._remove_outdated(is_first)
        return True

    def fetch(self) -> bool:
        """Make the files here those of the task's last state; return whether there is one.

        Without one, they stay as they are.

        Raises:
            RunError: the storage cannot be read.
        """
        for _ in range(_TRIES):
            found = self._newest_state()
            if found is None:
                return False
            with temporary_folder("fetched", self._home()) as spare:
                # A state that is followed by another meanwhile loses its objects.
                if self._download(*found, spare):
                    self._install(found[1], spare)
                    return True
        raise RunError(
            f"{self._store.url}/{self._base} lacks files that its state names",
            fix="remove it, and repeat the command: the task begins anew",
        )

    def offer(self, owner: str) -> None:
        """Make what is here the task's first state, where it has none and there is anything."""
        if self._newest_state() is None and self._stamped():
            self.claim(owner)
            self.publish()

    def _download(self, claim: int, state: Files, spare: Path) -> bool:
        for number, (place, files) in enumerate(state.items()):
            for inner, digest in files.items():
                here = self._root / place / inner
                copy = spare / str(number) / (inner or "file")
                copy.parent.mkdir(parents=True, exist_ok=True)
                if here.is_file() and sha256(here) == digest:
                    continue
                if not self._store.get_file(f"{self._folder(claim)}/{digest}", copy):
                    return False
                if sha256(copy) != digest:
                    raise RunError(
                        f"{self._store.url}/{self._folder(claim)}/{digest} is damaged",
                        fix=f"remove {self._base} there, and repeat the command",
                    )
                flush(copy)
        return True

    def _install(self, state: Files, spare: Path) -> None:
        """Put the files that differ into place; folders that are not there yet appear whole."""
        for number, (place, files) in enumerate(state.items()):
            source, target = spare / str(number), self._root / place
            if "" in files:
                if (source / "file").is_file() and not target.exists():
                    with replacing(target) as temporary:
                        shutil.copyfile(source / "file", temporary)
                continue
            if not target.exists():
                target.parent.mkdir(parents=True, exist_ok=True)
                source.rename(target)
                flush(target.parent)
                continue
            fresh = [one for one in files if (source / one).is_file()]
            for one in sorted(fresh, key=lambda path: (_rank(path), path)):
                (target / one).parent.mkdir(parents=True, exist_ok=True)
                (source / one).replace(target / one)
            for folder in {(target / one).parent for one in fresh}:
                flush(folder)
            for file in _files_in(target):
                if file.relative_to(target).as_posix() not in files:
                    file.unlink()

    def _places(self) -> list[Path]:
        return sorted({place for one in self._patterns for place in self._root.glob(one)})

    def _stamped(self) -> dict[Path, tuple[int, ...]]:
        """Return the files that the task has written, each with a stamp that changes with it."""
        stamps: dict[Path, tuple[int, ...]] = {}
        for file in [file for place in self._places() for file in _files_in(place)]:
            try:
                facts = file.stat()
            except FileNotFoundError:
                continue
            stamps[file] = (facts.st_ino, facts.st_size, facts.st_mtime_ns, facts.st_ctime_ns)
        return stamps

    def _state_of(self, digests: Mapping[Path, str]) -> Files:
        state: Files = {}
        for place in self._places():
            files = {
                "" if file == place else file.relative_to(place).as_posix(): digest
                for file, digest in digests.items()
                if file == place or file.is_relative_to(place)
            }
            if files:
                state[place.relative_to(self._root).as_posix()] = files
        return state

    def _remove_outdated(self, is_first: bool) -> None:
        """Remove what no state needs any more: of this claim, and of all before it."""
        assert self._published is not None
        needed = {self._object(one) for files in self._published.values() for one in files.values()}
        needed.add(f"{self._folder(self._claim)}/{_STATE}")
        names = self._store.names(self._base if is_first else self._folder(self._claim))
        self._store.remove(
            one
            for one in names
            if one not in needed and 0 < _number(one, self._base) <= self._claim
        )

    def _newest_claim(self) -> int:
        names = self._store.names(f"{self._base}/claims")
        return max((int(one.rpartition("/")[2]) for one in names), default=0)

    def _newest_state(self) -> tuple[int, Files] | None:
        names = self._store.names(self._base)
        for one in sorted(names, reverse=True):
            if one.endswith(f"/{_STATE}"):
                content = self._store.get(one)
                if content is not None:
                    return _number(one, self._base), json.loads(content)
        return None

    def _owner(self, claim: int) -> str:
        content = self._store.get(self._claim_name(claim))
        about: Any = {} if content is None else json.loads(content)
        return str(about.get("owner", "another process"))

    def _home(self) -> Path:
        home = self._root / ".podium"
        home.mkdir(parents=True, exist_ok=True)
        return home

    def _claim_name(self, claim: int) -> str:
        return f"{self._base}/claims/{claim:06}"

    def _folder(self, claim: int) -> str:
        return f"{self._base}/{claim:06}"

    def _object(self, digest: str) -> str:
        return f"{self._folder(self._claim)}/{digest}"


def _files_in(place: Path) -> list[Path]:
    """Return the files of a folder, or the file itself; not what begins with a dot."""
    if place.is_file():
        return [place]
    return [
        file
        for file in sorted(place.rglob("*"))
        if file.is_file() and not any(one.startswith(".") for one in file.relative_to(place).parts)
    ]


def _number(name: str, base: str) -> int:
    """Return the number of the claim under which an object lies; 0 for the claims themselves."""
    folder = name[len(base) + 1 :].partition("/")[0]
    return int(folder) if folder.isdecimal() else 0


def _rank(path: str) -> int:
    name = path.rpartition("/")[2]
    return _LAST.index(name) + 1 if name in _LAST else 0


def _encoded(state: Files) -> bytes:
    return json.dumps(state, indent=1).encode()
