"""Figures of training and of networks draw what a plain computation gives."""

import numpy as np
import pytest
from matplotlib.patches import FancyBboxPatch, Rectangle

from podium.models.network_summary import NetworkPart, NetworkSummary
from podium.reporting.figures import architecture as networks
from podium.reporting.figures._panel import band_of
from podium.reporting.figures.architecture import architecture, counted, shaped
from podium.reporting.plots.run import pseudo_labels as pseudo
from podium.reporting.plots.run import seeds
from podium.reporting.plots.run import thresholds as told
from podium.reporting.plots.run.pseudo_labels import pseudo_labels
from podium.reporting.plots.run.seeds import seed_bands
from podium.reporting.plots.run.thresholds import scalars

NAN = float("nan")
NASTY = 'a$b$ <b>"x"</b>\nשלום'


def test_a_band_is_what_a_loop_over_epochs_finds():
    draw = np.random.default_rng(0)
    # Of some epochs all are above 0, of the others all below.
    curves = [draw.normal(size=n) + 9.0 * (-1) ** np.arange(n) for n in (5, 7, 6)]
    curves[0][2] = curves[1][2] = NAN
    curves[1][6] = NAN  # nobody has the last epoch
    band = band_of(curves)
    assert [len(one) for one in band] == [7] * 4
    for epoch in range(7):
        known = [one[epoch] for one in curves if epoch < len(one) and np.isfinite(one[epoch])]
        at = [one[epoch] for one in band]
        if not known:
            assert np.isnan(at).all()
            continue
        std = np.std(known, ddof=1) if len(known) > 1 else NAN
        np.testing.assert_allclose(at, [min(known), np.mean(known), max(known), std])


def lines_of(axes):
    return {line.get_label(): line for line in axes.lines if not line.get_label().startswith("_")}


def test_figure_of_pseudo_labels_has_counts_above_and_scores_below():
    used = {"1": [NAN, 4, 9], "0": [NAN, 5, 5]}
    right, sure = {"0": [NAN, 0.8, 0.6], "1": [NAN, NAN, NAN]}, {"0": [NAN, 0.9, 0.95]}
    figure = pseudo_labels(used, right, sure, label=NASTY, phases=[(1, "a"), (2, "b")])
    figure.draw_without_rendering()
    above, below = figure.axes
    drawn = lines_of(above)
    assert list(drawn) == ["fold 1", "fold 0"]
    np.testing.assert_array_equal(drawn["fold 1"].get_xydata(), [[1, NAN], [2, 4], [3, 9]])
    assert above.get_ylim()[0] == 0
    solid, dashed = below.lines[:2]
    np.testing.assert_array_equal(solid.get_ydata(), right["0"])
    np.testing.assert_array_equal(dashed.get_ydata(), sure["0"])
    assert solid.get_linestyle() == "-" != dashed.get_linestyle()
    assert {one.get_color() for one in (solid, dashed)} == {drawn["fold 0"].get_color()}
    assert "confidence dashed" in below.get_ylabel()


@pytest.mark.parametrize("right", [None, {}, {"0": [NAN, NAN]}])
def test_pseudo_labels_without_any_truth_have_one_panel(right):
    figure = pseudo_labels({"0": [NAN, 4]}, right)
    figure.draw_without_rendering()
    assert len(figure.axes) == 1


def test_scalars_are_means_over_folds_with_their_range():
    folds = {"0": [1.0, 2.0, 4.0], "1": [3.0, 2.0]}
    figure = scalars({"one": {"a": folds, NASTY: {"0": [5.0]}}, "two": {"c": folds}})
    figure.draw_without_rendering()
    first, second = figure.axes
    np.testing.assert_array_equal(first.lines[0].get_xydata(), [[1, 2], [2, 2], [3, 4]])
    np.testing.assert_array_equal(first.lines[1].get_xydata(), [[1, 5]])
    (band,) = first.collections
    assert {tuple(one) for one in band.get_paths()[0].vertices} == {
        (1.0, 1.0), (1.0, 3.0), (2.0, 2.0), (3.0, 4.0)
    }  # fmt: skip
    assert [one.get_title(loc="left") for one in figure.axes] == ["one", "two"]
    assert first.lines[0].get_linestyle() != first.lines[1].get_linestyle()
    assert second.get_legend() is None


