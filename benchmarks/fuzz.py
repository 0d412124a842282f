"""Mutated inputs of every kind, each read in a process with limits, and held against an oracle.

    python benchmarks/fuzz.py                             20,000 cases over all kinds
    python benchmarks/fuzz.py -n 500 --kinds tables,masks --seed 3
    python benchmarks/fuzz.py --kinds tables --case 1234  one case again, with what it wrote

    yaml         competition.yaml and recipes; PyYAML: what it refuses is refused, what means the
                 same is accepted
    tables       CSV and TSV, plain and compressed; Python's own csv, gzip and zipfile
    submissions  files of labels and of masks in 16 formats; the reader that the tests have by hand
    masks        runs, COCO's counts, and those deflated; a brute-force decoder, pycocotools
    images       PNG, JPEG, WebP, BMP, GIF, TIFF, npy, npz, DICOM; Pillow, numpy
    archives     ZIP files of a download; zipfile, and what lies outside the folder
    predictions  a stored prediction set; npz and npy from elsewhere; numpy
    host         calls to a host on loopback; no answer of 500, no traceback, bounded memory

A case is a function of (seed, kind, number). Counted are: accepted; refused, with a message that
says what to do; wrong, where the oracle disagrees; unexpected, an exception that podium does not
raise on purpose; hung, after ten
seconds of its CPU; memory, above 2 GiB more than the process began with; and
died, where the process ended. The exit code is 1 where one of the last five is not 0.
"""

from __future__ import annotations

import argparse
import csv
import dataclasses
import gzip
import io
import json
import os
import re
import resource
import shutil
import signal
import sys
import tempfile
import time
import traceback
import warnings
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ["OMP_NUM_THREADS"] = "1"
ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import numpy as np  # noqa: E402 — after the number of threads
import yaml  # noqa: E402
from PIL import Image  # noqa: E402
from pycocotools import mask as pycocotools  # noqa: E402

from podium.codecs import coco, coco64, rle  # noqa: E402
from podium.competition.images import read_bands  # noqa: E402
from podium.competition.readers import Reader  # noqa: E402
from podium.competition.spec import load_competition  # noqa: E402
from podium.competition.tables import read_table  # noqa: E402
from podium.errors import PodiumError  # noqa: E402
from podium.predictions import PredictionSet, write_fold  # noqa: E402
from podium.predictions.imports.arrays import read_label_array  # noqa: E402
from podium.predictions.store.writing import begin_set  # noqa: E402
from podium.submissions import download  # noqa: E402
from podium.submissions.format.answers import read_answers  # noqa: E402
from podium.submissions.format.cells import ExpectedRows  # noqa: E402
from podium.submissions.format.checking import check_expected  # noqa: E402
from podium.submissions.format.expected import expected_of_ids  # noqa: E402
from podium.submissions.format.mask_sizes import MaskSizes  # noqa: E402
from podium.training.recipe import load_recipe  # noqa: E402
from podium.workspace.progress import SILENT  # noqa: E402
from tests.competition.readers import test_fuzzed as image_files  # noqa: E402
from tests.plain_runs import drawn  # noqa: E402
from tests.predictions.imports.test_readers import MANY  # noqa: E402
from tests.submissions import test_label_mutations as label_files  # noqa: E402
from tests.submissions import test_mutations as mask_files  # noqa: E402
from tests.submissions.mutating import mutated as mutated_text  # noqa: E402
from tests.submissions.plain_reading import RefusedError  # noqa: E402

HUNG_S = 10
MEMORY = 2 << 30
BATCH = 250
Rng = np.random.Generator
Case = Callable[[Rng, Path], str]


class WrongError(Exception):
    """The oracle disagrees."""


# -- YAML ---------------------------------------------------------------------------------------

