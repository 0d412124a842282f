"""The page of competitions with masks, in every combination of tasks."""

import json
import re
import types

import numpy as np
import pytest
from inkless_pages import leave_out_figures
from PIL import Image
from reporting.masks.test_mask_lens import looked_at
from reporting.test_report import HOSTILE, built

from podium.ensembling.record import read_parts
from podium.reporting import build_report
from podium.reporting.masks.evaluation import mask_class_scores, mask_names
from podium.reporting.masks.view import most_confused
from podium.reporting.pages.templating import templates
from podium.workspace import atomic

COMBINATIONS = [
    {"segment": "binary"},
    {"segment": "multiclass"},
    {"segment": "multilabel"},
    {"segment": "multiclass", "classify": "multiclass"},
    {"segment": "binary", "classify": "multiclass", "scored": "classify"},
    {"segment": "binary", "classify": "binary"},
    {"segment": "multilabel", "classify": "multilabel"},
    {"segment": "multiclass", "classify": "regression"},
]

QUICK = [COMBINATIONS[place] for place in (0, 3, 4)]
DRAWN = COMBINATIONS[6:]
"""One with decisions of its own for each class, and one of numbers; figures of the others are made
and named alone."""


def name_of(combination):
    return "-".join(combination.values())


def full(make_masks, **kwargs):
    made = make_masks(**kwargs)
    made.add_run("a-00000001", seed=1)
    made.add_run("b-00000002", seed=2)
    made.add_blend("a-00000001", "b-00000002")
    return made


@pytest.mark.other_cases("long", of="quick")
@pytest.mark.other_cases("long", every=4)
@pytest.mark.parametrize(
    ("combination", "ink"),
    [
        *((one, False) for one in QUICK),
        *(pytest.param(one, False, marks=pytest.mark.slow) for one in COMBINATIONS[1:3]),
        pytest.param(COMBINATIONS[5], False, marks=pytest.mark.slow),
        *(pytest.param(one, True, marks=pytest.mark.slow) for one in DRAWN),
    ],
    ids=lambda one: name_of(one) if isinstance(one, dict) else None,
)
def test_every_combination_of_tasks_gets_what_applies_to_it(make_masks, combination, ink):
    page = built(full(make_masks, **combination), ink=ink)
    drawn = " ".join(svg["aria-label"] for svg in page.all("svg"))
    assert "Not everything could be shown" not in page.text
    kind, scored = combination.get("classify"), combination.get("scored", "segment")
    assert ("Confusion matrix" in drawn) == (kind in ("multiclass", "binary"))
    assert ("Predicted against true" in drawn) == (kind == "regression")
    assert "mean_dice of each of" in drawn
    assert "Masks with each class, by fold" in drawn
    heading = "Masks of the best run" if scored == "classify" else "Best blend"
    sections = [a["id"] for _, a in page.elements if (a.get("id") or "").startswith("best-")]
    both = ["best-labels", "best-masks"] if kind else ["best-masks"]
    assert sections == (both if scored == "classify" else both[::-1])
    assert heading in page.text
    panels = [one["alt"] for one in page.all("img") if ", true mask: " in one.get("alt", "")]
    assert len(panels) == 9
    ids = [attributes["id"] for _, attributes in page.elements if attributes.get("id")]
    assert sorted(ids) == sorted(set(ids))
    links = {a["href"][1:] for a in page.all("a")}
    assert links <= set(ids)
    pictures = [one for one in page.all("img") if "src" in one]
    assert all(len(one["alt"]) > 20 for one in pictures)


RULES = {
    "binary": "A pixel belongs to the mask if its probability reaches the threshold.",
    "multiclass": "A pixel gets its most probable class if the probabilities of all classes",
    "multilabel": "A pixel belongs to a class if the probability of that class reaches",
}


@pytest.mark.other_cases("long", of="quick")
@pytest.mark.parametrize("kind", RULES)
def test_the_slider_explains_the_rule_of_its_kind_of_masks(make_masks, kind):
    made = make_masks(segment=kind)
    made.add_run("a-00000001")
    text = built(made, figures=False).text
    assert [one for one, rule in RULES.items() if rule in text] == [kind]
    is_plain = "At 0.50 this is the plain decision" in text
    assert is_plain == (kind != "multiclass")
    assert ("the plain decision, which is another one" in text) == (not is_plain)
    assert "nothing was fitted on these rows" in text


