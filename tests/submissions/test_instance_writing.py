"""Files of objects: an independent reader finds what was meant, and it comes back the same."""

from __future__ import annotations

import tracemalloc
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from submissions.instance_cases import (
    SIZES,
    competition_of_objects,
    objects_in_lists,
    objects_in_rows,
    random_objects,
    rectangle,
    same_objects,
)

from podium.competition.spec import RleSpec
from podium.competition.truths.instances import Instances
from podium.errors import SubmissionError
from podium.submissions import check, write_instances, write_masks
from podium.submissions.format import writing
from podium.submissions.format.answers import read_answers, write_answers
from podium.submissions.format.cells import ExpectedRows
from podium.submissions.format.expected import expected_of_ids
from podium.submissions.format.mask_sizes import MaskSizes
from podium.submissions.format.objects import score_text
from podium.submissions.format.spec import SubmissionFormat, format_of

A = Instances.from_planes(
    (3, 4), [rectangle((3, 4), 0, 1, 2, 1), rectangle((3, 4), 1, 2, 2, 2)], scores=[0.5, 0.25]
)
B = Instances.nothing((5, 2))
C = Instances.from_planes((2, 2), [np.ones((2, 2), dtype=bool)], scores=[0.1])
OBJECTS = {"a": A, "b": B, "c": C}
ROWS = "rows: instance, overlap: forbid"  # as competition_of_objects has it
LIST = (
    "value: coco64, columns: {id: id, height: height, width: width, said: value}, "
    "item: '{label} {conf} {mask}'"
)


@pytest.fixture
def objects_of(tmp_path):
    return partial(competition_of_objects, tmp_path)


def form_of(classes=(), **parameters):
    columns = {"id": "id", **({"class": "class"} if classes else {}), "rle": "value"}
    given = {"columns": columns, "value": "rle", "rows": "instance", **parameters}
    return SubmissionFormat(task="segment", kind="instance", classes=tuple(classes), **given)


def test_a_row_is_an_object_and_an_image_without_one_has_an_empty_row(objects_of, tmp_path):
    competition = objects_of(sample="id,rle\nc,\na,\nb,\n")
    path = write_instances(tmp_path / "s.csv", competition, OBJECTS.items())
    assert path.read_text() == "id,rle\nc,1 4\na,4 2\na,8 2 11 2\nb,\n"
    assert check(path, competition) == []


def test_images_without_objects_are_left_out_where_the_format_leaves_them_out(objects_of, tmp_path):
    competition = objects_of(f"{ROWS}, empty_row: drop")
    path = write_instances(tmp_path / "s.csv", competition, OBJECTS.items())
    assert path.read_text() == "id,rle\na,4 2\na,8 2 11 2\nc,1 4\n"
    assert check(path, competition) == []
    nothing = [(one, Instances.nothing(size)) for one, size in SIZES.items()]
    with pytest.raises(SubmissionError, match="no image has an object"):
        write_instances(tmp_path / "t.csv", competition, nothing)
    assert not (tmp_path / "t.csv").exists()


def test_of_shared_pixels_the_surer_object_keeps_them(objects_of, tmp_path):
    left, right = rectangle((3, 4), 0, 0, 1, 3), rectangle((3, 4), 0, 2, 1, 2)
    inside = rectangle((3, 4), 0, 2, 1, 1)
    found = Instances.from_planes((3, 4), [left, right, inside], scores=[0.1, 0.9, 0.2])
    competition = objects_of(sizes={"a": (3, 4)})
    path = write_instances(tmp_path / "s.csv", competition, [("a", found)])
    assert path.read_text() == "id,rle\na,1 1 4 1\na,7 1 10 1\n"
    allowed = objects_of("rows: instance, overlap: allow", sizes={"a": (3, 4)})
    path = write_instances(tmp_path / "s.csv", allowed, [("a", found)])
    assert path.read_text() == "id,rle\na,1 1 4 1 7 1\na,7 1 10 1\na,7 1\n"
    assert check(path, allowed) == []
    assert "share pixels: 'a' line 3 and line 2" in check(path, competition)[0].message