SPEC = """\
name: colours
tasks: {classify: multiclass}
classes: [red, green, blue]
data:
  train: {table: train.csv, id: id, images: 'train/{id}.png', label: label}
  unlabelled: {images: 'unlabelled/*.png'}
  test: {images: 'test/*.png'}
folds: {scheme: stratified, n: 5, seed: 1}
metric: {name: accuracy}
submission: {columns: {id: id, label: value}, value: name}
kaggle: {slug: colours, daily_limit: 5, finals: 2}
"""
RECIPE = """\
seed: 0
model: {backbone: cnn, pretrained: false, options: {widths: [4, 8]}, heads: {classify: {pool: avg}}}
input: {size: 32, train: weak, fit: centre_crop}
optimizer: {name: adamw, lr: 1e-3, weight_decay: 1e-4, schedule: cosine}
batch_size: 16
mix: {mixup: 0.2}
phases:
  - {name: head, epochs: 2, freeze: [backbone], loss: {classify: {ce: 1}}}
  - {name: whole, epochs: 3, method: {name: fixmatch, ratio: 2, threshold: 0.9}}
unlabelled: [unlabelled]
predict: {tta: [hflip, vflip]}
"""
ODD_VALUES = (
    "null", "~", ".nan", ".inf", "-1", "0", "1e400", "99999999999999999999", "''", "' '", "[]",
    "{}", "[[[[]]]]", "true", "2024-01-01", "!!python/object/apply:os.system ['true']", "&a [*a]",
    "'\\u0000'", '"\\0"', "../../etc/passwd", "a:b", "my_net:build", "{a: 1, a: 2}",
    "!!binary aGk=", "0x10", "0o7", "1_000", "<<", "*missing", "'\U0001f600'", "[1, 2", "'{id}'",
    "'{'", "'{0}'",
)  # fmt: skip
_SCALAR = re.compile(r"(?<=: )[^\s{}\[\],][^{}\[\],\n]*|\d+(\.\d+)?")


def odd_yaml(text: str, rng: Rng) -> bytes:
    """Return a YAML text with one to three accidents."""
    for _ in range(int(rng.integers(1, 4))):
        lines = text.split("\n")
        at = int(rng.integers(len(lines)))
        match int(rng.integers(9)):
            case 0 | 1:
                spots = list(_SCALAR.finditer(text))
                if spots:
                    spot = spots[int(rng.integers(len(spots)))]
                    value = ODD_VALUES[int(rng.integers(len(ODD_VALUES)))]
                    text = text[: spot.start()] + value + text[spot.end() :]
            case 2:
                text = mutated_text(text, rng).decode("utf-8", errors="replace")
            case 3:
                text = "\n".join([*lines[:at], lines[at], *lines[at:]])
            case 4:
                text = "\n".join(lines[:at] + lines[at + 1 :])
            case 5:
                depth = int(rng.choice([5, 50, 300]))
                text += f"extra: {'[' * depth}{']' * depth}\n"
            case 6:
                text += "".join(
                    f"x{k}: &x{k} [{', '.join([f'*x{k - 1}' if k else 'lol'] * 9)}]\n"
                    for k in range(9)
                )
            case 7:
                text = text.replace(": ", ":  ", 1) + "# a comment\n"  # means the same
            case _:
                text = f"\ufeff{text}" if rng.random() < 0.5 else text.replace("\n", "\r\n")
    return text.encode("utf-8", errors="replace")


def case_yaml(rng: Rng, folder: Path) -> str:
    """Read a changed competition.yaml, or a changed recipe."""
    is_spec = rng.random() < 0.5
    original = SPEC if is_spec else RECIPE
    path = folder / ("competition.yaml" if is_spec else "tiny.yaml")
    content = odd_yaml(original, rng)
    path.write_bytes(content)
    error: PodiumError | None = None
    try:
        _ = load_competition(path) if is_spec else load_recipe(path)
    except PodiumError as refusal:
        error = refusal
    meaning = plain_yaml(content)
    if meaning is None and error is None:
        raise WrongError("PyYAML refuses what was accepted")
    said_twice = error is not None and "stands twice" in str(error)  # PyYAML takes the last
    if meaning == yaml.safe_load(original) and error is not None and not said_twice:
        raise WrongError(f"it means what it meant, and was refused: {error}")
    return told(error)


def plain_yaml(content: bytes) -> Any:
    """Return what PyYAML reads; None where it refuses, and a mark where it would take too long."""
    if content.count(b"*x") > 20 or b"[" * 100 in content:
        return "too much to unfold"
    try:
        return yaml.safe_load(content)
    except yaml.constructor.ConstructorError as error:
        return None if "python/" in str(error) else "another reading of << or of a type"
    except (yaml.YAMLError, UnicodeDecodeError, ValueError, RecursionError, TypeError):
        return None


# -- tables -------------------------------------------------------------------------------------


