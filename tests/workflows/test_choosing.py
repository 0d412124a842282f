"""Answers to what the data leave open: the value changes, its other readings go, all else stays."""

from __future__ import annotations

from pathlib import Path

import pytest

from podium.competition.spec import load_competition
from podium.errors import DataError, UsageError
from podium.workflows.choosing import answer
from podium.workflows.open_questions import open_questions
from podium.workspace.layout import Workspace

FILE = """\
# A competition.

name: shapes  # any name will do

# Several readings fit.
# Choose.
to_choose: [tasks, classes, data.train.absent, metric.name, folds.group]

# Each pixel is of one class.
tasks: {segment: multiclass}
# or tasks: {segment: multilabel}
#    as pixels of two classes at once, of which
#    there are some
classes: [disc, cup]
# or classes: [cup, disc]
#    as pixels of two classes at once, of which
#    there are some
data:
  train:
    images: data/train/*.png
    mask: data/masks/{stem}.png
    # or mask_values stands for nothing here
    mask_values: {0: background, 128: disc, 255: cup}
    absent: null
    # or absent: missing
    #    as where nobody drew them
    # or absent: empty
  # the images to predict
  test:
    images: data/test/*.png
folds:
  scheme: stratified_group  # each fold has its share
  n: 5  # folds
  # a column of the table
  group: '{folder}'
  # or group: null
metric:
  # mean_dice is guessed, as the usual one
  name: mean_dice  # see the page
  # or name: mean_iou
"""


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    (tmp_path / "competition.yaml").write_text(FILE)
    return Workspace(tmp_path)


def text(workspace: Workspace) -> str:
    return workspace.competition_file.read_text()


def test_questions_have_the_value_that_stands_and_the_others_with_their_evidence(
    workspace: Workspace,
) -> None:
    found = {one.key: one.readings for one in open_questions(workspace)}
    assert [(one.name, one.value) for one in found["data.train.absent"]] == [
        ("3a", None),
        ("3b", "missing"),
        ("3c", "empty"),
    ]
    assert found["data.train.absent"][1].why == "where nobody drew them"
    assert found["tasks"][1].goes_with == ("2b",)
    assert found["tasks"][0].why == "Each pixel is of one class."
    assert found["classes"][1].value == ["cup", "disc"]
    assert found["metric.name"][0].why == "mean_dice is guessed, as the usual one see the page"


def test_an_answer_changes_its_key_alone(workspace: Workspace) -> None:
    answer(workspace, ["3c"])
    lines = FILE.replace(", data.train.absent", "").replace("absent: null", "absent: empty")
    without = [
        one for one in lines.splitlines() if "absent: missing" not in one and "drew" not in one
    ]
    without = [one for one in without if one != "    # or absent: empty"]
    assert text(workspace).splitlines() == without


def test_readings_of_one_evidence_are_taken_or_left_together(workspace: Workspace) -> None:
    taken = answer(workspace, ["1b"])
    assert [(one.key, one.value) for one in taken] == [
        ("tasks", {"segment": "multilabel"}),
        ("classes", ["cup", "disc"]),
    ]
    (workspace.root / "competition.yaml").write_text(FILE)
    left = answer(workspace, ["1a"])
    assert [(one.key, one.value) for one in left] == [
        ("tasks", {"segment": "multiclass"}),
        ("classes", ["disc", "cup"]),
    ]
    (workspace.root / "competition.yaml").write_text(FILE)
    apart = answer(workspace, ["1b", "classes=[disc, cup]"])
    assert [one.value for one in apart] == [{"segment": "multilabel"}, ["disc", "cup"]]


def test_a_reading_in_words_is_for_a_person_to_write(workspace: Workspace) -> None:
    in_words = FILE.replace("# or classes: [cup, disc]", "# or classes: <in their order>")
    workspace.competition_file.write_text(in_words)
    with pytest.raises(UsageError, match="2b is in their order, which only a person can write"):
        answer(workspace, ["2b"])
    assert text(workspace) == in_words