def test_a_column_holds_the_class_of_a_row(objects_of, tmp_path):
    columns = "columns: {ImageId: id, EncodedPixels: value, ClassId: class, Extra: 'text[]'}"
    competition = objects_of(f"{ROWS}, {columns}", classes=["hat", "shoe"], sizes={"a": (3, 4)})
    found = Instances.from_planes((3, 4), list(A.planes()), [1, 0])
    path = write_instances(tmp_path / "s.csv", competition, [("a", found)])
    assert path.read_text() == "ImageId,EncodedPixels,ClassId,Extra\na,4 2,1,\na,8 2 11 2,0,\n"
    assert check(path, competition) == []
    for field, texts in {"class_number": ("2", "1"), "class_name": ("shoe", "hat")}.items():
        one = objects_of(
            f"{ROWS}, columns: {{i: id, c: {field}, r: value}}",
            classes=["hat", "shoe"],
            sizes={"a": (3, 4)},
        )
        path = write_instances(tmp_path / "s.csv", one, [("a", found)])
        assert path.read_text() == f"i,c,r\na,{texts[0]},4 2\na,{texts[1]},8 2 11 2\n"
        assert check(path, one) == []


def test_a_cell_lists_the_objects_of_an_image(objects_of, tmp_path):
    competition = objects_of(LIST, classes=["hat", "shoe"], sizes={"a": (3, 4), "b": (5, 2)})
    found = Instances.from_planes((3, 4), list(A.planes()), [1, 0], [0.9, 1])
    path = write_instances(tmp_path / "s.csv", competition, [("b", B), ("a", found)])
    header, first, second = path.read_text().splitlines()
    assert header == "id,height,width,said"
    assert first.startswith("a,3,4,shoe 0.9 ")
    assert second == "b,5,2,"
    predicted = objects_in_lists(path, SIZES, image="id", cell="said")
    assert [(one, score) for one, score, _ in predicted["a"]] == [("shoe", 0.9), ("hat", 1.0)]
    for (_, _, plane), right in zip(predicted["a"], A.planes(), strict=True):
        np.testing.assert_array_equal(plane, right)
    assert check(path, competition) == []


@pytest.mark.parametrize(
    ("item", "word"), [("{index} {conf} {mask}", "1"), ("{number} {conf} {mask}", "2")]
)
def test_an_item_may_name_the_class_by_its_place(objects_of, tmp_path, item, word):
    submission = LIST.replace("{label} {conf} {mask}", item)
    competition = objects_of(submission, classes=["hat", "shoe"], sizes={"c": (2, 2)})
    found = Instances.from_planes((2, 2), [np.ones((2, 2), dtype=bool)], [1], [0.5])
    path = write_instances(tmp_path / "s.csv", competition, [("c", found)])
    assert f",{word} 0.5 " in path.read_text()
    assert check(path, competition) == []


