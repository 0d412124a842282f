"""The competitions of the golden record: how each is written, and which commands run in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import mask_miniatures
import miniatures
import numpy as np
import yaml
from competition_miniatures import BUILDERS, Made
from competition_miniatures.cases import CASES as EXAMPLES_CASES
from plain_runs import runs_of

__all__ = ["Case", "cases"]

EXAMPLES = Path(__file__).resolve().parents[1] / "examples/competitions"
Words = tuple[str, ...]
Spec = dict[str, Any]


HOSTED = (
    "airbus-ships", "aptos", "cassava", "dsb2018", "human-protein-atlas", "humpback-whale",
    "rsna-breast", "tgs-salt",
)  # fmt: skip
# Other ways of the commands, where they have most to do.
MORE_OF_EXAMPLES: dict[str, tuple[Words, ...]] = {
    "severstal": (
        ("tune", "thresholds", "small", "--trials", "3", "--raw", "--json"),
        ("submit", "small", "--dry-run", "--match-rates", "--json"),
    ),
    "human-protein-atlas": (
        ("tune", "thresholds", "small", "--trials", "3", "--raw", "--json"),
        ("submit", "small", "--dry-run", "--match-rates", "--json"),
    ),
    "airbus-ships": (("tune", "thresholds", "small", "--trials", "3", "--raw", "--json"),),
}
OTHER_COMMANDS: tuple[Words, ...] = (
    ("soup", "small", "same", "--name", "soup"),
    ("show", "soup", "--json"),
    ("show", "cat0000", "--json"),
    ("explain", "small", "cat0000", "--json"),
    ("predict", "small", "--split", "oof", "--neighbours"),
    ("blend", "small", "same", "--method", "stack_logistic", "--name", "stacked", "--json"),
    ("blend", "small", "same", "--method", "power", "--name", "powers", "--json"),
    ("tune", "show", "--json"),
    ("report",),
)
MORE_OF_LABELS: tuple[Words, ...] = (
    ("predict", "small", "--split", "oof,test,unlabelled", "--tta", "hflip,vflip", "--each-view"),
    ("predict", "other", "--neighbours"),
    ("blend", "small", "other", "--name", "views", "--trials", "3", "--json"),
    ("predict", "small", "--split", "unlabelled"),
    ("pseudo", "small", "--threshold", "0.4", "--json"),
    ("label", "request", "small", "--n", "3", "--by", "margin", "--json"),
    ("soup", "small", "--name", "soup"),
    ("tune", "lr", "small", "--steps", "12", "--json"),
    ("tune", "losses", "small", "--trials", "2", "--json"),
    ("study", "compare", "small", "other", "--epochs", "1", "--seeds", "0", "--json"),
    ("finals", "--offline", "--json"),
)


@dataclass(frozen=True)
class Case:
    """One competition.

    Attributes:
        write: writes `data/` in the folder, and returns competition.yaml; None: that of `init`.
        recipes: by name; each is trained.
        init: whether `podium init` is tried first.
        more: commands after the blend; the names of the recipes are `small` and `other`.
        faulty: the cells of the last row but one of a file that `check` has to refuse.
        auto: the methods that `blend --auto` tries; none: it is left out.
        answers: returns the header and the rows of a host's solution, less the column Usage.
        place: of the workspace, in the case's folder.
    """

    write: Callable[[Path], Spec | None]
    recipes: dict[str, dict[str, Any]]
    init: bool = True
    more: Sequence[Words] = ()
    faulty: str = ""
    auto: str = ""
    answers: Callable[[Path], list[list[str]]] | None = None
    place: str = ""

    def commands(self, root: Path) -> Iterator[Words]:
        """Yield the commands in their order; between them, write what the next one reads."""
        spec = self.write(root)
        if self.init:
            yield ("init", str(root / "data"))
            _keep_what_init_wrote(root)
        if spec is not None:
            text = yaml.safe_dump(spec, sort_keys=False)
            (root / "competition.yaml").write_text(text, encoding="utf-8")
        (root / "recipes").mkdir(exist_ok=True)
        for name, recipe in self.recipes.items():
            (root / f"recipes/{name}.yaml").write_text(yaml.safe_dump(recipe))
        yield ("check", "--json")
        yield ("calibrate", "--json")
        yield ("folds", "--json")
        yield ("train", *self.recipes, "--json")
        for name in self.recipes:
            yield ("show", name, "--json")
        yield ("tune", "thresholds", "small", "--trials", "4", "--json")
        yield ("blend", "--trials", "4", "--json")
        yield ("show", "blend", "--members", "--json")
        if self.auto:
            yield ("blend", "--auto", "--methods", self.auto, "--trials", "3", "--json")
        yield ("submit", "blend", "--dry-run", "--json")
        yield ("submit", "blend", "--rehearse", "--json")
        for path in sorted((root / "submissions").glob("blend-*.csv")):
            yield ("check", str(path), "--json")
            if self.faulty:
                yield ("check", str(_with_fault(path, root / "faulty.csv", self.faulty)), "--json")
        for path in sorted((root / "submissions").glob("rehearsal-of-train-*.csv")):
            yield ("check", str(path), "--fold", "all", "--json")
        yield ("board", "--offline", "--json")
        yield from self.more
        if self.answers is not None:
            yield from self._hosted(root, self.answers(root))

    def _hosted(self, root: Path, rows: list[list[str]]) -> Iterator[Words]:
        """Yield what sends the two files to a host that knows the answers."""
        usage = ["Usage", *(("Public", "Private")[n // 2 % 2] for n in range(len(rows) - 1))]
        if rows[0][1:2] == ["EncodedPixels"]:  # the rows of an image stay together
            seen = sorted({row[0] for row in rows[1:]})
            usage[1:] = [("Public", "Private")[seen.index(row[0]) % 2] for row in rows[1:]]
        cells = [[*row, part] for row, part in zip(rows, usage, strict=True)]
        miniatures.write_table(root / "solution.csv", cells[0], cells[1:])
        place = str(root / "host")
        solution = str(root / "solution.csv")
        yield ("host", "init", place, "--solution", solution, "--users", "me", "--seed", "1")
        spec = yaml.safe_load((root / "competition.yaml").read_text(encoding="utf-8"))
        spec["kaggle"] = {"host": "host"}
        text = yaml.safe_dump(spec, sort_keys=False)
        (root / "competition.yaml").write_text(text, encoding="utf-8")
        for name in ("blend", "small"):
            yield ("submit", name, "-m", f"of {name}", "--json")
        yield ("board", "--json")
        yield ("finals", "--json", "--public-share", "0.5")


class Presets:
    """What the presets stand for: no competition is needed."""

    place = ""

    def commands(self, root: Path) -> Iterator[Words]:
        yield ("presets", "--json")
        for path in sorted(EXAMPLES.iterdir()):
            yield ("presets", path.name, "--json")


def cases(*, demo: bool = False) -> dict[str, Any]:
    """Return the cases by name; those of `examples/competitions` have the names that they have."""
    if demo:
        return {"demo": Demo()}
    found = {name: _example(name) for name in BUILDERS}
    return {"presets": Presets(), **found, **_layouts()}


class Demo:
    """The whole path of `podium demo`, and what its workspace answers afterwards."""

    place = "workspace"

    def commands(self, root: Path) -> Iterator[Words]:
        yield ("demo", str(root))
        in_it = ("-w", str(root / self.place))
        yield (*in_it, "check", "--json")
        yield (*in_it, "folds", "--json")
        yield (*in_it, "board", "--json")


def _network(*, epochs: int, lr: float, widths: list[int], **keys: Any) -> dict[str, Any]:
    heads = keys.pop("heads", {"classify": {}})
    return {
        "model": {
            "backbone": "cnn", "pretrained": False, "options": {"widths": widths}, "heads": heads,
        },
        "optimizer": {"name": "adamw", "lr": lr, "schedule": "constant"},
        "batch_size": 8,
        "phases": [{"name": "all", "epochs": epochs}],
        **keys,
    }  # fmt: skip


def _two(*, epochs: int = 2, **keys: Any) -> dict[str, dict[str, Any]]:
    """Return two recipes whose blends have weights: another width, rate and views of the test."""
    return {
        "small": _network(epochs=epochs, lr=1e-2, widths=[8, 16], **keys),
        "other": _network(
            epochs=epochs, lr=3e-3, widths=[8, 8], predict={"tta": ["hflip"]}, **keys
        ),
    }


def _example(name: str) -> Case:
    """Return a case of a miniature, by the example's competition.yaml with two folds."""
    known = EXAMPLES_CASES[name]

    made: list[Made] = []

    def write(root: Path) -> Spec:
        made[:] = [BUILDERS[name](root / "data")]
        spec: Spec = yaml.safe_load(
            (EXAMPLES / name / "competition.yaml").read_text(encoding="utf-8")
        )
        spec["folds"]["n"] = 2
        del spec["kaggle"]["slug"]
        return spec

    kept = {key: known.recipe[key] for key in ("input", "extra") if key in known.recipe}
    heads = known.recipe["model"]["heads"]
    is_labels = "classify" in heads

    def answers(root: Path) -> list[list[str]]:
        (sample,) = (root / "data").glob("*sample_submission*.csv")
        header = sample.read_text(encoding="utf-8").splitlines()[0].split(",")
        return _solution(header, made[0])

    return Case(
        write,
        _two(epochs=2 if is_labels else 4, heads=heads, **kept),
        faulty=known.fault[0] or "",
        auto="mean,hill_climb,rank" if is_labels else "mean,vote",
        more=MORE_OF_EXAMPLES.get(name, ()),
        answers=answers if name in HOSTED else None,
    )


