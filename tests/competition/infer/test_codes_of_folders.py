"""Class folders whose codes are sent, as a legend beside them has them."""

from __future__ import annotations

from pathlib import Path

import pytest

from podium.competition.infer.spec import Inferred, infer
from podium.competition.samples import load_samples
from podium.submissions.format.expected import expected_of_test
from tests.competition.infer.test_infer_masks import put, table

CODES = {"oak": "7", "ash": "3", "elm": "5"}


def competition(
    data: Path, legend: tuple[str, str], *, codes: str = "75", more: tuple[str, ...] = ()
) -> None:
    """Write class folders, a sample with codes, and a legend (name of its file, text)."""
    for kind in (*CODES, *more):
        put(data, [f"sorted/{kind}/{kind}{n}.png" for n in range(8)])
    put(data, [f"new/q{n}.png" for n in range(4)])
    (data / legend[0]).write_text(legend[1], encoding="utf-8")
    table(
        data,
        "sample_submission.csv",
        "file,species_code",
        (f"q{n}.png,{codes[n % len(codes)]}" for n in range(4)),
    )


def labels_of(tmp_path: Path) -> dict[str, str]:
    """Return the label of each class folder, as it is sent."""
    found = infer(tmp_path / "data", tmp_path).competition
    assert not found.to_choose
    assert found.submission.value == "name"
    samples = load_samples(found, "train")
    folders = samples["images"].map(lambda one: Path(one[0]).parent.name)
    names = samples["label"].map(lambda one: found.classes[one])
    assert all(names[folders == one].nunique() == 1 for one in folders)
    return dict(zip(folders, names, strict=True))


@pytest.mark.parametrize(
    "legend",
    [
        ("codes.csv", "code,tree\n7,oak\n3,ash\n5,elm\n"),
        ("codes.csv", "tree,code\nelm,5\noak,7\nash,3\nfir,9\n"),
        ("key.txt", "7 = oak\n3 = ash\n5 = elm\n"),
        ("key.txt", "oak: 7\nash: 3\nelm: 5\n"),
        (
            "README.md",
            "Codes:\n\n| Tree | Send |\n|:--|--:|\n| oak | `7` |\n| ash | 3 |\n| elm | 5 |\n",
        ),
        ("README.md", "Send a code for each tree: `7` is no name (7 = oak, 3 = ash, 5 = elm).\n"),
    ],
    ids=["table", "table of more", "code = name", "name: code", "table in a text", "sentence"],
)
@pytest.mark.parametrize("codes", ["75", "3"], ids=["several", "one placeholder"])
def test_codes_of_a_legend_are_sent(legend: tuple[str, str], codes: str, tmp_path: Path) -> None:
    competition(tmp_path / "data", legend, codes=codes)
    assert labels_of(tmp_path) == CODES


def test_images_in_a_folder_that_the_legend_lacks_are_unlabelled(tmp_path: Path) -> None:
    legend = ("key.txt", "7 = oak\n3 = ash\n5 = elm\n")
    competition(tmp_path / "data", legend, more=("_unsorted",))
    assert labels_of(tmp_path) == CODES
    found = infer(tmp_path / "data", tmp_path).competition
    assert len(load_samples(found, "unlabelled")) == 8


@pytest.mark.parametrize(
    "text",
    [
        "rank,tree,species_code\n3,oak,7\n5,ash,3\n7,elm,5\n",
        "species_code,tree\n7,oak\n3,ash\n5,elm\n",
    ],
    ids=["beside another number", "as images are called"],
)
def test_the_column_of_codes_is_called_as_that_of_the_sample(text: str, tmp_path: Path) -> None:
    competition(tmp_path / "data", ("key.csv", text), codes="7")
    assert labels_of(tmp_path) == CODES
    found = infer(tmp_path / "data", tmp_path).competition
    assert len(load_samples(found, "train")) == 24  # oak7.png is no image of `7,oak` alone


def test_a_placeholder_that_is_no_code_is_asked_about(tmp_path: Path) -> None:
    legend = ("key.csv", "tree,Species Code\noak,7\nash,3\nelm,5\n")
    competition(tmp_path / "data", legend, codes="0")
    found = infer(tmp_path / "data", tmp_path).competition
    assert found.to_choose == ["submission.value"]
    assert (found.classes, found.submission.value) == (["3", "5", "7"], "name")
    assert len(load_samples(found, "train")) == 24


def test_two_legends_that_differ_are_none(tmp_path: Path) -> None:
    data = tmp_path / "data"
    competition(data, ("key.txt", "7 = oak\n3 = ash\n5 = elm\n"), codes="7")
    (data / "older_key.txt").write_text("3 = oak\n7 = ash\n5 = elm\n", encoding="utf-8")
    assert found_without_codes(tmp_path).competition.to_choose == ["submission.value"]


def test_two_legends_that_agree_are_one(tmp_path: Path) -> None:
    data = tmp_path / "data"
    competition(data, ("key.txt", "7 = oak\n3 = ash\n5 = elm\n"))
    (data / "key.csv").write_text("tree,code\nelm,5\noak,7\nash,3\n", encoding="utf-8")
    assert labels_of(tmp_path) == CODES


