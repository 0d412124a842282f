from __future__ import annotations

import numpy as np
import pytest
import torch
from pydantic import ValidationError
from training.pseudo_label_cases import (
    SURE,
    fixed_predictions,
    hard_mask,
    make,
    tell,
)

from podium.competition.truths.masks import IGNORE
from podium.errors import RecipeError
from podium.tasks.protocols.find import image_kind
from podium.training.method import (
    UNLABELLED,
)
from podium.training.semi_supervised import hard_labels

MANY = [[0.9, 0.1], [0.95, 0.05], [0.95, 0.05], [0.2, 0.8], [0.6, 0.4], [0.05, 0.95]]
BOTH = {"classify": "multiclass", "segment": "multiclass"}


class TestSelecting:
    """`start_epoch` selects from the network's predictions."""

    def test_the_sure_ones_get_the_class_that_is_likeliest(self) -> None:
        predict, asked = fixed_predictions(SURE, parts=2)
        chosen = make(n_outputs=3, threshold=0.8, weight=0.5).start_epoch(0, predict)
        assert tell(chosen) == [(0, 1, 0.9, 0), (2, 2, 0.95, 0), (3, 0, 0.8, 0)]
        assert chosen.labels.dtype == np.int64
        assert chosen.weight.tolist() == [0.5, 0.5, 0.5]
        assert chosen.masks is None
        assert asked == [UNLABELLED]

    def test_classes_that_are_never_predicted_leave_the_others_their_numbers(self) -> None:
        predict, _ = fixed_predictions([[0, 0, 0, 0.9, 0.1], [0, 0, 0, 0.05, 0.95]])
        assert make(threshold=0.9).start_epoch(0, predict).labels.tolist() == [3, 4]

    def test_no_confident_sample_is_an_empty_selection(self) -> None:
        predict, _ = fixed_predictions(SURE)
        chosen = make(n_outputs=3, threshold=0.98).start_epoch(0, predict)
        assert len(chosen) == 0
        assert chosen.labels.shape == (0,)

    def test_a_binary_answer_is_as_sure_of_no_as_of_yes(self) -> None:
        predict, _ = fixed_predictions([[0.95], [0.5], [0.04]])
        of = make({"classify": "binary"}, n_outputs=1, threshold=0.9)
        assert tell(of.start_epoch(0, predict)) == [(0, 1.0, 0.95, 0), (2, 0.0, 0.96, 0)]

    def test_each_output_of_a_multilabel_task_is_sure_by_itself(self) -> None:
        predict, _ = fixed_predictions([[0.95, 0.5, 0.02], [0.6, 0.5, 0.4]])
        of = make({"classify": "multilabel"}, n_outputs=3, threshold=0.9)
        chosen = of.start_epoch(0, predict)
        assert chosen.index.tolist() == [0]
        np.testing.assert_array_equal(chosen.labels, [[1.0, np.nan, 0.0]])
        np.testing.assert_allclose(chosen.confidence, [(0.95 + 0.98) / 2], rtol=1e-6)

    @pytest.mark.parametrize("kind", ["multiclass", "binary", "multilabel"])
    def test_masks_are_selected_pixel_by_pixel(self, kind: str) -> None:
        rng = np.random.default_rng(0)
        n_outputs = 1 if kind == "binary" else 3
        probs = [rng.random((h, 4, n_outputs)).astype(np.float32) ** 0.3 for h in (3, 5)]
        if kind == "multiclass":
            probs = [one / one.sum(-1, keepdims=True) for one in probs]
        probs[0][1, 2] = np.nan  # the network was not shown this pixel
        probs.append(np.full((2, 2, n_outputs), 0.5 if n_outputs == 1 else 0.4, np.float32))
        threshold = 0.45 if kind == "multiclass" else 0.8
        predict, _ = fixed_predictions(masks=probs)
        of = make({"segment": kind}, n_outputs=n_outputs, threshold=threshold)
        chosen = of.start_epoch(0, predict)
        assert chosen.index.tolist() == [0, 1]
        assert chosen.labels is None
        for number in (0, 1):
            mask, sure = hard_mask(probs[number], kind, threshold)
            np.testing.assert_array_equal(chosen.masks[number], mask)
            assert chosen.masks[number].dtype == np.uint8
            np.testing.assert_allclose(chosen.confidence[number], np.mean(sure), rtol=1e-6)
        assert chosen.masks[0][1, 2].tolist() in (IGNORE, [IGNORE] * 3)

    def test_an_image_is_selected_for_any_of_its_predictions(self) -> None:
        flat = [[[0.5, 0.5], [0.5, 0.5]]]
        one_pixel = [[[0.5, 0.5], [0.03, 0.97]]]
        labels = [[0.9, 0.1], [0.6, 0.4], [0.6, 0.4], [0.05, 0.95]]
        predict, _ = fixed_predictions(labels, [flat, one_pixel, flat, one_pixel])
        of = make({"classify": "multiclass", "segment": "multiclass"}, n_outputs=2, threshold=0.9)
        chosen = of.start_epoch(0, predict)
        assert tell(chosen) == [(0, 0, 0.9, 0), (1, -1, 0.97, 0), (3, 1, 0.95, 0)]
        unknown, known = [[IGNORE, IGNORE]], [[IGNORE, 1]]
        assert [mask.tolist() for mask in chosen.masks] == [unknown, known, known]

    def test_only_the_tasks_of_the_phase_are_labelled(self) -> None:
        predict, _ = fixed_predictions([[0.9, 0.1]], [[[[0.03, 0.97]]]])
        kinds = {"classify": "multiclass", "segment": "multiclass"}
        of = make(kinds, loss={"classify": {"ce": 1}}, n_outputs=2, threshold=0.95)
        assert len(of.start_epoch(0, predict)) == 0

    def test_labels_and_pixels_have_thresholds_of_their_own(self) -> None:
        flat = [[[0.5, 0.5], [0.5, 0.5]]]
        one_pixel = [[[0.5, 0.5], [0.3, 0.7]]]
        predict, _ = fixed_predictions(
            [[0.9, 0.1], [0.8, 0.2], [0.8, 0.2]], [flat, one_pixel, flat]
        )
        of = make(BOTH, n_outputs=2, threshold=0.85, mask_threshold=0.65)
        assert tell(of.start_epoch(0, predict)) == [(0, 0, 0.9, 0), (1, -1, 0.7, 0)]

    def test_a_threshold_of_pixels_rises_by_itself(self) -> None:
        one_pixel = [[[0.5, 0.5], [0.3, 0.7]]]
        of = make(
            {"segment": "multiclass"},
            n_outputs=2,
            threshold=0.2,
            mask_threshold={"start": 0.6, "step": 0.1, "max": 0.9},
            every=1,
        )
        n = [
            len(of.start_epoch(epoch, fixed_predictions(masks=[one_pixel])[0]))
            for epoch in range(3)
        ]
        assert n == [1, 1, 0]


