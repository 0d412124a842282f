"""Files to send in the form of the host's sample: written, read back, checked."""

from __future__ import annotations

import csv
import json
import tempfile
from pathlib import Path

import numpy as np
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from pycocotools import mask as coco

from podium.competition.spec import Competition
from podium.errors import DataError, SubmissionError
from podium.hosting.scoring.score import score_file
from podium.hosting.scoring.solution import read_solution
from podium.hosting.setup.from_competition import init_host
from podium.hosting.spec import HostFolder
from podium.submissions.format.checking import check
from podium.submissions.format.expected import expected_of_ids
from podium.submissions.format.reading import read_labels
from podium.submissions.format.row_names import rows_of_sample
from podium.submissions.format.spec import format_of
from podium.submissions.format.writing import write_submission

IDS = ["a;1", "b,2", 'c"3', "d"]


def competition(root: Path, submission: str, **more: object) -> Competition:
    data = {
        "name": "made",
        "tasks": {"classify": "multilabel"},
        "classes": ["cat", "dog,big", "fox;red"],
        "data": {
            "train": {"table": "t.csv", "id": "id", "images": "{id}", "label": "label"},
            "test": {"images": "*.png"},
        },
        "metric": {"name": "auc"},
        "submission": yaml.safe_load(submission),
    }
    return Competition.model_validate({**data, **more}).at(root)


WIDE = "{id: id, cat: 'prob[cat]', dog: 'prob[dog,big]', fox: 'prob[fox;red]'}"


def sample(root: Path) -> None:
    with (root / "sample.csv").open("w", newline="") as file:
        csv.writer(file).writerows([["id", "cat", "dog", "fox"], *([one, 0, 0, 0] for one in IDS)])


def test_semicolons_and_decimal_commas_come_back_to_the_bit(tmp_path: Path) -> None:
    sample(tmp_path)
    form = f"{{sample: sample.csv, columns: {WIDE}, file: {{sep: ';', decimal: ','}}}}"
    spec = competition(tmp_path, form)
    probs = np.random.default_rng(0).random((4, 3)) * [1, 1e-7, 1]
    probs[0] = 0, 1, 0.5
    file = write_submission(tmp_path / "sent.csv", spec, IDS, probs)
    with file.open(newline="") as stream:
        header, *rows = csv.reader(stream, delimiter=";")
    assert header == ["id", "cat", "dog", "fox"]
    assert [row[0] for row in rows] == IDS
    assert [[float(cell.replace(",", ".")) for cell in row[1:]] for row in rows] == probs.tolist()
    assert all("." not in cell for row in rows for cell in row[1:])
    assert check(file, spec) == []
    wanted = expected_of_ids(format_of(spec), IDS)
    np.testing.assert_array_equal(read_labels(file, wanted), probs)


def of_species(root: Path, file: str, species: list[str]) -> Competition:
    (root / "sample.csv").write_text("id,species\na,\nb,\nc,\n")
    form = "{sample: sample.csv, columns: {id: id, species: value}, value: name, file: {" + file
    one = {"tasks": {"classify": "multiclass"}, "metric": {"name": "accuracy"}}
    return competition(root, form + "}}", classes=species, **one)


@pytest.mark.parametrize("encoding", ["cp1250", "utf-16"])
def test_letters_are_those_of_the_host(tmp_path: Path, encoding: str) -> None:
    species = ["żółty", "kłos", "liść"]
    spec = of_species(tmp_path, f"sep: ';', encoding: {encoding}", species)
    answers = np.array([2, 0, 1])
    file = write_submission(tmp_path / "sent.csv", spec, ["a", "b", "c"], None, answers)
    lines = file.read_bytes().decode(encoding).splitlines()
    assert lines == ["id;species", "a;liść", "b;żółty", "c;kłos"]
    assert check(file, spec) == []
    file.write_bytes("\n".join(lines).encode("utf-8"))
    assert check(file, spec)


def test_a_letter_that_the_host_cannot_read_is_refused(tmp_path: Path) -> None:
    spec = of_species(tmp_path, "encoding: cp1252", ["żółty", "b"])
    with pytest.raises(SubmissionError, match="cannot be written as cp1252"):
        write_submission(tmp_path / "sent.csv", spec, ["a", "b", "c"], None, np.array([0, 1, 0]))


def test_an_encoding_that_there_is_not_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="is no encoding of text"):
        competition(tmp_path, "{value: name, file: {encoding: klingon}}")


