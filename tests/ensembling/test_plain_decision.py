"""Why the plain decision is kept: the fact, its note, its sentence in a report and its record."""

from __future__ import annotations

import dataclasses
import functools
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from podium.competition import metrics
from podium.ensembling import blend
from podium.ensembling.blend import Blend
from podium.ensembling.plain_decision import KeptPlain, notes_on_parts, why_plain
from podium.ensembling.record import read_blend, write_blend
from podium.tuning.paying import GainEvidence, Kept
from podium.workspace.layout import Workspace
from podium.workspace.records import read_record, write_record

MEASURED = KeptPlain(
    "tuning gains +0.0024 ± 0.0096 on rows it was not fitted on, and decides 10 of 150", 0.0024,
    0.0096,
)  # fmt: skip
ASKED = KeptPlain("nothing is tuned, as was asked for")
OF_FOLDS = KeptPlain("tuned for each fold by the others it scores 0.7000", is_of_folds=True)


@functools.cache
def made() -> Blend:
    """Return a blend of 90 rows with a plain decision."""
    rng = np.random.default_rng(0)
    members = rng.dirichlet(np.ones(3), (2, 90))
    found = blend(members, np.arange(90) % 3, "accuracy", np.arange(90) % 3, trials=2)
    return dataclasses.replace(found, decision=(), untuned=0.8, honest=0.8)


@pytest.mark.parametrize(
    ("why", "sentence"),
    [
        (MEASURED, "Tuning the decision gains +0.0024 ± 0.0096 on rows that it was not fitted on"),
        (
            dataclasses.replace(MEASURED, gain=-0.0024),
            "Tuning the decision loses 0.0024 ± 0.0096 on rows that it was not fitted on",
        ),
        (
            dataclasses.replace(MEASURED, gain=0.0),
            "Tuning the decision gains +0.0000 ± 0.0096 on rows that it was not fitted on",
        ),
        (ASKED, "Nothing is tuned, as was asked for"),
        (OF_FOLDS, "Tuned for each fold by the others it scores 0.7000"),
    ],
)
def test_a_report_states_what_tuning_would_gain_whatever_the_notes_are(
    why: KeptPlain, sentence: str
) -> None:
    found = dataclasses.replace(made(), kept_plain=why, notes=("x: the plain decision is kept",))
    assert found.is_tuning_better == f"{sentence}: the plain decision is kept."


def test_a_report_states_what_was_tuned_and_whether_it_is_better() -> None:
    steps = {"class_weights": [1, 2]}
    tuned = dataclasses.replace(made(), decision=(steps,), honest=0.85, kept_plain=None)
    assert tuned.is_tuning_better == (
        "The decision was tuned (class weights). Its honest score 0.8500 is better than the 0.8000 "
        "of the plain decision."
    )
    worse = dataclasses.replace(tuned, greater_is_better=False)
    assert "0.8500 is worse than the 0.8000 of" in worse.is_tuning_better
    for honest in (0.8, 0.80001):
        same = dataclasses.replace(tuned, honest=honest)
        assert "0.8000 is as good as the 0.8000 of" in same.is_tuning_better


def test_a_report_states_nothing_where_nothing_is_decided_or_no_reason_is_known() -> None:
    assert dataclasses.replace(made(), untuned=None, kept_plain=ASKED).is_tuning_better == ""
    assert dataclasses.replace(made(), kept_plain=None).is_tuning_better == ""


def test_a_note_names_the_scores_where_they_differ() -> None:
    assert ASKED.note(0.8, 0.8) == "nothing is tuned, as was asked for: the plain decision is kept"
    assert OF_FOLDS.note(0.7, 0.8) == (
        "tuned for each fold by the others it scores 0.7000: the plain decision is kept, which "
        "scores 0.8000 across the folds"
    )
    assert KeptPlain("it pays nothing").note(0.7, 0.8) == (
        "it pays nothing: the plain decision is kept, which scores 0.8000 across the folds; the "
        "honest score 0.7000 is of what each fold would choose, some a tuned one"
    )


def kept(evidence: GainEvidence, *, is_tuned: bool = False) -> Kept[list[Any]]:
    return Kept([], [], is_tuned, evidence)


def test_the_reason_is_the_evidence_or_else_the_folds() -> None:
    accuracy, loss = metrics.get("accuracy"), metrics.get("log_loss")
    found = GainEvidence(150, np.float64(0.0024), np.float64(0.0096), 10)  # type: ignore[arg-type]
    why = why_plain(accuracy, kept(found), [], 0.7, 0.8)
    assert why == KeptPlain(str(found), 0.0024, 0.0096)
    assert type(why.gain) is type(why.error) is float  # as JSON has it
    # What was not measured has no gain: its error is infinite, which JSON has not.
    for lacking in (GainEvidence(5, lacking="too few rows"), GainEvidence(150)):
        assert why_plain(accuracy, kept(lacking), [], 0.7, 0.8) == KeptPlain(str(lacking))
    tuned = kept(found, is_tuned=True)
    assert why_plain(accuracy, tuned, [tuned], 0.7, 0.8) == OF_FOLDS
    assert why_plain(loss, tuned, [tuned], 0.8, 0.7) is not None
    for metric, honest, plain in ((accuracy, 0.8, 0.7), (accuracy, 0.8, 0.8), (loss, 0.7, 0.8)):
        assert why_plain(metric, tuned, [tuned], honest, plain) is None


def test_a_tuned_decision_that_no_fold_can_judge_is_not_sent() -> None:
    accuracy = metrics.get("accuracy")
    tuned = kept(GainEvidence(10, 0.2, 0.1, 8), is_tuned=True)
    few, fewer = (kept(GainEvidence(n, lacking=f"{n} rows are too few")) for n in (6, 4))
    why = why_plain(accuracy, tuned, [fewer, few, fewer], 0.7, 0.7)
    assert why == KeptPlain("no fold can be decided by the others: 6 rows are too few")
    assert why_plain(accuracy, tuned, [few, tuned], 0.8, 0.7) is None


def test_a_note_tells_where_the_honest_score_is_of_another_decision_than_the_file() -> None:
    tuned = kept(GainEvidence(100, 0.02, 0.01, 8), is_tuned=True)
    plain = kept(GainEvidence(80, 0.01, 0.02, 8))
    (note,) = notes_on_parts(tuned, [plain, plain])
    assert note.startswith("the honest score is of the plain decision")
    assert note.endswith(f"the tuned one is sent, as on all rows {tuned.evidence}")
    assert notes_on_parts(tuned, [plain, tuned]) == notes_on_parts(plain, [plain]) == ()


@pytest.mark.parametrize("why", [None, MEASURED, ASKED, OF_FOLDS])
def test_a_record_keeps_the_reason_and_one_without_it_is_read(
    tmp_path: Path, why: KeptPlain | None
) -> None:
    found = dataclasses.replace(made(), kept_plain=why)
    folder = write_blend(Workspace(tmp_path), found, [tmp_path / name for name in "ab"])
    assert read_blend(folder)[0].kept_plain == why
    record = read_record(folder)
    del record.details["kept_plain"]
    (folder / "record.json").unlink()
    write_record(folder, record)
    assert read_blend(folder)[0].kept_plain is None
