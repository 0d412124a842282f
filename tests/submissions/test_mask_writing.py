from __future__ import annotations

import csv
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from plain_runs import drawn

from podium.codecs import rle
from podium.competition.spec import RleSpec
from podium.errors import SubmissionError
from podium.submissions import check, write_masks, write_submission
from podium.submissions.format import writing
from podium.submissions.format.answers import read_answers, write_answers
from podium.submissions.format.cells import ExpectedRows
from podium.submissions.format.expected import expected_of_ids, expected_of_test
from podium.submissions.format.mask_sizes import MaskSizes, longest_text, sizes_of_test
from podium.submissions.format.spec import SubmissionFormat, format_of
from podium.submissions.format.writing import OrderedRows

SIZES = {"a": (3, 4), "b": (5, 2), "c": (1, 1)}
A, B, C = (np.zeros(size, dtype=np.uint8) for size in SIZES.values())
A[1:, 1] = 1
B[0] = 1
MASKS = {"a": A, "b": B, "c": C}
A_CLASS = 'rows: image_class, id: "{id}_{number}"'


def rows_of(path):
    with path.open(newline="") as file:
        return list(csv.reader(file))


def test_runs_go_down_the_columns_from_pixel_1_in_the_order_of_the_sample(masks_of, tmp_path):
    competition = masks_of(sizes=SIZES, sample="id,rle\nc,\na,\nb,\n")
    path = write_masks(tmp_path / "s.csv", competition, MASKS.items())
    assert path.read_bytes() == b"id,rle\nc,\na,5 2\nb,1 1 6 1\n"
    assert check(path, competition) == []


def test_base_order_and_empty_are_the_competition_s(masks_of, tmp_path):
    submission = '{empty: "-1", rle: {base: 0, order: C}}'
    competition = masks_of(sizes=SIZES, submission=submission)
    path = write_masks(tmp_path / "s.csv", competition, MASKS.items())
    assert rows_of(path) == [["id", "rle"], ["a", "5 1 9 1"], ["b", "0 2"], ["c", "-1"]]
    assert check(path, competition) == []


def test_each_class_of_a_multiclass_mask_has_its_row(masks_of, tmp_path):
    competition = masks_of(kind="multiclass", sizes=SIZES, submission=f"{{{A_CLASS}}}")
    path = write_masks(tmp_path / "s.csv", competition, {**MASKS, "b": B * 3}.items())
    rows = dict(rows_of(path)[1:])
    assert list(rows) == [f"{i}_{n}" for i in "abc" for n in (1, 2, 3)]
    assert {key: runs for key, runs in rows.items() if runs} == {"a_1": "5 2", "b_3": "1 1 6 1"}


def test_a_fixed_frame_is_the_size_of_every_mask(masks_of, tmp_path):
    competition = masks_of(sizes={"a": (3, 4)}, frame="[2, 3]", sample="id,rle\na,\n")
    path = write_masks(tmp_path / "s.csv", competition, [("a", np.ones((2, 3), np.uint8))])
    assert rows_of(path)[1] == ["a", "1 6"]
    assert check(path, competition) == []
    with pytest.raises(SubmissionError, match=r"\(2, 3\), got \(3, 4\)"):
        write_masks(path, competition, [("a", A)])


def test_ids_with_commas_and_quotes_survive(masks_of, tmp_path):
    names = {'x, "1"': (2, 2), "y": (2, 2)}
    competition = masks_of(sizes=names)
    masks = [(one, np.eye(2, dtype=np.uint8)) for one in names]
    path = write_masks(tmp_path / "s.csv", competition, masks)
    assert rows_of(path)[1:] == [[one, "1 1 4 1"] for one in names]


