"""CPU time of `podium --help`, `import podium` and what commands load, beside peers.

Run: python benchmarks/startup.py

Each figure is the median over fresh interpreters of user + system time, less the time of an
interpreter that does nothing.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys

REPEATS = 9
CASES = {
    "import podium": "import podium",
    "import typer, rich": "import typer, rich.console, rich.table, rich.progress",
    "import pandas": "import pandas",
    "what podium status loads": "import podium.workflows.status",
    "what podium init loads": "import podium.workflows.initialising",
    "podium --help": (
        "import sys; sys.argv = ['podium', '--help']; from podium.cli.app import main; main()"
    ),
}


def cpu_s(code: str) -> float:
    """Return the CPU seconds of one fresh interpreter that runs `code`."""
    before = os.times()
    subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.DEVNULL)
    after = os.times()
    return (after.children_user - before.children_user) + (
        after.children_system - before.children_system
    )


def main() -> None:
    """Print the table."""
    codes = {"nothing": "pass", **CASES}
    times: dict[str, list[float]] = {name: [] for name in codes}
    for _ in range(REPEATS):  # interleaved, so that a busy moment meets all alike
        for name, code in codes.items():
            times[name].append(cpu_s(code))
    idle = statistics.median(times["nothing"])
    net = {name: statistics.median(times[name]) - idle for name in CASES}
    peer = net["import typer, rich"]
    print(f"{'case':24s} {'CPU s':>8s} {'ratio to typer + rich':>24s}")
    for name, seconds in net.items():
        print(f"{name:24s} {seconds:8.3f} {seconds / peer:24.2f}")


if __name__ == "__main__":
    main()
