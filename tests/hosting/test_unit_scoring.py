"""A host of objects or pixels: its solution is a submission with columns more; scores are exact."""

from __future__ import annotations

import csv
import tracemalloc

import numpy as np
import pytest
from PIL import Image
from submissions.instance_cases import competition_of_objects, rectangle

from podium.competition.sections.tasks import MetricSpec
from podium.competition.spec import load_competition
from podium.competition.truths.instances import Instances
from podium.errors import DataError, SubmissionError, UsageError
from podium.hosting import init_host, running
from podium.hosting.host import Host
from podium.hosting.scoring.objects import solution_format
from podium.hosting.scoring.score import refuse_unscorable, score_file
from podium.hosting.scoring.solution import read_solution
from podium.hosting.spec import HostSpec
from podium.submissions import submit_file, write_instances, write_pixels
from podium.submissions.format.spec import SubmissionFormat, format_of
from podium.workspace.layout import Workspace

SIZES = {"a": (4, 6), "b": (2, 3), "c": (2, 2), "d": (4, 6)}
USAGE = {"a": "Public", "b": "Private", "c": "Ignored", "d": "Private"}
ROW = [rectangle((4, 6), y, 0, 1, 5) for y in (0, 1, 3)]
TRUTH = {
    "a": Instances.from_planes((4, 6), ROW),
    "b": Instances.nothing((2, 3)),
    "c": Instances.nothing((2, 2)),
    "d": Instances.from_planes((4, 6), ROW[:2]),
}
HALF = {
    "a": Instances.from_planes((4, 6), [ROW[0], rectangle((4, 6), 1, 1, 1, 4)]),
    "b": Instances.nothing((2, 3)),
    "c": Instances.nothing((2, 2)),
    "d": Instances.from_planes((4, 6), ROW[:1]),
}
# Of a: one found, one with an IoU of 4/5, which passes six thresholds, one missed. Of d: 1 of 2.
F2 = {"a": (6 * 10 / 14 + 4 * 5 / 14) / 10, "b": 1.0, "d": 5 / 9}
LIST = (
    "value: coco64, columns: {id: id, height: height, width: width, said: value}, "
    "item: '{label} {conf} {mask}'"
)


def solution_of(folder, competition, write, truth, *, sizes=None, usage=USAGE):
    """Return the file of the truth as a submission, with Usage and, where asked, sizes behind."""
    file = write(folder / "right.csv", competition, truth.items(), SIZES)
    with file.open(newline="") as rows:
        header, *rest = csv.reader(rows)
    path = folder / "solution.csv"
    with path.open("w", newline="") as rows:
        writer = csv.writer(rows)
        writer.writerow([*header, *(["height", "width"] if sizes else []), "Usage"])
        for cells in rest:
            one = cells[0].split("_")[0]
            writer.writerow([*cells, *(sizes[one] if sizes else []), usage[one]])
    return path


def spec_of(competition):
    return HostSpec(slug="s", title="S", metric=competition.metric, format=format_of(competition))


def test_objects_are_scored_as_the_formula_on_each_part(tmp_path):
    competition = competition_of_objects(tmp_path, sizes=SIZES, metric="{name: iou_f2}")
    solution = solution_of(tmp_path, competition, write_instances, TRUTH, sizes=SIZES)
    init_host(tmp_path / "host", competition, solution, ["ann"])
    host = Host(tmp_path / "host")
    path = write_instances(tmp_path / "s.csv", competition, reversed(HALF.items()), SIZES)
    scores = score_file(path, host.spec, host._solution)
    assert scores.public == pytest.approx(F2["a"])
    assert scores.private == pytest.approx((F2["b"] + F2["d"]) / 2)
    scores = score_file(tmp_path / "right.csv", host.spec, host._solution)
    assert (scores.public, scores.private) == (1.0, 1.0)


