"""Extensions found by their file name (a metric, a method), or by `module:object` outside podium.

The module of `module:object` is looked up in the workspace first, as a file `my_net.py` or a
package `my_code/` beside `competition.yaml`, then on Python's path. Its own imports are resolved in
the same way, without touching `sys.path`.

Each workspace's modules live under a package name of their own, so that two workspaces in one
process may both have a `my_net.py`. Absolute imports of a workspace's module go through an
`__import__` of its own, also where it imports later, inside a function, a thread or a forked
process. A file is read once, and the content that was read is executed, whatever happens to the
file meanwhile: so the hash in a run's id is that of the code that trains. `refresh` starts anew
when files have changed.

The hashed sources are those of the modules and of what they import beside them, found in their
`import` statements without importing anything. A module imported by a name made at run time is not
found, and a file that is read as data does not count.
"""

from __future__ import annotations

import ast
import builtins
import functools
import hashlib
import importlib
import importlib.abc
import importlib.util
import itertools
import pkgutil
import re
import sys
import sysconfig
import threading
import time
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType
from typing import Any

from podium.errors import PodiumError, UsageError, suggest
from podium.workspace.other_names import own_name

__all__ = [
    "ExtensionContract",
    "ask_before_code",
    "find_installed",
    "is_user_object",
    "load_user_object",
    "module_digests",
    "names",
    "refresh",
    "require_allowed",
    "sources",
    "user_code_location",
]


# A folder that changed so lately may change again within the grain of its clock.
_SETTLED_AFTER_NS = 2_000_000_000
# Called with the workspace and a module's file before it runs; raises where it must not.
_before_code: Callable[[Path, Path], None] | None = None
_USER_OBJECT = re.compile(r"(?P<module>[A-Za-z_]\w*(\.[A-Za-z_]\w*)*):(?P<object>[A-Za-z_]\w*)")


@dataclass(frozen=True)
class ExtensionContract:
    """The contract of an extension: what its object must be.

    Args:
        what: it in words, with its article.
        fits: returns whether an object fulfils it.
    """

    what: str
    fits: Callable[[Any], bool]


def ask_before_code(check: Callable[[Path, Path], None] | None) -> None:
    """Let `check` be called with a workspace and the file of a module of its own, before it runs.

    It raises a PodiumError where the module must not run. A command sets it where it begins: in
    a program of somebody's own, and in processes that a command starts, nobody is asked.
    """
    global _before_code
    _before_code = check


def require_allowed(module: str, root: Path) -> None:
    """Ask as before its first run where `module` is one of the workspace `root`; nothing runs.

    For a command that has other processes run it.
    """
    file = workspace_modules(root).file(module)
    if _before_code is not None and file is not None:
        _before_code(root, file)


def names(package: ModuleType) -> list[str]:
    """Return the names in `package` from its file names; nothing is imported."""
    folders = tuple(package.__path__)
    changed = tuple(Path(one).stat().st_mtime_ns for one in folders)
    # A file that comes or goes changes its folder's time, if not within a tick of the clock.
    if time.time_ns() - max(changed, default=0) < _SETTLED_AFTER_NS:
        return _names_in(folders)
    return list(_known_names(folders, changed))


@functools.lru_cache(maxsize=256)
def _known_names(folders: tuple[str, ...], _changed_ns: tuple[int, ...]) -> tuple[str, ...]:
    return tuple(_names_in(folders))  # a recipe asks for some fifty times


def _names_in(folders: tuple[str, ...]) -> list[str]:
    found = (one.name for one in pkgutil.iter_modules(folders))
    return sorted(name for name in found if not name.startswith("_"))


def is_user_object(name: str) -> bool:
    """Return whether `name` is of the form `module:object`.

    Example:
        >>> [is_user_object(one) for one in ("my_code.nets:build", "hf-hub:timm/resnet18", "cnn")]
        [True, False, False]
    """
    return _USER_OBJECT.fullmatch(name) is not None