@pytest.mark.parametrize(
    ("masks", "words"),
    [
        ({"a": A, "b": B}, "has 1 row without a prediction: 'c'"),
        ({**MASKS, "d": A}, "1 prediction has no row in the test set: 'd'"),
        ({**MASKS, "a": A.T}, r"shape \(3, 4\), got \(4, 3\)"),
        ({**MASKS, "a": A * 0.7}, "bool or uint8, got float64"),
        ({**MASKS, "a": A * 2}, "0 to 1, got 2"),
        ({**MASKS, "a": A * 255}, "got 255; a decision has no unknown pixels"),
        ({**MASKS, "a": A[:, :, None]}, "shape"),
    ],
)
def test_masks_that_do_not_fit_write_nothing(masks_of, tmp_path, masks, words):
    path = tmp_path / "s.csv"
    path.write_text("old")
    with pytest.raises(SubmissionError, match=words):
        write_masks(path, masks_of(sizes=SIZES), masks.items())
    assert path.read_text() == "old"
    assert not list(tmp_path.glob(".*"))


def test_an_id_that_comes_twice_is_refused(masks_of, tmp_path):
    masks = [*MASKS.items(), ("b", B)]
    with pytest.raises(SubmissionError, match="more than once in the predictions: 'b'"):
        write_masks(tmp_path / "s.csv", masks_of(sizes=SIZES), masks)


def test_masks_and_labels_have_each_their_writer(masks_of, competition_of, tmp_path):
    with pytest.raises(SubmissionError, match="write_masks"):
        write_submission(tmp_path / "s.csv", masks_of(sizes=SIZES), ["a"], np.ones((1, 1)))
    with pytest.raises(SubmissionError, match="write_submission"):
        write_masks(tmp_path / "s.csv", competition_of(), [])


def test_a_codec_that_errs_is_found_before_its_row_is_written(masks_of, tmp_path, monkeypatch):
    right = rle.encode
    for wrong in (lambda text: "", lambda text: "1 1", lambda text: text + " 12 1"):
        monkeypatch.setattr(rle, "encode", lambda mask, w=wrong, **how: w(right(mask, **how)))
        with pytest.raises(SubmissionError, match="does not decode to the mask"):
            write_masks(tmp_path / "s.csv", masks_of(sizes=SIZES), MASKS.items())
        assert not (tmp_path / "s.csv").exists()


@pytest.mark.parametrize("place", range(0, 24, 3))
def test_a_byte_that_changes_on_the_disk_is_found_before_the_file_counts(
    masks_of, tmp_path, monkeypatch, place
):
    compare = OrderedRows.compare

    def after_a_fault(self, temporary, *others):
        content = bytearray(temporary.read_bytes())
        content[place] ^= 1
        temporary.write_bytes(content)
        compare(self, temporary, *others)

    monkeypatch.setattr(OrderedRows, "compare", after_a_fault)
    with pytest.raises(SubmissionError, match="read back"):
        write_masks(tmp_path / "s.csv", masks_of(sizes=SIZES), MASKS.items())
    assert not (tmp_path / "s.csv").exists()


def test_a_row_that_is_lost_on_the_disk_is_found(masks_of, tmp_path, monkeypatch):
    compare = OrderedRows.compare

    def after_a_cut(self, temporary, *others):
        temporary.write_bytes(temporary.read_bytes().rpartition(b"c")[0])
        compare(self, temporary, *others)

    monkeypatch.setattr(OrderedRows, "compare", after_a_cut)
    with pytest.raises(SubmissionError, match=r"read back .* for 'c'"):
        write_masks(tmp_path / "s.csv", masks_of(sizes=SIZES), MASKS.items())


ids_text = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=4)
kinds = st.sampled_from(["binary", "multiclass", "multilabel"])


@st.composite
def tables(draw):
    """A format, and masks of its kind by id."""
    kind = draw(kinds)
    form = SubmissionFormat(
        task="segment",
        kind=kind,
        classes=() if kind == "binary" else ("x", "y"),
        rows="image" if kind == "binary" else "image_class",
        columns={"id": "id", "runs": "value"} | ({} if kind == "binary" else {"c": "class_name"}),
        value="rle",
        empty=draw(st.sampled_from(["", "-1", "1 0"])),
        rle=RleSpec(base=draw(st.sampled_from([0, 1])), order=draw(st.sampled_from("FC"))),
    )
    masks = {}
    for one in draw(st.lists(ids_text, unique=True, max_size=4)):
        size = draw(st.tuples(st.integers(1, 9), st.integers(1, 70)))
        shape = (*size, 2) if kind == "multilabel" else size
        top = 2 if kind == "multiclass" else 1
        masks[one] = draw(arrays.arrays(np.uint8, shape, elements=st.integers(0, top)))
    return form, masks


