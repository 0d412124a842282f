"""Whole folders that are there twice, one copy inside the other: the files of one are left out.

chest_xray/train/cat/7.png              left out
chest_xray/chest_xray/train/cat/7.png   the same paths and bytes below: kept

train_subset/cat/7.png                  left out, as every file of it lies in the other
train/cat/7.png, train/cat/8.png        kept

train1/cat/7.png                        left out: an older delivery, with folders in other places
train2/animals/cat/7.png, …             kept
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from podium.competition.ids.patterns import is_image
from podium.competition.infer.files import guess_part
from podium.errors import plural
from podium.workspace.digests import sha256

__all__ = ["CopiedTree", "find_copied_trees"]

_PROBED = 64  # of files of the same sizes
_FEWEST_FILES = 2


class CopiedTree(NamedTuple):
    """Files that are there a second time: those of `left_out` are those of `kept`."""

    left_out: str
    """A folder; "" for the data folder itself."""
    kept: str
    files: frozenset[str]
    """What is left out, by paths."""
    n_images: int
    are_moved: bool = False
    """Whether folders of the copies lie elsewhere, or are called otherwise."""

    @property
    def note(self) -> str:
        where = self.left_out or "the data folder itself"
        how = "under the same names" if self.are_moved else "under the same paths"
        return (
            f"{plural(self.n_images, 'image')} of {where} "
            f"{'lies' if self.n_images == 1 else 'lie'} in {self.kept or 'the data folder'} "
            f"{how} and with the same bytes: those in the latter alone are used"
        )


def find_copied_trees(root: Path, paths: Sequence[str]) -> list[CopiedTree]:
    """Return the folders that hold once more what a folder around them, or another train, holds.

    A copy holds folders, or is called as the folder around it: images beside their class folders
    have no label. Where one copy has more images than the other, the lesser one is left out; where
    the inner folder is called as a part of the data, and none below it, it tells more, and the
    outer one is.

    Args:
        root: the data folder.
        paths: of all files below it.
    """
    images = sorted(path for path in paths if is_image(path))
    known, every, found, gone = set(images), set(paths), list[CopiedTree](), set[str]()
    for inner, outer in _candidates(images):
        below = [path for path in _below(images, inner) if path not in gone]
        pairs = [(path, _moved(path, inner, outer)) for path in below]
        if len(pairs) < _FEWEST_FILES or not all(
            other in known and other not in gone for _, other in pairs
        ):
            # Perhaps the outer folder has fewer.
            own = [path for path in _below(images, outer) if not _is_in(path, inner)]
            pairs = [(_moved(path, outer, inner), path) for path in own if path not in gone]
            is_less = len(pairs) >= _FEWEST_FILES and all(one in known for one, _ in pairs)
            if not is_less or any(one in gone for one, _ in pairs):
                continue
        if not _are_same(root, pairs):
            continue
        n_outer = sum(not _is_in(path, inner) for path in _below(images, outer) if path not in gone)
        names = inner[len(outer) :].strip("/").split("/")
        # Of what lies in folders called as parts already, a copy in another one tells no more.
        below_parts = all(_has_part(one[len(inner) :].split("/")[:-1]) for one, _ in pairs)
        is_part = _has_part(names) and not below_parts
        is_outer = n_outer <= len(pairs) or is_part
        left, kept = (outer, inner) if is_outer else (inner, outer)
        files = {pair[is_outer] for pair in pairs}
        others = (
            path
            for path in paths
            if _is_in(path, left) and path not in known and not (is_outer and _is_in(path, inner))
        )
        beside = [(path, _moved(path, left, kept)) for path in others]
        files |= {one for one, other in beside if other in every and _is_same(root, one, other)}
        gone |= files
        found.append(CopiedTree(left, kept, frozenset(files), len(pairs)))
    rest = [path for path in images if path not in gone]
    return [*found, *_subsets_of_train(root, rest)]


def _has_part(names: Sequence[str]) -> bool:
    """Return whether a folder among these is called as a part of the data."""
    return any(guess_part(one) != "other" for one in names)


def _subsets_of_train(root: Path, images: Sequence[str]) -> Iterator[CopiedTree]:
    """Yield the folders called train whose images all lie in another such folder beside them.

    Below folders of their own, as classes are; each of them is one folder there, wherever it lies.
    """
    around: dict[str, set[str]] = {}
    for path in images:
        names = path.split("/")[:-1]
        for n, name in enumerate(names[:-1]):
            if guess_part(name) == "train":
                around.setdefault("/".join(names[:n]), set()).add(name)
                break
    for where, beside in sorted(around.items()):
        folders = ["/".join(filter(None, (where, name))) for name in sorted(beside)]
        sizes = {one: len(_below(images, one)) for one in folders}
        for less in folders:
            below = _below(images, less)
            for more in (one for one in folders if sizes[one] > sizes[less]):
                pairs = _pairs(below, less, _below(images, more), more)
                if len(pairs) < _FEWEST_FILES or not _are_same(root, pairs):
                    continue
                are_moved = any(other != _moved(path, less, more) for path, other in pairs)
                yield CopiedTree(less, more, frozenset(below), len(pairs), are_moved)
                break


def _pairs(
    below: Sequence[str], less: str, known: Sequence[str], more: str
) -> list[tuple[str, str]]:
    """Return each image of a folder with that of its path, or name, in another; [] where one lacks.

    Images of one name are those of folders that are one each.
    """
    pairs = [(path, _moved(path, less, more)) for path in below]
    if {other for _, other in pairs} <= {*known}:
        return pairs
    by_name = {path.rpartition("/")[2]: path for path in known}
    pairs = [(path, by_name.get(path.rpartition("/")[2], "")) for path in below]
    folders = {tuple(path.rpartition("/")[0] for path in pair) for pair in pairs}
    one_each = {len({*each}) for each in zip(*folders, strict=True)} == {len(folders)}
    is_plain = len(by_name) == len(known) and len(folders) > 1
    return pairs if is_plain and one_each and all(other for _, other in pairs) else []


def _candidates(images: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield each folder and one around it that has folders of the same names, outer ones first."""
    folders = {path.rpartition("/")[0] for path in images}
    # The data folder itself lies in none, and is no copy of itself.
    inner_ones = (one.split("/") for one in folders if one)
    around = {"/".join(one[:n]) for one in inner_ones for n in range(1, len(one) + 1)}
    every = around | {""}
    inside: dict[str, set[str]] = {}
    for one in around:
        where, _, name = one.rpartition("/")
        inside.setdefault(where, set()).add(name)
    for inner in sorted(around, key=lambda one: (one.count("/"), one)):
        names = inner.split("/")
        for depth in range(len(names)):
            outer = "/".join(names[:depth])
            if outer not in every:
                continue
            is_flat = not inside.get(inner)
            if is_flat and not (outer in folders and names[-1:] == names[depth - 1 : depth]):
                continue
            if not is_flat and not inside[inner] & inside.get(outer, set()):
                continue
            yield inner, outer


def _below(images: Sequence[str], folder: str) -> Sequence[str]:
    """Return the images in a folder, of sorted ones."""
    if not folder:
        return images
    return images[bisect_left(images, f"{folder}/") : bisect_left(images, f"{folder}0")]


def _is_in(path: str, folder: str) -> bool:
    return not folder or path.startswith(f"{folder}/")


def _moved(path: str, folder: str, other: str) -> str:
    """Return a path in a folder as it would be in another one."""
    return f"{other}/{path[len(folder) :].lstrip('/')}".lstrip("/")


def _are_same(root: Path, pairs: Sequence[tuple[str, str]]) -> bool:
    """Return whether all files have the sizes of their copies, and some of them the bytes."""
    step = max(1, len(pairs) // _PROBED)
    sizes = ((root / one).stat().st_size == (root / other).stat().st_size for one, other in pairs)
    return all(sizes) and all(_is_same(root, *pair) for pair in pairs[::step])


def _is_same(root: Path, one: str, other: str) -> bool:
    first, second = root / one, root / other
    return first.stat().st_size == second.stat().st_size and sha256(first) == sha256(second)
