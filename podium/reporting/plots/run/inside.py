"""Results of `podium explain` on a run's networks: Grad-CAM, attention, feature maps."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from podium.errors import plural
from podium.predictions.explanations import (
    Explanation,
    GradCamMap,
    explained_folds,
    latest_explanations,
)
from podium.reporting.figures.feature_maps import LayerMaps, feature_maps
from podium.reporting.figures.heat_overlay import HeatOver, HeatRow, heat_overlay
from podium.reporting.plot import Plot
from podium.reporting.run_features import is_among_best, run_folder
from podium.reporting.subjects import RunSubject
from podium.tasks.protocols.names import is_of_pixels

TITLE, PLACE = "Inside", 60
MOST_IMAGES, BEST = 4, 5
_SIDE_PX = 128  # of a picture: a page holds thirty runs

_Explained = tuple[str, Explanation]


def plots(subject: RunSubject) -> Iterator[Plot]:
    """Yield where networks look in the last four images, and the feature maps of the last.

    Beyond the five best explained runs one image is shown for each, so that a page stays small.
    """
    run = run_folder(subject)
    is_best = is_among_best(
        subject, BEST, lambda one: bool(explained_folds(subject.workspace.runs / one.id))
    )
    looked = latest_explanations(run, MOST_IMAGES if is_best else 1)
    heated = [one for one in looked if one[1].heats or one[1].attention is not None]
    if heated:
        yield _heats(run.name, heated)
    for fold, inside in looked[:1]:
        if inside.stages:
            yield _maps(run.name, fold, inside)


def _heats(run: str, looked: list[_Explained]) -> Plot:
    rows = [
        HeatRow(_smaller(inside.image), f"{_line(inside.id)}\n{_by(fold, inside)}", _over(inside))
        for fold, inside in looked
    ]
    wide, narrow = (heat_overlay(rows, narrow=is_narrow) for is_narrow in (False, True))
    alt = f"Evidence for the predictions of run {run}. " + " ".join(
        _describe(fold, inside) for fold, inside in looked
    )
    return Plot(wide, "inside", "Evidence in images", alt, _caption(looked), narrow)


def _over(inside: Explanation) -> list[HeatOver]:
    found = [HeatOver(one.map, f"{_describe_heat(one)}\n{_how_much(one)}") for one in inside.heats]
    if inside.attention is not None:
        found.append(HeatOver(inside.attention.last, "attention\nlast block"))
        found.append(HeatOver(inside.attention.rollout, "attention\nrollout"))
    return found


def _describe_heat(heat: GradCamMap) -> str:
    if is_of_pixels(heat.task):
        return f"mask: {_line(heat.name) or 'foreground'}"
    return f"label: {_line(heat.name)}" if heat.name else "value"


def _how_much(heat: GradCamMap) -> str:
    if is_of_pixels(heat.task):
        return f"{_share(heat.score)} of pixels"
    if not heat.name:
        return f"{heat.score:.4g}"
    of = {"predicted": "predicted", "truth": "true", "both": "predicted, true"}[heat.of]
    return f"{of} {_probability(heat.score)}"


def _probability(p: float) -> str:
    """Return it as text; a number rounded to 1 is no certainty."""
    return "> 99.9 %" if p > 0.999 else "< 0.1 %" if p < 0.001 else f"{100 * p:.1f} %"


def _share(share: float) -> str:
    if 0 < share < 0.001:
        return "< 0.1 %"
    if 0.999 < share < 1:
        return "> 99.9 %"
    return f"{100 * share:.1f} %"


def _caption(looked: list[_Explained]) -> str:
    sentences = [
        "Grad-CAM on the deepest map: bright pixels are evidence for the class named above, for "
        "the network alone, without test-time augmentation."
    ]
    heats = [heat for _, inside in looked for heat in inside.heats]
    if any(is_of_pixels(heat.task) for heat in heats):
        sentences.append("For masks: evidence for the pixels predicted as the class.")
    attentions = [inside.attention for _, inside in looked if inside.attention is not None]
    if attentions:
        sentences.append(f"Attention is that of the {attentions[0].by}, the mean over heads.")
        if attentions[0].by == "class token":
            sentences.append("The label is read off the patches, not off that token.")
    if any(inside.is_trained_on for _, inside in looked):
        sentences.append("Images marked 'train': the network was trained on their labels.")
    return " ".join(sentences)


def _describe(fold: str, inside: Explanation) -> str:
    parts = [f"{inside.id}, {_by(fold, inside)}"]
    parts += [f"predicted {inside.predicted}"] if inside.predicted else []
    parts += [f"true {inside.truth}"] if inside.truth else []
    parts += [f"{_describe_heat(one)}, {_how_much(one)}, {_place(one.map)}" for one in inside.heats]
    if inside.attention is not None:
        parts.append(f"attention {_place(inside.attention.last)}")
    return f"{'; '.join(parts)}."


def _place(heat: NDArray[np.float16]) -> str:
    """Return the position of the maximum of a map, as text."""
    if not heat.max() > 0:
        return "nowhere"
    row, column = np.unravel_index(int(heat.argmax()), heat.shape)
    down, right = (row + 0.5) / heat.shape[0], (column + 0.5) / heat.shape[1]
    return f"most at {100 * right:.0f} % from the left and {100 * down:.0f} % from the top"


def _by(fold: str, inside: Explanation) -> str:
    return f"fold {fold}, train" if inside.is_trained_on else f"fold {fold}"


def _maps(run: str, fold: str, inside: Explanation) -> Plot:
    layers = [
        LayerMaps(f"{one.name}\n{plural(one.n_channels, 'channel')}", one.maps, one.channels)
        for one in inside.stages
    ]
    image = _smaller(inside.image)
    wide, narrow = (feature_maps(image, layers, narrow=is_narrow) for is_narrow in (False, True))
    sizes = "; ".join(
        f"{one.name}: {one.maps.shape[1]} × {one.maps.shape[2]}, channels "
        f"{', '.join(map(str, one.channels))} of {one.n_channels}"
        for one in inside.stages
    )
    alt = f"Feature maps of {inside.id} by the network of run {run}, fold {fold}: {sizes}."
    caption = (
        f"{inside.id}, fold {fold}: of each stage the channels with the highest mean, the highest "
        "first, by their numbers; each from its lowest to its highest value."
    )
    return Plot(wide, "feature-maps", "Feature maps", alt, caption, narrow)


def _smaller(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    height, width = image.shape[:2]
    shrink = _SIDE_PX / max(height, width)
    if shrink >= 1:
        return image
    size = max(1, round(shrink * width)), max(1, round(shrink * height))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _line(text: str) -> str:
    return " ".join(text.split())
