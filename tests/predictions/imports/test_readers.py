"""Tables and arrays of other programs: errors name file and row."""

from __future__ import annotations

import pickle
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import scipy.special

from podium.errors import DataError, PodiumError, UsageError
from podium.predictions.imports.arrays import read_label_array
from podium.predictions.imports.schema import ImportSchema
from podium.predictions.imports.tables import ImportedLabels, read_fold_table, read_label_table
from podium.tasks.protocols.find import image_kind, pixel_kind

MANY = ImportSchema("classify", image_kind("multiclass"), ("cat", "dog", "fox"))
ONE = ImportSchema("classify", image_kind("binary"), ("ill",))
RATED = ImportSchema("classify", image_kind("ordinal"), ("1",), ratings=("mild", "bad", "worst"))
ROWS = "".join(f"{one},1,0,0\n" for one in "abcdefghi")
GOOD = "id,cat,dog,fox\na,0.2,0.3,0.5\nb,1,0,0\n"


def table(tmp_path: Path, text: str, form: ImportSchema = MANY, n_most: int = 9) -> ImportedLabels:
    path = tmp_path / "oof.csv"
    path.write_bytes(text.encode())
    return read_label_table(path, form, id_names=("image_id",), n_most=n_most)


def values(predicted: ImportedLabels, form: ImportSchema = MANY) -> np.ndarray:
    return np.asarray(predicted.take(np.arange(len(predicted.ids)), form))


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        "fox,id,dog,cat\n0.5,a,0.3,0.2\n0,b,0,1\n",
        "image_id,name,p_fox,p_cat,p_dog\na,x,0.5,0.2,0.3\nb,y,0,1,0\n",
        "id,2,0,1\na,0.5,0.2,0.3\nb,0,1,0\n",
        "id,pred_2,pred_0,pred_1,label\na,0.5,0.2,0.3,cat\nb,0,1,0,dog\n",
        ",id,cat,dog,fox\n0,a,.2,.3,.5\n1,b,1,0,0\n",
        "id,cat,dog,fox\r\na, 0.2 ,3e-1,0.5\r\n\r\nb,1,0,0\r\n\r\n",
        '\ufeffid,cat,dog,fox\n"a",0.2,0.3,0.5\nb,1,0,0',
    ],
)
def test_a_table_is_read_by_its_names(tmp_path: Path, text: str) -> None:
    predicted = table(tmp_path, text)
    assert predicted.ids == ["a", "b"]
    np.testing.assert_allclose(values(predicted), [[0.2, 0.3, 0.5], [1, 0, 0]], atol=1e-12)


def test_a_column_called_as_the_answer_is_the_prediction_and_that_of_the_file_the_id(
    tmp_path: Path,
) -> None:
    form = replace(RATED, answers=("damage",), file_ids=("plot",))
    predicted = table(tmp_path, "plot,damage,depth\na,1.5,9\nb,0.5,9\n", form)
    assert predicted.ids == ["a", "b"]
    assert values(predicted, form).ravel().tolist() == [1.5, 0.5]
    both = table(tmp_path, "plot,damage,prediction,id\na,0,1.25,i\n", form)
    assert (both.ids, values(both, form).ravel().tolist()) == (["i"], [1.25])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "empty"),
        ("id,cat,dog,fox\n", "no row under the header"),
        ("id;cat;dog;fox\na;1;0;0\n", "not separated by commas"),
        ("id,cat,cat,fox\n", "columns stand twice: 'cat'"),
        ("id,cat,dog\na,1,0\n", "no column for 1 of 3 classes: 'fox'"),
        ("who,cat,dog,fox\na,1,0,0\n", "no column is that of the ids"),
        ("image,name,cat,dog,fox\na,a,1,0,0\n", "more than one column could be that of the ids"),
        ("id,cat,dog,fox\na,1,0,0\nb,x,0,0\n", "row 3, column 'cat': 'x' is no number"),
        ("id,cat,dog,fox\n\nb,1,,0\n", "row 3, column 'dog': the cell is blank"),
        ("id,cat,dog,fox\na,0,5,0,5\n", "Expected 4 fields in line 2, saw 5"),
        ("id,cat,dog,fox,fold\na,1,0,0,0\nb,1,0,0,\n", "no fold in row 3"),
        ("id,cat,dog,fox,fold,kfold\na,1,0,0,0,1\n", "more than one column could hold the fold"),
        (f"id,cat,dog,fox\n{ROWS}j,1,0,0\n", r"more rows than samples \(9\)"),
        (f"id,cat,dog,fox\n{ROWS}c,1,0,0\n", r"stand twice: 'c' \('c' in row 4 and row 11\)"),
    ],
)
def test_what_is_wrong_in_a_table_is_named(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(DataError, match=message) as caught:
        table(tmp_path, text)
    assert str(tmp_path / "oof.csv") in str(caught.value.where)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("0.2,0.3,0.6", r"row 3 sum to 1.1, not 1 \(1 such row\)"),
        ("1.5,-0.5,0", "row 3, column 'cat': 1.5 is no probability"),
        ("inf,0,0", "row 3, column 'cat': inf is no finite number"),
    ],
)
def test_what_is_no_probability_is_named(tmp_path: Path, row: str, message: str) -> None:
    predicted = table(tmp_path, f"id,cat,dog,fox\na,1,0,0\nb,{row}\n")
    with pytest.raises(DataError, match=message):
        values(predicted)