def case_tables(rng: Rng, folder: Path) -> str:
    """Read a changed table, perhaps compressed."""
    suffix = (".csv", ".tsv", ".csv.gz", ".csv.zip", ".tsv.gz")[int(rng.integers(5))]
    separator = "\t" if ".tsv" in suffix else ","
    words = ("000123", "NA", "None", "é 1", "1.0", "", " b ", '"x, y"', "-", "1e5")
    rows = [
        separator.join(words[int(k)] for k in rng.integers(len(words), size=3))
        for _ in range(int(rng.integers(0, 6)))
    ]
    content = "\n".join([separator.join(("id", "label", "group")), *rows, ""]).encode()
    if rng.random() < 0.7:
        content = mutated_text(content.decode(), rng)
    packed = pack(content, suffix, rng)
    if rng.random() < 0.4 and packed:
        packed = image_files.mutated(packed, rng)
    path = folder / f"train{suffix}"
    path.write_bytes(packed)
    error = frame = None
    try:
        frame = read_table(path)
    except PodiumError as refusal:
        error = refusal
    expected = plain_table(packed, suffix)
    if frame is not None and expected is None:
        raise WrongError("the plain reader refuses what was accepted")
    if frame is not None and expected is not None:
        found = [list(frame.columns), *frame.to_numpy().tolist()]
        if expected != "unsure" and found != expected:
            raise WrongError(f"{found} instead of {expected}")
    return told(error)


def pack(content: bytes, suffix: str, rng: Rng) -> bytes:
    """Return a table as its suffix says, now and then as it should not be."""
    if suffix.endswith(".gz"):
        return gzip.compress(content) * (2 if rng.random() < 0.05 else 1)
    if not suffix.endswith(".zip"):
        return content
    buffer = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        warnings.simplefilter("ignore")
        for name in ("train.csv", "b.csv")[: int(rng.choice([1, 1, 1, 1, 2, 0]))]:
            archive.writestr(name, content)
    return buffer.getvalue()


def plain_table(packed: bytes, suffix: str) -> list[list[str]] | str | None:
    """Return header and rows by Python's own modules, None: refused, "unsure": readers differ."""
    try:
        if suffix.endswith(".gz"):
            packed = gzip.decompress(packed)
        elif suffix.endswith(".zip"):
            with zipfile.ZipFile(io.BytesIO(packed)) as archive:
                [name] = archive.namelist()
                packed = archive.read(name)
        text = packed.decode("utf-8-sig")
    except (OSError, EOFError, ValueError, RuntimeError, zlib.error, zipfile.BadZipFile):
        return None
    except (NotImplementedError, MemoryError, OverflowError):
        return None
    if any(sign in text for sign in '"\r\0\ufeff'):
        return "unsure"  # what a quote inside a cell means differs from reader to reader
    separator = "\t" if ".tsv" in suffix else ","
    lines = [line for line in text.split("\n") if line.strip(" \t") or separator in line]
    rows = [[cell.strip() for cell in row] for row in csv.reader(lines, delimiter=separator)]
    if not rows:
        return None
    return [[*row, *[""] * (len(rows[0]) - len(row))] for row in rows]


# -- submissions --------------------------------------------------------------------------------


def case_submissions(rng: Rng, folder: Path) -> str:
    """Check and read a changed submission."""
    of_masks = rng.random() < 0.4
    files: Any = mask_files if of_masks else label_files
    names = list(files.FORMS)
    form = files.FORMS[names[int(rng.integers(len(names)))]]
    text = files.text_of(form, rng)[0] if of_masks else files.text_of(form, rng)
    content = mutated_text(text, rng) if of_masks else mutated_text(text, rng, files.CELLS)
    path = folder / "submission.csv"
    path.write_bytes(content)
    sizes = MaskSizes(dict.fromkeys(files.IDS, mask_files.SIZE)) if of_masks else None
    keys = list(form.keys(files.IDS))
    rows = ExpectedRows(form, keys, sizes) if of_masks else ExpectedRows(form, keys)
    errors = [one for one in check_expected(path, rows) if one.level == "error"]
    meant: Any = None
    try:
        if of_masks:
            meant = mask_files.masks_by_hand(content, form)
            if meant.keys() != set(mask_files.names_of(form)):
                meant = None
        else:
            meant = label_files.answers_by_hand(content, form)
    except RefusedError:
        meant = None
    except ValueError:
        return "refused" if errors else "accepted"  # the plain reader has no answer
    if bool(errors) != (meant is None):
        raise WrongError(f"{errors[:1] or 'accepted'}, by hand {meant is not None}: {content!r}")
    if errors:
        return "refused"
    if not of_masks:
        found = read_answers(path, expected_of_ids(form, files.IDS))
        same = np.array_equal(
            np.asarray(found, dtype=float).reshape(len(files.IDS), -1),
            np.asarray(meant, dtype=float).reshape(len(files.IDS), -1),
            equal_nan=True,
        )
        if not same:
            raise WrongError(f"{found} instead of {meant}: {content!r}")
    return "accepted"