def _solution(header: list[str], made: Made) -> list[list[str]]:
    """Return a host's rows: labels as words, objects and masks as runs with their sizes."""
    first = next(iter(made.truth.values()))
    if not isinstance(first, np.ndarray):
        as_text = {
            name: " ".join(map(str, sorted(one))) if isinstance(one, set) else str(one)
            for name, one in made.truth.items()
        }
        return [header, *([name, text] for name, text in as_text.items())]
    rows = [
        [name, runs, *map(str, one.shape[-2:])]
        for name, one in made.truth.items()
        for runs in ([runs_of(each) for each in one] if one.ndim == 3 else [runs_of(one)]) or [""]
    ]
    return [[*header, "height", "width"], *rows]


def _layouts() -> dict[str, Case]:
    """Return the layouts of the tests' own miniatures."""
    joint = {"classify": {}, "segment": {"decoder": "linear"}}
    masks = {"segment": {"decoder": "linear"}}

    def of_masks(name: str) -> Callable[[Path], Spec]:
        return lambda root: {
            **getattr(mask_miniatures, name)(root / "data", n=16, n_test=5).spec,
            "folds": {"n": 2},
        }

    def found(name: str, **keys: Any) -> Callable[[Path], None]:
        def write(root: Path) -> None:
            getattr(miniatures, name)(root / "data", **keys)

        return write

    plain: dict[str, Any] = {"input": {"size": 24, "train": "none"}}
    return {
        "class-folders": Case(
            found("class_folders"),
            {**_two(**plain), "same": _network(epochs=1, lr=2e-3, widths=[8, 16], **plain)},
            more=OTHER_COMMANDS,
        ),
        "groups": Case(
            found("table_and_images"),
            _two(**plain),
            auto="mean,logit_mean,stack_ridge",
            more=MORE_OF_LABELS,
        ),
        "probabilities": Case(
            found("table_and_images", classes=("cat", "dog"), probabilities=True), _two(**plain)
        ),
        "several-labels": Case(
            found("multilabel_with_groups"), _two(**plain), auto="mean,per_class"
        ),
        "labels-in-one-cell": Case(
            found("multilabel_with_groups", in_one_cell=True), _two(**plain)
        ),
        "labels-and-masks": Case(
            of_masks("pictures_and_masks"),
            _two(epochs=3, heads=joint, input={"size": 32, "train": "none"}),
            auto="mean,vote",
            more=(("tune", "losses", "small", "--trials", "2", "--json"),),
        ),
        "numbers": Case(_numbers, _two(**plain), auto="mean,hill_climb,stack_ridge"),
        "cells": Case(
            of_masks("cells"), _two(epochs=4, heads=masks, input={"size": 40, "train": "none"})
        ),
    }