def test_lists_of_classes_keep_their_signs(tmp_path: Path) -> None:
    with (tmp_path / "sample.csv").open("w", newline="") as file:
        csv.writer(file).writerows([["id", "tags"], *([one, ""] for one in IDS)])
    form = "{sample: sample.csv, columns: {id: id, tags: value}, value: labels, sep: '|', "
    form += "file: {sep: ';'}}"
    spec = competition(tmp_path, form)
    answers = np.array([[1, 1, 1], [0, 0, 0], [0, 1, 0], [0, 0, 1]], dtype=np.uint8)
    file = write_submission(tmp_path / "sent.csv", spec, IDS, None, answers)
    assert file.read_text().splitlines()[1] == '"a;1";"cat|dog,big|fox;red"'
    wanted = expected_of_ids(format_of(spec), IDS)
    np.testing.assert_array_equal(read_labels(file, wanted), answers)


@pytest.mark.parametrize(
    ("old", "new", "expected_text", "line"),
    [
        (";", ",", "cells are not separated by ';'", 1),
        ("0,25", "0.25", "a number has a decimal point: '0.25'", 2),
        ("0,25", "2,25", "outside", 2),
        ("0,25", "x", "no number", 2),
        ("b,2", "b", "ids that are not in sample.csv", 3),
        ("d;0,25;0,25;0,25\n", "", "missing", None),
        ("id;cat", "id;cow", "header", 1),
    ],
)
def test_a_wrong_file_is_refused_with_the_line(
    tmp_path: Path, old: str, new: str, expected_text: str, line: int | None
) -> None:
    sample(tmp_path)
    form = f"{{sample: sample.csv, columns: {WIDE}, file: {{sep: ';', decimal: ','}}}}"
    spec = competition(tmp_path, form)
    file = write_submission(tmp_path / "sent.csv", spec, IDS, np.full((4, 3), 0.25))
    file.write_text(file.read_text().replace(old, new, -1 if old == ";" else 1))
    found = [(one.message, one.line) for one in check(file, spec)]
    assert any(expected_text in message and at == line for message, at in found), found


@pytest.mark.parametrize(("first", "also"), [("cat", ""), ("cow", "id;cat;dog;fox")])
def test_commas_for_semicolons_and_a_wrong_column_are_named_together(
    tmp_path: Path, first: str, also: str
) -> None:
    sample(tmp_path)
    form = f"{{sample: sample.csv, columns: {WIDE}, file: {{sep: ';', decimal: ','}}}}"
    file = tmp_path / "sent.csv"
    file.write_text(f"id,{first},dog,fox\na,0.2,0.2,0.2\n")
    [found] = check(file, competition(tmp_path, form))
    assert (found.fix or "").startswith("separate the cells with ';'")
    assert (found.fix or "").partition("write the header as ")[2] == also


def test_a_row_that_the_table_of_ids_lacks_is_refused(tmp_path: Path) -> None:
    (tmp_path / "ids.csv").write_text("Row,image,name\n1,d,cat\n")
    (tmp_path / "sample.csv").write_text("image,name,value\nd,cat,0\nd,fox;red,0\n")
    form = (
        "{sample: sample.csv, columns: {image: id, name: class_name, value: value}, value: prob, "
        "rows: image_class, file: {lookup: {table: ids.csv, id: Row}}}"
    )
    with pytest.raises(SubmissionError, match="no row of the table of ids is 'd', 'fox;red'"):
        write_submission(tmp_path / "sent.csv", competition(tmp_path, form), ["d"], np.ones((1, 3)))
    assert not (tmp_path / "sent.csv").exists()


def test_a_host_takes_and_gives_out_the_form_of_the_sample(tmp_path: Path) -> None:
    sample(tmp_path)
    form = "{sample: sample.csv, value: prob, file: {sep: ';', decimal: ','}}"
    spec = competition(tmp_path, form, classes=["cat", "dog", "fox"])
    truth = np.eye(4, 3)
    truth[3] = 1, 1, 0
    with (tmp_path / "solution.csv").open("w", newline="") as file:
        rows = [[one, *map(int, row)] for one, row in zip(IDS, truth, strict=True)]
        csv.writer(file).writerows([["id", "cat", "dog", "fox"], *rows])
    host = init_host(tmp_path / "host", spec, tmp_path / "solution.csv")
    given = (host.files / "sample.csv").read_text().splitlines()
    assert given[0] == "id;cat;dog;fox"
    assert len(given) == 5
    sent = write_submission(tmp_path / "sent.csv", spec, IDS, truth * 0.5)
    loaded = host.spec()
    answers = read_solution(host.solution, loaded.format)
    assert score_file(sent, loaded, answers).public == 1.0
    sent.write_text(sent.read_text().replace(";", ","))
    with pytest.raises(SubmissionError, match="cells are not separated by ';'"):
        score_file(sent, loaded, answers)