@pytest.mark.slow
def test_scores_by_class_and_fold_of_a_fitted_blend_are_called_optimistic(make_masks):
    text = built(full(make_masks, segment="multilabel"), figures=False).text
    assert "those of each fold too: the scores are optimistic" in text
    assert "nothing was fitted on these rows" not in text


@pytest.mark.other_cases("long", of="quick")
@pytest.mark.parametrize("names", [("a-00000001",), ("a-00000001", "b-00000002")])
def test_a_mean_that_is_decided_plainly_is_called_so_in_both_places(make_masks, names):
    made = make_masks(segment="binary")
    for seed, name in enumerate(names, 1):
        made.add_run(name, seed=seed)
    made.add_blend(*names, plain=True)
    text = built(made, figures=False).text
    assert "masks, decided plainly; nothing was fitted on these images." in text
    assert "and decided plainly; nothing was fitted on these rows." in text
    assert "flatter" not in text
    assert "a pixel belongs to a mask from a probability of 0.5 on" in text


@pytest.mark.slow
def test_the_lowest_class_and_the_score_of_the_final_decision_are_named(make_masks):
    made = make_masks(segment="multiclass")
    made.add_run("a-00000001", seed=1)
    folder = made.add_blend("a-00000001")
    text = built(made, figures=False).text
    blend = read_parts(folder)["segment"].blend
    found = mask_class_scores(looked_at(made, folder), n=20)
    lowest = mask_names(made.competition)[int(np.argmin(found.scores))]
    assert f"Lowest {found.metric}: {lowest} , {found.scores.min():.3f}." in text
    assert (
        f"the final decision, which is another one and scores {blend.optimistic:.4f} on these "
        f"images (honest {blend.honest:.4f})"
    ) in text


@pytest.mark.parametrize(
    ("n_worst", "shown"),
    [(1234, "1,234 of 2,000 images have the worst score , 0.0000."), (3, ""), (2000, "")],
)
def test_the_page_begins_with_how_many_images_score_worst_where_not_all_are_shown(n_worst, shown):
    source = templates().loader.get_source(templates(), "masks.html")[0]
    start = source.index("{% set g = v.gallery %}")
    sentence = source[start : source.index("{% if v.lowest or", start)]
    cases = [types.SimpleNamespace(rank="worst")] * 3
    gallery = types.SimpleNamespace(n_worst=n_worst, n_seen=2000, worst=0.0, cases=cases)
    page = templates().from_string(sentence).render(v=types.SimpleNamespace(gallery=gallery))
    assert " ".join(re.sub("<[^>]+>", " ", page).split()) == shown


@pytest.mark.slow
def test_runs_without_any_blend_show_the_masks_of_the_best(make_masks):
    made = make_masks(segment="multiclass")
    assert "Masks of the best run" not in built(made, figures=False).text
    made.add_run("a-00000001")
    page = built(made, figures=False)
    assert "No blend has masks. a-00000001 is the best run by mean_dice" in page.text
    assert "the decision is the plain one" in page.text


@pytest.mark.slow
def test_a_run_of_labels_alone_is_shown_beside_masks(make_masks):
    made = make_masks(segment="multiclass", classify="multiclass")
    made.add_run("a-00000001")
    made.add_run("labels-00000002", tasks=["classify"])
    made.add_blend("a-00000001", "labels-00000002")
    page = built(made)
    assert "Not everything could be shown" not in page.text
    masks = page.text.index("Masks · mean_dice, honest")
    labels, runs = page.text.index("Labels · accuracy, honest"), page.text.index("OOF of labels")
    assert "labels-00000002" not in page.text[masks:labels]
    assert "labels-00000002" in page.text[labels:runs]


def test_the_page_counts_labels_masks_and_empty_masks(make_masks, monkeypatch):
    leave_out_figures(monkeypatch)
    page = built(make_masks(segment="multiclass", classify="multiclass"))
    # Of 18 images every sixth from 4 has no mask (4, 10, 16), every fifth from 3 an empty one
    # (3, 8, 13); every seventh from 5 has no label (5, 12).
    for predicted in (
        "train with a label 16",
        "train with a mask 15",
        "train with both 13",
        "masks without a pixel 3",
    ):
        assert predicted in page.text
    assert "multiclass labels and multiclass masks · mean_dice of masks" in page.text
    assert "15 masks" in page.text