# -- masks --------------------------------------------------------------------------------------


def case_masks(rng: Rng, folder: Path) -> str:
    """Decode the changed text of a mask."""
    shape = (int(rng.integers(1, 9)), int(rng.integers(1, 9)))
    mask = rng.random(shape) < rng.random()
    which = int(rng.integers(3))
    options: dict[str, Any] = {
        "order": ("F", "C")[int(rng.integers(2))],
        "base": int(rng.integers(2)),
        "relative": bool(rng.integers(2)),
    }
    coder = (coco, coco64)[which - 1]
    text = rle.encode(mask, **options) if which == 0 else coder.encode(mask)
    is_changed = rng.random() < 0.8
    if is_changed and text:
        text = mutated_text(text, rng).decode("utf-8", errors="replace")
    if is_changed and rng.random() < 0.02:
        text = f"{1 << 62} {1 << 62}" if which == 0 else text * 1000
    error = found = None
    try:
        found = rle.decode(text, shape, **options) if which == 0 else coder.decode(text, shape)
    except PodiumError as refusal:
        error = refusal
    try:
        expected = plain_mask(which, text, shape, options)
    except UnsureError:
        return told(error)
    is_long = error is not None and "as short as it can be" in error.message
    if (found is None) != (expected is None) and not is_long:
        raise WrongError(f"{text!r} of {shape} {options if which == 0 else which}: {error}")
    if found is not None and not np.array_equal(found, expected):
        raise WrongError(f"{text!r} of {shape}: other pixels")
    if not is_changed and which == 0 and not np.array_equal(found, mask):
        raise WrongError(f"{text!r} of {shape}: not what was written")
    return told(error)


class UnsureError(Exception):
    """The oracle has no answer."""


def plain_mask(which: int, text: str, shape: tuple[int, int], options: dict[str, Any]) -> Any:
    """Return the mask by brute force, or None where the text is refused."""
    if which == 0:
        if re.search(r"[^0-9 ]", text) or re.search(r"^ | $|  ", text):
            raise UnsureError
        if any(len(word) > 18 for word in text.split()):
            return None
        try:
            return drawn(text, shape, **options)
        except (AssertionError, ValueError, IndexError):
            return None
    if which == 2:
        raise UnsureError  # its inside is which == 1
    counts = plain_counts(text)
    if counts is None or sum(counts) != shape[0] * shape[1]:
        return None
    flat = np.repeat(np.arange(len(counts)) % 2 == 1, counts)
    mask = flat.reshape(shape[::-1]).T
    theirs = pycocotools.decode({"size": list(shape), "counts": text.encode()}).astype(bool)
    if not np.array_equal(theirs, mask):
        raise UnsureError
    return mask


def plain_counts(text: str) -> list[int] | None:
    """Return COCO's counts from their letters: 5 bits each, the sixth says that more follow."""
    counts: list[int] = []
    value = shift = 0
    for letter in text:
        bits = ord(letter) - 48
        if not 0 <= bits < 64 or shift > 30:
            return None
        value |= (bits & 31) << shift
        shift += 5
        if bits & 32:
            continue
        if bits & 16:
            value -= 1 << shift
        counts.append(value + (counts[-2] if len(counts) > 2 else 0))
        if counts[-1] < (len(counts) > 1):  # podium takes a 0 at the beginning alone
            return None
        value = shift = 0
    return None if shift else counts


# -- images -------------------------------------------------------------------------------------