@pytest.mark.parametrize(("width", "columns"), [(720, 2), (330, 1)])
def test_scalars_stand_below_each_other_on_a_phone(width, columns):
    figure = scalars({name: {name: {"0": [1.0, 2.0]}} for name in "abc"}, width_px=width)
    figure.draw_without_rendering()
    assert figure.get_figwidth() * 72 == pytest.approx(width)
    left = {round(one.get_position().x0, 3) for one in figure.axes if one.axison}
    assert len(left) == columns


def test_seeds_are_their_mean_deviation_and_range():
    of = {7: [1.0, 2.0], 3: [2.0, 4.0], 5: [6.0]}
    figure = seed_bands({"loss": of})
    figure.draw_without_rendering()
    (axes,) = figure.axes
    *each, mean = axes.lines
    np.testing.assert_array_equal(mean.get_xydata(), [[1, 3], [2, 3]])
    assert [list(one.get_ydata()) for one in each] == [list(one) for one in of.values()]
    corners = [{tuple(one) for one in band.get_paths()[0].vertices} for band in axes.collections]
    assert corners[0] == {(1.0, 1.0), (1.0, 6.0), (2.0, 2.0), (2.0, 4.0)}
    std = [np.std(one, ddof=1) for one in ([1, 2, 6], [2, 4])]
    wanted = {(x, round(3 + sign * std[x - 1], 9)) for x in (1, 2) for sign in (-1, 1)}
    assert {(x, round(y, 9)) for x, y in corners[1]} == wanted


@pytest.mark.parametrize("width", [720, 330])
def test_names_of_many_scalars_stand_below_what_they_name(width):
    epochs = {"0": np.arange(5.0)}
    many = {f"term {number}": epochs for number in range(7)}
    figure = scalars({"Loss": many, "Threshold and confidence": {"confidence": epochs},
                      "Others": {"spread": epochs}}, width_px=width)  # fmt: skip
    figure.draw_without_rendering()
    renderer = figure._get_renderer()
    loss, threshold, others = figure.axes[:3]
    key = loss.get_legend().get_window_extent(renderer)
    assert key.y1 <= loss.xaxis.get_tightbbox(renderer).y0
    assert key.y0 >= 0
    assert key.x0 >= 0
    assert key.x1 <= figure.bbox.x1
    assert [one.get_text() for one in loss.get_legend().get_texts()] == list(many)
    assert threshold.get_legend() is None
    assert [one.get_ylabel() for one in (threshold, others)] == ["", "spread"]


PARTS = (
    NetworkPart("stem", "backbone", (8, 32, 32), 1_000, 1_000, 0),
    *(NetworkPart(f"blocks.{n}", "backbone", (17, 24), 2_000_000, 500, n + 1) for n in range(4)),
    NetworkPart("pool", "classify", (24,), 0, 0),
    NetworkPart(NASTY, "classify", (3,), 75, 75),
    NetworkPart("logits", "segment", (2, 64, 64), 99, 99),
)
FROZEN = ((True, True, True, False, False, False, True, False), (True, *[False] * 7))


def drawn(width=720, **changes):
    told_of = {"phases": ("first", "second"), "frozen": FROZEN, **changes}
    figure = architecture(NetworkSummary("net", (3, 64, 64), PARTS, **told_of), width_px=width)
    figure.draw_without_rendering()
    (axes,) = figure.axes
    return figure, axes


def test_a_network_is_its_parts_below_each_other_those_alike_as_one():
    _, axes = drawn()
    boxes = [one for one in axes.patches if isinstance(one, FancyBboxPatch)]
    middle = {one.get_y() + one.get_height() / 2: one for one in boxes}
    rows = {}
    for text in axes.texts:
        if text.get_position()[1] in middle and text.get_text():
            rows.setdefault(text.get_position()[1], []).append(text.get_text())
    predicted = [sorted(rows[y]) for y in sorted(rows)]
    assert predicted[:4] == [
        ["3 × 64 × 64", "image"],
        ["1.0 k", "8 × 32 × 32", "stem"],
        # The first two are frozen in the first phase, the last two never are.
        ["1.0 k of 4.0 M", "17 tokens × 24", "blocks.0–1"],
        ["1.0 k of 4.0 M", "17 tokens × 24", "blocks.2–3"],
    ]
    assert predicted[4] == ["24", "pool"]
    widths = [one.get_width() for one in boxes]
    assert widths[0] == widths[-1] > widths[1] > widths[2] > widths[4], "as fine as their maps"
    assert [one.get_edgecolor() == boxes[0].get_edgecolor() for one in boxes[1:]] == [
        True, *[False] * 5
    ]  # fmt: skip  # always frozen


