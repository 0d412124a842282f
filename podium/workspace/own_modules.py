"""A user's own Python modules, imported from the workspace without touching `sys.path`.

Each workspace's modules live under a package name of their own, so that two workspaces in one
process may both have a `my_net.py`. What a module imports by an absolute name is looked for in its
workspace first, too: its code sees an `__import__` of its own, also where it imports later, inside
a function, a thread or a forked process.

A file is read once, and what was read is what runs, whatever happens to the file meanwhile: so the
hash in a run's id is that of the code that trains. `refresh` begins anew when files have changed.
"""

from __future__ import annotations

import builtins
import hashlib
import importlib
import importlib.abc
import importlib.util
import itertools
import sys
import threading
from collections.abc import Mapping, Sequence
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any

__all__ = ["Home", "home_of", "refresh", "root_of"]

_PREFIX = "podium_workspace_"


class Home:
    """The modules of one workspace, as they were when they were first read.

    Args:
        root: the folder of `competition.yaml`.
        package: the name under which Python knows them.
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
        """Return the content of `file` as it was when it was first asked for."""
        if file not in self._read:
            self._read[file] = file.read_bytes()
        return self._read[file]

    def has_read(self, file: Path) -> bool:
        """Return whether `file` was asked for."""
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
        self.homes: dict[str, Home] = {}

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
    def __init__(self, home: Home, file: Path) -> None:
        self._home, self._file = home, file

    def exec_module(self, module: ModuleType) -> None:
        self._home.run(module, self._file)


# As sys.modules is: what has been imported in this process, once for all who ask.
_homes: dict[Path, Home] = {}
_finder = _Finder()
_numbers = itertools.count(1)
_lock = threading.Lock()


def home_of(root: Path) -> Home:
    """Return the modules of the workspace whose folder is `root`."""
    where = root.resolve()
    with _lock:
        if where not in _homes:
            _homes[where] = _begin(where)
        return _homes[where]


def refresh(root: Path) -> None:
    """Forget the modules of `root` if a file of theirs has changed: they are imported anew.

    Called where a command begins, never in its middle. What was imported before stays as it is for
    those who have it.
    """
    where = root.resolve()
    with _lock:
        if where in _homes and not _homes[where].is_current():
            _homes[where] = _begin(where)


def root_of(file: Path) -> Path | None:
    """Return the workspace of which `file` is a module that was imported; None."""
    return next((root for root, home in list(_homes.items()) if home.has_read(file)), None)


def _begin(root: Path) -> Home:
    token = hashlib.sha256(str(root).encode()).hexdigest()[:8]
    package = ModuleType(f"{_PREFIX}{token}_{next(_numbers)}", f"The modules of {root}.")
    package.__path__ = [str(root)]
    home = Home(root, package.__name__)
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