def test_a_host_takes_and_gives_out_the_digits_of_the_sample(tmp_path: Path) -> None:
    ids = ["a1", "b20"]
    (tmp_path / "sample.csv").write_text("id,cat,dog,fox\na1,0,0,0\nb20,0,0,0\n")
    digits = "{id: ۰, cat: ۰, fox: ०}"
    form = f"{{sample: sample.csv, value: prob, file: {{decimal: ٫, digits: {digits}}}}}"
    spec = competition(tmp_path, form, classes=["cat", "dog", "fox"])
    (tmp_path / "solution.csv").write_text("id,cat,dog,fox\na1,1,0,1\nb20,0,1,0\n")
    host = init_host(tmp_path / "host", spec, tmp_path / "solution.csv")
    given = (host.files / "sample.csv").read_text(encoding="utf-8").splitlines()
    assert given == ["id,cat,dog,fox", "a۱,۰,0,०", "b۲۰,۰,0,०"]
    probs = np.array([[0.75, 2.5e-7, 1.0], [0.0, 0.5, 1e-30]])
    sent = write_submission(tmp_path / "sent.csv", spec, ids, probs)
    header, *rows = sent.read_text(encoding="utf-8").splitlines()
    assert header == "id,cat,dog,fox"
    small = "०٫" + "०" * 29 + "१"
    assert rows == ["a۱,۰٫۷۵,0٫00000025,१٫०", f"b۲۰,۰٫۰,0٫5,{small}"]
    np.testing.assert_array_equal(read_labels(sent, expected_of_ids(format_of(spec), ids)), probs)
    loaded = host.spec()
    assert score_file(sent, loaded, read_solution(host.solution, loaded.format)).public == 1.0
    with pytest.raises(DataError, match="names 'dgo', which the file does not have"):
        format_of(competition(tmp_path, form.replace("cat: ۰", "dgo: ۰"), classes=spec.classes))


def masks_of(root: Path, kind: str, submission: str, *, metric: str) -> Competition:
    data = {
        "name": "made",
        "tasks": {"segment": kind},
        "classes": ["cat", "dog"],
        "data": {
            "train": {"images": "train/*.png", "mask": "masks/{class}/{id}.png"},
            "test": {"images": "*.png"},
        },
        "frame": [2, 3],
        "metric": {"name": metric},
        "submission": yaml.safe_load(submission),
    }
    return Competition.model_validate(data).at(root)


def test_a_host_scores_a_column_of_runs_a_class(tmp_path: Path) -> None:
    (tmp_path / "sample.csv").write_text("id,class,rle\na,dog,\na,cat,\nb,dog,\nb,cat,\n")
    form = (
        "{sample: sample.csv, columns: {id: id, class: class_name, rle: value}, value: rle, "
        "rows: image_class, file: {wide: {dog: dogs, cat: cats}}}"
    )
    spec = masks_of(tmp_path, "multilabel", form, metric="mean_dice")
    (tmp_path / "solution.csv").write_text(
        "id,class,rle,height,width\na,dog,1 2,2,3\na,cat,3 4,2,3\nb,dog,5 1,2,3\nb,cat,1 1,2,3\n"
    )
    host = init_host(tmp_path / "host", spec, tmp_path / "solution.csv")
    assert (host.files / "sample.csv").read_text() == "id,dogs,cats\na,,\nb,,\n"
    loaded = host.spec()
    answers = read_solution(host.solution, loaded.format)
    sent = tmp_path / "sent.csv"
    sent.write_text("id,dogs,cats\na,1 2,3 4\nb,5 1,1 1\n")
    assert check(sent, spec) == []
    assert score_file(sent, loaded, answers).public == 1.0
    # Dice of each: 1, 2 · 2 / (4 + 2), 0, 1
    sent.write_text("id,dogs,cats\nb,6 1,1 1\na,1 2,3 2\n")
    assert score_file(sent, loaded, answers).public == pytest.approx((1 + 2 / 3 + 0 + 1) / 4)
    sent.write_text("id,cats,dogs\na,3 4,1 2\nb,1 1,5 1\n")
    with pytest.raises(SubmissionError, match="header"):
        score_file(sent, loaded, answers)
    sent.write_text("id,dogs,cats\na,1 2,3 4\n")
    with pytest.raises(SubmissionError, match="missing"):
        score_file(sent, loaded, answers)


