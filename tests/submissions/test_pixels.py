"""Files with a row a pixel: in the order of any sample, exact, and never all in memory."""

from __future__ import annotations

import csv
import itertools
import tracemalloc
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from podium.competition.spec import RleSpec, load_competition
from podium.competition.truths.masks import IGNORE
from podium.errors import DataError, SubmissionError
from podium.predictions.store.masks import MaskArrays, grey_values
from podium.submissions import check, write_pixels
from podium.submissions.format import csv_text, pixel_files, pixels
from podium.submissions.format.answers import read_answers, write_answers
from podium.submissions.format.cells import ExpectedRows
from podium.submissions.format.checking import check_expected
from podium.submissions.format.expected import expected_of_ids, expected_of_test
from podium.submissions.format.mask_sizes import MaskSizes
from podium.submissions.format.pixels import (
    AllPixels,
    images_of_pixels,
    locate_pixels,
)
from podium.submissions.format.spec import SubmissionFormat

SIZES = {"1": (2, 3), "x_2": (1, 2)}
ONE = np.array([[0.0, 0.5, 1.0], [0.25, 0.1, 0.75]], dtype=np.float32)
TWO = np.array([[0.125, 1 / 3]], dtype=np.float32)
VALUES = {"1": ONE, "x_2": TWO}
DOWN = ["1_1_1", "1_2_1", "1_1_2", "1_2_2", "1_1_3", "1_2_3", "x_2_1_1", "x_2_1_2"]
ALONG = ["1_1_1", "1_1_2", "1_1_3", "1_2_1", "1_2_2", "1_2_3", "x_2_1_1", "x_2_1_2"]
GOOD = (
    "id,value\n1_1_1,0\n1_2_1,0.25\n1_1_2,0.5\n1_2_2,0.1\n1_1_3,1\n1_2_3,0.75\n"
    "x_2_1_1,0.125\nx_2_1_2,0.33333334\n"
)


def form_of(**parameters):
    given = {
        "rows": "pixel",
        "id": "{id}_{row}_{column}",
        "columns": {"id": "id", "value": "value"},
        "value": "prob",
        "kind": "binary",
        **parameters,
    }
    return SubmissionFormat(task="segment", **given)


def answers_of(path, wanted):
    return dict(zip(wanted.ids, read_answers(path, wanted), strict=True))


@pytest.fixture
def pixels_of(tmp_path):
    """Return a factory: rows of the sample, submission keys, kind, classes → a competition."""

    def make(sample=None, submission="value: prob", kind="binary", classes=(), sizes=SIZES):
        (tmp_path / "test").mkdir(exist_ok=True)
        for name, (height, width) in sizes.items():
            Image.new("L", (width, height)).save(tmp_path / "test" / f"{name}.png")
        keys = f"rows: pixel, id: '{{id}}_{{row}}_{{column}}', {submission}"
        if "columns" not in submission:
            keys += ", columns: {id: id, value: value}"
        if sample is not None:
            (tmp_path / "sample.csv").write_text("id,value\n" + "".join(f"{i},0\n" for i in sample))
            keys += ", sample: sample.csv"
        (tmp_path / "competition.yaml").write_text(f"""
name: pages
tasks: {{segment: {kind}}}
classes: {list(classes)}
data:
  train: {{images: "train/*.png", mask: "masks/{{stem}}.png"}}
  test: {{images: "test/*.png"}}
metric: {{name: pixel_accuracy}}
submission: {{{keys}}}
kaggle: {{slug: pages}}
""")
        return load_competition(tmp_path)

    return make


def values_by_hand(path, sizes, *, base=1):
    """Return the values in a file as arrays, pixel by pixel, without podium."""
    found = {one: np.full(size, np.nan, dtype=np.float32) for one, size in sizes.items()}
    with path.open(newline="") as file:
        for row in csv.DictReader(file):
            name, down, right = row["id"].rsplit("_", 2)
            place = int(down) - base, int(right) - base
            assert np.isnan(found[name][place])
            found[name][place] = float(row["value"])
    return found


