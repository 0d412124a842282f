"""Start-up is a feature: what the first answers of the command line may not load."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = (
    "torch", "torchvision", "timm", "lightning", "albumentations", "pandas", "numpy", "sklearn",
    "scipy", "matplotlib", "optuna", "sqlalchemy", "kaggle", "PIL", "cv2", "pyarrow", "starlette",
)  # fmt: skip

HELP = """\
import sys
sys.argv = ['podium', {args}]
from podium.cli.app import main
try: main()
except SystemExit: pass
"""


def loaded_by(code: str) -> set[str]:
    """Return the heavy modules that a fresh interpreter has loaded after `code`."""
    loaded = f"[m for m in {HEAVY!r} if m in sys.modules]"
    report = f"{code}\nimport sys; print('loaded', *{loaded}, file=sys.stderr)"
    done = subprocess.run(
        [sys.executable, "-c", report], capture_output=True, text=True, check=True
    )
    return set(done.stderr.splitlines()[-1].split()[1:])


def test_import_podium_loads_nothing_heavy() -> None:
    assert loaded_by("import podium") == set()


@pytest.mark.parametrize(
    "args", ["'--help'", "'train', '--help'", "'host', '--help'", "'--version'"]
)
def test_help_loads_nothing_heavy(args: str) -> None:
    assert loaded_by(HELP.format(args=args)) == set()


def test_public_rooms_load_no_torch() -> None:
    code = (
        "import podium.competition, podium.tuning, podium.ensembling, podium.submissions\n"
        "from podium.competition import make_folds, metrics\n"
        "from podium.predictions import PredictionSet, decide\n"
        "from podium.tuning import cross_fit, fit_thresholds, threshold_curve\n"
        "from podium.ensembling import blend, hill_climb\n"
        "from podium.submissions import check\n"
    )
    assert "torch" not in loaded_by(code)