def _numbers(root: Path) -> Spec:
    """Write images whose brightness is a number to be told."""
    rng = np.random.default_rng(5)
    rows: dict[str, list[list[str]]] = {"train": [], "test": []}
    for part, count in (("train", 32), ("test", 8)):
        for number in range(count):
            bright = int(rng.integers(0, 180))
            pixels = rng.integers(0, 60, (24, 24, 3)) + bright
            miniatures.save(root / f"data/{part}/{number:03d}.png", pixels.astype(np.uint8))
            rows[part].append([f"{number:03d}", str(bright / 10)])
    miniatures.write_table(root / "data/train.csv", ["id", "age"], rows["train"])
    sample = [[name, "5.0"] for name, _ in rows["test"]]
    miniatures.write_table(root / "data/sample_submission.csv", ["id", "age"], sample)
    images = "data/train/{id}.png"
    return {
        "name": "numbers",
        "tasks": {"classify": "regression"},
        "data": {
            "train": {"table": "data/train.csv", "id": "id", "label": "age", "images": images},
            "test": {"images": "data/test/*.png"},
        },
        "folds": {"n": 2},
        "metric": {"name": "rmse"},
        "submission": {
            "sample": "data/sample_submission.csv",
            "columns": {"id": "id", "age": "value"},
            "value": "scalar",
        },
    }


def _keep_what_init_wrote(root: Path) -> None:
    (root / "as_init_wrote_it").mkdir()
    for path in (root / "competition.yaml", *sorted((root / "recipes").glob("*.yaml"))):
        if path.exists():
            copy = root / "as_init_wrote_it" / path.name
            copy.write_bytes(path.read_bytes())


def _with_fault(file: Path, faulty: Path, cells: str) -> Path:
    """Write the file with other cells behind the id of the last row but one."""
    rows = file.read_text(encoding="utf-8").splitlines()
    rows[-2] = rows[-2].split(",")[0] + "," + cells
    faulty.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return faulty
