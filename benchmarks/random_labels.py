"""Random labels that networks memorise: no path that ends in a score is above chance.

Each seed writes a competition whose labels (or masks) were drawn without a look at its images, and
takes each path from there to a score. A path leaks where it brings labels of a row to what predicts
the row; a network that memorises then scores far above chance. Printed are, for each path, the mean
over the seeds and its standard error, how far it is from chance in standard errors of as many
guesses, and whether podium marked the score as one not to trust. The last four paths of labels
leak on purpose, and are marked: they show that these networks would be found out. `auto` plans by
the clock, a minute a seed, so its row differs from run to run.

    python benchmarks/random_labels.py [--seeds 10] [--paths WORD ...] [--list]
"""

from __future__ import annotations

import argparse
import math
import shutil
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
import yaml
from numpy.typing import NDArray
from PIL import Image

from podium.competition.folds.file import ensure_folds
from podium.competition.samples import load_samples
from podium.competition.spec import Competition, load_competition
from podium.ensembling.method import method_names
from podium.models import checkpoints
from podium.training.runs.soup import make_soup
from podium.training.runs.train import train
from podium.workflows.auto.run import auto
from podium.workflows.blends.blending import blend_runs, tune_decisions
from podium.workflows.importing import ImportTarget, import_files, import_workspace
from podium.workflows.pseudo.labelling import pseudo_label
from podium.workflows.studies.transfer import transfer_study
from podium.workflows.tuning.losses import tune_losses
from podium.workflows.tuning.recipe_result import conclude_recipe_study
from podium.workflows.tuning.recipe_trials import plan_recipe_study, run_recipe_trials
from podium.workflows.tuning.written_recipe import UNKNOWN_START_NOTE
from podium.workspace.layout import Workspace
from podium.workspace.records import UNKNOWN_START, read_record

CLASSES = ("a", "b", "c", "d")


@dataclass(frozen=True)
class Flavour:
    """What is scored.

    Args:
        task, metric: as competition.yaml has them.
        chance: the score of guesses.
        spread: standard deviation of a guess's score, such that that of N is `spread / sqrt(N)`.
        classes: of the labels; none: masks, each all white or all black.
    """

    task: str
    metric: str
    chance: float
    spread: float
    classes: tuple[str, ...] = ()


FLAVOURS = {
    "labels": Flavour("classify: multiclass", "accuracy", 0.25, math.sqrt(0.25 * 0.75), CLASSES),
    # Of 24 yes and 24 no the standard deviation is sqrt(49 / (12 * 24 * 24)).
    "ranks": Flavour("classify: binary", "auc", 0.5, math.sqrt(48 * 49 / 12) / 24, ("0", "1")),
    "ratings": Flavour("classify: ordinal", "qwk", 0.0, 1.0, ("0", "1", "2", "3")),
    "masks": Flavour("segment: binary", "mean_dice, empty: one", 0.5, 0.5),
}
N, N_TEST, N_FOLDS, SIDE, CELL = 48, 24, 2, 16, 4
EPOCHS = 40
TRIALS = 4
LONG = {"name": "all", "epochs": EPOCHS}
SHORT = {"name": "images", "epochs": 2}
# What a method needs beside its name to be at work with so few images.
BESIDE_LABELS: dict[str, dict[str, Any]] = {
    "fixmatch": {"ratio": 2, "threshold": 0.5},
    "flexmatch": {"ratio": 2, "threshold": 0.5},
    "freematch": {"ratio": 2, "decay": 0.9},
    "softmatch": {"ratio": 2, "decay": 0.9},
    "comatch": {"ratio": 2, "threshold": 0.5, "size": 16, "bank": 32, "align_batches": 3},
    "mean_teacher": {"ratio": 2, "decay": 0.9},
}
FROM_IMAGES: dict[str, dict[str, Any]] = {
    "simclr": {"hidden": 16, "size": 8},
    "byol": {"hidden": 16, "size": 8, "decay": 0.9},
    "simsiam": {"hidden": 16, "size": 8, "bottleneck": 4},
    "barlow_twins": {"hidden": 16, "size": 8},
    "dino": {"local_views": 1, "hidden": 8, "bottleneck": 6, "size": 12, "warmup_epochs": 1},
    "autoencoder": {"size": 6, "width": 4},
    "mae": {"width": 8, "depth": 1, "attention_heads": 2},
}
TRANSFORMER = {
    "backbone": "vit_tiny_patch16_224",
    "options": {"patch_size": 8, "embed_dim": 24, "depth": 2, "num_heads": 2},
}
OF_MASKS: dict[str, dict[str, Any]] = {
    "unimatch": {"threshold": 0.5},
    "unimatch_v2": {"threshold": 0.5, "strong": "strong", "decay": 0.9},
    "mean_teacher": {"ratio": 1, "decay": 0.9},
}