def test_folds_without_a_group_get_a_scheme_without_one(workspace: Workspace) -> None:
    answer(workspace, ["folds.group=null"])
    folds = load_competition(workspace.root).folds
    assert folds.group is None
    assert folds.scheme == "stratified"


def test_what_is_kept_is_open_no_more_and_the_rest_of_the_file_stays(workspace: Workspace) -> None:
    answer(workspace, [], keep=True)
    assert open_questions(workspace) == []
    left = text(workspace)
    assert "to_choose" not in left
    assert "# or tasks" not in left
    assert "Several readings fit" not in left
    for line in FILE.splitlines():
        is_of_questions = line.lstrip().startswith(("# or ", "#    ", "to_choose", "# Several"))
        is_guess = "guessed" in line or "see the page" in line or line == "# Choose."
        assert is_of_questions or is_guess or line in left.splitlines()
    assert "  name: mean_dice\n" in left


def test_a_key_gets_any_value_and_keeps_its_comment(workspace: Workspace) -> None:
    answer(workspace, ["folds.n=10", "data.test.exclude=['7', b 8]"])
    assert "  n: 10  # folds\n" in text(workspace)
    assert load_competition(workspace.root).data.test.exclude == ["7", "b 8"]
    answer(workspace, ["data.test={images: data/other/*.png}"])
    assert load_competition(workspace.root).data.test.images == "data/other/*.png"
    assert "  # the images to predict\n  test: {images: data/other/*.png}\nfolds:" in text(
        workspace
    )


@pytest.mark.parametrize("given", ["{folder}", "'{folder}'"])
def test_a_template_is_text_with_quotes_of_yaml_and_without(
    workspace: Workspace, given: str
) -> None:
    answer(workspace, ["data.train.images=data/{site}/*.png", f"folds.group={given}"])
    found = load_competition(workspace.competition_file)
    assert (found.data.train.images, found.folds.group) == ("data/{site}/*.png", "{folder}")


def test_a_named_metric_is_a_guess_no_more(workspace: Workspace) -> None:
    answer(workspace, ["metric.name=mean_dice"])
    assert "guessed" not in text(workspace)


OPTIONS = """\
metric:
  name: mean_iou_hits  # as README.md says
  # the scores that a mask must reach
  thresholds: [0.5, 0.75]
  strict: false
  empty: one  # of a pair that is empty in both
  over: pair
"""


@pytest.mark.parametrize("in_braces", [False, True])
def test_options_that_another_metric_lacks_go_and_those_that_it_has_stay_with_a_word(
    workspace: Workspace, in_braces: bool
) -> None:
    written = OPTIONS
    if in_braces:
        written = (
            "metric: {name: mean_iou_hits, thresholds: [0.5, 0.75], strict: false, "
            "empty: one, over: pair}\n"
        )
    file = workspace.competition_file
    file.write_text(FILE[: FILE.index("metric:\n")].replace(", metric.name", "") + written)
    before = load_competition(file).metric
    assert set(before.options) == {"thresholds", "strict", "empty", "over"}
    found = answer(workspace, ["metric.name=mean_iou", "metric.over=image"])
    told = {one.key: one for one in found}
    assert {key for key, one in told.items() if one.is_left_out} == {
        "metric.thresholds",
        "metric.strict",
    }
    assert told["metric.empty"].why == "stays; mean_iou has error by default"
    after = load_competition(file).metric
    assert (after.name, after.options) == ("mean_iou", {"empty": "one", "over": "image"})
    assert "thresholds" not in text(workspace), "nor the comment on it"
    assert "must reach" not in text(workspace)


