"""A few cases of `make fuzz`, and how `make faults` names its trials and restores their place."""

from __future__ import annotations

import errno
import os
import re
import signal
import threading
import time
from pathlib import Path
from types import ModuleType

import pytest
from scripts import BENCHMARKS, script


@pytest.fixture(scope="module")
def fuzz() -> ModuleType:
    return script(BENCHMARKS / "fuzz.py")


@pytest.mark.parametrize("kind", ["yaml", "tables", "submissions", "masks", "archives"])
def test_mutated_inputs_are_read_as_they_are_meant_or_refused(
    fuzz: ModuleType, tmp_path: Path, kind: str
) -> None:
    with pytest.MonkeyPatch.context() as patch:  # the first one imports what all of them need
        patch.setattr(fuzz, "HUNG_S", 600)
        fuzz.tried(kind, 0, 0, tmp_path)
    found = [fuzz.tried(kind, 0, number, tmp_path) for number in range(40)]
    assert not [one for one in found if one.verdict not in ("accepted", "refused")]
    assert {"accepted", "refused"} == {one.verdict for one in found}


def test_an_oracle_that_disagrees_is_reported(
    fuzz: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fuzz, "plain_table", lambda *_: [["not", "this"]])
    found = [fuzz.tried("tables", 0, number, tmp_path) for number in range(10)]
    assert "wrong" in {one.verdict for one in found}


