"""Competitions whose answer is one mask an image, or one a class of an image."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import tifffile
from mask_miniatures import draw
from miniatures import save, write_table
from numpy.typing import NDArray
from PIL import Image
from plain_runs import runs_of

from competition_miniatures.made import Made, hex_name

__all__ = ["contrails", "hubmap_kidney", "severstal", "tgs_salt", "uw_madison"]


def tgs_salt(data: Path) -> Made:
    """Masks in a table and as PNGs of 16 bits; half of the images have none; odd sides."""
    rng = np.random.default_rng(101)
    side, rows, depths = 37, [], []
    for number in range(28):
        name = hex_name("tgs", number)
        image, [mask] = draw((side, side), [0] * (number % 2), 1, rng)
        save(data / f"train/images/{name}.png", image)
        save(data / f"train/masks/{name}.png", mask.astype(np.uint16) * 65535)
        rows.append([name, runs_of(mask)])
        depths.append([name, str(100 + number)])
    truth = {}
    for number in range(10):
        name = hex_name("tgs test", number)
        image, [truth[name]] = draw((side, side), [0] * (number % 2), 1, rng)
        save(data / f"test/images/{name}.png", image)
        depths.append([name, str(200 + number)])
    write_table(data / "train.csv", ["id", "rle_mask"], rows)
    write_table(data / "depths.csv", ["id", "z"], depths)
    write_table(data / "sample_submission.csv", ["id", "rle_mask"], [[n, "1 1"] for n in truth])
    return Made(data, truth)


def severstal(data: Path, *, given_out_later: bool = False) -> Made:
    """Four rows an image, of which most are blank; `ImageId_ClassId` names image and class.

    The data that were `given_out_later` have `ClassId` in a column of its own, and no blank rows.
    """
    rng = np.random.default_rng(102)
    size, classes, rows = (32, 128), ("1", "2", "3", "4"), []
    for number in range(28):
        name = f"{hex_name('steel', number, length=9)}.jpg"
        image, layers = draw(size, _defects(number), 4, rng)
        save(data / f"train_images/{name}", image)
        for label, mask in zip(classes, layers, strict=True):
            if not given_out_later:
                rows.append([f"{name}_{label}", runs_of(mask)])
            elif mask.any():
                rows.append([name, label, runs_of(mask)])
    truth = {}
    for number in range(8):
        name = f"{hex_name('steel test', number, length=9)}.jpg"
        image, truth[name] = draw(size, _defects(number), 4, rng)
        save(data / f"test_images/{name}", image)
    train, sample = data / "train.csv", data / "sample_submission.csv"
    if given_out_later:
        write_table(train, ["ImageId", "ClassId", "EncodedPixels"], rows)
        cells = [[name, "1 409600", label] for name in truth for label in classes]
        write_table(sample, ["ImageId", "EncodedPixels", "ClassId"], cells)
    else:
        write_table(train, ["ImageId_ClassId", "EncodedPixels"], rows)
        cells = [[f"{name}_{label}", "1 1"] for name in truth for label in classes]
        write_table(sample, ["ImageId_ClassId", "EncodedPixels"], cells)
    return Made(data, truth, classes)


def hubmap_kidney(data: Path) -> Made:
    """Large TIFFs of three forms (planes, pixels, OME), a table of runs, outlines in JSON beside.

    Kidneys of one patient are two images; only `HuBMAP-20-dataset_information.csv` says so.
    """
    rng = np.random.default_rng(103)
    rows, about = [], []
    for number in range(10):
        name = hex_name("kidney", number, length=9)
        size = (64 + 6 * (number % 4), 80 + 5 * (number % 3))
        image, [mask] = draw(size, [0, 0, 0], 1, rng)
        _save_slide(data / f"train/{name}.tiff", image, number)
        outlines = [{"type": "Feature", "geometry": {"type": "Polygon"}}]
        for ending in ("", "-anatomical-structure"):
            (data / f"train/{name}{ending}.json").write_text(json.dumps(outlines))
        rows.append([name, runs_of(mask)])
        about.append([f"{name}.tiff", str(size[1]), str(size[0]), str(63921 + number // 2)])
    truth = {}
    for number in range(4):
        name = hex_name("kidney test", number, length=9)
        size = (70 + 3 * number, 90 - 4 * number)
        image, [truth[name]] = draw(size, [0, 0, 0], 1, rng)
        _save_slide(data / f"test/{name}.tiff", image, number)
        (data / f"test/{name}-anatomical-structure.json").write_text("[]")
        about.append([f"{name}.tiff", str(size[1]), str(size[0]), str(70000 + number)])
    write_table(data / "train.csv", ["id", "encoding"], rows)
    header = ["image_file", "width_pixels", "height_pixels", "patient_number"]
    write_table(data / "HuBMAP-20-dataset_information.csv", header, about)
    write_table(data / "sample_submission.csv", ["id", "predicted"], [[n, ""] for n in truth])
    return Made(data, truth)


def contrails(data: Path) -> Made:
    """A folder a sample with a file a band `(H, W, T)`, in kelvin; masks are arrays, too.

    `validation/` is labelled like `train/`. Ids are numbers of 18 or 19 digits, more than a float
    or 32 bits hold.
    """
    rng = np.random.default_rng(104)
    truth = {}
    about: dict[str, list[dict[str, object]]] = {"train": [], "validation": []}
    for part, n in (("train", 24), ("validation", 6), ("test", 8)):
        for number in range(n):
            digits = int(hex_name(part, number, length=15), 16) % 10**18
            name = str((1 + number % 9) * 10**18 + digits)
            folder = data / part / name
            mask = _contrail((32, 32), rng) if number % 3 else np.zeros((32, 32), dtype=bool)
            _save_bands(folder, mask, rng)
            if part == "test":
                truth[name] = mask
                continue
            np.save(folder / "human_pixel_masks.npy", mask[:, :, None].astype(np.int32))
            if part == "train":
                each = np.repeat(mask[:, :, None, None], 4, axis=3).astype(np.int32)
                np.save(folder / "human_individual_masks.npy", each)
            about[part].append({"record_id": name, "row_min": 1.0, "timestamp": 1555100000.0})
    for part, content in about.items():
        (data / f"{part}_metadata.json").write_text(json.dumps(content))
    sample = [[name, "-"] for name in truth]
    write_table(data / "sample_submission.csv", ["record_id", "encoded_pixels"], sample)
    return Made(data, truth)


def uw_madison(data: Path) -> Made:
    """Slices of scans as PNGs of 16 bits, their size in their names; runs go along the rows.

    `train.csv` has three rows a slice, most of them blank. A case was scanned on several days.
    """
    rng = np.random.default_rng(105)
    classes = ("large_bowel", "small_bowel", "stomach")
    rows, truth = [], {}
    days = [("train", 2, (20, 22)), ("train", 7, (0,)), ("train", 43, (18,)), ("train", 101, (20,))]
    for part, case, of_case in [*days, ("test", 9, (14,)), ("test", 77, (20,))]:
        size = (40, 32) if case % 2 else (36, 36)
        for day in of_case:
            for number in range(1, 12 if case == 7 else 6):
                scan = f"case{case}_day{day}"
                # The first and the last slice of a scan have no organs.
                shown = [] if number in (1, 5) else [number % 3, (number + 1) % 3]
                _, layers = draw(size, shown, 3, rng)
                name = f"slice_{number:04d}_{size[1]}_{size[0]}_1.50_1.50.png"
                _save_scan(data / part / f"case{case}" / scan / "scans" / name, layers, rng)
                one = f"{scan}_slice_{number:04d}"
                if part == "test":
                    truth[one] = layers
                else:
                    cells = [runs_of(mask, order="C") for mask in layers]
                    rows += [[one, *pair] for pair in zip(classes, cells, strict=True)]
    write_table(data / "train.csv", ["id", "class", "segmentation"], rows)
    sample = [[one, label, ""] for one in truth for label in classes]
    write_table(data / "sample_submission.csv", ["id", "class", "predicted"], sample)
    return Made(data, truth, classes)


def _defects(number: int) -> list[int]:
    """Return no class for every other image, else one or two of four."""
    return [] if number % 2 else sorted({number // 2 % 4, number // 3 % 4})


def _save_slide(path: Path, image: NDArray[np.uint8], number: int) -> None:
    """Write a tiled TIFF: its colours as pixels, as planes, or as planes below two empty axes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if number % 3 == 0:
        tifffile.imwrite(path, image, photometric="rgb", tile=(32, 32))
    elif number % 3 == 1:
        planes = image.transpose(2, 0, 1)
        tifffile.imwrite(path, planes, photometric="rgb", planarconfig="separate", tile=(32, 32))
    else:
        planes = image.transpose(2, 0, 1)[None, None]
        tifffile.imwrite(path, planes, photometric="minisblack", metadata={"axes": "TZCYX"})


