from __future__ import annotations

import pytest
import yaml
from submissions.preset_cases import competition_of_preset, params

from podium.competition import metrics
from podium.competition.presets import all_presets, find_preset, preset_names, with_preset_values
from podium.competition.spec import Competition, load_competition
from podium.errors import DataError

EVERY = all_presets()
# Of the tables that the presets were made from: one a competition, boxes aside.
SLUGS = [
    "tgs-salt-identification-challenge",
    "severstal-steel-defect-detection",
    "understanding_cloud_organization",
    "siim-acr-pneumothorax-segmentation",
    "airbus-ship-detection",
    "carvana-image-masking-challenge",
    "data-science-bowl-2018",
    "ultrasound-nerve-segmentation",
    "hubmap-kidney-segmentation",
    "hubmap-organ-segmentation",
    "hubmap-hacking-the-human-vasculature",
    "blood-vessel-segmentation",
    "uw-madison-gi-tract-image-segmentation",
    "sartorius-cell-instance-segmentation",
    "google-research-identify-contrails-reduce-global-warming",
    "vesuvius-challenge-ink-detection",
    "imaterialist-fashion-2019-fgvc6",
    "imaterialist-fashion-2020-fgvc7",
    "open-images-2019-instance-segmentation",
    "hpa-single-cell-image-classification",
    "denoising-dirty-documents",
    "aptos2019-blindness-detection",
    "petfinder-adoption-prediction",
    "petfinder-pawpularity-score",
    "cassava-leaf-disease-classification",
    "cifar-10",
    "paddy-disease-classification",
    "plant-seedlings-classification",
    "iwildcam-2020-fgvc7",
    "herbarium-2022-fgvc9",
    "inaturalist-2019-fgvc6",
    "whale-categorization-playground",
    "humpback-whale-identification",
    "hotel-id-2021-fgvc8",
    "landmark-recognition-2019",
    "landmark-recognition-2020",
    "landmark-retrieval-2019",
    "landmark-retrieval-2020",
    "human-protein-atlas-image-classification",
    "imet-2019-fgvc6",
    "imet-2020-fgvc7",
    "plant-pathology-2021-fgvc8",
    "plant-pathology-2020-fgvc7",
    "ranzcr-clip-catheter-line-classification",
    "dog-breed-identification",
    "leaf-classification",
    "rsna-2022-cervical-spine-fracture-detection",
    "rsna-breast-cancer-detection",
    "histopathologic-cancer-detection",
    "aerial-cactus-identification",
    "seti-breakthrough-listen",
    "siim-isic-melanoma-classification",
    "statoil-iceberg-classifier-challenge",
    "alaska2-image-steganalysis",
]


def test_every_competition_has_a_preset_and_none_has_two():
    assert sorted(preset.slug for preset in EVERY) == sorted(SLUGS)
    assert [preset.name for preset in EVERY] == preset_names()


@pytest.mark.parametrize("preset", params(EVERY))
def test_a_preset_is_found_by_its_slug_and_has_a_note(preset):
    assert find_preset(preset.slug) is preset
    assert preset.note
    assert preset.title
    assert preset.submission.columns


@pytest.mark.parametrize("preset", params(EVERY, scored=True))
def test_the_metric_of_a_preset_can_score_its_task(preset):
    ((task, kind),) = preset.tasks.items()
    metrics.fitting(preset.metric.name, kind, preset.metric.options, task=task)


@pytest.mark.parametrize("preset", params(EVERY))
def test_a_preset_and_the_data_make_a_complete_competition(tmp_path, preset):
    classes = ["a", "b"] if not preset.classes and needs_classes(preset) else []
    competition = competition_of_preset(tmp_path, preset, sample=None, classes=classes)
    assert competition.tasks == preset.tasks
    assert competition.metric == preset.metric
    assert competition.frame == preset.frame
    assert competition.classes == (preset.classes or classes)
    document = competition.submission.model_dump(exclude={"preset", "sample"})
    assert document == preset.submission.model_dump()


def needs_classes(preset) -> bool:
    return bool({"multiclass", "ordinal", "multilabel"} & set(preset.tasks.values()))


