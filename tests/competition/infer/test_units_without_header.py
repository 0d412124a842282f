"""Tables without a header whose rows are units of several images, with lists of words in cells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from podium.competition import metrics
from podium.competition.infer.conversions.tables.dialects.spreadsheets import with_header
from podium.competition.infer.scan import scan_folder
from podium.competition.samples import load_samples
from podium.competition.spec import Competition
from podium.submissions.format.checking import check
from podium.submissions.format.writing import write_submission
from tests.competition.infer.test_odd_labels import begin, put, table

N_TRAIN, N_TEST = 40, 10
PARTS = {"train": range(N_TRAIN), "test": range(N_TRAIN, N_TRAIN + N_TEST)}


@dataclass(frozen=True)
class Language:
    """How a host writes labels of tiles, and what its page says."""

    names: Sequence[str]
    none: str
    sign: str
    encoding: str
    page: str
    explained: str
    scored: str

    def cell(self, n: int) -> str:
        """Return the cell of a tile: of one to three names, or the word for none of them."""
        every = [one for k in (1, 2, 3) for one in combinations(self.names, k)]
        return self.none if n % 5 == 4 else self.sign.join(reversed(every[n * 3 % len(every)]))


LANGUAGES = {
    "japanese": Language(
        ["ひび", "欠け", "汚れ", "反り"],
        "良品",
        "、",
        "cp932",
        "TSVファイルはいずれもヘッダなし、文字コードは Shift_JIS です。",
        "- 良品：上のいずれの不良もないもの。",
        "評価：タイルごとに、正解の語の集合と予測の語の集合から F1 値を計算し、平均を取ります。",
    ),
    "german": Language(
        ["Riss", "Fleck", "Kerbe", "Blase"],
        "einwandfrei",
        " + ",
        "cp1252",
        "Alle Dateien sind ohne Kopfzeile.",
        "- einwandfrei: keiner der Schäden – größte Güte",
        "Bewertung: F1 aus der Menge der wahren Wörter und der vorhergesagten, als Mittelwert.",
    ),
    "english": Language(
        ["crack", "chip", "stain", "warp"],
        "first choice",
        "~",
        "utf-8",
        "All files are tab-separated and have no header.",
        "- first choice: none of the others",
        "Score: for every tile F1 of the set of true words and the set of sent words; their mean.",
    ),
}


def tiles(
    data: Path,
    of: Language,
    *,
    views: Sequence[str] = ("L", "R"),
    named: str = "{tile}_{view}",
    page: str | None = None,
) -> None:
    """Write two photographs of each tile, and two tables without a header."""
    for part, units in PARTS.items():
        for n in units:
            for k, view in enumerate(views):
                name = named.format(tile=f"{n:04}", view=view)
                put(data / f"{part}_images/{name}.jpg", 2 * n + k)
        name = "train_master.tsv" if part == "train" else "sample_submit.tsv"
        rows = "".join(f"{n:04}\t{of.cell(n)}\r\n" for n in units)
        (data / name).write_bytes(rows.encode(of.encoding))
    listed = "\n".join(f"- {one}: x" for one in of.names)
    text = "\n\n".join((of.page, f"{listed}\n{of.explained}", of.scored))
    (data / "README.md").write_text(text if page is None else page, encoding="utf-8")


def truth_of(of: Language, units: Sequence[int], names: Sequence[str]) -> np.ndarray:
    """Return which names each tile has, as its cell was made."""
    sets = [{*of.cell(n).split(of.sign)} for n in units]
    return np.array([[name in one for name in names] for one in sets], dtype=np.uint8)


def answers_of(spec: Competition, of: Language, root: Path) -> Path:
    """Return the file with the right answers of test, as it is written to be sent."""
    units = list(load_samples(spec, "test")["id"])
    assert units == [f"{n:04}" for n in PARTS["test"]]
    right = truth_of(of, list(map(int, units)), spec.classes)
    return write_submission(root / "sent", spec, units, None, right)


@pytest.mark.parametrize("name", LANGUAGES)
def test_rows_of_words_for_units_are_read_whole_and_written_as_the_sample(
    tmp_path: Path, name: str
) -> None:
    data, of = tmp_path / "data", LANGUAGES[name]
    tiles(data, of)
    spec, _ = begin(tmp_path)
    assert spec.to_choose == []
    assert spec.tasks == {"classify": "multilabel"}
    assert set(spec.classes) == {*of.names}
    assert (spec.submission.empty, spec.data.train.label_none) == (of.none, of.none)
    assert (spec.metric.name, dict(spec.metric.options)) == (
        "f1",
        {"average": "samples", "zero_division": 1},
    )
    train = load_samples(spec, "train")
    assert list(train["id"]) == [f"{n:04}" for n in PARTS["train"]]
    assert np.array_equal(
        np.stack(list(train["label"])), truth_of(of, PARTS["train"], spec.classes)
    )
    assert check(data / "sample_submit.tsv", spec) == []
    sent = answers_of(spec, of, tmp_path)
    assert check(sent, spec) == []
    # Names of a cell have no order: rows are the host's but for that.
    host = (data / "sample_submit.tsv").read_bytes().decode(of.encoding).split("\r\n")
    own = sent.read_bytes().decode(of.encoding).split("\r\n")
    parted = [[sorted(line.split("\t")[-1].split(of.sign)) for line in x] for x in (host, own)]
    assert parted[0] == parted[1]
    assert [line[:5] for line in own] == [line[:5] for line in host]


def test_the_score_is_the_mean_of_the_sets_with_the_word_among_them(tmp_path: Path) -> None:
    """Both the word as a class, and as no class with 1 for no class at all, give one score."""
    of = LANGUAGES["japanese"]
    tiles(tmp_path / "data", of)
    spec, _ = begin(tmp_path)
    truth = truth_of(of, PARTS["train"], spec.classes)
    rng = np.random.default_rng(3)
    sent = (rng.random(truth.shape) < 0.3).astype(np.uint8)
    sets = [
        [{of.none} if not row.any() else {*np.flatnonzero(row)} for row in x] for x in (truth, sent)
    ]
    by_hand = np.mean([2 * len(a & b) / (len(a) + len(b)) for a, b in zip(*sets, strict=True)])
    name, options = spec.metric.name, spec.metric.options
    assert metrics.score(name, truth, sent, **options) == pytest.approx(by_hand)


@pytest.mark.parametrize(
    ("named", "views"),
    [
        ("{tile}_{view}", ("L", "R")),
        ("{tile}_{view}", ("1", "2", "3")),
        ("{tile}_{view}", ("top_a", "top_b")),
        ("{tile}-{view}", ("L", "R")),
        ("{tile}/{view}", ("L", "R")),
    ],
)
def test_the_ids_are_the_beginnings_of_names_whatever_the_ends_are(
    tmp_path: Path, named: str, views: tuple[str, ...]
) -> None:
    of = LANGUAGES["japanese"]
    tiles(tmp_path / "data", of, views=views, named=named, page=of.scored)
    spec, _ = begin(tmp_path)
    assert not spec.submission.file.header
    assert check(tmp_path / "data/sample_submit.tsv", spec) == []
    train = load_samples(spec, "train")
    column = "unit" if "unit" in train else "id"
    assert set(train[column]) == {f"{n:04}" for n in PARTS["train"]}


@pytest.mark.parametrize("name", LANGUAGES)
def test_a_list_whose_names_other_lists_have_is_no_name_of_a_column(
    tmp_path: Path, name: str
) -> None:
    of = LANGUAGES[name]
    tiles(tmp_path / "data", of, page=of.scored)
    cells = [of.cell(n) for n in PARTS["test"]]
    assert of.sign in cells[0]
    assert cells[0] not in cells[1:]
    spec, _ = begin(tmp_path)
    assert (spec.submission.file.header, spec.submission.sep) == (False, of.sign)
    assert set(load_samples(spec, "train")["id"]) == {f"{n:04}" for n in PARTS["train"]}


def test_a_list_of_units_alone_has_no_header_either(tmp_path: Path) -> None:
    of = LANGUAGES["english"]
    data = tmp_path / "data"
    tiles(data, of, page=of.scored)
    (data / "sample_submit.tsv").unlink()
    for path in sorted(data.glob("*_images/*.jpg")):
        put(data / "images" / path.name, int(path.name[:4]))
        path.unlink()
    table(data / "test_tiles.csv", *((f"{n:04}",) for n in PARTS["test"]))
    spec, _ = begin(tmp_path)
    assert list(load_samples(spec, "test")["id"]) == [f"{n:04}" for n in PARTS["test"]]


def test_a_first_row_whose_answer_no_other_has_is_a_row_where_a_text_says_so(
    tmp_path: Path,
) -> None:
    of = LANGUAGES["japanese"]
    data = tmp_path / "data"
    tiles(data, of)
    lines = (data / "train_master.tsv").read_bytes().decode("cp932").split("\r\n")
    lines[0] = "0000\tピンホール"
    (data / "train_master.tsv").write_bytes("\r\n".join(lines).encode("cp932"))
    spec, _ = begin(tmp_path)
    assert len(load_samples(spec, "train")) == N_TRAIN
    assert set(spec.classes) == {*of.names, "ピンホール"}


@pytest.mark.parametrize("first", ["tile", "0000x", "9999"])
def test_a_first_row_without_the_id_of_a_unit_is_a_header(tmp_path: Path, first: str) -> None:
    """No text says otherwise, and no tile is called so."""
    of = LANGUAGES["english"]
    data = tmp_path / "data"
    tiles(data, of, page=of.scored)
    for path in ("train_master.tsv", "sample_submit.tsv"):
        rows = [line.split("\t") for line in (data / path).read_text().splitlines()]
        table(data / path, (first, "crack"), *rows, sign="\t")
    spec, _ = begin(tmp_path)
    assert spec.submission.file.header
    assert len(load_samples(spec, "train")) == N_TRAIN


def test_a_text_on_files_to_send_alone_leaves_the_header_of_train(tmp_path: Path) -> None:
    of = LANGUAGES["english"]
    data = tmp_path / "data"
    tiles(data, of, page=f"The file to send has no header.\n\n{of.explained}\n\n{of.scored}")
    rows = [line.split("\t") for line in (data / "train_master.tsv").read_text().splitlines()]
    table(data / "train_master.tsv", ("tile", "damage"), *rows, sign="\t")
    spec, _ = begin(tmp_path)
    assert (spec.data.train.id, spec.data.train.label) == ("tile", "damage")
    assert not spec.submission.file.header
    assert len(load_samples(spec, "train")) == N_TRAIN


@pytest.mark.parametrize("is_told", [True, False])
def test_ids_of_one_form_are_rows_where_a_text_says_so(tmp_path: Path, is_told: bool) -> None:
    """No image is called as the studies of this table, which others may name."""
    put(tmp_path / "7.png", 7)
    studies = pd.DataFrame([["S18", "dull"], ["S23", "fine"]], columns=["S17", "bright"])
    found = with_header(
        scan_folder(tmp_path, str(tmp_path)), "studies.csv", studies, is_told=is_told
    )
    assert (found is not None) == is_told
    if found is not None:
        assert found.table.to_numpy().tolist()[0] == ["S17", "bright"]
        assert list(found.table) == ["id", "label"]
    named = studies.set_axis(["study", "light"], axis=1)
    assert (
        with_header(scan_folder(tmp_path, str(tmp_path)), "studies.csv", named, is_told=True)
        is None
    )


def test_classes_by_their_images_are_no_units(tmp_path: Path) -> None:
    """A list of kinds without a header names the beginnings of many images each."""
    data = tmp_path / "data"
    for n in range(40):
        put(data / ("train" if n < 30 else "test") / f"kind{n % 2}_{n:02}.png", n)
    rows = [(f"kind{n % 2}_{n:02}", n % 2) for n in range(40)]
    table(data / "train.csv", ("image", "label"), *rows[:30])
    table(data / "kinds.csv", ("kind0", "0"), ("kind1", "1"))
    table(data / "sample_submission.csv", ("image", "label"), *((one, 0) for one, _ in rows[30:]))
    spec, notes = begin(tmp_path)
    assert "no header" not in notes
    assert len(load_samples(spec, "train")) == 30


def test_a_word_for_none_stays_a_question_where_classes_are_scored(tmp_path: Path) -> None:
    """With the word as a class the mean over classes has one term more."""
    of = LANGUAGES["japanese"]
    tiles(tmp_path / "data", of, page=f"{of.page}\n\n評価：クラスごとの F1 の平均（macro F1）")
    spec, _ = begin(tmp_path)
    assert spec.metric.name == "macro_f1"
    assert spec.to_choose == ["classes", "submission.empty"]
