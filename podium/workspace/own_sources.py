"""The source of a user's own modules and of what they import beside them, found without importing.

What counts is what stands in `import` statements, wherever in a file; a module that is imported by
a name made at run time is not found, and a file that is read as data is not one.
"""

from __future__ import annotations

import ast
import hashlib
import importlib.util
import sysconfig
from collections.abc import Iterable, Iterator
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path

from podium.errors import PodiumError
from podium.workspace.own_modules import Home, home_of

__all__ = ["closure", "digests", "find_installed"]

_OF_LIBRARIES = ("site-packages", "dist-packages", "lib-dynload")


def digests(
    modules: Iterable[str], root: Path | None, *, error: type[PodiumError]
) -> dict[str, str]:
    """Return module → sha256 of its file, for `modules` and all that they import beside them.

    A module is looked for in `root`, then on Python's path; of what is installed, only the file
    itself counts.

    Raises:
        PodiumError: of class `error`: there is no such module, or a file is no Python.
    """
    found: dict[str, str] = {}
    for module in sorted(set(modules)):
        home = _home(module, root)
        if home is None:
            found[module] = _sha256(_installed_file(module, error).read_bytes())
            continue
        files = closure([module], home, error=error)
        found |= {name: _sha256(home.source(file)) for name, file in files.items()}
    return dict(sorted(found.items()))


def closure(modules: Iterable[str], home: Home, *, error: type[PodiumError]) -> dict[str, Path]:
    """Return module → file for `modules` of `home` and all that they import from it.

    Raises:
        PodiumError: of class `error`: a file is no Python; names the line.
    """
    files: dict[str, Path] = {}
    todo = list(modules)
    while todo:
        for name in _and_parents(todo.pop()):
            file = home.file(name)
            if name not in files and file is not None and file.is_file():
                files[name] = file
                named = filter(None, _imported(name, file, home, error))
                todo += [one for one in named if home.holds(one)]
    return files


def find_installed(module: str) -> ModuleSpec | None:
    """Return where `module` lies on Python's path, without importing its packages; None."""
    first, *rest = module.split(".")
    try:
        spec = importlib.util.find_spec(first)
    except (ImportError, ValueError):
        return None
    name = first
    try:
        for part in rest:
            if spec is None or spec.submodule_search_locations is None:
                return None
            name = f"{name}.{part}"
            spec = PathFinder.find_spec(name, list(spec.submodule_search_locations))
    except KeyError:  # a folder without __init__.py knows its place once its parent is imported
        return importlib.util.find_spec(module)
    return spec


def _home(module: str, root: Path | None) -> Home | None:
    """Return the folder whose modules count with `module`; None where it is installed."""
    if root is not None and (home := home_of(root)).holds(module):
        return home
    spec = find_installed(module)
    if spec is None or spec.origin is None or not Path(spec.origin).is_file():
        return None
    up = module.count(".") + (Path(spec.origin).name == "__init__.py")
    folder = Path(spec.origin).resolve().parents[up]
    stdlib = Path(sysconfig.get_path("stdlib")).resolve()
    if folder.name in _OF_LIBRARIES or folder == stdlib:
        return None
    return Home(folder, "")


def _installed_file(module: str, error: type[PodiumError]) -> Path:
    spec = find_installed(module)
    if spec is None or spec.origin is None or not Path(spec.origin).is_file():
        raise error(
            f"there is no module {module!r}",
            fix=f"write {module.replace('.', '/')}.py beside competition.yaml, or mend the name",
        )
    return Path(spec.origin)


def _imported(name: str, file: Path, home: Home, error: type[PodiumError]) -> Iterator[str]:
    """Give every name that `file` may import, as absolute names; not all of them are modules."""
    try:
        tree = ast.parse(home.source(file), str(file))
    except (SyntaxError, ValueError) as cause:
        line = getattr(cause, "lineno", None) or 1
        shown = file.relative_to(home.root)
        message = getattr(cause, "msg", None) or str(cause)
        raise error(
            f"this is no Python: {message}", where=f"{shown}:{line}", fix="mend it"
        ) from cause
    package = name if file.name == "__init__.py" else name.rpartition(".")[0]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(filter(None, [_above(package, node.level), node.module]))
            yield from (".".join(filter(None, [base, alias.name])) for alias in node.names)
            yield base


def _above(package: str, level: int) -> str | None:
    """Return the package that `level` dots begin with; None for no dot.

    Example:
        >>> _above("a.b", 1), _above("a.b", 2)
        ('a.b', 'a')
    """
    if not level:
        return None
    parts = package.split(".")
    return ".".join(parts[: len(parts) - level + 1])


def _and_parents(name: str) -> list[str]:
    parts = name.split(".") if name else []
    return [".".join(parts[: n + 1]) for n in range(len(parts))]


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