def test_lists_are_scored_by_their_confidence(tmp_path):
    competition = competition_of_objects(
        tmp_path, LIST, classes=["x", "y"], sizes=SIZES,
        metric="{name: mask_map, thresholds: [0.5]}",
    )  # fmt: skip
    truth = {**TRUTH, "b": Instances.from_planes((2, 3), [rectangle((2, 3), 0, 0, 2, 1)], [1])}
    solution = solution_of(tmp_path, competition, write_instances, truth)
    form = format_of(competition)
    read = read_solution(solution, form)
    refuse_unscorable(spec_of(competition), read)
    # Private is b and d: of class x one of two is found behind a false alarm, y is found.
    wrong = rectangle((4, 6), 2, 0, 1, 5)
    predicted = {
        **truth,
        "d": Instances.from_planes((4, 6), [ROW[0], wrong], [0, 0], [0.5, 0.75]),
    }
    path = write_instances(tmp_path / "s.csv", competition, predicted.items(), SIZES)
    scores = score_file(path, spec_of(competition), read)
    assert scores.public == 1.0
    assert scores.private == pytest.approx((0.5 * 0.5 + 1) / 2)


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ("a,1 2,4,6,Public\na,3 1,4,5,Public\n", "rows of several sizes: 'a' (line 3)"),
        ("a,1 2,4,6,Public\na,3 1,4,6,Private\n", "rows of several Usage: 'a' (line 3)"),
        ("a,1 2,4,6,Secret\n", "not Public, Private or Ignored: 'secret' (line 2)"),
        ("a,1 2,0,6,Public\n", "no size: '0 x 6' (line 2)"),
        ("a,1 2,4,x,Public\n", "no size: '4 x x' (line 2)"),
        ("a,1 2,4,6\n", "have not 5 cells: 4 cells (line 2)"),
        ("a,30 2,4,6,Public\n", "another size than the image: 'a' character 1"),
        ("a,1 2,4,6,Public\na,2 2,4,6,Public\n", "share pixels: 'a' line 3 and line 2"),
        ("", "no rows"),
    ],
)
def test_a_solution_of_objects_that_cannot_be_is_refused_with_its_lines(tmp_path, rows, words):
    form = format_of(competition_of_objects(tmp_path, sizes=SIZES))
    path = tmp_path / "solution.csv"
    path.write_text("id,rle,height,width,Usage\n" + rows)
    with pytest.raises(DataError) as caught:
        read_solution(path, form)
    assert words in caught.value.message
    assert str(path) in str(caught.value.where)


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("id,height,width", "add rle"),
        ("id,rle,height,width,Class", "remove Class"),
        ("id,rle,Usage", "and Usage, height and width"),
        ("", "add id, rle"),
    ],
)
def test_a_solution_with_other_columns_is_refused(tmp_path, header, words):
    form = format_of(competition_of_objects(tmp_path, sizes=SIZES))
    path = tmp_path / "solution.csv"
    path.write_text(header + "\na,1 2,Public\n")
    with pytest.raises(DataError) as caught:
        read_solution(path, form)
    assert words in (caught.value.fix or "")


def test_problems_of_objects_are_reported_without_revealing_the_solution(tmp_path):
    competition = competition_of_objects(tmp_path, sizes=SIZES, metric="{name: iou_f2}")
    solution = solution_of(tmp_path, competition, write_instances, TRUTH, sizes=SIZES)
    read = read_solution(solution, format_of(competition))
    file = tmp_path / "s.csv"
    file.write_text("id,rle\na,1 2\na,2 2\nb,9 9\nz,1 1\nd,\n")
    with pytest.raises(SubmissionError) as caught:
        score_file(file, spec_of(competition), read)
    text = caught.value.message
    for words in (
        "'a' line 3 and line 2",
        "'b' character 1",
        "'z' (line 5)",
        "missing (1 of 4): 'c'",
    ):
        assert words in text
    for hidden in ("Private", "Public", "solution", str(tmp_path)):
        assert hidden not in text