def case_images(rng: Rng, folder: Path) -> str:
    """Read a changed image."""
    names = list(image_files.KINDS)
    name = names[int(rng.integers(len(names)))]
    config, make = image_files.KINDS[name]
    reader, content = Reader.of(config), make()
    is_changed = rng.random() < 0.95
    if is_changed:
        content = image_files.mutated(content, rng)
    path = folder / "a"
    path.write_bytes(content)
    error = found = None
    try:
        found = read_bands(path, reader)
    except PodiumError as refusal:
        error = refusal
        if not is_changed:
            raise WrongError(f"{name}: refused as it is: {error}") from error
    if found is not None and (
        found.dtype != reader.pixels.dtype or found.shape[2] != reader.pixels.channels
    ):
        raise WrongError(f"{name}: {found.dtype} {found.shape}")
    if found is not None and name in ("png", "bmp", "webp", "gif", "tiff"):
        expected = plain_image(content)
        if expected is not None and not np.array_equal(expected, found):
            raise WrongError(f"{name}: other pixels than Pillow's")
    if found is not None and name == "npy" and not_as_numpy(found, content):
        raise WrongError("npy: other values than numpy's")
    return told(error)


def not_as_numpy(found: Any, content: bytes) -> bool:
    """Return whether numpy reads other values of the same shape."""
    theirs = np.load(io.BytesIO(content))
    return theirs.shape == found.shape and not np.array_equal(theirs, found)


def plain_image(content: bytes) -> Any:
    """Return the pixels of an RGB image as Pillow has them; None where it is something else."""
    try:
        with Image.open(io.BytesIO(content)) as image:
            if image.mode != "RGB" or image.getexif() or "transparency" in image.info:
                return None
            return np.asarray(image)
    except Exception:  # whatever Pillow raises: then podium has its own reading
        return None


# -- archives -----------------------------------------------------------------------------------

NAMES = (
    "train.csv", "train/a.png", "../out.txt", "/tmp/out.txt", "a/../../b", "C:\\x", "a\\..\\..\\b",
    "", ".", "a", "a/b", "A", "con", "x" * 300, "é.csv", "a\0b", "dir/",
)  # fmt: skip


def case_archives(rng: Rng, folder: Path) -> str:
    """Unpack a changed archive of a download."""
    buffer = io.BytesIO()
    hostile = rng.random() < 0.5
    with warnings.catch_warnings(), zipfile.ZipFile(buffer, "w") as archive:
        warnings.simplefilter("ignore")
        for number in range(int(rng.integers(0, 5))):
            name = NAMES[int(rng.integers(len(NAMES)))] if hostile else f"train/{number}.png"
            entry = zipfile.ZipInfo(name)
            if hostile and rng.random() < 0.2:
                entry.external_attr = (0o120777 if rng.random() < 0.5 else 0o010644) << 16
            how = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2)
            size = int(rng.choice([0, 10, 5000]))
            data = rng.integers(256, size=size).astype(np.uint8).tobytes()
            archive.writestr(entry, data, how[int(rng.integers(4))])
    content = buffer.getvalue()
    if rng.random() < 0.6:
        content = image_files.mutated(content, rng)
    (folder / "in").mkdir()
    target = folder / "in/target"
    target.mkdir()
    file = folder / "in/data.zip"
    file.write_bytes(content)
    outside = {path for path in folder.rglob("*") if not path.is_relative_to(target)}
    error = None
    try:
        download._unpack(file, target, SILENT)
    except PodiumError as refusal:
        error = refusal
    after = {path for path in folder.rglob("*") if not path.is_relative_to(target)}
    if after - outside:
        raise WrongError(f"written outside: {after - outside}")
    if any(path.is_symlink() for path in target.rglob("*")):
        raise WrongError("a link was made")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            whole = archive.testzip() is None
            names = archive.namelist()
            members = {name: archive.read(name) for name in names if whole}
    except Exception:  # a damaged archive raises nearly anything
        return told(error)
    kept = {name: data for name, data in members.items() if not name.endswith("/")}
    if error is None and any((target / one).read_bytes() != data for one, data in kept.items()):
        raise WrongError("a file has other bytes than in the archive")
    is_plain = all(re.fullmatch(r"train/\d\.png", name) for name in names)
    is_good = whole and is_plain and len(set(names)) == len(names) > 0
    if error is not None and is_good and "link or a device" not in error.message:
        raise WrongError(f"refused a good archive: {error}")
    return told(error)


# -- predictions --------------------------------------------------------------------------------


