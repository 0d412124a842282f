"""Imports that score too well get a warning; the others, and all runs, get none."""

from __future__ import annotations

import numpy as np
import pytest

from podium.ensembling.leaks import leak_note, leak_notes
from podium.workspace.blend_notes import leaking_member
from podium.workspace.machine import now
from podium.workspace.records import Record


def scored(name, score, kind="import", metric="f1", n=780, files="00000001"):
    return Record(
        kind=kind,
        id=f"{name}-{files}",
        name=name,
        created=now(),
        status="finished",
        scores={"metric": metric, "oof": score, "scored_rows": n},
    )


OTHERS = [scored("rf", 0.7706, files="00000002"), scored("small", 0.8712, "run", files="00000003")]


def test_a_perfect_import_gets_a_warning_with_the_best_other_run():
    leak = scored("leak", 1.0)
    note = leak_note(leak, OTHERS)
    assert note.startswith(
        "leak-00000001 scores 1.0000, the best other run 0.8712: were its out-of"
    )
    assert leaking_member(note, ["small-00000003", leak.id]) == leak.id
    assert leaking_member("leak-00000001 alone scores better: 1.0000", [leak.id]) == ""
    assert leak_notes([*OTHERS, leak]) == (note,)
    # The same files under another name are no other run.
    assert leak_note(leak, [*OTHERS, scored("again", 1.0)]) == note


@pytest.mark.parametrize(
    ("record", "others"),
    [
        (scored("better", 0.9), OTHERS),  # lacks .1 of .1288
        (scored("run", 1.0, "run"), OTHERS),  # podium knows what its rows were predicted by
        (scored("few", 1.0, n=60), OTHERS),  # 8 wrong of 60, or none, by chance
        (scored("first", 1.0), []),
        (scored("other-metric", 1.0, metric="auc"), OTHERS),
        (scored("undefined", None), OTHERS),
        (scored("own", 1.0, metric="my_metric:METRIC"), OTHERS),
    ],
)
def test_what_may_be_right_gets_no_warning(record, others):
    assert leak_note(record, others) == ""


def test_five_errors_of_a_mean_are_the_root_of_its_share_and_the_rest_over_the_rows():
    """0.1288 wrong, or none: 5 · √(0.1288 · 0.8712 / n) is less from 25 · 0.8712 / 0.1288 rows."""
    others = [scored("small", 0.8712, "run", files="00000003")]
    assert 169 < 25 * 0.8712 / 0.1288 < 170
    assert leak_note(scored("leak", 1.0, n=169), others) == ""
    assert leak_note(scored("leak", 1.0, n=170), others) != ""


def test_an_error_of_less_than_a_third_of_the_others_gets_a_warning_from_enough_rows_on():
    others = [scored("lr", 0.9, metric="log_loss", files="00000002")]
    assert "scores 0.2000" in leak_note(scored("leak", 0.2, metric="log_loss"), others)
    assert leak_note(scored("good", 0.4, metric="log_loss"), others) == ""
    assert leak_note(scored("few", 0.2, metric="log_loss", n=100), others) == ""


def test_no_accuracy_of_as_good_a_model_is_five_errors_away():
    rng = np.random.default_rng(0)
    for n in (100, 400):
        drawn = rng.binomial(n, 0.9, size=(300, 2)) / n
        for a, b in drawn:
            one = scored("a", float(a), metric="accuracy", n=n)
            other = scored("b", float(b), metric="accuracy", n=n, files="00000002")
            assert leak_notes([one, other]) == ()
