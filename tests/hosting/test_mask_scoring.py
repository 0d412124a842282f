"""A host of masks: its solution file, and scores equal to a formula on every part."""

from __future__ import annotations

import csv
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from podium.competition.sections.tasks import MetricSpec
from podium.competition.spec import Competition, load_competition
from podium.competition.truths.masks import IGNORE
from podium.errors import DataError, SubmissionError, UsageError
from podium.hosting import init_host, running, write_mask_solution
from podium.hosting.host import Host
from podium.hosting.scoring import rescoring
from podium.hosting.scoring.masks import read_mask_solution
from podium.hosting.scoring.rescoring import rescore
from podium.hosting.scoring.score import refuse_unscorable, score_file, step_of_one_image
from podium.hosting.scoring.solution import read_solution
from podium.hosting.setup.from_solution import init_from_solution
from podium.hosting.spec import HostSpec
from podium.submissions import submit_file, write_masks
from podium.submissions.format.spec import SubmissionFormat, format_of
from podium.workspace.layout import Workspace

CLASSES = ("x", "y")
SIZES = {f"i{k}": (5 + k % 3, 7) for k in range(12)}
USAGE = {one: ("Public", "Private", "Ignored", "Private")[k % 4] for k, one in enumerate(SIZES)}
HEADER = "id,class,rle,height,width,Usage\n"


def competition_at(folder, kind, metric="mean_dice", empty="") -> Competition:
    rows = "" if kind == "binary" else 'rows: image_class, id: "{id}_{number}", '
    names = [] if kind == "binary" else list(CLASSES)
    numbers = [""] if kind == "binary" else ["_1", "_2"]
    ids = [f"{one}{n}" for one in SIZES for n in numbers]
    (folder / "sample.csv").write_text("id,rle\n" + "".join(f"{i},{empty}\n" for i in ids))
    (folder / "competition.yaml").write_text(f"""
name: stains
tasks: {{segment: {kind}}}
classes: {names}
data:
  train: {{images: "train/*.png", mask: "masks/{{stem}}.png"}}
  test: {{images: "test/*.png"}}
metric: {{name: {metric}}}
submission: {{sample: sample.csv, {rows}empty: "{empty}"}}
kaggle: {{slug: stains}}
""")
    return load_competition(folder)


def masks_like(kind, seed, share=0.3):
    rng = np.random.default_rng(seed)
    masks = {}
    for one, size in SIZES.items():
        shape = (*size, 2) if kind == "multilabel" else size
        top = 2 if kind == "multiclass" else 1
        values = rng.integers(1, top + 1, shape) * (rng.random(shape) < share)
        masks[one] = values.astype(np.uint8) * (rng.random() < 0.8)
    return masks


def mean_dice_by_hand(truth, predicted, kind, names):
    """Return the mean over images and classes of Dice, both empty counting 1."""
    scores = []
    for one in names:
        for k in range(1 if kind == "binary" else 2):
            t = truth[one][..., k] == 1 if kind == "multilabel" else truth[one] == k + 1
            s = predicted[one][..., k] == 1 if kind == "multilabel" else predicted[one] == k + 1
            known = (truth[one][..., k] if kind == "multilabel" else truth[one]) != IGNORE
            t, s = t & known, s & known
            total = t.sum() + s.sum()
            scores.append(1.0 if total == 0 else 2 * (t & s).sum() / total)
    return np.mean(scores)


def parts():
    return ([one for one in SIZES if USAGE[one] == part] for part in ("Public", "Private"))


