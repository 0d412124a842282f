"""`podium init`: a workspace from a data folder, or from the name of a Kaggle competition.

A `competition.yaml` that a host hands out beside its data is taken instead of a guess, if it names
no code, no host and no file outside the data.
"""

from __future__ import annotations

import difflib
import itertools
import json
import os
import re
import shlex
import shutil
import tempfile
import zipfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

import pandas as pd

from podium.competition.data_folder import data_folder
from podium.competition.ids.patterns import files_below, is_image
from podium.competition.infer.conversions.images.pixel_arrays import write_images
from podium.competition.infer.masks.files import is_called_example
from podium.competition.infer.notes import loaded_parts
from podium.competition.infer.parts.refusals import NotedError, ways
from podium.competition.infer.read_sources import read_plainly, read_sources
from podium.competition.infer.readme.texts import is_text
from podium.competition.infer.sample.broken_runs import BrokenRunsError
from podium.competition.infer.sample.submission import is_sample_submission
from podium.competition.infer.sources import MASKS_ALONE, Sources
from podium.competition.infer.spec import Inferred, infer_from, name_of_data
from podium.competition.infer.to_yaml.draft import draft_text
from podium.competition.infer.to_yaml.origins import KeyOrigin
from podium.competition.languages import Meaning, is_called
from podium.competition.made_files import MADE, MadeFile, remaking, write_made
from podium.competition.samples import Split
from podium.competition.spec import Competition, load_competition
from podium.errors import DataError, HostError, PodiumError, UsageError, plural, some
from podium.submissions.download import ZIPPED_TABLES, download_competition, unpack_download
from podium.submissions.upload.endpoint import endpoint_from_environment, host_of_this_shell
from podium.training.starters.fitted import copy_starters
from podium.workflows.next_command import NextCommand
from podium.workflows.status import training_to_begin_with
from podium.workspace.atomic import sweep, write_text
from podium.workspace.layout import COMPETITION_FILE, Workspace
from podium.workspace.progress import SILENT, Progress
from podium.workspace.trust import trust

if TYPE_CHECKING:
    from podium.submissions.upload.endpoint import Endpoint

__all__ = ["infer_data", "initialise", "unread_pictures"]


@dataclass(frozen=True)
class InitialisedWorkspace:
    """A new workspace: what was written, and what was found on the way."""

    root: Path
    competition: Competition
    notes: tuple[str, ...]
    written: tuple[Path, ...]
    recipes: tuple[Path, ...]
    samples: Mapping[Split, pd.DataFrame] = field(default_factory=dict, compare=False, repr=False)
    """Those of each part that could be loaded."""
    unread: tuple[str, ...] = ()
    """Pictures of the data folder that are of no part."""
    origins: tuple[KeyOrigin, ...] = ()
    """Where the values of competition.yaml are from; () of a file that the host gives out."""

    def next_training(self) -> NextCommand:
        """Return what trains the recipe of the best run, or a first one; or writes recipes.

        They are written where no weights of those that are there are within reach.
        """
        return training_to_begin_with(Workspace(self.root), self.competition)


