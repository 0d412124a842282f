"""Build podium's embedded demo competition "emoji-in-the-wild" as one zip file.

A picture shows one emoji, drawn as a 3-D model, pasted with its exact alpha on a real photograph;
the class says what kind of thing it is, the mask says where it is. Each emoji appears three times,
on three photographs, so the column `emoji` is a group: folds that ignore it leak. The test and the
unlabelled part use emoji that train does not have.

Sources, by package name (unpack them; nothing is downloaded here):
    * `--emoji`: the folder `assets` of the npm package `@lobehub/fluent-emoji-3d`, version 1.1.0.
    * `--photos`: one flat folder with the files named in `PHOTOS`, from
        - the Debian package `lomiri-wallpapers-16.04`, version 20.04.0-2: `usr/share/backgrounds/`,
        - the PyPI package `scikit-learn`, version 1.9.1: `sklearn/datasets/images/`,
        - the PyPI package `scikit-image`, version 0.26.0: `skimage/data/`.

    python examples/build_demo_data.py --emoji DIR --photos DIR --out FILE

LICENSE.md is written beside the zip. The same sources and the same versions of Pillow, its codecs
and numpy give the same bytes.
"""

from __future__ import annotations

import argparse
import csv
import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageEnhance, ImageFilter

__all__ = ["build", "main"]

SEED = 20240607
SIDE_PX = 128
JPEG_QUALITY = 85
COPIES = 3
"""Pictures of each emoji, every one on another photograph."""
SCALE = (0.60, 0.85)
"""Longer side of the pasted emoji as a share of the picture's side."""
TURN_DEG = 25.0
EMOJI_GAIN = (0.80, 1.15)
PHOTO_GAIN = (0.60, 1.20)
CROP = (0.35, 0.90)
"""Side of the background's crop as a share of the photograph's shorter side."""
BLUR_PX = (0.75, 2.5)
"""Radius of the background's blur, as of a lens focused on the emoji: harder without."""
PHOTO_SHORT_PX = 640
MIN_HASH_DISTANCE = 10
"""Two pictures closer than this many of 64 bits of the difference hash count as near-duplicates."""
MAX_TRIES = 200
PUBLIC_EMOJI = 4
"""Test emoji of each class that score on the public board; the rest are private."""
ZIP_TIME = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Photo:
    """A background and what its licence asks us to say."""

    file: str
    title: str
    author: str
    licence: str
    package: str


@dataclass(frozen=True)
class Part:
    """One part of the competition: its folder, the prefix of its ids, its emoji of each class."""

    name: str
    prefix: str
    n_emoji: int


@dataclass(frozen=True)
class Picture:
    """One finished picture with its answer."""

    part: str
    image_id: str
    label: str
    emoji: str
    usage: str
    image: Image.Image
    mask: Image.Image


PARTS = (Part("train", "tr", 25), Part("unlabelled", "un", 10), Part("test", "te", 10))

LOMIRI = "Debian lomiri-wallpapers-16.04"
SKLEARN = "PyPI scikit-learn"
SKIMAGE = "PyPI scikit-image"
BY4, BY2, CC0, PUBLIC = "CC-BY-4.0", "CC-BY-2.0", "CC0-1.0", "public domain"
PHOTOS = (
    Photo("Picture_0B_by_freespace.jpg", "Picture 0B", 'Trevor "Freespace"', BY4, LOMIRI),
    Photo("Picture_1A_by_freespace.jpg", "Picture 1A", 'Trevor "Freespace"', BY4, LOMIRI),
    Photo("Wine_by_Jakkub_Mede.jpg", "Wine", "Jakub Mede", BY4, LOMIRI),
    Photo("aitzgorri_by_Aitzol_Berasategi.jpg", "aitzgorri", "Aitzol Berasategi", BY4, LOMIRI),
    Photo("friends_by_Aitzol_Berasategi.jpg", "friends", "Aitzol Berasategi", BY4, LOMIRI),
    Photo("life_by_Aitzol_Berasategi.jpg", "life", "Aitzol Berasategi", BY4, LOMIRI),
    Photo(
        "picosdeeuropa_by_Aitzol_Berasategi.jpg", "picosdeeuropa", "Aitzol Berasategi", BY4, LOMIRI
    ),
    Photo("sunset_by_Aitzol_Berasategi.jpg", "sunset", "Aitzol Berasategi", BY4, LOMIRI),
    Photo("seeding_by_Clements_Engelhardt.jpg", "seeding", "Clemens Engelhardt", CC0, LOMIRI),
    Photo("china.jpg", "China", "danielbuechele", BY2, SKLEARN),
    Photo("flower.jpg", "Flower", "vultilion (by its page), danielbuechele", BY2, SKLEARN),
    Photo("coffee.png", "Coffee", "Rachel Michetti", CC0, SKIMAGE),
    Photo("chelsea.png", "Chelsea", "Stefan van der Walt", CC0, SKIMAGE),
    Photo("rocket.jpg", "Rocket", "SpaceX", PUBLIC, SKIMAGE),
    Photo("hubble_deep_field.jpg", "Hubble eXtreme Deep Field", "NASA", PUBLIC, SKIMAGE),
    Photo("brick.png", "Bricks25", "CC0Textures", CC0, SKIMAGE),
    Photo("gravel.png", "Gravel04", "CC0Textures", CC0, SKIMAGE),
)

