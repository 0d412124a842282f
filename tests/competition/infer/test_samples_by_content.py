"""Sample submissions of any name, where the images of train and test lie in one folder."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from podium.competition.infer.competition_data import CompetitionData
from podium.competition.infer.conversions.tables.samples.columns_of_sample import (
    with_columns_of_sample,
)
from podium.competition.infer.sample.runs import find_runs
from podium.competition.infer.sample.submission import SampleSubmission
from podium.competition.infer.scan import scan_folder
from podium.competition.infer.spec import Inferred, infer
from podium.competition.samples import load_samples
from podium.errors import DataError
from podium.workflows.initialising import init_workspace

N, N_TRAIN = 30, 20
TRAIN, TEST = range(1, N_TRAIN + 1), range(N_TRAIN + 1, N + 1)
NAMES = ("sample.csv", "entrega_ejemplo.csv", "abgabe_muster.csv", "baseline.csv")


def photo(path: Path, number: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(number).integers(0, 255, (12, 16, 3)).astype(np.uint8)
    Image.fromarray(pixels).save(path)


def table(path: Path, header: str, rows: Sequence[str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")


def shapes(data: Path, name: str) -> None:
    """Write marks of shapes by the number of the image, and a sample with their names in a cell."""
    for n in (*TRAIN, *TEST):
        photo(data / f"photos/card_{n:04}.png", n)
    rows = [f"{n},{n % 2},{n // 2 % 2},{n // 4 % 2},{'blurred' * (n == 3)}" for n in TRAIN]
    table(data / "marks.csv", "Card,Círculo,Cross,Square,Remarks", rows)
    cells = ("Círculo+Cross", "nothing", "Square", "nothing", "Cross")
    sent = [f"card_{n:04},{cells[n % 5]}" for n in TEST]
    table(data / name, "card,shapes", sent)


def regions(data: Path, name: str) -> None:
    """Write masks of train, and a sample with a row of each image and class."""
    for n in (*TRAIN, *TEST):
        photo(data / f"images/{n + 500}.png", n)
    for n in TRAIN:
        mask = np.random.default_rng(n).integers(0, 3, (12, 16)).astype(np.uint8)
        (data / "masks").mkdir(exist_ok=True)
        Image.fromarray(mask).save(data / f"masks/{n + 500}.png")
    rows = [
        f"{n + 500},{one},{'1 192' * (one == 'sky')}" for n in TEST for one in ("sky", "sea", "sun")
    ]
    table(data / name, "image,region,pixels", rows)


def counts(data: Path, name: str) -> None:
    """Write counts by two columns that name an image together, and a sample of zeros."""
    pairs = {n: (f"S{n // 5:03}", f"b{n % 5:02}") for n in range(N)}
    for n, (visit, shot) in pairs.items():
        photo(data / f"shots/{visit}/{shot}.png", n)
    rows = [f"{','.join(pairs[n])},{n % 7},{n % 4}" for n in range(N_TRAIN)]
    table(data / "counts.csv", "visit,shot,round,long", rows)
    places = [f"S{n:03},room {n}" for n in range(N // 5)]
    table(data / "places.csv", "visit,room", places)
    sent = [f"{','.join(pairs[n])},0,0" for n in range(N_TRAIN, N)]
    table(data / name, "visit,shot,round,long", sent)


def guesses(data: Path, name: str) -> None:
    """Write classes, and a sample with a guess of one of them in each row."""
    for n in (*TRAIN, *TEST):
        photo(data / f"images/x{n}.png", n)
    table(data / "train.csv", "image,species", [f"x{n},{('oak', 'elm')[n % 2]}" for n in TRAIN])
    table(data / name, "image,species", [f"x{n},{('oak', 'elm')[n // 2 % 2]}" for n in TEST])


def taken(found: Inferred) -> str:
    """Return the name of the sample that was taken."""
    sample = found.competition.submission.sample
    return "" if sample is None else sample.rpartition("/")[2]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("write", [shapes, regions, counts, guesses])
def test_a_sample_of_any_name_is_taken_for_the_images_without_a_label(
    tmp_path: Path, write: Callable[[Path, str], None], name: str
) -> None:
    data = tmp_path / "data"
    write(data, name)
    found = infer(data, tmp_path)
    assert taken(found) == name
    # By its name nothing more is to be told: in another language, or where rows have one cell.
    by_name = name in ("entrega_ejemplo.csv", "abgabe_muster.csv")
    told = any(f"{name} is taken as the sample submission: it " in note for note in found.notes)
    assert told != by_name or (name == "sample.csv" and write is counts)
    assert len(load_samples(found.competition, "test")) == N - N_TRAIN
    assert not any("to mend before training" in note for note in found.notes)


def test_a_sample_that_spells_its_columns_otherwise(tmp_path: Path) -> None:
    data = tmp_path / "data"
    counts(data, "to_send.csv")
    file = data / "to_send.csv"
    file.write_text(file.read_text().replace("visit,shot,round,long", "VISIT,Shót,Round,LONG"))
    found = infer(data, tmp_path)
    assert taken(found) == "to_send.csv"
    assert found.competition.submission.file.id_of == "{VISIT}/{Shót}"
    assert any("VISIT for visit, Shót for shot, Round for round" in one for one in found.notes)
    assert len(load_samples(found.competition, "test")) == N - N_TRAIN
    assert len(load_samples(found.competition, "train")) == N_TRAIN


def test_columns_are_renamed_for_ids_of_several_columns_alone(tmp_path: Path) -> None:
    photo(tmp_path / "x1.png", 1)
    folder = scan_folder(tmp_path, ".")
    train = pd.DataFrame({"image": ["x1"], "label": ["a"]}, dtype=object)
    sample = SampleSubmission(
        "s.csv", pd.DataFrame({"Image": ["x1"], "Label": ["a"]}, dtype=object)
    )
    assert with_columns_of_sample(CompetitionData(folder, {"t.csv": train}, sample)) == {}


def test_a_sample_of_other_cells_beside_a_folder_of_test(tmp_path: Path) -> None:
    data = tmp_path / "data"
    shapes(data, "to_send.csv")
    for n in TEST:
        (data / "test").mkdir(exist_ok=True)
        (data / f"photos/card_{n:04}.png").rename(data / f"test/card_{n:04}.png")
    found = infer(data, tmp_path)
    assert taken(found) == "to_send.csv"


def _two_tables(data: Path) -> None:
    """Two tables of one form: nothing shows which of them is the sample."""
    guesses(data, "north.csv")
    (data / "train.csv").rename(data / "south.csv")


def _cameras(data: Path) -> None:
    """A table of what is known of the images without a label."""
    guesses(data, "more.csv")
    table(data / "more.csv", "image,lens", [f"x{n},{('wide', 'tele')[n % 2]}" for n in TEST])


def _partly(data: Path) -> None:
    """Guesses of some images, and others without any row, which may be those to predict."""
    guesses(data, "more.csv")
    table(data / "more.csv", "image,species", [f"x{n},{('oak', 'elm')[n % 2]}" for n in TEST[:5]])


def _one_class(data: Path) -> None:
    """One class in each row, and others without any row, which may be those to predict."""
    guesses(data, "more.csv")
    table(data / "more.csv", "image,is_oak", [f"x{n},1" for n in TEST[:5]])


@pytest.mark.parametrize("write", [_two_tables, _cameras, _partly, _one_class])
def test_what_may_be_no_sample_is_named_with_how_to_name_it(
    tmp_path: Path, write: Callable[[Path], None]
) -> None:
    data = tmp_path / "data"
    write(data)
    with pytest.raises(DataError, match="no images to predict") as caught:
        infer(data, tmp_path)
    message, fix = caught.value.message, caught.value.fix or ""
    assert "no table is called sample_submission.csv" in message
    assert "images without a row of" in message
    assert fix.startswith("name the sample submission sample_submission.csv: podium init takes")
    assert "without a sample submission, if these are to be predicted, write data: {test: {" in fix


@pytest.mark.parametrize("n_remarks", [1, N_TRAIN])
def test_columns_of_train_are_answers_where_train_has_no_other_label(
    tmp_path: Path, n_remarks: int
) -> None:
    data = tmp_path / "data"
    shapes(data, "to_send.csv")
    rows = [f"{n},{n % 2},{n // 2 % 2},{f'dust {n % 3}' * (n <= n_remarks)}" for n in TRAIN]
    table(data / "marks.csv", "Card,Cross,Square,Seen", rows)
    table(data / "to_send.csv", "card,cross,SQUARE", [f"card_{n:04},{n % 2},1" for n in TEST])
    if n_remarks == 1:
        assert taken(infer(data, tmp_path)) == "to_send.csv"
        return
    with pytest.raises(DataError, match=r"to_send\.csv names 10 images without a row of marks"):
        infer(data, tmp_path)


def test_labels_of_a_folder_of_validation_are_no_sample(tmp_path: Path) -> None:
    data = tmp_path / "data"
    guesses(data, "more.csv")
    for n in (*TRAIN, *TEST):
        target = data / f"{'train' if n in TRAIN else 'val'}/x{n}.png"
        target.parent.mkdir(exist_ok=True)
        (data / f"images/x{n}.png").rename(target)
    assert taken(infer(data, tmp_path)) == ""


def test_a_list_of_some_images_of_train_is_no_sample(tmp_path: Path) -> None:
    data = tmp_path / "data"
    guesses(data, "left_out.csv")
    table(data / "left_out.csv", "image,blurred", [f"x{n},1" for n in TRAIN[:4]])
    with pytest.raises(DataError, match="no images to predict") as caught:
        infer(data, tmp_path)
    assert "if one of the tables is the sample submission, name it" in (caught.value.fix or "")


def test_of_two_tables_of_one_form_that_of_labels_is_no_sample(tmp_path: Path) -> None:
    data = tmp_path / "data"
    guesses(data, "north.csv")
    (data / "train.csv").rename(data / "labels.csv")
    assert taken(infer(data, tmp_path)) == "north.csv"


def test_two_samples_of_the_same_rows_are_one(tmp_path: Path) -> None:
    data = tmp_path / "data"
    shapes(data, "a_try.csv")
    (data / "b_try.csv").write_text((data / "a_try.csv").read_text().replace("Cross", "Square"))
    assert taken(infer(data, tmp_path)) == "a_try.csv"


def test_runs_of_images_to_predict_are_no_masks_of_train(tmp_path: Path) -> None:
    data = tmp_path / "data"
    regions(data, "tries.csv")
    (data / "masks").rename(tmp_path / "masks")
    table(data / "test.csv", "image", [str(n + 500) for n in TEST])
    folder = scan_folder(data, "data")
    tables = {
        name: pd.read_csv(data / name, dtype=str).fillna("") for name in ("tries.csv", "test.csv")
    }
    assert find_runs(CompetitionData(folder, tables)) is None
    of_train = tables["tries.csv"].assign(image=[str(501 + n // 3) for n in range(30)])
    assert find_runs(CompetitionData(folder, {**tables, "tries.csv": of_train})) is not None


def test_a_table_of_test_leaves_the_sample_a_sample(tmp_path: Path) -> None:
    data = tmp_path / "data"
    regions(data, "tries.csv")
    table(data / "test.csv", "image", [str(n + 500) for n in TEST])
    found = infer(data, tmp_path)
    assert taken(found) == "tries.csv"
    assert "it names the images of test.csv" in " ".join(found.notes)
    mask = found.competition.data.train.mask
    assert isinstance(mask, str)
    assert mask.endswith("masks/{id}.png")


@pytest.mark.parametrize("had_made", [False, True])
def test_refused_data_leave_a_draft_and_the_tables_that_it_names(
    tmp_path: Path, had_made: bool
) -> None:
    data, root = tmp_path / "data", tmp_path / "work"
    _two_tables(data)
    file = data / "north.csv"
    file.write_text(file.read_text().replace(",", ";"))  # which is written once more
    if had_made:
        table(root / "made/tables/before.csv", "a,b", ["1,2"])
    with pytest.raises(DataError) as caught:
        init_workspace(data, root)
    assert {one.name for one in root.iterdir()} == {"competition.draft.yaml", "made"}
    # What was made before is of no other refused data.
    assert [one.name for one in (root / "made/tables").iterdir()] == ["north.csv"]
    assert "made/tables/north.csv" in (root / "competition.draft.yaml").read_text()
    assert (caught.value.fix or "").endswith(
        f"\n  or complete {root}/competition.draft.yaml, which has what was understood, and call "
        "it competition.yaml"
    )
    # competition.yaml is not there yet: what is to be written goes into the file that is.
    assert f"}} into {root}/competition.draft.yaml" in (caught.value.fix or "")


@pytest.mark.parametrize("had_made", [False, True])
def test_refused_data_leave_nothing_where_no_draft_is_wanted(
    tmp_path: Path, had_made: bool
) -> None:
    data, root = tmp_path / "data", tmp_path / "work"
    _two_tables(data)
    file = data / "north.csv"
    file.write_text(file.read_text().replace(",", ";"))
    if had_made:
        table(root / "made/tables/before.csv", "a,b", ["1,2"])
    with pytest.raises(DataError) as caught:
        init_workspace(data, root, draft=False)
    assert "draft" not in (caught.value.fix or "")
    assert (root / "made").exists() == root.exists() == had_made


@pytest.mark.parametrize("was_killed", [False, True])
def test_refused_data_leave_what_the_competition_file_names(
    tmp_path: Path, was_killed: bool
) -> None:
    data, root = tmp_path / "data", tmp_path / "work"
    _two_tables(data)
    file = data / "north.csv"
    file.write_text(file.read_text().replace(",", ";"))
    before = root / ("made/.before/tables" if was_killed else "made/tables")
    table(before / "before.csv", "a,b", ["1,2"])
    (root / "competition.yaml").write_text("name: as it was")
    with pytest.raises(DataError):
        init_workspace(data, root, force=True)
    assert [one.name for one in (root / "made").iterdir()] == ["tables"]
    assert [one.name for one in (root / "made/tables").iterdir()] == ["before.csv"]
    assert (root / "competition.yaml").read_text() == "name: as it was"


@pytest.mark.parametrize("sign", [",", ";", "|"])
def test_columns_of_all_classes_are_a_sample_though_more_images_have_no_row(
    tmp_path: Path, sign: str
) -> None:
    data = tmp_path / "data"
    for n in range(1, N + 20):
        photo(data / f"tiles/x{n}.png", n)
    rows = [f"x{n}{sign}{('A', 'B')[n % 2]}{sign}{('oak', 'elm')[n % 2]}" for n in TRAIN]
    table(data / "verdicts.csv", f"tile{sign}by{sign}verdict", rows)
    table(data / "form.csv", "tile,p_elm,p_oak", [f"x{n},0.5,0.5" for n in TEST])
    found = infer(data, tmp_path)
    assert taken(found) == "form.csv"
    assert found.competition.data.train.label == "verdict"
    assert [*load_samples(found.competition, "test")["id"]] == [f"x{n}" for n in TEST]


def test_columns_of_some_classes_are_no_sample_where_more_images_have_no_row(
    tmp_path: Path,
) -> None:
    data = tmp_path / "data"
    for n in range(1, N + 20):
        photo(data / f"tiles/x{n}.png", n)
    rows = [f"x{n},{('oak', 'elm', 'ash')[n % 3]}" for n in TRAIN]
    table(data / "verdicts.csv", "tile,verdict", rows)
    table(data / "form.csv", "tile,p_elm,p_oak", [f"x{n},0.5,0.5" for n in TEST])
    with pytest.raises(DataError, match="no images to predict"):
        infer(data, tmp_path)


def test_a_sample_of_the_rows_that_one_table_leaves_blank(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for n in (*TRAIN, *TEST):
        photo(data / f"pildid/E_{n}.png", n)
    marks = {n: f"{'x' * (n % 2)},{'x' * (n // 2 % 2)}" for n in TRAIN}
    rows = [f"E {n},E_{n}.png,{'treening' if n in marks else 'hidden'}," for n in (*TRAIN, *TEST)]
    rows = [one + marks.get(n, ",") for one, n in zip(rows, (*TRAIN, *TEST), strict=True)]
    table(data / "objects.csv", "nr,file,osa,lill,lind", rows)
    table(data / "esitus.csv", "nr,lill,lind", [f"E {n},0,0" for n in TEST])
    found = infer(data, tmp_path)
    assert taken(found) == "esitus.csv"
    train, test = (load_samples(found.competition, part) for part in ("train", "test"))
    assert (len(train), len(test)) == (N_TRAIN, N - N_TRAIN)
    # By hand: nobody marked the rows to predict, so they are no images without a mark.
    answers = [tuple(one) for one in train["label"]]
    assert sorted(answers) == sorted((n % 2, n // 2 % 2) for n in TRAIN)


def test_a_sample_of_empty_cells_that_lacks_the_units_of_the_columns(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for n in (*TRAIN, *TEST):
        photo(data / f"{'train' if n in TRAIN else 'test'}/K{n:03}.png", n)
    rows = [f"K{n:03},{'AB'[n % 2]},{n + 0.5},{100 + n}" for n in TRAIN]
    table(data / "measured.csv", "fruit,farm,item sugar (Brix),item weight (g)", rows)
    table(data / "form.csv", "fruit,sugar,weight", [f"K{n:03},," for n in TEST])
    found = infer(data, tmp_path)
    assert taken(found) == "form.csv"
    assert found.competition.tasks == {"classify": "multitarget"}
    assert found.competition.classes == ["sugar", "weight"]
    assert not found.competition.to_choose
    train = load_samples(found.competition, "train")
    assert sorted(map(tuple, train["label"])) == [(n + 0.5, 100 + n) for n in TRAIN]


def test_a_table_of_other_things_with_like_words_is_no_sample(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for n in (*TRAIN, *TEST):
        photo(data / f"{'train' if n in TRAIN else 'test'}/i{n:02}.png", n)
    rows = [f"i{n:02},{n % 3 + 1},{('oak', 'elm')[n % 2]}" for n in TRAIN]
    table(data / "train.csv", "image_id,zoom_factor,kind", rows)
    table(data / "cameras.csv", "id,zoom", [f"cam{n},1" for n in range(4)])
    found = infer(data, tmp_path)
    assert taken(found) == ""
    assert found.competition.data.train.label == "kind"


@pytest.mark.parametrize("ends", [("",), ("_any", "_oak")], ids=["images", "classes of images"])
def test_of_several_samples_the_one_of_the_images_to_predict_is_taken(
    ends: tuple[str, ...], tmp_path: Path
) -> None:
    data = tmp_path / "data"
    for n in (*TRAIN, *TEST):
        photo(data / f"{'test' if n in TEST else 'train'}/ab{n:04}.png", n)

    def rows(numbers: Sequence[int], of: Callable[[int], str]) -> list[str]:
        return [f"ab{n:04}{end},{of(n)}" for n in numbers for end in ends]

    table(data / "train.csv", "id,Label", rows(TRAIN, lambda n: str(n % 2)))
    table(data / "stage_1_sample_submission.csv", "id,Label", rows(range(5, 12), lambda _: "0.5"))
    table(data / "stage_2_sample_submission.csv", "id,Label", rows(TEST, lambda _: "0.5"))
    found = infer(data, tmp_path)
    assert found.competition.submission.sample is not None
    assert Path(found.competition.submission.sample).name == "stage_2_sample_submission.csv"
    assert len(load_samples(found.competition, "test")) == len(TEST)
    [unused] = [note for note in found.notes if "read and not used" in note]
    assert "stage_1_sample_submission.csv (another sample submission)" in unused