def initialise(
    source: str,
    root: Path | None = None,
    *,
    force: bool = False,
    remake: bool = False,
    label: str | None = None,
    expression: str = "",
    draft: bool = True,
    progress: Progress = SILENT,
) -> InitialisedWorkspace:
    """Return a workspace for `source`: data in a folder or a zip, or the slug of a competition.

    Args:
        source: a folder that is there and not empty, or a zip, is data; everything else is a slug.
        root: the workspace; default: as `init_workspace` has it, or a folder named as the slug.
        force: replace a competition.yaml that is already there.
        remake: as `init_workspace` has it.
        label, expression, draft: as `init_workspace` has them.
        progress: of the download.

    Raises:
        UsageError: `source` is neither.
        PodiumError: as `init_workspace` and `init_slug` do.
    """
    folder = Path(source).expanduser()
    is_name = re.fullmatch(r"[\w-]+", source) is not None
    if (folder / "competition.yaml").is_file() and (folder / "data").is_dir():
        with _naming_source(source):
            return init_workspace(
                folder / "data",
                root or folder,
                force=force,
                label=label,
                expression=expression,
                draft=draft,
                progress=progress,
            )
    # A download that did not begin left an empty folder of the slug's name.
    if folder.is_dir() and not (is_name and _is_empty(folder)):
        with _naming_source(source):
            return init_workspace(
                folder,
                root,
                force=force,
                remake=remake,
                label=label,
                expression=expression,
                draft=draft,
                progress=progress,
            )
    if folder.is_file() and folder.suffix.lower() == ".zip":
        root = (root or Path.cwd()).resolve()
        if (root / "data").is_dir() and not _is_empty(root / "data"):
            fix = "podium init data reads it; or repeat this in an empty folder"
            raise UsageError("there is data already", where=root / "data", fix=fix)
        data = unpack_download(folder, root / "data", progress=progress)
        return init_workspace(
            data,
            root,
            force=force,
            label=label,
            expression=expression,
            draft=draft,
            progress=progress,
        )
    if not is_name:
        near = "" if folder.exists() else _folder_near(folder)
        what = "this is a file, not a folder" if folder.exists() else "there is no such folder"
        fix = (
            "give the folder of the unpacked data, a zip of it, or a Kaggle competition by the "
            "last part of its address"
        )
        raise UsageError(
            f"{what}{f', but {near} is near' if near else ''}",
            where=folder,
            fix=f"podium init {folder.parent / near} reads that folder; else {fix}"
            if near
            else fix,
        )
    is_there = folder.exists()
    try:
        return init_slug(
            source,
            root or folder,
            force=force,
            label=label,
            expression=expression,
            draft=draft,
            progress=progress,
        )
    except HostError as error:
        if is_there:
            raise
        raise _no_folder(folder, error) from error


class _WorkspaceThereError(UsageError):
    """The folder of a new workspace has a competition.yaml."""


@contextmanager
def _naming_source(source: str) -> Iterator[None]:
    """Name the data as they were typed in the command that replaces a workspace."""
    try:
        yield
    except _WorkspaceThereError as error:
        fix = _replacing(source)
        raise UsageError(error.message, where=error.where, fix=fix) from error


def _replacing(source: str) -> str:
    return f"edit that file, or replace it with podium init {shlex.quote(source)} --force"


def _no_folder(folder: Path, error: HostError) -> HostError:
    """Return the error of a download, which begins with the folder that is not there."""
    near = _folder_near(folder)
    hint = f"podium init {folder.parent / near} reads that folder; else " if near else ""
    at = "a Kaggle competition" if host_of_this_shell() is None else "a competition of the host"
    return HostError(
        f"there is no folder {str(folder)!r} here{f', but {near!r} is near' if near else ''}, "
        f"so it was taken as {at}; for that, {error.message}",
        where=error.where,
        fix=f"{hint}{error.fix or 'mind the spelling'}",
    )


def _folder_near(folder: Path) -> str:
    """Return the folder that is spelt like an absent one and lies beside it; "" without such."""
    parent = folder.resolve().parent
    beside = [one.name for one in parent.iterdir() if one.is_dir()] if parent.is_dir() else []
    return next(iter(difflib.get_close_matches(folder.name, beside, n=1)), "")


def _is_empty(folder: Path) -> bool:
    return all(entry.name.startswith(".") for entry in folder.iterdir())