def case_predictions(rng: Rng, folder: Path) -> str:
    """Read a damaged prediction set, or arrays from elsewhere."""
    probs = rng.dirichlet(np.ones(3), 12).astype(np.float32)
    ids = [f"id{k:02d}" for k in range(12)]
    if rng.random() < 0.5:
        return arrays_from_elsewhere(rng, folder, probs, ids)
    (folder / "competition.yaml").touch()  # digests are kept in a workspace
    root = folder / "runs/run/predictions/set"
    begin_set(root, folds=[0], splits=["test"], tasks=["classify"])
    write_fold(root, "test", "classify", 0, ids=ids, probs=iter([probs]), model="run/0")
    paths = sorted(path for path in root.rglob("*") if path.is_file())
    path = paths[int(rng.integers(len(paths)))]
    before = path.read_bytes()
    if rng.random() < 0.1:
        path.unlink()
    elif before:
        path.write_bytes(image_files.mutated(before, rng))
    try:
        reader = PredictionSet(root).fold("test", "classify", 0)
        found_ids, found = reader.ids, reader.probs()
    except PodiumError as refusal:
        return told(refusal)
    if list(found_ids) != ids or not np.array_equal(found, probs):
        raise WrongError(f"other predictions from a damaged {path.name}, and not a word")
    return "accepted"


def arrays_from_elsewhere(rng: Rng, folder: Path, probs: Any, ids: list[str]) -> str:
    """Read changed npz and npy files of predictions."""
    buffer = io.BytesIO()
    is_npz = rng.random() < 0.6
    if is_npz:
        save: Any = np.savez_compressed if rng.random() < 0.5 else np.savez
        save(buffer, ids=np.array(ids), probs=probs)
    else:
        np.save(buffer, probs)
    content = buffer.getvalue()
    if rng.random() < 0.9:
        content = image_files.mutated(content, rng)
    path = folder / ("oof.npz" if is_npz else "oof.npy")
    path.write_bytes(content)
    names = folder / "ids.csv"
    names.write_text("id\n" + "\n".join(ids) + "\n")
    try:
        found = read_label_array(
            path,
            MANY,
            id_names=("id",),
            n_most=12,
            spool=folder,
            ids=None if is_npz else names,
        )
        rows = np.asarray(found.take(np.arange(len(found.ids)), MANY))
    except PodiumError as refusal:
        return told(refusal)
    given = np.load(io.BytesIO(content), allow_pickle=False)
    theirs = np.asarray(given["probs"] if is_npz else given, dtype=float)
    theirs /= theirs.sum(axis=-1, keepdims=True)  # as rows that sum to nearly 1 are read
    if theirs.shape != rows.shape or not np.allclose(theirs, rows, atol=1e-6, equal_nan=True):
        raise WrongError("other values than numpy's")
    return "accepted"


# -- the host -----------------------------------------------------------------------------------


def case_host(rng: Rng, folder: Path) -> str:
    """Send one request to the host that is served for all cases."""
    import http.client
    import socket
    from urllib.parse import urlsplit

    from tests.hosting.test_hostile_calls import KEYS, METHODS

    address = urlsplit(os.environ["FUZZ_HOST"])
    odd: tuple[Any, ...] = (
        None, True, 0, -1, 1 << 63, 10**400, 0.5, "", "shapes", "../solution.csv", "\ud800", [], {},
        "x" * 5000, [[[]]], {"a": {}}, "'; DROP TABLE upload", float("nan"), "solution.csv",
    )  # fmt: skip
    asked: Any = {
        str(rng.choice(KEYS)): odd[int(rng.integers(len(odd)))]
        for _ in range(int(rng.integers(0, 5)))
    }
    asked = asked if rng.random() < 0.8 else odd[int(rng.integers(len(odd)))]
    body = json.dumps(asked).encode()
    if rng.random() < 0.3 and body:
        body = image_files.mutated(body, rng)
    method = str(rng.choice(METHODS))
    path = f"/api/v1/competitions.CompetitionApiService/{method}"
    paths = (path, "/", "/../solution.csv", "/%2e%2e/solution.csv", "/" + "a" * 9000, "/upload/x")
    target = path if rng.random() < 0.8 else paths[int(rng.integers(len(paths)))]
    verb = "POST" if rng.random() < 0.85 else str(rng.choice(["GET", "PUT", "HEAD", "BREW"]))
    length = len(body) if rng.random() < 0.9 else int(rng.choice([0, -1, 1 << 40, len(body) + 5]))
    token = os.environ["FUZZ_TOKEN"] if rng.random() < 0.7 else str(rng.choice(["", "x", "é"]))
    head = (
        f"{verb} {target} HTTP/1.1\r\nHost: {address.netloc}\r\nContent-Length: {length}\r\n"
        f"Authorization: Bearer {token}\r\nConnection: close\r\n\r\n"
    ).encode()
    if rng.random() < 0.1:
        head = image_files.mutated(head, rng)
    with socket.create_connection((address.hostname or "", address.port or 0), timeout=5) as made:
        made.settimeout(2)
        try:
            made.sendall(head + body)
            if length != len(body):
                made.shutdown(socket.SHUT_WR)  # no more is coming
            answer = http.client.HTTPResponse(made, method=verb)
            answer.begin()
            content = answer.read(1 << 20)
        except (http.client.HTTPException, OSError, ValueError):
            return "refused"  # closed, or not an answer to what was no request
    if answer.status >= 500 and answer.status not in (501, 503, 505):
        raise WrongError(f"{answer.status} to {head!r} {body!r}")
    if b"Traceback" in content or b"secret row" in content:
        raise WrongError(f"it told too much: {content[:200]!r}")
    return "accepted" if answer.status < 400 else "refused"


