"""Cut-outs as masks: copies of images whose background is transparent.

train/photos/7.jpg        the photograph
train/cut_out/7.png       the same pixels, and alpha 0 where the background was

What is not wholly transparent is foreground. Each becomes a mask file in `made/masks/`.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from podium.competition.infer.conversions.masks.copies import images_by_folder, without_folders
from podium.competition.infer.conversions.masks.outlines import Outlines
from podium.competition.infer.files import DataFolder, ImageFile
from podium.competition.infer.masks.values import ClassNames
from podium.competition.infer.pictures import read_picture
from podium.competition.infer.shares import NEARLY_ALL
from podium.errors import some
from podium.workspace.progress import SILENT, Progress

__all__ = ["write_cut_outs"]

_FEWEST_IMAGES = 3
_PROBED = 8
_MOST_FOLDERS = 1_000
_ALIKE = 32.0  # mean difference of colours in what was not cut away: JPEG changes some
_MOST_PIXELS = 50_000_000
_FOREGROUND = 255


def write_cut_outs(
    folder: DataFolder, target: Path, *, progress: Progress = SILENT
) -> tuple[DataFolder, Outlines] | None:
    """Return the folder without cut-outs, and their masks written to `target`; None without any.

    Files of a folder are cut-outs where nearly all have the name and the size of an image in
    another one, are transparent in part, and have its colours elsewhere.

    Args:
        target: the folder for the masks.
        progress: of the masks.
    """
    pairs = _pairs(folder)
    if not pairs:
        return None
    stems = [image.stem for image in pairs.values()]
    if len(set(stems)) < len(stems):
        return None
    places = {path.rpartition("/")[0] for path in pairs}
    target.mkdir(parents=True, exist_ok=True)
    files: dict[str, list[Path]] = {}
    n_soft = n_pixels = 0
    with progress.bar("reading cut-outs", len(pairs)) as advance:
        for path, image in pairs.items():
            pixels = _transparent(folder.path / path)
            assert pixels is not None
            alpha = pixels[..., 3]
            n_soft += int(np.count_nonzero((alpha > 0) & (alpha < _FOREGROUND)))
            n_pixels += alpha.size
            files[image.stem] = [target / f"{image.stem}.png"]
            mask = np.where(alpha > 0, _FOREGROUND, 0).astype(np.uint8)
            Image.fromarray(mask).save(files[image.stem][0])
            advance(1)
    notes = []
    if n_soft:
        notes.append(
            f"{100 * n_soft / n_pixels:.1f} % of the pixels of cut-outs are transparent in part: "
            "they are foreground"
        )
    names = ClassNames("", named={0: "background", _FOREGROUND: "foreground"})
    outlines = Outlines(
        files, tuple(pairs), f"cut-outs in {some(sorted(places))}", names, (), tuple(notes)
    )
    return without_folders(folder, places), outlines


def _pairs(folder: DataFolder) -> dict[str, ImageFile]:
    """Return the image of each cut-out, by the path of this."""
    of_folder = images_by_folder(folder)
    if len(of_folder) > _MOST_FOLDERS:
        return {}
    see_through = {
        name
        for name, each in of_folder.items()
        if len(each) >= _FEWEST_IMAGES
        and _transparent(folder.path / next(iter(each.values())).path) is not None
    }
    found: dict[str, ImageFile] = {}
    for name in sorted(see_through):
        cut = of_folder[name]
        for other in sorted(of_folder.keys() - see_through):
            images = of_folder[other]
            shared = [stem for stem in cut if stem in images]
            if len(shared) == len(cut) and _are_cut_outs(folder.path, cut, images):
                found |= {cut[stem].path: images[stem] for stem in shared}
                break
    return found


def _are_cut_outs(
    root: Path, cut: Mapping[str, ImageFile], images: Mapping[str, ImageFile]
) -> bool:
    """Return whether nearly all files are cut out of the images of their names, as some show."""
    probed = list(cut)[:: max(1, len(cut) // _PROBED)]
    n_right = 0
    for stem in probed:
        pixels = _transparent(root / cut[stem].path)
        if pixels is None or pixels[..., 3].size > _MOST_PIXELS:
            return False
        own, kept = pixels[..., :3], pixels[..., 3] > 0
        with Image.open(root / images[stem].path) as image:
            whole = np.asarray(image.convert("RGBA"))[..., :3]
        if own.shape != whole.shape:
            return False
        if kept.any() and not kept.all():
            differs = np.abs(own[kept].astype(np.int16) - whole[kept].astype(np.int16))
            n_right += bool(differs.mean() < _ALIKE)
    return n_right >= NEARLY_ALL * len(probed)


def _transparent(path: Path) -> NDArray[np.uint8] | None:
    """Return a picture with its alpha `(H, W, 4)`; None where it has none, or cannot be read."""

    def read(image: Image.Image) -> NDArray[np.uint8] | None:
        return np.asarray(image.convert("RGBA")) if image.has_transparency_data else None

    return read_picture(path, read)