def init_workspace(
    data: Path,
    root: Path | None = None,
    *,
    slug: str | None = None,
    force: bool = False,
    remake: bool = False,
    label: str | None = None,
    expression: str = "",
    draft: bool = True,
    progress: Progress = SILENT,
) -> InitialisedWorkspace:
    """Return a workspace for the files in `data`, with competition.yaml and starter recipes.

    A `competition.yaml` among the files, provided by a host, is used as it is.

    Args:
        data: the competition's files as downloaded; never written to.
        root: the workspace; default: the current folder.
        slug: the competition's name on Kaggle, if known.
        force: replace a competition.yaml that is already there.
        remake: only make the files of `made/` again, in a workspace that has them.
        label: the column of the train table to predict, where several may be it.
        expression: a regular expression that reads the label from names of images, where it stands
            there: its group `label`, or its first one.
        draft: whether refused data leave competition.draft.yaml, with what was understood.
        progress: of images that are written, where the data have them as numbers.

    Raises:
        UsageError: there is a competition.yaml and `force` is not set, the workspace cannot be
            written or would be inside the data, or `data` is a workspace itself, or a folder of
            several competitions.
        DataError: the folder's layout is unsupported; the message lists the supported ones, and
            the fix names the draft, if there is one.
    """
    data = data.resolve()
    if root is None and Path.cwd().is_relative_to(data):
        raise UsageError(
            "this is the data itself, which podium never writes to",
            where=data,
            fix=f"repeat it in an empty folder beside it: podium init ../{data.name}",
        )
    root = (root or Path.cwd()).resolve()
    _refuse_unwritable(root)
    if data != root:
        _refuse_workspace(data)
    _refuse_several(data)
    workspace = Workspace(root)
    if remake and not (root / MADE).is_dir():
        what = "nothing was made of other files here"
        raise UsageError(what, where=root, fix="leave out --remake, or repeat it in the workspace")
    if workspace.competition_file.exists() and not (force or remake):
        raise _WorkspaceThereError(
            "this folder is a workspace already",
            where=workspace.competition_file,
            fix=_replacing(str(data)),
        )
    competition, note = adopt_competition_file(data, root)
    notes = [] if note is None else [note]
    made: list[MadeFile] = []
    origins: tuple[KeyOrigin, ...] = ()
    if competition is None:
        draft = draft and not workspace.competition_file.exists()
        with _without_leftovers(root, workspace.draft_file if draft else None):
            inferred = infer_data(
                data,
                root,
                slug=slug,
                label=label,
                expression=expression,
                draft=draft,
                progress=progress,
            )
        competition, text, samples = inferred.competition, inferred.text, inferred.samples
        notes += [*inferred.notes, *([inferred.guess] if inferred.guess else [])]
        made += inferred.made
        origins = inferred.origins
    else:
        text = (data / COMPETITION_FILE).read_text(encoding="utf-8")
        samples = {} if remake else loaded_parts(competition)[0]
    if remake:
        write_made(workspace, made, remaking(_spelt(data, root)))
        return InitialisedWorkspace(
            root=root,
            competition=load_competition(root),
            notes=tuple(notes),
            written=tuple(root / one.path for one in made),
            recipes=(),
        )
    unread = unread_pictures(data, root, samples, made)
    root.mkdir(parents=True, exist_ok=True)
    for folder in (root, workspace.recipes):
        sweep(folder)  # what a killed one left there
    recipes = copy_starters(workspace.recipes, competition)
    # It makes the folder a workspace, in which alone digests are kept, and in which the same
    # command is refused.
    write_text(workspace.competition_file, text)
    try:
        write_made(workspace, made, remaking(_spelt(data, root)))
    except BaseException:
        workspace.competition_file.unlink()
        raise
    workspace.draft_file.unlink(missing_ok=True)
    trust(root)
    return InitialisedWorkspace(
        root=root,
        competition=competition,
        notes=tuple(notes),
        written=(workspace.competition_file, *recipes),
        recipes=recipes,
        samples=samples,
        unread=unread,
        origins=origins,
    )


def _refuse_unwritable(root: Path) -> None:
    """Raise where nothing can be written in a workspace, before minutes go into reading data.

    Raises:
        UsageError: so it is; the fix is to name another folder.
    """
    try:
        nearest = next(one for one in (root, *root.parents) if one.exists())
        with tempfile.TemporaryFile(dir=nearest):  # rights alone do not tell: of root, and of /proc
            pass
    except OSError as error:
        # /proc reports what it does not take as not there.
        why = "" if isinstance(error, FileNotFoundError) else f": {error.strerror or error}"
        raise UsageError(
            f"no workspace can be written here{why}",
            where=root,
            fix="name another folder: podium -w FOLDER init DATA",
        ) from error


def _refuse_workspace(folder: Path) -> None:
    """Raise where a folder is a workspace, whose tables of runs and blends are no data.

    A data folder may have a competition.yaml, too, which a host gives out: it has no starter
    recipes, and podium never wrote there.

    Raises:
        UsageError: it is one; the fix names its data.
    """
    other = Workspace(folder)
    marks = (other.recipes, other.runs, folder / ".podium")
    if not other.competition_file.is_file() or not any(one.is_dir() for one in marks):
        return
    fix = f"name its data folder, which data.train of its {COMPETITION_FILE} leads to"
    with suppress(PodiumError, OSError):
        data = data_folder(load_competition(folder))
        if data is not None and data != folder:
            short = min(os.path.relpath(data), str(data), key=len)
            fix = f"name its data folder: podium init {shlex.quote(short)}"
    raise UsageError("this is a podium workspace, not a data folder", where=folder, fix=fix)


