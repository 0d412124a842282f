from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from recorded_progress import RecordedProgress

from podium.competition.spec import load_competition
from podium.errors import RecipeError
from podium.training.fit import collapse
from podium.training.fit.callbacks import TEMPERATURE, knn_accuracy, linear_accuracy
from podium.training.methods.byol import METHOD
from podium.training.runs.fold_files import FoldFiles
from podium.training.runs.history import read_metrics
from podium.training.runs.train import Trained, train

BYOL = "{name: byol, hidden: 16, size: 8}"
RECIPE = f"""\
model: {{backbone: cnn, pretrained: false, options: {{widths: [8, 16]}}}}
input: {{size: 32}}
batch_size: 8
unlabelled: [train]
phases:
  - {{name: images, epochs: 5, steps_per_epoch: 1, method: {BYOL}}}
"""
PROBE = "{every: 2, knn: 5, linear: true}"


def phases(probe: str | None, epochs: int = 5, method: str = BYOL) -> str:
    asked = "" if probe is None else f", probe: {probe}"
    one = f"{{name: images, epochs: {epochs}, steps_per_epoch: 1, method: {method}{asked}}}"
    return f"phases=[{one}]"


def go(made: Any, *overrides: str, **options: Any) -> Trained:
    workspace, _ = made
    (workspace.recipes / "probed.yaml").write_text(RECIPE)
    file = workspace.recipes / "probed.yaml"
    competition = load_competition(workspace.root)
    return train(workspace, competition, file, overrides=overrides, **options)


def history(run: Trained, fold: int | str = "full") -> list[dict[str, Any]]:
    return read_metrics(FoldFiles(run.run, fold).metrics)  # type: ignore[arg-type]


