"""Rows that must be there, as many as there may be: in a file, on the disk, never in memory."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

from podium.codecs import rle
from podium.competition.truths.instances import Instances
from podium.errors import DataError, SubmissionError
from podium.submissions import check
from podium.submissions.format.answers import write_answers
from podium.submissions.format.cells import ExpectedRows
from podium.submissions.format.checking import check_expected
from podium.submissions.format.expected import expected_of_test
from podium.submissions.format.mask_sizes import MaskSizes
from podium.submissions.format.row_names import rows_of_sample
from podium.submissions.format.spec import SubmissionFormat
from podium.submissions.format.writing import OrderedRows, PredictionBatch

FORM = SubmissionFormat(
    kind="multiclass", classes=("x",), columns={"id": "id", "v": "value"}, value="name"
)
OBJECTS = SubmissionFormat(
    task="segment",
    kind="instance",
    rows="instance",
    value="rle",
    columns={"id": "id", "v": "value"},
)


def sample(folder, names):
    path = folder / "sample.csv"
    path.write_text("id,v\n" + "".join(f"{name},\n" for name in names))
    return path


def test_a_sample_that_repeats_a_row_is_refused_wherever_the_two_stand(tmp_path):
    names = [f"{i:06d}" for i in range(70_000)]
    assert list(rows_of_sample(sample(tmp_path, names), FORM)) == names
    names.append(names[3])
    with pytest.raises(DataError, match="more than once: '000003'"):
        rows_of_sample(sample(tmp_path, names), FORM)


def test_an_image_of_several_objects_is_one_row_where_it_stands_first(tmp_path):
    path = sample(tmp_path, ["b", "a", "b", "c", "a"])
    found = rows_of_sample(path, OBJECTS)
    assert list(found) == list(found) == ["b", "a", "c"]


def written(folder, names, order):
    """Return the text of a file of `names` of which the rows came in `order`."""
    path = folder / "out.csv"
    with path.open("wb") as file:
        rows = OrderedRows(file, FORM, rows_of_sample(sample(folder, names), FORM), folder)
        for i in order:
            rows.put(names[i], [[names[i], "x"]])
        rows.finish("the sample")
        rows.close()
    rows.compare(path, path)
    return path.read_text()


@pytest.mark.parametrize("held", [0, 500, 1 << 20])
def test_rows_in_any_order_leave_in_that_of_the_sample(tmp_path, monkeypatch, held):
    monkeypatch.setattr("podium.submissions.format.writing._HELD_AT_MOST", held)
    names = [f"{i:03d}" for i in range(40)]
    wanted = "id,v\n" + "".join(f"{name},x\n" for name in names)
    for seed in range(5):
        assert written(tmp_path, names, np.random.default_rng(seed).permutation(40)) == wanted


def test_row_put_twice_is_refused_before_and_after_its_position(tmp_path):
    for order in ([0, 0], [1, 1], [0, 1, 0], [2, 0, 2]):
        with pytest.raises(SubmissionError, match="more than once"):
            written(tmp_path, ["a", "b", "c"], order)
    with pytest.raises(SubmissionError, match="2 rows without a prediction: 'a', 'c'"):
        written(tmp_path, ["a", "b", "c"], [1])


def test_what_was_changed_on_the_disk_is_found(tmp_path):
    path = tmp_path / "out.csv"
    for text in ("id,v\na,x\n", "id,v\na,x\nb,x\nb,x\n", "id,v\nb,x\na,x\n"):
        with path.open("wb") as file:
            rows = OrderedRows(file, FORM, ["a", "b"], tmp_path)
            rows.put("b", [["b", "x"]])
            rows.put("a", [["a", "x"]])
        path.write_text(text)
        with pytest.raises(SubmissionError, match="not what was written"):
            rows.compare(path, path)


def peak(call):
    tracemalloc.start()
    call()
    found = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return found


@pytest.fixture
def small_blocks(monkeypatch):
    """Make few rows many blocks."""
    for name, size in (
        ("writing._HELD_AT_MOST", 1 << 15),
        ("csv_text.BLOCK_BYTES", 1 << 12),
        ("row_names._AT_ONCE", 500),
        ("writing._AT_ONCE", 500),
        ("row_names._READ_AT_ONCE", 100),
    ):
        monkeypatch.setattr(f"podium.submissions.format.{name}", size)


@pytest.mark.slow
@pytest.mark.parametrize("backwards", [False, pytest.param(True, marks=pytest.mark.long)])
def test_ten_times_the_rows_take_no_more_memory_to_write_and_to_check(
    competition_of, tmp_path, small_blocks, backwards
):
    def both(n):
        text = "id,label\n" + "".join(f"{i:06d},cat\n" for i in range(n))
        competition = competition_of(text)
        blocks = range(0, n, 200)
        batches = (
            PredictionBatch(
                [f"{i:06d}" for i in range(at, at + 200)], np.zeros((200, 3)), np.ones(200, int)
            )
            for at in (reversed(blocks) if backwards else blocks)
        )
        path = tmp_path / "s.csv"
        made = peak(lambda: write_answers(path, expected_of_test(competition), batches))
        assert path.read_text() == text.replace("cat", "dog")
        return made, peak(lambda: check(path, competition))

    both(200)  # imports
    few, many = both(600), both(6_000)
    for one, ten in zip(few, many, strict=True):
        assert ten < one + 200_000  # the names alone would be half a megabyte more


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["multiclass", "instance"])
def test_ten_times_the_masks_or_objects_take_no_more_memory(tmp_path, small_blocks, kind):
    plane = np.zeros((3, 4), dtype=bool)
    plane[1, 1:3] = True
    objects = Instances.from_planes((3, 4), [plane], [0], [1.0])
    form = OBJECTS
    if kind == "multiclass":
        form = SubmissionFormat(
            task="segment",
            kind=kind,
            classes=("x", "y"),
            rows="image_class",
            id="{id}_{class}",
            value="rle",
            columns={"id": "id", "v": "value"},
        )
    sizes = MaskSizes(frame=(3, 4))

    def both(n):
        names = [f"{i:06d}" for i in range(n)]
        keys = rows_of_sample(sample(tmp_path, form.keys(names)), form)
        path = tmp_path / "s.csv"
        masks = ((name, plane.view(np.uint8)) for name in names)
        if kind == "multiclass":
            made = peak(lambda: write_answers(path, ExpectedRows(form, keys, sizes), masks))
            return made, peak(lambda: check_expected(path, ExpectedRows(form, keys, sizes, "x")))
        predicted = ((name, objects) for name in names)
        made = peak(lambda: write_answers(path, ExpectedRows(form, keys, sizes), predicted))
        return made, peak(lambda: check_expected(path, ExpectedRows(form, keys, sizes, "x")))

    rle.decode(rle.encode(plane), plane.shape)  # compiled where nothing is traced, which is slow
    (tmp_path / "one.csv").write_text("id,v\na,1 1\n")
    check_expected(tmp_path / "one.csv", ExpectedRows(form, None, sizes, "x"))
    both(20)
    few, many = both(150), both(1_500)
    for one, ten in zip(few, many, strict=True):
        # The list of names of this test is in memory, which has a tenth of a megabyte more.
        assert ten < one + 170_000