def test_a_column_that_is_no_class_is_refused(tmp_path: Path) -> None:
    form = (
        "{columns: {id: id, class: class_name, rle: value}, value: rle, rows: image_class, "
        "file: {wide: {dog: dogs, cow: cows}}}"
    )
    with pytest.raises(DataError, match="'cat', 'cow' differ"):
        format_of(masks_of(tmp_path, "multilabel", form, metric="mean_dice"))


@pytest.mark.slow
def test_a_host_scores_json_results(tmp_path: Path) -> None:
    (tmp_path / "sample.csv").write_text("image_id,category_id,segmentation,score,height,width\n")
    form = (
        "{columns: {image_id: id, category_id: class_name, segmentation: value, score: conf, "
        "height: height, width: width}, rows: instance, value: coco, file: {kind: json}}"
    )
    spec = masks_of(tmp_path, "instance", form, metric="mask_map")
    squares = np.zeros((2, 2, 3), dtype=np.uint8)
    squares[0, :, 0] = squares[1, :, 2] = 1
    counts = [coco.encode(np.asfortranarray(one))["counts"].decode() for one in squares]
    rows = [f"a,cat,{counts[0]},1,2,3", f"b,dog,{counts[1]},1,2,3"]
    (tmp_path / "solution.csv").write_text(
        "\n".join(["image_id,category_id,segmentation,score,height,width", *rows]) + "\n"
    )
    host = init_host(tmp_path / "host", spec, tmp_path / "solution.csv")
    loaded = host.spec()
    answers = read_solution(host.solution, loaded.format)
    records = [
        {
            "image_id": name,
            "category_id": label,
            "segmentation": {"size": [2, 3], "counts": text},
            "score": 0.5,
        }
        for name, label, text in (("a", "cat", counts[0]), ("b", "dog", counts[1]))
    ]
    sent = tmp_path / "sent.json"
    sent.write_text(json.dumps(records))
    assert score_file(sent, loaded, answers).public == 1.0
    records[1]["segmentation"] = {"size": [2, 3], "counts": counts[0]}
    sent.write_text(json.dumps(records))
    assert score_file(sent, loaded, answers).public == pytest.approx(0.5)
    sent.write_text("image_id,category_id\na,cat\n")
    with pytest.raises(SubmissionError, match="no JSON"):
        score_file(sent, loaded, answers)


def test_a_host_scores_the_ids_of_a_table(tmp_path: Path) -> None:
    (tmp_path / "ids.csv").write_text("Row,image,name\n1,d,cat\n2,d,dog\n3,e,cat\n4,e,dog\n")
    (tmp_path / "sample.csv").write_text("image,name,value\nd,cat,0\nd,dog,0\ne,cat,0\ne,dog,0\n")
    form = (
        "{sample: sample.csv, columns: {image: id, name: class_name, value: value}, value: prob, "
        "rows: image_class, file: {lookup: {table: ids.csv, id: Row}}}"
    )
    spec = competition(tmp_path, form, classes=["cat", "dog"])
    (tmp_path / "solution.csv").write_text("id,cat,dog\nd,1,0\ne,0,1\n")
    host = init_host(tmp_path / "host", spec, tmp_path / "solution.csv")
    loaded = host.spec()
    answers = read_solution(host.solution, loaded.format)
    sent = tmp_path / "sent.csv"
    sent.write_text("Row,value\n1,0.9\n2,0.2\n3,0.1\n4,0.8\n")
    assert score_file(sent, loaded, answers).public == 1.0
    (tmp_path / "ids.csv").unlink()  # the host has its own, wherever it is moved to
    moved = HostFolder(host.root.rename(tmp_path / "moved"))
    sent.write_text("Row,value\n4,0.3\n1,0.9\n2,0.4\n3,0.6\n")
    assert score_file(sent, moved.spec(), answers).public == 0.5