def test_rows_run_down_the_columns_by_default(pixels_of, tmp_path):
    competition = pixels_of()
    path = write_pixels(tmp_path / "s.csv", competition, VALUES.items())
    assert path.read_text() == GOOD
    assert check(path, competition) == []
    along = pixels_of(submission="value: prob, rle: {order: C}")
    write_pixels(path, along, VALUES.items())
    assert [line.split(",")[0] for line in path.read_text().splitlines()[1:]] == ALONG
    assert check(path, along) == []


@pytest.mark.parametrize(
    "sample",
    [DOWN, ALONG, sorted(ALONG), ALONG[::-1], DOWN[1::2] + DOWN[::2], DOWN[6:] + DOWN[:6]],
)
def test_the_order_of_the_sample_wins_whatever_it_is(pixels_of, tmp_path, sample):
    competition = pixels_of(sample)
    path = write_pixels(tmp_path / "s.csv", competition, reversed(VALUES.items()))
    assert [line.split(",")[0] for line in path.read_text().splitlines()[1:]] == sample
    assert check(path, competition) == []
    for one, found in values_by_hand(path, SIZES).items():
        np.testing.assert_array_equal(found, VALUES[one])


def test_a_sample_may_ask_for_some_pixels_only(pixels_of, tmp_path):
    competition = pixels_of(DOWN[2:])
    path = write_pixels(tmp_path / "s.csv", competition, VALUES.items())
    assert len(path.read_text().splitlines()) == 7
    predicted = answers_of(path, replace(expected_of_test(competition, SIZES), ids=list(SIZES)))
    np.testing.assert_array_equal(np.isnan(predicted["1"]), [[True, False, False]] * 2)


def test_labels_are_written_as_masks_have_them(pixels_of, tmp_path):
    masks = {"1": np.array([[0, 1, 2], [2, 1, 0]], np.uint8), "x_2": np.array([[0, 2]], np.uint8)}
    for value, texts in {"label": "012", "name": ["background", "tree", "sky"]}.items():
        competition = pixels_of(
            submission=f"value: {value}", kind="multiclass", classes=["tree", "sky"]
        )
        path = write_pixels(tmp_path / "s.csv", competition, masks.items())
        rows = path.read_text().splitlines()
        assert rows[1:4] == [f"1_1_1,{texts[0]}", f"1_2_1,{texts[2]}", f"1_1_2,{texts[1]}"]
        assert check(path, competition) == []
        form = form_of(value=value, kind="multiclass", classes=("tree", "sky"))
        predicted = answers_of(path, expected_of_ids(form, list(SIZES), MaskSizes(SIZES)))
        for one, mask in masks.items():
            np.testing.assert_array_equal(predicted[one], mask)
            assert predicted[one].dtype == np.uint8
    sample = pixels_of(DOWN[1:], submission="value: label")
    binary = {one: mask > 0 for one, mask in masks.items()}
    path = write_pixels(tmp_path / "s.csv", sample, binary.items())
    predicted = answers_of(path, replace(expected_of_test(sample, SIZES), ids=list(SIZES)))
    assert predicted["1"].tolist() == [[IGNORE, 1, 1], [1, 1, 0]]


def test_other_columns_and_ids_with_commas_survive(tmp_path):
    form = form_of(
        columns={"value": "value", "h": "height", "id": "id", "t": "text[a,b]"},
        id="{row}x{column}:{id}",
        index_base=0,
    )
    sizes = MaskSizes({'a,"b': (1, 2)})
    path = tmp_path / "s.csv"
    values = {'a,"b': np.array([[0.5, 1]])}
    write_answers(
        path, ExpectedRows(form, AllPixels(form, list(values), sizes), sizes), values.items()
    )
    assert path.read_text() == ('value,h,id,t\n0.5,1,"0x0:a,""b","a,b"\n1,1,"0x1:a,""b","a,b"\n')
    predicted = answers_of(path, expected_of_ids(form, list(values), sizes))
    np.testing.assert_array_equal(predicted['a,"b'], [[0.5, 1]])