def test_keys_of_competition_yaml_override_the_preset(tmp_path):
    preset = find_preset("severstal")
    competition = competition_of_preset(
        tmp_path,
        preset,
        sample=None,
        submission={"empty": "-", "rle": {"order": "C"}},
        frame=[64, 400],
        metric={"name": "global_dice"},
        tasks={"segment": "multilabel"},
        classes=["dent", "scratch"],
    )
    assert competition.submission.empty == "-"
    assert competition.submission.rle.options == {"base": 1, "order": "C", "relative": False}
    assert competition.submission.columns == preset.submission.columns
    assert (competition.frame, competition.metric.name) == ((64, 400), "global_dice")
    assert competition.classes == ["dent", "scratch"]


def test_runs_are_filled_in_key_by_key(tmp_path):
    competition = competition_of_preset(
        tmp_path,
        find_preset("siim-pneumothorax"),
        sample=None,
        submission={"rle": {"base": 1}},
    )
    assert competition.submission.rle.options == {"base": 1, "order": "F", "relative": True}


def test_the_frame_of_clouds_comes_with_their_preset(tmp_path):
    competition = competition_of_preset(tmp_path, find_preset("clouds"), sample=None)
    assert competition.frame == (350, 525)


def test_classes_of_other_tasks_are_left_alone():
    given = {"submission": {"preset": "severstal"}, "tasks": {"segment": "binary"}}
    assert "classes" not in with_preset_values(given)


def test_a_task_beside_the_competition_s_own_is_not_what_is_scored(tmp_path):
    tasks = {"classify": "multiclass", "segment": "multiclass"}
    competition = competition_of_preset(
        tmp_path,
        find_preset("cassava"),
        sample=None,
        tasks=tasks,
        classes=["0", "1", "2", "3", "4"],
        data={
            "train": {
                "table": "train.csv",
                "id": "id",
                "images": "train/{id}",
                "label": "label",
                "mask": "masks/{id}.png",
            },
            "test": {"images": "test/*.png"},
        },
    )
    assert competition.scored_task == "classify"
    assert competition.metric.name == "accuracy"


def test_the_kind_of_kaggle_s_competition_is_known_for_that_competition_alone():
    given = {"submission": {"preset": "severstal"}}
    own = {**given, "kaggle": {"slug": "severstal-steel-defect-detection"}}
    assert with_preset_values(own)["kaggle"]["kind"] == "code"
    assert with_preset_values({**given, "kaggle": {"slug": "a-course"}})["kaggle"] == {
        "slug": "a-course"
    }
    assert "kaggle" not in with_preset_values(given)


def test_a_spec_that_was_filled_in_is_read_back_as_the_same(tmp_path):
    competition = competition_of_preset(tmp_path, find_preset("uw-madison"), sample=None)
    document = competition.model_dump()
    assert Competition.model_validate(document).model_dump() == document


def test_an_unknown_preset_is_refused_with_its_line_and_the_nearest_names(tmp_path):
    competition_of_preset(tmp_path, find_preset("severstal"), sample=None)
    file = tmp_path / "competition.yaml"
    spec = yaml.safe_load(file.read_text())
    spec |= {"tasks": {"segment": "binary"}, "metric": {"name": "mean_dice"}}
    spec["submission"] = {"preset": "severstall"}
    file.write_text(yaml.safe_dump(spec, sort_keys=False))
    line = file.read_text().splitlines().index("  preset: severstall") + 1
    with pytest.raises(DataError, match=r"'severstall'\n  fix: write severstal") as caught:
        load_competition(tmp_path)
    assert str(caught.value.where).endswith(f"competition.yaml:{line}")


def test_a_part_of_a_name_finds_the_presets_that_hold_it():
    with pytest.raises(DataError) as caught:
        find_preset("landmark-recognition")
    assert "landmark-recognition-2019 or landmark-recognition-2020" in str(caught.value.fix)


def test_an_unknown_value_is_refused_when_the_spec_is_read(tmp_path):
    with pytest.raises(DataError, match=r"no value 'labell'\n  fix: write label"):
        competition_of_preset(
            tmp_path, find_preset("cassava"), sample=None, submission={"value": "labell"}
        )
