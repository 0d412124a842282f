"""Figures as files: what is in them, the same bytes twice, and what is told of the rest."""

import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from command_line import podium
from PIL import Image

from podium.competition.truths.masks import truth_masks
from podium.errors import DataError, UsageError
from podium.reporting import export_figures
from podium.reporting.export import MOST_PIXELS, _dpi, _lacking, figure_names, figures_of
from podium.reporting.figures._panel import panel
from podium.reporting.masks.evaluation import evaluate_masks, mask_source_of_run
from podium.reporting.masks.painting import class_colors, paint_classes
from podium.reporting.masks.view import plot_mask_examples
from podium.reporting.subjects import mask_subject_of
from podium.workspace.records import read_record, write_record

HOSTILE = ["<b>x</b>", "\"><img src=x onerror='a'> & $a$ $b", "שלום 漢"]


def finished(made, name="small-0a0a0a0a"):
    """Return a run whose record names its predictions, as training leaves it."""
    run = made.add_run(name)
    record = read_record(run)
    write_record(run, record.model_copy(update={"details": {"predictions": "aabbccdd"}}))
    return run


class RecordedProgress:
    """Record all messages."""

    def __init__(self):
        self.lines = []

    def say(self, message):
        self.lines.append(message)


@pytest.mark.slow
def test_a_run_s_figures_are_vectors_with_their_fonts_and_the_same_bytes_again(make):
    made = make(classes=HOSTILE)
    finished(made)
    progress = RecordedProgress()
    files = export_figures(made.workspace, made.competition, "small", form="pdf", progress=progress)
    folder = made.workspace.root / "report" / "small-0a0a0a0a"
    assert sorted(folder.iterdir()) == sorted([*files, folder / "SHA256SUMS"])
    *figures, captions = files
    stems = [file.stem for file in figures]
    assert {"loss", "rate", "metric-accuracy", "confusion", "calibration", "classes"} <= {*stems}
    first = {file: file.read_bytes() for file in files}
    for file in figures:
        assert b"/FontFile2" in first[file], file  # TrueType, embedded
        assert b"/Type3" not in first[file], file
    blocks = captions.read_text(encoding="utf-8").split("\n\n")
    assert [block.splitlines()[0] for block in blocks] == [file.name for file in figures]
    assert re.search(r"Loss by epoch of run small-0a0a0a0a; .*fold 0 1.6", captions.read_text())
    assert any("no 漢" in line for line in progress.lines)  # DejaVu Sans has none
    export_figures(made.workspace, made.competition, "small", form="pdf")
    assert {file: file.read_bytes() for file in files} == first


@pytest.mark.slow
def test_pictures_are_white_opaque_and_300_dots_an_inch_and_svg_is_well_formed(make, tmp_path):
    made = make(classes=HOSTILE)
    finished(made)
    made.add_run("other-0b0b0b0b", seed=1)
    blend = made.add_blend("small-0a0a0a0a", "other-0b0b0b0b")
    to = tmp_path / "paper"
    *pngs, _ = export_figures(made.workspace, made.competition, "small", form="png", folder=to)
    sizes = {}
    for file in pngs:
        with Image.open(file) as picture:
            assert picture.info["dpi"] == pytest.approx((300, 300), abs=0.1)
            pixels = np.asarray(picture.convert("RGBA"))
        assert (pixels[..., 3] == 255).all()
        assert (pixels[0, 0] == 255).all()
        sizes[file.stem] = pixels.shape[1]
    *svgs, _ = export_figures(made.workspace, made.competition, blend.name, form="svg", folder=to)
    assert {"confusion", "agreement-classify"} <= {file.stem for file in svgs}
    for file in svgs:
        root = ET.parse(file).getroot()
        assert root.tag.endswith("}svg")
        if file.stem in sizes and file.stem != "calibration":
            inches = float(root.attrib["width"].removesuffix("pt")) / 72
            assert sizes[file.stem] == pytest.approx(300 * inches, abs=1)
        assert not root.findall(".//{*}script") + root.findall(".//{*}img")