def test_patches_are_named_by_their_first_pixels(tmp_path):
    form = form_of(id="{id}_{column}_{row}", index_base=0, index_step=16, value="label")
    masks = {"7": np.array([[0, 1, 1], [0, 0, 1]], np.uint8)}
    sizes = MaskSizes({"7": (2, 3)})
    path = tmp_path / "s.csv"
    write_answers(path, ExpectedRows(form, AllPixels(form, ["7"], sizes), sizes), masks.items())
    rows = ["7_0_0,0", "7_0_16,0", "7_16_0,1", "7_16_16,0", "7_32_0,1", "7_32_16,1"]
    assert path.read_text().split() == ["id,value", *sorted(rows, key=lambda one: one[:-2])] or (
        sorted(path.read_text().split()[1:]) == sorted(rows)
    )
    predicted = answers_of(path, expected_of_ids(form, ["7"], sizes))
    np.testing.assert_array_equal(predicted["7"], masks["7"])
    assert form.named("7", row=1, column=2) == "7_32_16"
    path.write_text(path.read_text().replace("7_16_0", "7_8_0"))
    found = check_expected(path, ExpectedRows(form, None, sizes, "nobody"))
    assert any("no pixel's" in str(one) for one in found)
    with pytest.raises(DataError, match="counts from 0 by 16"):
        images_of_pixels(form, ["7_8_0"])


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    base=st.sampled_from([0, 1]),
    order=st.sampled_from(["F", "C"]),
    value=st.sampled_from(["prob", "scalar", "score", "label"]),
    shuffled=st.booleans(),
)
def test_any_values_come_back_and_are_those_of_an_independent_reader(
    tmp_path_factory, seed, base, order, value, shuffled
):
    rng = np.random.default_rng(seed)
    path = tmp_path_factory.mktemp("pixels") / "s.csv"
    form = form_of(index_base=base, value=value, rle=RleSpec(order=order))
    sizes = {f"i_{k}": (int(rng.integers(1, 6)), int(rng.integers(1, 6))) for k in range(3)}
    meant = {one: rng.random(size).astype(np.float32) for one, size in sizes.items()}
    if value == "score":
        meant = {one: (each - 0.5) * 10.0 ** rng.integers(-20, 20) for one, each in meant.items()}
    if value == "label":
        meant = {one: (each > 0.5).astype(np.uint8) for one, each in meant.items()}
    keys = list(AllPixels(form, list(sizes), MaskSizes(sizes)))
    assert images_of_pixels(form, keys) == list(sizes)
    if shuffled:
        rng.shuffle(keys)
    write_answers(path, ExpectedRows(form, keys, MaskSizes(sizes)), meant.items())
    by_hand = values_by_hand(path, sizes, base=base)
    predicted = answers_of(path, expected_of_ids(form, list(sizes), MaskSizes(sizes)))
    assert list(predicted) == list(sizes)
    for one, right in meant.items():
        np.testing.assert_array_equal(predicted[one], right.astype(predicted[one].dtype))
        np.testing.assert_array_equal(by_hand[one], right.astype(np.float32))


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ([("1", ONE)], "2 rows without a prediction: 'x_2_1_1', 'x_2_1_2'"),
        ([*VALUES.items(), ("3", ONE)], "no row in the test set: '3'"),
        ([*VALUES.items(), ("1", ONE)], "more than once in the predictions: '1'"),
        ([("1", ONE.T)], "must have the shape (2, 3), got (3, 2)"),
        ([("1", ONE * 2)], "must be numbers in [0, 1], got 2.0"),
        ([("1", ONE - np.float32(0.5))], "must be numbers in [0, 1]"),
        ([("1", ONE * np.nan)], "must be numbers in [0, 1], got nan"),
        ([("1", np.stack([ONE] * 2, axis=-1))], "shape (H, W), got (2, 3, 2)"),
    ],
)
def test_values_that_do_not_fit_write_nothing(pixels_of, tmp_path, values, words):
    with pytest.raises(SubmissionError) as caught:
        write_pixels(tmp_path / "s.csv", pixels_of(), values)
    assert words in caught.value.message
    assert [one.name for one in tmp_path.iterdir() if "s.csv" in one.name] == []


