"""Which value of masks is asked for, where files to send have one row an image and no class."""

from __future__ import annotations

from dataclasses import replace

from podium.competition.infer.evidence import OpenKey
from podium.competition.infer.masks.files import MaskFiles
from podium.tasks.protocols.find import pixel_kind

__all__ = ["with_one_class"]


def with_one_class(masks: MaskFiles) -> MaskFiles:
    """Return binary masks of one of the classes, and the others as a question.

    Args:
        masks: of an image each; those of several classes beside 0, with values, are changed.
    """
    content = masks.content
    is_of_classes = not (content.kind.is_yes_no or content.kind.finds_objects or masks.by_class)
    if not is_of_classes or content.numbered is not None or len(content.classes) < 2:
        return masks
    named = content.values or {0: "background", **dict(enumerate(content.classes, start=1))}
    named = {value: name for value, name in named.items() if value in content.found}
    if len(named) == 2 and 0 in named:
        return masks  # 0 is background, whatever it is called
    of_class = [value for value, name in named.items() if name != "background"]
    readings = list[tuple[dict[int | str, str], str]]()
    for value in of_class:
        only = {one: "foreground" if one == value else "background" for one in named}
        readings.append((only, f"if {named[value]} is what is to be found"))
    if len(of_class) < len(named):
        every = {one: "foreground" if one in of_class else "background" for one in named}
        readings.insert(0, (every, "if all classes together are"))
    (first, why), *others = readings
    content = replace(
        content,
        kind=pixel_kind("binary"),
        classes=[],
        values=first,
        why=f"{content.why}; files to send have one mask an image, {why}",
        open=(
            *(one for one in content.open if one.key != "data.train.mask_values"),
            OpenKey("data.train.mask_values", tuple(others)),
        ),
        other=None,
    )
    return replace(masks, content=content)