@dataclass(frozen=True)
class Score:
    """A score, the number of rows that it is of, and whether podium says not to trust it."""

    value: float
    rows: int
    is_marked: bool = False


@dataclass
class Noise:
    """A competition of one seed, and the runs that paths share.

    Args:
        root: its folder.
        seed: of labels, images and recipes.
        flavour: what is scored, one of `FLAVOURS`.
    """

    root: Path
    seed: int
    flavour: str = "labels"
    runs: dict[str, Path] = field(default_factory=dict)

    def __post_init__(self) -> None:
        write_noise(self.root, self.seed, FLAVOURS[self.flavour])
        self.workspace = Workspace(self.root)
        self.competition: Competition = load_competition(self.root)

    def recipe(self, name: str, *, phases: Sequence[Any] = (LONG,), **more: Any) -> Path:
        """Write a recipe, and return its file."""
        is_masks = self.flavour == "masks"
        heads = {"segment": {"decoder": "linear"}} if is_masks else {"classify": {}}
        model = {"backbone": "cnn", "pretrained": False, "options": {"widths": [16, 32]}}
        recipe = {
            "seed": self.seed,
            "model": {**model, "heads": heads, **more.pop("model", {})},
            "input": {"size": SIDE, "train": "none"},
            "optimizer": {"name": "adamw", "lr": 1e-2},
            "batch_size": 8,
            "phases": list(phases),
            **more,
        }
        file = self.root / "recipes" / f"{name}.yaml"
        file.write_text(yaml.safe_dump(recipe))
        return file

    def fit(self, name: str, *, folds: list[int] | None = None, **recipe: Any) -> Score:
        """Train a run, and return its out-of-fold score."""
        file = self.recipe(name, **recipe)
        done = train(self.workspace, self.competition, file, name=name, folds=folds)
        self.runs[name] = done.run
        return score_of_run(done.run)

    def run(self, name: str, **recipe: Any) -> Path:
        """Return a run that paths share, trained on the first call."""
        if name not in self.runs:
            self.fit(name, **recipe)
        return self.runs[name]

    def blend(self, members: Sequence[str], **how: Any) -> Score:
        """Blend runs and imports, and return the honest score."""
        record = read_record(blend_runs(self.workspace, self.competition, members, **how))
        return Score(float(record.scores["honest"]), N, "origin" in str(record.details))


