"""Truths of layouts: which images are used, what their labels and masks are called."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from layouts.drawing import Size
from layouts.real.kinds import LABELS, MULTI
from layouts.real.made import Builder, Readings
from layouts.real.masks import union
from layouts.runs import Plane
from layouts.truth import Label, LayoutTruth, TrueSample

__all__ = [
    "any_of",
    "beyond_scope",
    "in_folders",
    "never",
    "objects_as_classes",
    "objects_as_one_mask",
    "reading_of",
    "readings_by_colour",
    "readings_by_kind",
    "with_and_without",
    "with_class_names",
    "with_ground",
    "with_labels",
    "with_mask_classes",
    "with_masks",
    "with_masks_by_value",
    "with_names_of_labels",
    "with_planes",
    "with_train_labels",
    "without_file",
    "without_images",
    "without_labels",
]


def never(path: str) -> bool:
    return False


def in_folders(*folders: str) -> Callable[[str], bool]:
    return lambda path: path.startswith(tuple(f"{one}/" for one in folders))


def any_of(*tests: Callable[[str], bool]) -> Callable[[str], bool]:
    return lambda path: any(test(path) for test in tests)


def reading_of(
    made: Builder,
    kinds: Mapping[str, str | Sequence[str]],
    *,
    test: Callable[[str], bool] = never,
    out: Callable[[str], bool] = never,
    classes: Iterable[str] = (),
    mask_classes: Iterable[str] = (),
    label: Callable[[Label], Label] | None = None,
) -> LayoutTruth:
    """Return the truth in which `test` are to be predicted, `out` not used, all others train."""
    sets = {
        task: frozenset({kind} if isinstance(kind, str) else kind) for task, kind in kinds.items()
    }
    every = {
        path: replace(true, label=label(true.label)) if label and true.label is not None else true
        for path, true in made.train.items()
        if not out(path)
    }
    return LayoutTruth(
        made.data, sets,
        {path: true for path, true in every.items() if not test(path)},
        {path: true for path, true in every.items() if test(path)},
        tuple(classes), tuple(mask_classes),
    )  # fmt: skip


def with_and_without(
    read: Callable[[Callable[[str], bool]], Sequence[LayoutTruth]], out: Callable[[str], bool]
) -> list[LayoutTruth]:
    """Return readings in which a part for validation is used, and those in which it is not."""
    return [*read(lambda path: False), *read(out)]


def with_train_labels(truth: LayoutTruth, labels: dict[str, Any]) -> LayoutTruth:
    """Return the truth with other labels of train."""
    train = {path: replace(one, label=labels.get(path)) for path, one in truth.train.items()}
    return replace(truth, train=train)


def readings_by_kind(
    made: Builder,
    kinds: Sequence[Mapping[str, str]],
    *,
    test: Callable[[str], bool] = never,
    outs: Sequence[Callable[[str], bool]] = (never,),
) -> Readings:
    """Return the readings by each kind of label of an image, with each of the parts left out."""
    found = list[LayoutTruth]()
    for labels in kinds:
        classes = tuple(dict.fromkeys(labels.values()))
        for out in outs:
            truth = reading_of(made, LABELS, test=test, out=out, classes=classes)
            found.append(with_train_labels(truth, dict(labels)))
    return tuple(found)


def without_file(truth: LayoutTruth) -> LayoutTruth:
    """Return the truth where nothing shows the file to send."""
    return replace(truth, file=None)


def beyond_scope(made: Builder) -> LayoutTruth:
    return LayoutTruth(made.data, {}, made.train, made.test)


def without_images(truth: LayoutTruth, out: Callable[[str], bool]) -> LayoutTruth:
    """Return the truth without these images of train."""
    return replace(truth, train={path: one for path, one in truth.train.items() if not out(path)})


def with_class_names(
    truth: LayoutTruth, names: Sequence[str], others: Sequence[str]
) -> LayoutTruth:
    """Return the truth with other names of classes, in the same order."""
    of = dict(zip(names, others, strict=True))

    def renamed(true: TrueSample) -> TrueSample:
        probs = {of[one]: value for one, value in true.probs.items()}
        return replace(true, label=of.get(str(true.label), true.label), probs=probs)

    return replace(
        truth, classes=tuple(others),
        train={path: renamed(one) for path, one in truth.train.items()},
        test={path: renamed(one) for path, one in truth.test.items()},
    )  # fmt: skip


def with_names_of_labels(truth: LayoutTruth, names: Mapping[str, str]) -> LayoutTruth:
    """Return the truth whose classes have other names, and whose file stays as it is."""

    def other(part: Mapping[str, TrueSample]) -> dict[str, TrueSample]:
        return {
            path: one if one.label is None else replace(one, label=names[str(one.label)])
            for path, one in part.items()
        }

    classes = tuple(names[one] for one in truth.classes)
    return replace(truth, train=other(truth.train), test=other(truth.test), classes=classes)


def with_labels(truth: LayoutTruth, labels: dict[str, Any]) -> LayoutTruth:
    """Return the truth with the labels of these paths."""
    return replace(
        truth,
        train={path: replace(one, label=labels.get(path)) for path, one in truth.train.items()},
        test={path: replace(one, label=labels.get(path)) for path, one in truth.test.items()},
    )


def without_labels(truth: LayoutTruth) -> LayoutTruth:
    """Return the truth without labels, so that images without a mask need not be read."""
    kinds = {"segment": truth.kinds["segment"]}
    return replace(with_train_labels(truth, {}), kinds=kinds, classes=())


def with_planes(truth: LayoutTruth, planes: Mapping[str, tuple[Plane, ...] | None]) -> LayoutTruth:
    """Return the truth with other masks of some images of train."""
    train = {
        path: replace(one, planes=planes[path]) if path in planes else one
        for path, one in truth.train.items()
    }
    return replace(truth, train=train)


def with_masks(
    truth: LayoutTruth,
    planes: Mapping[str, tuple[Plane, ...]],
    names: Sequence[str],
    *,
    ignored: Mapping[str, Plane] | None = None,
    kind: Mapping[str, str | list[str]] = MULTI,
) -> LayoutTruth:
    """Return the truth with these masks of train, and no others."""
    train = {
        path: replace(one, planes=planes.get(path), objects=None, ignored=(ignored or {}).get(path))
        for path, one in truth.train.items()
    }
    of_masks = kind["segment"]
    wanted = frozenset({of_masks} if isinstance(of_masks, str) else of_masks)
    return replace(
        truth, train=train, mask_classes=tuple(names), kinds={**truth.kinds, "segment": wanted}
    )


def with_masks_by_value(
    truth: LayoutTruth,
    maps: Mapping[str, np.ndarray],
    values: Sequence[int],
    ignored: int | None = None,
) -> LayoutTruth:
    """Return the truth whose masks are where these maps have each of the values."""
    train = {
        path: replace(
            one,
            planes=tuple(maps[path] == value for value in values),
            ignored=None if ignored is None else maps[path] == ignored,
        )
        if path in maps
        else one
        for path, one in truth.train.items()
    }
    return replace(truth, train=train, mask_classes=tuple(map(str, values)))


def with_ground(truth: LayoutTruth, name: str = "0") -> LayoutTruth:
    """Return the truth with the pixels of no class as a class before the others."""
    train = {
        path: replace(one, planes=(~union(one.planes), *one.planes)) if one.planes else one
        for path, one in truth.train.items()
    }
    return replace(truth, train=train, mask_classes=(name, *truth.mask_classes))


def objects_as_classes(truth: LayoutTruth, size: Size, names: Sequence[str]) -> LayoutTruth:
    """Return the truth of objects as that of a mask of classes, as they do not overlap."""

    def planes(objects: Iterable[tuple[int, Plane]]) -> tuple[Plane, ...]:
        found = [np.zeros(size, dtype=bool) for _ in names]
        for place, plane in objects:
            found[place] |= plane
        return tuple(found)

    train = {
        path: replace(one, planes=planes(one.objects), objects=None)
        if one.objects is not None
        else one
        for path, one in truth.train.items()
    }
    return replace(truth, kinds={"segment": frozenset({"multiclass", "multilabel"})}, train=train)


def objects_as_one_mask(truth: LayoutTruth) -> LayoutTruth:
    """Return the truth of objects as that of one mask."""
    train = {
        path: replace(
            one,
            planes=(union([np.zeros(one.size, dtype=bool), *(plane for _, plane in one.objects)]),),
            objects=None,
        )
        if one.objects is not None
        else one
        for path, one in truth.train.items()
    }
    kinds = {"segment": frozenset({"binary"})}
    return replace(truth, kinds=kinds, mask_classes=("",), train=train)


def readings_by_colour(truth: LayoutTruth, colours: Sequence[tuple[int, ...]]) -> Readings:
    """Return the truth with classes of no name in the order of their colours, with black and without."""
    order = sorted(range(len(colours)), key=lambda place: colours[place])
    found = []
    for kept in (order, [place for place in order if any(colours[place])]):
        train = {
            path: replace(one, planes=tuple(one.planes[place] for place in kept))
            if one.planes
            else one
            for path, one in truth.train.items()
        }
        names = tuple(str(n + 1) for n in range(len(kept)))
        found.append(replace(truth, train=train, mask_classes=names))
    return tuple(found)


def with_mask_classes(truth: LayoutTruth, order: Sequence[int]) -> LayoutTruth:
    """Return the truth with the classes of masks in another order, or with some of them."""
    train = {
        path: replace(one, planes=tuple(one.planes[place] for place in order))
        if one.planes
        else one
        for path, one in truth.train.items()
    }
    return replace(
        truth, train=train, mask_classes=tuple(truth.mask_classes[place] for place in order)
    )