class Served:
    """A host with a made-up class on loopback, while the cases of its kind run."""

    def __init__(self, root: Path) -> None:
        from podium.hosting import init_host
        from podium.hosting.spec import HostFolder
        from podium.hosting.users import read_users
        from tests.hosting import processes
        from tests.hosting.conftest import make_competition

        made = make_competition(root, daily_limit=1000)
        self.folder = root / "host"
        init_host(self.folder, made, root / "solution.csv", ("ann", "bob"))
        self.end, self.log_of = processes.end, processes.log_of
        self.process, url = processes.start(self.folder)
        users = read_users(HostFolder(self.folder).tokens).values()
        os.environ["FUZZ_HOST"] = url
        os.environ["FUZZ_TOKEN"] = next(one.token for one in users if one.name == "ann")
        self.memory = self._memory()

    def _memory(self) -> int:
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.findall(r"VmRSS:\s+(\d+)", status)[0])

    def stop(self) -> list[str]:
        """End it; return what is wrong with it."""
        wrong = [] if self.process.poll() is None else ["the host ended"]
        grown = self._memory() - self.memory if not wrong else 0
        if grown > 256 << 10:
            wrong.append(f"the host grew by {grown >> 10} MiB")
        if "Traceback" in self.log_of(self.folder).read_text():
            wrong.append("a traceback in the host's log")
        self.end(self.process)
        return wrong


# -- running ------------------------------------------------------------------------------------


def told(error: PodiumError | None) -> str:
    """Return whether it was accepted; a refusal must have words."""
    if error is None:
        return "accepted"
    if not error.message.strip():
        raise WrongError("a refusal without a word")
    return "refused"


KINDS: dict[str, tuple[Case, float]] = {
    "yaml": (case_yaml, 0.15),
    "tables": (case_tables, 0.2),
    "submissions": (case_submissions, 0.2),
    "masks": (case_masks, 0.15),
    "images": (case_images, 0.1),
    "archives": (case_archives, 0.1),
    "predictions": (case_predictions, 0.05),
    "host": (case_host, 0.05),
}
VERDICTS = ("accepted", "refused", "wrong", "unexpected", "hung", "memory", "died")


class HungError(BaseException):
    """The time of a case is over."""


@dataclasses.dataclass(frozen=True)
class Found:
    """What came of a case."""

    number: int
    verdict: str
    words: str = ""


