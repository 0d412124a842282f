"""The page in every state of a workspace, and with hostile names."""

import dataclasses
import json
import re
import shutil
import subprocess
import sys
from functools import partial
from html.parser import HTMLParser

import numpy as np
import pytest
from inkless_pages import draw_nothing, leave_out_figures
from reporting.conftest import made_labels

from podium.reporting import build_report
from podium.reporting.entries import quota_of
from podium.submissions.board.leaderboard import read_snapshots
from podium.submissions.board.view import board
from podium.workspace import atomic
from podium.workspace.ids import short_digest
from podium.workspace.jobs import JobRecord, begin_jobs, end_job, timestamp, write_job
from podium.workspace.records import read_record, write_record

HOSTILE = ["<b>x</b><script>alert(1)</script>", "\"><img src=x onerror='a'> & $a$ $b", "שלום 😀"]
VOID = {"meta", "img", "br", "link", "input"}


class Page(HTMLParser):
    """What a browser would see: elements, their attributes, and the text outside scripts."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, f"</{tag}> closes something else"

    def handle_data(self, data):
        if not self.open or self.open[-1] not in ("script", "style"):
            self.words.append(data)

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", " ".join(self.words))

    def all(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]


def built(made, *, figures=True, ink=False) -> Page:
    """Return the page; its figures are made and named, and drawn only with `ink`.

    For tests of its text alone, without `figures`: they are a third of what a page takes.
    """
    with pytest.MonkeyPatch.context() as patch:
        if not figures:
            leave_out_figures(patch)
        elif not ink:
            draw_nothing(patch)
        text = build_report(made.workspace, made.competition).read_text(encoding="utf-8")
    page = Page(text)
    assert page.open == []
    return page


def full(make, kind="multiclass", **kwargs):
    made = make(kind, **kwargs)
    made.add_run("a-00000001", seed=1)
    made.add_run("b-00000002", seed=2)
    blend = made.add_blend("a-00000001", "b-00000002")
    made.add_submission(blend.name, public_score=0.71, private_score=0.69)
    return made


def test_the_page_of_an_empty_workspace_names_the_next_command(make):
    page = built(make(), figures=False)
    for command in ("podium train", "podium tune", "podium submit"):
        assert command in page.text
    assert "3 classes" in page.text
    assert "36 train" in page.text


def test_a_run_without_an_epoch_and_one_with_some_folds_are_shown(make):
    made = make()
    made.add_run("begun-00000001", folds=())
    made.add_run("part-00000002", folds=(0, 2))
    page = built(made, figures=False)
    assert "No epoch is finished yet" in page.text
    assert {"begun-00000001", "part-00000002"} <= {word.strip() for word in page.words}
    assert page.text.count("unfinished") == 6  # of each in the table, its heading, and its facts


def test_a_run_of_some_folds_stands_behind_those_of_all_and_is_compared_on_their_rows(make):
    made = make()
    for seed, (name, folds, oof, rows) in enumerate(
        (("part-00000001", (0, 1), 0.95, 24), ("whole-00000002", (0, 1, 2), 0.9, 36))
    ):
        run = made.add_run(name, folds=folds, seed=seed)
        by_fold = {str(k): oof - (name[0] == "p") / 10 for k in folds}
        scores = {"oof": oof, "scored_rows": rows, "rows": 36, "folds": by_fold}
        tasks = {"classify": {"metric": "accuracy", "oof": oof}}
        about = {"scores": {**scores, "tasks": tasks}, "details": {"predictions": "aabbccdd"}}
        write_record(run, read_record(run).model_copy(update=about))
    page = built(made)
    ids = [a["id"] for _, a in page.elements if (a.get("id") or "").startswith("run-")]
    assert ids == ["run-whole-00000002", "run-part-00000001"]
    overview = next(s["aria-label"] for s in page.all("svg") if "blends and" in s["aria-label"])
    assert overview.endswith("whole-00000002: 0.9000; part-00000001: 0.9500")
    told = "then runs by OOF score; runs of fewer rows stand behind: part-00000001."
    assert told in page.text
    told = "whole-00000002 is 0.0500 better than part-00000001 on the 24 rows that both have"
    assert told in page.text
    text = made.workspace.report.read_text()
    compared = json.loads(re.search('id="compared">(.*?)</script>', text)[1])
    offered = [(one["id"], one["of"]) for one in compared["runs"]]
    assert offered == [("whole-00000002", ""), ("part-00000001", "of 24 of 36 rows")]


@pytest.mark.slow
def test_run_with_extra_images_is_marked_and_compared_with_its_baseline_run(make):
    made = make()
    inputs = {"recipe": {"seed": 1}, "again": 0}
    facts = {"generated": {"samples": 1200, "weight": 0.5, "content": "aa"}}
    harmed = {**inputs, "recipe": {"seed": 1, "extra": {"generated": 0.5}}, "extra": facts}
    run = made.add_run("with-00000001")
    record = read_record(run)
    write_record(run, record.model_copy(update={"inputs": harmed}))
    page = built(made, figures=False)
    assert "extra: generated" in page.text
    assert "1,200, each weighs 0.5" in page.text
    assert "podium show with-00000001" in page.text
    twin = f"without-{short_digest(inputs)}"
    plain = made.add_run(twin)
    scores = {**read_record(plain).scores, "oof": 0.9}
    write_record(plain, read_record(plain).model_copy(update={"inputs": inputs, "scores": scores}))
    page = built(made, figures=False)
    assert "OOF with them 0.6000, without 0.9000" in " ".join(page.text.split())
    assert "podium show" not in page.text
    assert f"#run-{twin}" in {one["href"] for one in page.all("a")}


@pytest.mark.other_cases("long", of="quick", every=3)
@pytest.mark.other_cases("long")
@pytest.mark.parametrize(
    ("kind", "ink"),
    [
        ("multiclass", False),
        ("binary", False),
        ("multilabel", False),
        ("regression", False),
        # One with decisions of its own for each class, and one of numbers; classes are drawn below.
        pytest.param("multilabel", True, marks=pytest.mark.slow),
        pytest.param("regression", True, marks=pytest.mark.slow),
    ],
)
def test_each_kind_of_task_gets_what_applies_to_it(make, kind, ink):
    page = built(full(make, kind), ink=ink)
    drawn = " ".join(svg["aria-label"] for svg in page.all("svg"))
    assert ("Confusion matrix" in drawn) == (kind in ("multiclass", "binary"))
    assert ("Calibration curve" in drawn) == (kind != "regression")
    assert ("Recall, precision and F1" in drawn) == (kind != "regression")
    assert ("Predicted against true" in drawn) == (kind == "regression")
    assert "Not everything could be shown" not in page.text
    assert "0.7100" in page.text


@pytest.fixture(scope="module")
def hostile_page(tmp_path_factory):
    """A page of classes whose names are markup, with its figures drawn."""
    root = tmp_path_factory.mktemp("hostile")
    made = full(partial(made_labels, root), classes=HOSTILE)
    made.workspace.board.mkdir()
    entries = [{"team": HOSTILE[0], "score": 0.5}]
    line = {"kind": "leaderboard", "at": "2026-01-01T00:00:00+00:00", "target": "host"}
    file = made.workspace.board / "leaderboard.jsonl"
    file.write_text(json.dumps({**line, "entries": entries}) + '\n{"cut')
    return built(made, ink=True)


@pytest.mark.slow
def test_names_from_data_are_text_and_nothing_else(hostile_page):
    page = hostile_page
    shown = [word.strip() for word in page.words]
    for name in HOSTILE:
        assert name in shown
    assert len([one for one in page.all("script") if "type" not in one]) == 1
    assert not [a for _, a in page.elements if any(name.startswith("on") for name in a)]
    assert all(one.get("src", "data:").startswith("data:") for one in page.all("img"))


@pytest.mark.slow
def test_report_loads_no_external_resource_and_its_ids_are_unique(hostile_page):
    page = hostile_page
    for _, attributes in page.elements:
        for name in ("src", "href", "xlink:href", "action", "poster", "data"):
            value = attributes.get(name) or ""
            assert value == "" or value.startswith(("#", "data:image/"))
        assert "url(http" not in (attributes.get("style") or "")
    ids = [attributes["id"] for _, attributes in page.elements if attributes.get("id")]
    assert sorted(ids) == sorted(set(ids))
    links = {a["href"][1:] for a in page.all("a")} | {
        value[1:] for _, a in page.elements if (value := a.get("xlink:href"))
    }
    assert links <= set(ids)


@pytest.mark.slow
def test_every_picture_and_figure_has_a_caption(make):
    page = built(full(make))
    pictures = [one for one in page.all("img") if "src" in one]
    assert pictures
    assert all(len(one["alt"]) > 20 for one in pictures)
    assert all(len(one["aria-label"]) > 20 for one in page.all("svg"))


def test_errors_shown_are_those_of_the_argmax_in_plain_numpy(make):
    made = make()
    made.add_run("a-00000001", seed=1)
    made.add_blend("a-00000001")
    page = built(made, figures=False)
    (record,) = made.workspace.blends.glob("*/record.json")
    steps = json.loads(record.read_text())["details"]["decision"]
    weights = np.asarray(steps[0].get("class_weights", [1, 1, 1]) if steps else [1, 1, 1])
    probs = made.probs["a-00000001"]
    predicted = (probs * weights).argmax(axis=1)
    answers = np.arange(36) % 3
    wrong = np.flatnonzero(predicted != answers)
    order = wrong[np.argsort(-probs[wrong, predicted[wrong]], kind="stable")][:24]
    every = [one["alt"] for one in page.all("img") if one.get("src")]
    alts = [one for one in every if one.startswith("Image ")]
    right = np.flatnonzero(predicted == answers)
    sure = probs[right, predicted[right]]
    beside = right[np.argsort(sure, kind="stable")]
    beside = beside if len(beside) <= 24 else np.concatenate([beside[:12], beside[-12:]])
    assert len(beside)
    order = np.concatenate([order, beside])
    names = ["cat", "dog", "eel"]
    assert len(order)
    assert sorted(alts) == sorted(
        f"Image train{i:02d}: actual {names[answers[i]]}, predicted {names[predicted[i]]}"
        for i in order
    )
    assert alts[0].startswith(f"Image train{order[0]:02d}")
    right_of = [(predicted[answers == one] == one).mean() for one in range(3)]
    low = int(np.argmin(right_of))
    taken_for = np.bincount(predicted[(answers == low) & (predicted != low)], minlength=3)
    worst = re.search(
        r"Lowest recall: (\w+) \. (.*?) % of its (\d+) .*? as (\w+) \((\d+)", page.text
    )
    assert worst is not None
    assert worst[1] == names[low]
    assert worst[2] == f"{100 * right_of[low]:.1f}"
    assert int(worst[3]) == (answers == low).sum()
    assert taken_for[names.index(worst[4])] == taken_for.max() == int(worst[5])
    pairs = np.zeros((3, 3), int)
    np.add.at(pairs, (answers[wrong], predicted[wrong]), 1)
    others = int((pairs == pairs.max()).sum()) - 1
    as_often = f"; {others} other pair{'s' if others > 1 else ''} in the table as often"
    assert (as_often in page.text) == bool(others)
    assert ("as often" in page.text) == bool(others)


def test_a_page_of_the_same_state_is_kept_and_a_changed_score_makes_a_new_one(make, monkeypatch):
    leave_out_figures(monkeypatch)
    made = full(make)
    page = build_report(made.workspace, made.competition)
    before = page.stat()
    after = build_report(made.workspace, made.competition).stat()  # which reads it: st_atime
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    damaged = page.read_text("utf-8").replace("0.71", "one other score")  # no time has these words
    assert "one other score" in damaged
    page.write_text(damaged, "utf-8")
    build_report(made.workspace, made.competition)
    assert "one other score" not in page.read_text("utf-8"), "a damaged page is made again"
    receipt = next(made.workspace.submissions.glob("*/receipt.json"))
    atomic.write_text(receipt, receipt.read_text().replace("0.71", "0.72"))
    build_report(made.workspace, made.competition)
    assert "0.7200" in page.read_text(encoding="utf-8")


def test_jobs_are_a_table_that_changes_with_them_but_not_with_every_step(make):
    made = make()
    folder = made.workspace.jobs
    facts = ("podium train base --on ray", "ray", "elsewhere:7", timestamp())
    assert "podium jobs" not in built(made, figures=False).text
    begin_jobs(folder, [JobRecord(f"base-1.fold-{k}", *facts) for k in range(3)])
    end_job(folder, "base-1.fold-0", "failed", "fold 0: its loss is <nan>")
    epoch = {"event": "training", "phase": "only", "epoch": 2, "epochs": 9, "steps": 90}
    running = {"worker": "node2:99", "began": timestamp(), "attempts": 2}
    record = JobRecord("base-1.fold-1", *facts, state="running", **running)
    for step in (11, 12):
        write_job(folder, dataclasses.replace(record, progress={**epoch, "step": step}))
        page = built(made, figures=False)  # kept where a step alone has changed
        at = [page.words.index(f"base-1.fold-{k}") for k in range(3)]
        rows = [" ".join(page.words[one : one + 6]) for one in at]
        assert "failed ray" in rows[0]
        assert rows[0].endswith("fold 0: its loss is <nan>")
        assert "running, attempt 2 ray node2:99" in rows[1]
        assert rows[1].endswith("only, epoch 2 of 9, step 11 of 90")
        assert "waiting ray –" in rows[2]
    write_job(folder, dataclasses.replace(record, progress={**epoch, "epoch": 3, "step": 30}))
    assert "only, epoch 3 of 9, step 30 of 90" in built(made, figures=False).text


def test_unreadable_files_are_listed_on_the_page(make):
    made = full(make)
    shutil.rmtree(made.workspace.runs / "a-00000001" / "predictions")
    (made.workspace.runs / "b-00000002" / "record.json").write_text("{")
    (made.workspace.root / "test" / "test00.png").unlink()
    (made.workspace.root / "train" / "train00.png").unlink()
    page = built(made)
    assert "Not everything could be shown" in page.text
    assert "its content is not what podium wrote" in page.text
    assert "train00.png" in page.text


@pytest.mark.slow
def test_next_blend_is_shown_where_the_best_blend_has_no_predictions(make):
    made = full(make)
    made.add_blend("b-00000002")
    shutil.rmtree(made.workspace.runs / "a-00000001" / "predictions")
    page = built(made)
    assert "Not everything could be shown" in page.text
    assert "Best blend" in page.text
    assert "Confusion matrix of 3 classes" in " ".join(s["aria-label"] for s in page.all("svg"))


def with_metric(made, name):
    """Return the workspace after `metric.name` in its competition was changed."""
    metric = made.competition.metric.model_copy(update={"name": name})
    competition = made.competition.model_copy(update={"metric": metric})
    return dataclasses.replace(made, competition=competition)


def scored_as(run, **scores):
    """Write `scores` into the record of `run`."""
    file = run / "record.json"
    record = json.loads(file.read_text())
    record["scores"].update(scores)
    atomic.write_text(file, json.dumps(record))


@pytest.mark.slow
def test_scores_of_another_metric_are_neither_shown_nor_ranked_nor_drawn(make):
    made = make()
    other = {"folds": {"0": 0.9876, "1": 0.9876, "2": 0.9876}, "oof": 0.9876}
    scored_as(made.add_run("other-00000001", seed=1), metric="log_loss", **other)
    scored_as(made.add_run("ours-00000002", seed=2), metric="accuracy")
    old = made.add_blend("other-00000001")
    made.add_submission(old.name)
    log_loss = with_metric(made, "log_loss")
    foreign = log_loss.add_blend("other-00000001", "ours-00000002")
    scores = json.loads((foreign / "record.json").read_text())["scores"]
    page = built(made)
    overview = next(s["aria-label"] for s in page.all("svg") if "blend and" in s["aria-label"])
    assert overview.startswith("accuracy of 1 blend and 1 run. ")
    assert "0.9876" not in page.text
    assert page.text.count("scored by log_loss") == 4  # in both tables and both headings
    for name in ("honest", "optimistic"):
        assert f"{scores[name]:.4f}" not in page.text
    ids = [a["id"] for _, a in page.elements if re.match(r"(run|blend)-", a.get("id") or "")]
    assert ids == [
        f"blend-{old.name}", f"blend-{foreign.name}", "run-ours-00000002", "run-other-00000001"
    ]  # fmt: skip
    assert f"{old.name} has the best honest score" in page.text
    assert "Would another threshold be better? " in page.text


def test_without_a_blend_of_the_metric_the_page_names_the_command_that_makes_one(make):
    made = make()
    scored_as(made.add_run("a-00000001"), metric="accuracy")
    made.add_submission(made.add_blend("a-00000001").name)
    page = built(with_metric(made, "log_loss"))
    assert "None of the blends was scored by log_loss: podium blend makes one" in page.text
    assert "Confusion matrix" not in " ".join(s["aria-label"] for s in page.all("svg"))
    assert not re.search(r"Best (honest|OOF) score|optimism of the best", page.text)
    assert page.text.count("scored by accuracy") == 5  # of the run, the blend, what was sent


def test_snapshots_that_are_none_are_left_out(make):
    made = make()
    good = {"kind": "leaderboard", "at": "2026-01-01T00:00:00+00:00", "target": "host"}
    teams = [{"team": "us", "score": 0.5}, {"team": "new", "score": None}]
    whole = {**good, "entries": teams}
    odd = [{**whole, "at": "soon"}, {**whole, "at": 7}, {**whole, "kind": "adopted"}, [], 1, good]
    odd += [{**good, "entries": [{"team": "us", "score": "high"}]}]
    made.workspace.board.mkdir()
    file = made.workspace.board / "leaderboard.jsonl"
    file.write_text("\n".join([*map(json.dumps, [*odd, whole]), '{"cut']))
    (snapshot,) = read_snapshots(made.workspace)
    assert snapshot.top == (("us", 0.5), ("new", None))


def test_a_rehearsal_does_not_count_against_the_quota_at_kaggle(make):
    made = full(make)
    row = board(made.workspace, made.competition).rows[0]
    days = [("host", "2026-01-02T09:00:00"), ("host", "2026-01-02T10:00:00")]
    days += [("kaggle", "2026-01-02T11:00:00"), ("kaggle", "2026-01-01T11:00:00")]
    rows = [dataclasses.replace(row, target=target, created=at) for target, at in days]
    limit = made.competition.kaggle.daily_limit
    assert quota_of(rows, made.competition) == f"1 of {limit} sent on 2026-01-02 (UTC)"
    assert quota_of(rows[:2], made.competition) == f"2 of {limit} sent on 2026-01-02 (UTC)"


def test_file_names_that_are_no_text_do_not_stop_the_page(make, caplog):
    caplog.set_level("ERROR")  # what is logged of it goes as text to who collects the results
    made = make()
    folder = made.workspace.runs / "bad\udcff-00000001"
    folder.mkdir(parents=True)
    (folder / "record.json").write_text("{")
    assert "bad\\udcff-00000001" in built(made).text


@pytest.mark.slow
def test_an_unreadable_picture_leaves_a_gap_and_not_a_traceback(make):
    made = full(make)
    for file in (made.workspace.root / "train").iterdir():
        file.write_bytes(b"no picture")
    assert "no picture" in built(made).text


@pytest.mark.slow
def test_building_the_page_needs_no_torch_and_importing_the_room_no_matplotlib(make):
    made = full(make)
    code = f"""
import sys
import podium.reporting
assert not {{"matplotlib", "pandas", "jinja2"}} & set(sys.modules)
from pathlib import Path
from podium.competition.spec import load_competition
from podium.workspace.layout import Workspace
root = Path({str(made.workspace.root)!r})
podium.reporting.build_report(Workspace(root), load_competition(root))
heavy = {{"torch", "timm", "lightning_fabric", "albumentations", "matplotlib.pyplot"}}
assert not heavy & set(sys.modules)
"""
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)