def _refuse_several(folder: Path) -> None:
    """Raise where the folders in a folder are a competition each, which would be read as one.

    Raises:
        UsageError: they are; the fix names one.
    """
    if not folder.is_dir():
        return
    inner, files = list[Path](), list[Path]()
    for one in sorted(folder.iterdir()):
        if not one.name.startswith("."):
            (inner if one.is_dir() else files).append(one)
    whole = [one for one in inner if _is_whole(one)]
    if files or len(whole) < 2:
        return
    short = min(os.path.relpath(whole[0]), str(whole[0]), key=len)
    raise UsageError(
        f"these are {plural(len(whole), 'competition')}, each in its own folder: "
        f"{some([one.name for one in whole])}",
        where=folder,
        fix=f"name one of them: podium init {shlex.quote(short)}",
    )


def _is_whole(folder: Path) -> bool:
    """Return whether a folder has by itself what a host gives out: both parts, and what to send."""
    names = [one.name for one in folder.iterdir()]
    has_parts = all(any(is_called(Path(one).stem, part) for one in names) for part in _PARTS)
    return has_parts and any(is_text(one) or is_called_example(one) for one in names)


_PARTS: Final[tuple[Meaning, ...]] = ("train", "test")


def unread_pictures(
    data: Path, root: Path, samples: Mapping[Split, pd.DataFrame], made: Sequence[MadeFile]
) -> tuple[str, ...]:
    """Return the pictures below a data folder that are of no part, and that nothing was made of.

    Args:
        data: the folder as downloaded; what is packed in it was unpacked in the workspace.
        root: of the workspace.
        samples: of the parts.
        made: files of the workspace, with what they were made of.

    Returns:
        Their paths, relative to the folder, in order.
    """
    unpacked = root / MADE / "data"
    top = unpacked if unpacked.is_dir() else data
    left = {name: (top / name).absolute() for name in files_below(top, "") if is_image(name)}
    used = {(root / file).absolute() for file in _files_of(samples)}
    used |= {source.absolute() for one in made for source in one.sources}
    left = {name: path for name, path in left.items() if path not in used}
    if left:  # by another path, perhaps: folders may be links
        real = {one.resolve() for one in used}
        left = {name: path for name, path in left.items() if path.resolve() not in real}
    return tuple(sorted(left))


def _files_of(samples: Mapping[Split, pd.DataFrame]) -> Iterator[str]:
    for part in samples.values():
        for files in part["images"]:
            yield from files
        if "mask" in part:
            for mask in part["mask"]:
                yield from () if mask is None else mask.files


def infer_data(
    data: Path,
    root: Path,
    *,
    slug: str | None = None,
    label: str | None = None,
    expression: str = "",
    draft: bool = False,
    progress: Progress = SILENT,
) -> Inferred:
    """Return what the files in `data` show, with all that was made of them in the workspace.

    Archives are unpacked and pixels of tables written as images there first. `competition.yaml` is
    not written.

    Args:
        data: the folder as downloaded.
        root: of the workspace.
        slug: of the competition, where it is known.
        label: the column to predict, or `masks`, where a person names it.
        expression: as `init_workspace` has it.
        draft: whether a draft is written where the data are refused.
        progress: of what takes long.

    Raises:
        DataError: they are refused; with `draft`, what was understood of them is in the draft.
    """
    for name in _MADE_FOLDERS:
        shutil.rmtree(root / MADE / name, ignore_errors=True)
    read, made, notes = _unpacked(data, root, progress)
    images = write_images(read, root / MADE / "images", label=label, progress=progress)
    notes += [one.note for one in images]
    made += [
        MadeFile(one.path.relative_to(root).as_posix(), one.sources, one.reader) for one in images
    ]
    files = root / MADE / "images" if images else read
    sources = None
    try:
        sources = read_sources(files, root, label=label, expression=expression, progress=progress)
        label = sources.label if expression else label
        inferred = infer_from(sources, files, slug=slug, label=label)
    except BrokenRunsError:
        raise  # a draft would need the same cells mended
    except DataError as error:
        error = _with_table_above(error, data, root, label)
        sources = sources or (read_plainly(files, root) if draft else None)
        if not draft or sources is None:
            raise _with_fix(error, ways(error.fix)) from error.__cause__
        name = slug or name_of_data(files, root)
        raise _with_draft(error, sources, name) from error
    return replace(inferred, notes=[*notes, *inferred.notes], made=(*made, *inferred.made))