def load(
    package: ModuleType,
    name: str,
    attribute: str,
    *,
    error: type[PodiumError] = UsageError,
    root: Path | None = None,
    contract: ExtensionContract | None = None,
) -> Any:
    """Return `attribute` of the module `name` in `package`, or what `module:object` names.

    Args:
        package: the folder of podium's own parts.
        name: of the part.
        attribute: what a file of `package` exports.
        error: the class to raise.
        root: the workspace's folder, in which modules are looked for first.
        contract: what an object outside podium must be.

    Raises:
        PodiumError: of class `error`: there is no such name, and the nearest one is suggested; or
            the user's module cannot be imported, lacks the object, or has something else there.
    """
    if ":" in name:
        return load_user_object(name, error=error, root=root, contract=contract)
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
        others = f"choose one of {', '.join(known)}, or give module:object"
        own = own_name(name, known)
        near = suggest(name, known, otherwise=others, any_case=True)
        fix = near if own is None else f"write {own}"
        raise error(f"there is no {name!r} among the {kind}", fix=fix)


def load_user_object(
    name: str,
    *,
    error: type[PodiumError] = UsageError,
    root: Path | None = None,
    contract: ExtensionContract | None = None,
) -> Any:
    """Return the object that `module:object` names; see `load`."""
    match = _USER_OBJECT.fullmatch(name)
    if match is None:
        raise error(
            f"cannot load {name!r}: that is no module:object",
            fix="write the module, a colon and the object in it, as my_code.nets:build",
        )
    module = _module(match["module"], error, root)
    file = _shown(getattr(module, "__file__", None), root)
    if not hasattr(module, match["object"]):
        public = [one for one in vars(module) if not one.startswith("_")]
        form, others = f"write {match['module']}:{{}}", f"define {match['object']} there"
        raise error(
            f"cannot load {name!r}: there is no {match['object']} in it",
            where=file,
            fix=suggest(match["object"], public, form, otherwise=others),
        )
    found = getattr(module, match["object"])
    if contract is not None and not contract.fits(found):
        is_class = isinstance(found, type)
        what = f"the class {found.__name__}" if is_class else f"of type {type(found).__name__}"
        line = _line_of(match["object"], getattr(module, "__file__", None))
        raise error(
            f"{name} is {what}, not {contract.what}",
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
    modules = {match["module"] for text in texts if (match := _USER_OBJECT.fullmatch(text))}
    return module_digests(modules, root, error=error)


def files(
    texts: Iterable[str], root: Path, *, error: type[PodiumError] = UsageError
) -> dict[Path, bytes]:
    """Return path below `root` → content of the files that `sources` hashes and that lie there.

    Raises:
        PodiumError: of class `error`: a file is no Python.
    """
    home = workspace_modules(root)
    modules = {match["module"] for text in texts if (match := _USER_OBJECT.fullmatch(text))}
    here = module_closure([one for one in modules if home.holds(one)], home, error=error)
    return {file.relative_to(home.root): home.source(file) for file in here.values()}


def generation(root: Path | None) -> str:
    """Return a name that is another one once the modules of `root` were read anew."""
    return "" if root is None else workspace_modules(root).package


def error_location(cause: BaseException, root: Path | None = None) -> str | None:
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


def user_code_location(cause: BaseException) -> str | None:
    """Return `file:line` of the last line in a module of a workspace that `cause` came through."""
    for frame in reversed(traceback.extract_tb(cause.__traceback__)):
        if (root := workspace_of_file(Path(frame.filename))) is not None:
            return f"{_shown(frame.filename, root)}:{frame.lineno}"
    return None


def _module(name: str, error: type[PodiumError], root: Path | None) -> ModuleType:
    home = None if root is None else workspace_modules(root)
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
    ) as cause:  # the module is the user's: whatever it raises at import is reported
        raise error(
            f"the module {name} cannot be imported: {type(cause).__name__}: {cause}",
            where=error_location(cause, root),
            fix="mend that line, or install what it needs",
        ) from cause