def test_one_number_is_the_column_of_a_usual_name(tmp_path: Path) -> None:
    for header in ("id,probability", "id,label,Pred", "id,ill", "id,prob_1"):
        cells = "a,0.75" if header.count(",") == 1 else "a,1,0.75"
        assert values(table(tmp_path, f"{header}\n{cells}\n", ONE), ONE).tolist() == [[0.75]]
    with pytest.raises(DataError, match="no column is the prediction") as caught:
        table(tmp_path, "id,target\na,1\n", ONE)
    assert "`probability`" in str(caught.value.fix)
    with pytest.raises(DataError, match="more than one column could be the prediction"):
        table(tmp_path, "id,pred,oof\na,1,1\n", ONE)


def test_folds_stand_in_a_table_of_their_own(tmp_path: Path) -> None:
    path = tmp_path / "folds.csv"
    path.write_text("kfold,image_id\n1.0,a\n0.0,b\n")
    assert read_fold_table(path, ("image_id",)) == (["a", "b"], ["1", "0"])
    path.write_text("id,group\na,1\n")
    with pytest.raises(DataError, match="no column `fold`"):
        read_fold_table(path, ())


def array(
    tmp_path: Path, form: ImportSchema = MANY, n_most: int = 9, **arrays: object
) -> ImportedLabels:
    path = tmp_path / "oof.npz"
    np.savez_compressed(path, **arrays)  # type: ignore[arg-type]
    spool = tmp_path / "spool"
    spool.mkdir(exist_ok=True)
    return read_label_array(path, form, id_names=(), n_most=n_most, spool=spool)


