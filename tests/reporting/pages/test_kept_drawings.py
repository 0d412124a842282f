"""Figures that did not change are not drawn again."""

import os

import pytest
from reporting.conftest import made_labels

from podium.reporting.pages import kept_drawings
from podium.reporting.pages.kept_drawings import KeptDrawings
from podium.reporting.pages.report_page import render


@pytest.fixture
def drawn(monkeypatch):
    """Return the names of groups that were drawn since it was cleared."""
    names = []
    real = kept_drawings.drawn_by_title

    def note(package, subject, *, problems, of):
        names.append((package.__name__.rpartition(".")[2], of))
        return real(package, subject, problems=problems, of=of)

    monkeypatch.setattr(kept_drawings, "drawn_by_title", note)
    return names


def without(text, *words):
    lines = text.splitlines()
    return [one for one in lines if not any(word in one for word in words)]


@pytest.mark.slow
def test_a_page_draws_what_changed_and_is_the_same_as_one_that_draws_all(tmp_path, drawn):
    made = made_labels(tmp_path)
    for name, seed in (("a-00000001", 1), ("b-00000002", 2)):
        made.add_run(name, seed=seed)
    made.add_blend("a-00000001", "b-00000002")
    first = render(made.workspace, made.competition, "x")
    assert {("run", "run-a-00000001"), ("run", "run-b-00000002")} < set(drawn)
    assert ("labels", drawn[0][1]) in drawn
    drawn.clear()
    again = render(made.workspace, made.competition, "x")
    assert drawn == []
    moments = ("Written by podium", "<time")
    assert without(again.text, *moments) == without(first.text, *moments)

    curves = made.workspace.runs / "b-00000002" / "fold-0" / "metrics.csv"
    curves.write_text(curves.read_text() + "joint,3,0.0001,1.1,1.3,0.7\n")
    render(made.workspace, made.competition, "x")
    assert drawn == [("run", "run-b-00000002")]
    drawn.clear()
    folder = made.workspace.cache / "report-figures"
    kept = sorted(folder.glob("*.json"))
    kept[0].write_text("{")
    kept[1].write_text(kept[1].read_text().replace("0", "1", 5))  # JSON all the same
    (folder / "run-of-old.json").write_text("{}")
    render(made.workspace, made.competition, "x")
    assert len(drawn) == 2, "what is damaged is drawn again"
    assert sorted(folder.glob("*.json")) == kept, "what no page has is removed"


def test_a_value_is_kept_until_a_file_or_a_fact_changes(tmp_path):
    file, calls = tmp_path / "predictions.npy", []
    file.write_text("1")
    kept = KeptDrawings(tmp_path / "kept", "base")

    def value(base="base", facts=None, name="run"):
        at = KeptDrawings(tmp_path / "kept", base)
        return at.value(name, files=[file], facts=facts, make=lambda: calls.append(1) or len(calls))

    assert [value(), value()] == [1, 1]
    os.utime(file, ns=(1, 1))
    assert [value(), value()] == [2, 2]
    assert [value(facts=[1]), value(facts=[1])] == [3, 3]
    assert value(base="other") == 4
    assert value(base="other", name="run/..") == 5
    assert {one.parent for one in (tmp_path / "kept").rglob("*.json")} == {tmp_path / "kept"}
    kept.forget_others()
    assert not list((tmp_path / "kept").iterdir())
    assert KeptDrawings.nowhere().value("x", files=[], facts=None, make=lambda: 7) == 7


def test_a_page_that_takes_long_has_a_line_after_ten_seconds_and_then_one_a_minute(
    tmp_path, monkeypatch
):
    now = 0.0
    monkeypatch.setattr(kept_drawings, "monotonic", lambda: now)
    said: list[str] = []
    kept = KeptDrawings(tmp_path / "kept", "base", say=said.append)
    for place in range(10):
        now = 9.0 * place
        kept.value(f"run-run-small-{place}", files=[], facts=None, make=lambda: 0)
    assert said == [
        "  still drawing: after 2 groups of figures, run-small-2",
        "  still drawing: after 9 groups of figures, run-small-9",
    ]
