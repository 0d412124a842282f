"""Slices of a volume are scored together, as the metric of whole volumes says."""

from __future__ import annotations

import csv

import numpy as np
import pytest

from podium.competition import metrics
from podium.competition.spec import load_competition
from podium.errors import DataError, SubmissionError
from podium.hosting import init_host, write_mask_solution
from podium.hosting.scoring.score import score_file
from podium.hosting.scoring.solution import read_solution
from podium.submissions.format.answers import write_answers
from podium.submissions.format.cells import ExpectedRows
from podium.submissions.format.mask_sizes import MaskSizes

DEPTHS = {"p1": 4, "p2": 3, "p3": 5, "p4": 2}
USAGE = {"p1": "Public", "p2": "Private", "p3": "Public", "p4": "Private"}
RNG = np.random.default_rng(4)
TRUTH = {
    name: np.kron(RNG.integers(0, 3, (depth, 4, 4)), np.ones((1, 3, 3))).astype(np.uint8)
    for name, depth in DEPTHS.items()
}
# 10 comes after 9: the order of the ids as text would be another one.
SLICES = {f"{name}-{8 + place}": (name, place) for name, n in DEPTHS.items() for place in range(n)}


def competition_of(folder, metric="dice_hausdorff"):
    (folder / "competition.yaml").write_text(f"""
name: organs
tasks: {{segment: multiclass}}
classes: [liver, spleen]
data:
  train: {{images: "train/{{volume}}/*.png", mask: "masks/{{volume}}/{{id}}.png", unit: volume}}
  test: {{images: "test/*.png"}}
metric: {{name: {metric}}}
submission:
  value: rle
  rows: image_class
  columns: {{id: id, class: class_name, rle: value}}
""")
    return load_competition(folder)


def wrong(volumes, share=0.2):
    rng = np.random.default_rng(1)
    return {
        name: np.where(rng.random(one.shape) < share, (one + 1) % 3, one).astype(np.uint8)
        for name, one in volumes.items()
    }


@pytest.fixture
def host_of(tmp_path):
    """Return a factory: hidden volumes as a host, with changes to their rows."""

    def make(metric="dice_hausdorff", *, change=None, volumes=True, with_slices=True):
        competition = competition_of(tmp_path, metric)
        masks = [(one, TRUTH[name][place]) for one, (name, place) in SLICES.items()]
        usage = {one: USAGE[name] for one, (name, _) in SLICES.items()}
        path = tmp_path / "solution.csv"
        write_mask_solution(
            path, competition, masks[::-1], usage, volumes=SLICES if volumes else None
        )
        with path.open(newline="") as file:
            rows = list(csv.DictReader(file))
        for row in rows:
            (change or (lambda _: None))(row)
            if not with_slices:
                row.pop("slice", None)
        with path.open("w", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
        return init_host(tmp_path / "host", competition, path, ["ann"])

    return make


def written(path, form, volumes):
    masks = [(one, volumes[name][place]) for one, (name, place) in SLICES.items()]
    sizes = MaskSizes({one: mask.shape for one, mask in masks})
    write_answers(path, ExpectedRows(form, list(form.keys(SLICES)), sizes), masks)
    return path


@pytest.mark.parametrize("metric", ["dice_hausdorff", "surface_dice"])
@pytest.mark.parametrize("with_slices", [True, False])
def test_a_host_scores_volumes_as_the_metric_does(tmp_path, host_of, metric, with_slices):
    host = host_of(metric, with_slices=with_slices)
    spec = host.spec()
    solution = read_solution(host.solution, spec.format)
    printed = wrong(TRUTH)
    scores = score_file(written(tmp_path / "mine.csv", spec.format, printed), spec, solution)
    for usage, score in (("Public", scores.public), ("Private", scores.private)):
        names = [name for name in DEPTHS if USAGE[name] == usage]
        right = metrics.score(
            metric,
            [TRUTH[name] for name in names],
            [printed[name] for name in names],
            kind="multiclass",
            n_classes=2,
        )
        assert score == pytest.approx(right, abs=1e-12)
    perfect = score_file(written(tmp_path / "right.csv", spec.format, TRUTH), spec, solution)
    assert (perfect.public, perfect.private) == (pytest.approx(1.0), pytest.approx(1.0))


def test_slices_are_ordered_by_their_numbers(tmp_path, host_of):
    """A volume upside down is another one, so numbers that say another order change the score."""

    def turned(row):
        row["slice"] = str((int(row["slice"]) * 7) % 5)  # another order of 0 … 4

    printed = wrong(TRUTH)
    host = host_of(change=turned)
    spec = host.spec()
    solution = read_solution(host.solution, spec.format)
    score = score_file(written(tmp_path / "mine.csv", spec.format, printed), spec, solution)
    names = ["p1", "p3"]
    order = {name: sorted(range(DEPTHS[name]), key=lambda z: z * 7 % 5) for name in names}
    right = metrics.score(
        "dice_hausdorff",
        [TRUTH[name][order[name]] for name in names],
        [printed[name][order[name]] for name in names],
        kind="multiclass",
        n_classes=2,
    )
    assert score.public == pytest.approx(right, abs=1e-12)


def test_a_missing_slice_is_reported_without_revealing_its_volume(tmp_path, host_of):
    host = host_of()
    spec = host.spec()
    path = written(tmp_path / "mine.csv", spec.format, TRUTH)
    lines = path.read_text().splitlines()
    path.write_text("\n".join(lines[:-2]) + "\n")
    with pytest.raises(SubmissionError, match="p4-9") as caught:
        score_file(path, spec, read_solution(host.solution, spec.format))
    assert "rivate" not in caught.value.message


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"volumes": False}, "add the columns volume"),
        (
            {
                "change": lambda row: row.update(
                    Usage="Private" if row["id"] == "p1-8" else "Public"
                )
            },
            "only some slices are p",
        ),
        ({"change": lambda row: row.update(slice="1")}, "have one place"),
        (
            {
                "change": lambda row: row.update(
                    slice="top" if row["id"] == "p1-8" else row["slice"]
                )
            },
            "slices without a number: 'p1-8'",
        ),
    ],
)
def test_a_solution_that_does_not_ask_for_whole_volumes_is_refused(host_of, options, words):
    with pytest.raises(DataError, match=words):
        host_of(**options)
