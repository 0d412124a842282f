"""What podium does where it was once wrong without a word: this version, or an older one.

Each case makes a small workspace, does through the command line what should not go unnoticed, and
prints what podium said. `docs/silent_faults.md` has what the commit 7732812 and this one printed.

    python benchmarks/silent_faults.py                     all cases with the podium beside it
    python benchmarks/silent_faults.py --source ../old     with that of another working tree
    python benchmarks/silent_faults.py --only 1,5.2        the cases whose numbers begin so
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from submissions.faulty_host import (  # noqa: E402
    Fault,
    FaultyHost,
    Hold,
    Reply,
    serving,
    write_competition,
)

CLASSES = ("a", "b", "c", "d")
N, N_TEST, SIDE, CELL = 48, 6, 16, 4
RECIPE = """\
model:
  {backbone: cnn, pretrained: false, options: {widths: [16, 32]}, heads: {classify: {}}}
input: {size: 16, train: none}
optimizer: {name: adamw, lr: 1e-2}
batch_size: 8
phases: [{name: all, epochs: EPOCHS}]
"""
MAIN = "import sys; sys.argv[0] = 'podium'; from podium.cli.app import main; main()"
FABRIC = "from lightning_fabric import *\nfrom lightning_fabric import Fabric, seed_everything\n"


@dataclass(frozen=True)
class CommandResult:
    """How a command ended, and what it printed on both streams."""

    code: int
    text: str

    def __str__(self) -> str:
        lines = [one.strip() for one in self.text.splitlines() if one.strip()]
        told = [
            one
            for one in lines
            if re.search(r"podium: |unexpected|Error|WARN|warning|leak|other data|damaged", one)
        ]
        return f"exit {self.code}: {(told or lines or ['(nothing)'])[0][:240]}"


class Place:
    """A workspace of random labels, and the podium that works in it.

    Args:
        root: an empty folder, for the workspace, a home and temporary files.
        source: the working tree whose `podium` is run.
        kept: a folder of workspaces with a run, which cases share.
    """

    def __init__(self, root: Path, source: Path, kept: Path) -> None:
        self.base, self.source, self.kept, self.root = root, source, kept, root / "workspace"
        for name in ("workspace", "home", "tmp", "stand-ins/lightning/fabric"):
            (root / name).mkdir(parents=True, exist_ok=True)
        # Before decision 71 podium imported `lightning`, of which it used Fabric alone.
        (root / "stand-ins/lightning/__init__.py").touch()
        (root / "stand-ins/lightning/fabric/__init__.py").write_text(FABRIC)

    def environment(self, **more: str) -> dict[str, str]:
        """Return the variables of a command, in a home of its own."""
        paths = (self.source, self.base / "stand-ins")
        own = {
            "PYTHONPATH": os.pathsep.join(map(str, paths)),
            "HOME": str(self.base / "home"),
            "TMPDIR": str(self.base / "tmp"),
            "OMP_NUM_THREADS": "1",
            "HF_HUB_OFFLINE": "1",
            "COLUMNS": "400",
            "NO_COLOR": "1",
        }
        return {**os.environ, **own, **more}

    def begin(self, *words: object, **more: str) -> subprocess.Popen[str]:
        """Start a command, and return its process."""
        return subprocess.Popen(
            [sys.executable, "-c", MAIN, *map(str, words)],
            cwd=self.root,
            env=self.environment(**more),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def podium(self, *words: object, **more: str) -> CommandResult:
        """Return what a command said."""
        process = self.begin(*words, **more)
        text = process.communicate(timeout=900)[0]
        return CommandResult(process.returncode, text)

    def python(self, text: str, *words: object) -> str:
        """Return what a text of Python printed, with the podium of this place."""
        done = subprocess.run(
            [sys.executable, "-c", text, *map(str, words)],
            cwd=self.root,
            env=self.environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        return (done.stdout + done.stderr).strip()

    def write(self, *, epochs: int = 2, groups: bool = False, metric: str = "log_loss") -> None:
        """Write a competition of random squares, whose labels were drawn apart, and a recipe."""
        rng = np.random.default_rng(0)
        for split, count in (("train", N), ("test", N_TEST)):
            (self.root / "data" / split).mkdir(parents=True)
            for i in range(count):
                cells = rng.integers(0, 256, (CELL, CELL, 3), dtype=np.uint8)
                pixels = cells.repeat(SIDE // CELL, axis=0).repeat(SIDE // CELL, axis=1)
                Image.fromarray(pixels).save(self.root / f"data/{split}/{i:02d}.png")
        drawn = rng.permutation(np.arange(N) % len(CLASSES))
        names = ("G{}", "g{}", " g{} ", "G{} ")  # a group of four, spelt in four ways
        rows = [f"{i:02d},{CLASSES[k]},{names[i % 4].format(i // 4)}" for i, k in enumerate(drawn)]
        (self.root / "data/train.csv").write_text("\n".join(["id,label,group", *rows, ""]))
        scheme = "stratified_group, group: group" if groups else "stratified"
        (self.root / "competition.yaml").write_text(
            "name: noise\ntasks: {classify: multiclass}\nclasses: [a, b, c, d]\ndata:\n"
            "  train: {table: data/train.csv, id: id, images: 'data/train/{id}.png', "
            "label: label}\n  test: {images: 'data/test/*.png'}\n"
            f"folds: {{scheme: {scheme}, n: 3, seed: 1}}\nmetric: {{name: {metric}}}\n"
        )
        (self.root / "recipes").mkdir()
        (self.root / "recipes/base.yaml").write_text(RECIPE.replace("EPOCHS", str(epochs)))
        for file in (self.root / "data").rglob("*"):  # digests of files that changed just now
            os.utime(file, (1e9, 1e9))  # are not kept

    def trained(self, **how: Any) -> Path:
        """Write the competition, train the recipe, and return the run; the second time: copy it."""
        kept = self.kept / str(sorted(how.items()))
        if kept.is_dir():
            shutil.copytree(kept, self.root, dirs_exist_ok=True)
        else:
            self.write(**how)
            said = self.podium("train", "base")
            assert said.code == 0, said.text
            shutil.copytree(self.root, kept)
        return self.run("base")

    def run(self, name: str) -> Path:
        """Return the folder of a run by its name."""
        (found,) = (self.root / "runs").glob(f"{name}-*")
        return found

    def score(self, folder: Path) -> dict[str, Any]:
        """Return the scores in a record."""
        return dict(json.loads((folder / "record.json").read_text())["scores"])


Case = Callable[[Place], str]
CASES: dict[str, tuple[str, Case]] = {}


def case(number: str, what: str) -> Callable[[Case], Case]:
    """Add a case under a number whose first digit is the point of the list."""

    def add(function: Case) -> Case:
        CASES[number] = (what, function)
        return function

    return add


def flip(file: Path, at: int | None = None) -> None:
    """Turn one bit of a file, in its middle unless `at` is given."""
    content = bytearray(file.read_bytes())
    content[len(content) // 2 if at is None else at] ^= 1
    file.write_bytes(content)


def _shown(place: Place, said: CommandResult, name: str) -> str:
    if said.code:
        return str(said)
    shown = place.podium("show", name).text
    marks = re.findall(r"[^\n]*unknown origin[^\n]*", shown + said.text)
    oof = place.score(place.run(name))["oof"]
    return f"exit 0, OOF {oof:.3f} (chance .25), {marks[0].strip() if marks else 'no word'}"


@case("1.1", "train from the weights of another fold of the same workspace")
def _own_weights(place: Place) -> str:
    run = place.trained(epochs=40, metric="accuracy")
    (place.root / "recipes/warm.yaml").write_text((place.root / "recipes/base.yaml").read_text())
    said = place.podium("train", "warm", "-o", f"model.weights={run / 'fold-1/last.pt'}")
    return _shown(place, said, "warm")


@case("1.2", "the same weights, copied under another name to another folder")
def _copied_weights(place: Place) -> str:
    run = place.trained(epochs=40, metric="accuracy")
    file = shutil.copy(run / "fold-1/last.pt", place.base / "imagenet.pt")
    (place.root / "recipes/warm.yaml").write_text((place.root / "recipes/base.yaml").read_text())
    return _shown(place, place.podium("train", "warm", "-o", f"model.weights={file}"), "warm")


@case("1.3", "study transfer --supervised with such a file")
def _transferred(place: Place) -> str:
    run = place.trained(epochs=40, metric="accuracy")
    file = run / "fold-1/last.pt"
    said = place.podium("study", "transfer", "base", "--supervised", file, "--seeds", "0")
    if said.code:
        return str(said)
    (row,) = re.findall(r"\n[^\n]*\bB\b[^\n]*", said.text)[:1] or [said.text[:200]]
    return f"exit 0: {row.strip()}"


@case("1.4", "weights whose file does not tell what they learnt")
def _bare_weights(place: Place) -> str:
    run = place.trained(epochs=40, metric="accuracy")
    bare = place.base / "bare.pt"
    place.python(
        "import sys, torch; torch.save(torch.load(sys.argv[1], weights_only=True)['network'], "
        "sys.argv[2])",
        run / "fold-1/last.pt",
        bare,
    )
    (place.root / "recipes/warm.yaml").write_text((place.root / "recipes/base.yaml").read_text())
    return _shown(place, place.podium("train", "warm", "-o", f"model.weights={bare}"), "warm")


@case("1.5", "pseudo-labels of such a run teach another")
def _taught(place: Place) -> str:
    run = place.trained(epochs=40, metric="accuracy")
    bare = place.base / "bare.pt"
    place.python(
        "import sys, torch; torch.save(torch.load(sys.argv[1], weights_only=True)['network'], "
        "sys.argv[2])",
        run / "fold-1/last.pt",
        bare,
    )
    for name in ("warm", "pupil"):
        text = (place.root / "recipes/base.yaml").read_text()
        (place.root / f"recipes/{name}.yaml").write_text(text)
    place.podium("train", "warm", "-o", f"model.weights={bare}")
    said = place.podium("pseudo", "warm", "--split", "test")
    if said.code:
        return str(said)
    (labels,) = (place.root / "pseudo").iterdir()
    said = place.podium("train", "pupil", "-o", f"pseudo=[{{from: {labels.name}}}]")
    return _shown(place, said, "pupil")


@case("1.6", "groups whose names differ by case or blanks")
def _groups(place: Place) -> str:
    place.write(groups=True)
    said = place.podium("folds")
    lines = (place.root / "folds.csv").read_text().split()[1:]
    folds = [line.split(",")[1] for line in lines]
    split = sum(len(set(folds[i : i + 4])) > 1 for i in range(0, N, 4))
    return f"exit {said.code}: {split} of {N // 4} groups are in several folds"


@case("1.7", "one picture, by its content, under two ids in two folds")
def _pictures(place: Place) -> str:
    place.write()
    place.podium("folds")
    rows = [line.split(",") for line in (place.root / "folds.csv").read_text().split()[1:]]
    other = next(one[0] for one in rows if one[1] != rows[0][1])
    shutil.copy2(
        place.root / f"data/train/{rows[0][0]}.png", place.root / f"data/train/{other}.png"
    )
    return str(place.podium("train", "base"))


@case("2.1", "a bit of a checkpoint, then `predict`")
def _flipped_weights(place: Place) -> str:
    run = place.trained()
    file = run / "fold-1/last.pt"
    flip(file)
    return str(place.podium("predict", "base", "--tta", "hflip"))


@case("2.2", "a bit of kept predictions, then `blend`")
def _flipped_chunk(place: Place) -> str:
    run = place.trained()
    for file in run.rglob("oof/classify/fold-1/chunk-0000.npy"):
        flip(file, len(file.read_bytes()) - 2)
    return _scored_blend(place, place.podium("blend", "base", "--name", "one"))


def _scored_blend(place: Place, said: CommandResult) -> str:
    if said.code:
        return str(said)
    (blend,) = (place.root / "blends").iterdir()
    told = [one for one in said.text.splitlines() if "other data" in one]
    return f"exit 0, honest {place.score(blend)['honest']:.6f}, {told[0] if told else 'no word'}"


@case("2.3", "a bit of the image cache, then `train`")
def _flipped_cache(place: Place) -> str:
    place.write()
    place.podium("train", "base", "--folds", "0")
    files = [*(place.root / ".podium/cache").rglob("images/*/*.bin")]
    for file in files:
        flip(file)
    said = place.podium("train", "base", "--folds", "1,2")
    return f"{len(files)} file: {said}"


@case("2.4", "a bit in a key of done.json, then the training of the next fold")
def _flipped_key(place: Place) -> str:
    place.write()
    place.podium("train", "base", "--folds", "0,1")
    file = place.run("base") / "fold-1/done.json"
    flip(file, file.read_bytes().index(b'"epochs"') + 1)
    return str(place.podium("train", "base"))


@case("2.5", "`podium verify` after all of these")
def _verify(place: Place) -> str:
    run = place.trained()
    place.podium("blend", "base")
    files = [
        run / "fold-1/last.pt",
        run / "fold-2/done.json",
        run / "record.json",
        next(run.rglob("fold-0/chunk-0000.npy")),
        *(place.root / "blends").glob("*/record.json"),
    ]
    for file in files:
        flip(file)
    said = place.podium("verify")
    found = sum(str(file.relative_to(place.root)) in said.text for file in files)
    return f"exit {said.code}: {found} of {len(files)} found"


@case("3.1", "an image moved to another class after training, then `blend`")
def _moved(place: Place) -> str:
    place.trained()
    table = place.root / "data/train.csv"
    rows = table.read_text().splitlines()
    at = next(i for i, one in enumerate(rows) if ",a," in one)
    rows[at] = rows[at].replace(",a,", ",b,")
    table.write_text("\n".join(rows) + "\n")
    return _scored_blend(place, place.podium("blend", "base", "--name", "one"))


@case("3.2", "an image replaced after training, then `show`")
def _replaced(place: Place) -> str:
    place.trained()
    shutil.copyfile(place.root / "data/test/00.png", place.root / "data/train/00.png")
    said = place.podium("show", "base")
    told = [one.strip() for one in said.text.splitlines() if "other data" in one]
    return f"exit {said.code}: {told[0] if told else 'no word'}"


@case("3.3", "the same, then `submit --dry-run`")
def _replaced_sent(place: Place) -> str:
    place.trained()
    said = place.podium("blend", "base", "--name", "one")
    shutil.copyfile(place.root / "data/test/00.png", place.root / "data/train/00.png")
    said = place.podium("submit", "one", "--dry-run")
    told = [one.strip() for one in said.text.splitlines() if "other data" in one]
    return f"exit {said.code}: {told[0] if told else 'no word'}"


@case("3.4", "a test image replaced after its prediction, then `submit --dry-run`")
def _replaced_test(place: Place) -> str:
    place.trained()
    place.podium("blend", "base", "--name", "one")
    shutil.copyfile(place.root / "data/train/00.png", place.root / "data/test/00.png")
    said = place.podium("submit", "one", "--dry-run")
    told = [one.strip() for one in said.text.splitlines() if "other data" in one]
    return f"exit {said.code}: {told[0] if told else 'no word'}"


@case("3.5", "a training image replaced by one of its size and time, then `show`")
def _same_time(place: Place) -> str:
    place.write()
    first, other = place.root / "data/train/00.png", place.root / "data/test/00.png"
    size = max(first.stat().st_size, other.stat().st_size)
    for one in (first, other):  # what is behind an image is no matter to who reads it
        one.write_bytes(one.read_bytes().ljust(size, b"\0"))
        os.utime(one, (1e9, 1e9))
    place.podium("train", "base")
    shutil.copy2(other, first)
    said = place.podium("show", "base")
    told = [one.strip() for one in said.text.splitlines() if "other data" in one]
    return f"exit {said.code}: {told[0] if told else 'no word'}"


class Sender:
    """Commands that send a file to a host on this machine, by its own table of submissions."""

    def __init__(self, place: Place, host: FaultyHost) -> None:
        self.place, self.host = place, host
        self.entry = place.source / "tests/submissions/fault_matrix_entry.py"

    def folder(self, name: str) -> Path:
        """Return a new workspace of the host's competition with a file to send."""
        folder = self.place.base / name
        folder.mkdir()
        write_competition(folder, self.host.url)
        (folder / "train.csv").write_text("id,label\n")
        (folder / "mine.csv").write_text((folder / "sample.csv").read_text())
        return folder

    def begin(self, folder: Path, tmp: str = "tmp", doubt_s: float = 6.0) -> subprocess.Popen[str]:
        """Start `podium submit` in a workspace; lost answers are searched for `doubt_s`."""
        (self.place.base / tmp).mkdir(exist_ok=True)
        more = {
            "KAGGLE_API_TOKEN": self.host.token,
            "TMPDIR": str(self.place.base / tmp),
            "FAULT_MATRIX": json.dumps({"limits": {"other": 60.0}, "doubt_s": doubt_s}),
        }
        return subprocess.Popen(
            [sys.executable, self.entry, "submit", "mine.csv", "--wait", "3s"],
            cwd=folder,
            env=self.place.environment(**more),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def sent(self, folder: Path, **how: Any) -> CommandResult:
        """Return what `podium submit` said."""
        process = self.begin(folder, **how)
        text = process.communicate(timeout=300)[0]
        return CommandResult(process.returncode, text)


@contextmanager
def sending(place: Place) -> Iterator[Sender]:
    """Serve a host while the body runs."""
    with serving() as host:
        yield Sender(place, host)


@case("4.1", "one file from two shells with different TMPDIRs")
def _twice(place: Place) -> str:
    with sending(place) as sender:
        hold = Hold("CreateSubmission", "upload", "before", late_s=0.1)
        sender.host.hold = hold
        first = sender.begin(sender.folder("one"), "tmp-1", doubt_s=20)
        assert hold.met.wait(120)
        second = sender.begin(sender.folder("two"), "tmp-2", doubt_s=20)
        time.sleep(15)  # the second sends, or waits
        hold.release.set()
        codes = []
        for process in (first, second):
            process.communicate(timeout=300)
            codes.append(process.returncode)
        sender.host.settle()
        return f"exit {codes[0]} and {codes[1]}: the host has it {len(sender.host.submissions)}×"


def _state(folder: Path) -> str:
    states = [
        json.loads(one.read_text())["state"]
        for one in (folder / "submissions").glob("*/receipt.json")
    ]
    return f"receipt: {states[0] if states else 'none'}"


def _of_broken_submission(place: Place, fault: str) -> str:
    """Return what was said, noted and sent where the host's last request has a fault."""
    with sending(place) as sender:
        folder = sender.folder("one")
        sender.host.faults = [Fault("CreateSubmission", fault, "upload", always=True)]
        said = sender.sent(folder)
        told = [one for one in said.text.splitlines() if one.startswith("podium: ")]
        last = CommandResult(said.code, "\n".join(told[-1:]))
        return f"{last}; {_state(folder)}; the host has {len(sender.host.submissions)}"


@case("4.2", "a lost answer, and a host that lists late but counts at once")
def _lists_late(place: Place) -> str:
    return _of_broken_submission(place, "listed late")


@case("4.3", "a 429 whose work was done")
def _refused_but_done(place: Place) -> str:
    return _of_broken_submission(place, "429, acted")


def _checked(place: Place, text: str | bytes, *words: str) -> str:
    file = place.root / "submission.csv"
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    said = place.podium("check", "submission.csv", *words)
    bad = [one.strip() for one in said.text.splitlines() if re.search("error|line |✗", one)]
    return f"exit {said.code}: {(bad or said.text.strip().splitlines() or [''])[0][:200]}"


@case("5.1", "a quote that never closes in the last cell")
def _open_quote(place: Place) -> str:
    return _checked(place, 'Id,Pawpularity\na,38\nb,"38\n', "--preset", "petfinder-pawpularity")


@case("5.2", "a blank cell of vesuvius, on which its grader fails")
def _blank(place: Place) -> str:
    text = "Id,Predicted\na,1 5\nb,\n"
    return _checked(place, text, "--preset", "vesuvius", "--size", "10x10")


@case("5.3", "contrails: a run beyond the last pixel of the known frame")
def _contrails(place: Place) -> str:
    text = "record_id,encoded_pixels\na,65536 2\n"
    return _checked(place, text, "--preset", "contrails")


@case("5.4", "severstal: the same")
def _severstal(place: Place) -> str:
    rows = "ImageId_ClassId,EncodedPixels\na_1,409600 2\na_2,\na_3,\na_4,\n"
    return _checked(place, rows, "--preset", "severstal")


@case("5.5", "airbus: the same")
def _airbus(place: Place) -> str:
    return _checked(place, "ImageId,EncodedPixels\na,589824 2\n", "--preset", "airbus-ships")


@case("5.6", "pawpularity: ratings of 0 and 101")
def _ratings(place: Place) -> str:
    text = "Id,Pawpularity\na,0\nb,101\n"
    return _checked(place, text, "--preset", "petfinder-pawpularity")


def _sample(place: Place) -> str:
    write_competition(place.root, "http://localhost")
    (place.root / "train.csv").write_text("id,label\n")
    return (place.root / "sample.csv").read_text()


@case("5.7", "(good) a byte order mark, which pandas reads")
def _mark(place: Place) -> str:
    return _checked(place, b"\xef\xbb\xbf" + _sample(place).encode())


@case("5.8", "(good) 1.0 for a label of 1")
def _decimal(place: Place) -> str:
    rows = _sample(place).splitlines()
    file = place.root / "competition.yaml"
    file.write_text(file.read_text().replace("value: name", "value: label"))
    text = "\n".join([rows[0], *(one.replace(",a", ",1.0") for one in rows[1:]), ""])
    (place.root / "sample.csv").write_text(text.replace("1.0", "1"))
    return _checked(place, text)


@case("5.9", "(good) an import of ordinal answers with a column a class")
def _ordinal(place: Place) -> str:
    place.write()
    file = place.root / "competition.yaml"
    text = file.read_text().replace("multiclass", "ordinal").replace("log_loss", "qwk")
    file.write_text(text)
    rows = [f"{i:02d},0.1,0.2,0.3,0.4" for i in range(N)]
    (place.root / "theirs.csv").write_text("\n".join(["id,a,b,c,d", *rows, ""]))
    return str(place.podium("import", "theirs.csv", "--name", "theirs", "--trust-folds"))


def _damaged(place: Place, pattern: str, junk: bytes, *words: str) -> str:
    place.trained()
    for file in place.root.glob(pattern):
        file.write_bytes(junk)
    return str(place.podium(*words))


@case("6.1", "a damaged set.json")
def _damaged_set(place: Place) -> str:
    return _damaged(place, "runs/*/predictions/*/set.json", b"[]", "blend", "base")


@case("6.2", "a damaged recipe.yaml of a run")
def _damaged_recipe(place: Place) -> str:
    return _damaged(place, "runs/*/recipe.yaml", b"[" * 9000, "predict", "base")


@case("6.3", "a damaged index of the image cache")
def _damaged_index(place: Place) -> str:
    place.write()
    place.podium("train", "base", "--folds", "0")
    for file in (place.root / ".podium/cache").rglob("images/*/*.npy"):
        content = file.read_bytes()
        file.write_bytes(content.replace(b"}", b"(", 1))
    return str(place.podium("train", "base", "--folds", "1"))


def _init(place: Place, name: str, content: bytes) -> str:
    place.write()
    (place.root / "competition.yaml").unlink()
    (place.root / "data/train.csv").unlink()
    (place.root / "data" / name).write_bytes(content)
    text = (
        "name: noise\ntasks: {classify: multiclass}\nclasses: [a, b, c, d]\ndata:\n"
        f"  train: {{table: data/{name}, id: id, images: 'data/train/{{id}}.png', label: label}}\n"
        "  test: {images: 'data/test/*.png'}\nmetric: {name: log_loss}\n"
    )
    (place.root / "competition.yaml").write_text(text)
    return str(place.podium("folds"))


@case("6.4", "a compressed table with no member")
def _no_member(place: Place) -> str:
    return _init(place, "train.csv.zip", b"PK\x05\x06" + b"\x00" * 18)


@case("6.5", "junk that is called .xz")
def _junk_xz(place: Place) -> str:
    return _init(place, "train.csv.xz", b"junk")


@case("6.6", "junk that is called .zst")
def _junk_zst(place: Place) -> str:
    return _init(place, "train.csv.zst", b"junk")


@case("6.7", "a header of an npy file to import that cannot be parsed")
def _npy(place: Place) -> str:
    place.write()
    np.save(place.root / "theirs.npy", np.full((N, 4), 0.25, np.float32))
    (place.root / "ids.csv").write_text("\n".join(["id", *(f"{i:02d}" for i in range(N)), ""]))
    file = place.root / "theirs.npy"
    file.write_bytes(file.read_bytes().replace(b"}", b"(", 1))
    return str(
        place.podium("import", "theirs.npy", "--ids", "ids.csv", "--name", "t", "--trust-folds")
    )


@case("6.8", "no room for the file in `torch.save`")
def _full(place: Place) -> str:
    place.write()
    place.podium("train", "base", "--folds", "0")  # the cache of images is there
    text = (
        "import resource, signal\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (16384, 16384))\n" + MAIN
    )
    said = place.python(text, "train", "base", "--folds", "1")
    return str(CommandResult(1, said))


@case("6.9", "a host that answers null to the list")
def _null(place: Place) -> str:
    with sending(place) as sender:
        reply = Reply(200, b"null", "application/json")
        sender.host._ListSubmissions = lambda _: reply
        return str(sender.sent(sender.folder("one")))


def _left(folder: Path) -> list[str]:
    return sorted(str(one.relative_to(folder)) for one in folder.rglob("*") if one.is_file())


@case("7.1", "a killed `check` leaves a temporary file, for the next command")
def _killed_check(place: Place) -> str:
    place.write()
    text = (
        "import os, sys\nfrom podium.workspace import atomic\nfrom pathlib import Path\n"
        "with atomic.replacing(Path(sys.argv[1])) as file:\n"
        "    file.write_text('half'); print(file); sys.stdout.flush(); os._exit(9)\n"
    )
    left = Path(place.python(text, place.root / "folds.csv"))
    place.podium("check", "--no-adversarial")
    return f"{'it is there for ever' if left.exists() else 'the next command removed it'}"


@case("7.2", "SIGTERM during a training")
def _terminated(place: Place) -> str:
    place.write(epochs=4000)
    process = place.begin("train", "base")
    time.sleep(15)
    process.send_signal(signal.SIGTERM)
    text = process.communicate(timeout=60)[0]
    told = [one for one in text.splitlines() if "SIGTERM" in one]
    return f"exit {process.returncode}: {told[0] if told else 'no word'}"


@case("7.3", "SIGKILL during a training: holders of locks")
def _killed_train(place: Place) -> str:
    place.write(epochs=4000)
    process = place.begin("train", "base")
    time.sleep(15)
    process.kill()
    process.communicate()
    holders = [one for one in _left(place.root) if "holder" in one]
    place.podium("status" if (place.source / "podium/cli/commands/status.py").exists() else "board")
    after = [one for one in _left(place.root) if "holder" in one]
    return f"{len(holders)} files of holders after the kill, {len(after)} after the next command"


@case("7.4", "a killed `submit`: folders in TMPDIR after the next one")
def _killed_submit(place: Place) -> str:
    with sending(place) as sender:
        hold = Hold("StartSubmissionUpload", "upload", "before")
        sender.host.hold = hold
        folder = sender.folder("one")
        process = sender.begin(folder, "tmp-1")
        assert hold.met.wait(120)
        process.kill()
        process.communicate()
        hold.release.set()
        time.sleep(2)
        sender.host.next_run()
        said = sender.sent(folder, tmp="tmp-1")
        left = sorted(one.name for one in (place.base / "tmp-1").iterdir())
        return f"exit {said.code}, left: {left or 'nothing'}"


@case("8.1", "`board` and `finals` with 5,000 submissions")
def _growth(place: Place) -> str:
    with sending(place) as sender:
        folder = sender.folder("one")
        said = sender.sent(folder)
        assert said.code == 0, said.text
    (first,) = (folder / "submissions").glob("*/receipt.json")
    receipt = json.loads(first.read_text())
    for number in range(5000):
        name = f"{number:08x}"
        made = first.parent.parent / name
        made.mkdir()
        own = {"id": name, "ref": 1000 + number, "description_id": name, "sha256": f"{number:064x}"}
        kept = {key: value for key, value in own.items() if key in receipt}
        (made / "receipt.json").write_text(json.dumps({**receipt, **kept}))
    words = []
    for command in ("board", "finals"):
        text = (
            "import resource, sys, subprocess\n"
            "done = subprocess.run([sys.executable, '-c', sys.argv[1], *sys.argv[2:]], "
            "capture_output=True)\n"
            "peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024\n"
            "print(done.returncode, len(done.stdout) + len(done.stderr), peak)\n"
        )
        code, size, peak = place.python(
            text, MAIN, "-w", folder, command, *(["--offline"] if command == "board" else [])
        ).split()
        words.append(f"{command}: exit {code}, {int(size) // 1024} kB printed, {peak} MB of memory")
    return "; ".join(words)


@contextmanager
def _host(place: Place) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """Serve a host of podium's own while the body runs; give its process and its port."""
    rows = [f"{i:02d},{CLASSES[i % 4]},{('Public', 'Private')[i % 2]}" for i in range(8)]
    (place.root / "solution.csv").write_text("\n".join(["id,label,Usage", *rows, ""]))
    sample = ["id,label", *(f"{i:02d},a" for i in range(8)), ""]
    (place.root / "sample.csv").write_text("\n".join(sample))
    words = ("--solution", "solution.csv", "--sample", "sample.csv", "--metric", "accuracy")
    said = place.podium("host", "init", "host", *words, "--users", "ann")
    assert said.code == 0, said.text
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    process = place.begin("host", "serve", "host", "--port", port)
    try:
        until = time.monotonic() + 120
        while time.monotonic() < until:
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                break
            time.sleep(0.2)
        yield process, port
    finally:
        process.kill()
        process.communicate()


def _n_sockets(pid: int) -> int:
    found = 0
    for entry in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(OSError):
            found += str(entry.readlink()).startswith("socket:")
    return found


@case("8.2", "3,000 connections to a host, from 250 addresses")
def _flood(place: Place) -> str:
    with _host(place) as (process, port), ExitStack() as stack:
        before = _n_sockets(process.pid)
        began, most = time.monotonic(), 0
        for number in range(3000):
            at = (f"127.0.0.{1 + number % 250}", 0)
            with suppress(OSError):
                one = socket.create_connection(("127.0.0.1", port), 10, source_address=at)
                stack.enter_context(closing(one))
            if number % 50 == 0:
                most = max(most, _n_sockets(process.pid) - before)
        time.sleep(2)
        most = max(most, _n_sockets(process.pid) - before)
        return f"{most:,} open at once, after {time.monotonic() - began:.0f} s"


def main() -> None:
    """Run the cases that the command line names."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--source", type=Path, default=ROOT)
    parser.add_argument("--only", default="", help="numbers, or how they begin: 1,5.2")
    options = parser.parse_args()
    wanted = [one for one in options.only.split(",") if one]
    with tempfile.TemporaryDirectory(prefix="silent-faults-") as kept:
        for number, (what, function) in CASES.items():
            if wanted and not any(number == one or number.startswith(f"{one}.") for one in wanted):
                continue
            with tempfile.TemporaryDirectory(prefix="silent-faults-") as folder:
                try:
                    place = Place(Path(folder), options.source.resolve(), Path(kept))
                    found = function(place)
                except Exception as error:
                    found = f"not run: {type(error).__name__}: {str(error)[-300:]}"
                print(f"{number:5} {what}\n      {found.replace(folder, '')}", flush=True)


if __name__ == "__main__":
    main()