@pytest.fixture
def faults(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")  # it sets both, and they are put back afterwards
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    return script(BENCHMARKS / "faults.py")


def test_a_campaign_of_kills_goes_on_from_its_notes_and_its_places_are_restored(
    faults: ModuleType, tmp_path: Path
) -> None:
    notes = tmp_path / "notes.jsonl"
    first = faults.Rig(tmp_path / "a", 0, notes)
    first.campaign = "kills"
    drawn = {}
    for number in first.trials("soup", 4):
        drawn[number] = first.rng.random()
        if number == 2:
            break  # stopped
        first.record("soup", number, ["survived"])
    second = faults.Rig(tmp_path / "b", 0, notes)
    second.campaign = "kills"
    rest = {}
    for number in second.trials("soup", 4):
        rest[number] = second.rng.random()
        second.record("soup", number, ["lost", "left behind"], "why")
    assert list(drawn) == [0, 1, 2]
    assert list(rest) == [2, 3]
    assert rest[2] == drawn[2]
    row = "| soup | 4 | 2 | 2 | 0 | 0 | 0 | 2 |"
    assert row in faults.table("kills", second.known.values())

    stage = second.stages / "soup"
    for name in ("runs/a.json", "runs/deep/b.npy", "studies.db"):
        (stage / name).parent.mkdir(parents=True, exist_ok=True)
        (stage / name).write_text(name)
    second.reset("soup")
    whole = files_of(second.work)
    (second.work / "studies.db").write_text("in place")
    (second.work / "runs/deep/b.npy").unlink()
    (second.work / "new").write_text("another")
    (second.work / "new").replace(second.work / "runs/a.json")
    (second.work / "runs/more").mkdir()
    assert files_of(second.work) != whole
    second.reset("soup")
    assert files_of(second.work) == whole == files_of(stage)
    (second.work / "runs/a.json").write_text("in place")
    with pytest.raises(SystemExit, match="written in place"):
        second.reset("soup")


def test_every_campaign_makes_one_trial_however_slow_the_machine_is(
    faults: ModuleType, tmp_path: Path
) -> None:
    rig = faults.Rig(tmp_path / "a", 0)
    for campaign in ("kills", "disk"):
        rig.begin(campaign, time.monotonic() - 1)
        for what in ("train", "soup"):
            for number in rig.trials(what, 3):
                rig.record(what, number, ["survived"])
    assert [key[:2] for key in rig.known] == [("kills", "train"), ("disk", "train")]


def test_campaign_sample_sets_up_its_commands_and_reports_what_was_lost(
    faults: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rig = faults.Rig(tmp_path / "a", 0, is_sample=True)
    assert [one.name for one in rig.chain] == list(faults.SAMPLE)
    rig.begin("kills", None)
    rig.record("train", 0, ["survived"], "left: a.tmp")
    rig.record("train", 1, ["lost"], "exit 1, runs/small is missing")
    assert capsys.readouterr().err.split("\n")[:-1] == [
        "kills train 0: survived",
        "kills train 1: lost",
        "exit 1, runs/small is missing",
    ]


def test_without_the_right_to_mount_a_campaign_of_disks_is_skipped(
    faults: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not faults.may_mount(tmp_path / "missing")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert not faults.may_mount(tmp_path)


def test_what_took_time_is_not_compared(faults: ModuleType) -> None:
    columns = {"epochs": 2, "minutes": 0.125, "s/epoch": 3.1, "fit_seconds": 0.2}
    assert dict(faults.leaves({"columns": columns})) == {">columns>epochs": "2"}


def test_next_requests_are_no_doubled_ones_where_each_command_names_the_first(
    faults: ModuleType,
) -> None:
    command = faults.Command("label", ("label",), goes_on="has no answer yet")
    expected = {"labels/first/request.csv": "a", "runs/small/record.json>id": "'b'"}
    again = ["labels/second/request.csv", "labels/second/record.json>id"]
    named = "  first has no answer yet: its 3 images are left out\n"
    assert faults.added(again, expected) == {"labels/second"}
    assert not faults.without_next(command, again, expected, named)
    changed = "labels/first/request.csv"
    assert faults.without_next(command, [*again, changed], expected, named) == [changed]
    two = [*again, "labels/third/request.csv"]
    assert faults.without_next(command, two, expected, named) == two
    assert not faults.without_next(command, two, expected, named + named)
    elsewhere = [*again, "runs/large/record.json>id"]
    assert faults.without_next(command, elsewhere, expected, named + named) == elsewhere
    assert faults.without_next(command, again, expected, "") == again
    other = faults.Command("blend", ("blend",))
    assert faults.without_next(other, again, expected, named) == again


def test_a_file_that_a_command_names_as_not_written_is_not_silent_and_a_cause_must_be_named(
    faults: ModuleType,
) -> None:
    full = os.strerror(errno.ENOSPC)
    warned = faults.Ended(0, f"check.html is not written: [Errno 28] {full}")
    assert faults.is_said("check.html", warned)
    assert not faults.is_said("runs/a/record.json>id", warned)
    assert faults.unsaid(faults.Ended(1, f"podium: a.csv: {full}"), errno.ENOSPC) == ()
    assert faults.unsaid(faults.Ended(1, "podium: it failed"), errno.ENOSPC) == ("cause not said",)
    assert faults.unsaid(faults.Ended(0, ""), errno.ENOSPC) == ()


def test_a_stopped_campaign_ends_the_command_that_it_waits_for(
    faults: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    running = faults.Process(tmp_path, tmp_path, (), lambda: time.sleep(600))
    really = os.waitpid

    def stopped(*_: int) -> None:
        raise SystemExit(143)

    before = threading.active_count()
    monkeypatch.setattr(os, "waitpid", stopped)
    with pytest.raises(SystemExit):
        running.wait()
    for timer in threading.enumerate():
        if isinstance(timer, threading.Timer):
            timer.join(60)
    assert threading.active_count() == before, "the campaign would wait for what ends late commands"
    assert os.waitstatus_to_exitcode(really(running.pid, 0)[1]) == -signal.SIGKILL


def files_of(root: Path) -> dict[str, str | None]:
    """Return the text of each file below a folder, and None for each folder."""
    every = sorted(root.rglob("*"))
    return {
        one.relative_to(root).as_posix(): None if one.is_dir() else one.read_text() for one in every
    }


def test_the_documentation_has_a_row_for_every_silent_fault() -> None:
    cases = script(BENCHMARKS / "silent_faults.py").CASES
    page = (BENCHMARKS.parent / "docs/silent_faults.md").read_text()
    rows = re.findall(r"^\| (\d[\d., ]*) \|", page, re.MULTILINE)
    assert {one for row in rows for one in row.split(", ")} == set(cases)