CLASSES = {
    "animal": """1f400 1f402 1f403 1f405 1f406 1f407 1f408 1f40a 1f40b 1f40c 1f40d 1f40e 1f40f 1f410
        1f411 1f412 1f413 1f415 1f416 1f417 1f418 1f419 1f41b 1f41c 1f41d 1f41e 1f41f 1f420
        1f422 1f424 1f426 1f427 1f428 1f429 1f42a 1f42c 1f43a 1f43b 1f980 1f982 1f983 1f985
        1f986 1f987 1f988""",
    "face": """1f600 1f601 1f602 1f604 1f605 1f606 1f607 1f609 1f60a 1f60b 1f60d 1f60e 1f60f 1f610
        1f614 1f616 1f618 1f61b 1f61c 1f620 1f621 1f622 1f624 1f626 1f628 1f62d 1f62e 1f630
        1f631 1f632 1f634 1f637 1f641 1f644 1f910 1f912 1f913 1f914 1f915 1f920 1f922 1f923
        1f92f 1f973 1f976""",
    "food": """1f32d 1f32e 1f354 1f355 1f356 1f357 1f359 1f35b 1f35d 1f35e 1f35f 1f361 1f362 1f363
        1f364 1f366 1f367 1f369 1f36a 1f36b 1f36c 1f36d 1f36e 1f36f 1f370 1f371 1f372 1f373
        1f377 1f379 1f37a 1f382 1f950 1f953 1f956 1f957 1f95a 1f95e 1f95f 1f964 1f968 1f96a
        1f9c0 1f9c1 1f9c7""",
    "person": """1f466 1f467 1f468 1f469 1f46e 1f470 1f471 1f472 1f473 1f474 1f475 1f476 1f477 1f478
        1f47c 1f481 1f482 1f483 1f486 1f487 1f575 1f57a 1f645 1f646 1f647 1f64b 1f64d 1f64e
        1f6b6 1f385 1f934 1f935 1f936 1f937 1f977 1f9b8 1f9b9 1f9cd 1f9d2 1f9d4 1f9d5 1f9d8
        1f9d9 1f9dc 1f9df""",
    "place": """1f301 1f303 1f304 1f305 1f306 1f309 1f30b 1f3a0 1f3a1 1f3a2 1f3aa 1f3d4 1f3d5 1f3d6
        1f3d7 1f3d8 1f3d9 1f3da 1f3db 1f3dc 1f3dd 1f3de 1f3df 1f3e0 1f3e1 1f3e2 1f3e4 1f3e5
        1f3e6 1f3e8 1f3eb 1f3ed 1f3ef 1f3f0 1f492 1f54b 1f54c 1f54d 1f5fb 1f5fc 1f6d5 1f6d6 26e9
        26ea 26f2""",
    "plant": """1f331 1f332 1f333 1f334 1f335 1f337 1f338 1f339 1f33a 1f33b 1f33c 1f33d 1f33e 1f33f
        1f340 1f341 1f342 1f343 1f330 1f336 1f345 1f346 1f347 1f349 1f34a 1f34b 1f34c 1f34d
        1f34e 1f350 1f351 1f352 1f353 1f490 1f940 1f951 1f952 1f955 1f95d 1f966 1f96c 1f9c5
        1fab4 1fab7 1fad0""",
    "tool": """1f321 1f489 1f4cc 1f4ce 1f4cf 1f4d0 1f50c 1f50d 1f511 1f526 1f527 1f528 1f529 1f52a
        1f52c 1f52d 1f58a 1f58c 1f5dc 1f5dd 1f6e0 1f9ea 1f9ed 1f9ef 1f9f0 1f9f2 1f9f7 1f9f9
        1fa7a 1fa92 1fa93 1fa9a 1fa9b 1fa9c 1fa9d 1faa0 1faa1 1faa3 1faa5 2692 2696 2699 26cf
        2702 270f""",
    "vehicle": """1f680 1f681 1f682 1f683 1f684 1f685 1f686 1f688 1f68a 1f68c 1f68d 1f68e 1f690
        1f691 1f692 1f693 1f694 1f695 1f697 1f699 1f69a 1f69b 1f69c 1f69d 1f69e 1f69f 1f6a1 1f6a2
        1f6a4 1f6b2 1f6e5 1f6e9 1f6f0 1f6f3 1f6f4 1f6f5 1f6f6 1f6f8 1f6fa 1f6fb 1f3cd 1f3ce 26f4
        26f5 2708""",
}
"""Code points of each class, 45 of them: no skin tones, flags, digits or letters."""