def _contrail(size: tuple[int, int], rng: np.random.Generator) -> NDArray[np.bool_]:
    """Return a band across the image, three to five pixels wide."""
    rows, columns = np.indices(size)
    slope, offset = rng.uniform(-0.8, 0.8), rng.uniform(0.3, 0.7) * size[0]
    return np.abs(rows - offset - slope * (columns - size[1] / 2)) < rng.uniform(1.5, 3)


def _save_bands(folder: Path, mask: NDArray[np.bool_], rng: np.random.Generator) -> None:
    """Write bands 8 to 16 of eight times; the mask is true of the fifth alone."""
    folder.mkdir(parents=True)
    for band in range(8, 17):
        kelvin = rng.normal(270, 3, (*mask.shape, 8))
        kelvin[:, :, 4] += np.where(mask, {11: 15, 14: -5, 15: -20}.get(band, 0), 0)
        np.save(folder / f"band_{band:02d}.npy", kelvin.astype(np.float32))


def _save_scan(path: Path, layers: NDArray[np.bool_], rng: np.random.Generator) -> None:
    """Write a grey picture of 16 bits that uses a part of them; an organ's grey says its class."""
    path.parent.mkdir(parents=True, exist_ok=True)
    grey = rng.integers(0, 300, layers.shape[1:])
    for number, mask in enumerate(layers):
        grey[mask] = 3000 + 5000 * number + rng.integers(0, 300, int(mask.sum()))
    Image.fromarray(grey.astype(np.uint16)).save(path)
