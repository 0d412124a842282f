"""Run the code of a notebook as the host does, with its inputs elsewhere, and time each cell.

    python run_cells.py NOTEBOOK INPUTS TIMES

It is run alone, in a Python that has nothing installed: it imports the standard library only.
"""

import json
import sys
import time
from pathlib import Path

PLACE = "/kaggle/input"


def main(notebook: str, inputs: str, times: str) -> None:
    """Run every code cell in one namespace; write their seconds to the file `times`."""
    cells = json.loads(Path(notebook).read_text(encoding="utf-8"))["cells"]
    names = {"__name__": "__main__"}
    took = []
    for n, cell in enumerate(cell for cell in cells if cell["cell_type"] == "code"):
        source = "".join(cell["source"]).replace(PLACE, inputs)
        start = time.perf_counter()
        exec(compile(source, f"code cell {n + 1}", "exec"), names)
        took.append(time.perf_counter() - start)
    Path(times).write_text(json.dumps(took), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