PALETTE = (
    *(0, 0, 0, 230, 25, 75, 245, 130, 48, 60, 180, 75, 0, 130, 200),
    *(145, 30, 180, 240, 50, 230, 128, 128, 0, 70, 240, 240),
)
"""Colours of the masks: background, then the classes in the order of `CLASSES`."""


def build(emoji_dir: Path, photo_dir: Path) -> dict[str, bytes]:
    """Return the content of the zip: path inside it -> bytes, in a fixed order.

    Raises:
        FileNotFoundError: an emoji or a photograph is not in its folder.
        RuntimeError: no picture far enough from all others was found in `MAX_TRIES` draws.
    """
    rng = np.random.default_rng(SEED)
    photos = [_load_photo(photo_dir / photo.file) for photo in PHOTOS]
    pictures = _draw_all(emoji_dir, photos, rng)
    return dict(_files(pictures, rng))


def _draw_all(
    emoji_dir: Path, photos: Sequence[Image.Image], rng: np.random.Generator
) -> list[Picture]:
    """Return all pictures, each at least `MIN_HASH_DISTANCE` from every other one."""
    hashes: list[NDArray[np.bool_]] = []
    used_ids: set[str] = set()
    pictures = []
    for part, label, code, usage in _plan(rng):
        emoji = _load_emoji(emoji_dir, code)
        class_index = list(CLASSES).index(label) + 1
        for photo_index in rng.choice(len(photos), size=COPIES, replace=False):
            image, mask = _draw_new(emoji, photos[photo_index], class_index, hashes, rng)
            image_id = _opaque_id(part.prefix, used_ids, rng)
            pictures.append(Picture(part.name, image_id, label, f"u{code}", usage, image, mask))
    return pictures


def _plan(rng: np.random.Generator) -> Iterator[tuple[Part, str, str, str]]:
    """Yield part, class, code point and usage of every emoji; no emoji is in two parts."""
    for label, text in CLASSES.items():
        codes = list(rng.permutation(text.split()))
        for part in PARTS:
            for rank in range(part.n_emoji):
                usage = "Public" if rank < PUBLIC_EMOJI else "Private"
                yield part, label, str(codes.pop()), usage


def _opaque_id(prefix: str, used: set[str], rng: np.random.Generator) -> str:
    """Return an id that was not used yet and says nothing but the part, such as "tr_00a3f1"."""
    while True:
        image_id = f"{prefix}_{rng.integers(1 << 24):06x}"
        if image_id not in used:
            used.add(image_id)
            return image_id


def _load_photo(path: Path) -> Image.Image:
    """Return the photograph in RGB with a shorter side of at most `PHOTO_SHORT_PX`."""
    with Image.open(path) as opened:
        image = opened.convert("RGB")
    ratio = PHOTO_SHORT_PX / min(image.size)
    if ratio >= 1:
        return image
    width, height = (round(side * ratio) for side in image.size)
    return image.resize((width, height), Image.Resampling.LANCZOS)