@pytest.mark.parametrize("kind", ["binary", "multiclass", "multilabel"])
@pytest.mark.parametrize("unknown", [False, True])
def test_a_host_scores_masks_as_the_formula_on_each_part(tmp_path, kind, unknown):
    competition = competition_at(tmp_path, kind, empty="-1")
    truth, predicted = masks_like(kind, 1), masks_like(kind, 2)
    if unknown:
        for k, mask in enumerate(truth.values()):
            mask[: k % 3] = IGNORE
    write_mask_solution(tmp_path / "solution.csv", competition, truth.items(), USAGE)
    folder = tmp_path / "host"
    init_host(folder, competition, tmp_path / "solution.csv", ["ann"])
    host = Host(folder)
    path = write_masks(tmp_path / "s.csv", competition, reversed(predicted.items()), SIZES)
    scores = score_file(path, host.spec, host._solution)
    for score, names in zip((scores.public, scores.private), parts(), strict=True):
        assert score == pytest.approx(mean_dice_by_hand(truth, predicted, kind, names))
    perfect = ((one, mask * (mask != IGNORE)) for one, mask in truth.items())
    write_masks(path, competition, perfect, SIZES)
    scores = score_file(path, host.spec, host._solution)
    assert (scores.public, scores.private) == (1.0, 1.0)
    assert step_of_one_image(host.spec, host._solution) == pytest.approx(1 / 3)  # public images


def test_a_pooled_metric_pools_the_pixels_of_a_part(tmp_path):
    competition = competition_at(tmp_path, "binary", metric="global_dice")
    truth, predicted = masks_like("binary", 3), masks_like("binary", 4)
    write_mask_solution(tmp_path / "solution.csv", competition, truth.items(), USAGE)
    solution = read_solution(tmp_path / "solution.csv", format_of(competition))
    spec = HostSpec(
        slug="s", title="S", metric=MetricSpec(name="global_dice"), format=format_of(competition)
    )
    path = write_masks(tmp_path / "s.csv", competition, predicted.items(), SIZES)
    scores = score_file(path, spec, solution)
    for score, names in zip((scores.public, scores.private), parts(), strict=True):
        both = sum((truth[one] & predicted[one]).sum() for one in names)
        total = sum(truth[one].sum() + predicted[one].sum() for one in names)
        assert score == pytest.approx(2 * both / total)


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(
    kind=st.sampled_from(["binary", "multiclass", "multilabel"]),
    data=st.data(),
)
def test_any_truth_comes_back_from_a_solution(tmp_path_factory, kind, data):
    folder = tmp_path_factory.mktemp("solution")
    competition = competition_at(folder, kind)
    truth = {}
    for one in data.draw(st.lists(st.sampled_from(list(SIZES)), min_size=1, unique=True)):
        size = data.draw(st.tuples(st.integers(1, 6), st.integers(1, 6)))
        values = st.sampled_from([0, 1, 2, IGNORE] if kind == "multiclass" else [0, 1])
        shape = (*size, 2) if kind == "multilabel" else size
        mask = data.draw(arrays.arrays(np.uint8, shape, elements=values))
        mask[data.draw(arrays.arrays(np.bool_, size))] |= data.draw(st.sampled_from([0, IGNORE]))
        truth[one] = mask
    path = write_mask_solution(folder / "solution.csv", competition, truth.items(), USAGE)
    solution = read_mask_solution(path, format_of(competition))
    assert list(solution.ids) == list(truth)
    for mask, right in zip(solution.masks(), truth.values(), strict=True):
        np.testing.assert_array_equal(mask, right)


def form_of(kind="multilabel"):
    rows = {"rows": "image_class", "id": "{id}_{class}"} if kind != "binary" else {}
    classes = () if kind == "binary" else CLASSES
    columns = {"id": "id", "rle": "value"}
    return SubmissionFormat(
        task="segment", kind=kind, classes=classes, columns=columns, value="rle", **rows
    )


def test_a_solution_may_name_classes_by_number_and_leave_empty_ones_out(tmp_path):
    path = tmp_path / "solution.csv"
    path.write_text(HEADER + 'b,2,1 2,2,2,Private\n"a",x,,1,3,PUBLIC\nb,x,4 1,2,2,private\n')
    solution = read_mask_solution(path, form_of())
    assert solution.ids == ("b", "a")
    assert solution.sizes == {"a": (1, 3), "b": (2, 2)}
    assert (solution.public.tolist(), solution.private.tolist()) == ([False, True], [True, False])
    b, a = solution.masks()
    assert b[..., 0].tolist() == [[0, 0], [0, 1]]
    assert b[..., 1].tolist() == [[1, 0], [1, 0]]
    assert not a.any()