def tried(kind: str, seed: int, number: int, folder: Path) -> Found:
    """Run one case in this process."""
    case, _ = KINDS[kind]
    rng = np.random.default_rng([seed, list(KINDS).index(kind), number])
    place = folder / "case"
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()

    def hung(*_: object) -> None:
        raise HungError

    before = {one: signal.signal(one, hung) for one in (signal.SIGALRM, signal.SIGPROF)}
    # Of CPU time: a machine may be busy with other things.
    signal.setitimer(signal.ITIMER_PROF, HUNG_S)
    signal.alarm(100 * HUNG_S)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return Found(number, case(rng, place))
    except WrongError as wrong:
        return Found(number, "wrong", str(wrong)[:1000])
    except HungError:
        return Found(number, "hung")
    except MemoryError:
        return Found(number, "memory", traceback.format_exc(limit=-4)[-1000:])
    except BaseException as error:
        text = f"{type(error).__name__}: {error}\n{traceback.format_exc(limit=-5)[-1000:]}"
        return Found(number, "unexpected", text)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.alarm(0)
        for one, handler in before.items():
            signal.signal(one, handler)


def run_kind(kind: str, seed: int, n: int, folder: Path) -> tuple[Counter[str], list[Found]]:
    """Run all cases of a kind, in forks of this process."""
    counts: Counter[str] = Counter()
    bad: list[Found] = []
    first = 0
    while first < n:
        last = min(first + BATCH, n)
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reader)
            work(kind, seed, range(first, last), folder, writer)
        os.close(writer)
        with os.fdopen(reader) as lines:
            answers = [Found(**json.loads(line)) for line in lines]
        os.waitpid(child, 0)
        if len(answers) < last - first:
            answers.append(Found(first + len(answers), "died"))
        for one in answers:
            counts[one.verdict] += 1
            bad += [one] if one.verdict not in ("accepted", "refused") else []
        first += len(answers)
    return counts, bad


def work(kind: str, seed: int, numbers: range, folder: Path, writer: int) -> None:
    """Run cases in a process of their own, with limits, and tell each as a line."""
    status = Path("/proc/self/statm")
    now = int(status.read_text().split()[0]) * 4096 if status.exists() else 8 << 30
    resource.setrlimit(resource.RLIMIT_AS, (now + MEMORY, now + MEMORY))
    with os.fdopen(writer, "w") as lines:
        for number in numbers:
            found = tried(kind, seed, number, folder)
            lines.write(json.dumps(dataclasses.asdict(found)) + "\n")
            lines.flush()
    os._exit(0)


def main() -> int:
    """Run the cases and print a table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("-n", type=int, default=20_000, help="cases, of all kinds together")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--kinds", default=",".join(KINDS), help="which, by commas")
    parser.add_argument("--case", type=int, help="only this one, in this process")
    parser.add_argument("--notes", type=Path, help="a file for what was found")
    args = parser.parse_args()
    kinds = args.kinds.split(",")
    if unknown := sorted(set(kinds) - set(KINDS)):
        parser.error(f"no kind {', '.join(unknown)}: there are {', '.join(KINDS)}")
    folder = Path(tempfile.mkdtemp(prefix="fuzz-")).resolve()
    failed = False
    try:
        if args.case is not None:
            print(tried(kinds[0], args.seed, args.case, folder))
            for path in sorted((folder / "case").rglob("*")):
                print(path.name, path.read_bytes()[:2000] if path.is_file() else "")
            return 0
        columns = " | ".join(VERDICTS)
        print(f"| kind | tried | {columns} | seconds |")
        print("| --- " * (len(VERDICTS) + 3) + "|")
        whole: Counter[str] = Counter()
        share = sum(KINDS[kind][1] for kind in kinds)
        for kind in kinds:
            began = time.monotonic()
            served = None
            if kind == "host":
                (folder / "class").mkdir()
                served = Served(folder / "class")
            counts, bad = run_kind(kind, args.seed, round(args.n * KINDS[kind][1] / share), folder)
            for words in served.stop() if served is not None else []:
                counts["wrong"] += 1
                bad.append(Found(-1, "wrong", words))
            whole += counts
            row = " | ".join(str(counts[one]) for one in VERDICTS)
            seconds = time.monotonic() - began
            print(f"| {kind} | {sum(counts.values())} | {row} | {seconds:.0f} |", flush=True)
            failed |= bool(bad)
            for one in bad[:20]:
                print(f"  {kind} {one.number}: {one.verdict}: {one.words[:300]}", file=sys.stderr)
            if args.notes and bad:
                with args.notes.open("a", encoding="utf-8") as stream:
                    stream.writelines(f"{kind} {one}\n" for one in bad)
        row = " | ".join(str(whole[one]) for one in VERDICTS)
        print(f"| together | {sum(whole.values())} | {row} | |")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
