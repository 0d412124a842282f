"""The outcome of `podium init` for each real competition and public data set, without a hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from layouts.judging import Outcome, judge_layout
from layouts.real import REAL_LAYOUTS
from layouts.real.data_sets import DATA_SETS, DataSet, judge_data_set
from layouts.real.eighth_set import EIGHTH_COMPETITIONS, EIGHTH_DATA_SETS
from layouts.real.eleventh_set import ELEVENTH_COMPETITIONS, ELEVENTH_DATA_SETS
from layouts.real.fifteenth_set import FIFTEENTH_COMPETITIONS, FIFTEENTH_DATA_SETS
from layouts.real.fifth_set import FIFTH_COMPETITIONS, FIFTH_DATA_SETS
from layouts.real.fourteenth_set import FOURTEENTH_COMPETITIONS, FOURTEENTH_DATA_SETS
from layouts.real.fourth_set import FOURTH_COMPETITIONS, FOURTH_DATA_SETS
from layouts.real.held_out_competitions import BEYOND_SCOPE, HELD_OUT_COMPETITIONS
from layouts.real.ninth_set import NINTH_COMPETITIONS, NINTH_DATA_SETS
from layouts.real.second_set import SECOND_COMPETITIONS, SECOND_DATA_SETS
from layouts.real.seventh_set import SEVENTH_COMPETITIONS, SEVENTH_DATA_SETS
from layouts.real.sixteenth_set import SIXTEENTH_COMPETITIONS, SIXTEENTH_DATA_SETS
from layouts.real.sixth_set import SIXTH_COMPETITIONS, SIXTH_DATA_SETS
from layouts.real.tenth_set import TENTH_COMPETITIONS, TENTH_DATA_SETS
from layouts.real.third_set import THIRD_COMPETITIONS, THIRD_DATA_SETS
from layouts.real.thirteenth_set import THIRTEENTH_COMPETITIONS, THIRTEENTH_DATA_SETS
from layouts.real.twelfth_set import TWELFTH_COMPETITIONS, TWELFTH_DATA_SETS

__all__ = ["DEVELOPMENT", "KINDS", "NOT_RIGHT", "first_reading"]

DEVELOPMENT = "competitions of development"
KINDS = {
    DEVELOPMENT: [one.slug for one in REAL_LAYOUTS],
    "competitions held out": [one.slug for one in HELD_OUT_COMPETITIONS],
    "public data sets": [one.name for one in DATA_SETS],
    "second set: competitions": [one.name for one in SECOND_COMPETITIONS],
    "second set: data sets": [one.name for one in SECOND_DATA_SETS],
    "third set: competitions": [one.name for one in THIRD_COMPETITIONS],
    "third set: data sets": [one.name for one in THIRD_DATA_SETS],
    "fourth set: competitions": [one.name for one in FOURTH_COMPETITIONS],
    "fourth set: data sets": [one.name for one in FOURTH_DATA_SETS],
    "fifth set: competitions": [one.name for one in FIFTH_COMPETITIONS],
    "fifth set: data sets": [one.name for one in FIFTH_DATA_SETS],
    "sixth set: competitions": [one.name for one in SIXTH_COMPETITIONS],
    "sixth set: data sets": [one.name for one in SIXTH_DATA_SETS],
    "seventh set: competitions": [one.name for one in SEVENTH_COMPETITIONS],
    "seventh set: data sets": [one.name for one in SEVENTH_DATA_SETS],
    "eighth set: competitions": [one.name for one in EIGHTH_COMPETITIONS],
    "eighth set: data sets": [one.name for one in EIGHTH_DATA_SETS],
    "ninth set: competitions": [one.name for one in NINTH_COMPETITIONS],
    "ninth set: data sets": [one.name for one in NINTH_DATA_SETS],
    "tenth set: competitions": [one.name for one in TENTH_COMPETITIONS],
    "tenth set: data sets": [one.name for one in TENTH_DATA_SETS],
    "eleventh set: competitions": [one.name for one in ELEVENTH_COMPETITIONS],
    "eleventh set: data sets": [one.name for one in ELEVENTH_DATA_SETS],
    "twelfth set: competitions": [one.name for one in TWELFTH_COMPETITIONS],
    "twelfth set: data sets": [one.name for one in TWELFTH_DATA_SETS],
    "thirteenth set: competitions": [one.name for one in THIRTEENTH_COMPETITIONS],
    "thirteenth set: data sets": [one.name for one in THIRTEENTH_DATA_SETS],
    "fourteenth set: competitions": [one.name for one in FOURTEENTH_COMPETITIONS],
    "fourteenth set: data sets": [one.name for one in FOURTEENTH_DATA_SETS],
    "fifteenth set: competitions": [one.name for one in FIFTEENTH_COMPETITIONS],
    "fifteenth set: data sets": [one.name for one in FIFTEENTH_DATA_SETS],
    "sixteenth set: competitions": [one.name for one in SIXTEENTH_COMPETITIONS],
    "sixteenth set: data sets": [one.name for one in SIXTEENTH_DATA_SETS],
}
"""The names of each kind, in their order."""

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
    "drivendata-stac-overflow-floods": "refused",
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
    "painter-by-numbers": "hedged",
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
    "hackerearth-fast-furious-and-insured": "hedged",
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
        kind: a key of `KINDS`.
        name: one of its names.
        folder: an empty one, in which the data are written.
    """
    return _READINGS[kind](KINDS[kind].index(name), folder)