GREY = {
    "1": np.array([[1, 0.5], [0, 0.25]], dtype=np.float32),
    "2": np.array([[1, 0, 0.5]], dtype=np.float32),
    "3": np.array([[0.5]], dtype=np.float32),
}
PIXEL_USAGE = {"1": "Public", "2": "Private", "3": "Private"}


def pages_at(folder, *, metric="pixel_rmse", value="prob", order="F"):
    (folder / "test").mkdir(exist_ok=True)
    for one, grey in GREY.items():
        Image.new("L", grey.shape[::-1]).save(folder / "test" / f"{one}.png")
    (folder / "competition.yaml").write_text(f"""
name: pages
tasks: {{segment: binary}}
data:
  train: {{images: "train/*.png", mask: "masks/{{stem}}.png"}}
  test: {{images: "test/*.png"}}
metric: {{name: {metric}}}
submission:
  rows: pixel
  id: "{{id}}_{{row}}_{{column}}"
  columns: {{id: id, value: value}}
  value: {value}
  rle: {{order: {order}}}
kaggle: {{slug: pages}}
""")
    return load_competition(folder)


@pytest.mark.parametrize("order", ["F", "C"])
def test_pixels_are_scored_as_the_formula_on_each_part(tmp_path, order):
    competition = pages_at(tmp_path)
    write = lambda path, spec, values, _: write_pixels(path, spec, values)  # noqa: E731
    solution = solution_of(tmp_path, competition, write, GREY, usage=PIXEL_USAGE)
    init_host(tmp_path / "host", competition, solution, ["ann"])
    host = Host(tmp_path / "host")
    off = {one: np.clip(grey + 0.25, 0, 1) for one, grey in GREY.items()}
    path = write_pixels(tmp_path / "s.csv", pages_at(tmp_path, order=order), off.items())
    scores = score_file(path, host.spec, host._solution)
    # Where the page is white, 1, nothing is added: 3 of 4 pixels are 1/4 off, and 3 of 4.
    assert scores.public == pytest.approx(np.sqrt(3 / 4 / 16))
    assert scores.private == pytest.approx(np.sqrt(3 / 4 / 16))
    scores = score_file(tmp_path / "right.csv", host.spec, host._solution)
    assert (scores.public, scores.private) == (0.0, 0.0)


def test_a_metric_of_decisions_takes_pixels_from_a_half_on(tmp_path):
    competition = pages_at(tmp_path, metric="pixel_accuracy")
    solution = tmp_path / "solution.csv"
    solution.write_text("id,value\n1_1_1,1\n1_2_1,0\n1_1_2,1\n1_2_2,0\n")
    read = read_solution(solution, format_of(competition))
    refuse_unscorable(spec_of(competition), read)
    path = tmp_path / "s.csv"
    path.write_text("id,value\n1_1_1,0.9\n1_2_1,0.49\n1_1_2,0.5\n1_2_2,0.51\n")
    assert score_file(path, spec_of(competition), read).public == pytest.approx(3 / 4)


def test_labels_of_pixels_are_scored_and_give_no_probability(tmp_path):
    competition = pages_at(tmp_path, metric="mean_dice", value="label")
    solution = tmp_path / "solution.csv"
    solution.write_text("id,value\n1_1_1,1\n1_2_1,1\n1_1_2,1\n1_2_2,1\n")
    read = read_solution(solution, format_of(competition))
    refuse_unscorable(spec_of(competition), read)
    path = tmp_path / "s.csv"
    path.write_text("id,value\n1_1_1,1\n1_2_1,1\n1_1_2,1\n1_2_2,0\n")
    assert score_file(path, spec_of(competition), read).public == pytest.approx(6 / 7)
    spec = spec_of(competition).model_copy(update={"metric": MetricSpec(name="pixel_rmse")})
    with pytest.raises(UsageError, match="needs probabilities"):
        refuse_unscorable(spec, read)


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ("1_1_1,1,Public\n1_2_1,1,Private\n", "rows of several Usage: '1' (line 3)"),
        ("1_1_1,1,Public\n1_2_2,1,Public\n", "not all pixels of 2 x 2: '1'"),
        ("1_0_1,1,Public\n", "no pixel's: '1_0_1' (line 2)"),
        ("x,1,Public\n", "no pixel's: 'x' (line 2)"),
        ("1_1_1,2,Public\n", "outside [0, 1]: '1_1_1' '2' (line 2)"),
        ("1_1_1,,Public\n", "missing values"),
        ("1_1_1,1,Public\n1_1_1,1,Public\n", "not all pixels of 1 x 1"),
    ],
)
def test_a_solution_of_pixels_that_cannot_be_is_refused_with_its_lines(tmp_path, rows, words):
    path = tmp_path / "solution.csv"
    path.write_text("id,value,Usage\n" + rows)
    with pytest.raises(DataError) as caught:
        read_solution(path, format_of(pages_at(tmp_path)))
    assert words in caught.value.message