def test_a_solution_of_one_mask_an_image_needs_no_class_and_no_usage(tmp_path):
    path = tmp_path / "solution.csv"
    path.write_text("image,width,height,EncodedPixels\na,3,1,2 2\nb,3,1,\n")
    solution = read_mask_solution(path, form_of("binary"))
    assert solution.public.all()
    assert [mask.tolist() for mask in solution.masks()] == [[[0, 1, 1]], [[0, 0, 0]]]


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ("a,x,1 1,2,2,Public\na,x,2 1,2,2,Public\n", "repeat an image and class: 'a' (line 3)"),
        ("a,z,1 1,2,2,Public\n", "unknown classes: 'z' (line 2)"),
        ("a,x,1 1,0,2,Public\n", "no size: '0 x 2' (line 2)"),
        ("a,x,1 1,2,,Public\n", "no size: '2 x ' (line 2)"),
        ("a,x,1 1,2,2,Public\na,y,,2,3,Public\n", "rows of several sizes: 'a' (line 3)"),
        ("a,x,1 1,2,2,Public\na,y,,2,2,Private\n", "rows of several Usage: 'a' (line 3)"),
        ("a,x,1 1,2,2,Secret\n", "not Public, Private or Ignored: 'secret' (line 2)"),
        ("a,x,1 1,2,2\n", "have not 6 cells: '5' (line 2)"),
        ("", "holds no rows"),
    ],
)
def test_a_solution_that_cannot_be_is_refused_with_its_lines(tmp_path, rows, words):
    path = tmp_path / "solution.csv"
    path.write_text(HEADER + rows)
    with pytest.raises(DataError) as caught:
        read_solution(path, form_of())
    assert words in caught.value.message
    assert str(path) in str(caught.value.where)


@pytest.mark.parametrize(
    ("header", "words"),
    [("id,rle,height,width", "'class'"), ("id,class,rle,Usage", "'height', 'width'"), ("", "")],
)
def test_a_solution_without_a_column_is_refused(tmp_path, header, words):
    path = tmp_path / "solution.csv"
    path.write_text(header + "\n")
    with pytest.raises(DataError, match="has the columns id,class,rle") as caught:
        read_solution(path, form_of())
    assert words in (caught.value.fix or "")


def test_runs_that_do_not_fit_are_found_when_the_host_is_made(tmp_path):
    path = tmp_path / "solution.csv"
    spec = HostSpec(slug="s", title="S", metric=MetricSpec(name="mean_dice"), format=form_of())
    path.write_text(HEADER + "a,x,1 1,2,2,Public\na,y,4 2,2,2,Public\n")
    with pytest.raises(DataError, match="character 3 of the runs") as caught:
        refuse_unscorable(spec, read_solution(path, spec.format))
    assert caught.value.where == f"{path}:3"
    exclusive = form_of("multiclass")
    spec = spec.model_copy(update={"format": exclusive})
    path.write_text(HEADER + "a,x,1 2,2,2,Public\na,y,2 2,2,2,Public\n")
    with pytest.raises(DataError, match="classes of 'a' overlap"):
        refuse_unscorable(spec, read_solution(path, exclusive))


def test_a_metric_of_labels_cannot_score_masks(tmp_path):
    path = tmp_path / "solution.csv"
    path.write_text(HEADER + "a,x,1 1,2,2,Public\n")
    spec = HostSpec(slug="s", title="S", metric=MetricSpec(name="accuracy"), format=form_of())
    with pytest.raises(DataError, match="accuracy scores labels"):
        refuse_unscorable(spec, read_solution(path, spec.format))