@pytest.mark.parametrize("width", [720, 330])
def test_frozen_parts_are_hatched_in_the_column_of_their_phase(width):
    _, axes = drawn(width)
    cells = [one for one in axes.patches if isinstance(one, Rectangle)]
    legend = max(one.get_y() for one in cells)
    table = {}
    for one in cells:
        if one.get_y() < legend:
            table.setdefault(one.get_y(), []).append((one.get_x(), bool(one.get_hatch())))
    found = [[hatched for _, hatched in sorted(table[y])] for y in sorted(table)]
    # Stem, two times two blocks, the layer, the logits; what has no parameter has no cell.
    assert found == [[True, True], [True, False], [False, False], [True, False], [False, False]]
    assert [bool(one.get_hatch()) for one in cells if one.get_y() == legend] == [False, True]


@pytest.mark.parametrize("width", [720, 330])
def test_nothing_of_a_network_is_cut_or_overlaps(width):
    many = {"phases": tuple(f"{NASTY} {n}" for n in range(6)), "frozen": FROZEN * 3}
    figure, axes = drawn(width, **many)
    renderer = figure._get_renderer()
    extents = [one.get_window_extent(renderer) for one in axes.texts if one.get_text()]
    for one in extents:
        assert one.x0 >= 0
        assert one.x1 <= figure.bbox.x1
    for number, one in enumerate(extents):
        for other in extents[number + 1 :]:
            apart = (
                one.x1 <= other.x0 or other.x1 <= one.x0 or one.y1 <= other.y0 or other.y1 <= one.y0
            )
            assert apart
    right = max(one.get_x() + one.get_width() for one in axes.patches if isinstance(one, Rectangle))
    assert right <= width


@pytest.mark.parametrize(
    ("reads", "led"),
    [
        # The first head stands below the last part, which has an arrow to it.
        ({}, {"logits": {"blocks.0–3"}}),
        ({"classify": (4,), "segment": (4,)}, {"logits": {"blocks.0–3"}}),
        (
            {"classify": (0, 4), "segment": (0, 2)},
            {"pool": {"stem"}, "logits": {"stem", "blocks.0–3"}},
        ),
        ({"classify": (4,), "segment": ()}, {}),
    ],
)
def test_lines_lead_from_the_maps_that_a_head_reads(reads, led):
    _, axes = drawn(frozen=((False,) * 8,) * 2, reads=reads)
    left = {}
    for one in axes.patches:
        if isinstance(one, FancyBboxPatch):
            left[one.get_y() + one.get_height() / 2] = one.get_x()
    names = {}
    for text in axes.texts:
        _, y = text.get_position()
        if y in left and text.get_ha() == "center":
            names[left[y], y] = text.get_text()
    found, starts, ys = {}, set(), set()
    for line in axes.lines:
        points = [tuple(one) for one in line.get_xydata().tolist()]
        if len(points) == 2:
            assert points[0][1] == points[1][1]
            starts.add(names[points[0]])
            ys.add(points[0][1])
        else:
            (x, y), (same, end), (right, _) = points
            assert x == same < right
            assert y == min(ys) < end, "from the first of them"
            found[names[right + 3, end]], starts, ys = starts, set(), set()
    assert not starts
    assert found == led


def test_a_network_of_which_nothing_is_frozen_has_no_columns():
    _, axes = drawn(frozen=((False,) * 8, (False,) * 8))
    assert not [one for one in axes.patches if isinstance(one, Rectangle)]
    assert "first" not in [one.get_text() for one in axes.texts]


@pytest.mark.parametrize(
    ("number", "text"),
    [(0, ""), (999, "999"), (1_000, "1.0 k"), (99_940, "99.9 k"), (999_499, "999 k"),
     (999_600, "1.0 M"), (85_798_656, "85.8 M"), (1_136_000_000, "1.1 G")],
)  # fmt: skip
def test_numbers_of_parameters_have_three_digits_or_less(number, text):
    assert counted(number) == text


def test_a_shape_that_is_not_known_is_left_out():
    assert shaped(None) == ""
    assert shaped((3, 4, 5, 6)) == "3 × 4 × 5 × 6"


@pytest.mark.parametrize("module", [pseudo, told, seeds, networks])
def test_the_example_of_the_gallery_is_drawn_and_always_the_same(module):
    first, second = module.example(), module.example()
    for figure in (first, second):
        figure.draw_without_rendering()
    lines = [
        [line.get_xydata().tolist() for ax in one.axes for line in ax.lines]
        for one in (first, second)
    ]
    assert lines[0] == lines[1] or str(lines[0]) == str(lines[1])
    assert first.axes
