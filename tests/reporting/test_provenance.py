"""Where a run comes from and how far it is; on the page of a training that is under way, too."""

from pathlib import Path

import pytest
from reporting.test_report import Page, built

from podium.reporting.entries import runs_of
from podium.reporting.provenance import origin_of, provenance_of
from podium.submissions.board.view import board
from podium.workspace.records import read_record, scan, write_record

RECIPE = """seed: 0
model:
  backbone: cnn
optimizer:
  lr: {lr}
phases:
  - name: warm-up
    epochs: 1
  - name: joint
    epochs: {epochs}
"""


def trained(made, name, *, recipe, day, title="base", parents=(), folds=(0, 1, 2)) -> Path:
    run = made.add_run(name, folds=folds)
    (run / "recipe.yaml").write_text(recipe)
    record = read_record(run)
    created = record.created.replace(year=2026, month=3, day=day)
    changes = {"created": created, "name": title, "parents": list(parents)}
    write_record(run, record.model_copy(update=changes))
    return run


def entries(made):
    return {run.id: run for run in runs_of(scan(made.workspace), made.competition)}


def test_a_run_is_compared_with_what_it_starts_from_else_its_namesake_else_the_closest(make):
    made = make()
    slow, fast = RECIPE.format(lr=0.1, epochs=2), RECIPE.format(lr=0.5, epochs=2)
    trained(made, "first-00000001", recipe=slow, day=1, title="first")
    trained(made, "other-00000002", recipe="seed: 9\n", day=2, title="other")
    trained(made, "close-00000003", recipe=fast, day=3, title="close")
    trained(made, "first-00000004", recipe="seed: 8\n", day=4, title="first")
    trained(made, "child-00000005", recipe=fast, day=5, title="close", parents=("other-00000002",))
    trained(made, "none-00000006", recipe="", day=6, title="close")
    trained(made, "gone-00000007", recipe=fast, day=7, title="new", parents=("x-00000000",))
    trained(made, "first-00000008", recipe=fast, day=8, title="first")
    runs = entries(made)
    found = {name: origin_of(run, list(runs.values())) for name, run in runs.items()}
    assert {name: one and one.id for name, one in found.items()} == {
        "first-00000001": None,
        "other-00000002": "first-00000001",
        "close-00000003": "first-00000001",
        "first-00000004": "first-00000001",
        "child-00000005": "other-00000002",
        "none-00000006": None,
        "gone-00000007": "child-00000005",  # as close as another, and newer
        "first-00000008": "first-00000004",
    }
    assert found["child-00000005"].why == "which it starts from"
    assert "name" in found["first-00000004"].why
    assert "closest" in found["close-00000003"].why


@pytest.mark.slow
def test_page_shows_artefacts_of_a_run_and_its_recipe_differences(make):
    made = make()
    trained(made, "a-00000001", recipe=RECIPE.format(lr=0.1, epochs=2), day=1)
    run = trained(made, "b-00000002", recipe=RECIPE.format(lr="<i>5</i>", epochs=2), day=2)
    record = read_record(run)
    facts = {str(k): {"seconds": 60 + k, "device": "cpu"} for k in range(3)}
    write_record(run, record.model_copy(update={"details": {"folds": facts, "n_folds": 3}}))
    blend = made.add_blend("a-00000001", "b-00000002").name
    made.add_submission(blend)
    (row,) = board(made.workspace, made.competition).rows
    page = built(made)
    text = made.workspace.report.read_text(encoding="utf-8")
    start = text.index('<details id="run-b-00000002"')
    entry = Page(text[start : text.index("<h4>Training", start)])
    assert "1 key differs from a-00000001" in entry.text
    assert "changed: optimizer.lr 0.1 → <i>5</i>" in entry.text
    assert f"podium {record.podium}" in entry.text
    assert "3 min 3 s" in entry.text
    assert {f"#blend-{blend}", f"#submission-{row.id}", "#run-a-00000001"} == {
        one["href"] for one in entry.all("a")
    }
    for k in range(3):
        assert f"{k} 0.{5 + k}000 3 1 min {k} s" in entry.text
    assert "OOF 0.6000" in entry.text
    signs = [span.get("data-sign") for span in entry.all("span") if "data-sign" in span]
    assert signs == ["±"]
    assert "model: backbone: cnn optimizer: lr: <i>5</i> was 0.1 phases:" in entry.text
    assert not page.open


def test_a_page_can_be_written_at_any_moment_of_a_training(make):
    made = make()
    run = made.add_run("a-00000001", folds=())
    recipe = RECIPE.format(lr=0.1, epochs=4)
    moments = [
        lambda: None,
        lambda: (run / "recipe.yaml").write_text(recipe),
        lambda: (run / "fold-0").mkdir(),
        lambda: (run / "fold-0" / ".metrics.csv.podium-aaaaaaaa-1-2-bbbbbbbb.tmp").write_text("ph"),
        lambda: (run / "fold-0" / "metrics.csv").write_text("phase,epoch,lr,train_lo"),
        lambda: (run / "fold-0" / "metrics.csv").write_text(
            "phase,epoch,lr,train_loss,valid_loss,accuracy\nwarm-up,1,0.1,2.0,1.9,0.3\njoint,1,0."
        ),
        lambda: (run / "fold-0" / "done.json").write_text("{"),
        lambda: (run / "predictions" / "aabbccdd" / "oof" / "classify").mkdir(parents=True),
    ]
    for happens in moments:
        happens()
        page = built(made)
        assert "Not everything could be shown" not in page.text
        assert "unfinished" in page.text
    assert "1 of 3 folds trained" in page.text
    assert "Loss by epoch of run a-00000001" in " ".join(s["aria-label"] for s in page.all("svg"))


def test_progress_of_each_fold_is_shown_with_its_total(make):
    made = make()
    recipe = RECIPE.format(lr=1, epochs=9)
    run = trained(made, "a-00000001", recipe=recipe, day=1, folds=(0, 1))
    (run / "fold-0" / "done.json").write_text("{}")
    entry = entries(made)["a-00000001"]
    told = provenance_of(made.workspace, entry, [entry], [], [], 3).folds
    assert [(one.name, one.epochs, one.planned, one.is_done) for one in told] == [
        ("0", 3, 10, True), ("1", 3, 10, False), ("2", 0, 10, False)
    ]  # fmt: skip
    assert [one.last is not None for one in told] == [True, True, False]
    assert told[1].scores == {"classify": 0.6}