@pytest.mark.slow
@settings(max_examples=80, deadline=None)
@given(table=tables(), data=st.data(), held=st.sampled_from([0, 40, 1 << 20]))
def test_any_masks_in_any_order_come_back_from_the_file(tmp_path_factory, table, data, held):
    form, masks = table
    if not masks:
        return
    folder = tmp_path_factory.mktemp("masks")
    sizes = MaskSizes({one: mask.shape[:2] for one, mask in masks.items()})
    given_order = data.draw(st.permutations(list(masks)))
    keys = data.draw(st.permutations(list(form.keys(masks))))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(writing, "_HELD_AT_MOST", held)  # 0: every line that waits lies in a file
        write_answers(
            folder / "s.csv",
            ExpectedRows(form, keys, sizes),
            ((one, masks[one]) for one in given_order),
        )
    assert [form.key(cells) for cells in rows_of(folder / "s.csv")[1:]] == list(keys)
    assert [path.name for path in folder.iterdir()] == ["s.csv"]
    for one, back in zip(
        masks,
        read_answers(folder / "s.csv", expected_of_ids(form, list(masks), sizes)),
        strict=True,
    ):
        assert back.dtype == np.uint8
        np.testing.assert_array_equal(back, masks[one])
    rows = {form.key(cells): cells[1] for cells in rows_of(folder / "s.csv")[1:]}
    for one, mask in masks.items():
        for index, key in enumerate(form.keys([one])):
            plane = mask[:, :, index] if mask.ndim == 3 else mask == index + 1
            assert (rows[key] == form.empty) == (not plane.any())
            if plane.any():
                how = {"base": form.rle.base, "order": form.rle.order}
                np.testing.assert_array_equal(drawn(rows[key], plane.shape, **how), plane)


@pytest.mark.slow
def test_memory_does_not_grow_with_the_number_of_masks(masks_of, tmp_path):
    n, side = 300, 512
    names = [f"{i:03d}" for i in range(n)]
    sample = "id,rle\n" + "".join(f"{one},\n" for one in reversed(names))  # the worst order
    competition = masks_of(frame=f"[{side}, {side}]", sample=sample)
    rng = np.random.default_rng(0)
    dense = (rng.random((side, side)) < 0.05).astype(np.uint8)  # about 90 kB of runs

    def masks():
        for i, one in enumerate(names):
            yield one, np.roll(dense, i, axis=1)

    rle.decode(rle.encode(dense), dense.shape)  # compiled before memory is measured
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(writing, "_HELD_AT_MOST", 1 << 20)
        tracemalloc.start()
        path = write_masks(tmp_path / "s.csv", competition, masks())
        _, peak_of_writing = tracemalloc.get_traced_memory()
        tracemalloc.reset_peak()
        assert check(path, competition) == []
        _, peak_of_checking = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert path.stat().st_size > 20_000_000
    assert max(peak_of_writing, peak_of_checking) < 8_000_000


def test_the_longest_text_of_a_mask_is_bounded_by_its_size():
    for size in ((1, 1), (3, 3), (10, 10), (31, 33), (100, 100)):
        worst = np.arange(size[0] * size[1]).reshape(size) % 2 == 1
        for order in "FC":
            mask = worst if order == "C" else worst.reshape(size[::-1]).T
            assert len(rle.encode(mask, order=order)) <= longest_text(size)


def test_sizes_come_from_headers_of_test_images_on_request(masks_of, tmp_path):
    competition = masks_of(sizes=SIZES)
    (tmp_path / "test" / "b.png").write_bytes(b"no image")
    sizes = sizes_of_test(competition)
    assert sizes.of("a") == (3, 4)
    assert sizes.problem is None
    assert sizes.of("b") is None
    assert "b.png" in sizes.problem
    assert sizes.of("nobody") is None
    assert sizes.ids == ["a", "b", "c"]
    assert format_of(competition).value == "rle"
    assert expected_of_test(competition).rows == ["a", "b", "c"]
