"""The precision of a method's pseudo-labels in its steps, against plain loops."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor
from training.fold_fits import fit, history, tensors
from training.method_recipes import job_of, write

from podium.training.method import PseudoLabelEvaluator, with_precision
from podium.workspace.layout import Workspace

SAID = ("classify/right", "classify/evaluated")
TRUTH = [2, -1, 0, 1, 1, -1, 2]
answers = st.lists(
    st.tuples(st.integers(0, len(TRUTH) - 1), st.integers(0, 2), st.floats(0, 1)), min_size=1
)


@given(steps=st.lists(answers, min_size=1, max_size=4))
def test_an_epochs_precision_is_of_all_its_pseudo_labels_with_known_truth(steps: Any) -> None:
    judge = PseudoLabelEvaluator(torch.tensor(TRUTH))
    size = max(map(len, steps))
    steps = [[*one, *[(1, 0, 1.0)] * (size - len(one))] for one in steps]  # batches are full
    sums, right, judged = dict.fromkeys(SAID, 0.0), 0.0, 0.0
    for one in steps:
        index, predicted, weight = (torch.tensor(each) for each in zip(*one, strict=True))
        for name, value in judge(index, predicted, weight).items():
            sums[name] += float(value)
        for row, answer, much in one:
            if TRUTH[row] >= 0:
                judged += much
                right += much * (TRUTH[row] == answer)
    found = with_precision({"kept": 0.5, **{name: one / len(steps) for name, one in sums.items()}})
    assert found.pop("kept") == 0.5
    if judged > 1e-6:
        assert found == {"classify/precision": pytest.approx(right / judged, abs=1e-5)}
    assert set(found) <= {"classify/precision"}


def test_without_known_truth_there_is_no_precision() -> None:
    none = PseudoLabelEvaluator(torch.tensor(TRUTH))(
        torch.tensor([1, 5]), torch.tensor([0, 1]), torch.ones(2)
    )
    assert {name: float(value) for name, value in none.items()} == dict.fromkeys(SAID, 0.0)
    assert with_precision({"kept": 0.0, **dict.fromkeys(SAID, 0.0)}) == {"kept": 0.0}
    assert with_precision({"kept": 0.25}) == {"kept": 0.25}


def test_pseudo_labels_of_a_binary_task_have_one_output() -> None:
    judge = PseudoLabelEvaluator(torch.tensor([1, 0, 1]))
    found = judge(
        torch.tensor([2, 1]), torch.tensor([[1.0], [1.0]]), torch.tensor([[True], [True]])
    )
    assert {name: float(value) for name, value in found.items()} == {SAID[0]: 0.5, SAID[1]: 1.0}


CLASSES = ("coat", "dress")
N = 9
BY_METHOD = ["fixmatch-align", "softmatch", "comatch-queue", "classical", "unimatch_v2"]
ALIKE = ["fixmatch", "flexmatch", "freematch", "comatch"]


@pytest.mark.slow
@pytest.mark.other_cases("long", every=3)
@pytest.mark.parametrize(
    "name", [*BY_METHOD, *(pytest.param(one, marks=pytest.mark.long) for one in ALIKE)]
)
def test_every_method_records_the_precision_of_its_pseudo_labels(name: str, tmp_path: Path) -> None:
    """The evaluator's calls are counted here anew; the known truth changes no weight."""
    known, unknown = (write(name, tmp_path / one) for one in ("known", "unknown"))
    truth = [CLASSES[number % 3 == 1] for number in range(N)]
    _unlabelled(known, truth, "data/unlabelled/{label}/{id}.jpg")
    _unlabelled(unknown, truth, "data/unlabelled/*/{id}.jpg")
    with _listening() as asked:
        fit(job := job_of(known))
    rows = history(job)
    fit(other := job_of(unknown))
    assert not [one for one in history(other)[0] if one.endswith("precision")]
    _same(rows, history(other))
    weights = [tensors(one.files(0).checkpoint("last")) for one in (job, other)]
    assert weights[0] == weights[1]
    # The pool: the fold's own images, whose labels are learnt, then those of the folder.
    n_own = len(job.data.rows(0)[0])
    of_row = {n_own + row: CLASSES.index(one) for row, one in enumerate(sorted(truth))}
    per_epoch = len(asked) // len(rows)
    for number, row in enumerate(rows):
        right = judged = 0.0
        heard = asked[number * per_epoch : (number + 1) * per_epoch]
        if name != "unimatch_v2":  # whose share is that of the views without a box
            shares = (row.get(f"classify/{one}") for one in ("kept", "pseudo_kept"))
            share = next((one for one in shares if one), row.get("kept"))
            means = [float(weight.float().mean()) for _, _, weight in heard]
            assert sum(means) / len(means) == pytest.approx(float(share or "nan"), abs=1e-5)
        for index, answer, weight in heard:
            for at, predicted, much in zip(index, answer.flatten(), weight.flatten(), strict=True):
                if int(at) in of_row:
                    judged += float(much)
                    right += float(much) * (of_row[int(at)] == int(predicted))
        wanted = pytest.approx(right / judged, abs=1e-5) if judged else ""
        got = row.get("classify/precision", "")
        assert (float(got) if got else "") == wanted
    assert any(row.get("classify/precision") for row in rows), "the test must see some"


def _same(rows: list[dict[str, str]], others: list[dict[str, str]]) -> None:
    kept = [{k: v for k, v in one.items() if k != "classify/precision"} for one in rows]
    assert kept == others


def _unlabelled(workspace: Workspace, truth: list[str], pattern: str) -> None:
    """Put images of train among the unlabelled ones, of the classes in `truth`."""
    folder = workspace.root / "data/unlabelled"
    images = sorted((workspace.root / "data/images").iterdir())
    for number, (file, label) in enumerate(zip(images, truth, strict=False)):
        (folder / label).mkdir(parents=True, exist_ok=True)
        shutil.copy(file, folder / label / f"u{number}.jpg")
    file = workspace.root / "competition.yaml"
    spec = yaml.safe_load(file.read_text())
    spec["data"]["unlabelled"] = {"images": pattern}
    if "{label}" in pattern:
        spec["data"]["unlabelled"]["label"] = "label"
    file.write_text(yaml.safe_dump(spec, sort_keys=False))
    recipe = workspace.recipes / "tiny.yaml"
    written = yaml.safe_load(recipe.read_text())
    if (method := written["phases"][0]["method"])["name"] == "comatch":
        method["threshold"] = 0.6  # which some predictions reach
    recipe.write_text(yaml.safe_dump({**written, "unlabelled": ["train", "unlabelled"]}))


@contextmanager
def _listening() -> Iterator[list[tuple[Tensor, Tensor, Tensor]]]:
    """Yield the arguments of the evaluators' calls, in order."""
    asked: list[tuple[Tensor, Tensor, Tensor]] = []
    answer = PseudoLabelEvaluator.__call__

    def heard(self: PseudoLabelEvaluator, *given: Any) -> dict[str, Tensor]:
        asked.append(given)  # type: ignore[arg-type]
        return answer(self, *given)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(PseudoLabelEvaluator, "__call__", heard)
        yield asked