def test_an_id_of_several_columns_comes_back_and_is_scored(tmp_path: Path) -> None:
    ids = [f"v{n // 2}/{n}" for n in range(4)]
    rows = [["id", "cat", "dog", "fox"], *([one, "0", "0", "0"] for one in ids)]
    with (tmp_path / "sample.csv").open("w", newline="") as file:
        csv.writer(file).writerows(rows)
    form = f"{{sample: sample.csv, columns: {WIDE}, file: {{id_of: '{{video}}/{{frame}}'}}}}"
    spec = competition(tmp_path, form)
    probs = np.random.default_rng(0).random((4, 3))
    sent = write_submission(tmp_path / "sent.csv", spec, ids, probs)
    with sent.open(newline="") as stream:
        header, *cells = csv.reader(stream)
    assert header == ["video", "frame", "cat", "dog", "fox"]
    assert ["/".join(row[:2]) for row in cells] == ids
    assert check(sent, spec) == []
    np.testing.assert_array_equal(read_labels(sent, expected_of_ids(format_of(spec), ids)), probs)
    sent.write_text(sent.read_text().replace("v1,2", "v1,9"))
    assert any("v1/9" in problem.message for problem in check(sent, spec))


@pytest.mark.parametrize(
    ("of", "told"),
    [("{cat}/{frame}", "cannot stand in file.id_of"), ("{video}-{frame}", "is not as")],
)
def test_columns_of_an_id_that_do_not_fit_are_refused(tmp_path: Path, of: str, told: str) -> None:
    sample(tmp_path)
    form = f"{{sample: sample.csv, columns: {WIDE}, file: {{id_of: '{of}'}}}}"
    spec = competition(tmp_path, form)
    with pytest.raises((DataError, SubmissionError), match=told):
        write_submission(tmp_path / "sent.csv", spec, IDS, np.zeros((4, 3)))


@pytest.mark.parametrize("decimal", [".", ","])
def test_numbers_with_a_unit_come_back_to_the_bit(tmp_path: Path, decimal: str) -> None:
    sample(tmp_path)
    form = f"{{sample: sample.csv, columns: {WIDE}, file: {{sep: ';', decimal: '{decimal}', "
    spec = competition(tmp_path, form + "unit: ' %'}}")
    probs = np.random.default_rng(0).random((4, 3)) * [1, 1e-7, 1]
    sent = write_submission(tmp_path / "sent.csv", spec, IDS, probs)
    with sent.open(newline="") as stream:
        _, *rows = csv.reader(stream, delimiter=";")
    cells = [[cell.removesuffix(" %").replace(decimal, ".") for cell in row[1:]] for row in rows]
    assert [[float(cell) for cell in row] for row in cells] == probs.tolist()
    assert all(cell.endswith(" %") for row in rows for cell in row[1:])
    assert check(sent, spec) == []
    np.testing.assert_array_equal(read_labels(sent, expected_of_ids(format_of(spec), IDS)), probs)
    sent.write_text(sent.read_text().replace(" %", "", 1))
    assert any("without its unit" in problem.message for problem in check(sent, spec))


HEADERLESS = {"tabs": ("\t", '{header: false, sep: "\\t"}'), "commas": (",", "{header: false}")}


@pytest.mark.parametrize(("sep", "form"), HEADERLESS.values(), ids=HEADERLESS)
def test_a_file_without_a_header_comes_back(tmp_path: Path, sep: str, form: str) -> None:
    sample(tmp_path)
    spec = competition(tmp_path, f"{{sample: sample.csv, columns: {WIDE}, file: {form}}}")
    probs = np.random.default_rng(0).random((4, 3))
    file = write_submission(tmp_path / "sent.csv", spec, IDS, probs)
    with file.open(newline="") as stream:
        rows = list(csv.reader(stream, delimiter=sep))
    assert [row[0] for row in rows] == IDS
    assert [[float(cell) for cell in row[1:]] for row in rows] == probs.tolist()
    assert check(file, spec) == []
    wanted = expected_of_ids(format_of(spec), IDS)
    np.testing.assert_array_equal(read_labels(file, wanted), probs)


