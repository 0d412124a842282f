"""Parts found by their file name (a metric, a method), or by `module:object` outside podium.

The module of `module:object` is looked for in the workspace first, as a file `my_net.py` or a
package `my_code/` beside `competition.yaml`, then on Python's path. What it imports is found so,
too.
"""

from __future__ import annotations

import ast
import difflib
import importlib
import pkgutil
import re
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from podium.errors import PodiumError, UsageError
from podium.workspace.own_modules import home_of, refresh, root_of
from podium.workspace.own_sources import closure, digests, find_installed

__all__ = [
    "Wanted",
    "files",
    "generation",
    "is_foreign",
    "load",
    "load_foreign",
    "names",
    "own_place",
    "place_of",
    "refresh",
    "require",
    "sources",
    "texts_of",
]

_FOREIGN = re.compile(r"(?P<module>[A-Za-z_]\w*(\.[A-Za-z_]\w*)*):(?P<object>[A-Za-z_]\w*)")


@dataclass(frozen=True)
class Wanted:
    """What a part must be.

    Args:
        what: it in words, with its article.
        fits: tells whether an object is it.
    """

    what: str
    fits: Callable[[Any], bool]


def names(package: ModuleType) -> list[str]:
    """Return the names in `package` from its file names; nothing is imported."""
    return sorted(
        m.name for m in pkgutil.iter_modules(package.__path__) if not m.name.startswith("_")
    )


def is_foreign(name: str) -> bool:
    """Return whether `name` is of the form `module:object`.

    Example:
        >>> is_foreign("my_code.nets:build"), is_foreign("hf-hub:timm/resnet18"), is_foreign("cnn")
        (True, False, False)
    """
    return _FOREIGN.fullmatch(name) is not None


def load(
    package: ModuleType,
    name: str,
    attribute: str,
    *,
    error: type[PodiumError] = UsageError,
    root: Path | None = None,
    wanted: Wanted | None = None,
) -> Any:
    """Return `attribute` of the module `name` in `package`, or what `module:object` names.

    Args:
        package: the folder of podium's own parts.
        name: of the part.
        attribute: what a file of `package` exports.
        error: the class to raise.
        root: the workspace's folder, in which modules are looked for first.
        wanted: what an object outside podium must be.

    Raises:
        PodiumError: of class `error`: there is no such name, and the nearest one is suggested; or
            the user's module cannot be imported, lacks the object, or has something else there.
    """
    if ":" in name:
        return load_foreign(name, error=error, root=root, wanted=wanted)
    require(package, name, error=error)
    return getattr(importlib.import_module(f"{package.__name__}.{name}"), attribute)


def require(package: ModuleType, name: str, *, error: type[PodiumError] = UsageError) -> None:
    """Check that `name` is one of `package`, or of the form module:object; nothing is imported.

    Raises:
        PodiumError: of class `error`, when there is no such name; the nearest one is suggested.
    """
    known = names(package)
    if ":" not in name and name not in known:
        kind = package.__name__.rpartition(".")[2].replace("_", " ")
        # Papers write SimCLR and Barlow Twins, which is far from simclr to difflib.
        near = difflib.get_close_matches(name.lower(), known, n=1)
        hint = f"write {near[0]}" if near else f"choose one of {', '.join(known)}"
        raise error(f"there is no {name!r} among the {kind}", fix=f"{hint}, or give module:object")


def load_foreign(
    name: str,
    *,
    error: type[PodiumError] = UsageError,
    root: Path | None = None,
    wanted: Wanted | None = None,
) -> Any:
    """Return the object that `module:object` names; see `load`."""
    match = _FOREIGN.fullmatch(name)
    if match is None:
        raise error(
            f"cannot load {name!r}: that is no module:object",
            fix="write the module, a colon and the object in it, as my_code.nets:build",
        )
    module = _module(match["module"], error, root)
    file = _shown(getattr(module, "__file__", None), root)
    if not hasattr(module, match["object"]):
        public = [one for one in vars(module) if not one.startswith("_")]
        near = difflib.get_close_matches(match["object"], public, n=1)
        raise error(
            f"cannot load {name!r}: there is no {match['object']} in it",
            where=file,
            fix=f"write {match['module']}:{near[0]}" if near else f"define {match['object']} there",
        )
    found = getattr(module, match["object"])
    if wanted is not None and not wanted.fits(found):
        is_class = isinstance(found, type)
        what = f"the class {found.__name__}" if is_class else f"of type {type(found).__name__}"
        line = _line_of(match["object"], getattr(module, "__file__", None))
        raise error(
            f"{name} is {what}, not {wanted.what}",
            where=f"{file}:{line}" if line else file,
            fix=f"make {match['object']} one, or name another object",
        )
    return found