def _of_development(place: int, folder: Path) -> Outcome:
    one = REAL_LAYOUTS[place]
    return judge_layout(one.write(folder / "data"), slug=one.slug if one.by_slug else None)


def _held_out(place: int, folder: Path) -> Outcome:
    one = HELD_OUT_COMPETITIONS[place]
    outcome = judge_layout(one.write(folder / "data"))
    if one.slug not in BEYOND_SCOPE:
        return outcome
    return replace(
        outcome, name={"refused": "right", "right": "wrong"}.get(outcome.name, outcome.name)
    )


def _of_data_sets(
    sets: tuple[DataSet, ...],
) -> Callable[[int, Path], Outcome]:
    def read(place: int, folder: Path) -> Outcome:
        as_it_is, with_test = judge_data_set(sets[place], folder)
        return with_test if as_it_is.name == "right" and with_test is not None else as_it_is

    return read


_READINGS: dict[str, Callable[[int, Path], Outcome]] = dict(
    zip(
        KINDS,
        (
            _of_development,
            _held_out,
            *map(
                _of_data_sets,
                (
                    DATA_SETS,
                    SECOND_COMPETITIONS,
                    SECOND_DATA_SETS,
                    THIRD_COMPETITIONS,
                    THIRD_DATA_SETS,
                    FOURTH_COMPETITIONS,
                    FOURTH_DATA_SETS,
                    FIFTH_COMPETITIONS,
                    FIFTH_DATA_SETS,
                    SIXTH_COMPETITIONS,
                    SIXTH_DATA_SETS,
                    SEVENTH_COMPETITIONS,
                    SEVENTH_DATA_SETS,
                    EIGHTH_COMPETITIONS,
                    EIGHTH_DATA_SETS,
                    NINTH_COMPETITIONS,
                    NINTH_DATA_SETS,
                    TENTH_COMPETITIONS,
                    TENTH_DATA_SETS,
                    ELEVENTH_COMPETITIONS,
                    ELEVENTH_DATA_SETS,
                    TWELFTH_COMPETITIONS,
                    TWELFTH_DATA_SETS,
                    THIRTEENTH_COMPETITIONS,
                    THIRTEENTH_DATA_SETS,
                    FOURTEENTH_COMPETITIONS,
                    FOURTEENTH_DATA_SETS,
                    FIFTEENTH_COMPETITIONS,
                    FIFTEENTH_DATA_SETS,
                    SIXTEENTH_COMPETITIONS,
                    SIXTEENTH_DATA_SETS,
                ),
            ),
        ),
        strict=True,
    )
)