def _load_emoji(folder: Path, code: str) -> Image.Image:
    """Return the emoji in RGBA; some file names carry the variation selector FE0F."""
    path = folder / f"{code}.webp"
    if not path.exists():
        path = folder / f"{code}-fe0f.webp"
    with Image.open(path) as opened:
        return opened.convert("RGBA")


def _draw_new(
    emoji: Image.Image,
    photo: Image.Image,
    class_index: int,
    hashes: list[NDArray[np.bool_]],
    rng: np.random.Generator,
) -> tuple[Image.Image, Image.Image]:
    """Return a picture unlike all before, and its mask; add its hash to `hashes`."""
    for _ in range(MAX_TRIES):
        image, mask = _compose(_pose(emoji, rng), _crop(photo, rng), class_index, rng)
        new = _difference_hash(image)
        if all(int((new ^ old).sum()) >= MIN_HASH_DISTANCE for old in hashes):
            hashes.append(new)
            return image, mask
    raise RuntimeError(f"no new picture in {MAX_TRIES} draws; lower MIN_HASH_DISTANCE")


def _pose(emoji: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Return the emoji flipped, turned, lit and scaled, cut to what is not transparent."""
    if rng.random() < 0.5:
        emoji = emoji.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    angle = float(rng.uniform(-TURN_DEG, TURN_DEG))
    emoji = emoji.rotate(angle, resample=Image.Resampling.BICUBIC, expand=True)
    emoji = emoji.crop(emoji.getchannel("A").getbbox())
    ratio = float(rng.uniform(*SCALE)) * SIDE_PX / max(emoji.size)
    width, height = (max(1, round(side * ratio)) for side in emoji.size)
    emoji = emoji.resize((width, height), Image.Resampling.LANCZOS)
    alpha = emoji.getchannel("A")
    lit = ImageEnhance.Brightness(emoji.convert("RGB")).enhance(float(rng.uniform(*EMOJI_GAIN)))
    lit.putalpha(alpha)
    return lit


def _crop(photo: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Return a square of the photograph, `SIDE_PX` wide, out of focus, in another light."""
    side = max(SIDE_PX, round(float(rng.uniform(*CROP)) * min(photo.size)))
    left, top = (int(rng.integers(length - side + 1)) for length in photo.size)
    crop = photo.crop((left, top, left + side, top + side))
    crop = crop.resize((SIDE_PX, SIDE_PX), Image.Resampling.LANCZOS)
    if rng.random() < 0.5:
        crop = crop.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    crop = crop.filter(ImageFilter.GaussianBlur(float(rng.uniform(*BLUR_PX))))
    return ImageEnhance.Brightness(crop).enhance(float(rng.uniform(*PHOTO_GAIN)))


def _compose(
    emoji: Image.Image, background: Image.Image, class_index: int, rng: np.random.Generator
) -> tuple[Image.Image, Image.Image]:
    """Return the picture and its mask: `class_index` where the emoji has half a pixel or more."""
    corner = tuple(int(rng.integers(SIDE_PX - length + 1)) for length in emoji.size)
    layer = Image.new("RGBA", background.size)
    layer.paste(emoji, (corner[0], corner[1]))
    picture = Image.alpha_composite(background.convert("RGBA"), layer).convert("RGB")
    covered = np.asarray(layer.getchannel("A")) >= 128  # (H, W)
    mask = Image.fromarray(covered.astype(np.uint8) * np.uint8(class_index))
    mask.putpalette(PALETTE)
    return picture, mask


def _difference_hash(image: Image.Image) -> NDArray[np.bool_]:
    """Return 64 bits: is a pixel of the 9 by 8 grey thumbnail brighter than its left neighbour?"""
    thumbnail = image.convert("L").resize((9, 8), Image.Resampling.LANCZOS)
    return (np.diff(np.asarray(thumbnail, dtype=np.int16), axis=1) > 0).ravel()


def _files(pictures: Sequence[Picture], rng: np.random.Generator) -> Iterator[tuple[str, bytes]]:
    """Yield path and bytes of every file of the competition."""
    train, test = (_shuffled(pictures, part, rng) for part in ("train", "test"))
    yield (
        "data/train.csv",
        _table(["image_id", "class", "emoji"], ((p.image_id, p.label, p.emoji) for p in train)),
    )
    yield (
        "data/sample_submission.csv",
        # One row for each picture and class, and nothing in any of them.
        _table(["id", "rle"], ((f"{p.image_id}_{name}", "") for p in test for name in CLASSES)),
    )
    yield (
        "host/solution.csv",
        _table(["image_id", "class", "Usage"], ((p.image_id, p.label, p.usage) for p in test)),
    )
    for picture in sorted(pictures, key=lambda p: p.image_id):
        yield f"data/{picture.part}/{picture.image_id}.jpg", _jpeg(picture.image)
        if picture.part == "train":
            yield f"data/masks/{picture.image_id}.png", _png(picture.mask)
        elif picture.part == "test":
            yield f"host/masks/{picture.image_id}.png", _png(picture.mask)


def _shuffled(pictures: Sequence[Picture], part: str, rng: np.random.Generator) -> list[Picture]:
    """Return the pictures of one part in a random order, so that a row's place tells nothing."""
    chosen = [picture for picture in pictures if picture.part == part]
    return [chosen[index] for index in rng.permutation(len(chosen))]


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """Return a CSV table with Unix line ends."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue().encode()


def _jpeg(image: Image.Image) -> bytes:
    """Return the image as a JPEG file."""
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=JPEG_QUALITY, optimize=True)
    return buffer.getvalue()


def _png(mask: Image.Image) -> bytes:
    """Return the mask as an indexed PNG file of four bits a pixel."""
    buffer = io.BytesIO()
    mask.save(buffer, "PNG", optimize=True, bits=4)
    return buffer.getvalue()


def write_zip(files: dict[str, bytes], out: Path) -> None:
    """Write `files` as an uncompressed zip whose bytes depend on nothing else."""
    out.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name, content in files.items():
            info = zipfile.ZipInfo(name, date_time=ZIP_TIME)
            info.create_system = 3
            info.external_attr = 0o644 << 16
            archive.writestr(info, content)


LICENCE_TEXT = """\
# Licences of the demo data

`emoji.zip` holds pictures made by `examples/build_demo_data.py`: emoji pasted on crops of
photographs. Both were changed: scaled, turned, mirrored, brightened or darkened, cropped, and
stored as JPEG. Each source keeps its own licence; podium's own licence (Apache-2.0) covers the
code, not these pictures. No author endorses podium.

## Emoji

Fluent Emoji (3D), from the npm package `@lobehub/fluent-emoji-3d` 1.1.0 by LobeHub, which packs
the emoji of Microsoft. MIT licence:

> Copyright (c) Microsoft Corporation.
> Copyright (c) 2023 LobeHub
>
> Permission is hereby granted, free of charge, to any person obtaining a copy of this software
> and associated documentation files (the "Software"), to deal in the Software without
> restriction, including without limitation the rights to use, copy, modify, merge, publish,
> distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the
> Software is furnished to do so, subject to the following conditions:
>
> The above copyright notice and this permission notice shall be included in all copies or
> substantial portions of the Software.
>
> THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING
> BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND
> NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM,
> DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
> OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.

## Photographs

Texts of the licences: CC-BY-4.0 <https://creativecommons.org/licenses/by/4.0/>, CC-BY-2.0
<https://creativecommons.org/licenses/by/2.0/>, CC0-1.0
<https://creativecommons.org/publicdomain/zero/1.0/>.

| title | author | licence | package | file |
| --- | --- | --- | --- | --- |
"""


def licence_page() -> str:
    """Return the Markdown page that names licence and author of each source."""
    rows = (f"| {p.title} | {p.author} | {p.licence} | {p.package} | `{p.file}` |" for p in PHOTOS)
    return LICENCE_TEXT + "\n".join(rows) + "\n"


def main(argv: Sequence[str] | None = None) -> None:
    """Build the zip and the page of licences from the command line."""
    parser = argparse.ArgumentParser(description="Build the demo competition emoji-in-the-wild.")
    parser.add_argument("--emoji", type=Path, required=True, help="folder of <code point>.webp")
    parser.add_argument("--photos", type=Path, required=True, help="folder of the photographs")
    parser.add_argument("--out", type=Path, required=True, help="zip file to write")
    arguments = parser.parse_args(argv)
    files = build(arguments.emoji, arguments.photos)
    write_zip(files, arguments.out)
    (arguments.out.parent / "LICENSE.md").write_text(licence_page(), encoding="utf-8")
    print(f"{arguments.out}: {len(files):,} files, {arguments.out.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