def write_noise(root: Path, seed: int, flavour: Flavour) -> None:
    """Write a competition of images of random squares, with labels that were drawn apart."""
    rng = np.random.default_rng(seed)
    (root / "recipes").mkdir(parents=True)
    for split, count in (("train", N), ("test", N_TEST)):
        (root / "data" / split).mkdir(parents=True)
        for i in range(count):
            cells = rng.integers(0, 256, (CELL, CELL, 3), dtype=np.uint8)
            pixels = cells.repeat(SIDE // CELL, axis=0).repeat(SIDE // CELL, axis=1)
            Image.fromarray(pixels).save(root / f"data/{split}/{split}_{i:03d}.png")
    head = f"tasks: {{{flavour.task}}}\nmetric: {{name: {flavour.metric}}}\n"
    if flavour.classes:
        drawn = rng.permutation(np.arange(N) % len(flavour.classes))
        rows = [f"train_{i:03d},{flavour.classes[at]}" for i, at in enumerate(drawn)]
        (root / "data/train.csv").write_text("\n".join(["id,label", *rows, ""]))
        head += f"classes: [{', '.join(map(repr, flavour.classes))}]\n"
        train = "{table: data/train.csv, id: id, images: 'data/train/{id}.png', label: label}"
    else:
        (root / "data/masks").mkdir()
        for i, white in enumerate(rng.permutation(np.arange(N) % 2)):
            plane = np.full((SIDE, SIDE), 255 * int(white), dtype=np.uint8)
            Image.fromarray(plane).save(root / f"data/masks/train_{i:03d}.png")
        train = "{images: data/train/*.png, mask: 'data/masks/{stem}.png'}"
    lines = ["data:", f"  train: {train}"]
    lines += ["  test: {images: data/test/*.png}"]
    folds = f"folds: {{scheme: stratified, n: {N_FOLDS}, seed: {seed}}}\n"
    (root / "competition.yaml").write_text("name: noise\n" + head + folds + "\n".join(lines) + "\n")


def score_of_run(run: Path) -> Score:
    """Return the out-of-fold score in the record of a run."""
    scores = read_record(run).scores
    is_marked = UNKNOWN_START in scores or bool(scores.get("selected_on_fold"))
    return Score(float(scores["oof"]), int(scores["scored_rows"]), is_marked)


Path_ = Callable[[Noise], Score]


def _beside_labels(name: str, options: dict[str, Any], *, pool: str = "test") -> Path_:
    def path(noise: Noise) -> Score:
        phase = {**LONG, "epochs": EPOCHS // 2, "method": {"name": name, **options}}
        return noise.fit(f"run-{name}", phases=[phase], unlabelled=[pool])

    return path


def _from_images(name: str, options: dict[str, Any]) -> Path_:
    def path(noise: Noise) -> Score:
        first = {**SHORT, "method": {"name": name, **options}}
        model = TRANSFORMER if name == "mae" else {}
        return noise.fit(f"run-{name}", phases=[first, LONG], unlabelled=["test"], model=model)

    return path


def _self_training(mode: str) -> Path_:
    def path(noise: Noise) -> Score:
        method = {"name": "pseudo_label", "threshold": 0.4, "mode": mode}
        if mode == "classical":
            method |= {"schedule": "alternate", "ratio": 2}
        epochs = EPOCHS // 4 * 2  # a round of mode: local is two
        last = {**LONG, "name": "again", "epochs": epochs, "method": method}
        return noise.fit(f"run-{mode}", phases=[LONG, last], unlabelled=["test"])

    return path


def _probe(noise: Noise) -> Score:
    method = {"name": "linear_probe", "rounds": 2, "views": ["hflip"]}
    phase = {"name": "probe", "epochs": 1, "freeze": ["backbone"], "method": method}
    noise.fit("probe-first", phases=[phase], unlabelled=["test"])
    return noise.fit("probe", phases=[phase], unlabelled=["test"], seed=noise.seed + 1)


def _from_run(noise: Noise) -> Score:
    return noise.fit("warm", model={"from": noise.run("base").name})


def _from_own_files(noise: Noise) -> Score:
    """Return the score of folds that each started from the file of their own network."""
    base = noise.run("base")
    found = [
        noise.fit(f"own-{k}", folds=[k], model={"weights": str(base / f"fold-{k}/last.pt")})
        for k in range(N_FOLDS)
    ]
    rows = sum(one.rows for one in found)
    return Score(sum(one.value * one.rows for one in found) / rows, rows)


def _soup(method: str) -> Path_:
    def path(noise: Noise) -> Score:
        names = [noise.run("base").name, noise.run("warmed", model={"from": "base"}).name]
        soup = make_soup(noise.workspace, noise.competition, names, method=method)  # type: ignore[arg-type]
        return score_of_run(soup)

    return path


def _taught(noise: Noise) -> Score:
    """Return the score of students of pseudo-labels that the base run made."""
    labels = pseudo_label(
        noise.workspace, noise.competition, noise.run("base").name, splits=("test",)
    )
    return noise.fit("student", pseudo=[{"from": labels.name}])


def _tuned_recipe(*, is_bare: bool = False) -> Path_:
    """Return the honest score of a search: each fold's winner is chosen on the others."""

    def path(noise: Noise) -> Score:
        space = noise.root / "space.yaml"
        space.write_text("optimizer.lr: {low: 1e-3, high: 3e-2, log: true}\n")
        more: dict[str, Any] = {}
        if is_bare:
            more["model"] = {"weights": str(bare_weights(noise))}
            more["phases"] = [{"name": "all", "epochs": 1}]
        noise.recipe("searched", **more)
        study = plan_recipe_study(
            noise.workspace, noise.competition, "searched", space, seed=noise.seed, pruner="none"
        )
        assert run_recipe_trials(study, trials=2 if is_bare else TRIALS) is None
        found = conclude_recipe_study(study)
        assert found.honest is not None
        return Score(found.honest.score, N, UNKNOWN_START_NOTE in found.notes)

    return path


def _tuned_losses(noise: Noise) -> Score:
    """Return the score of a run whose loss was searched on the first fold, on the second."""
    phases = [{**LONG, "loss": {"classify": {"ce": 1, "focal": 1}}}]
    noise.recipe("lossy", phases=phases)
    found = tune_losses(
        noise.workspace, noise.competition, "lossy", trials=3, folds=[0], seed=noise.seed
    )
    done = train(noise.workspace, noise.competition, found.recipe, name="lossy", folds=[1])
    return score_of_run(done.run)


def _transfer(arm: str, *, is_bare: bool = False) -> Path_:
    """Return the score of an arm of a study, on the fold whose own network its weights are of."""

    def path(noise: Noise) -> Score:
        weights = noise.run("base") / "fold-0/last.pt"
        if is_bare:
            weights = bare_weights(noise)
        noise.recipe("transferred")
        study = transfer_study(
            noise.workspace,
            noise.competition,
            "transferred",
            supervised=str(weights),
            seeds=[noise.seed],
            folds=[0],
        )
        row = next(one for one in study.rows if one.name == arm)
        score = next(iter(row.scores.values()))
        return Score(score, N // N_FOLDS, row.unknown_start)

    return path


def _tuned_decision(run: str) -> Path_:
    """Return the honest score of a decision that was tuned on out-of-fold predictions."""

    def path(noise: Noise) -> Score:
        artefact = noise.run(run).name
        blend = tune_decisions(noise.workspace, noise.competition, artefact, seed=noise.seed)
        return Score(float(read_record(blend).scores["honest"]), N)

    return path


def _automatic(noise: Noise) -> Score:
    """Return the honest score of the last blend of `podium auto`, in a workspace of its own."""
    own = Noise(noise.root / "auto", noise.seed, noise.flavour)
    found = auto(own.workspace, own.competition, AUTO_S)
    honest = [one.honest for one in found.record.steps if one.honest is not None]
    if not honest:
        raise SystemExit(f"{AUTO_S:g} s were too short for auto: nothing was trained")
    return Score(honest[-1], N)


def _blended(*families: str) -> Path_:
    def path(noise: Noise) -> Score:
        others = [noise.run(f"member-{i}", seed=noise.seed + 10 * i).name for i in (1, 2)]
        members = [noise.run("base").name, *others]
        how: dict[str, Any] = {"method": families[0]} if len(families) == 1 else {}
        if len(families) > 1:
            how = {"families": families}
        return noise.blend(members, name=f"by-{len(families)}-{families[0]}", **how)

    return path


def neighbours(noise: Noise) -> tuple[pd.DataFrame, NDArray[Any], NDArray[np.int64]]:
    """Return the training rows, their folds, and the nearest row of another fold to each."""
    samples = load_samples(noise.competition, "train")
    folds = ensure_folds(noise.workspace, noise.competition, samples)
    images = np.stack([pixels(noise.root / one[0]) for one in samples["images"]])
    nearest = []
    for i in range(N):
        others = np.flatnonzero(folds != folds[i])
        nearest.append(others[np.argmin(((images[others] - images[i]) ** 2).sum(axis=1))])
    return samples, folds, np.array(nearest)


def _imported_file(noise: Noise) -> Score:
    """Return the honest score of a nearest neighbour's predictions, which knows labels by heart."""
    samples, folds, nearest = neighbours(noise)
    labels = samples["label"].to_numpy().astype(np.int64)
    table = [
        [samples["id"][i], *np.eye(len(CLASSES))[labels[nearest[i]]], folds[i]] for i in range(N)
    ]
    file = noise.root / "neighbours.csv"
    pd.DataFrame(table, columns=["id", *CLASSES, "fold"]).to_csv(file, index=False)
    home = ImportTarget.of(noise.workspace, noise.competition)
    made = import_files(home, [file], name="neighbours")
    return noise.blend([noise.run("base").name, made.name], name="imported")


def _imported_masks(*beside: str) -> Path_:
    """Return the honest score of the nearest neighbour's masks, alone or blended with runs."""

    def path(noise: Noise) -> Score:
        samples, folds, nearest = neighbours(noise)
        folder, table = noise.root / "neighbours", noise.root / "their_folds.csv"
        if not folder.is_dir():
            folder.mkdir()
            for i in range(N):
                mask = noise.root / f"data/masks/{samples['id'][nearest[i]]}.png"
                shutil.copyfile(mask, folder / f"{samples['id'][i]}.png")
            pd.DataFrame({"id": samples["id"], "fold": folds}).to_csv(table, index=False)
        home = ImportTarget.of(noise.workspace, noise.competition)
        made = import_files(home, [folder], folds_file=table, name="neighbours")
        members = [*(noise.run(one).name for one in beside), made.name]
        return noise.blend(members, name=f"imported-{len(members)}")

    return path


def _imported_run(noise: Noise) -> Score:
    """Return the honest score of a blend with the same run of another workspace."""
    other = Noise(noise.root / "other", noise.seed)
    other.run("theirs", seed=noise.seed + 5)
    home = ImportTarget.of(noise.workspace, noise.competition)
    made = import_workspace(home, other.root, run="theirs")
    return noise.blend([noise.run("base").name, made[0].name], name="teammate")


def _masks(name: str = "", options: dict[str, Any] | None = None) -> Path_:
    def path(noise: Noise) -> Score:
        if not name:
            noise.run("masks")
            return noise.blend([noise.runs["masks"].name], name="masks")
        phase = {**LONG, "epochs": EPOCHS // 2, "method": {"name": name, **(options or {})}}
        return noise.fit(f"masks-{name}", phases=[phase], unlabelled=["test"])

    return path


def _taught_masks(noise: Noise) -> Score:
    labels = pseudo_label(
        noise.workspace, noise.competition, noise.run("masks").name, splits=("test",)
    )
    return noise.fit("masks-student", pseudo=[{"from": labels.name}])


def _selected(noise: Noise) -> Score:
    return noise.fit("best", checkpoint="best")


def bare_weights(noise: Noise) -> Path:
    """Return a file of weights that learnt the rows of fold 0, and does not tell."""
    file = noise.root / "bare.pt"
    torch.save(checkpoints.load(noise.run("base") / "fold-1/last.pt")["network"], file)
    return file


def _bare_weights(noise: Noise) -> Score:
    """Return the score of a start from weights whose file does not tell what they learnt."""
    weights = str(bare_weights(noise))
    return noise.fit("leaky", model={"weights": weights}, phases=[{"name": "all", "epochs": 1}])


def pixels(file: Path) -> NDArray[np.float64]:
    """Return the pixels of an image, flat."""
    with Image.open(file) as image:
        return np.asarray(image, dtype=np.float64).ravel()


MODES = ("append", "classical", "permanent", "local")
"""Ways of `method: {name: pseudo_label}`."""
AUTO, AUTO_S = "auto, a minute", 60.0
OF_ONE_NUMBER = ("rank", "stack_ridge")
"""Methods of blending that do not take probabilities of several classes."""
LABEL_PATHS: dict[str, Path_] = {
    "supervised": lambda noise: score_of_run(noise.run("base")),
    **{f"beside labels: {name}": _beside_labels(name, o) for name, o in BESIDE_LABELS.items()},
    **{f"self-training: {mode}": _self_training(mode) for mode in MODES},
    **{f"from images: {name}": _from_images(name, o) for name, o in FROM_IMAGES.items()},
    "linear_probe, features cached": _probe,
    "pseudo-labels, student": _taught,
    "model.from a run": _from_run,
    "model.weights of the own fold": _from_own_files,
    "soup, uniform": _soup("uniform"),
    "soup, greedy": _soup("greedy"),
    "tune recipe, honest": _tuned_recipe(),
    "tune losses on another fold": _tuned_losses,
    "tune thresholds": _tuned_decision("base"),
    "study transfer --supervised the own fold, B": _transfer("B"),
    "study transfer --supervised the own fold, D": _transfer("D"),
    **{f"blend: {name}": _blended(name) for name in method_names() if name not in OF_ONE_NUMBER},
    "blend: auto": _blended(*method_names()),
    "import of a table": _imported_file,
    "import of a run": _imported_run,
    AUTO: _automatic,
    "on purpose: checkpoint best": _selected,
    "on purpose: bare weights": _bare_weights,
    "on purpose: study transfer, bare weights, D": _transfer("D", is_bare=True),
    "on purpose: tune recipe, bare weights": _tuned_recipe(is_bare=True),
}
MASK_PATHS: dict[str, Path_] = {
    "masks: supervised, blend": _masks(),
    **{f"masks: {name}": _masks(name, options) for name, options in OF_MASKS.items()},
    "masks: pseudo-labels, student": _taught_masks,
    "masks: tune thresholds": _tuned_decision("masks"),
    "masks: import of a folder": _imported_masks(),
    "masks: import of a folder, and a run": _imported_masks("masks"),
}
PATHS = {
    "labels": LABEL_PATHS,
    "ranks": {"ranks: blend: rank": _blended("rank")},
    "ratings": {
        "ratings: supervised": lambda noise: score_of_run(noise.run("base")),
        "ratings: blend: stack_ridge": _blended("stack_ridge"),
        "ratings: tune thresholds": _tuned_decision("base"),
    },
    "masks": MASK_PATHS,
}
"""From the flavour to its paths."""


@dataclass(frozen=True)
class Row:
    """The scores of one path over the seeds."""

    path: str
    flavour: Flavour
    scores: tuple[Score, ...]

    @property
    def mean(self) -> float:
        return float(np.mean([one.value for one in self.scores]))

    @property
    def error(self) -> float:
        """Standard error of the mean, by the scatter of the seeds."""
        values = [one.value for one in self.scores]
        return float(np.std(values, ddof=1)) / math.sqrt(len(values)) if values[1:] else math.nan

    @property
    def above(self) -> float:
        """Standard errors of as many guesses by which the mean is above chance."""
        n_rows = sum(one.rows for one in self.scores)
        return (self.mean - self.flavour.chance) / self.flavour.spread * math.sqrt(n_rows)

    @property
    def is_marked(self) -> bool:
        return all(one.is_marked for one in self.scores)


def score_paths(seeds: Sequence[int], words: Sequence[str] = ()) -> list[Row]:
    """Return the scores of the paths of which the name holds one of `words`; none: of all."""
    found: list[Row] = []
    for flavour, paths in PATHS.items():
        chosen = [one for one in paths if not words or any(word in one for word in words)]
        scores: dict[str, list[Score]] = {one: [] for one in chosen}
        for seed in seeds if chosen else ():
            with tempfile.TemporaryDirectory() as folder:
                noise = Noise(Path(folder) / "noise", seed, flavour)
                for one in chosen:
                    scores[one].append(paths[one](noise))
                    print(f"seed {seed}, {one}: {scores[one][-1]}", file=sys.stderr, flush=True)
        found += [Row(one, FLAVOURS[flavour], tuple(each)) for one, each in scores.items()]
    return found


def main() -> None:
    """Print the table; the exit status is 1 where a score that is not marked is above chance."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--paths", nargs="*", default=[], help="words of their names")
    parser.add_argument("--list", action="store_true", help="name the paths")
    given = parser.parse_args()
    if given.list:
        print("\n".join(one for paths in PATHS.values() for one in paths))
        return
    print("| path | seeds | chance | mean | above by (se) | marked |")
    print("| --- | ---: | ---: | ---: | ---: | --- |")
    leaks = 0
    for row in score_paths(range(given.seeds), given.paths):
        mark, chance = "yes" if row.is_marked else "", row.flavour.chance
        mean = f"{row.mean:.3f} ± {row.error:.3f}"
        n = len(row.scores)
        print(f"| {row.path} | {n} | {chance:.2f} | {mean} | {row.above:+.1f} | {mark} |")
        leaks += row.above > LIMIT and not row.is_marked
    raise SystemExit(int(leaks > 0))


LIMIT = 3.0
"""Standard errors above chance from which a path leaks: one honest path in 700 would be there."""

if __name__ == "__main__":
    main()