@pytest.mark.slow
def test_images_with_masks_are_among_them_and_are_those_of_the_data(make_masks):
    made = make_masks()
    run = made.add_run("unet-0a0a0a0a")
    files = export_figures(made.workspace, made.competition, run.name, form="svg")
    assert {"mask-cases", "mask-sizes", "mask-classes", "loss"} <= {file.stem for file in files}
    source = mask_source_of_run(run.name, run / "predictions" / "aabbccdd", made.samples)
    lens = evaluate_masks(made.workspace, made.competition, source, made.samples, made.folds)
    plot = plot_mask_examples(mask_subject_of(lens))
    ranks = lens.cases(2)
    rows = [row for rank in ("best", "median", "worst") for row in ranks[rank]]
    assert [axes.get_ylabel().split(",")[0] for axes in plot.figure.axes[::4]] == [
        rank for rank in ("best", "median", "worst") for _ in ranks[rank]
    ]
    for position, row in enumerate(rows):
        truth = truth_masks(made.competition, lens.samples.iloc[[row]])[0]
        image, painted = (
            axes.images[0].get_array() for axes in plot.figure.axes[4 * position :][:2]
        )
        step = image.shape[0] // truth.shape[0]
        large = truth.repeat(step, axis=0).repeat(step, axis=1)
        expected = paint_classes(np.asarray(image), large, class_colors(2), "multiclass", 2)
        np.testing.assert_array_equal(painted, expected)
        assert lens.samples["id"].iloc[row] in plot.alt


@pytest.mark.slow
def test_unreadable_files_are_reported_and_the_rest_is_written(make):
    made = make()
    run = finished(made)
    for file in (run / "predictions").rglob("*"):
        if file.is_file():
            file.write_bytes(b"damaged")
    progress = RecordedProgress()
    files = export_figures(
        made.workspace, made.competition, run.name, form="svg", progress=progress
    )
    assert "loss" in {file.stem for file in files}
    assert "confusion" not in {file.stem for file in files}
    assert any("not shown: small-0a0a0a0a: labels: " in line for line in progress.lines)


def test_hundreds_of_classes_stay_within_memory_and_letters_without_a_shape_are_found():
    figure, axes = panel(520, 14_400)  # 800 classes, 18 pixels each
    width, height = figure.get_size_inches()
    assert _dpi(figure) < 300
    assert width * height * _dpi(figure) ** 2 == pytest.approx(MOST_PIXELS)
    axes.set_title("aאb漢é")
    assert _lacking(figure) == "漢"
    assert _dpi(panel(520, 400)[0]) == 300


@pytest.mark.slow
def test_the_command_lists_what_it_wrote_and_what_it_cannot_use(make):
    made = make()
    root = made.workspace.root
    finished(made)
    made.add_run("begun-0c0c0c0c", folds=())
    printed = podium(root, "report", "small", "--figures", "svg", "--to", root / "paper")
    assert printed.split()[0] == str(root / "paper" / "loss.svg")
    assert not (root / "report").exists()
    assert "podium report RUN" in podium(root, "report", "--figures", "pdf", code=2)
    assert "--figures pdf" in podium(root, "report", "small", code=2)
    assert "--to is of figures" in podium(root, "report", "--to", "x", code=2)
    assert "did you mean small" in podium(root, "report", "smal1", "--figures", "pdf", code=2)
    misspelt = podium(root, "report", "smal1", code=2)
    assert "did you mean small" in misspelt
    assert "--figures" not in misspelt
    assert "nothing to draw" in podium(root, "report", "begun", "--figures", "pdf", code=2)


@pytest.mark.slow
def test_figures_are_exported_by_name_and_a_missing_one_states_its_requirements(make, tmp_path):
    made = make()
    finished(made)

    def written(*names):
        files = export_figures(
            made.workspace,
            made.competition,
            "small",
            form="svg",
            names=names,
            folder=tmp_path / "f",
        )
        return [one.name for one in files]

    assert written("stages", "Confusion") == ["stages.svg", "confusion.svg", "captions.txt"]
    assert written("metric_accuracy") == ["metric-accuracy.svg", "captions.txt"]
    with pytest.raises(DataError, match="no figure tsne") as missing:
        written("tsne")
    assert "keep.epochs" in str(missing.value.fix)
    assert "podium report small-0a0a0a0a --list" in str(missing.value.fix)
    with pytest.raises(UsageError, match="no figure 'stagse'") as unknown:
        written("stagse")
    assert unknown.value.fix == "did you mean stages?"
    listed = figure_names(made.workspace, made.competition, "small")
    assert listed["stages"] == "Stages"
    assert "confusion" in listed


def test_the_stages_are_the_last_epochs_of_the_phases(make):
    made = make()
    finished(made)
    found = figures_of(
        made.workspace, made.competition, made.workspace.runs / "small-0a0a0a0a", problems=[]
    )
    (plot,) = [plot for _, plot in found if plot.name == "stages"]
    (axes,) = plot.figure.axes
    (mean,) = [line for line in axes.lines if line.get_label() == "mean"]
    assert mean.get_ydata().tolist() == pytest.approx([0.3, 0.6])
    assert [one.get_text() for one in axes.get_xticklabels()] == ["warm-up", "joint"]
