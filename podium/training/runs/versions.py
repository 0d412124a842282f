"""Versions of the libraries that the folds of a run were trained with.

The same weights in two versions of timm or torch may be another network or another step, so that
folds of several versions are no longer one recipe's: `versions_line` names them.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from podium.errors import PodiumError
from podium.training.runs.fold_files import FoldFiles
from podium.workspace.records import read_record

__all__ = ["LIBRARIES", "fold_versions", "versions_here", "versions_line"]

LIBRARIES = ("podium", "timm", "torch")
"""Those whose versions `done.json` has, by name."""


def versions_here() -> dict[str, str]:
    """Return the versions of `LIBRARIES` in this process, by name; it loads them."""
    # Of the modules themselves: a library without metadata must not end a training.
    return {one: str(import_module(one).__version__) for one in LIBRARIES}


def fold_versions(run: Path) -> dict[str, dict[str, str]]:
    """Return the versions with which the folds of a run were trained: library → fold → version.

    A fold whose `done.json` does not have a library's version, as one of an earlier podium, is left
    out; so is what follows "+" in a version, the kind of machine that torch was built for.
    """
    found: dict[str, dict[str, str]] = {one: {} for one in LIBRARIES}
    names = sorted(one.parent.name.removeprefix("fold-") for one in run.glob("fold-*/done.json"))
    for name in names:
        try:
            facts = FoldFiles(run, "full" if name == "full" else int(name)).read_done()
        except (PodiumError, OSError, ValueError):  # whoever needs the facts refuses
            continue
        for library in LIBRARIES:
            if isinstance(facts.get(library), str):
                found[library][name] = facts[library].partition("+")[0]
    return found


def versions_line(run: Path) -> str | None:
    """Return a line where a run's folds were trained with different versions; None: they agree.

    Args:
        run: its folder.
    """
    differ = []
    for library, of_folds in fold_versions(run).items():
        folds: dict[str, list[str]] = {}
        for fold, version in of_folds.items():
            folds.setdefault(version, []).append(fold)
        if len(folds) > 1:
            each = [
                f"{version} (fold{'s' if len(names) > 1 else ''} {', '.join(names)})"
                for version, names in folds.items()
            ]
            differ.append(f"{library} {' and '.join(each)}")
    if not differ:
        return None
    return (
        f"folds were trained with different versions: {'; '.join(differ)}; to train all with one: "
        f"podium train runs/{run.name}/recipe.yaml --again {_again(run) + 1}"
    )


def _again(run: Path) -> int:
    """Return which repetition a run is; 0 where its record cannot be read."""
    try:
        return int(read_record(run).inputs.get("again", 0))
    except (PodiumError, OSError):
        return 0