class TestPlaces:
    """The number of labels of a class that join at most."""

    @pytest.mark.parametrize("parts", [1, 3])
    @pytest.mark.parametrize("places", [1, 2, 9])
    def test_the_surest_of_each_class_take_them(self, places: int, parts: int) -> None:
        predict, _ = fixed_predictions(MANY, parts=parts)
        chosen = make(n_outputs=2, threshold=0.7, per_class=places).start_epoch(0, predict)
        wanted = []
        for label in (0, 1):
            sure = [
                (-max(p), row)
                for row, p in enumerate(MANY)
                if p.index(max(p)) == label and max(p) >= 0.7
            ]
            wanted += [row for _, row in sorted(sure)[:places]]
        assert chosen.index.tolist() == sorted(wanted)
        assert chosen.labels.dtype == np.int64

    def test_a_binary_no_has_places_as_a_yes_has(self) -> None:
        predict, _ = fixed_predictions([[0.95], [0.97], [0.04], [0.02]])
        of = make({"classify": "binary"}, n_outputs=1, threshold=0.9, per_class=1)
        assert tell(of.start_epoch(0, predict)) == [(1, 1.0, 0.97, 0), (3, 0.0, 0.98, 0)]

    def test_without_a_place_an_image_stays_for_its_mask_alone(self) -> None:
        flat = [[[0.5, 0.5], [0.5, 0.5]]]
        one_pixel = [[[0.5, 0.5], [0.03, 0.97]]]
        labels = [[0.91, 0.09], [0.92, 0.08], [0.95, 0.05]]
        predict, _ = fixed_predictions(labels, [flat, one_pixel, flat])
        of = make(BOTH, n_outputs=2, threshold=0.9, per_class=1)
        chosen = of.start_epoch(0, predict)
        assert tell(chosen) == [(1, -1, 0.97, 0), (2, 0, 0.95, 0)]
        assert [mask.tolist() for mask in chosen.masks] == [[[IGNORE, 1]], [[IGNORE, IGNORE]]]

    def test_permanent_every_epoch_has_places_of_its_own(self) -> None:
        of = make(n_outputs=2, mode="permanent", threshold=0.7, per_class=1)
        assert of.start_epoch(0, fixed_predictions(MANY)[0]).index.tolist() == [1, 5]
        assert of.start_epoch(1, fixed_predictions(MANY)[0]).index.tolist() == [1, 5, 2, 3]

    def test_unconfident_samples_take_no_place(self) -> None:
        of = make(n_outputs=3, threshold=0.98, per_class=2)
        assert len(of.start_epoch(0, fixed_predictions(SURE)[0])) == 0

    def test_what_has_no_class_to_count_by_is_refused(self) -> None:
        with pytest.raises(RecipeError, match="no image has a label of one class"):
            make({"classify": "multilabel"}, n_outputs=3, per_class=2)
        with pytest.raises(RecipeError, match="no image has a label of one class"):
            make({"segment": "multiclass"}, n_outputs=3, per_class=2)
        with pytest.raises(ValidationError, match="chooses anew at every step"):
            make(mode="classical", per_class=2)
        with pytest.raises(RecipeError, match="this phase learns none"):
            make(mask_threshold=0.5)


def test_pixels_outside_every_window_have_no_prediction() -> None:
    probs = torch.tensor([[[0.9, 0.6, torch.nan]], [[0.1, 0.4, torch.nan]]]).permute(1, 0, 2)
    hard = hard_labels(probs, image_kind("multiclass"), threshold=0.8)  # an image of three pixels
    assert hard.target.tolist() == [[0, -1, -1]]
    assert hard.share == 0.5