PROBS = np.array([[0.2, 0.3, 0.5], [1, 0, 0]])
IDS = np.array(["a", "b"])


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", ">f8"])
def test_arrays_are_read_by_their_names(tmp_path: Path, dtype: str) -> None:
    for names in (("ids", "probs"), ("image_id", "oof_preds"), ("ID", "whatever")):
        predicted = array(tmp_path, **dict(zip(names, (IDS, PROBS.astype(dtype)), strict=True)))
        assert predicted.ids == ["a", "b"]
        np.testing.assert_allclose(values(predicted), PROBS, atol=1e-3)
    numbered = array(tmp_path, ids=np.array([7, 8]), probs=PROBS, fold=np.array([1.0, 0.0]))
    assert (numbered.ids, numbered.folds) == (["7", "8"], ["1", "0"])
    both = np.array([[0.25, 0.75], [1, 0]])
    of_one = array(tmp_path, ONE, ids=IDS.astype("S"), preds=both)
    assert (of_one.ids, values(of_one, ONE).tolist()) == (["a", "b"], [[0.75], [0.0]])


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"probs": PROBS}, "no array `ids`"),
        ({"ids": IDS}, "no array, or more than one, could be the predictions"),
        ({"ids": IDS, "x": PROBS, "y": PROBS}, "no array, or more than one"),
        ({"ids": IDS, "probs": PROBS[:1]}, r"2 ids but values of shape \(1, 3\)"),
        ({"ids": IDS, "probs": PROBS[:, :2]}, r"shape \(2, 2\), the competition's are \(N, 3\)"),
        ({"ids": IDS.astype(object), "probs": PROBS}, "Python objects"),
        ({"ids": IDS, "probs": PROBS.astype(object)}, "Python objects"),
        ({"ids": IDS, "probs": PROBS.astype(complex)}, "values are numbers, not complex"),
        ({"ids": IDS[None], "probs": PROBS}, r"ids has shape \(1, 2\)"),
        ({"ids": IDS, "probs": PROBS, "folds": np.arange(3)}, "2 ids but 3 folds"),
        ({"ids": np.arange(20), "probs": np.ones((20, 3))}, "of 9 at most"),
        ({"ids": np.arange(10), "probs": np.ones((10, 3))}, r"more rows than samples \(9\)"),
        (
            {"ids": np.arange(10) % 9, "probs": np.ones((10, 3))},
            r"'0' in row 0 \(from 0\) and row 9",
        ),
        ({"ids": IDS, "probs": PROBS, "classes": np.array(["cat", "dog", "owl"])}, "'fox'"),
    ],
)
def test_what_is_wrong_in_arrays_is_named(
    tmp_path: Path, arrays: dict[str, np.ndarray], message: str
) -> None:
    with pytest.raises(DataError, match=message) as caught:
        array(tmp_path, **arrays)
    assert "oof.npz" in str(caught.value.where)


def test_two_columns_of_no_and_yes_are_read_by_their_names(tmp_path: Path) -> None:
    yes_first = np.array([[0.9, 0.1], [0.2, 0.8]])
    for names in (["ill", "well"], ["1", "0"], [1, 0], [1.0, 0.0], ["prob_ill", "prob_well"]):
        for pair, classes in ((yes_first, names), (yes_first[:, ::-1], names[::-1])):
            predicted = array(tmp_path, ONE, ids=IDS, probs=pair, classes=np.array(classes))
            np.testing.assert_array_equal(values(predicted, ONE), yes_first[:, :1])
            assert predicted.notes == ()
    predicted = array(tmp_path, ONE, ids=IDS, probs=yes_first[:, ::-1])
    np.testing.assert_array_equal(values(predicted, ONE), yes_first[:, :1])
    assert predicted.notes == ("columns are taken in the order of competition.yaml's classes",)
    # Of classes '1' and '2' the column "1" is that of no.
    second = ImportSchema("classify", image_kind("binary"), ("2",))
    predicted = array(tmp_path, second, ids=IDS, probs=yes_first, classes=np.array([2, 1]))
    np.testing.assert_array_equal(values(predicted, second), yes_first[:, :1])
    for classes, message in ((["a", "b"], "no column is"), (["ill"], "2 columns but 1 class")):
        with pytest.raises(DataError, match=message):
            array(tmp_path, ONE, ids=IDS, probs=yes_first, classes=np.array(classes))


def test_a_lone_column_of_no_is_not_taken_for_yes(tmp_path: Path) -> None:
    lone = np.array([0.9, 0.2])
    for probs in (lone, lone[:, None]):
        for names in (["ill"], ["1"], ["well", "ill"]):
            predicted = array(tmp_path, ONE, ids=IDS, probs=probs, classes=np.array(names))
            np.testing.assert_array_equal(values(predicted, ONE)[:, 0], lone)
        with pytest.raises(DataError, match="no column is"):
            array(tmp_path, ONE, ids=IDS, probs=probs, classes=np.array(["0"]))


