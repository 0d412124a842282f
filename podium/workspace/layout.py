"""The folder of a competition: its paths, found from anywhere inside it."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from podium.errors import UsageError, suggest

__all__ = [
    "ARTEFACT_ROOMS",
    "COMPETITION_FILE",
    "DRAFT_FILE",
    "Workspace",
    "file_before",
    "is_file_before",
    "name_of_id",
    "require_folder_name",
]

COMPETITION_FILE = "competition.yaml"
DRAFT_FILE = "competition.draft.yaml"
"""What `podium init` understood of data that it refused; a person completes it."""
_ARTEFACT_FOLDERS = ("runs", "blends", "submissions", "imports", "pseudo", "labels")
_FOLDERS_WITH_RECORDS = (
    *_ARTEFACT_FOLDERS,
    "studies",
)  # a study is nothing that others are made from
ARTEFACT_ROOMS = (*_FOLDERS_WITH_RECORDS, "auto", "board", "made", "report")
"""Folders of a workspace whose files podium alone writes, and keeps the digests of."""
RECORD_FILE = "record.json"
RECEIPT_FILE = "receipt.json"
ADOPTED_FILE = "adopted.jsonl"
"""Of the board: submissions that were not made here."""
_RECORD_FILES = (RECORD_FILE, RECEIPT_FILE)
_HEX_DIGITS = 8
_NAMED = 6  # artefacts, by a message


@dataclass(frozen=True)
class Workspace:
    """The folder of one competition.

    Args:
        root: the folder that holds `competition.yaml`.
        scratch: a local folder for caches and databases, when `root` lies on a slow or mounted
            drive. Each workspace has a subfolder of its own there.
        tell: gets a line that names the artefact which the beginning of an id was taken for.
    """

    root: Path
    scratch: Path | None = None
    tell: Callable[[str], None] | None = field(default=None, compare=False, repr=False)

    def __post_init__(self) -> None:
        # Text is what a notebook has; every property below works on paths.
        object.__setattr__(self, "root", Path(self.root).expanduser())
        if self.scratch is not None:
            object.__setattr__(self, "scratch", Path(self.scratch).expanduser())

    @classmethod
    def find(
        cls,
        start: str | Path | None = None,
        scratch: str | Path | None = None,
        tell: Callable[[str], None] | None = None,
    ) -> Workspace:
        """Return the workspace whose folder is `start` (default: the current one) or holds it.

        Raises:
            UsageError: there is no such folder, or no `competition.yaml` from it upwards.
        """
        first = Path.cwd() if start is None else Path(start).expanduser().resolve()
        if not first.exists():
            raise UsageError(
                "there is no such folder",
                where=first,
                fix=f"name the folder of a {COMPETITION_FILE}; `podium init DIR` makes one",
            )
        for folder in (first, *first.parents):
            if (folder / COMPETITION_FILE).is_file():
                return cls(folder, None if scratch is None else Path(scratch), tell)
        if (first / DRAFT_FILE).is_file():
            raise UsageError(
                f"there is no {COMPETITION_FILE} yet, only the draft of one",
                where=first / DRAFT_FILE,
                fix=f"{_to_complete(first / DRAFT_FILE)}, and call it {COMPETITION_FILE}",
            )
        raise UsageError(
            f"there is no {COMPETITION_FILE} here or above",
            where=first,
            fix="make a workspace with `podium init DIR`, or name one with --workspace",
        )

    @property
    def competition_file(self) -> Path:
        return self.root / COMPETITION_FILE

    @property
    def draft_file(self) -> Path:
        return self.root / DRAFT_FILE

    @property
    def recipes(self) -> Path:
        return self.root / "recipes"

    @property
    def data(self) -> Path:
        return self.root / "data"

    @property
    def folds_file(self) -> Path:
        return self.root / "folds.csv"

    @property
    def runs(self) -> Path:
        return self.root / "runs"

    @property
    def pseudo(self) -> Path:
        return self.root / "pseudo"

    @property
    def labels(self) -> Path:
        return self.root / "labels"

    @property
    def imports(self) -> Path:
        return self.root / "imports"

    @property
    def blends(self) -> Path:
        return self.root / "blends"

    @property
    def auto(self) -> Path:
        """Plans of `podium auto`, a folder each."""
        return self.root / "auto"

    @property
    def packs(self) -> Path:
        return self.root / "packs"

    @property
    def submissions(self) -> Path:
        return self.root / "submissions"

    @property
    def board(self) -> Path:
        return self.root / "board"

    @property
    def report(self) -> Path:
        return self.root / "report" / "index.html"

    @property
    def studies(self) -> Path:
        """Comparisons of runs: of their starts, or of methods."""
        return self.root / "studies"

    @property
    def studies_db(self) -> Path:
        """Optuna's database; on the scratch disk if there is one, as SQLite needs a local drive."""
        return (self.root if self.scratch is None else self.private) / "studies.db"

    @property
    def private(self) -> Path:
        """Caches and indices: safe to delete, made again from the rest."""
        if self.scratch is None:
            return self.root / ".podium"
        root = self.root.resolve()
        # Two workspaces of one name must not share a ledger.
        token = hashlib.sha256(str(root).encode()).hexdigest()[:_HEX_DIGITS]
        return self.scratch.expanduser() / f"{root.name}-{token}"

    @property
    def jobs(self) -> Path:
        """Records of tasks; in the workspace itself, which other machines see, too."""
        return self.root / ".podium" / "jobs"

    @property
    def cache(self) -> Path:
        return self.private / "cache"

    @property
    def checked_images(self) -> Path:
        """The facts of every image at the last `podium check`."""
        return self.cache / "checked" / "images.parquet"

    @property
    def check_verdict(self) -> Path:
        """How many problems the last `podium check` found that stop a person."""
        return self.cache / "checked" / "verdict.json"

    @property
    def questions(self) -> Path:
        """The keys that `podium init` left open, in the order by which `podium choose` counts."""
        return self.cache / "questions.json"

    @property
    def checked_drift(self) -> Path:
        """The test set against train at the last `podium check`."""
        return self.cache / "checked" / "drift.npz"

    @property
    def ledger_db(self) -> Path:
        return self.private / "ledger.db"

    def artefact(
        self,
        name: str,
        *,
        rooms: Sequence[str] = _ARTEFACT_FOLDERS,
        fits: Callable[[Path], bool] = lambda folder: True,
    ) -> Path:
        """Return the folder of a run, blend, submission, import, pseudo-labels or labels' request.

        Args:
            name: its id (`baseline-3fa1c2d4`), the folder's path, the beginning of an id that fits
                only one, which `tell` gets, or the part before the 8 hex digits, which gives the
                newest of that name.
            rooms: the folders of the workspace to look in, such as `("runs",)`.
            fits: whether a message may propose one of them.

        Raises:
            UsageError: nothing or more than one thing fits; the near ones are named.
        """
        folders = [one for one in self.artefact_folders() if one.parent.name in rooms]
        by_path = self._by_path(name, folders)
        if by_path is not None:
            return by_path
        bare_name = name.strip("/").rpartition("/")[2]
        exact = [folder for folder in folders if folder.name == bare_name]
        same_name = [folder for folder in folders if name_of_id(folder.name) == bare_name]
        if exact or same_name:
            return max(exact or same_name, key=_begun_and_created)
        starting = [folder for folder in folders if bare_name and folder.name.startswith(bare_name)]
        if len(starting) == 1:
            if self.tell is not None:
                self.tell(f"{name} is taken for {starting[0].name}, the only one that begins so")
            return starting[0]
        raise _unknown(name, starting, list(filter(fits, folders)), rooms)

    def artefact_folders(self) -> Iterator[Path]:
        """Yield every folder that holds a record or a receipt, room by room, names in order."""
        for room in _FOLDERS_WITH_RECORDS:
            folder = self.root / room
            if folder.is_dir():
                for entry in sorted(folder.iterdir()):
                    # A dot begins the temporary name of a folder that is being written.
                    if not entry.name.startswith(".") and _has_record(entry):
                        yield entry

    def _by_path(self, name: str, folders: list[Path]) -> Path | None:
        candidates = [Path(name).expanduser(), self.root / name]
        known = {folder.resolve(): folder for folder in folders}
        for candidate in candidates:
            if candidate.resolve() in known:
                return known[candidate.resolve()]
        return None


