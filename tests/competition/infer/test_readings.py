"""What the data leave open is asked for, and what they decide is read, whatever it looks like."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from podium.codecs import rle
from podium.competition.calibrate.calibration import calibrate, write_parameters
from podium.competition.infer.spec import Inferred, infer
from podium.competition.samples import load_samples
from podium.competition.spec import Competition, load_competition
from podium.errors import DataError
from podium.submissions.format.spec import format_of

H, W = 12, 18
NAMES = [f"name{n}" for n in range(11)]
Pixels = NDArray[Any]


def photo(seed: int) -> Pixels:
    return np.random.default_rng(seed).integers(0, 255, (H, W, 3)).astype(np.uint8)


def values(seed: int, most: int) -> Pixels:
    """Return a mask `(H, W)` of blocks that has every value from 0 to `most`."""
    rng = np.random.default_rng(seed)
    found = np.repeat(np.repeat(rng.integers(0, most + 1, (4, 6)), 3, axis=0), 3, axis=1)
    found.flat[: most + 1] = np.arange(most + 1)
    return found.astype(np.uint8)


def put(path: Path, pixels: Pixels) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)


def table(path: Path, header: str, rows: Iterable[str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")


def look(root: Path) -> Inferred:
    found = infer(root / "data", root)
    (root / "competition.yaml").write_text(found.text, encoding="utf-8")
    assert load_competition(root) == found.competition
    return found


def written_keys(competition: Competition) -> list[str]:
    """Return the ids of the rows that podium would write for the test set."""
    form = format_of(competition)
    return sorted(form.keys(list(load_samples(competition, "test")["id"])))


def sample_keys(root: Path) -> list[str]:
    lines = (root / "data/sample_submission.csv").read_text(encoding="utf-8").split()
    return sorted(line.split(",")[0] for line in lines[1:])


def streets(root: Path, *, runs: bool, names: Sequence[str] = NAMES) -> dict[str, Pixels]:
    """Write images, masks of 0 to 11, and a list of 11 names, where 11 is the void."""
    data = root / "data"
    masks = {f"frame_{n:03d}": values(n, 11) for n in range(8)}
    for n, (name, mask) in enumerate(masks.items()):
        put(data / f"train/images/{name}.png", photo(n))
        put(data / f"train/masks/{name}.png", mask)
    for n in range(20, 24):
        put(data / f"test/images/frame_{n:03d}.png", photo(n))
    (data / "classes.txt").write_text("\n".join(names) + "\n", encoding="utf-8")
    if runs:
        rows = [
            f"{name}__{label},{rle.encode(mask == n)}"
            for name, mask in masks.items()
            for n, label in enumerate(names)
        ]
        table(data / "train.csv", "id,rle", rows)
    shown = [f"frame_{n:03d}__{label}," for n in range(20, 24) for label in names]
    table(data / "sample_submission.csv", "id,rle", shown)
    return masks


def test_runs_decide_which_value_is_which_class(tmp_path: Path) -> None:
    streets(tmp_path, runs=True)
    train = look(tmp_path).competition.data.train
    assert train.mask_values == dict(enumerate(NAMES))
    assert train.ignore == 11
    assert look(tmp_path).competition.to_choose == []


def test_without_runs_both_orders_of_the_names_are_offered(tmp_path: Path) -> None:
    streets(tmp_path, runs=False)
    found = look(tmp_path)
    assert found.competition.to_choose[:1] == ["data.train.mask_values"]
    assert "# or mask_values:" in found.text
    assert "0: name0, 1: name1" in found.text
    assert "1: name0, 2: name1" in found.text
    with pytest.raises(DataError, match=r"data\.train\.mask_values.*several readings"):
        found.competition.require_chosen("data")


def scenes(root: Path, cell: str) -> None:
    """Write masks of 0 to 3 without a list of names, and a sample with a row of each class."""
    data = root / "data"
    for n in range(8):
        put(data / f"images/{n:03d}.png", photo(n))
        put(data / f"masks/{n:03d}.png", values(n, 3))
    for n in range(20, 24):
        put(data / f"test/{n:03d}.png", photo(n))
    rows = [f"{n:03d},{c},{cell if c == 'sky' else ''}" for n in range(20, 24) for c in SCENE]
    table(data / "sample_submission.csv", "image,region,pixels", rows)


SCENE = ("sky", "tree", "road", "house")


def test_as_many_classes_in_the_sample_as_values_with_0_is_a_choice(tmp_path: Path) -> None:
    scenes(tmp_path, "1 1")
    found = look(tmp_path)
    assert found.competition.classes == list(SCENE)
    assert found.competition.data.train.mask_values == dict(enumerate(SCENE))
    assert "data.train.mask_values" in found.competition.to_choose
    other = "# or mask_values: {0: background, 1: sky, 2: tree, 3: road, 4: house}"
    assert other in found.text


@pytest.mark.parametrize(
    ("cell", "base"), [(f"0 {H * W}", 0), (f"1 {H * W}", 1), ("0 5 9 2", 0), ("3 4", None)]
)
def test_a_run_of_the_sample_that_would_leave_the_image_tells_the_first_pixel(
    tmp_path: Path, cell: str, base: int | None
) -> None:
    scenes(tmp_path, cell)
    found = look(tmp_path)
    bases = set(re.findall(r"rle: {base: (\d)", found.text))
    assert bases == ({"0", "1"} if base is None else {str(base)})
    spec = re.sub(r"(?m)^to_choose: .*$", "", found.text)
    (tmp_path / "competition.yaml").write_text(spec, encoding="utf-8")
    rows = {one.name: one for one in calibrate(load_competition(tmp_path)).parameters}
    row = rows["submission.rle.base"]
    assert row.sure == ("not sure" if base is None else "likely")
    assert base is None or row.value == base


def test_calibrate_cites_what_a_text_states_of_runs(tmp_path: Path) -> None:
    scenes(tmp_path, "0 5 9 2")  # which tells the first pixel
    (tmp_path / "data/README.md").write_text(
        "Pixels are counted from 1, left to right, then top to bottom.", encoding="utf-8"
    )
    found = look(tmp_path)
    assert "order C is likely: README.md says 'left to right, then top to bottom'" in found.text
    spec = re.sub(r"(?m)^to_choose: .*$", "", found.text)
    (tmp_path / "competition.yaml").write_text(spec, encoding="utf-8")
    rows = {one.name: one for one in calibrate(load_competition(tmp_path)).parameters}
    order = rows["submission.rle.order"]
    assert (order.value, order.sure) == ("C", "likely")
    assert order.why == "README.md says 'left to right, then top to bottom'"
    base = rows["submission.rle.base"]  # the sample is believed before the text
    assert (base.value, base.sure) == (0, "likely")
    assert "of the sample" in base.why


def test_ids_and_classes_may_be_joined_by_any_sign(tmp_path: Path) -> None:
    streets(tmp_path, runs=True)
    found = look(tmp_path).competition
    assert found.submission.id == "{id}__{class}"
    assert found.submission.rows == "image_class"
    assert written_keys(found) == sample_keys(tmp_path)


def test_a_label_and_a_mask_in_one_row_are_read(tmp_path: Path) -> None:
    data = tmp_path / "data"
    animals = ["cat", "dog", "fox"]
    rows = []
    for n in range(12):
        mask = np.zeros((H, W), dtype=bool)
        mask[2 : 4 + n % 5, 3 : 9 + n % 3] = True
        put(data / f"train/{n:03d}.png", photo(n))
        rows.append(f"{n:03d},{animals[n % 3]},{rle.encode(mask)}")
    table(data / "train.csv", "id,label,rle", rows)
    for n in range(20, 26):
        put(data / f"test/{n:03d}.png", photo(n))
    table(
        data / "sample_submission.csv", "id,label,rle", [f"{n:03d},dog,1 1" for n in range(20, 26)]
    )
    found = look(tmp_path).competition
    assert found.tasks == {"classify": "multiclass", "segment": "binary"}
    assert found.classes == animals
    assert found.submission.rows == "image"
    assert list(found.submission.columns) == ["id", "label", "rle"]
    assert load_samples(found, "train")["id"].tolist() == [f"{n:03d}" for n in range(12)]


def test_ids_keep_the_extension_that_the_sample_has(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for n in range(12):
        put(data / f"train/{n}.png", photo(n))
    for n in range(20, 24):
        put(data / f"test/{n}.png", photo(n))
    table(data / "train.csv", "id,label", [f"{n},{'ab'[n % 2]}" for n in range(12)])
    table(data / "test.csv", "id,width", [f"{n},18" for n in range(20, 24)])
    table(data / "sample_submission.csv", "id,label", [f"{n}.png,a" for n in range(20, 24)])
    found = look(tmp_path).competition
    assert found.submission.id == "{id}.png"
    assert written_keys(found) == sample_keys(tmp_path)


def test_calibrate_keeps_what_a_person_wrote_where_it_fits(tmp_path: Path) -> None:
    streets(tmp_path, runs=True)
    text = look(tmp_path).text
    file = tmp_path / "competition.yaml"
    file.write_text(text, encoding="utf-8")
    assert write_parameters(calibrate(load_competition(tmp_path)), file) == ()
    assert load_competition(tmp_path).submission.id == "{id}__{class}"
    file.write_text(text.replace("{id}__{class}", "{id}_{class}"), encoding="utf-8")
    changed = write_parameters(calibrate(load_competition(tmp_path)), file)
    assert [(one.name, one.value) for one in changed] == [("submission.id", "{id}__{class}")]


def test_zeros_of_a_binary_label_may_be_probabilities(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for n in range(12):
        put(data / f"train/{n}.png", photo(n))
    for n in range(20, 24):
        put(data / f"test/{n}.png", photo(n))
    table(data / "train.csv", "id,label", [f"{n},{n % 2}" for n in range(12)])
    table(data / "sample_submission.csv", "id,label", [f"{n},0" for n in range(20, 24)])
    found = look(tmp_path)
    assert found.competition.to_choose == ["submission.value"]
    assert "# or value: name" in found.text
    found.competition.require_chosen("data", "tasks", "classes")  # training does not wait
    with pytest.raises(DataError, match=r"submission\.value"):
        found.competition.require_chosen("submission")


def _with_values(root: Path, values: dict[int, str], ignore: str) -> Path:
    """Write these values of masks into competition.yaml, as a person would."""
    file = root / "competition.yaml"
    lines = file.read_text(encoding="utf-8").splitlines()
    first = next(n for n, line in enumerate(lines) if line.strip().startswith("mask_values:"))
    end = next(n for n in range(first, len(lines)) if "}" in lines[n])
    written = ", ".join(f"{value}: {name}" for value, name in values.items())
    lines[first : end + 1] = [f"    mask_values: {{{written}}}  # by hand"]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    text = file.read_text(encoding="utf-8").replace("ignore: 11", f"ignore: {ignore}")
    file.write_text(text, encoding="utf-8")
    return file


def test_calibrate_mends_values_that_the_runs_contradict(tmp_path: Path) -> None:
    streets(tmp_path, runs=True)
    look(tmp_path)
    shifted = {0: "background", **dict(enumerate(NAMES, start=1))}
    file = _with_values(tmp_path, shifted, "null")
    found = calibrate(load_competition(tmp_path))
    one = next(one for one in found.parameters if one.name == "data.train.mask_values")
    assert one.sure == "certain"
    assert "the runs of name0 have" in one.why
    write_parameters(found, file)
    train = load_competition(tmp_path).data.train
    assert train.mask_values == dict(enumerate(NAMES))
    assert train.ignore == 11
    again = calibrate(load_competition(tmp_path))
    assert not [one for one in again.changes if one.name.startswith("data.train.mask_values")]


def test_calibrate_keeps_values_that_nothing_contradicts(tmp_path: Path) -> None:
    streets(tmp_path, runs=False)
    look(tmp_path)
    for first in (0, 1):
        named = {0: "background", **dict(enumerate(NAMES, start=first))}
        _with_values(tmp_path, named, "null" if first else "11")
        found = calibrate(load_competition(tmp_path))
        assert not [one for one in found.changes if one.name.startswith("data.train.mask_")]


def test_test_samples_are_loaded_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from podium.competition.calibrate import sample

    streets(tmp_path, runs=True)
    look(tmp_path)
    loaded = []

    def load(competition: Competition, split: Any) -> Any:
        loaded.append(split)
        return load_samples(competition, split)

    monkeypatch.setattr(sample, "load_samples", load)
    calibrate(load_competition(tmp_path))
    assert loaded == ["test"]


@pytest.mark.parametrize("name", ["{label}.{n}.png", "{label}_{n}.png", "{n}-{label}.png"])
def test_a_word_beside_a_number_in_names_of_files_is_the_class(tmp_path: Path, name: str) -> None:
    labels = ["wild_cat", "dog"]
    for n in range(12):
        put(tmp_path / "data/train" / name.format(label=labels[n % 2], n=n), photo(n))
    for n in range(20, 24):
        put(tmp_path / f"data/test/{n}.png", photo(n))
    table(tmp_path / "data/sample_submission.csv", "id,label", [f"{n},0.5" for n in range(20, 24)])
    found = look(tmp_path).competition
    assert found.classes == ["dog", "wild_cat"]
    train = load_samples(found, "train")
    assert [found.classes[label] for label in train["label"]] == [
        "wild_cat" if "wild_cat" in one else "dog" for one in train["id"]
    ]


def test_a_word_that_names_of_test_images_have_too_is_no_class(tmp_path: Path) -> None:
    for n in range(12):
        put(tmp_path / f"data/train/site{'AB'[n % 2]}_{n}.png", photo(n))
    for n in range(20, 24):
        put(tmp_path / f"data/test/site{'AB'[n % 2]}_{n}.png", photo(n))
    with pytest.raises(DataError, match="no labels"):
        infer(tmp_path / "data", tmp_path)
