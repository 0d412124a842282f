"""The values of mask files: what 0 is, numbers in one channel, and rows that are called by them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from podium.competition.calibrate.calibration import calibrate
from podium.competition.infer.masks.values import ClassNames, is_void, name_values
from podium.competition.samples import load_samples
from podium.competition.spec import Competition, load_competition
from podium.competition.truths.mask_files import IGNORE
from podium.competition.truths.masks import truth_masks
from podium.submissions.format.spec import format_of
from tests.competition.infer.test_odd_labels import begin, table
from tests.competition.infer.test_odd_masks import SIZE, box, photo, save

WORDS = ("water", "bog", "road")
CODES = (10, 20, 40)


def plane(number: int, values: Sequence[int], *, full: bool = False) -> NDArray[np.uint8]:
    """Return a mask with a box of each value on 0, or on the last value in place of 0."""
    found = np.full(SIZE, values[-1] if full else 0, np.uint8)
    for value in values:
        found[box(number + 1, shift=value)] = value
    return found


def tiles(
    data: Path,
    values: Sequence[int],
    names: Sequence[object] = WORDS,
    *,
    full: bool = False,
    listed: Sequence[tuple[int, str]] = (),
) -> dict[str, NDArray[np.uint8]]:
    """Write tiles, masks of `values`, half of them perhaps without 0, and a row for each name."""
    planes = {}
    for number in range(24):
        name = f"{number:02}"
        photo(data / ("train" if number < 18 else "test") / "images" / f"{name}.png", number)
        if number < 18:
            planes[name] = plane(number, values, full=full and number % 2 == 0)
            save(data / f"train/masks/{name}.png", planes[name])
    rows = [(f"{n}", name, "") for n in range(18, 24) for name in names]
    table(data / "sample_submission.csv", ("id", "class", "rle"), *rows)
    if listed:
        table(data / "classes.csv", ("code", "class"), *listed)
    return planes


def assert_read(
    found: Competition, planes: dict[str, NDArray[np.uint8]], meaning: dict[int, str | None]
) -> None:
    """Assert that the values of the masks are these classes, "" for background, None for none."""
    table = np.full(256, 254, np.uint8)
    for value, name in meaning.items():
        number = 0 if name == "" else found.classes.index(name) + 1 if name else IGNORE
        table[value] = number
    samples = load_samples(found, "train")
    masks = dict(zip(samples["id"], truth_masks(found, samples), strict=True))
    assert masks.keys() == planes.keys()
    for name, one in planes.items():
        read = masks[name]
        assert read is not None
        assert np.array_equal(read, table[one])


@pytest.mark.parametrize("name", [
    "no data", "NoData", "no_data", "Not annotated", "not-labelled", "not labeled", "unlabeled",
    "unclassified", "not scored", "outside", "invalid", "ignore", "No Label", "(void)",
    "don't care", "un-annotated", "not evaluated",
])  # fmt: skip
def test_a_name_that_means_nothing_is_no_class(tmp_path: Path, name: str) -> None:
    listed = [(0, name), *zip(CODES, WORDS, strict=True)]
    planes = tiles(tmp_path / "data", CODES, listed=listed)
    found, notes = begin(tmp_path)
    assert found.classes == list(WORDS)
    assert_read(found, planes, {0: None, 10: "water", 20: "bog", 40: "road"})
    assert "background" not in notes
    assert "data.train.ignore" not in found.to_choose


def test_plain_words_mean_nothing_and_names_of_things_do_not() -> None:
    assert not any(map(is_void, ("water", "none", "background", "no entry", "invalidity", "other")))
    assert is_void("Outside")
    assert not is_void("outside", ["inside", "outside"])


def test_a_name_that_negates_the_only_other_one_is_background() -> None:
    def named(*names: str, sent: tuple[str, ...] = ()) -> list[str]:
        listed = ClassNames("README.md", named=dict(enumerate(names)), sent=sent)
        choice = name_values(range(len(names)), listed, None, [], all_read=True)
        assert choice is not None
        return [name for _, name in choice.chosen.value.names]

    assert named("no water", "water") == ["background", "water"]
    assert named("Schaden", "kein Schaden") == ["Schaden", "background"]
    for names in (("no water", "ice"), ("no water", "water", "ice"), ("water", "ice")):
        assert named(*names) == list(names)
    assert named("non-bog", "bog", sent=("non-bog", "bog")) == ["non-bog", "bog"]


def test_a_name_that_means_nothing_is_a_class_where_the_sample_has_a_row_of_it(
    tmp_path: Path,
) -> None:
    names = ("outside", "inside", "edge")
    listed = [(0, "background"), *enumerate(names, start=1)]
    planes = tiles(tmp_path / "data", (1, 2, 3), names, listed=listed)
    found, _ = begin(tmp_path)
    assert found.classes == list(names)
    assert_read(found, planes, {0: "", 1: "outside", 2: "inside", 3: "edge"})


def test_two_values_that_mean_nothing_are_a_question(tmp_path: Path) -> None:
    listed = [(0, "no data"), *zip((1, 2, 3), WORDS, strict=True), (255, "void")]
    tiles(tmp_path / "data", (255, 1, 2, 3), listed=listed)
    found, _ = begin(tmp_path)
    assert found.classes == list(WORDS)
    assert "data.train.ignore" in found.to_choose


def test_an_unknown_word_for_0_that_the_sample_has_no_row_of_is_a_question(tmp_path: Path) -> None:
    listed = [(0, "övrigt"), *zip(CODES, WORDS, strict=True)]
    planes = tiles(tmp_path / "data", CODES, listed=listed)
    found, notes = begin(tmp_path)
    assert found.to_choose.count("data.train.ignore") == 1
    assert "the pixels of övrigt" not in notes
    assert_read(found, planes, {0: "", 10: "water", 20: "bog", 40: "road"})
    text = (tmp_path / "competition.yaml").read_text()
    line = text.index("    ignore: null")
    assert "# or ignore: 0" in text[line:]
    assert "övrigt" in text[line:]
    # What is offered is the other reading.
    (tmp_path / "competition.yaml").write_text(text.replace("ignore: null", "ignore: 0", 1))
    other = load_competition(tmp_path)
    assert_read(other, planes, {0: None, 10: "water", 20: "bog", 40: "road"})


@pytest.mark.parametrize("full", [True, False])
def test_a_0_that_nothing_names_is_a_question_where_masks_are_without_it(
    tmp_path: Path, full: bool
) -> None:
    tiles(tmp_path / "data", (1, 2, 3), full=full)
    found, _ = begin(tmp_path)
    assert ("data.train.ignore" in found.to_choose) == full
    assert found.classes == list(WORDS)
    unsure = [one for one in calibrate(found).parameters if one.name == "data.train.ignore"]
    assert [one.sure for one in unsure] == ["not sure"] * full


def test_a_0_that_a_list_calls_background_is_certain(tmp_path: Path) -> None:
    listed = [(0, "background"), *zip(CODES, WORDS, strict=True)]
    planes = tiles(tmp_path / "data", CODES, listed=listed, full=True)
    found, _ = begin(tmp_path)
    assert "data.train.ignore" not in found.to_choose
    assert_read(found, planes, {0: "", 10: "water", 20: "bog", 40: "road"})


@pytest.mark.parametrize("listed", [
    [],
    [(0, "no data"), *zip(CODES, WORDS, strict=True)],
    [(0, "övrigt"), *zip(CODES, WORDS, strict=True)],
])  # fmt: skip
@pytest.mark.parametrize("in_ids", [False, True])
def test_rows_of_the_values_of_masks_name_the_classes(
    tmp_path: Path, listed: list[tuple[int, str]], in_ids: bool
) -> None:
    planes = tiles(tmp_path / "data", CODES, CODES, listed=listed)
    if in_ids:
        rows = [(f"{n}/{code}", "") for n in range(18, 24) for code in CODES]
        table(tmp_path / "data/sample_submission.csv", ("id", "rle"), *rows)
    found, notes = begin(tmp_path)
    assert found.tasks == {"segment": "multiclass"}
    assert found.classes == ["10", "20", "40"]
    is_void = bool(listed) and listed[0][1] == "no data"
    assert_read(found, planes, {0: None if is_void else "", 10: "10", 20: "20", 40: "40"})
    assert ("data.train.ignore" in found.to_choose) == (bool(listed) and not is_void)
    assert "is no class" not in notes
    assert "submission.id" not in found.to_choose
    assert not [one for one in calibrate(found).changes if one.name.startswith("data.train")]
    unsure = [one for one in calibrate(found).parameters if one.sure == "not sure"]
    assert "data.train.mask_values" not in {one.name for one in unsure}


def test_numbers_of_rows_skip_a_first_value_that_is_no_class_of_the_sample(tmp_path: Path) -> None:
    listed = [(0, "övrigt"), *zip((1, 2, 3), WORDS, strict=True)]
    planes = tiles(tmp_path / "data", (1, 2, 3), (1, 2, 3), listed=listed)
    found, _ = begin(tmp_path)
    assert found.classes == list(WORDS)
    assert found.to_choose.count("data.train.ignore") == 1
    assert_read(found, planes, {0: "", 1: "water", 2: "bog", 3: "road"})
    columns = format_of(found).columns
    assert columns["class"] in ("class_number", "number")


@pytest.mark.parametrize("listed", [
    [],
    [(0, "background"), (10, "water"), (20, "bog"), (30, "sand"), (40, "road")],
])  # fmt: skip
def test_values_that_the_sample_has_no_row_of_are_background(
    tmp_path: Path, listed: list[tuple[int, str]]
) -> None:
    planes = tiles(tmp_path / "data", (10, 20, 30, 40), CODES, listed=listed)
    found, notes = begin(tmp_path)
    assert found.classes == ["10", "20", "40"]
    assert_read(found, planes, {0: "", 10: "10", 20: "20", 30: "", 40: "40"})
    assert f"pixels of {'sand' if listed else '30'} are background" in notes.replace("'", "")


def test_a_255_that_nothing_names_beside_rows_of_all_other_values_is_a_question(
    tmp_path: Path,
) -> None:
    tiles(tmp_path / "data", (255, *CODES), CODES)
    found, _ = begin(tmp_path)
    assert found.classes == ["10", "20", "40"]
    assert found.to_choose.count("data.train.ignore") == 1


@pytest.mark.parametrize(("values", "rows"), [((1, 2, 3, 4), (1, 2, 3)), ((1, 2, 3, 4), (1, 2, 4))])
def test_rows_of_some_numbers_leave_the_others_to_the_background(
    tmp_path: Path, values: tuple[int, ...], rows: tuple[int, ...]
) -> None:
    listed = [(0, "background"), *zip(values, "abcd", strict=True)]
    planes = tiles(tmp_path / "data", values, rows, listed=listed)
    found, notes = begin(tmp_path)
    names = ["a", "b", "c"] if rows == (1, 2, 3) else ["1", "2", "4"]
    assert found.classes == names
    classes: dict[int, str | None] = dict(zip(rows, names, strict=True))
    assert_read(found, planes, {**dict.fromkeys((0, *values), ""), **classes})
    assert "are background" in notes


@pytest.mark.parametrize("name", ["övrigt", "ingen uppgift", "unlabelled", "background"])
def test_beside_one_class_and_a_row_an_image_0_is_background(tmp_path: Path, name: str) -> None:
    planes = tiles(tmp_path / "data", (1,), listed=[(0, name), (1, "road")])
    table(tmp_path / "data/sample_submission.csv", ("id", "rle"), *((n, "") for n in range(18, 24)))
    found, notes = begin(tmp_path)
    assert found.tasks == {"segment": "binary"}
    assert "mend" not in notes
    masks = truth_masks(found, load_samples(found, "train"))
    pairs = zip(masks, planes.values(), strict=True)
    assert all(mask is not None and np.array_equal(mask, one) for mask, one in pairs)


def test_rows_of_0_and_all_other_values_are_of_these_classes(tmp_path: Path) -> None:
    planes = tiles(tmp_path / "data", (1, 2, 3), (0, 1, 2, 3))
    found, _ = begin(tmp_path)
    assert found.classes == ["0", "1", "2", "3"]
    assert_read(found, planes, {0: "0", 1: "1", 2: "2", 3: "3"})


@pytest.mark.parametrize("channel", [0, 1, 2])
def test_numbers_in_one_channel_are_named_by_a_list(tmp_path: Path, channel: int) -> None:
    listed = [(0, "none"), (7, "water"), (10, "bog"), (11, "road")]
    data, planes = tmp_path / "data", {}
    planes = tiles(data, (7, 10, 11), listed=listed)
    for name, one in planes.items():
        colours = np.zeros((*SIZE, 3), np.uint8)
        colours[..., channel] = one
        save(data / f"train/masks/{name}.png", colours)
    found, _ = begin(tmp_path)
    assert found.classes == list(WORDS)
    assert "data.train.mask_values" not in found.to_choose
    assert_read(found, planes, {0: "", 7: "water", 10: "bog", 11: "road"})
    values = [one for one in calibrate(found).parameters if one.name == "data.train.mask_values"]
    assert [one.sure for one in values] == ["certain"]
    assert not calibrate(found).changes or "mask_values" not in str(calibrate(found).changes)


def test_rows_of_the_numbers_in_one_channel_name_the_classes(tmp_path: Path) -> None:
    listed = [(0, "övrigt"), (7, "water"), (10, "bog"), (11, "road")]
    data = tmp_path / "data"
    planes = tiles(data, (7, 10, 11), (7, 10), listed=listed)
    for name, one in planes.items():
        colours = np.zeros((*SIZE, 3), np.uint8)
        colours[..., 0] = one
        save(data / f"train/masks/{name}.png", colours)
    found, notes = begin(tmp_path)
    assert found.classes == ["7", "10"]
    assert "the pixels of road are background" in notes.replace("'", "")
    assert_read(found, planes, {0: "", 7: "7", 10: "10", 11: ""})
    assert "# or ignore: '#000000'" in (tmp_path / "competition.yaml").read_text()
    assert not [one for one in calibrate(found).changes if one.name.startswith("data.train")]


def test_calibrate_mends_names_of_numbers_in_one_channel(tmp_path: Path) -> None:
    listed = [(0, "none"), (7, "water"), (10, "bog"), (11, "road")]
    data = tmp_path / "data"
    for name, one in tiles(data, (7, 10, 11), listed=listed).items():
        colours = np.zeros((*SIZE, 3), np.uint8)
        colours[..., 0] = one
        save(data / f"train/masks/{name}.png", colours)
    begin(tmp_path)
    file = tmp_path / "competition.yaml"
    text = file.read_text()
    swapped = text.replace("'#070000': water", "'#070000': bog", 1)
    swapped = swapped.replace("'#0a0000': bog", "'#0a0000': water", 1)
    assert swapped != text
    file.write_text(swapped)
    changes = calibrate(load_competition(tmp_path)).changes
    mended = {one.name: one.value for one in changes}["data.train.mask_values"]
    assert (mended["#070000"], mended["#0a0000"], mended["#0b0000"]) == WORDS


def test_colours_of_one_channel_without_a_list_are_colours(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for name, one in tiles(data, (7, 10, 11)).items():
        colours = np.zeros((*SIZE, 3), np.uint8)
        colours[..., 0] = one
        save(data / f"train/masks/{name}.png", colours)
    found, _ = begin(tmp_path)
    assert "data.train.mask_values" in found.to_choose


@pytest.mark.parametrize("value", [0, 255])
@pytest.mark.parametrize(
    "name",
    [
        "unlabeled area", "other/void", "Nicht beschriftet", "ohne Angabe", "non étiqueté",
        "à ignorer", "sin etiquetar", "sem dados", "sem_dado", "non classificato", "ingen uppgift",
        "omärkt", "brak danych", "niet gelabeld", "ikke mærket", "нет данных", "未标注", "無視",
    ],
)  # fmt: skip
def test_words_of_many_languages_mean_void(tmp_path: Path, name: str, value: int) -> None:
    shown = (1, 2, 3) if value == 0 else (1, 2, 3, 255)
    listed = [*zip((1, 2, 3), WORDS, strict=True), (value, name)]
    listed += [] if value == 0 else [(0, "Hintergrund")]
    planes = tiles(tmp_path / "data", shown, listed=listed)
    found, _ = begin(tmp_path)
    assert found.classes == list(WORDS)
    assert not {"data.train.ignore", "data.train.mask_values"} & {*found.to_choose}
    wanted = {0: "", 1: "water", 2: "bog", 3: "road", value: None}
    assert_read(found, planes, wanted)


@pytest.mark.parametrize("name", ["void space", "unknown vehicle", "outside wall", "no parking"])
def test_words_of_things_are_no_void(name: str) -> None:
    assert not is_void(name)


def test_a_word_that_the_sample_has_no_row_of_is_a_question_for_other_values(
    tmp_path: Path,
) -> None:
    listed = [(0, "background"), *zip((1, 2, 3), WORDS, strict=True), (9, "mystery")]
    planes = tiles(tmp_path / "data", (1, 2, 3, 9), WORDS, listed=listed)
    found, _ = begin(tmp_path)
    assert "data.train.ignore" in found.to_choose
    assert_read(found, planes, {0: "", 1: "water", 2: "bog", 3: "road", 9: ""})
    text = (tmp_path / "competition.yaml").read_text()
    assert "# or ignore: 9" in text


@pytest.mark.parametrize("codes", [(1, 2, 3), (10, 20, 40)])
@pytest.mark.parametrize("void", [True, False])
def test_rows_of_numbers_that_a_legend_has_beside_its_colours_skip_the_ground(
    tmp_path: Path, codes: tuple[int, ...], void: bool
) -> None:
    data, colours = tmp_path / "data", [(0, 0, 0), (255, 214, 0), (0, 146, 210), (120, 220, 120)]
    planes = tiles(data, (1, 2, 3), codes)
    for name, plane_of in planes.items():
        save(data / f"train/masks/{name}.png", np.array(colours, np.uint8)[plane_of])
    listed = [*zip((0, *codes), ("hinterland", *WORDS), colours, strict=True)]
    listed += [(99, "unlabelled", (255, 0, 255))] if void else []
    rows = ((code, name, *colour) for code, name, colour in listed)
    table(data / "legend.csv", ("kode", "class", "R", "G", "B"), *rows)
    found, _ = begin(tmp_path)
    assert found.classes == (list(WORDS) if codes == (1, 2, 3) else ["10", "20", "40"])
    asked = [one for one in found.to_choose if one.startswith("data.train")]
    assert asked == ([] if void else ["data.train.ignore"])  # what nobody labelled is known
    for mask, drawn in zip(
        truth_masks(found, load_samples(found, "train")), planes.values(), strict=True
    ):
        np.testing.assert_array_equal(mask, drawn)