def separable_features(n: int, seed: int, n_classes: int = 4) -> tuple[np.ndarray, np.ndarray]:
    """Return features that separate the classes in part."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, n_classes, n)
    centres = np.random.default_rng(9).normal(size=(n_classes, 6))
    return (centres[labels] + 1.5 * rng.normal(size=(n, 6))).astype(np.float32), labels


def knn_in_loops(bank: Any, labels: Any, queries: Any, right: Any, k: int) -> float:
    hits = 0
    for query, answer in zip(queries, right, strict=True):
        near = []
        for one, label in zip(bank, labels, strict=True):
            lengths = math.sqrt(sum(x * x for x in query)) * math.sqrt(sum(x * x for x in one))
            near.append((sum(x * y for x, y in zip(query, one, strict=True)) / lengths, int(label)))
        near.sort(key=lambda pair: -pair[0])
        votes: dict[int, float] = {}
        for cosine, label in near[:k]:
            votes[label] = votes.get(label, 0.0) + math.exp(cosine / 0.07)
        hits += max(votes, key=lambda label: votes[label]) == answer
    return hits / len(right)


@pytest.mark.parametrize("k", [1, 5, 20, 60, 100])
def test_knn_is_its_formula_in_loops(k: int) -> None:
    (bank, labels), (queries, right) = separable_features(60, 0), separable_features(40, 1)
    got = knn_accuracy(bank, labels, queries, right, k=k)
    wanted = knn_in_loops(
        bank.astype(float).tolist(), labels, queries.astype(float).tolist(), right, k
    )
    assert got == wanted
    assert 0.3 < got < 1


def test_near_neighbours_count_more_than_many() -> None:
    # One neighbour at cosine 1 against two at 0.6: exp(1 / 0.07) > 2 exp(0.6 / 0.07).
    bank = np.array([[1, 0], [0.6, 0.8], [0.6, -0.8]], dtype=np.float32)
    labels, query = np.array([0, 1, 1]), np.array([[1, 0]], dtype=np.float32)
    assert knn_accuracy(bank, labels, query, np.array([0]), k=3) == 1.0


def test_knn_is_lightly_s(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIGHTLY_DID_VERSION_CHECK", "True")
    knn = pytest.importorskip("lightly.utils.benchmarking.knn")
    (bank, labels), (queries, right) = separable_features(80, 2), separable_features(50, 3)
    sides = (torch.nn.functional.normalize(torch.from_numpy(one)) for one in (queries, bank))
    asked, shelf = sides
    for k in (1, 7, 40):
        predicted = knn.knn_predict(
            asked, shelf.T, torch.from_numpy(labels), num_classes=4, knn_k=k, knn_t=TEMPERATURE
        )
        wanted = float((predicted[:, 0].numpy() == right).mean())
        assert knn_accuracy(bank, labels, queries, right, k=k) == wanted


def test_vectors_of_zeros_are_near_each_other_and_far_from_all_else() -> None:
    bank = np.array([[0, 0], [1, 0], [-1, 0]], dtype=np.float32)
    labels, queries = np.array([2, 0, 1]), np.zeros((1, 2), dtype=np.float32)
    assert knn_accuracy(bank, labels, queries, np.array([2]), k=1) == 1.0


def test_a_linear_probe_finds_a_linear_class_at_any_scale() -> None:
    rng = np.random.default_rng(0)
    features = rng.normal(size=(300, 3)).astype(np.float32)
    labels = (features @ [1.0, -2.0, 0.5] > 0).astype(np.int64)
    scaled = features * np.array([1e-4, 1e4, 1], dtype=np.float32) + 50
    for given in (features, scaled):
        one = linear_accuracy(given[:200], labels[:200], given[200:], labels[200:])
        assert one > 0.95
    constant = np.zeros_like(features)
    alike = linear_accuracy(constant[:200], labels[:200], constant[200:], labels[200:])
    assert alike == max(np.mean(labels[200:] == c) for c in (0, 1))
    assert linear_accuracy(features[:9], labels[:9] * 0, features, labels) == np.mean(labels == 0)


def test_columns_stand_every_so_many_epochs_and_after_the_last(make: Callable) -> None:
    made = make()
    run = go(made, phases(PROBE))
    rows = history(run)
    assert [("knn" in row, "linear" in row) for row in rows] == [
        (n in (2, 4, 5), n in (2, 4, 5)) for n in range(1, 6)
    ]
    assert all(0 <= row[name] <= 1 for row in rows for name in ("knn", "linear") if name in row)
    last = FoldFiles(run.run, "full").read_done()["probe"]
    assert last == {
        "phase": "images",
        "epoch": 5,
        "knn": rows[-1]["knn"],
        "linear": rows[-1]["linear"],
    }


def test_a_probe_changes_neither_the_id_nor_a_weight(make: Callable) -> None:
    plain, watched = go(make("a"), phases(None)), go(make("b"), phases(PROBE))
    assert plain.run.name == watched.run.name
    found = [
        torch.load(one.run / "fold-full/last.pt", weights_only=True)["network"]
        for one in (plain, watched)
    ]
    assert all(torch.equal(found[0][name], found[1][name]) for name in found[0])
    losses = [[row["train_loss"] for row in history(one)] for one in (plain, watched)]
    assert losses[0] == losses[1]


def test_the_numbers_are_those_of_the_saved_network_on_fold_0(
    make: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    from podium.training.fit import callbacks as module

    seen: list[tuple[np.ndarray, ...]] = []

    def note(*given: Any, k: int) -> float:
        seen.append(given)
        return knn_accuracy(*given, k=k)

    monkeypatch.setattr(module, "knn_accuracy", note)
    made = make()
    run = go(made, phases("{every: 9, knn: 5, linear: false}"))
    assert "linear" not in history(run)[-1]
    (bank, bank_labels, queries, labels), *more = seen
    assert not more
    # The same by hand: images as they are, divided and normalised, through the saved backbone.
    from PIL import Image

    from podium.competition.folds.file import ensure_folds
    from podium.competition.samples import load_samples
    from podium.models.network import build_network
    from podium.training.recipe import load_recipe

    workspace, competition = made
    samples = load_samples(competition, "train", workspace=workspace)
    folds = ensure_folds(workspace, competition, samples)
    network = build_network(
        load_recipe(run.run / "recipe.yaml").model, n_outputs={}, image_size=(32, 32)
    ).eval()
    state = torch.load(run.run / "fold-full/last.pt", weights_only=True)
    network.load_state_dict(state["network"])
    pixels = []
    for name in samples["id"]:
        image = Image.open(workspace.root / f"data/train/{name}.png").resize((32, 32))
        pixels.append(np.asarray(image, dtype=np.float32) / 255)
    images = (np.stack(pixels) - network.mean) / network.std
    with torch.no_grad():
        tensor = torch.from_numpy(images.astype(np.float32)).permute(0, 3, 1, 2)
        made_of = network.backbone(tensor).mean(dim=(2, 3)).numpy()
    assert queries.shape == made_of[folds == 0].shape
    assert bank.shape == made_of[folds != 0].shape
    right = samples["label"].to_numpy()
    assert (labels == right[folds == 0]).all()
    assert (bank_labels == right[folds != 0]).all()
    for ours, theirs in ((queries, made_of[folds == 0]), (bank, made_of[folds != 0])):
        near = [np.corrcoef(a, b)[0, 1] for a, b in zip(ours, theirs, strict=True)]
        assert min(near) > 0.99  # PIL shrinks otherwise than OpenCV


def test_probe_reads_at_most_the_given_number_of_rows(
    make: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    from podium.training.fit import callbacks as module

    seen: list[tuple[int, int]] = []

    def note(bank: Any, _: Any, queries: Any, __: Any, *, k: int) -> float:
        seen.append((len(bank), len(queries)))
        return 0.0

    monkeypatch.setattr(module, "knn_accuracy", note)
    go(make(), phases("{every: 9, knn: 5, linear: false, rows: 10}"))
    assert seen == [(10, 10)]


def test_in_a_recipe_with_both_kinds_of_phases_the_folds_own_rows_are_probed(
    make: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    from podium.training.fit import callbacks as module

    seen: list[int] = []

    def note(bank: Any, _: Any, queries: Any, right: Any, *, k: int) -> float:
        seen.append(len(queries))
        return 0.5

    monkeypatch.setattr(module, "knn_accuracy", note)
    two = (
        f"phases=[{{name: images, epochs: 1, steps_per_epoch: 1, method: {BYOL}, "
        "probe: {linear: false}}, {name: labels, epochs: 1, steps_per_epoch: 1}]"
    )
    run = go(make(), two, folds=[1])
    assert seen == [12]
    assert [row.get("knn") for row in history(run, 1)] == [0.5, None]
    assert FoldFiles(run.run, 1).read_done()["probe"]["phase"] == "images"


@pytest.mark.parametrize(
    ("kind", "method", "message"),
    [
        ("multilabel", BYOL, "has multilabel labels"),
        ("regression", BYOL, "has regression labels"),
        ("multiclass", "{name: supervised}", "are validated anyhow"),
    ],
)
def test_what_cannot_be_probed_is_refused(
    make: Callable, kind: str, method: str, message: str
) -> None:
    made = make(kind=kind)
    with pytest.raises(RecipeError, match=message):
        go(made, phases(PROBE, method=method))


def test_a_binary_task_is_probed(make: Callable) -> None:
    run = go(make(kind="binary"), phases(PROBE, epochs=1))
    assert 0 <= history(run)[-1]["linear"] <= 1


@pytest.mark.parametrize("wrong", ["{every: 0}", "{knn: 0, linear: false}", "{k: 3}"])
def test_a_wrong_option_is_refused(make: Callable, wrong: str) -> None:
    with pytest.raises(RecipeError):
        go(make(), phases(wrong))


@pytest.mark.slow
def test_a_collapse_of_the_vectors_is_reported_once_and_recorded(
    make: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    values = iter([0.5, 0.09, 0.09, 0.5, 0.08, 0.07, 0.06, 0.05, 0.04])
    losses = METHOD.losses

    def with_spread(self: Any, batches: Any, step: Any) -> Any:
        found = losses(self, batches, step)
        del found["dimensions"]
        return {**found, "spread": torch.tensor(next(values))}

    monkeypatch.setattr(METHOD, "losses", with_spread)
    progress = RecordedProgress()
    run = go(make(), phases(None, epochs=9), progress=progress)
    assert len(history(run)) == 9, "the run goes on"
    notes = [line for line in progress.lines if "one direction" in line]
    assert len(notes) == 1
    assert "phase images" in notes[0]
    alike = FoldFiles(run.run, "full").read_done()["alike"]
    assert alike == {"images": {"epoch": 7, "spread": pytest.approx(0.06)}}


def test_a_healthy_spread_is_not_reported() -> None:
    rows = [{"phase": "a", "epoch": n, "spread": s} for n, s in enumerate([0.05, 0.05, 0.2, 0.05])]
    assert collapse.find_embedding_collapse(rows) == {}
    assert (
        collapse.find_embedding_collapse([{"phase": "a", "epoch": 1, "train_loss": 0.0}] * 5) == {}
    )


def test_vectors_on_a_line_count_as_alike_whatever_their_spread() -> None:
    rows = [
        {"phase": "a", "epoch": n, "spread": 0.9, "dimensions": d}
        for n, d in enumerate([4.0, 1.4, 1.2, 1.1, 1.0])
    ]
    wanted = {"epoch": 3, "spread": 0.9, "dimensions": 1.1}
    assert collapse.find_embedding_collapse(rows) == {"a": wanted}
    assert collapse.find_embedding_collapse(rows[:3]) == {}