@pytest.mark.parametrize(
    ("lines", "line", "told"),
    [
        (["ID\tSpecies", "a\tx", "b\tx", "c\ty"], 1, "the first line names the columns"),
        (["file\tclass", "a\tx", "b\tx", "c\ty"], 1, "leave the first line out, if it is a header"),
        (["a,x", "b,x", "c,y"], 1, "cells are not separated by '\\t'"),
        (["a\tx", "b\tz", "c\ty"], 2, "unknown classes"),
        (["a\tx", "b\tx\t", "c\ty"], 2, "remove the tab at the end"),
        (["a\tx", "b\tx", "b\ty", "c\ty"], 3, "'b', first in line 2"),
        (["a\tx", "", "b\tx", "c\ty"], 2, "blank lines"),
        (['"a\tx', "b\tx", "c\ty"], 3, "not a CSV"),
    ],
)
def test_faults_of_a_file_without_a_header_name_their_line(
    tmp_path: Path, lines: list[str], line: int, told: str
) -> None:
    spec = of_species(tmp_path, 'header: false, sep: "\\t"', ["x", "y"])
    file = tmp_path / "sent.tsv"
    file.write_text("\n".join(lines) + "\n")
    found = [one for one in check(file, spec) if told in f"{one.message} {one.fix}"]
    assert [one.line for one in found] == [line]


def test_a_host_scores_files_without_a_header(tmp_path: Path) -> None:
    spec = of_species(tmp_path, 'header: false, sep: "\\t"', ["x", "y"])
    usage = "usage\na,x,public\nb,y,public\nc,y,public\n"
    (tmp_path / "solution.csv").write_text(f"id,label,{usage}")
    host = init_host(tmp_path / "host", spec, tmp_path / "solution.csv")
    assert (host.files / "sample.tsv").read_text() == "a\t\nb\t\nc\t\n"
    loaded = host.spec()
    answers = read_solution(host.solution, loaded.format)
    (sent := tmp_path / "sent.tsv").write_text("a\tx\nb\ty\nc\tx\n")
    assert score_file(sent, loaded, answers).public == pytest.approx(2 / 3)
    sent.write_text("id\tspecies\na\tx\nb\ty\nc\tx\n")
    with pytest.raises(SubmissionError, match="has no header"):
        score_file(sent, loaded, answers)


@pytest.mark.parametrize(("sep", "file"), HEADERLESS.values(), ids=HEADERLESS)
def test_a_sample_as_the_host_has_it_goes_by_the_order_of_columns(
    tmp_path: Path, sep: str, file: str
) -> None:
    spec = of_species(tmp_path, file[1:-1], ["x", "y"])
    lines = [f"{name}{sep}x" for name in "abc"]
    (tmp_path / "sample.csv").write_text("\n".join(lines) + "\n")
    assert list(rows_of_sample(tmp_path / "sample.csv", format_of(spec))) == ["a", "b", "c"]
    (tmp_path / "sample.csv").write_text("\n".join([*lines, f"d{sep}x{sep}x"]) + "\n")
    with pytest.raises(DataError, match=r"sample\.csv:4: has 3 cells"):
        list(rows_of_sample(tmp_path / "sample.csv", format_of(spec)))


def test_json_has_no_header_to_leave_out(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="leave file"):
        of_species(tmp_path, "header: false, kind: json", ["x", "y"])


def test_answers_by_their_ids_come_back(tmp_path: Path) -> None:
    spec = of_species(tmp_path, "kind: json, by_id: true", ["x", "y", "ż"])
    file = write_submission(
        tmp_path / "sent.json", spec, ["a", "b", "c"], None, np.array([2, 0, 1])
    )
    assert json.loads(file.read_bytes()) == {"a": "ż", "b": "x", "c": "y"}
    assert check(file, spec) == []
    (tmp_path / "solution.csv").write_text("id,species\na,ż\nb,x\nc,x\n")
    host = init_host(tmp_path / "host", spec, tmp_path / "solution.csv")
    loaded = host.spec()
    answers = read_solution(host.solution, loaded.format)
    assert json.loads((host.files / "sample.json").read_bytes()).keys() == {"a", "b", "c"}
    assert score_file(file, loaded, answers).public == pytest.approx(2 / 3)
    for text, told in (
        ('{"a": "x", "b": "y"}', "missing"),
        ('{"a": "x", "b": "y", "b": "x", "c": "x"}', "'b' stands there more than once"),
        ('[{"id": "a", "species": "x"}]', "has no answers by their ids"),
    ):
        file.write_text(text)
        with pytest.raises(SubmissionError, match=told):
            score_file(file, loaded, answers)