def _with_table_above(error: DataError, data: Path, root: Path, label: str | None) -> DataError:
    """Return the error, which names the folder above where that has the table of these images.

    The workspace `root` has tables of its own, as `folds.csv`. A `label` that is named is a column
    of the table.
    """
    if data.parent == root:
        return error
    names = [Path(one).stem for one in itertools.islice(files_below(data, ""), _MOST_LISTED)]
    pictures = [one for one in names if len(one) >= _SHORTEST_NAME]
    for table in sorted(data.parent.glob("*.csv")) if pictures else ():
        if is_sample_submission(table.name):
            continue
        with table.open(encoding="utf-8", errors="replace") as file:
            text = file.read(_READ_OF_A_TABLE)
        header = text.partition("\n")[0]
        if label not in (None, MASKS_ALONE) and not all(
            one in header for one in str(label).split(",")
        ):
            continue
        if any(one in text for one in pictures):
            above = shlex.quote(os.path.relpath(data.parent))
            hint = f"the folder above has {table.name}: podium init {above}"
            return _with_fix(error, f"{hint}; or {error.fix}" if error.fix else hint)
    return error


def _with_fix(error: DataError, fix: str | None) -> DataError:
    if isinstance(error, NotedError):
        return error.with_fix(fix)
    return DataError(error.message, where=error.where, fix=fix)


_MOST_LISTED = 100
_SHORTEST_NAME = 3
_READ_OF_A_TABLE = 1 << 20  # characters


def _with_draft(error: DataError, sources: Sources, name: str) -> DataError:
    """Write the draft of a competition.yaml; return the error with that draft as a way out."""
    file = Workspace(sources.root).draft_file
    write_text(file, draft_text(sources, error, name=name))
    at = file.name if sources.root == Path.cwd() else str(file)
    what = f"complete {at}, which has what was understood, and call it {COMPETITION_FILE}"
    # There is no competition.yaml yet: what is to be written into it goes into the draft.
    own = error.fix and error.fix.replace(f"into {COMPETITION_FILE}", f"into {at}")
    message = error.brief(at) if isinstance(error, NotedError) else error.message
    return DataError(message, where=error.where, fix=ways(own, last=what))


_MADE_FOLDERS = ("data", "images", "masks", "tables")


@contextmanager
def _without_leftovers(root: Path, draft: Path | None) -> Iterator[None]:
    """Leave what was made in a workspace as it was, where data are refused.

    Nothing, where nothing was; where a draft is left, what it names; and what competition.yaml
    names, where it stays: that is put aside for as long.

    Args:
        root: the workspace.
        draft: the file that may be left in place of competition.yaml; None: none is.
    """
    made, had_root = root / MADE, root.exists()
    had_made, aside = made.exists(), made / _ASIDE
    if had_made and (root / COMPETITION_FILE).exists():
        _move_made(made, aside)
    try:
        yield
    except BaseException:
        if draft is not None and draft.exists():
            raise
        if aside.exists():
            for name in _MADE_FOLDERS:
                shutil.rmtree(made / name, ignore_errors=True)
            for folder in aside.iterdir():
                folder.rename(made / folder.name)
            aside.rmdir()
        for name in () if had_made else _MADE_FOLDERS:
            shutil.rmtree(made / name, ignore_errors=True)
        with suppress(OSError):  # not empty, or not there
            if not had_made:
                made.rmdir()
            if not had_root:
                root.rmdir()
        raise
    shutil.rmtree(aside, ignore_errors=True)


_ASIDE = ".before"


def _move_made(made: Path, aside: Path) -> None:
    """Put what was made aside; where a command was killed, what it had put there stays."""
    if aside.exists():
        return
    aside.mkdir()
    for name in _MADE_FOLDERS:
        if (made / name).exists():
            (made / name).rename(aside / name)


