"""The size of the code beside libraries of the field, and the rules of the house in numbers.

    python benchmarks/code_size.py            podium, and those of its peers that are installed
    python benchmarks/code_size.py FOLDER …   these packages alone

A line of code holds a token that is neither comment nor docstring. The last table is of podium:

- `found by their names`: files that no other imports, as a metric: what a user may add, one a file;
- `kind literals`: comparisons with the name of a task or of a kind of task outside `podium/tasks`;
- `class names twice`: public classes of one name in two modules;
- `imports in functions`: imports of podium's own modules below the top of a file.
"""

from __future__ import annotations

import ast
import functools
import importlib.util
import io
import re
import sys
import tokenize
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PEERS = ("optuna", "timm", "segmentation_models_pytorch", "kaggle")
_ROOT = Path(__file__).resolve().parents[1] / "podium"
KINDS = frozenset(
    {
        *("classify", "segment", "probs", "decisions", "ranking", "confident", "instances"),
        *("volumes", *(one.name for one in _ROOT.glob("tasks/kinds/*/[!_]*") if one.is_dir())),
    }
)
_LAYOUT = {
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENDMARKER,
}
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True)
class Source:
    """One file: its path and its text."""

    path: Path
    text: str

    @functools.cached_property
    def tree(self) -> ast.Module:
        """Its syntax tree: read when asked for, since the trees of 900 files take seconds."""
        return ast.parse(self.text)


@dataclass(frozen=True)
class Size:
    """The size of a package, in files, lines, lines of code and functions."""

    files: int
    lines: int
    code_lines: int
    functions: int


def sources(package: Path) -> list[Source]:
    """Return the files of `package`, in the order of their paths."""
    return [
        Source(path, path.read_text(encoding="utf-8")) for path in sorted(package.rglob("*.py"))
    ]


def size(found: list[Source]) -> Size:
    """Return the size of a package."""
    return Size(
        files=len(found),
        lines=sum(one.text.count("\n") for one in found),
        code_lines=sum(_code_lines(one) for one in found),
        functions=sum(isinstance(n, _FUNCTIONS) for one in found for n in ast.walk(one.tree)),
    )


def kind_literals(found: list[Source]) -> dict[Path, int]:
    """Return how often each file outside `tasks` compares with the name of a kind."""
    named = re.compile(rf"[\"']({'|'.join(map(re.escape, sorted(KINDS)))})[\"']")
    counted = {
        one.path: sum(
            any(isinstance(c, ast.Constant) and c.value in KINDS for c in ast.walk(side))
            for node in ast.walk(one.tree)
            if isinstance(node, ast.Compare)
            for side in (node.left, *node.comparators)
        )
        for one in found
        if "tasks" not in one.path.parts and named.search(one.text)
    }
    return {path: n for path, n in counted.items() if n}


def classes_twice(found: list[Source]) -> dict[str, list[Path]]:
    """Return the public class names that more than one module defines, with the modules."""
    named = {one.path: set(re.findall(r"^class ([A-Za-z]\w*)", one.text, re.M)) for one in found}
    often = Counter(name for names in named.values() for name in names)
    where: dict[str, list[Path]] = {}
    for one in (one for one in found if any(often[name] > 1 for name in named[one.path])):
        for node in one.tree.body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                where.setdefault(node.name, []).append(one.path)
    return {name: paths for name, paths in where.items() if len(paths) > 1}


def imports_in_functions(found: list[Source], package: str = "podium") -> dict[Path, int]:
    """Return how often each file imports a module of `package` inside a function."""
    below = re.compile(rf"^[ \t]+from\s+{package}", re.M)
    counted: Counter[Path] = Counter()
    for one in (one for one in found if below.search(one.text)):
        for function in ast.walk(one.tree):
            if not isinstance(function, _FUNCTIONS):
                continue
            for node in (n for part in function.body for n in ast.walk(part)):
                if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(package):
                    counted[one.path] += 1
    return dict(counted)


def found_by_name(found: list[Source], root: Path = _ROOT) -> list[Path]:
    """Return the files that no other one imports: commands, metrics, methods, readers, formats."""
    imported: set[str] = set()
    for one in found:
        for node in ast.walk(one.tree):
            if isinstance(node, ast.ImportFrom) and node.module:
                imported |= {node.module, *(f"{node.module}.{name.name}" for name in node.names)}
    named = {
        one.path: ".".join(one.path.relative_to(root.parent).with_suffix("").parts)
        for one in found
        if not one.path.stem.startswith("__")
    }
    return [path for path, name in named.items() if name not in imported]


def main() -> None:
    """Print the tables."""
    folders = [Path(one) for one in sys.argv[1:]] or [_ROOT, *_installed_peers()]
    print(f"{'':30} {'files':>8} {'lines':>10} {'code lines':>12} {'functions':>10}")
    for folder in folders:
        one = size(sources(folder))
        numbers = f"{one.files:8,} {one.lines:10,} {one.code_lines:12,} {one.functions:10,}"
        print(f"{folder.name:30} {numbers}")
    if sys.argv[1:]:
        return
    own = sources(_ROOT)
    literals, inner = kind_literals(own), imports_in_functions(own)
    folders = sum(one.path.name == "__init__.py" for one in own)
    print(
        f"\nfound by their names  {len(found_by_name(own)):5} files, beside {folders} __init__.py"
    )
    print(f"kind literals         {sum(literals.values()):5} in {len(literals)} files")
    print(f"class names twice     {len(classes_twice(own)):5}")
    print(f"imports in functions  {sum(inner.values()):5} in {len(inner)} files")


def _installed_peers() -> Iterator[Path]:
    for name in PEERS:
        spec = importlib.util.find_spec(name)
        if spec is not None and spec.origin is not None:
            yield Path(spec.origin).parent


def _code_lines(source: Source) -> int:
    docstrings: set[int] = set()
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0] if node.body else None
            if isinstance(first, ast.Expr) and isinstance(getattr(first.value, "value", None), str):
                docstrings |= set(range(first.lineno, (first.end_lineno or first.lineno) + 1))
    held: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(source.text).readline):
        if token.type not in _LAYOUT:
            held |= set(range(token.start[0], token.end[0] + 1))
    return len(held - docstrings)


if __name__ == "__main__":
    main()