def test_several_answers_by_their_ids_come_back(tmp_path: Path) -> None:
    sample(tmp_path)
    form = f"{{sample: sample.csv, columns: {WIDE}, file: {{kind: json, by_id: true}}}}"
    spec = competition(tmp_path, form)
    probs = np.random.default_rng(0).random((4, 3))
    file = write_submission(tmp_path / "sent.json", spec, IDS, probs)
    written = json.loads(file.read_bytes())
    assert list(written) == IDS
    assert written["d"] == dict(zip(["cat", "dog", "fox"], probs[3], strict=True))
    assert check(file, spec) == []
    wanted = expected_of_ids(format_of(spec), IDS)
    np.testing.assert_array_equal(read_labels(file, wanted), probs)


def test_answers_by_their_ids_are_json(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="are JSON"):
        of_species(tmp_path, "by_id: true", ["x", "y"])


PIVOT = (
    "{sample: sample.csv, columns: {id: id, grade: value}, value: name, "
    "file: {id_of: '{plate}_{row}_{column}', pivot: ['1', '2', '12']}}"
)
GRADES = ["low", "mid, or so", "high"]


def of_plates(root: Path, ids: list[str], form: str = PIVOT) -> Competition:
    with (root / "sample.csv").open("w", newline="") as file:
        csv.writer(file).writerows([["id", "grade"], *([one, GRADES[0]] for one in ids)])
    one = {"tasks": {"classify": "multiclass"}, "metric": {"name": "accuracy"}}
    return competition(root, form, classes=GRADES, **one)


WELLS = st.sets(
    st.tuples(
        st.sampled_from(["P1", "P 2", 'P"3', "P,4", "ü"]),
        st.sampled_from(["A", "B1", "2"]),
        st.sampled_from(["1", "2", "12"]),
    ),
    min_size=1,
).map(lambda wells: sorted(wells, key=lambda one: (one[:2], int(one[2]))))


@settings(max_examples=30)
@given(wells=WELLS, seed=st.integers(0, 9), sep=st.sampled_from([",", ";"]), joint=st.booleans())
def test_columns_of_the_last_field_come_back(
    wells: list[tuple[str, str, str]], seed: int, sep: str, joint: bool
) -> None:
    form = PIVOT.replace("file: {", f"file: {{sep: '{sep}', ")
    form = form.replace("{row}_{column}", "{row}{column}") if joint else form
    ids = [f"{plate}_{row}{'' if joint else '_'}{column}" for plate, row, column in wells]
    if len({*ids}) < len(ids):
        return  # row 1 and column 12 are as row 11 and column 2
    answers = np.random.default_rng(seed).integers(0, len(GRADES), len(ids))
    with tempfile.TemporaryDirectory() as folder:
        spec = of_plates(Path(folder), ids, form)
        sent = write_submission(Path(folder) / "sent.csv", spec, ids, None, answers)
        assert check(sent, spec) == []
        expected = expected_of_ids(format_of(spec), ids)
        np.testing.assert_array_equal(read_labels(sent, expected), answers)
        with sent.open(newline="") as stream:
            header, *rows = csv.reader(stream, delimiter=sep)
    assert header == ["plate", "row", "1", "2", "12"]
    cells = {
        (row[0], row[1], column): cell
        for row in rows
        for column, cell in zip(header[2:], row[2:], strict=True)
        if cell
    }
    if not joint:
        truth = [GRADES[one] for one in answers]
        assert cells == dict(zip(wells, truth, strict=True))
        assert len(rows) == len({one[:2] for one in wells})


@settings(max_examples=30)
@given(
    cells=st.dictionaries(
        st.tuples(st.sampled_from("PQR"), st.sampled_from("AB"), st.sampled_from(["1", "2", "12"])),
        st.sampled_from(GRADES),
        min_size=1,
    ),
    seed=st.integers(0, 9),
)
def test_a_map_by_hand_is_read_by_its_cells_in_any_order_of_lines(
    cells: dict[tuple[str, str, str], str], seed: int
) -> None:
    ids = ["_".join(one) for one in sorted(cells)]
    lines = sorted({one[:2] for one in cells})
    np.random.default_rng(seed).shuffle(lines)
    rows = [[*line, *(cells.get((*line, one), "") for one in ("1", "2", "12"))] for line in lines]
    with tempfile.TemporaryDirectory() as folder:
        spec = of_plates(Path(folder), ids)
        sent = Path(folder) / "sent.csv"
        with sent.open("w", newline="") as file:
            csv.writer(file).writerows([["plate", "row", "1", "2", "12"], *rows])
        assert [one for one in check(sent, spec) if one.level == "error"] == []
        read = read_labels(sent, expected_of_ids(format_of(spec), ids))
    assert [GRADES[one] for one in read] == [cells[one] for one in sorted(cells)]


