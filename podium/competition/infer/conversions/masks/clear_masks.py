"""Masks that were saved as JPEG, or smoothed, written anew with the few colours they had before.

masks/7.jpg                grey levels near 0 and 255, and others at edges
made/masks/masks/7.png    0 and 255
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from PIL import Image

from podium.competition.ids.patterns import Pattern
from podium.competition.infer.findings.folder import FolderFindings
from podium.competition.infer.masks.clear_colours import is_of_colours, with_clear_colours
from podium.competition.infer.masks.files import MaskFiles
from podium.competition.infer.sources import Sources
from podium.competition.made_files import MADE, MadeFile
from podium.errors import either, some

__all__ = ["with_clear_masks"]


_JPEG = (".jpg", ".jpeg", ".jfif")


def with_clear_masks(sources: Sources, findings: FolderFindings) -> tuple[Sources, FolderFindings]:
    """Return the findings with masks of a few clear colours, written to the workspace.

    Masks of lossy or smoothed files are, where every file has the colours that some were seen to
    have; each pixel gets the nearest one. Else the masks stay as they are, with a note.

    Args:
        sources: of the data.
        findings: of them.
    """
    masks, folder = findings.tasks.masks, findings.folder
    if not isinstance(masks, MaskFiles) or not masks.content.clear:
        return sources, findings
    clear = masks.content.clear
    form = Pattern(masks.pattern)
    used = [one.path for one in folder.images if form.match(one.path) is not None]
    targets = {path: str(PurePosixPath(path).with_suffix(".png")) for path in used}
    told = some([f"#{red:02x}{green:02x}{blue:02x}" for red, green, blue in clear], 6)
    other = next((path for path in used if not is_of_colours(folder.path / path, clear)), "")
    if other or len({*targets.values()}) < len(targets) or not targets:
        note = f"masks {_how(used)} are read as {told} where all of them are"
        note += f": {other} has other colours" if other else ": write them as PNG"
        return sources.with_note(note), findings
    top = sources.root / MADE / "masks"
    with sources.progress.bar("clearing masks", len(targets)) as advance:
        for path, target in targets.items():
            (top / target).parent.mkdir(parents=True, exist_ok=True)
            with Image.open(folder.path / path) as opened:
                with_clear_colours(opened, clear).save(top / target)
            advance(1)
    where, _, name = masks.pattern.rpartition("/")
    file = f"{name.removesuffix('.*').removesuffix(PurePosixPath(used[0]).suffix)}.png"
    pattern = "/".join(filter(None, (MADE, "masks", where, file)))
    note = (
        f"{either(len(targets), 'mask is', 'masks are')} {_how(used)}, which changes pixels: "
        "each pixel is read as the nearest of "
        f"{told}, in {MADE}/masks"
    )
    made = MadeFile(
        f"{MADE}/masks",
        tuple(folder.path.absolute() / path for path in used),
        "masks of a few clear colours",
    )
    folder = replace(folder, made=folder.made | {pattern})
    sources = replace(sources, made=(*sources.made, made)).with_folder(folder, note)
    return sources, replace(
        findings,
        folder=folder,
        tasks=replace(findings.tasks, masks=replace(masks, pattern=pattern)),
    )


def _how(paths: Sequence[str]) -> str:
    are_jpegs = any(PurePosixPath(one).suffix.lower() in _JPEG for one in paths)
    return "saved as JPEG" if are_jpegs else "smoothed at borders"
