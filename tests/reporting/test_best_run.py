"""Whether the best run leads beyond chance, against counts and binomial sums by hand."""

from __future__ import annotations

import math
import re
from types import SimpleNamespace

import numpy as np
import pytest
from reporting.test_report import built

from podium.competition.samples import load_samples, truth
from podium.reporting.best_run import lead_of_best
from podium.workspace.records import scan, write_record


def run(name, oof, scored_by=None, folds=()):
    scores = {str(k): score for k, score in enumerate(folds)}
    return SimpleNamespace(id=name, oof=oof, scored_by=scored_by, folds=scores)


def lead_by_signs(runs, of, groups, **options):
    """Return the lead of runs whose single scores nothing keeps, as of volumes."""
    return lead_of_best(runs, of, groups, share_of=lambda *_: None, **options)


def answers(right):
    return {f"i{place}": int(one) for place, one in enumerate(right)}


def is_beyond_chance(ahead, behind):
    """Return whether the two-sided p of a sign test, the binomial sum, is below 0.05."""
    n, least = ahead + behind, min(ahead, behind)
    return ahead > behind and 2 * sum(math.comb(n, k) for k in range(least + 1)) / 2**n < 0.05


@pytest.mark.parametrize("behind", range(12))
def test_a_lead_is_beyond_chance_by_the_binomial_sum(behind):
    for ahead in range(34):
        of = {"a": answers([1] * ahead + [0] * behind), "b": answers([0] * ahead + [1] * behind)}
        lead = lead_by_signs([run("a", 0.9), run("b", 0.8)], of, {})
        assert lead.is_real == is_beyond_chance(ahead, behind)


def test_a_lead_of_few_images_is_within_chance_and_one_of_many_is_not():
    best, second = "1" * 28 + "0" * 25 + "1" * 20, "0" * 28 + "1" * 25 + "1" * 20
    of = {"a": answers(map(int, best)), "b": answers(map(int, second))}
    lead = lead_by_signs([run("a", 0.9), run("b", 0.8917)], of, {})
    assert (
        str(lead)
        == "a is 0.0083 better than b: perhaps by chance, by a sign test (28 images against 25)"
    )
    of = {"a": answers([1] * 30), "b": answers([0] * 20 + [1] * 10)}
    lead = lead_by_signs([run("a", 0.9), run("b", 0.8)], of, {})
    assert (
        str(lead)
        == "a is 0.1000 better than b: beyond chance, by a sign test (20 images against 0)"
    )


def test_images_of_one_group_are_one_piece_of_evidence():
    of = {"a": answers([1] * 30), "b": answers([0] * 20 + [1] * 10)}
    groups = {f"i{place}": place // 10 for place in range(30)}
    lead = lead_by_signs([run("a", 0.9), run("b", 0.8)], of, groups)
    assert str(lead).endswith("perhaps by chance, by a sign test (2 groups of images against 0)")


def test_a_run_that_lacks_folds_is_compared_on_the_folds_of_both():
    whole = answers([1] * 10 + [0] * 10)
    of = {"whole": whole, "part": {**answers([1] * 8 + [0] * 1)}}
    runs = [run("whole", 0.5, folds=(1.0, 0.9, 0.1)), run("part", 0.8889, folds=(0.9, 0.7))]
    told = "whole is 0.1500 better than part on the 9 rows that both have: perhaps by chance"
    assert str(lead_by_signs(runs, of, {})) == f"{told}, by a sign test (1 image against 0)"
    told = "part is 0.1500 better than whole on the 9 rows that both have: perhaps by chance"
    of_errors = lead_by_signs(runs, of, {}, greater_is_better=False)
    why = "whole stands first, as more rows score it"
    assert str(of_errors) == f"{told}, by a sign test (0 images against 1); {why}"


def test_where_the_best_is_worse_in_the_folds_of_both_the_other_one_is_called_better():
    of = {"whole": answers([0] * 9 + [1] * 20), "part": answers([1] * 9)}
    runs = [run("whole", 0.6897, folds=(0.0, 1.0)), run("part", 1.0, folds=(1.0,))]
    assert is_beyond_chance(9, 0)
    told = "part is 1.0000 better than whole on the 9 rows that both have: beyond chance"
    why = "; whole stands first, as more rows score it"
    assert str(lead_by_signs(runs, of, {})) == f"{told}, by a sign test (9 images against 0){why}"
    disjoint = run("part", 1.0)
    assert lead_by_signs([runs[0], disjoint], of, {}) is None


def test_one_group_is_counted_in_the_singular():
    of = {"a": answers([1, 0, 0]), "b": answers([0, 1, 1])}
    groups = {f"i{place}": place for place in range(3)}
    lead = lead_by_signs([run("a", 0.9), run("b", 0.8)], of, groups)
    assert str(lead).endswith("(1 group of images against 2)")


def test_there_is_no_lead_of_one_run_or_over_one_of_another_metric():
    of = {name: answers([1]) for name in "abc"}
    assert lead_by_signs([run("a", 0.9)], of, {}) is None
    assert lead_by_signs([run("a", 0.9), run("b", None)], of, {}) is None
    assert lead_by_signs([run("a", 0.9), run("b", 0.8, "auc")], of, {}) is None
    assert lead_by_signs([run("a", 0.9), run("c", 0.8)], {"a": answers([1])}, {}) is None


def test_report_states_whether_the_best_runs_lead_is_significant(make):
    made, right = make(), {}
    labels = truth(load_samples(made.competition, "train"), made.competition)
    for place, name in enumerate(("a-00000001", "b-00000002")):
        folder = made.add_run(name, seed=place + 1)
        right[name] = made.probs[name].argmax(1) == labels
        oof = float(right[name].mean())
        ((_, record),) = [one for one in scan(made.workspace) if one[1].id == name]
        scores = {"oof": oof, "tasks": {"classify": {"metric": "accuracy", "oof": oof}}}
        changes = {"scores": {**record.scores, **scores}, "details": {"predictions": "aabbccdd"}}
        write_record(folder, record.model_copy(update=changes))
    second, best = sorted(right, key=lambda name: right[name].mean())
    a, b = right[second], right[best]
    told = f"{best} is {b.mean() - a.mean():.4f} better than {second} in "
    counts = f"of draws, perhaps by chance ({int((b & ~a).sum())} images against "
    [share] = re.findall(rf"{told}(\d+)% {re.escape(counts)}", built(made, figures=False).text)
    rows = np.random.default_rng(1).integers(0, len(a), (4000, len(a)))
    gains = b[rows].mean(axis=1) - a[rows].mean(axis=1)
    wanted = (gains > 0).mean() + (gains == 0).mean() / 2
    assert abs(int(share) / 100 - wanted) < 0.04