def test_an_item_may_hold_a_plain_word_for_the_only_class(objects_of, tmp_path):
    competition = objects_of(LIST.replace("{label}", "0"), sizes={"c": (2, 2)})
    path = write_instances(tmp_path / "s.csv", competition, [("c", C)])
    assert ",0 0.1 " in path.read_text()
    assert check(path, competition) == []


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    classes=st.sampled_from([(), ("x", "y y", "z")]),
    kind=st.sampled_from(["rows", "lists"]),
    overlap=st.sampled_from(["allow", "forbid"]),
    empty_row=st.sampled_from(["keep", "drop"]),
    order=st.sampled_from(["F", "C"]),
    base=st.sampled_from([0, 1]),
    relative=st.booleans(),
    empty=st.sampled_from(["", "-1", "-", "1 0"]),
)
def test_any_objects_come_back_and_are_those_of_an_independent_reader(
    tmp_path_factory, seed, classes, kind, overlap, empty_row, order, base, relative, empty
):
    rng = np.random.default_rng(seed)
    path = tmp_path_factory.mktemp("objects") / "s.csv"
    codec = {"base": base, "order": order, "relative": relative}
    form = form_of(classes, rle=RleSpec(**codec), overlap=overlap, empty_row=empty_row, empty=empty)
    if kind == "lists":
        columns = {"id": "id", "w": "width", "h": "height", "rle": "value"}
        form = form_of(
            classes, rows="image", value="coco64", columns=columns, item="{index} {conf} {mask}",
            overlap=overlap, empty=empty,
        )  # fmt: skip
    sizes = {f"i{k}": (int(rng.integers(1, 7)), int(rng.integers(1, 7))) for k in range(4)}
    meant = {one: random_objects(rng, size, max(1, len(classes))) for one, size in sizes.items()}
    meant["i0"] = random_objects(rng, sizes["i0"]) if len(meant["i0"]) else meant["i0"]
    if not any(map(len, meant.values())):
        meant["i0"] = Instances.from_planes(sizes["i0"], [np.ones(sizes["i0"], dtype=bool)])
    names = list(sizes)
    rng.shuffle(names)
    write_answers(path, ExpectedRows(form, names, MaskSizes(sizes)), meant.items())
    right = {
        one: found.without_overlap() if overlap == "forbid" else found
        for one, found in meant.items()
    }
    back = dict(
        zip(
            sizes,
            read_answers(path, expected_of_ids(form, list(sizes), MaskSizes(sizes))),
            strict=True,
        )
    )
    assert list(back) == list(sizes)
    for one, found in right.items():
        known = found if kind == "lists" else Instances(
            found.size, found.boxes, found.crops, found.classes, np.ones(len(found), np.float32)
        )  # fmt: skip
        assert same_objects(back[one], known), one
    if kind == "lists":
        predicted = objects_in_lists(path, sizes, image="id", cell="rle", empty=empty)
    else:
        label = "class" if classes else None
        predicted = objects_in_rows(
            path, sizes, image="id", runs="rle", label=label, empty=empty, **codec
        )
    for one, found in right.items():
        got = predicted.get(one, [])
        assert len(got) == len(found)
        for (word, score, plane), number in zip(got, range(len(found)), strict=True):
            np.testing.assert_array_equal(plane, found.plane(number))
            if classes or kind == "lists":
                assert word == str(found.classes[number])
            if score is not None:
                assert np.float32(score) == found.scores[number]


@pytest.mark.parametrize(
    ("score", "text"),
    [(1, "1"), (0, "0"), (0.9, "0.9"), (1e-7, "0.0000001"), (1 / 3, "0.33333334")],
)
def test_a_score_is_a_plain_decimal_number(score, text):
    assert score_text(np.float32(score)) == text


@pytest.mark.parametrize(
    ("objects", "words"),
    [
        ([("a", A)], "2 rows without a prediction: 'b', 'c'"),
        ([*OBJECTS.items(), ("d", C)], "1 prediction has no row in the test set: 'd'"),
        ([*OBJECTS.items(), ("a", A)], "more than once in the predictions: 'a'"),
        ([("a", C)], "of (2, 2) pixels, its image (3, 4)"),
        ([("a", Instances.from_planes((3, 4), list(A.planes()), [0, 1]))], "must be 0 to 0, got"),
        ([("a", Instances.from_planes((3, 4), list(A.planes()), None, [0, 2]))], "in [0, 1]"),
        (
            [("a", Instances.from_planes((3, 4), list(A.planes()), None, [0, np.nan]))],
            "in [0, 1]",
        ),
    ],
)
def test_objects_that_do_not_fit_write_nothing(objects_of, tmp_path, objects, words):
    with pytest.raises(SubmissionError) as caught:
        write_instances(tmp_path / "s.csv", objects_of(), objects)
    assert words in caught.value.message
    assert [one.name for one in tmp_path.iterdir() if "s.csv" in one.name] == []