def _nearest(name: str, root: Path | None) -> str | None:
    if root is None:
        return None
    file = f"{name.replace('.', '/')}.py"
    others = f"write {file} beside competition.yaml, or mend the name"
    return suggest(name, [one.stem for one in sorted(root.glob("*.py"))], otherwise=others)


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


def strings_in(value: Any) -> Iterator[str]:
    """Yield every text in a JSON value, keys too: any of them may name a part of the user's own."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield str(key)
            yield from strings_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from strings_in(inner)


_PREFIX = "podium_workspace_"


class WorkspaceModules:
    """The modules of one workspace, as they were when they were first read.

    Args:
        root: the folder of `competition.yaml`.
        package: the name under which Python imports them.
    """

    def __init__(self, root: Path, package: str) -> None:
        self.root, self.package = root, package
        self._read: dict[Path, bytes] = {}
        self._builtins = {**vars(builtins), "__import__": self._import}

    def holds(self, name: str) -> bool:
        """Return whether the module or package `name` (dots between) lies in the workspace."""
        file = self.file(name)
        # A folder without an __init__.py is a package if it has modules; `data/` is none.
        return file is not None and (file.is_file() or any(file.parent.glob("*.py")))

    def file(self, name: str) -> Path | None:
        """Return the file of module `name`, the `__init__.py` (there or not) of a folder; None."""
        if name.partition(".")[0] == "podium":
            return None  # a copy of podium beside the data must not become a second podium
        folder = self.root.joinpath(*name.split("."))
        package, module = folder / "__init__.py", folder.with_name(f"{folder.name}.py")
        if package.is_file():
            return package
        if module.is_file():
            return module
        return package if folder.is_dir() else None

    def source(self, file: Path) -> bytes:
        """Return the content of `file` as it was at the first call."""
        if file not in self._read:
            self._read[file] = file.read_bytes()
        return self._read[file]

    def has_read(self, file: Path) -> bool:
        """Return whether `file` was read."""
        return file in self._read

    def load(self, name: str) -> ModuleType:
        """Return module `name`, imported; whatever its code raises passes."""
        return importlib.import_module(f"{self.package}.{name}")

    def is_current(self) -> bool:
        """Return whether every file that was read is still as it was."""
        return all(_content(file) == content for file, content in self._read.items())

    def run(self, module: ModuleType, file: Path) -> None:
        """Execute `file` as `module`; a folder without an `__init__.py` has nothing to execute."""
        vars(module)["__builtins__"] = self._builtins
        if file.is_file():
            if _before_code is not None:
                _before_code(self.root, file)
            # Compiled each time: Python's own cache goes by the second in which a file was saved.
            exec(compile(self.source(file), str(file), "exec", dont_inherit=True), vars(module))

    def _import(
        self,
        name: str,
        globals: Mapping[str, Any] | None = None,
        locals: Mapping[str, Any] | None = None,
        fromlist: Sequence[str] | None = (),
        level: int = 0,
    ) -> ModuleType:
        if level or not self.holds(name):
            return builtins.__import__(name, globals, locals, fromlist or (), level)
        private = f"{self.package}.{name}"
        if fromlist:
            return builtins.__import__(private, globals, locals, fromlist, 0)
        importlib.import_module(private)
        # `import a.b` binds a.
        return sys.modules[f"{self.package}.{name.partition('.')[0]}"]


class _Finder(importlib.abc.MetaPathFinder):
    """Finds modules whose name begins with the package of a workspace."""

    def __init__(self) -> None:
        self.homes: dict[str, WorkspaceModules] = {}

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        package, _, name = fullname.partition(".")
        home = self.homes.get(package)
        file = None if home is None or not name else home.file(name)
        if home is None or file is None:
            return None
        is_package = file.name == "__init__.py"
        return importlib.util.spec_from_file_location(
            fullname,
            file,
            loader=_Loader(home, file),
            submodule_search_locations=[str(file.parent)] if is_package else None,
        )


class _Loader(importlib.abc.Loader):
    def __init__(self, home: WorkspaceModules, file: Path) -> None:
        self._home, self._file = home, file

    def exec_module(self, module: ModuleType) -> None:
        self._home.run(module, self._file)


# As sys.modules is: what has been imported in this process, once for all callers.
_workspaces: dict[Path, WorkspaceModules] = {}
_finder = _Finder()
_numbers = itertools.count(1)
_lock = threading.Lock()


def workspace_modules(root: Path) -> WorkspaceModules:
    """Return the modules of the workspace whose folder is `root`."""
    where = root.resolve()
    with _lock:
        if where not in _workspaces:
            _workspaces[where] = _new_workspace_modules(where)
        return _workspaces[where]


def refresh(root: Path) -> None:
    """Forget the modules of `root` if a file of theirs has changed: they are imported anew.

    Called where a command begins, never in its middle. What was imported before stays as it is for
    those that have it.
    """
    where = root.resolve()
    with _lock:
        if where in _workspaces and not _workspaces[where].is_current():
            _workspaces[where] = _new_workspace_modules(where)


def workspace_of_file(file: Path) -> Path | None:
    """Return the workspace of which `file` is a module that was imported; None."""
    return next((root for root, home in list(_workspaces.items()) if home.has_read(file)), None)


def _new_workspace_modules(root: Path) -> WorkspaceModules:
    token = hashlib.sha256(str(root).encode()).hexdigest()[:8]
    package = ModuleType(f"{_PREFIX}{token}_{next(_numbers)}", f"The modules of {root}.")
    package.__path__ = [str(root)]
    home = WorkspaceModules(root, package.__name__)
    _finder.homes[package.__name__] = home
    if _finder not in sys.meta_path:
        sys.meta_path.insert(0, _finder)
    sys.modules[package.__name__] = package
    return home


def _content(file: Path) -> bytes | None:
    try:
        return file.read_bytes()
    except OSError:
        return None


_OF_LIBRARIES = ("site-packages", "dist-packages", "lib-dynload")


def module_digests(
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
        home = _modules_holding(module, root)
        if home is None:
            found[module] = _sha256(_installed_file(module, error).read_bytes())
            continue
        files = module_closure([module], home, error=error)
        found |= {name: _sha256(home.source(file)) for name, file in files.items()}
    return dict(sorted(found.items()))


def module_closure(
    modules: Iterable[str], home: WorkspaceModules, *, error: type[PodiumError]
) -> dict[str, Path]:
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
    except KeyError:  # a folder without __init__.py has its path once its parent is imported
        return importlib.util.find_spec(module)
    return spec


def _modules_holding(module: str, root: Path | None) -> WorkspaceModules | None:
    """Return the folder whose modules count with `module`; None where it is installed."""
    if root is not None and (home := workspace_modules(root)).holds(module):
        return home
    spec = find_installed(module)
    if spec is None or spec.origin is None or not Path(spec.origin).is_file():
        return None
    up = module.count(".") + (Path(spec.origin).name == "__init__.py")
    folder = Path(spec.origin).resolve().parents[up]
    stdlib = Path(sysconfig.get_path("stdlib")).resolve()
    if folder.name in _OF_LIBRARIES or folder == stdlib:
        return None
    return WorkspaceModules(folder, "")


def _installed_file(module: str, error: type[PodiumError]) -> Path:
    spec = find_installed(module)
    if spec is None or spec.origin is None or not Path(spec.origin).is_file():
        raise error(
            f"there is no module {module!r}",
            fix=f"write {module.replace('.', '/')}.py beside competition.yaml, or mend the name",
        )
    return Path(spec.origin)


def _imported(
    name: str, file: Path, home: WorkspaceModules, error: type[PodiumError]
) -> Iterator[str]:
    """Yield every name that `file` may import, as absolute names; not all of them are modules."""
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