@pytest.mark.parametrize(
    ("old", "new", "told", "line"),
    [
        ("P1,B,low,,", "P1,B,bad,,", "'bad' (line 3, column '1')", None),
        ("P1,B,low,,", "P1,B,low,high,", "not in sample.csv: 'P1_B_2' (line 3, column '2')", None),
        ("P1,B,low,,", "P1,B,,,", "missing (1 of 5): 'P1_B_1'", None),
        ("P1,B,low,,", "P1,C,low,,", "'P1_C_1' (line 3, column '1')", None),
        ("P1,B,low,,", "P1,B,low,", "the row has 4 cells, and there are 5 columns", 3),
        ("plate,row,1,2,12", "plate,row,1,2,3", "the header must be 'plate,row,1,2,12'", 1),
    ],
)
def test_a_fault_of_a_map_is_told_by_line_and_column(
    tmp_path: Path, old: str, new: str, told: str, line: int | None
) -> None:
    ids = ["P1_A_1", "P1_A_2", "P1_A_12", "P1_B_1", "P2_A_12"]
    spec = of_plates(tmp_path, ids)
    sent = write_submission(tmp_path / "sent.csv", spec, ids, None, np.zeros(5, dtype=np.int64))
    text = sent.read_text()
    assert text.count(old) == 1
    sent.write_text(text.replace(old, new))
    first = check(sent, spec)[0]
    assert (told in first.message, first.line) == (True, line)


def test_rows_of_a_line_that_are_apart_are_refused(tmp_path: Path) -> None:
    ids = ["P1_A_1", "P2_A_1", "P1_A_2"]
    spec = of_plates(tmp_path, ids)
    with pytest.raises(SubmissionError, match="'P1', 'A' are apart"):
        write_submission(tmp_path / "sent.csv", spec, ids, None, np.zeros(3, dtype=np.int64))
    spec = of_plates(tmp_path, ["P1_A_1", "P1_A_7"])
    with pytest.raises(SubmissionError, match="'P1_A_7' is not as"):
        write_submission(tmp_path / "sent.csv", spec, ["P1_A_1", "P1_A_7"], None, np.zeros(2, int))


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("id_of: '{plate}_{row}_{column}', ", "", "pivot needs an id of several columns"),
        ("['1', '2', '12']", "['1']", "two columns or more"),
        ("['1', '2', '12']", "['1', '1']", "each once"),
        ("{row}_{column}", "{row}_{plate}", "has a field twice"),
        ("['1', '2', '12']", "['1', plate]", "'plate' cannot stand in file.pivot"),
        ("value: name", "value: labels", "blank cell for no row"),
    ],
)
def test_columns_of_the_last_field_that_do_not_fit_are_refused(
    tmp_path: Path, old: str, new: str, told: str
) -> None:
    assert old in PIVOT
    with pytest.raises((DataError, ValueError), match=told):
        format_of(of_plates(tmp_path, ["P1_A_1"], PIVOT.replace(old, new)))


def test_a_host_scores_a_map(tmp_path: Path) -> None:
    ids = ["P1_A_1", "P1_A_2", "P1_B_12", "P2_A_2"]
    spec = of_plates(tmp_path, ids)
    lines = [["id", "grade"], *([one, GRADES[n % 3]] for n, one in enumerate(ids))]
    with (tmp_path / "solution.csv").open("w", newline="") as file:
        csv.writer(file).writerows(lines)
    host = init_host(tmp_path / "host", spec, tmp_path / "solution.csv")
    shown = (host.files / "sample.csv").read_text()
    assert shown.splitlines()[:2] == ["plate,row,1,2,12", "P1,A,low,low,"]
    loaded = host.spec()
    sent = tmp_path / "sent.csv"
    sent.write_text('plate,row,1,2,12\nP2,A,,low,\nP1,B,,,low\nP1,A,low,"mid, or so",\n')
    assert score_file(sent, loaded, read_solution(host.solution, loaded.format)).public == 0.75
