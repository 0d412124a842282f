"""What a person types after podium's guides: one recipe for the kind of set, fitted to the time.

    python by_hand.py WORKSPACE RECIPE SECONDS

The recipes in `by_hand/` are written once a kind of set, by the guides; none was chosen by a score.
Where the training takes longer than measured it is stopped, and the folds that are there count.
`podium blend` decides, and `podium submit --dry-run` writes the only file in `submissions/`.
"""

from __future__ import annotations

import time

STARTED = time.monotonic()

import contextlib  # noqa: E402  (the time begins before the imports, which take seconds)
import shutil  # noqa: E402
import sys  # noqa: E402
from pathlib import Path  # noqa: E402

from podium.cli.app import app  # noqa: E402

RECIPES = Path(__file__).parent / "by_hand"
KEPT_S = 20.0
"""for the blend and its file; `--fit-time` itself plans nine tenths of what it is given"""


def type_command(root: str, *words: str) -> None:
    """Run a command; one that fails has said so."""
    with contextlib.suppress(SystemExit):
        app(["-w", root, *words], standalone_mode=False)


def main() -> None:
    """Type the commands, in one process: its clock may be that of the processor."""
    root, recipe, seconds = sys.argv[1:]
    shutil.copytree(RECIPES, Path(root) / "recipes", dirs_exist_ok=True)
    type_command(root, "folds")
    left = f"{float(seconds) - (time.monotonic() - STARTED) - KEPT_S:.0f}s"
    type_command(root, "train", recipe, "--fit-time", left, "--max-time", left)
    # Named, as a run that was stopped lacks folds: the blend is then of those that are there.
    run = next(Path(root, "runs").glob(f"{recipe}-*")).name
    type_command(root, "blend", run)
    type_command(root, "submit", "--dry-run")


if __name__ == "__main__":
    main()