def test_percentages_are_refused_with_what_makes_them_probabilities(tmp_path: Path) -> None:
    for text, form, fix in (
        ("id,cat,dog,fox\na,20,30,50\nb,100,0,0\n", MANY, "sum to 100: divide them by 100"),
        ("id,probability\na,20\nb,70\n", ONE, "divide percentages by 100; if these are logits"),
        ("id,probability\na,-2\nb,70\n", ONE, "if these are logits, pass --logits"),
    ):
        with pytest.raises(DataError, match="no probability") as caught:
            values(table(tmp_path, text, form), form)
        assert fix in str(caught.value.fix)
        assert ("100" in str(caught.value.fix)) == ("100" in fix)
    with pytest.raises(DataError, match=r"'1\.37%' is no number") as caught:
        table(tmp_path, "id,probability\na,1.37%\n", ONE)
    assert "divided by 100" in str(caught.value.fix)


class Bomb:
    """An object whose unpickling runs code."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return (Path.touch, (Path("executed"),))  # type: ignore[return-value]


def test_no_pickle_is_executed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    bomb = np.array([Bomb(), Bomb()], dtype=object)
    for name, arrays in (
        ("ids", {"ids": bomb, "probs": PROBS}),
        ("x", {"ids": IDS, "probs": bomb}),
    ):
        with pytest.raises(DataError, match="Python objects"):
            array(tmp_path, **arrays)
        np.save(tmp_path / f"{name}.npy", bomb, allow_pickle=True)
        (tmp_path / "ids.txt").write_text("a\nb\n")
        with pytest.raises(DataError, match="Python objects"):
            bare(tmp_path, tmp_path / f"{name}.npy")
    (tmp_path / "raw.npy").write_bytes(pickle.dumps(Bomb()))
    with pytest.raises(DataError, match="no whole file of arrays"):
        bare(tmp_path, tmp_path / "raw.npy")
    assert not (tmp_path / "executed").exists()


def bare(tmp_path: Path, path: Path, ids: str = "ids.txt") -> ImportedLabels:
    return read_label_array(
        path, MANY, id_names=("image_id",), n_most=9, spool=tmp_path, ids=tmp_path / ids
    )


def test_a_bare_array_has_its_ids_in_a_file(tmp_path: Path) -> None:
    np.save(tmp_path / "oof.npy", PROBS)
    (tmp_path / "ids.txt").write_text("a\nb\n\n")
    (tmp_path / "ids.csv").write_text("label,image_id\nx,a\ny,b\n")
    for name in ("ids.txt", "ids.csv"):
        predicted = bare(tmp_path, tmp_path / "oof.npy", name)
        assert predicted.ids == ["a", "b"]
        np.testing.assert_array_equal(values(predicted), PROBS)
    (tmp_path / "ids.txt").write_text("a\nb\na\n" + "\n".join("cdefghi"))
    with pytest.raises(DataError, match=r"'a' in row 0 \(from 0\) and row 2"):
        bare(tmp_path, tmp_path / "oof.npy")
    (tmp_path / "ids.txt").write_text("a\n")
    with pytest.raises(DataError, match="2 rows but 1 id"):
        bare(tmp_path, tmp_path / "oof.npy")
    with pytest.raises(UsageError, match="does not say which rows"):
        read_label_array(tmp_path / "oof.npy", MANY, id_names=(), n_most=9, spool=tmp_path)


def test_a_zip_bomb_is_not_unpacked(tmp_path: Path) -> None:
    """A member may unpack to anything; only what its shape needs, of rows that we have, is."""
    path = tmp_path / "bomb.npz"
    np.savez(path, ids=IDS)
    archive = zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED)
    with archive, archive.open("probs.npy", "w") as file:
        header = {"descr": "<f8", "fortran_order": False, "shape": (2, 3)}
        np.lib.format.write_array_header_1_0(file, header)  # type: ignore[arg-type]
        for _ in range(64):
            file.write(bytes(2**20))
    spool = tmp_path / "spool"
    spool.mkdir()
    with pytest.raises(DataError, match="larger than its shape"):
        read_label_array(path, MANY, id_names=(), n_most=9, spool=spool)
    assert not list(spool.iterdir())
    np.savez_compressed(path, ids=IDS, probs=np.zeros((10**6, 3), np.float32))
    with pytest.raises(DataError, match="2 ids but values of shape"):
        read_label_array(path, MANY, id_names=(), n_most=9, spool=spool)
    assert not list(spool.iterdir())


def test_a_damaged_archive_is_one_error(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    np.savez_compressed(tmp_path / "good.npz", ids=IDS, probs=PROBS)
    good = (tmp_path / "good.npz").read_bytes()
    path, spool = tmp_path / "bad.npz", tmp_path / "spool"
    spool.mkdir()
    n_refused = 0
    for trial in range(300):
        text = bytearray(good)
        if trial % 3 == 0:
            del text[int(rng.integers(0, len(text))) :]
        for _ in range(int(rng.integers(1, 4))):
            if text:
                text[int(rng.integers(0, len(text)))] = int(rng.integers(0, 256))
        path.write_bytes(text)
        try:
            values(read_label_array(path, MANY, id_names=(), n_most=9, spool=spool))
        except PodiumError:
            n_refused += 1
    assert n_refused > 200


def test_kinds_of_one_name_have_parts_of_their_own():
    pixels = ImportSchema("segment", pixel_kind("binary"), ("1",))
    assert (pixels.widths, ONE.widths, MANY.widths) == ((1,), (1, 2), (3,))
    assert ONE.checked(np.array([[0.75, 0.25]]), str, "x").tolist() == [[0.25]]


def test_a_rating_may_come_as_a_probability_of_each_class(tmp_path: Path) -> None:
    """The rating is the expected one: 0 x p0 + 1 x p1 + 2 x p2."""
    for header in ("id,mild,bad,worst", "id,p_0,p_1,p_2"):
        predicted = table(tmp_path, f"{header}\na,0.2,0.3,0.5\nb,1,0,0\n", RATED)
        np.testing.assert_allclose(values(predicted, RATED), [[1.3], [0]], atol=1e-12)
    alone = table(tmp_path, "id,prediction\na,1.25\nb,7\n", RATED)
    np.testing.assert_allclose(values(alone, RATED), [[1.25], [2]])
    named = {"classes": ["worst", "mild", "bad"], "probs": [[0.5, 0.2, 0.3], [0.0, 1.0, 0.0]]}
    file = tmp_path / "oof.npz"
    np.savez(file, ids=["a", "b"], **named)
    found = read_label_array(file, RATED, id_names=(), n_most=9, spool=tmp_path)
    np.testing.assert_allclose(values(found, RATED), [[1.3], [0]], atol=1e-12)


def test_two_logits_of_no_and_yes_are_those_of_a_softmax(tmp_path: Path) -> None:
    form = ImportSchema("classify", image_kind("binary"), ("ill",), logits=True)
    file = tmp_path / "oof.npz"
    given = np.array([[2.0, 1.0], [-1.0, 3.0], [500.0, -500.0]])
    np.savez(file, ids=["a", "b", "c"], probs=given)
    found = read_label_array(file, form, id_names=(), n_most=9, spool=tmp_path)
    expected = scipy.special.softmax(given, axis=1)[:, 1:]
    np.testing.assert_allclose(values(found, form), expected, atol=1e-12)
    np.savez(file, ids=["a", "b", "c"], probs=given[:, 1])
    alone = read_label_array(file, form, id_names=(), n_most=9, spool=tmp_path)
    np.testing.assert_allclose(values(alone, form), scipy.special.expit(given[:, 1:]), atol=1e-12)


def test_ratings_that_are_no_probabilities_are_refused_with_their_row(tmp_path: Path) -> None:
    predicted = table(tmp_path, "id,mild,bad,worst\na,0.2,0.3,0.5\nb,1,1,0\n", RATED)
    with pytest.raises(DataError, match="row 3 sum to 2, not 1"):
        values(predicted, RATED)
    logits = ImportSchema("classify", RATED.kind, ("1",), logits=True, ratings=RATED.ratings)
    predicted = table(tmp_path, "id,mild,bad,worst\na,0,0,0\nb,-40,-40,40\n", logits)
    np.testing.assert_allclose(values(predicted, logits), [[1], [2]])