def test_problems_are_reported_without_revealing_the_solution(tmp_path):
    path = tmp_path / "solution.csv"
    path.write_text(HEADER + "a,x,3 2,2,2,Public\nb,x,1 1,2,2,Private\n")
    spec = HostSpec(slug="s", title="S", metric=MetricSpec(name="mean_dice"), format=form_of())
    solution = read_solution(path, spec.format)
    file = tmp_path / "s.csv"
    file.write_text("id,rle\na_x,1 9\na_y,\nz_x,2 2\nb_x,1 1 1 1\n")
    with pytest.raises(SubmissionError) as caught:
        score_file(file, spec, solution)
    text = caught.value.message
    assert text.startswith("line 2: column 'rle': masks of another size than the image: 'a_x'")
    for words in ("'z_x' (line 4)", "missing (1 of 4): 'b_y'", "'b_x' character 5"):
        assert words in text
    for hidden in ("3 2", "Private", "Public", "solution", str(tmp_path)):
        assert hidden not in text


def test_a_host_of_other_ids_than_the_sample_is_refused(tmp_path):
    competition = competition_at(tmp_path, "binary")
    truth = dict(list(masks_like("binary", 1).items())[1:])
    write_mask_solution(tmp_path / "solution.csv", competition, truth.items(), USAGE)
    with pytest.raises(DataError, match=r"1 row of sample\.csv is not in the solution"):
        init_host(tmp_path / "host", competition, tmp_path / "solution.csv", ["ann"])


def test_a_solution_is_written_whole_or_not_at_all(tmp_path):
    competition = competition_at(tmp_path, "multilabel")
    path = tmp_path / "solution.csv"
    truth = masks_like("multilabel", 1)
    usage = dict.fromkeys(list(SIZES)[:-1], "Public")
    with pytest.raises(DataError, match="'i11' has no usage"):
        write_mask_solution(path, competition, truth.items(), usage)
    with pytest.raises(SubmissionError, match="shape"):
        write_mask_solution(path, competition, [("i0", truth["i0"][..., 0])], USAGE)
    partly = truth["i0"].copy()
    partly[0, 0, 0] = IGNORE
    with pytest.raises(DataError, match="only some classes ignore"):
        write_mask_solution(path, competition, [("i0", partly)], USAGE)
    assert not path.exists()
    assert not list(tmp_path.glob(".solution*"))


def test_a_solution_has_the_columns_of_its_documentation(tmp_path):
    competition = competition_at(tmp_path, "multiclass")
    mask = np.array([[0, 1], [2, IGNORE]], dtype=np.uint8)
    path = write_mask_solution(tmp_path / "solution.csv", competition, [("i0", mask)], USAGE)
    with path.open(newline="") as file:
        rows = list(csv.reader(file))
    assert rows == [
        ["id", "class", "rle", "height", "width", "Usage"],
        ["i0", "x", "3 1", "2", "2", "Public"],
        ["i0", "y", "2 1", "2", "2", "Public"],
        ["i0", "ignore", "4 1", "2", "2", "Public"],
    ]


def test_scoring_holds_one_image_in_memory(tmp_path):
    side, n = 512, 60
    form = form_of("binary")
    rng = np.random.default_rng(0)
    from podium.codecs import rle

    runs = [rle.encode(rng.random((side, side)) < 0.05) for _ in range(3)]
    names = [f"{k:03d}" for k in range(n)]
    path, file = tmp_path / "solution.csv", tmp_path / "s.csv"
    path.write_text(
        "id,rle,height,width\n" + "".join(f"{one},{runs[0]},{side},{side}\n" for one in names)
    )
    file.write_text("id,rle\n" + "".join(f"{one},{runs[1]}\n" for one in reversed(names)))
    spec = HostSpec(slug="s", title="S", metric=MetricSpec(name="mean_dice"), format=form)
    solution = read_solution(path, form)
    tracemalloc.start()
    scores = score_file(file, spec, solution)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert 0 < scores.public < 0.2
    assert file.stat().st_size > 5_000_000
    assert peak < 8_000_000


