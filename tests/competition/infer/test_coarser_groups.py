"""Where each group lies in one of another column, as sessions in patients, that is the group."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from PIL import Image

from podium.competition.infer.spec import Inferred, infer
from podium.competition.samples import load_samples
from podium.errors import DataError

N_SESSIONS, N_TRAIN = 24, 16
SESSIONS = [f"S{k:02}" for k in range(N_SESSIONS)]
SHOTS = ("b1", "b2", "b3")
PATIENTS = {one: f"PAT-{700 + 7 * (k // 2)}" for k, one in enumerate(SESSIONS)}
"""Each has two sessions that follow each other: test has other ones than train."""


def written(path: Path, *rows: Sequence[str]) -> None:
    path.write_text("\n".join(",".join(row) for row in rows) + "\n")


def with_images(data: Path) -> Path:
    """Write three images of each session, and the sample of those of test."""
    for k, session in enumerate(SESSIONS):
        for n, shot in enumerate(SHOTS):
            file = data / "images" / session / f"{shot}.png"
            file.parent.mkdir(parents=True, exist_ok=True)
            Image.new("RGB", (8, 8), (k * 9, n * 50, 9)).save(file)
    rows = [(one, shot, "0", "0") for one in SESSIONS[N_TRAIN:] for shot in SHOTS]
    written(data / "sample_submission.csv", ("session", "shot", "round", "long"), *rows)
    return data


def train_rows() -> list[tuple[str, ...]]:
    return [
        (one, shot, str((k * 3 + n) % 7), str((k + n) % 5), ("AK", "MB")[(k + n) % 2])
        for k, one in enumerate(SESSIONS[:N_TRAIN])
        for n, shot in enumerate(SHOTS)
    ]


HEADER = ("session", "shot", "round", "long", "counter")


def day(k: int) -> str:
    return f"{k // 2 % 28 + 1:02}.05.2024"


def groups(found: Inferred) -> list[str]:
    assert found.competition.to_choose == []
    assert found.competition.data.train.label == ["round", "long"]
    return list(load_samples(found.competition, "train")["group"])


def patients() -> list[str]:
    return [PATIENTS[one] for one in SESSIONS[:N_TRAIN] for _ in SHOTS]


@pytest.mark.parametrize("column", ["patient", "Proband", "code"])
@pytest.mark.parametrize("only_train", [False, True], ids=["test, too", "only train"])
@pytest.mark.parametrize("key", ["session", "number"])
def test_a_table_of_sessions_names_the_patient(
    tmp_path: Path, column: str, only_train: bool, key: str
) -> None:
    data = with_images(tmp_path / "data")
    written(data / "counts.csv", HEADER, *train_rows())
    rows = [
        (one, PATIENTS[one], day(k), f"{20 + k % 4}.{k % 2}")
        for k, one in enumerate(SESSIONS[: N_TRAIN if only_train else None])
    ]
    written(data / "sessions.csv", (key, column, "day", "temperature"), *rows)
    found = infer(data, tmp_path)
    assert groups(found) == patients()
    assert found.competition.folds.group == column
    assert f"every session lies in one {column}, so {column} was taken as the group" in found.notes


VISITS = {one: f"v{k:02}" for k, one in enumerate(SESSIONS)}


def with_chain(data: Path, *, by_name: bool = True) -> None:
    """Write the visit of each session, the stay of each visit, and the patient of each stay."""
    stays = {one: f"stay {k // 2}" for k, one in enumerate(SESSIONS)}
    visit = "visit" if by_name else "number"
    rows = [(one, VISITS[one], day(k)) for k, one in enumerate(SESSIONS)]
    written(data / "sessions.csv", ("session", "visit", "day"), *rows)
    written(
        data / "a_visits.csv", (visit, "stay"), *((VISITS[one], stays[one]) for one in SESSIONS)
    )
    known = {stays[one]: PATIENTS[one] for one in SESSIONS}
    written(data / "stays.csv", ("stay", "patient"), *known.items())


@pytest.mark.parametrize("by_name", [True, False])
def test_a_patient_some_tables_away_is_the_group(tmp_path: Path, by_name: bool) -> None:
    data = with_images(tmp_path / "data")
    written(data / "counts.csv", HEADER, *train_rows())
    with_chain(data, by_name=by_name)
    found = infer(data, tmp_path)
    assert groups(found) == patients()
    assert found.competition.folds.group == "patient"
    (made,) = [one for one in found.made if one.path == found.competition.data.train.table]
    names = {one.name for one in made.sources}
    assert names == {"counts.csv", "sessions.csv", "a_visits.csv", "stays.csv"}


@pytest.mark.parametrize("labels", ["table", "masks", "folders"])
def test_a_patient_some_tables_away_from_the_names_of_images(tmp_path: Path, labels: str) -> None:
    data = tmp_path / "data"
    with_names(data, "{session}_{shot}", masks=labels == "masks", folders=labels == "folders")
    with_chain(data)
    if labels == "table":
        rows = [
            (f"{one}_{shot}", CLASSES[(k + n) % 2])
            for k, one in enumerate(SESSIONS[:N_TRAIN])
            for n, shot in enumerate(SHOTS)
        ]
        written(data / "train.csv", ("id", "label"), *rows)
    found = infer(data, tmp_path)
    train = load_samples(found.competition, "train")
    assert found.competition.folds.group == "patient"
    of_session = {one.id.split("_")[0]: one.group for one in train.itertuples()}
    assert of_session == {one: PATIENTS[one] for one in SESSIONS[:N_TRAIN]}


def test_a_patient_some_tables_away_from_a_table_of_images_beside_class_folders(
    tmp_path: Path,
) -> None:
    data = tmp_path / "data"
    with_names(data, "{session}_{shot}", folders=True)
    with_chain(data)
    rows = [(f"{one}_{shot}", one) for one in SESSIONS for shot in SHOTS]
    written(data / "images.csv", ("image", "session"), *rows)
    found = infer(data, tmp_path)
    train = load_samples(found.competition, "train")
    of_session = {one.id.split("_")[0]: one.group for one in train.itertuples()}
    assert of_session == {one: PATIENTS[one] for one in SESSIONS[:N_TRAIN]}


def test_a_table_of_the_day_is_not_written_where_the_sessions_name_the_patient(
    tmp_path: Path,
) -> None:
    data = with_images(tmp_path / "data")
    written(data / "counts.csv", HEADER, *train_rows())
    sessions_of(data, "patient")
    days = sorted({day(k) for k in range(N_SESSIONS)})
    written(data / "days.csv", ("day", "moon"), *((one, f"M{k}") for k, one in enumerate(days)))
    found = infer(data, tmp_path)
    assert groups(found) == patients()
    (made,) = [one for one in found.made if one.path == found.competition.data.train.table]
    assert {one.name for one in made.sources} == {"counts.csv", "sessions.csv"}


def test_numbers_of_sessions_are_not_those_of_shots(tmp_path: Path) -> None:
    data = tmp_path / "data"
    rows: list[tuple[str, ...]] = []
    for k in range(N_SESSIONS):
        for n in (1, 2, 3):
            file = data / "images" / f"{k + 1}" / f"{n}.png"
            file.parent.mkdir(parents=True, exist_ok=True)
            Image.new("RGB", (8, 8), (k * 9, n * 50, 9)).save(file)
            rows.append((str(k + 1), str(n), str((k * 3 + n) % 7), str((k + n) % 5)))
    written(data / "counts.csv", HEADER[:4], *rows[: 3 * N_TRAIN])
    sent = [(*row[:2], "0", "0") for row in rows[3 * N_TRAIN :]]
    written(data / "sample_submission.csv", HEADER[:4], *sent)
    sessions = [(str(k + 1), PATIENTS[one]) for k, one in enumerate(SESSIONS)]
    written(data / "sessions.csv", ("session", "patient"), *sessions)
    found = infer(data, tmp_path)
    assert groups(found) == patients()


@pytest.mark.parametrize("columns", [("day", "temperature"), ("temperature", "day"), ("day",)])
def test_facts_of_sessions_are_no_group(tmp_path: Path, columns: tuple[str, ...]) -> None:
    data = with_images(tmp_path / "data")
    written(data / "counts.csv", HEADER, *train_rows())
    rows = []
    for k, one in enumerate(SESSIONS):
        facts = {"day": day(k), "temperature": f"{20 + k // 2 % 9}.5"}
        rows.append((one, *(facts[name] for name in columns)))
    written(data / "sessions.csv", ("session", *columns), *rows)
    found = infer(data, tmp_path)
    assert groups(found) == [one for one in SESSIONS[:N_TRAIN] for _ in SHOTS]


@pytest.mark.parametrize("column", ["patient", "Proband", "code"])
def test_the_patient_is_a_column_of_train(tmp_path: Path, column: str) -> None:
    data = with_images(tmp_path / "data")
    rows = [(PATIENTS[row[0]], *row) for row in train_rows()]
    written(data / "counts.csv", (column, *HEADER), *rows)
    found = infer(data, tmp_path)
    assert groups(found) == patients()
    assert f"every session lies in one {column}, so {column} was taken as the group" in found.notes


@pytest.mark.parametrize("column", ["patient", "Proband", "code"])
@pytest.mark.parametrize("only_train", [False, True], ids=["test, too", "only train"])
def test_a_table_with_a_row_an_image_names_the_patient(
    tmp_path: Path, column: str, only_train: bool
) -> None:
    data = with_images(tmp_path / "data")
    written(data / "counts.csv", HEADER, *train_rows())
    sessions = SESSIONS[: N_TRAIN if only_train else None]
    rows = [(one, shot, PATIENTS[one], day(k)) for k, one in enumerate(sessions) for shot in SHOTS]
    written(data / "facts.csv", ("session", "shot", column, "day"), *rows)
    found = infer(data, tmp_path)
    assert groups(found) == patients()
    assert found.competition.folds.group == column


def test_a_session_without_a_patient_is_a_group_of_its_own(tmp_path: Path) -> None:
    data = with_images(tmp_path / "data")
    written(data / "counts.csv", HEADER, *train_rows())
    rows = [(one, PATIENTS[one]) for one in SESSIONS if one != "S03"]
    written(data / "sessions.csv", ("session", "patient"), *rows)
    found = infer(data, tmp_path)
    expected = ["S03" if 9 <= k < 12 else one for k, one in enumerate(patients())]
    assert groups(found) == expected
    assert any("'S03' of session without 'patient'" in note for note in found.notes)


def test_a_table_of_sessions_that_are_written_otherwise_gets_a_note(tmp_path: Path) -> None:
    data = with_images(tmp_path / "data")
    written(data / "counts.csv", HEADER, *train_rows())
    rows = [(one.replace("S", "session "), PATIENTS[one]) for one in SESSIONS]
    written(data / "sessions.csv", ("session", "patient"), *rows)
    found = infer(data, tmp_path)
    assert found.competition.folds.group == "session"
    told = [note for note in found.notes if note.startswith("sessions.csv has 'patient'")]
    assert len(told) == 1
    assert "not for 16 of the 16 that train has, such as 'S00'" in told[0]


def test_a_patient_that_test_shares_with_train_gets_a_note_and_is_no_group(tmp_path: Path) -> None:
    data = with_images(tmp_path / "data")
    written(data / "counts.csv", HEADER, *train_rows())
    rows = [(one, f"P{k % 8}") for k, one in enumerate(SESSIONS)]
    written(data / "sessions.csv", ("session", "patient"), *rows)
    found = infer(data, tmp_path)
    assert found.competition.folds.group == "session"
    assert any("patient looks like a group, but 100% of its values" in note for note in found.notes)


def test_many_patients_of_one_site_get_a_note(tmp_path: Path) -> None:
    """The patient is the group; that of a site is where test has other sites."""
    data = with_images(tmp_path / "data")
    sites = {one: f"site {k // 4}" for k, one in enumerate(SESSIONS)}
    rows = [(PATIENTS[row[0]], sites[row[0]], *row) for row in train_rows()]
    written(data / "counts.csv", ("patient", "site", *HEADER), *rows)
    found = infer(data, tmp_path)
    assert groups(found) == patients()
    assert any("every patient lies in one site: if images of" in note for note in found.notes)


def test_few_patients_get_a_note(tmp_path: Path) -> None:
    data = with_images(tmp_path / "data")
    few = {one: f"P{k // 6}" for k, one in enumerate(SESSIONS)}
    written(
        data / "counts.csv", ("patient", *HEADER), *((few[row[0]], *row) for row in train_rows())
    )
    found = infer(data, tmp_path)
    assert found.competition.folds.group == "session"
    assert any("n: 3, group: patient}" in note for note in found.notes)


CLASSES = ("cat", "dog")


def part_of(k: int) -> str:
    return "train" if k < N_TRAIN else "test"


def with_names(data: Path, form: str, *, masks: bool = False, folders: bool = False) -> None:
    """Write images whose paths name the session, and a sample submission.

    Args:
        data: the folder to write.
        form: of the paths below train and test, of `session` and `shot`.
        masks: whether each has a mask.
        folders: whether a folder names the class of each.
    """
    sent = []
    for k, session in enumerate(SESSIONS):
        for n, shot in enumerate(SHOTS):
            path = form.format(session=session, shot=shot)
            inner = "/images" if masks else ""
            inner = f"/{CLASSES[(k + n) % 2]}" if folders and k < N_TRAIN else inner
            file = data / f"{part_of(k)}{inner}" / f"{path}.png"
            file.parent.mkdir(parents=True, exist_ok=True)
            Image.new("RGB", (8, 8), (k * 9, n * 50, 9)).save(file)
            if masks and k < N_TRAIN:
                mask = data / "train/masks" / f"{path}.png"
                mask.parent.mkdir(parents=True, exist_ok=True)
                pixels = Image.new("L", (8, 8))
                pixels.paste(255, (1, n, 5, 6))
                pixels.save(mask)
            if k >= N_TRAIN:
                sent.append((path, "1 1" if masks else "cat"))
    written(data / "sample_submission.csv", ("id", "rle" if masks else "label"), *sent)


def sessions_of(data: Path, column: str) -> None:
    rows = [(one, PATIENTS[one], day(k)) for k, one in enumerate(SESSIONS)]
    written(data / "sessions.csv", ("session", column, "day"), *rows)


@pytest.mark.parametrize("column", ["patient", "code"])
@pytest.mark.parametrize("form", ["{session}/{shot}", "{session}_{shot}", "x-{session}-{shot}"])
@pytest.mark.parametrize("labels", ["table", "masks", "folders"])
def test_a_table_names_the_patient_of_sessions_in_paths(
    tmp_path: Path, labels: str, form: str, column: str
) -> None:
    data = tmp_path / "data"
    with_names(data, form, masks=labels == "masks", folders=labels == "folders")
    sessions_of(data, column)
    if labels == "table":
        rows = [
            (form.format(session=one, shot=shot), CLASSES[(k + n) % 2])
            for k, one in enumerate(SESSIONS[:N_TRAIN])
            for n, shot in enumerate(SHOTS)
        ]
        written(data / "train.csv", ("id", "label"), *rows)
    found = infer(data, tmp_path)
    train = load_samples(found.competition, "train")
    assert len(train) == N_TRAIN * len(SHOTS)
    for images, group in zip(train["images"], train["group"], strict=True):
        session = next(
            one for one in SESSIONS if one in Path(images[0]).as_posix().split("data")[1]
        )
        assert group == PATIENTS[session]
    assert found.competition.folds.group == column
    assert any(f"every session lies in one {column}" in note for note in found.notes)
    assert found.competition.data.train.label == ("label" if labels == "table" else None)


def test_a_table_of_classes_is_no_table_of_groups(tmp_path: Path) -> None:
    """The folders of classes stand in a table with their families, beside others."""
    data = tmp_path / "data"
    classes = [f"K{k}" for k in range(20)]
    for k in range(72):
        file = data / "train" / classes[k % 12] / f"{k:03}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (8, 8), (k * 3, 9, 9)).save(file)
    (data / "test").mkdir()
    Image.new("RGB", (8, 8)).save(data / "test" / "900.png")
    rows = [(one, f"F{k // 2}") for k, one in enumerate(classes)]
    written(data / "classes.csv", ("name", "family"), *rows)
    found = infer(data, tmp_path)
    assert found.competition.tasks == {"classify": "multiclass"}
    assert found.competition.folds.group is None
    assert found.competition.data.train.join is None


def test_class_folders_come_before_a_table_of_patients(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with_names(data, "{session}_{shot}", folders=True)
    rows = [(f"{one}_{shot}", PATIENTS[one]) for one in SESSIONS[:N_TRAIN] for shot in SHOTS]
    written(data / "patients.csv", ("id", "patient"), *rows)
    found = infer(data, tmp_path)
    assert found.competition.classes == list(CLASSES)
    train = load_samples(found.competition, "train")
    assert sorted(train["group"]) == sorted(patients())


@pytest.mark.parametrize("column", ["age", "patient"])
def test_what_the_sample_asks_for_comes_before_folders(tmp_path: Path, column: str) -> None:
    data = tmp_path / "data"
    with_names(data, "{session}_{shot}", folders=True)
    images = [f"{one}_{shot}" for one in SESSIONS[:N_TRAIN] for shot in SHOTS]
    rows = [(one, f"{n % 7}" if column == "age" else f"p{n % 3}") for n, one in enumerate(images)]
    written(data / "labels.csv", ("id", column), *rows)
    test = sorted(one.stem for one in (data / "test").iterdir())
    written(data / "sample_submission.csv", ("id", column), *((one, rows[0][1]) for one in test))
    assert infer(data, tmp_path).competition.data.train.label == column


@pytest.mark.parametrize("form", ["IMG_{:04}", "{:04}"])
@pytest.mark.parametrize("is_pool", [True, False])
def test_a_table_has_the_label_of_each_plot_and_visit(
    tmp_path: Path, is_pool: bool, form: str
) -> None:
    data = tmp_path / "data"
    shots, grades, sent = [], [], []
    for plot in range(11):
        for visit in range(3):
            grade = f"{1 + (plot + visit) % 3}"
            if plot < 7:
                grades.append((f"P{plot}", f"{visit}", "KM", grade))
            for camera in ("phone", "pole"):
                name = form.format(len(shots))
                part = "photos" if is_pool else part_of(0 if plot < 7 else N_TRAIN)
                file = data / part / f"{name}.png"
                file.parent.mkdir(parents=True, exist_ok=True)
                Image.new("RGB", (8, 8), (plot * 9, visit * 50, 9)).save(file)
                shots.append((name, f"P{plot}", f"{visit}", camera))
                sent += [(name, "1")] if plot >= 7 else []
    written(data / "photos.csv", ("photo", "plot", "visit", "camera"), *shots)
    written(data / "grades.csv", ("plot", "visit", "rater", "grade"), *grades)
    written(data / "sample_submission.csv", ("photo", "grade"), *sent)
    spec = infer(data, tmp_path).competition
    assert spec.data.train.label == "grade"
    assert spec.folds.group == "plot"
    train, test = load_samples(spec, "train"), load_samples(spec, "test")
    given = {(plot, visit): grade for plot, visit, _, grade in grades}
    right = {name: given[plot, visit] for name, plot, visit, _ in shots if (plot, visit) in given}
    of_places = dict(enumerate(spec.classes))
    assert {one.id: of_places[one.label] for one in train.itertuples()} == right
    assert sorted(test["id"]) == sorted(name for name, _ in sent)


def test_a_label_that_no_column_leads_to_is_refused_by_name(tmp_path: Path) -> None:
    data = tmp_path / "data"
    shots = []
    for n in range(24):
        file = data / ("train" if n < 18 else "test") / f"IMG_{n:03d}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (8, 8), (n * 9, 50, 9)).save(file)
        shots += [(file.stem, f"P{n // 3}", ("phone", "pole")[n % 2])] if n < 18 else []
    written(data / "photos.csv", ("photo", "plot", "kind"), *shots)
    others = [(f"Q{n}", f"{n % 3}") for n in range(6)]
    written(data / "grades.csv", ("place", "grade"), *others)
    sent = [(f"IMG_{n:03d}", "1") for n in range(18, 24)]
    written(data / "sample_submission.csv", ("photo", "grade"), *sent)
    with pytest.raises(DataError, match=r"leads from the images to 'grade', a column of grades"):
        infer(data, tmp_path, label="grade")
    grades = [(f"P{n}", f"{n % 3}") for n in range(6)]
    for key in ("plot", "place"):  # a column of equal values leads there under any name
        written(data / "grades.csv", (key, "grade"), *grades)
        spec = infer(data, tmp_path, label="grade").competition
        assert (spec.data.train.label, spec.folds.group) == ("grade", "plot")


def test_photographs_of_a_place_stay_together_where_a_table_has_their_class(tmp_path: Path) -> None:
    data = tmp_path / "data"
    classes, shots = ("good", "bad", "ugly"), []
    for n in range(24):
        file = data / ("train" if n < 18 else "test") / f"IMG_{n:03d}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (8, 8), (n * 9, 50, 9)).save(file)
        shots += [(file.stem, f"P{n // 3}", ("phone", "pole")[n % 2])] if n < 18 else []
    written(data / "photos.csv", ("photo", "plot", "kind"), *shots)
    sent = [(f"IMG_{n:03d}", classes[n % 3]) for n in range(18, 24)]
    written(data / "sample_submission.csv", ("photo", "grade"), *sent)
    for key in ("plot", "place"):
        grades = [(f"P{n}", classes[n % 3]) for n in range(6)]
        written(data / "grades.csv", (key, "grade"), *grades)
        spec = infer(data, tmp_path).competition
        assert (spec.data.train.label, spec.folds.group) == ("grade", "plot")