def test_options_of_the_same_metric_and_those_at_their_default_are_not_told(
    workspace: Workspace,
) -> None:
    file = workspace.competition_file
    file.write_text(file.read_text().replace("metric.name, ", "") + "  empty: one\n")
    assert [one.key for one in answer(workspace, ["metric.name=mean_dice"])] == ["metric.name"]
    file.write_text(file.read_text().replace("empty: one", "empty: error"))
    assert [one.key for one in answer(workspace, ["metric.name=mean_iou"])] == ["metric.name"]
    assert load_competition(file).metric.options == {"empty": "error"}


@pytest.mark.parametrize(
    ("given", "kind", "words"),
    [
        (["9z"], UsageError, "the readings are 1a, 1b"),
        (["classes"], UsageError, "classes needs a value"),
        (["3b", "3c"], UsageError, "data.train.absent is answered twice"),
        (["classes=[a"], UsageError, "no KEY=VALUE"),
        (["classes=[a", "b"], UsageError, "no KEY=VALUE"),
        (["metric.name=mean_dise"], DataError, "mean_dise"),
        (["metrik.name=mean_dice"], DataError, "did you mean 'metric'"),
        (["3b", "folds.n=none"], DataError, "folds.n"),
    ],
)
def test_a_wrong_answer_writes_nothing(
    workspace: Workspace, given: list[str], kind: type[Exception], words: str
) -> None:
    with pytest.raises(kind, match=words):
        answer(workspace, given)
    assert text(workspace) == FILE


def test_questions_keep_their_numbers_when_others_are_answered(workspace: Workspace) -> None:
    answer(workspace, ["3c"])
    names = {one.key: one.readings[0].name for one in open_questions(workspace)}
    assert names == {"tasks": "1a", "classes": "2a", "metric.name": "4a", "folds.group": "5a"}
    before = text(workspace)
    with pytest.raises(UsageError, match=r"3b is of data\.train\.absent, which is answered"):
        answer(workspace, ["3b"])
    assert text(workspace) == before
    answer(workspace, ["4b", "5b"])
    assert [one.readings[0].name for one in open_questions(workspace)] == ["1a", "2a"]
    answer(workspace, [], keep=True)
    assert open_questions(workspace) == []
    workspace.competition_file.write_text(FILE)  # made anew
    assert open_questions(workspace)[2].readings[2].name == "3c"


def test_reading_of_the_tasks_without_the_scored_one_is_not_offered(workspace: Workspace) -> None:
    more = FILE.replace("# or tasks", "# or tasks: {classify: multiclass}\n# or tasks", 1)
    workspace.competition_file.write_text(more)
    assert [one.value for one in open_questions(workspace)[0].readings] == [
        {"segment": "multiclass"},
        {"classify": "multiclass"},
        {"segment": "multilabel"},
    ]
    workspace.competition_file.write_text(more.replace("metric:\n", "metric:\n  task: segment\n"))
    assert [one.value for one in open_questions(workspace)[0].readings] == [
        {"segment": "multiclass"},
        {"segment": "multilabel"},
    ]


def test_mapping_replaces_one_that_stands_in_lines(workspace: Workspace) -> None:
    metric = "  # mean_dice is guessed, as the usual one\n  name: mean_dice  # see the page\n"
    among = "  task: segment  # what is scored\n  # what an empty pair counts\n  empty: one\n"
    assert metric in FILE
    workspace.competition_file.write_text(
        FILE.replace(
            f"{metric}  # or name: mean_iou\n", metric + among + "\nkaggle:\n  slug: null\n"
        )
    )
    answer(workspace, ["metric={name: mean_iou, empty: skip}"])
    found = load_competition(workspace.root).metric
    assert (found.name, found.options["empty"], found.task) == ("mean_iou", "skip", None)
    assert "guessed" not in text(workspace)
    answer(workspace, ["metric={name: mean_dice}"])
    assert "empty" not in load_competition(workspace.root).metric.model_dump(exclude_unset=True)
    assert load_competition(workspace.root).metric.name == "mean_dice"
