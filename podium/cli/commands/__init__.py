"""One file a command: `run`, or `app` for a group of them; `--help` shows `EXAMPLE`."""

__all__ = ["COMMANDS"]

COMMANDS = (
    "demo", "doctor", "verify", "init", "choose", "auto", "calibrate", "presets", "check", "folds",
    "recipes", "train", "show", "predict", "explain", "import", "soup", "pseudo", "label", "tune",
    "study", "blend", "submit", "pack", "board", "finals", "report", "host", "ledger", "jobs",
    "status", "completion",
)  # fmt: skip
"""In the order in which a competition is worked through: so `podium --help` prints them."""