def test_a_table_of_images_is_read_before_a_legend(tmp_path: Path) -> None:
    data = tmp_path / "data"
    competition(data, ("key.txt", "7 = oak\n3 = ash\n5 = elm\n"))
    rows = (f"{kind}{n}.png,{'357'[n % 3]}" for kind in CODES for n in range(8))
    table(data, "train.csv", "file,species_code", rows)
    found = infer(data, tmp_path).competition
    labels = load_samples(found, "train")["label"].map(lambda one: found.classes[one])
    assert [*labels[:3]] == ["3", "5", "7"]


def found_without_codes(tmp_path: Path) -> Inferred:
    found = infer(tmp_path / "data", tmp_path)
    assert sorted(found.competition.classes) == sorted(CODES)
    return found


@pytest.mark.parametrize(
    "text",
    ["7 = oak\n3 = ash\n7 = elm\n", "7 = oak\n3 = oak\n5 = elm\n", "1 = oak\n2 = ash\n4 = elm\n"],
    ids=["a code of two", "two codes of one", "other codes"],
)
def test_a_legend_that_leaves_codes_open_is_none(text: str, tmp_path: Path) -> None:
    competition(tmp_path / "data", ("key.txt", text))
    found_without_codes(tmp_path)


def test_names_in_the_sample_need_no_legend(tmp_path: Path) -> None:
    data = tmp_path / "data"
    competition(data, ("key.txt", "7 = oak\n3 = ash\n5 = elm\n"))
    rows = (f"q{n}.png,{('oak', 'elm')[n % 2]}" for n in range(4))
    table(data, "sample_submission.csv", "file,species", rows)
    assert found_without_codes(tmp_path).competition.submission.value == "name"


def test_codes_that_are_the_places_of_the_names_leave_the_names(tmp_path: Path) -> None:
    text = "0 = ash\n1 = elm\n2 = oak\n"
    competition(tmp_path / "data", ("key.txt", text), codes="02")
    assert found_without_codes(tmp_path).competition.submission.value == "label"


FAULTS = (
    "| Fault | Send |\n|---|---|\n| none | ok |\n| scratch | f1 |\n| other | f2 |\n| dent | f3 |\n"
)


def faults(data: Path, *, more: tuple[str, ...] = ()) -> None:
    """Write faults in folders, one with folders inside, beside one of sound things; and codes."""
    for place in ("bad/scratch", "bad/dent", "bad/other/bent", "bad/other/spots", "sound", *more):
        put(data, [f"train/{place}/{place.replace('/', '_')}{n}.png" for n in range(6)])
    put(data, [f"test/q{n}.png" for n in range(4)])
    table(data, "sample_submission.csv", "file,answer", (f"q{n}.png,ok" for n in range(4)))
    (data / "README.md").write_text(FAULTS, encoding="utf-8")


def test_folders_inside_a_folder_are_of_it_where_a_legend_names_the_outer_one(
    tmp_path: Path,
) -> None:
    faults(tmp_path / "data")
    found = infer(tmp_path / "data", tmp_path)
    samples = load_samples(found.competition, "train")
    codes = samples["label"].map(lambda one: found.competition.classes[one])
    places = samples["images"].map(lambda one: Path(one[0]).parent.name)
    assert dict(zip(places, codes, strict=True)) == {
        "scratch": "f1",
        "dent": "f3",
        "bent": "f2",
        "spots": "f2",
        "sound": "ok",
    }
    assert len(samples) == 30
    assert any("train/sound is taken for none" in note for note in found.notes)


def test_two_folders_that_the_legend_lacks_are_a_question(tmp_path: Path) -> None:
    faults(tmp_path / "data", more=("unknown",))
    found = infer(tmp_path / "data", tmp_path).competition
    assert {"classes", "data.train.images"} <= {*found.to_choose}


def test_codes_behind_the_ids_of_a_file_with_a_row_an_image_and_class(tmp_path: Path) -> None:
    """`q0.png|f1,0.25`: codes are of class folders, and a legend explains a name in brackets."""
    faults(tmp_path / "data")
    codes = ("f3", "ok", "f1", "f2")
    rows = [f"q{n}.png|{code},0.25" for n in range(4) for code in codes]
    table(tmp_path / "data", "sample_submission.csv", "file|fault,probability", rows)
    legend = FAULTS.replace("| other |", "| other (bent, spots) |")
    (tmp_path / "data/README.md").write_text(legend, encoding="utf-8")
    found = infer(tmp_path / "data", tmp_path).competition
    assert not found.to_choose
    assert sorted(found.classes) == sorted(codes)
    samples = load_samples(found, "train")
    names = samples["label"].map(lambda one: found.classes[one])
    places = samples["images"].map(lambda one: Path(one[0]).parent.name)
    told = dict(zip(places, names, strict=True))
    assert (told["bent"], told["sound"], told["dent"]) == ("f2", "ok", "f3")
    assert [*(expected_of_test(found).rows or ())] == [row.partition(",")[0] for row in rows]