def sources(
    texts: Iterable[str], root: Path | None, *, error: type[PodiumError] = UsageError
) -> dict[str, str]:
    """Return module → sha256 of its file, for every `module:object` among `texts`.

    What these modules import from the workspace is among them.

    Raises:
        PodiumError: of class `error`: there is no such module, or a file is no Python.
    """
    modules = {match["module"] for text in texts if (match := _FOREIGN.fullmatch(text))}
    return digests(modules, root, error=error)


def files(
    texts: Iterable[str], root: Path, *, error: type[PodiumError] = UsageError
) -> dict[Path, bytes]:
    """Return path below `root` → content of the files that `sources` hashes and that lie there.

    Raises:
        PodiumError: of class `error`: a file is no Python.
    """
    home = home_of(root)
    modules = {match["module"] for text in texts if (match := _FOREIGN.fullmatch(text))}
    here = closure([one for one in modules if home.holds(one)], home, error=error)
    return {file.relative_to(home.root): home.source(file) for file in here.values()}


def generation(root: Path | None) -> str:
    """Return a name that is another one once the modules of `root` were read anew."""
    return "" if root is None else home_of(root).package


def place_of(cause: BaseException, root: Path | None = None) -> str | None:
    """Return `file:line` where a user's code raised `cause`: the last line below `root`, if any.

    Python's own loading and podium are passed over.
    """
    if isinstance(cause, SyntaxError) and cause.filename:
        return f"{_shown(cause.filename, root)}:{cause.lineno or 1}"
    frames = [
        frame
        for frame in traceback.extract_tb(cause.__traceback__)
        if not frame.filename.startswith("<") and not _is_ours(frame.filename)
    ]
    if root is not None:
        below = [one for one in frames if Path(one.filename).is_relative_to(root.resolve())]
        frames = below or frames
    frames = [one for one in frames if Path(one.filename).parent.name != "importlib"]
    return f"{_shown(frames[-1].filename, root)}:{frames[-1].lineno}" if frames else None


def own_place(cause: BaseException) -> str | None:
    """Return `file:line` of the last line in a module of a workspace that `cause` came through."""
    for frame in reversed(traceback.extract_tb(cause.__traceback__)):
        if (root := root_of(Path(frame.filename))) is not None:
            return f"{_shown(frame.filename, root)}:{frame.lineno}"
    return None


def _module(name: str, error: type[PodiumError], root: Path | None) -> ModuleType:
    home = None if root is None else home_of(root)
    is_here = home is not None and home.holds(name)
    if not is_here and name not in sys.modules and find_installed(name) is None:
        raise error(
            f"there is no module {name!r}", fix=_nearest(name, root) or "check the module's name"
        )
    try:
        return home.load(name) if home is not None and is_here else importlib.import_module(name)
    except PodiumError:
        raise
    except (
        Exception,
        SystemExit,
    ) as cause:  # the module is the user's: whatever it raises at import is told
        raise error(
            f"the module {name} cannot be imported: {type(cause).__name__}: {cause}",
            where=place_of(cause, root),
            fix="mend that line, or install what it needs",
        ) from cause


def _nearest(name: str, root: Path | None) -> str | None:
    if root is None:
        return None
    near = difflib.get_close_matches(name, [file.stem for file in sorted(root.glob("*.py"))], n=1)
    file = f"{name.replace('.', '/')}.py"
    return f"write {near[0]}" if near else f"write {file} beside competition.yaml, or mend the name"


def _line_of(name: str, file: str | None) -> int | None:
    """Return the line on which `name` is last defined at the top of a file."""
    try:
        tree = ast.parse(Path(file or "").read_bytes())
    except (OSError, SyntaxError, ValueError):
        return None
    lines = None
    for node in tree.body:
        targets = getattr(node, "targets", [getattr(node, "target", None)])
        named = [getattr(node, "name", None), *(getattr(one, "id", None) for one in targets)]
        lines = node.lineno if name in named else lines
    return lines


def _is_ours(file: str) -> bool:
    return Path(file).is_relative_to(Path(__file__).parents[1])


def _shown(file: str | None, root: Path | None) -> str | None:
    if file is None or root is None or not Path(file).is_relative_to(root.resolve()):
        return file
    return str(Path(file).relative_to(root.resolve()))


def texts_of(value: Any) -> Iterator[str]:
    """Yield every text in a JSON value, keys too: any of them may name a part of the user's own."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield str(key)
            yield from texts_of(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts_of(inner)