def test_classes_that_are_none_write_nothing(pixels_of, tmp_path):
    competition = pixels_of(submission="value: label")
    for wrong in (2, IGNORE, 0.5, -1):
        values = {"1": np.full((2, 3), wrong), "x_2": np.zeros((1, 2))}
        with pytest.raises(SubmissionError, match="must be classes from 0, background, to 1"):
            write_pixels(tmp_path / "s.csv", competition, values.items())


def test_a_sample_of_other_pixels_than_those_of_the_images_is_refused(pixels_of, tmp_path):
    with pytest.raises(SubmissionError, match="1 row without a prediction: '1_3_1'"):
        write_pixels(tmp_path / "s.csv", pixels_of([*DOWN, "1_3_1"]), VALUES.items())
    for name in ("1_0_1", "1_01_1", "1_1", "a", "1_1_1.0", "1_-1_1", "1_1_٣"):
        with pytest.raises(DataError, match="is the name of no pixel"):
            write_pixels(tmp_path / "s.csv", pixels_of([*DOWN, name]), VALUES.items())


@pytest.mark.parametrize("place", [9, 14, 15, 22, 40, 80])
def test_a_byte_that_changes_on_the_disk_is_found_before_the_file_counts(
    pixels_of, tmp_path, monkeypatch, place
):
    compare = pixel_files._compare

    def after_a_fault(temporary, *others):
        content = bytearray(temporary.read_bytes())
        content[place] ^= 1
        temporary.write_bytes(content)
        compare(temporary, *others)

    monkeypatch.setattr(pixel_files, "_compare", after_a_fault)
    with pytest.raises(SubmissionError, match="read back"):
        write_pixels(tmp_path / "s.csv", pixels_of(), VALUES.items())
    assert not (tmp_path / "s.csv").exists()


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("0.25", "", 3, "column 'value': missing values: '1_2_1' ''"),
        ("0.25", "nan", 3, "missing values"),
        ("0.25", "inf", 3, "not finite"),
        ("0.25", "1e999", 3, "not finite"),
        ("0.25", "1_0", 3, "no number"),
        ("0.25", "٣", 3, "no number"),
        ("0.25", "x", 3, "no number"),
        ("0.25", "1.5", 3, "outside [0, 1]"),
        ("0.25", "-0.5", 3, "outside [0, 1]"),
        ("1_2_1,0.25\n", "", None, "missing (1 of 8): '1_2_1'"),
        ("1_2_1,", "1_1_1,", 3, "repeated ids: '1_1_1', first in line 2"),
        ("x_2_1_2,", "x_2_1_3,", 9, "not in the test set: 'x_2_1_3'"),
        ("x_2_1_2,", "x_2_1_02,", 9, "not in the test set"),
        ("1_2_1,0.25", "1_2_1,0,25", 3, "have not 2 cells"),
        ("id,value", "id,values", 1, "the header must be"),
    ],
)
def test_each_fault_is_named_with_its_line(pixels_of, tmp_path, old, new, line, words):
    file = tmp_path / "s.csv"
    file.write_text(GOOD.replace(old, new, 1))
    found = [one for one in check(file, pixels_of()) if one.level == "error"]
    assert words in found[0].message, found
    assert found[0].line == line
    with pytest.raises(SubmissionError):
        read_answers(file, expected_of_ids(form_of(), list(SIZES), MaskSizes(SIZES)))


def test_moved_rows_are_a_warning_and_are_read(pixels_of, tmp_path):
    file = tmp_path / "s.csv"
    header, *rows = GOOD.splitlines(keepends=True)
    file.write_text(header + "".join(rows[::-1]))
    (found,) = check(file, pixels_of())
    assert (found.level, found.line) == ("warning", 2)
    predicted = answers_of(file, expected_of_ids(form_of(), list(SIZES), MaskSizes(SIZES)))
    np.testing.assert_array_equal(predicted["1"], ONE)


