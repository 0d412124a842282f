"""`SHA256SUMS`: the digest of every file of an artefact, beside it, checked when it is read.

Every file that is written below `runs/`, `blends/`, `submissions/`, `imports/`, `pseudo/`,
`labels/`, `studies/`, `auto/`, `board/`, `made/` or `report/` of a workspace gets a line in the
`SHA256SUMS` of its folder, in the form of `sha256sum -c`; so do trials of loss weights, what a
check found and figures of a report, in the workspace's private folder. `atomic` writes the line, so
no caller does. A new digest is added before its file is renamed into place, and the old one is
dropped afterwards: a process killed in between leaves a file that one of two lines fits. Files from
before there were digests have no line, and are read unchecked.

The first line is the digest of the lines below it, so that damage of the digests is not taken for
damage of a file. A file is read for its digest once a process, while it does not change.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

from podium.errors import RunError
from podium.workspace.ids import sha256, short_digest
from podium.workspace.layout import ARTEFACT_ROOMS, COMPETITION_FILE, RECORD_FILE

try:
    import fcntl
except ImportError:  # Windows: two processes that write in one folder may lose a line
    fcntl = None  # type: ignore[assignment]

__all__ = [
    "SUMS_FILE",
    "DamagedError",
    "State",
    "are_of_another",
    "check",
    "content_of",
    "is_damaged",
    "is_whole",
    "sha256",
    "stamp_of",
    "state_of",
]

SUMS_FILE = "SHA256SUMS"
_MADE_BESIDE = ("units.npz", "expected.json", "on_test_like.json")  # of a blend that is there
State = Literal["intact", "damaged", "missing", "no digest"]

_MADE_AGAIN = {
    "trials": "remove {fold}: it is trained again when a search needs it",
    "checked": "remove it, and repeat `podium check`",
    "report-figures": "remove it: `podium report` draws it again",
}
"""Folders of the private folder whose files have digests, and the way out of damage in them."""

_logger = logging.getLogger(__name__)

_HEADER = "# podium "
_PRIVATE = re.compile(r"\.podium|cache|.+-[0-9a-f]{8}")  # the last one: on a scratch disk
_Sums = dict[str, tuple[str, ...]]  # name → digests; two while the file is being replaced
_checked: dict[str, tuple[int, ...]] = {}  # file → its stamp when it was found intact


class DamagedError(RunError):
    """A file of an artefact is not what podium wrote."""


def check(path: Path, *, fix: str | None = None) -> None:
    """Raise where the file at `path` is not what podium wrote; a file without digest passes.

    Args:
        path: the file; a missing one passes, as opening it raises a better error.
        fix: the way out; None: the command that makes the file again, by where it lies.

    Raises:
        DamagedError: names the file and the way out.
    """
    if state_of(path, once=True) != "damaged":
        return
    if not is_whole(path.parent / SUMS_FILE):
        raise DamagedError(
            "the digests of this folder are damaged",
            where=path.parent / SUMS_FILE,
            fix="remove this file: its folder is then read unchecked",
        )
    raise DamagedError(
        "damaged: its content is not what podium wrote", where=path, fix=fix or mend(path)
    )


def is_damaged(path: Path) -> bool:
    """Return whether a file that the caller makes again is not what podium wrote; log it then."""
    if state_of(path, once=True) != "damaged":
        return False
    _logger.warning("%s is damaged, and made again", path)
    return True


def state_of(path: Path, *, once: bool = False) -> State:
    """Return whether the file at `path` is what podium wrote.

    Args:
        path: the file.
        once: take the answer of an earlier call for a file that was not written to since.
    """
    try:
        stamp = stamp_of(path)
        if once and _checked.get(str(path)) == stamp:
            return "intact"
        listed = read_sums(path.parent).get(path.name)
        if listed is None:
            return "no digest"
        if sha256(path) not in listed:
            return "damaged"
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return "missing"
    _checked[str(path)] = stamp
    return "intact"


def mend(path: Path) -> str:
    """Return what to do about a damaged file, by where it lies in its workspace."""
    parts = path.parts
    at = max((i for i, one in enumerate(parts[:-1]) if one in ARTEFACT_ROOMS), default=None)
    private = _private_folder(path)
    if private is not None and len(private.parts) > (at or 0):
        inner = path.relative_to(private).parts
        return _MADE_AGAIN[private.name].format(fold=private.joinpath(*inner[:2]))
    # A run of a study, or of a trial, lies in a `runs` of its own.
    if at is None or at + 1 >= len(parts):
        return "restore the file from a copy"
    if parts[at] == "board":
        return (
            f"restore {path} from a copy, or remove it: `podium board` asks the host again, and "
            "what the host forgot is lost"
        )
    if parts[at] == "report":
        return f"remove {path}: `podium report` makes the page again"
    if parts[at] == "made":
        return f"repeat `{_remaking(Path(*parts[: at + 1]))}` in the workspace"
    room, inner = parts[at], parts[at + 2 :]
    folder = Path(*parts[: at + 2])
    if is_only_shown(path):
        return f"remove {path}: it is only shown, and nothing that is computed needs it"
    if room == "runs":
        fold = next((i for i, one in enumerate(inner) if one.startswith("fold-")), None)
        lost = path if fold is None else folder.joinpath(*inner[: fold + 1])
        if fold is None and inner[0] == "predictions" and len(inner) > 2:
            lost = folder.joinpath(*inner[:2])
        if lost == folder / "recipe.yaml" and (folder / RECORD_FILE).is_file():
            return "restore it from a copy: what it says stands in record.json, too"
        return f"remove {lost}, and {made_again(folder, lost)}"
    if room == "blends" and inner != (RECORD_FILE,):
        lost = path if path.name in _MADE_BESIDE else folder
        return f"remove {lost}, and {made_again(folder, path)}"
    if room == "submissions" and not path.exists():
        return (
            "restore it from a copy; `podium board` shows what the host has of it, and `podium "
            "submit` writes such a file again"
        )
    if room == "submissions":
        return (
            f"restore it from a copy, or move {path} out of the workspace; `podium board` shows "
            "what the host has, and `podium submit` writes the file again"
        )
    command = {
        "blends": "podium blend",
        "imports": "podium import",
        "pseudo": "podium pseudo RUN",
        "labels": "podium label",
        "studies": "podium study",
        "auto": "podium auto",
    }[room]
    return f"remove {folder}, and repeat `{command}` that made it"


def _remaking(folder: Path) -> str:
    """Return the command that makes the files of `made/` again, as its record has it."""
    try:
        return str(json.loads((folder / "made.json").read_text(encoding="utf-8"))["command"])
    except (OSError, ValueError, KeyError, TypeError):
        return "podium init DATA --remake"


def made_again(folder: Path, lost: Path | None = None) -> str:
    """Return the command that makes again what a run or a blend has lost, by its record.

    Args:
        folder: of the run or blend.
        lost: what is damaged; None: a fold of a run.
    """
    record: dict[str, Any] = {}
    with suppress(OSError, ValueError, TypeError, KeyError):
        found = dict(json.loads((folder / RECORD_FILE).read_bytes()))
        if lost != folder / RECORD_FILE or _is_named_by(folder, found["inputs"]):
            record = found
    name = folder.name.rpartition("-")[0] or folder.name
    inputs, parents = record.get("inputs", {}), " ".join(record.get("parents", ()))
    recipe = folder / "recipe.yaml"
    if folder.parent.name == "blends":
        known = {"format", "sets", "data", "method", "metric", "kind", "seed", "trials"}
        options = "" if set(inputs) == known else " with the options that it had"
        how = " ".join(f"--{one} {inputs[one]}" for one in ("method", "seed", "trials") if inputs)
        command = f"blend {parents} --name {name} {how}`{options}" if parents else "blend`"
    elif "soup" in inputs:
        soup = inputs["soup"]
        command = f"soup {' '.join(soup['of'])} --method {soup['method']} --name {name}`"
    elif not record and (members := _soup_of(folder)):
        # A greedy soup need not have all of its runs in a fold.
        command = f"soup {' '.join(members)} --name {name}` with the runs and method that it had"
    elif lost is not None and _is_of_other_set(folder, lost, record):
        command = f"predict {folder.name}` with the options that it had"
    elif lost == recipe or not recipe.is_file():
        command = f"train {name}` with the options that it had"
    else:
        again = f" --again {inputs['again']}" if inputs.get("again") else ""
        full = " --full" if (folder / "fold-full").is_dir() else ""
        options = "" if record else " (with --again, where it was a repetition)"
        command = f"train {recipe}{again}{full}`{options}"
    return f"repeat `podium {command}"


def _is_named_by(folder: Path, inputs: Any) -> bool:
    """Return whether inputs are those of the id, so that damage is elsewhere in the record."""
    named_by = {"soup": inputs["soup"]} if "soup" in inputs else inputs
    return folder.name.endswith(f"-{short_digest(named_by)}")


def _soup_of(run: Path) -> list[str]:
    """Return the runs that are in a soup, as its folds have them; none of another run."""
    members: set[str] = set()
    for done in run.glob("fold-*/done.json"):
        with suppress(OSError, ValueError, KeyError, TypeError):
            members |= set(map(str, json.loads(done.read_bytes())["soup"]))
    return sorted(members)


def _is_of_other_set(run: Path, lost: Path, record: dict[str, Any]) -> bool:
    """Return whether `podium predict` made predictions of a run, and not its training."""
    parts = lost.relative_to(run).parts
    own = record.get("details", {}).get("predictions")
    return parts[0] == "predictions" and own is not None and parts[1] != own


def is_only_shown(path: Path) -> bool:
    """Return whether a file of a run or blend is for figures alone: without it they are whole."""
    return path.name in ("curves.json", "network.json") or any(
        fold.startswith("fold-") and kept in ("inside", "seen", "kept")
        for fold, kept in pairwise(path.parts[:-1])
    )


def may_be_missing(path: Path) -> bool:
    """Return whether podium is as well without a file, or makes it again."""
    return is_only_shown(path) or path.parent.name == "report" or _private_folder(path) is not None


def is_kept(path: Path) -> bool:
    """Return whether a file at `path` is one of an artefact, so that its digest is kept."""
    if path.name.startswith(".") or path.name == SUMS_FILE or "\n" in path.name:
        return False
    return _private_folder(path.absolute()) is not None or any(
        folder.name in ARTEFACT_ROOMS and (above / COMPETITION_FILE).is_file()
        for folder, above in pairwise(path.absolute().parents)
    )


def _private_folder(path: Path) -> Path | None:
    """Return the folder of `_MADE_AGAIN` that a file lies in; None: in none."""
    for folder, above in pairwise(path.parents):
        if folder.name in _MADE_AGAIN and _PRIVATE.fullmatch(above.name):
            return folder
    return None


@contextmanager
def listing(path: Path, digest: str, spare: Path) -> Iterator[None]:
    """List `digest` for the file at `path`, beside the old one until the body has changed the file.

    Args:
        path: in the folder whose sums list it.
        digest: of what the body makes of it.
        spare: a temporary name of the sums in that folder.
    """
    folder, name = path.parent, path.name
    with _digests_lock(folder):
        sums = _sums_to_extend(folder)
        before = sums.get(name, ())
        if before != (digest,):
            _write(folder, {**sums, name: (*(before if path.exists() else ()), digest)}, spare)
        yield
        if before and before != (digest,):
            _write(folder, {**sums, name: (digest,)}, spare, sync=False)


def note_tree(folder: Path) -> None:
    """Write the digests of all files below `folder` that have none."""
    for root, _, files in os.walk(folder):
        sums = _sums_to_extend(Path(root))
        names = [one for one in files if one not in sums and is_kept(Path(root, one))]
        if names:
            found = {name: (sha256(Path(root, name)),) for name in names}
            _write(Path(root), {**sums, **found}, Path(root, f".{SUMS_FILE}.new"))


def forget(path: Path, spare: Path) -> None:
    """Drop the digest of a file that is going to be removed."""
    if not (path.parent / SUMS_FILE).is_file():
        return
    with _digests_lock(path.parent):
        sums = read_sums(path.parent)
        if sums.pop(path.name, None) is not None:
            _write(path.parent, sums, spare, sync=False)


def copy(source: Path, to: Path, spare: Path) -> None:
    """Let the digest of `source` be right for `to` as well, which is going to be the same file."""
    with _digests_lock(to.parent):
        sums = _sums_to_extend(to.parent)
        if source.name in sums:
            added = tuple(dict.fromkeys((*sums.get(to.name, ()), *sums[source.name])))
            _write(to.parent, {**sums, to.name: added}, spare)


def read_sums(folder: Path) -> _Sums:
    """Return the digests that are kept in `folder`, by file name; lines that are none are left."""
    try:
        text = (folder / SUMS_FILE).read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, NotADirectoryError):
        return {}
    sums: _Sums = {}
    for line in text.split("\n"):
        digest, _, name = line.partition("  ")
        if len(digest) == 64 and name:
            sums[name] = (*sums.get(name, ()), digest)
    return sums


def are_of_another(sums: Mapping[str, object], files: Iterable[str]) -> bool:
    """Return whether digests, by name, are of no file of a folder that has files."""
    own = {one for one in files if not one.startswith(".") and one != SUMS_FILE}
    return bool(own and sums) and own.isdisjoint(sums)


def _sums_to_extend(folder: Path) -> _Sums:
    """Return the digests of a folder; none where they are damaged, or another folder's.

    With a line more these would be whole, and their files would be missed for ever.
    """
    sums = read_sums(folder)
    if not sums:
        return sums
    names = [one.name for one in folder.iterdir()]
    is_own = is_whole(folder / SUMS_FILE) and not are_of_another(sums, names)
    if not is_own:
        _logger.warning("%s is damaged, and begun anew", folder / SUMS_FILE)
    return sums if is_own else {}


def content_of(folder: Path) -> str:
    """Return 8 hex of what the files in an artefact's `folder` hold, as its `SHA256SUMS` lists it.

    What is computed from a folder is kept under it: the same run, made again on another processor
    or by another version, has the same name and other numbers. Files without a line are read.
    """
    sums = read_sums(folder)
    files = sorted(one for one in folder.iterdir() if one.is_file() and one.name != SUMS_FILE)
    return short_digest([(one.name, sums.get(one.name) or sha256(one)) for one in files])


def is_whole(file: Path) -> bool:
    """Return whether the lines of a file of digests are those that were written."""
    head, _, rest = file.read_bytes().partition(b"\n")
    return head == f"{_HEADER}{hashlib.sha256(rest).hexdigest()}".encode()


def _write(
    folder: Path, sums: Mapping[str, tuple[str, ...]], spare: Path, sync: bool = True
) -> None:
    """Write the digests of a folder, whole or not at all; `sync`: they reach the disk."""
    lines = "".join(f"{digest}  {name}\n" for name in sorted(sums) for digest in sums[name])
    content = lines.encode()
    head = f"{_HEADER}{hashlib.sha256(content).hexdigest()}\n".encode()
    try:
        with spare.open("wb") as stream:
            stream.write(head + content)
            if sync:
                stream.flush()
                os.fsync(stream.fileno())
        spare.replace(folder / SUMS_FILE)
    except BaseException:
        with suppress(OSError):
            spare.unlink(missing_ok=True)
        raise


@contextmanager
def _digests_lock(folder: Path) -> Iterator[None]:
    """Wait until no other process changes the digests of `folder`."""
    handle = None
    if fcntl is not None:
        with suppress(OSError):  # a mounted drive without locks
            handle = os.open(folder, os.O_RDONLY)
            fcntl.flock(handle, fcntl.LOCK_EX)
    try:
        yield
    finally:
        if handle is not None:
            os.close(handle)


def stamp_of(path: Path) -> tuple[int, ...]:
    """Return what changes with every change of a file: its inode, size and times."""
    facts = path.stat()
    return facts.st_ino, facts.st_size, facts.st_mtime_ns, facts.st_ctime_ns