def require_folder_name(
    name: str,
    what: str,
    fix: str = "use letters, digits, '-', '_' and '.', and begin with a letter or digit",
) -> None:
    """Raise if `name`, of `what`, cannot be that of a folder.

    Raises:
        UsageError: it has other characters, or begins with a point or a hyphen.
    """
    if re.fullmatch(r"\w[\w.-]*", name) is None:
        raise UsageError(f"the name of {what} cannot be {name!r}: it names a folder", fix=fix)


def file_before(file: Path, sha256: str) -> Path:
    """Return where a submission file with that digest is kept when it is written anew."""
    return file.with_name(f"{file.stem}-before-{sha256[:_HEX_DIGITS]}{file.suffix}")


def is_file_before(name: str) -> bool:
    """Return whether a file of that name is kept as what another one held before.

    Example:
        >>> is_file_before("auto-0a1b2c3d-before-3e55538f.csv"), is_file_before("before-all.csv")
        (True, False)
    """
    return re.search(rf"-before-[0-9a-f]{{{_HEX_DIGITS}}}\.\w+$", name) is not None


def name_of_id(identity: str) -> str:
    """Return the part before `-<8 hex>`; the whole when there is no such end.

    Example:
        >>> name_of_id("strong-v2-0a1b2c3d")
        'strong-v2'
    """
    name, _, end = identity.rpartition("-")
    is_hex = len(end) == _HEX_DIGITS and set(end) <= set("0123456789abcdef")
    return name if name and is_hex else identity


