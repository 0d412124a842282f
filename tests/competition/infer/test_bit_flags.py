"""Masks whose values are sums of flags become a mask of each flag, and stay classes elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest
import yaml
from numpy.typing import NDArray
from PIL import Image

from podium.competition.infer.spec import Inferred, infer
from podium.errors import DataError
from podium.workflows.checking import check_format
from tests.competition.infer.test_odd_masks import photo, text

SIZE = (16, 20)
N_TRAIN = 8
CLOUD, SHADOW, SNOW = 1, 2, 4
FLAGS = {"cloud": CLOUD, "shadow": SHADOW, "snow": SNOW}
LEGEND = ("bit,value,flag", "0,1,cloud", "1,2,shadow", "2,4,snow")
README = "A pixel's value in the mask is the sum of the values of all flags that hold there."
Band = NDArray[np.uint16]


def band(number: int, values: Sequence[int]) -> Band:
    """Return a band of all these values, in blocks of another order for each image."""
    cells = np.random.default_rng(number).permutation(np.resize(np.array(values), 20))
    return np.kron(cells.reshape(4, 5), np.ones((4, 4), int)).astype(np.uint16)


def host(
    root: Path,
    values: Sequence[int],
    files: Mapping[str, Sequence[str]],
    *,
    sent: Sequence[str] = tuple(FLAGS),
) -> list[Band]:
    """Write images, bands of these values, texts by their names, and a sample; return the bands."""
    data = root / "data"
    bands = [band(number, values) for number in range(N_TRAIN)]
    for number in range(N_TRAIN + 3):
        part = "train" if number < N_TRAIN else "test"
        photo(data / part / "images" / f"i{number}.png", number, SIZE)
    (data / "train" / "masks").mkdir(parents=True)
    for number, one in enumerate(bands):
        pixels = one.astype(np.uint8) if one.max() < 256 else one
        Image.fromarray(pixels).save(data / "train" / "masks" / f"i{number}.png")
    for name, lines in files.items():
        text(data / name, *lines)
    rows = [f"i{n},{one},1 1" for n in range(N_TRAIN, N_TRAIN + 3) for one in sent]
    text(data / "sample_submission.csv", "image,flag,rle", *rows)
    return bands


def read(root: Path) -> Inferred:
    return infer(root / "data", root)


def assert_flags(root: Path, bands: Sequence[Band], flags: Mapping[str, int]) -> None:
    """Compare the mask of each flag with the bit that it has in each pixel."""
    for number, one in enumerate(bands):
        for name, flag in flags.items():
            made = np.asarray(Image.open(root / f"made/masks/i{number}_{name}.png"))
            np.testing.assert_array_equal(made > 0, np.bitwise_and(one, flag) > 0)


def assert_read(found: Inferred, names: Sequence[str]) -> None:
    spec = yaml.safe_load(found.text)
    assert spec["tasks"] == {"segment": "multilabel"}
    assert spec["classes"] == list(names)
    assert spec["data"]["train"]["mask"] == "made/masks/{id}_{class}.png"
    assert spec["to_choose"] == ["submission.rle"]  # the sample shows no more than 1 1


def kind_of(found: Inferred) -> str:
    return str(yaml.safe_load(found.text)["tasks"]["segment"])


def test_sums_of_the_flags_of_a_table_are_masks_of_each_flag(tmp_path: Path) -> None:
    bands = host(tmp_path, range(8), {"flags.csv": LEGEND, "README.txt": [README]})
    found = read(tmp_path)
    assert_read(found, ["cloud", "shadow", "snow"])
    assert_flags(tmp_path, bands, FLAGS)
    (note,) = [one for one in found.notes if "sums of the flags" in one]
    assert "flags.csv (3 is cloud and shadow, and README.txt says 'sum of the values'" in note


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("flags.csv", ["flag,value", "cloud,0x01", "shadow,0x02", "snow,0x04"]),
        ("classes.csv", ["id,name", "0,clear", "1,cloud", "2,shadow", "4,snow"]),
        ("classes.txt", ["1 cloud", "2 shadow", "4 snow"]),
        ("qa_bits.txt", ["# the flags", "1: cloud", "2: shadow", "4: snow"]),
        ("flags.json", ['{"cloud": 1, "shadow": 2, "snow": 4}']),
        ("bands.csv", ["bit,name", "0,cloud", "1,shadow", "2,snow"]),
        ("bands.csv", ["bit,name", "1,cloud", "2,shadow", "3,snow"]),
    ],
)
def test_lists_of_flags_in_other_forms_are_read(
    name: str, lines: Sequence[str], tmp_path: Path
) -> None:
    bands = host(tmp_path, range(8), {name: lines})
    assert_read(read(tmp_path), ["cloud", "shadow", "snow"])
    assert_flags(tmp_path, bands, FLAGS)


def test_classes_are_in_the_order_of_the_list_or_of_the_sample(tmp_path: Path) -> None:
    lines = ["value,flag", "4,snow", "1,cloud", "2,shadow"]
    bands = host(tmp_path, range(8), {"flags.csv": lines}, sent=["snow", "cloud", "shadow"])
    assert_read(read(tmp_path), ["snow", "cloud", "shadow"])
    assert_flags(tmp_path, bands, FLAGS)


def test_flags_of_sixteen_bits_are_read(tmp_path: Path) -> None:
    lines = ["bit,value,flag", "0,1,cloud", "9,512,snow", "15,32768,water"]
    flags = {"cloud": 1, "snow": 1 << 9, "water": 1 << 15}
    values = [0, 1, 512, 513, 32768, 32769, 33281]
    bands = host(tmp_path, values, {"flags.csv": lines}, sent=list(flags))
    assert_read(read(tmp_path), list(flags))
    assert_flags(tmp_path, bands, flags)


def test_bits_that_no_flag_has_are_left_out_with_a_note(tmp_path: Path) -> None:
    bands = host(tmp_path, range(64), {"flags.csv": LEGEND, "README.txt": [README]})
    found = read(tmp_path)
    assert_read(found, ["cloud", "shadow", "snow"])
    assert_flags(tmp_path, bands, FLAGS)
    assert any("have bits that flags.csv does not name" in one for one in found.notes)


def test_255_that_is_no_sum_is_unlabelled(tmp_path: Path) -> None:
    bands = host(tmp_path, [*range(8), 255], {"flags.csv": LEGEND})
    spec = yaml.safe_load(read(tmp_path).text)
    assert spec["tasks"] == {"segment": "multilabel"}
    assert spec["data"]["train"]["ignore"] == 255
    for number, one in enumerate(bands):
        made = np.asarray(Image.open(tmp_path / f"made/masks/i{number}_snow.png"))
        np.testing.assert_array_equal(made == 255, one == 255)
        np.testing.assert_array_equal(made == 1, (one != 255) & (one & SNOW > 0))


def test_a_flag_without_data_is_no_class(tmp_path: Path) -> None:
    lines = ["value,flag", "1,no data", "2,shadow", "4,snow"]
    bands = host(tmp_path, range(8), {"flags.csv": lines}, sent=["shadow", "snow"])
    spec = yaml.safe_load(read(tmp_path).text)
    assert (spec["classes"], spec["data"]["train"]["ignore"]) == (["shadow", "snow"], 255)
    for number, one in enumerate(bands):
        made = np.asarray(Image.open(tmp_path / f"made/masks/i{number}_snow.png"))
        np.testing.assert_array_equal(made == 255, one & 1 > 0)
        np.testing.assert_array_equal(made == 1, (one & 1 == 0) & (one & SNOW > 0))


def test_single_flags_stay_classes_unless_a_text_names_bits(tmp_path: Path) -> None:
    lines = {"classes.csv": ["id,name", "1,cloud", "2,shadow", "4,snow"]}
    host(tmp_path / "plain", [0, 1, 2, 4], lines)
    assert kind_of(read(tmp_path / "plain")) == "multiclass"
    told = {**lines, "README.md": ["The masks are bit-coded: 1, 2 and 4 may be added."]}
    bands = host(tmp_path / "told", [0, 1, 2, 4], told)
    assert_read(read(tmp_path / "told"), ["cloud", "shadow", "snow"])
    assert_flags(tmp_path / "told", bands, FLAGS)


@pytest.mark.parametrize(
    "readme",
    ["The masks are not bit-coded: 3 is fog.", "All masks are 8-bit masks.", "A sum of values."],
)
def test_texts_that_do_not_name_bits_change_nothing(readme: str, tmp_path: Path) -> None:
    lines = ["id,name", "1,cloud", "2,shadow"]
    sent = ["cloud", "shadow"]
    host(tmp_path, range(3), {"classes.csv": lines, "README.txt": [readme]}, sent=sent)
    assert kind_of(read(tmp_path)) == "multiclass"


def test_masks_of_one_value_are_no_flags(tmp_path: Path) -> None:
    host(tmp_path, [0, 255], {"flags.csv": LEGEND, "README.txt": [README]})
    assert kind_of(read(tmp_path)) == "binary"


def test_a_text_that_denies_sums_is_believed(tmp_path: Path) -> None:
    lines = ["id,name", "1,cloud", "2,shadow", "4,snow"]
    readme = "The values of masks are no bit flags."
    host(tmp_path, range(8), {"classes.csv": lines, "README.txt": [readme]})
    assert kind_of(read(tmp_path)) == "multiclass"


def test_one_value_between_numbered_classes_is_no_sum(tmp_path: Path) -> None:
    lines = ["id,name", "1,cloud", "2,shadow", "4,snow"]
    host(tmp_path, [0, 1, 2, 3, 4], {"classes.csv": lines})
    assert kind_of(read(tmp_path)) == "multiclass"


def test_bits_that_may_be_counted_from_0_or_from_1_are_refused(tmp_path: Path) -> None:
    lines = ["bit,name", "1,cloud", "2,shadow", "3,snow"]
    # 6 is shadow and cloud, or snow and shadow; every flag of both ways has a pixel but one.
    host(tmp_path, [0, 6, 2, 4], {"flags.csv": lines, "README.txt": [README]})
    with pytest.raises(DataError, match="may be counted from 0 or from 1: 2 is cloud, or 1 is cl"):
        read(tmp_path)


def test_a_name_that_no_file_can_have_is_refused(tmp_path: Path) -> None:
    lines = ["value,flag", "1,cloud", "2,shadow", "4,snow/ice"]
    host(tmp_path, range(8), {"flags.csv": lines}, sent=["cloud", "shadow", "snow/ice"])
    with pytest.raises(DataError, match="'snow/ice' can be in no name of a file"):
        read(tmp_path)


def test_a_text_that_names_each_flag_of_the_sample_is_a_list(tmp_path: Path) -> None:
    readme = f"{README} They are 1 = cloud, 2 = shadow and 4 = snow (2 + 4 = 6)."
    bands = host(tmp_path, range(8), {"README.txt": [readme]})
    assert_read(read(tmp_path), ["cloud", "shadow", "snow"])
    assert_flags(tmp_path, bands, FLAGS)


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        (
            "page.html",
            "<table><tr><th>code</th><th>class</th><th>cover</th></tr>"
            "<tr><td>0</td><td>–</td><td>ground</td></tr><tr><td>1</td><td>cloud</td><td>a</td></tr>"
            "<tr><td>2<td>shadow<td>b<tr><td>4</td><td><b>snow</b></td><td>c</td></tr></table>",
        ),
        (
            "page.md",
            "\n| code | class |\n| --- | --- |\n| 1 | cloud |\n| 2 | shadow |\n| 4 | `snow` |\n",
        ),
    ],
)
def test_a_table_in_a_text_that_names_each_flag_is_a_list(
    name: str, rows: str, tmp_path: Path
) -> None:
    bands = host(tmp_path, range(8), {name: [README, rows]})
    assert_read(read(tmp_path), ["cloud", "shadow", "snow"])
    assert_flags(tmp_path, bands, FLAGS)


def test_rows_that_have_two_numbers_for_a_flag_name_none(tmp_path: Path) -> None:
    rows = "\n| 1 | 7 | cloud |\n| 2 | 8 | shadow |\n| 4 | 9 | snow |\n"
    host(tmp_path, range(8), {"page.md": [README, rows]})
    assert kind_of(read(tmp_path)) == "multiclass"


def test_other_classes_of_the_sample_are_a_question(tmp_path: Path) -> None:
    host(tmp_path, [0, 1, 2, 4, 5, 6], {})
    found = read(tmp_path)
    spec = yaml.safe_load(found.text)
    asked = ["data.train.mask_values", "classes", "submission.rle"]  # no mask has 3
    assert (kind_of(found), spec["to_choose"]) == ("multiclass", asked)
    assert "# or classes: [cloud, shadow, snow]" in found.text
    (note,) = [one for one in found.notes if one.startswith("the sample names")]
    assert "cloud, shadow, snow, and the masks have numbers of 6 classes" in note
    assert "write flags.csv beside the data" in note


def test_check_names_the_classes_of_the_sample_and_those_of_the_file(tmp_path: Path) -> None:
    host(tmp_path, [0, 1, 2, 4, 5, 6], {})
    (finding,) = [one for one in check_format(read(tmp_path).competition) if one.level == "error"]
    assert finding.title == "no row of the sample submission is of a class of competition.yaml"
    assert finding.detail.startswith(
        "the sample names cloud, shadow, snow, and competition.yaml has classes class 1, class 2"
    )


def test_named_classes_that_the_sample_does_not_name_are_a_question(tmp_path: Path) -> None:
    lines = ["id,name", "1,forest", "2,field", "3,lake", "4,town"]
    host(tmp_path, range(5), {"classes.csv": lines})
    found = read(tmp_path)
    assert "classes" in yaml.safe_load(found.text)["to_choose"]
    assert any("the masks have classes forest, field, lake, town" in one for one in found.notes)


def test_classes_that_the_sample_numbers_are_the_numbers_of_flags(tmp_path: Path) -> None:
    bands = host(tmp_path, range(8), {"flags.csv": LEGEND}, sent=["1", "2", "4"])
    found = read(tmp_path)
    assert_read(found, ["1", "2", "4"])
    assert_flags(tmp_path, bands, {"1": 1, "2": 2, "4": 4})
    assert not check_format(found.competition)


def test_values_that_the_sample_has_rows_of_are_classes(tmp_path: Path) -> None:
    sent = [str(number) for number in range(1, 8)]
    host(tmp_path, range(8), {"flags.csv": LEGEND}, sent=sent)
    assert kind_of(read(tmp_path)) == "multiclass"


def test_masks_of_one_value_for_several_names_are_a_question(tmp_path: Path) -> None:
    host(tmp_path, [0, 1], {})
    found = read(tmp_path)
    assert "tasks" in yaml.safe_load(found.text)["to_choose"]
    told = "the sample names cloud, shadow, snow, and the masks have one value beside 0"
    assert any(told in one for one in found.notes)
