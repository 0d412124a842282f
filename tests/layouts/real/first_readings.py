"""The outcome of `podium init` for each real competition and public data set, without a hand."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np

from layouts.drawing import save_pixels
from layouts.judging import Outcome, judge_layout
from layouts.real import LAYOUTS
from layouts.real.made import DataSet, Readings
from layouts.real.sets import BEYOND_SCOPE, DEVELOPMENT
from layouts.truth import TrueSample
from podium.competition.ids.patterns import IMAGE_SUFFIXES

__all__ = ["NOT_RIGHT", "first_reading"]

NOT_RIGHT = {
    "recursion-cellular-image-classification": "hedged",
    "statoil-iceberg-classifier-challenge": "refused",
    "alaska2-image-steganalysis": "wrong",
    "analytics-vidhya-emergency-vehicles": "asked",
    "hubmap-hacking-the-human-vasculature": "hedged",
    "vesuvius-challenge-ink-detection": "hedged",
    "denoising-dirty-documents": "refused",
    "HAM10000": "asked",
    "Flowers-102": "refused",
    "ADE20K (2016)": "hedged",
    "refuge-2018": "hedged",
    "kitti-road": "refused",
    "Chinese MNIST": "refused",
    "ISPRS Potsdam": "refused",
    "PH2": "refused",
    "GlaS": "refused",
    "geolifeclef-2022-lifeclef-2022-fgvc9": "refused",
    "bkai-igh-neopolyp": "asked",
    "gleason-2019": "asked",
    "notMNIST": "hedged",
    "BigEarthNet": "refused",
    "Fashion products": "hedged",
    "DAGM 2007": "asked",
    "Houses (four pictures)": "refused",
    "Chest X-ray masks and labels": "hedged",
    "Bijie landslides": "asked",
    "Ships in satellite imagery": "refused",
    "SVHN (cropped)": "refused",
    "Sign language digits": "refused",
    "38-Cloud": "refused",
    "Forest aerial images": "refused",
    "opencv-pytorch-segmentation-project-round2": "asked",
    "RIM-ONE DL": "refused",
    "JAFFE": "refused",
    "Udacity driving": "asked",
    "CholecSeg8k": "asked",
    "Large scale fish": "asked",
    "Sen1Floods11": "refused",
    "MARIDA": "refused",
    "VegAnn": "asked",
    "AITEX fabrics": "asked",
    "lacuna-solar-survey-challenge": "hedged",
    "unifesp-x-ray-body-part-classifier": "asked",
    "dacon-samsung-camera-invariant": "hedged",
    "DeepFashion attributes": "hedged",
    "Supervisely persons": "refused",
    "Stanford background": "refused",
    "VisA": "refused",
    "recodai-luc-scientific-image-forgery-detection": "hedged",
    "dacon-lymph-node-metastasis": "asked",
    "Shenzhen chest X-rays": "refused",
    "FG-NET": "refused",
    "CVPPP leaves": "refused",
    "BBBC039": "refused",
    "ARCADE": "refused",
    "MuReD": "refused",
    "SPAQ": "refused",
    "NuInsSeg": "hedged",
    "Cell Tracking Challenge: HeLa": "refused",
    "padhai-hindi-vowel-consonant": "refused",
    "zindi-classification-for-landslide-detection": "asked",
    "hackerearth-deep-learning-challenge-3": "asked",
    "fathomnet-out-of-sample-detection": "refused",
    "solafune-drivers-of-deforestation": "refused",
    "monuseg-2018": "refused",
    "Soiled solar panels": "hedged",
    "Yale faces": "refused",
    "ISTD shadows": "refused",
    "Cellpose": "refused",
    "CASIA 2.0 tampering": "asked",
    "dacon-4d-block-structure": "asked",
    "aaltoes-2025-computer-vision-v-1": "asked",
    "goals-2022": "asked",
    "suadd-2023-semantic-segmentation": "asked",
    "visual-taxonomy-2024": "wrong",
    "ACRIMA": "refused",
    "FracAtlas": "wrong",
    "MIRFLICKR-25000": "refused",
    "BBBC005": "asked",
    "unibuc-brain-ad": "asked",
    "hackerearth-fast-furious-and-insured": "asked",
    "ocelot-2023": "asked",
    "dm-i-ai-2023-tumor-segmentation": "refused",
    "digestpath-2019": "asked",
    "11k hands": "asked",
    "SPARCS": "refused",
    "imagenet-object-localization-challenge": "refused",
    "zalo-ai-2021-5k-compliance": "asked",
    "tbrain-handwriting-2021": "refused",
    "zindi-arm-unicef-disaster-vulnerability": "refused",
    "mlsp-2013-birds": "refused",
    "cvpr-2018-autonomous-driving": "hedged",
    "NumtaDB": "asked",
    "Derm7pt": "asked",
    "ExpW": "refused",
    "FLAIR #1": "asked",
    "aistages-hand-bones": "asked",
    "zindi-road-segment-identification": "asked",
    "grss-dfc-2025-track-1": "refused",
    "picsart-ai-hackathon-2018": "asked",
    "BrEaST ultrasound": "hedged",
    "MaSTr1325": "asked",
}
"""The outcome of those that are not read rightly yet."""


def first_reading(kind: str, name: str, folder: Path) -> Outcome:
    """Return the outcome of the one of this name; of one beyond podium's scope, a refusal is right.

    Args:
        kind: a key of `SETS`.
        name: one of its names.
        folder: an empty one, in which the data are written.
    """
    one = LAYOUTS[name]
    if isinstance(one, DataSet):
        as_it_is, with_test = _judge_data_set(one, folder)
        return with_test if as_it_is.name == "right" and with_test is not None else as_it_is
    by_slug = kind == DEVELOPMENT and one.by_slug
    outcome = judge_layout(one.write(folder / "data"), slug=one.name if by_slug else None)
    if name not in BEYOND_SCOPE:
        return outcome
    return replace(
        outcome, name={"refused": "right", "right": "wrong"}.get(outcome.name, outcome.name)
    )


def _judge_data_set(one: DataSet, folder: Path) -> tuple[Outcome, Outcome | None]:
    """Return the outcome as downloaded and, without images to predict, with some put in `test/`.

    A set without images to predict is rightly refused where the error asks for them.
    """
    outcome = judge_layout(*one.write(folder / "as_it_is" / "data"))
    refusal = one.refusal or ("" if one.has_test else r"no images to predict")
    if (
        refusal
        and outcome.name == "refused"
        and re.search(refusal, " ".join(map(str, outcome.faults)))
    ):
        outcome = replace(outcome, name="right")
    elif refusal and outcome.name == "right":
        outcome = replace(outcome, name="wrong")
    if one.has_test or one.refusal:
        return outcome, None
    readings = _with_images_to_predict(one.write(folder / "with_test" / "data"))
    return outcome, judge_layout(*readings)


def _with_images_to_predict(readings: Readings) -> Readings:
    """Write eight images more into `test/`, as the error asks, and return the truths with them."""
    random = np.random.default_rng(5)
    first = next(iter(readings[0].train.items()))
    own = Path(first[0]).suffix
    suffix = own if own.lower() in IMAGE_SUFFIXES else ".png"  # as `subject01.glasses`
    test = {}
    for number in range(8):
        path = f"test/new_{number + 1}{suffix}"
        pixels = random.integers(0, 90, (*first[1].size, 3)).astype(np.uint8)
        save_pixels(readings[0].data / path, pixels)
        test[path] = TrueSample(first[1].size)
    return tuple(replace(one, test=test) for one in readings)