@pytest.mark.slow
def test_masks_go_up_through_the_official_client_and_come_back_scored(tmp_path):
    competition = competition_at(tmp_path, "multiclass")
    truth, predicted = masks_like("multiclass", 5), masks_like("multiclass", 6)
    write_mask_solution(tmp_path / "solution.csv", competition, truth.items(), USAGE)
    init_host(tmp_path / "host", competition, tmp_path / "solution.csv", ["ann"])
    file = write_masks(tmp_path / "s.csv", competition, predicted.items(), SIZES)
    with running(tmp_path / "host") as hosted:
        endpoint = hosted.endpoint("ann")
        receipt = submit_file(Workspace(tmp_path), competition, file, endpoint=endpoint)
    public, _ = parts()
    expected = mean_dice_by_hand(truth, predicted, "multiclass", public)
    assert receipt.public_score == pytest.approx(expected, abs=5e-6)
    assert (receipt.state, receipt.private_score) == ("complete", None)


OLD = "id,rle,height,width,Usage\na,1 2,2,3,Public\nb,2 3,2,3,Public\nc,,2,3,Private\n"


@pytest.fixture
def at_work(tmp_path):
    """A host of three masks of 2 x 3 pixels, and its folder."""
    (tmp_path / "old.csv").write_text(OLD)
    (tmp_path / "sample.csv").write_text("id,rle\na,\nb,\nc,\n")
    files = tmp_path / "old.csv", tmp_path / "sample.csv"
    metric = MetricSpec(name="mean_dice", empty="one")
    folder = init_from_solution(tmp_path / "host", *files, metric, daily_limit=99, users=["ann"])
    host = Host(folder.root)
    yield host, folder
    host.close()


def scores_of_upload(host):
    text = b"id,rle\na,1 2\nb,2 3\nc,\n"
    token = host.start_upload("ann", len(text), "s.csv")
    number, _ = host.upload_of(token)
    host.upload_path(number).write_bytes(text)
    host.finish_upload(number)
    ref = host.submit("ann", token, "")
    (row,) = [one for one in host.submissions("ann") if one["ref"] == ref]
    assert not row["error"]
    return row["public"], row["private"]


@pytest.mark.parametrize(
    ("a", "dice"),
    [
        ("1 2 4 1", 2 * 2 / (2 + 3)),  # a longer cell moves all rows behind it
        ("2 2", 2 * 1 / (2 + 2)),  # as long: the old places hold other masks
        ("", 0),
    ],
)
def test_a_host_at_work_scores_by_the_corrected_masks(at_work, tmp_path, a, dice):
    host, folder = at_work
    assert scores_of_upload(host) == (1.0, 1.0)
    new = tmp_path / "new.csv"
    new.write_text(OLD.replace("a,1 2,", f"a,{a},"))
    rescore(folder, new)
    assert scores_of_upload(host) == (pytest.approx((dice + 1) / 2), 1.0)


def test_a_host_that_read_the_masks_during_a_rescoring_reads_them_again_afterwards(
    at_work, tmp_path, monkeypatch
):
    host, folder = at_work
    seen, real = [], rescoring.install_solution

    def install(*arguments, **options):
        if seen:
            seen.append(scores_of_upload(host))  # of the solution that counts, not yet in its place
        seen.append(None)
        real(*arguments, **options)

    monkeypatch.setattr(rescoring, "install_solution", install)
    (tmp_path / "new.csv").write_text(OLD.replace("a,1 2,", "a,1 2 4 1,"))
    rescore(folder, tmp_path / "new.csv")
    assert seen[1] == scores_of_upload(host) == (pytest.approx(0.9), 1.0)


def test_masks_changed_by_hand_score_nothing_until_all_is_scored_again(at_work):
    host, folder = at_work
    scores_of_upload(host)
    folder.solution.write_text(OLD.replace("a,1 2,", "a,1 2 4 1,"))
    with pytest.raises(UsageError, match="not those that scored"):
        scores_of_upload(host)
    rescore(folder)
    assert scores_of_upload(host) == (pytest.approx(0.9), 1.0)