def test_masks_and_objects_have_their_own_writers(objects_of, masks_of, tmp_path):
    with pytest.raises(SubmissionError, match="holds the objects"):
        write_masks(tmp_path / "s.csv", objects_of(), [])
    with pytest.raises(SubmissionError, match="does not hold the objects"):
        write_instances(tmp_path / "s.csv", masks_of(sizes=SIZES), [])


@pytest.mark.parametrize("place", range(9, 30, 3))
def test_a_byte_that_changes_on_the_disk_is_found_before_the_file_counts(
    objects_of, tmp_path, monkeypatch, place
):
    compare = writing.OrderedRows.compare

    def after_a_fault(self, written, path):
        content = bytearray(written.read_bytes())
        content[place % len(content)] = (
            ord("7") if content[place % len(content)] != ord("7") else 56
        )
        written.write_bytes(content)
        compare(self, written, path)

    monkeypatch.setattr(writing.OrderedRows, "compare", after_a_fault)
    with pytest.raises(SubmissionError, match="read back"):
        write_instances(tmp_path / "s.csv", objects_of(), OBJECTS.items())
    assert not (tmp_path / "s.csv").exists()


@pytest.mark.slow
def test_one_image_is_in_memory_at_a_time(tmp_path):
    side, n = 256, 150
    names = [f"{k:03d}" for k in range(n)]
    sizes = MaskSizes(frame=(side, side))
    rng = np.random.default_rng(0)
    planes = [rng.random((side, side)) < 0.02 for _ in range(8)]
    form = form_of(overlap="allow")
    path = tmp_path / "s.csv"

    def stream():
        for one in names:
            yield one, Instances.from_planes((side, side), planes)

    next(stream())  # what is loaded once
    write_answers(path, ExpectedRows(form, names[:2], sizes), [next(stream()), ("001", C2)])
    tracemalloc.start()
    write_answers(path, ExpectedRows(form, names, sizes), stream())
    n_objects = sum(len(found) for found in read_answers(path, expected_of_ids(form, names, sizes)))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert n_objects == 8 * n
    assert path.stat().st_size > 10_000_000
    assert peak < 5_000_000


C2 = Instances.nothing((256, 256))


NUMBERED = "rows: instance, overlap: forbid, id: '{id}_{object}', index_base: 0"


def test_objects_are_numbered_in_the_ids_of_their_rows(objects_of, tmp_path):
    sample = "id,rle\nc_0,\nc_1,\na_0,\nb_0,\nb_1,\n"
    competition = objects_of(NUMBERED, sample=sample)
    path = write_instances(tmp_path / "s.csv", competition, OBJECTS.items())
    # In the sample's order, and as many rows as an image has objects; of nothing there is one.
    assert path.read_text().splitlines() == [
        "id,rle",
        "c_0,1 4",
        "a_0,4 2",
        "a_1,8 2 11 2",
        "b_0,",
    ]
    assert check(path, competition) == []


def test_numbered_objects_come_back_by_their_image(objects_of, tmp_path):
    competition = objects_of(NUMBERED.replace("index_base: 0", "index_base: 1"))
    path = write_instances(tmp_path / "s.csv", competition, OBJECTS.items())
    assert [line.partition(",")[0] for line in path.read_text().splitlines()[1:]] == [
        "a_1",
        "a_2",
        "b_1",
        "c_1",
    ]
    images = OBJECTS.keys()
    sizes = MaskSizes({name: one.size for name, one in OBJECTS.items()})
    wanted = expected_of_ids(format_of(competition), list(images), sizes)
    found = dict(zip(images, read_answers(path, wanted), strict=True))
    assert found.keys() == OBJECTS.keys()
    for name, objects in OBJECTS.items():
        assert {one.tobytes() for one in found[name].planes()} == {
            one.tobytes() for one in objects.planes()
        }