def _unpacked(data: Path, root: Path, progress: Progress) -> tuple[Path, list[MadeFile], list[str]]:
    """Return a folder as `data` is, its zips of images unpacked, with what was made, and notes.

    It lies in the workspace, and has links to all else: the data are never written to. Without such
    a zip it is `data`.
    """
    zips = [
        one for one in sorted(data.glob("*.zip")) if not one.name.lower().endswith(ZIPPED_TABLES)
    ]
    there = {path.rpartition("/")[2] for path in files_below(data, "")} if zips else set()
    # One that is called an example of what is sent may hold masks that are named as images are.
    sent = [one for one in zips if is_called_example(one.stem)]
    zips = [one for one in zips if _holds_other_images(one, () if one in sent else there)]
    whole, made, notes = root / MADE / "data", list[MadeFile](), list[str]()
    for file in zips:
        try:
            unpack_download(file, whole / file.stem, progress=progress)
        except DataError as error:
            notes.append(f"{file.name} stays packed: {error.message}")
            continue
        path = f"{MADE}/data/{file.stem}"
        made.append(MadeFile(path, (file,), "a zip of images"))
        notes.append(f"{path} has what is packed in {file.name}")
    if not made:
        return data, [], notes
    for entry in data.iterdir():
        is_left_out = entry.name.startswith(".") or entry in zips
        if not is_left_out and not (whole / entry.name).exists():
            inside = entry.is_relative_to(root)
            target = os.path.relpath(entry, whole) if inside else entry
            (whole / entry.name).symlink_to(target)
    return whole, made, notes


def _holds_other_images(file: Path, there: Collection[str]) -> bool:
    """Return whether a zip holds images, most of them of names that are not among `there`."""
    try:
        with zipfile.ZipFile(file) as archive:
            names = [name.rpartition("/")[2] for name in archive.namelist() if is_image(name)]
    except (zipfile.BadZipFile, OSError, ValueError):
        return False
    return sum(name not in there for name in names) > 0.5 * len(names)


def _spelt(data: Path, root: Path) -> str:
    return (
        data.relative_to(root).as_posix() if data.is_relative_to(root) else shlex.quote(str(data))
    )


def init_slug(
    slug: str,
    root: Path,
    *,
    endpoint: Endpoint | None = None,
    force: bool = False,
    label: str | None = None,
    expression: str = "",
    draft: bool = True,
    progress: Progress = SILENT,
) -> InitialisedWorkspace:
    """Return a workspace for the competition `slug`, its files downloaded to `root/data`.

    Args:
        slug: the competition's name at its host.
        root: the workspace.
        endpoint: the host; default: Kaggle, or the host that `podium host env` pointed this shell
            at.
        force: replace a competition.yaml that is already there.
        label, expression, draft: as `init_workspace` has them.
        progress: of the download.

    Raises:
        HostError: Kaggle refused or could not be reached.
        UsageError, DataError: as `init_workspace`.
    """
    _refuse_unwritable(root.resolve())
    data = root.resolve() / "data"
    if not data.is_dir() or _is_empty(data):
        host = endpoint or endpoint_from_environment()
        download_competition(slug, data, endpoint=host, progress=progress)
    return init_workspace(
        data,
        root,
        slug=slug,
        force=force,
        label=label,
        expression=expression,
        draft=draft,
        progress=progress,
    )


def adopt_competition_file(data: Path, root: Path) -> tuple[Competition | None, str | None]:
    """Return what the file in `data` describes, if it is valid in the workspace `root`.

    It comes from somewhere else, so it may name no code, no host, and no file outside the data.

    Args:
        data: the competition's files as downloaded.
        root: the workspace; its data are in `root/data`.

    Returns:
        The competition, or None where there is no such file or it is not taken; and a sentence on
        why, or None.
    """
    file = data / COMPETITION_FILE
    if data != root / "data" or not file.is_file():
        return None, None
    what = f"{data.name}/{COMPETITION_FILE}"
    try:
        competition = load_competition(data).at(root)
    except DataError as error:
        return None, f"{what} was not taken: {error.message}"
    strange = _forbidden_reference(competition)
    if strange is not None:
        return None, f"{what} was not taken: it names {strange}"
    return competition, f"competition.yaml is the host's own, {what}"


def _forbidden_reference(competition: Competition) -> str | None:
    """Return what a file from somewhere else must not name, or None."""
    reader = competition.data.reader
    reader = reader if isinstance(reader, str) else json.dumps(reader.get("name", ""))
    if ":" in competition.metric.name or ":" in reader:
        return "code of its own"
    if competition.kaggle.host is not None:
        return "a host"
    named = competition.data
    sources = [named.train, named.test, named.unlabelled, *named.extra.values()]
    paths: list[str | None] = [competition.submission.sample]
    for source in sources:
        if source is not None:
            mask = source.mask
            paths += [*source.tables, *source.patterns]
            paths.append(mask if mask is None or isinstance(mask, str) else mask.table)
    for path in filter(None, paths):
        parts = PurePosixPath(path).parts
        if parts[:1] != ("data",) or ".." in parts:
            return f"a file outside the data: {path}"
    return None