def test_labels_that_are_none_are_named(tmp_path):
    file = tmp_path / "s.csv"
    form = form_of(value="name", kind="multiclass", classes=("tree", "sky"))
    file.write_text("id,value\n1_1_1,tree\n1_1_2,trees\n1_1_3,\n")
    found = check_expected(file, ExpectedRows(form, None, rows_source="nobody"))
    assert [one.line for one in found] == [3, 4]
    assert "known are background, tree, sky" in found[0].fix


def test_without_expected_pixels_row_names_must_still_be_pixels(tmp_path):
    file = tmp_path / "s.csv"
    file.write_text("id,value\n1_1_1,0\n1_0_1,1\nq,1\n1_1_1,1\n")
    found = check_expected(file, ExpectedRows(form_of(), None, rows_source="nobody"))
    assert [one.message.partition(":")[0] for one in found] == [
        "ids that are no pixel's",
        "repeated ids",
    ]
    assert "'1_0_1' (line 3), 'q' (line 4)" in found[0].message


@settings(max_examples=100)
@given(names=st.lists(st.sampled_from([*DOWN, "a", "1_1_0", "1_1_01", "_1_1", "1_1"])))
def test_places_of_pixels_agree_with_a_split_of_their_names(names):
    parts, wrong = locate_pixels(form_of(), names)
    places = [
        (part.sample_id, row, column)
        for part in parts
        for row, column in zip(part.rows.tolist(), part.columns.tolist(), strict=True)
        if row >= 0 and column >= 0
    ]
    right = [
        (name.rsplit("_", 2)[0], *(int(one) - 1 for one in name.rsplit("_", 2)[1:]))
        for name in names
        if name in DOWN or name == "_1_1"
    ]
    assert places == right
    assert [names[i] for i in wrong] == [n for n in names if n in ("a", "1_1_0", "1_1_01", "1_1")]


def test_probabilities_of_a_network_are_written_as_they_are(pixels_of, tmp_path):
    probs = MaskArrays(list(VALUES), [values[..., None] for values in VALUES.values()])
    path = write_pixels(tmp_path / "s.csv", pixels_of(), grey_values(probs))
    assert path.read_text() == GOOD


def test_pixels_that_no_view_covered_are_written_as_they_are_scored(pixels_of, tmp_path):
    bare = np.where(ONE == 0.25, np.nan, ONE)
    probs = MaskArrays(list(VALUES), [bare[..., None], TWO[..., None]])
    path = write_pixels(tmp_path / "s.csv", pixels_of(), grey_values(probs))
    assert path.read_text() == GOOD.replace("1_2_1,0.25", "1_2_1,0")


def test_the_size_of_every_image_must_be_known():
    with pytest.raises(DataError, match="the size of the image 'b' is not known"):
        list(AllPixels(form_of(), ["1", "b"], MaskSizes(SIZES)))


@pytest.mark.slow
def test_memory_does_not_grow_with_the_rows(tmp_path, monkeypatch):
    monkeypatch.setattr(pixels, "PART_ROWS", 1000)
    monkeypatch.setattr(csv_text, "BLOCK_BYTES", 1 << 14)
    form, path = form_of(), tmp_path / "s.csv"
    rng = np.random.default_rng(0)
    plane = (rng.integers(0, 256, (40, 50)) / 255).astype(np.float32)

    def peak_of(n):
        names = [f"page{k:03d}" for k in range(n)]
        sizes = MaskSizes(dict.fromkeys(names, plane.shape))
        tracemalloc.start()
        keys = AllPixels(form, names, sizes)
        values = zip(names, itertools.repeat(plane), strict=False)
        write_answers(path, ExpectedRows(form, keys, sizes), values)
        for found in read_answers(path, expected_of_ids(form, names, sizes)):
            np.testing.assert_array_equal(found, plane)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return peak

    peak_of(1)
    assert peak_of(8) < 1.3 * peak_of(4)
    assert path.stat().st_size > 150_000
