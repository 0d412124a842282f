"""A golden record: what every command answers for small competitions, before and after a change.

    python tests/golden_record.py make FILE       # freeze: one JSON of answers, digests and bytes
    python tests/golden_record.py compare FILE    # run again; print every difference, exit 1

Both drive the `podium` that is imported first, through its command line: with PYTHONPATH set to
another checkout, that one is recorded by the same script. Scores, weights, CSV bytes and arrays are
kept to the bit. Ids, dates, paths, seconds and versions become placeholders in the order in which
they first appear. Bits of a training hold for one version of torch and one kind of processor: the
record says which it was made with, and a comparison elsewhere says so first.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import io
import json
import os
import re
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

# Before anything imports torch: one thread, as its sums depend on their number; and no network.
SETTINGS = {"OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1", "NO_ALBUMENTATIONS_UPDATE": "1"}
FORMAT = 1

__all__ = ["Normaliser", "compare", "differences", "files_of", "is_wording", "make", "record_case"]

_DATE = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?")
_ID = re.compile(r"(?<![0-9A-Za-z_.])[0-9a-f]{8}(?![0-9A-Za-z_])")
_SECONDS = re.compile(r"\b\d+(?:\.\d+)? ?(?:ms|s|min|seconds|minutes)\b")
_TIMED = re.compile(
    r"(?:^|_)(?:seconds|minutes|hours|s|ms|elapsed|duration|took|per_s|per_second)$|^s/"
)
_VERSIONS = ("podium", "torch")


@dataclass
class Normaliser:
    """Replaces what may differ between two runs of the same commands; one serves a whole case.

    Attributes:
        root: the case's folder, which becomes `<root>`.
        known: the placeholder of each id, in the order in which they first appeared.
    """

    root: Path
    known: dict[str, str] = field(default_factory=dict)

    def text(self, text: str) -> str:
        """Return `text` with placeholders."""
        text = text.replace(str(self.root), "<root>")
        text = _SECONDS.sub("<seconds>", _DATE.sub("<date>", text))
        return _ID.sub(lambda match: self._placeholder(match[0]), text)

    def value(self, value: Any, key: str = "") -> Any:
        """Return a value of JSON with placeholders, in its keys, too."""
        if isinstance(value, Mapping):
            return {self.text(str(name)): self.value(one, str(name)) for name, one in value.items()}
        if isinstance(value, list):
            return [self.value(one, key) for one in value]
        if isinstance(value, str):
            is_time = _TIMED.search(key) and re.fullmatch(r"[\d.e+-]+", value)
            text = "<version>" if key in _VERSIONS else self.text(value)
            return "<seconds>" if is_time else text
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return "<seconds>" if is_number and _TIMED.search(key) else value

    def _placeholder(self, text: str) -> str:
        return self.known.setdefault(text, f"<id {len(self.known) + 1}>")


def files_of(root: Path, normaliser: Normaliser) -> dict[str, Any]:
    """Return what the files of a workspace hold: tables and arrays by digest, by normalised path.

    They are the folds, each prediction set, the tables of each training and each submission.
    """
    found = [root / "folds.csv"] if (root / "folds.csv").exists() else []
    found += sorted(root.glob("submissions/*.csv"))
    found += sorted(root.glob("runs/*/*/metrics.csv"))
    # In the order in which they were made: their names are ids.
    sets = sorted(root.glob("runs/*/predictions/*/set.json"), key=_made)
    for one in sets:
        found += sorted([*one.parent.rglob("*.npy"), *one.parent.rglob("*.npz")])
        # That of the set itself has digests of images, from which its id is made, too.
        found += sorted(one.parent.glob("*/**/*.parquet"))
    found += sorted([*root.glob("blends/*/*.npz"), *root.glob("pseudo/*/*.csv")])
    found += sorted(root.glob("as_init_wrote_it/*.yaml"))
    return {
        normaliser.text(str(path.relative_to(root))): _content(path)
        for path in dict.fromkeys(found)
    }


def _made(path: Path) -> int:
    return path.stat().st_mtime_ns


def _content(path: Path) -> dict[str, Any]:
    import numpy as np
    import yaml

    if path.suffix == ".npy":
        return _of_array(np.load(path, allow_pickle=False))
    if path.suffix == ".npz":
        with np.load(path, allow_pickle=False) as arrays:
            return {name: _of_array(arrays[name]) for name in sorted(arrays.files)}
    if path.suffix == ".parquet":
        import pandas as pd

        text = pd.read_parquet(path).to_csv(index=False)
        return {"sha256": _sha256(text.encode()), "rows": text.count("\n") - 1}
    content = path.read_bytes()
    if path.suffix == ".yaml":
        return {"yaml": yaml.safe_load(content)}
    if path.name == "metrics.csv":
        content = _without_times(content)
    return {
        "sha256": _sha256(content),
        "lines": content.count(b"\n"),
        "first": [line[:100] for line in content.decode().splitlines()[:3]],
    }


def _of_array(array: Any) -> dict[str, Any]:
    import numpy as np

    facts: dict[str, Any] = {"dtype": str(array.dtype), "shape": list(array.shape)}
    if array.dtype.kind in "fiub":
        facts["sum"] = float(array.sum(dtype=np.float64))
    data = array.tolist() if array.dtype.kind in "OU" else None
    content = (
        json.dumps(data).encode() if data is not None else np.ascontiguousarray(array).tobytes()
    )
    return {**facts, "sha256": _sha256(content)}


def _without_times(content: bytes) -> bytes:
    """Return a table without its columns of seconds."""
    rows = list(csv.reader(io.StringIO(content.decode())))
    kept = [place for place, name in enumerate(rows[0] if rows else []) if not _TIMED.search(name)]
    lines = [",".join(row[place] for place in kept) for row in rows]
    return ("\n".join(lines) + "\n").encode()


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@dataclass(frozen=True)
class Answer:
    """How one command ended: its exit code, what it printed, and the error that it told."""

    code: int
    printed: str
    error: str = ""


def run_command(root: Path, words: Sequence[str]) -> Answer:
    """Run one command of podium in this process, in the workspace `root`."""
    from typer.testing import CliRunner

    from podium.cli.app import app

    done = CliRunner().invoke(app, list(words), env={"PODIUM_WORKSPACE": str(root)})
    complaint = [line for line in done.stderr.splitlines() if line.startswith("podium: ")]
    return Answer(done.exit_code, done.stdout, "\n".join(complaint))


def record_case(case: Any, root: Path, run: Callable[..., Answer] = run_command) -> dict[str, Any]:
    """Return what one competition's commands answer, and what their files hold.

    Args:
        case: one of `golden_cases.CASES`: it writes the competition and yields commands.
        root: an empty folder.
        run: takes the folder and the words of a command.
    """
    normaliser = Normaliser(root)
    answers: dict[str, Any] = {}
    for words in case.commands(root):
        done = run(root, words)
        name = normaliser.text(" ".join(words))
        while name in answers:
            name += " (again)"
        answers[name] = _answer(done, normaliser)
    place = root / case.place
    return {"inputs": _inputs(place), "answers": answers, "files": files_of(place, normaliser)}


def _answer(done: Answer, normaliser: Normaliser) -> dict[str, Any]:
    facts: dict[str, Any] = {"exit": done.code}
    try:
        facts["json"] = normaliser.value(json.loads(done.printed))
    except json.JSONDecodeError:
        lines = [" ".join(line.split()) for line in normaliser.text(done.printed).splitlines()]
        facts["text"] = [line for line in lines if line]
    if done.error:
        facts["error"] = normaliser.text(done.error)
    return facts


def _inputs(root: Path) -> str:
    """Return one digest of the competition's files: where it differs, the others have to."""
    digest = hashlib.sha256()
    for path in sorted((root / "data").rglob("*")):
        if path.is_file():
            digest.update(f"{path.relative_to(root)}\0".encode())
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def differences(was: Any, now: Any, where: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Yield each place in which two records differ: its path, the old value and the new one."""
    if isinstance(was, dict) and isinstance(now, dict):
        for key in [*was, *(key for key in now if key not in was)]:
            yield from differences(was.get(key, ABSENT), now.get(key, ABSENT), f"{where} > {key}")
    elif isinstance(was, list) and isinstance(now, list) and len(was) == len(now):
        for number, (one, other) in enumerate(zip(was, now, strict=True)):
            yield from differences(one, other, f"{where}[{number}]")
    elif type(was) is not type(now) or not _same(was, now):
        yield where.removeprefix(" > "), was, now


class _Absent:
    def __repr__(self) -> str:
        return "(absent)"


ABSENT = _Absent()


def _same(one: Any, other: Any) -> bool:
    return bool(one == other or (one != one and other != other))  # NaN is what it was


def is_wording(where: str, was: Any, now: Any) -> bool:
    """Return whether a difference is of sentences alone: of a message, not of a value."""
    if " > files" in where or not isinstance(was, str | list) or not isinstance(now, str | list):
        return False
    if " > text" in where or where.endswith(" > error"):
        return True
    return isinstance(was, str) and isinstance(now, str) and " " in was and " " in now


def _environment() -> dict[str, str]:
    import numpy as np
    import torch

    return {
        "torch": torch.__version__.partition("+")[0],
        "numpy": np.__version__,
        "processor": torch.backends.cpu.get_cpu_capability(),
    }


def _records(only: Sequence[str], *, demo: bool) -> Iterator[tuple[str, dict[str, Any]]]:
    import golden_cases

    cases = golden_cases.cases(demo=demo)
    unknown = [name for name in only if name not in cases]
    if unknown:
        sys.exit(f"no case {', '.join(unknown)}: there are {', '.join(cases)}")
    for name in only or cases:
        start = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="golden-") as folder:
            root = Path(folder).resolve() / name  # `init` names a competition after its folder
            root.mkdir()
            yield name, record_case(cases[name], root)
        print(f"{name}: {time.monotonic() - start:.1f} s", file=sys.stderr, flush=True)


def make(path: Path, only: Sequence[str] = (), *, demo: bool = False) -> int:
    """Write the record; with `only` renew these cases of the one that is there."""
    old = json.loads(path.read_text()) if path.exists() and (only or demo) else {"cases": {}}
    for name, found in _records(only, demo=demo):
        old["cases"][name] = found
        record = {"format": FORMAT, "made_with": _environment(), "cases": old["cases"]}
        path.write_text(_as_text(record) + "\n", encoding="utf-8")
    return 0


def _as_text(value: Any, depth: int = 0) -> str:
    """Return JSON with sorted keys; each answer and each file is one line."""
    if depth > 3 or not isinstance(value, dict):
        return json.dumps(value, sort_keys=True, ensure_ascii=False)
    inner = [
        " " * (depth + 1) + json.dumps(key, ensure_ascii=False) + ": " + _as_text(one, depth + 1)
        for key, one in sorted(value.items())
    ]
    return "{\n" + ",\n".join(inner) + "\n" + " " * depth + "}"


def compare(
    path: Path, only: Sequence[str] = (), *, demo: bool = False, ignore_wording: bool = False
) -> int:
    """Print how the answers differ from the record; return 1 where they do, else 0."""
    record = json.loads(path.read_text(encoding="utf-8"))
    if record["made_with"] != (here := _environment()):
        print(f"made with {record['made_with']}, compared with {here}: bits may differ by that")
    names = only or ([] if demo else [name for name in sorted(record["cases"]) if name != "demo"])
    n_cases, n_found = 0, 0
    for name, now in _records(names, demo=demo):
        n_cases += 1
        # As it would be read back: keys are text, tuples are lists.
        now = json.loads(json.dumps(now, sort_keys=True))
        for where, one, other in differences(record["cases"].get(name, ABSENT), now, name):
            if ignore_wording and is_wording(where, one, other):
                continue
            n_found += 1
            print(f"{where}\n  was {one!r}\n  now {other!r}", flush=True)
    print(f"{n_found} differences in {n_cases} cases")
    return int(n_found > 0)


def main(words: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("action", choices=["make", "compare"])
    parser.add_argument("file", type=Path)
    parser.add_argument("--only", action="append", default=[], metavar="CASE", help="repeatable")
    parser.add_argument("--demo", action="store_true", help="the demo, too: it takes minutes")
    parser.add_argument(
        "--ignore-wording", action="store_true", help="sentences of messages may differ"
    )
    options = parser.parse_args(words)
    os.environ.update(SETTINGS)
    import podium

    print(f"podium of {Path(podium.__file__).parent}", file=sys.stderr)
    if options.action == "make":
        return make(options.file, options.only, demo=options.demo)
    return compare(
        options.file, options.only, demo=options.demo, ignore_wording=options.ignore_wording
    )


if __name__ == "__main__":
    sys.exit(main())