@pytest.mark.slow
def test_both_tasks_have_a_curve_and_only_what_was_written(make_masks):
    made = make_masks(segment="multiclass", classify="multiclass")
    run = made.add_run("a-00000001")
    stages = [{"phase": "start", "epochs": 0, "scores": {"mean_dice": 0.11, "accuracy": None}}]
    atomic.write_text(run / "fold-1" / "done.json", json.dumps({"stages": stages}))
    page = built(made)
    drawn = [svg["aria-label"] for svg in page.all("svg")]
    assert any(one.startswith("mean_dice by epoch of run a-00000001") for one in drawn)
    last = "fold 0 0.4, fold 1 0.4, fold 2 0.4"
    assert any(one.startswith("accuracy by epoch") and one.endswith(last) for one in drawn)
    assert page.text.count("Epoch 0: before training") == 1
    assert "accuracy 0.6000" in page.text.replace("0.6000 accuracy", "accuracy 0.6000")


@pytest.mark.slow
def test_a_run_that_scored_every_mask_is_whole(make_masks, monkeypatch):
    leave_out_figures(monkeypatch)
    made = make_masks(segment="multiclass", classify="multiclass")
    run = made.add_run("a-00000001")
    assert "12 of 15 rows" in built(made).text
    record = run / "record.json"
    atomic.write_text(record, record.read_text().replace('"scored_rows": 12', '"scored_rows": 15'))
    assert not re.search(r"\d+ of \d+ rows", built(made).text)


@pytest.mark.slow
def test_class_names_are_text_and_nothing_else(make_masks):
    made = full(make_masks, segment="multilabel", classes=HOSTILE)
    page = built(made, ink=True)
    shown = [word.strip() for word in page.words]
    for name in HOSTILE:
        assert name in shown
    assert len([one for one in page.all("script") if "type" not in one]) == 1
    assert not [a for _, a in page.elements if any(name.startswith("on") for name in a)]


@pytest.mark.slow
def test_a_mended_mask_makes_a_new_page(make_masks, monkeypatch):
    leave_out_figures(monkeypatch)
    made = full(make_masks, segment="multiclass", classify="multiclass")
    before = built(made)
    file = made.workspace.root / "masks" / "i04.png"  # it had none
    Image.new("L", (16, 13)).save(file)
    assert "train with a mask 16" in built(made).text
    assert "train with a mask 15" in before.text


@pytest.mark.slow
def test_unreadable_files_are_reported_and_stop_nothing(make_masks, monkeypatch):
    leave_out_figures(monkeypatch)
    made = full(make_masks, segment="multiclass", classify="multiclass")
    built(made)  # by now every mask is counted
    made.workspace.report.unlink()
    for file in (made.workspace.root / "train").iterdir():
        file.write_bytes(b"no picture")
    page = built(made)
    assert "Not everything could be shown" in page.text
    assert "Best blend: labels" in page.text


@pytest.mark.slow
def test_a_damaged_mask_is_reported_and_labels_are_still_shown(make_masks):
    made = full(make_masks, segment="multiclass", classify="multiclass")
    (made.workspace.root / "masks" / "i00.png").write_bytes(b"no picture")
    page = built(made)
    assert "Not everything could be shown" in page.text
    assert "i00.png" in page.text


@pytest.mark.slow
def test_in_a_browser_masks_open_and_nothing_is_too_wide(make_masks, browser):
    made = full(make_masks, segment="multiclass", classify="multiclass")
    page = build_report(made.workspace, made.competition)
    for width in (390, 1400):
        tab = browser.open(page.as_uri(), width=width)
        assert tab.fits
        tab.run("document.querySelector('button.open').click()")
        assert tab.run("document.querySelector('#viewer[open] img').alt.length") > 20
        tab.close()


def test_the_largest_share_of_wrong_pixels_is_named_also_where_these_become_background():
    names = ["kwarc", "granat"]
    # By actual class, background first: 7 of 100 pixels of granat are lost, one is taken for kwarc.
    pixels = np.array([[960, 20, 20], [1, 199, 0], [7, 1, 92]])
    assert most_confused(pixels, names) == ("granat", "background", 0.07)
    pixels[0] = [800, 200, 0]
    assert most_confused(pixels, names) == ("background", "kwarc", 0.2)
    assert most_confused(np.diag([5, 0, 3]), names) is None
    assert most_confused(None, names) is None