def test_a_host_of_other_images_than_the_sample_is_refused(tmp_path):
    competition = pages_at(tmp_path)
    text = (tmp_path / "competition.yaml").read_text()
    (tmp_path / "competition.yaml").write_text(
        text.replace("  value: prob", "  value: prob\n  sample: sample.csv")
    )
    (tmp_path / "sample.csv").write_text("id,value\n1_1_1,0\n9_1_1,0\n")
    solution = tmp_path / "solution.csv"
    solution.write_text("id,value\n1_1_1,1\n")
    competition = load_competition(tmp_path)
    with pytest.raises(DataError, match=r"1 row of sample\.csv is not in the solution"):
        init_host(tmp_path / "host", competition, solution, ["ann"])


def test_scoring_objects_holds_one_image_in_memory(tmp_path):
    side, n = 256, 80
    rng = np.random.default_rng(0)
    planes = [rng.random((side, side)) < 0.02 for _ in range(6)]
    names = [f"{k:03d}" for k in range(n)]
    sizes = dict.fromkeys(names, (side, side))
    competition = competition_of_objects(
        tmp_path, "rows: instance", sizes=sizes, metric="{name: iou_f2}"
    )
    truth = ((one, Instances.from_planes((side, side), planes)) for one in names)
    file = write_instances(tmp_path / "s.csv", competition, truth, sizes)
    header, *rows = file.read_text().splitlines()
    solution = tmp_path / "solution.csv"
    solution.write_text(f"{header},height,width\n" + "".join(f"{r},{side},{side}\n" for r in rows))
    read = read_solution(solution, format_of(competition))
    tracemalloc.start()
    assert score_file(file, spec_of(competition), read).public == 1.0
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert file.stat().st_size > 4_000_000
    assert peak < 4_000_000


@pytest.mark.slow
def test_objects_go_up_through_the_official_client_and_come_back_scored(tmp_path):
    competition = competition_of_objects(tmp_path, sizes=SIZES, metric="{name: iou_f2}")
    solution = solution_of(tmp_path, competition, write_instances, TRUTH, sizes=SIZES)
    init_host(tmp_path / "host", competition, solution, ["ann"])
    file = write_instances(tmp_path / "s.csv", competition, HALF.items(), SIZES)
    with running(tmp_path / "host") as hosted:
        endpoint = hosted.endpoint("ann")
        receipt = submit_file(Workspace(tmp_path), competition, file, endpoint=endpoint)
    assert receipt.public_score == pytest.approx(F2["a"], abs=5e-6)


def test_solution_has_its_own_columns_whatever_the_submission_format(tmp_path):
    columns = {"ImageId": "id", "EncodedPixels": "value"}
    form = SubmissionFormat(
        rows="instance", task="segment", kind="instance", columns=columns, value="rle"
    )
    assert form.header == ["ImageId", "EncodedPixels"]
    path = tmp_path / "solution.csv"
    path.write_text("ImageId,EncodedPixels,height,width,Usage\na,1 2,4,4,Public\n")
    assert solution_format(path, form).header[2:] == ["height", "width", "Usage"]