def _has_record(folder: Path) -> bool:
    return any((folder / statement).is_file() for statement in _RECORD_FILES)


def _begun_and_created(folder: Path) -> tuple[bool, str]:
    """Return whether there is anything in an artefact, and when it was made.

    The time is ISO text in UTC, so that text order is time order. A training that stopped
    in its first fold leaves a record with no details: "the newest" does not mean that one.
    """
    for statement in _RECORD_FILES:
        try:
            written = json.loads((folder / statement).read_text(encoding="utf-8"))
            return written.get("details") != {}, str(written["created"])
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            continue
    return False, ""


def _unknown(
    name: str, starting: list[Path], folders: list[Path], rooms: Sequence[str]
) -> UsageError:
    if starting:
        fits = ", ".join(folder.name for folder in starting[:5])
        in_words = {"pseudo": "folders of pseudo-labels", "labels": "requests of labels"}
        found = dict.fromkeys(folder.parent.name for folder in starting)
        what = " and ".join(in_words.get(room, room) for room in found)
        return UsageError(
            f"{name!r} fits {len(starting)} {what}: {fits}", fix="write more of its name"
        )
    folders = sorted(folders, key=_begun_and_created, reverse=True)
    folders = sorted(folders, key=lambda one: one.parent.name != "blends")  # what is sent, first
    every = [folder.name for folder in folders]
    alike = [one for one in every if name.startswith(f"{name_of_id(one)}-")]
    if len(alike) > 1:
        return UsageError(f"there is no {name!r}", fix=f"choose one of {_some_names(alike)}")
    names, others = [*every, *map(name_of_id, every)], f"choose one of {_some_names(every)}"
    fix = suggest(name, names, "did you mean {}?", otherwise=others, n=3, cutoff=0.5)
    if not every:
        made_by = "pseudo RUN" if rooms == ("pseudo",) else "train RECIPE"
        fix = f"make one first: `podium {made_by}`"
    what = "run" if "blends" not in rooms else "run or blend"
    what = "run, blend or submission" if "submissions" in rooms else what
    what = "folder of pseudo-labels" if rooms == ("pseudo",) else what
    return UsageError(f"there is no {what} {name!r}", fix=fix)


def _some_names(names: Sequence[str]) -> str:
    rest = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {rest:,} more: podium board" if rest > 0 else "")


def _to_complete(draft: Path) -> str:
    """Return what a person has to do with a draft; comments may speak of what is to be written."""
    lines = draft.read_text(encoding="utf-8", errors="replace").splitlines()
    is_open = any("<write " in line.partition(" # ")[0] for line in lines if line[:1] != "#")
    return "complete each <write …> in it" if is_open else "look whether its lines are right"
