"""Recipes: settings of a training, as frozen models read from `recipes/*.yaml` (no torch here)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from podium.competition.spec import Competition
from podium.errors import PodiumError, RecipeError, UsageError, plural
from podium.models.spec import ModelSpec
from podium.predictions.views import ViewMean
from podium.workspace.display import show_path
from podium.workspace.documents import locate_key, read_document
from podium.workspace.layout import COMPETITION_FILE

__all__ = [
    "Input",
    "ManyFaultsError",
    "Mix",
    "OptimizerSpec",
    "Phase",
    "PredictSpec",
    "Recipe",
    "UnlabelledName",
    "errors_with_lines",
    "load_recipe",
    "naming_key",
]

Share = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[float, Field(gt=0)]
Side = Annotated[int, Field(ge=1)]


class _RecipePart(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class Input(_RecipePart):
    """The input of the network: size, fit and augmentation."""

    size: Side | tuple[Side, Side] | Literal["backbone"] = Field(
        default=224,
        description=(
            "pixels: a side, or [height, width]; backbone: what timm's weights of it were made for"
        ),
    )
    train: str | list[Any] = Field(
        default="weak", description="augmentation policy by name, or a list of them"
    )
    fit: Literal["resize", "centre_crop", "pad", "tile"] = "resize"
    """how an image of another shape comes to the size; tile: windows of it, at its own scale"""
    foreground: Share = 0.0
    """tile: share of the windows that are centred on a pixel of some mask class"""
    mean: float | list[float] | Literal["data"] | None = None
    """what is taken off pixels in [0, 1]: a number, one a channel, or data: as measured on the
    fold's training images; default: the backbone's"""
    std: Positive | list[Positive] | Literal["data"] | None = None
    """what they are divided by then, written alike"""

    @property
    def height_width(self) -> tuple[int, int]:
        if isinstance(self.size, int):
            return self.size, self.size
        assert self.size != "backbone"  # load_recipe puts the number in its place
        return self.size

    @model_validator(mode="after")
    def _only_windows_have_foreground(self) -> Self:
        if self.foreground > 0 and self.fit != "tile":
            raise ValueError("foreground sets where windows are cut: it needs fit: tile")
        return self


class OptimizerSpec(_RecipePart):
    """The optimiser, and the course of its learning rate over the phase's steps."""

    name: Literal["adamw", "adam", "sgd", "lars"] = "adamw"
    """lars is for batches of hundreds of images and more"""
    lr: Annotated[float, Field(gt=0)] = 1e-3
    """the highest rate of the schedule"""
    norm_lr: Annotated[float, Field(gt=0)] | None = None
    """the same of norms and biases; default: lr"""
    weight_decay: Annotated[float, Field(ge=0)] = 1e-2
    """of kernels; norms and biases have none"""
    weight_decay_end: Annotated[float, Field(ge=0)] | None = None
    """what it becomes over the phase, along a cosine; default: it stays"""
    decay_norms: bool = False
    """decay norms and biases, too, as SimSiam does"""
    momentum: Share = 0.9
    """of sgd and lars"""
    nesterov: bool = True
    """sgd: look ahead, where momentum is above 0"""
    trust: Positive = 1e-3
    """lars: how long a step is for a weight of length 1 (η)"""
    schedule: Literal["constant", "cosine", "cosine_7_16", "poly", "step", "one_cycle"] = "cosine"
    """course of the rate over the steps of a phase; cosine_7_16: FixMatch's, which ends at a fifth
    of lr; poly: (1 - t) ^ power"""
    warmup_epochs: Annotated[float, Field(ge=0)] = 0.0
    """epochs in which the rate rises from 0"""
    min_lr: Annotated[float, Field(ge=0)] = 0.0
    """where cosine ends; below it no rate falls after the warm-up"""
    power: Positive = 0.9
    """poly: its exponent"""
    cosine_epochs: Annotated[int, Field(ge=1)] | None = None
    """cosine: epochs in which it falls, to rise again in as many (T_max); default: the phase's"""
    step_epochs: Annotated[int, Field(ge=1)] = 10
    """step: epochs between two falls"""
    gamma: Share = 0.1
    """step: factor of a fall"""
    layer_decay: Annotated[float, Field(gt=0, le=1)] = 1.0
    """factor from one layer of the backbone to the one below; 1 for none"""
    rates: dict[str, Positive] = Field(
        default_factory=dict,
        description=(
            "{part: factor} on lr: backbone, heads.segment, heads.classify or a module in one of "
            "them; of several that hold a weight the longest name counts"
        ),
    )
    clip_norm: Annotated[float, Field(gt=0)] | None = None
    """largest norm of the gradient"""


class Mix(_RecipePart):
    """MixUp (Zhang 2018) and CutMix (Yun 2019): Beta parameters; 0 switches one off."""

    mixup: Annotated[float, Field(ge=0)] = 0.0
    """Beta parameter of MixUp; 0 for none"""
    cutmix: Annotated[float, Field(ge=0)] = 0.0
    """Beta parameter of CutMix; 0 for none"""
    probability: Share = 1.0
    """share of the batches that are mixed"""


class EarlyStopping(_RecipePart):
    """Stop when the fold's validation loss did not fall for `patience` epochs.

    Marks the run `selected_on_fold`.
    """

    patience: Annotated[int, Field(ge=1)]
    """epochs without a lower validation loss"""


class MethodChoice(BaseModel):
    """A learning method by name; every further key is one of its options."""

    model_config = ConfigDict(extra="allow", frozen=True, use_attribute_docstrings=True)

    name: str = "supervised"
    """a file of training/methods/"""


class Probe(_RecipePart):
    """Probe of features while a phase learns without labels: how well they separate the classes.

    Accuracies on the rows of the held-out (else the first) fold, as columns knn and linear of
    metrics.csv. They choose nothing and change no run's id.
    """

    every: Annotated[int, Field(ge=1)] = 10
    """epochs from one probe to the next; the last epoch is always probed"""
    knn: Annotated[int, Field(ge=0)] = 20
    """nearest neighbours that vote; 0: none"""
    linear: bool = True
    """fit a logistic regression, too"""
    rows: Annotated[int, Field(ge=1)] = 5000
    """at most so many labelled samples to fit on, and as many to predict"""

    @model_validator(mode="after")
    def _measures_something(self) -> Self:
        if not (self.knn or self.linear):
            raise ValueError("probe measures nothing: leave it out, or write knn: 20")
        return self


class Phase(_RecipePart):
    """A stretch of training with one loss, one method and one set of frozen parts."""

    name: str
    epochs: Annotated[int, Field(ge=1)]
    steps_per_epoch: Annotated[int, Field(ge=1)] | None = None
    """optimiser steps of an epoch; default: one pass over the samples that pace the method"""
    epoch: Literal["labelled", "unlabelled", "all"] | None = None
    """what an epoch is a pass over: the labelled samples, the unlabelled ones, or all that it
    learns from, which grows with the pseudo-labels that join; default: as the method has it"""
    freeze: list[str] = Field(
        default_factory=list,
        description=(
            "parts whose weights and statistics stay; of the backbone also a slice of its layers, "
            "in quotes: 'backbone[:-2]' is all but the last two"
        ),
    )
    freeze_statistics: bool = False
    """keep the running statistics of the backbone's batch norms, and normalise by them as in
    predicting; their weights learn. For short trainings from pretrained weights on few images"""
    loss: dict[str, dict[str, Any]] | None = Field(
        default=None,
        description="task: {loss: weight} or {loss: {weight: w, option: …}}; default fits the "
        "task, and the metric of numbers",
    )
    method: MethodChoice = MethodChoice()
    optimizer: OptimizerSpec | None = Field(
        default=None, description="replaces the recipe's in this phase"
    )
    mix: Mix | None = None
    """replaces the recipe's in this phase"""
    early_stopping: EarlyStopping | None = None
    """end the phase early"""
    probe: Probe | None = None
    """of a phase that learns without labels: measure how well its features separate the classes"""

    @model_validator(mode="after")
    def _has_one_length(self) -> Self:
        if self.epoch is not None and self.steps_per_epoch is not None:
            raise ValueError("epoch and steps_per_epoch exclude each other: write one")
        return self


class PseudoUse(_RecipePart):
    """Pseudo-labels that `podium pseudo` wrote, as further samples to learn from."""

    artefact: str = Field(alias="from", description="id, or name, of a folder of `pseudo/`")
    threshold: Share = 0.0
    """labels below this confidence are left out; pixels of masks, too"""
    class_thresholds: dict[str, Share] = Field(
        default_factory=dict,
        description="{class: threshold} of labels; of classes not named it is `threshold`",
    )
    mask_threshold: Share | None = None
    """of pixels of masks; default: `threshold`"""
    per_class: Annotated[int, Field(ge=1)] | None = None
    """of labels: use at most so many of each class, the most confident; masks are never capped"""
    balance: bool = False
    """classes with fewer labels than `per_class` weigh as much as that many, a label at most 10
    times as much: a student that balances as Noisy Student does, and repeats no images"""
    labels: Literal["hard", "soft"] = "hard"
    """learn the likeliest class, or the probabilities as they are; masks are always hard"""
    weight: Annotated[float, Field(ge=0)] = 1.0
    """of each such sample, beside 1 for a labelled one"""

    @model_validator(mode="after")
    def _balances_to_a_number(self) -> Self:
        if self.balance and self.per_class is None:
            raise ValueError("balance: true needs per_class, the labels that a class counts as")
        return self


class UnlabelledShare(_RecipePart):
    """A part of the unlabelled images of one place, drawn by the recipe's seed."""

    name: Literal["unlabelled", "test"]
    """of data.unlabelled, or of data.test"""
    share: Annotated[float, Field(gt=0, le=1)]
    """of these images, the same ones in every fold"""


UnlabelledName = Literal["unlabelled", "train", "test"]


class PredictSpec(_RecipePart):
    """Settings of prediction with the trained networks; changes no run's id."""

    tta: list[str] = Field(
        default_factory=list, description="views beside the identity: [tta.md](tta.md)"
    )
    tta_mean: ViewMean = "mean"
    """of the views: of probabilities (mean), their logarithms (geometric) or logits, or the largest
    (max)"""
    batch_size: Annotated[int, Field(ge=1)] | None = None
    """default: the recipe's"""
    overlap: Annotated[float, Field(ge=0, lt=1)] = 0.25
    """fit tile: share of its side that a window has in common with the next"""
    weights: Literal["gaussian", "flat"] = "gaussian"
    """fit tile: how windows that overlap are averaged; gaussian weighs their middles more"""
    margin: Annotated[int, Field(ge=0)] = 0
    """fit tile: pixels at a window's inner edges that do not count"""
    dtype: Literal["uint8", "float16"] = "uint8"
    """of stored masks: uint8 keeps probabilities in steps of 1/254"""
    top_k: Literal["auto", "all"] | Annotated[int, Field(ge=1)] = "auto"
    """of labels of a multiclass task: how many classes of an image are kept, the likeliest; auto:
    all, from 1,000 classes on 50 where the metric does not score probabilities"""
    embeddings: bool = False
    """keep also the pooled features of each image, by which `podium.predictions.retrieval` finds
    the nearest ones"""


class Keep(_RecipePart):
    """Features and masks to keep at the ends of some epochs, for figures of how a run learnt.

    `podium.predictions.snapshots` reads it. It changes no run's id; a run that is finished keeps
    nothing any more.
    """

    epochs: Annotated[
        tuple[Annotated[int, Field(ge=1)] | Literal["first", "middle", "last"], ...],
        Field(min_length=1),
    ]
    """of the run, counted from 1 over its phases; or first, middle, last"""
    features: Annotated[int, Field(ge=0)] = 0
    """of how many validation rows, the same ones every time, to keep what the classifier sees"""
    masks: tuple[str, ...] = ()
    """ids of train and test images whose predicted masks to keep"""

    @model_validator(mode="after")
    def _keeps_something(self) -> Self:
        if not (self.features or self.masks):
            raise ValueError("keep keeps nothing: write features: 1000, or masks: [id, …]")
        if len(set(self.masks)) < len(self.masks):
            raise ValueError("keep.masks names an image twice")
        return self


class Recipe(_RecipePart):
    """A training: a model, data settings, and phases that run in order on the same weights."""

    seed: Annotated[int, Field(ge=0)] = 0
    """of everything random; another seed is another run"""
    model: ModelSpec = ModelSpec()
    input: Input = Input()
    optimizer: OptimizerSpec = OptimizerSpec()
    batch_size: Annotated[int, Field(ge=1)] = 32
    """images a step"""
    accumulate: Annotated[int, Field(ge=1)] = 1
    """batches whose gradients are added up before a step"""
    precision: Literal["auto", "fp32", "bf16", "fp16"] = "auto"
    """auto: fp32 on a CPU; on a GPU bf16 where it is fast, else fp16"""
    devices: Annotated[int, Field(ge=1)] = 1
    """GPUs of this machine, else processes on its CPU, that divide each batch and train one network
    together: [scale.md](scale.md); changes no run's id"""
    sharded: bool = False
    """whether each device keeps its part alone of weights, gradients and optimiser's state (FSDP),
    for a network too large for one; changes no run's id"""
    workers: int = Field(
        default=0, ge=0, description="processes that make batches; 0: a thread; changes no result"
    )
    sampling: Literal["shuffle", "balanced", "weighted"] = "shuffle"
    """balanced: every class (of the labels, or of the masks and "empty") as often; weighted: by the
    samples' weights"""
    empty_share: Share | None = None
    """share of the samples of a pass whose masks are empty; default: as they come"""
    class_weights: Literal["none", "balanced"] | list[float] = "none"
    """of labels in the loss; balanced: inverse to frequency"""
    label_smoothing: Annotated[float, Field(ge=0, lt=1)] = 0.0
    """share of a label that goes to all classes alike"""
    mix: Mix = Mix()
    ema_decay: Annotated[float, Field(gt=0, lt=1)] | None = None
    """decay of the averaged network, which then predicts"""
    checkpoint: Literal["last", "best"] = "last"
    """best by the fold's own score marks the run selected_on_fold"""
    phases: Annotated[list[Phase], Field(min_length=1)]
    unlabelled: tuple[UnlabelledName | UnlabelledShare, ...] = ("unlabelled", "train")
    """for methods that learn without labels, from which images: of data.unlabelled, the fold's own
    training images, of data.test; a part of them as {name: unlabelled, share: 0.3}"""
    pseudo: tuple[PseudoUse, ...] = ()
    """pseudo-labels of other runs or blends; fold k gets those of teachers not trained on fold k"""
    imported_labels: bool = True
    """learn from what people labelled on request: [labelling.md](labelling.md)"""
    extra: dict[str, Annotated[float, Field(ge=0)]] = Field(
        default_factory=dict,
        description="{name: weight} of the sources of data.extra to learn from; 0: not at all",
    )
    predict: PredictSpec = PredictSpec()
    keep: Keep | None = None
    """features and masks of chosen epochs; changes no result"""
    loggers: tuple[str, ...] = ("csv",)
    """beside metrics.csv, which each fold has: tensorboard, wandb, or module:object; changes no
    result"""

    @property
    def is_selected_on_fold(self) -> bool:
        """Whether the fold's own labels choose its epoch, so that its score is optimistic."""
        return self.checkpoint == "best" or any(one.early_stopping for one in self.phases)

    @property
    def unlabelled_shares(self) -> dict[UnlabelledName, float]:
        """Share of the images by name, in the order in which `unlabelled` has them."""
        return {
            one if isinstance(one, str) else one.name: 1.0 if isinstance(one, str) else one.share
            for one in self.unlabelled
        }

    @field_validator("unlabelled")
    @classmethod
    def _share_one_name_once(
        cls, given: tuple[UnlabelledName | UnlabelledShare, ...]
    ) -> tuple[UnlabelledName | UnlabelledShare, ...]:
        names = [one if isinstance(one, str) else one.name for one in given]
        for one in given:
            if not isinstance(one, str) and names.count(one.name) > 1:
                raise ValueError(f"{one.name} stands more than once")
        # So that all of them give the id of a run without a share.
        return tuple(
            one.name if isinstance(one, UnlabelledShare) and one.share == 1 else one
            for one in given
        )

    @field_validator("extra")
    @classmethod
    def _drop_zero_weights(cls, extra: dict[str, float]) -> dict[str, float]:
        # So that a source that is switched off gives the id of a run without it.
        return {name: weight for name, weight in extra.items() if weight > 0}

    @model_validator(mode="after")
    def _phases_have_names_of_their_own(self) -> Self:
        names = [phase.name for phase in self.phases]
        repeated = sorted({name for name in names if names.count(name) > 1})
        if repeated:
            raise ValueError(
                f"phases: {', '.join(repeated)} stands more than once: "
                "give each phase a name of its own"
            )
        return self


def load_recipe(path: Path, overrides: tuple[str, ...] = ()) -> Recipe:
    """Return the recipe in `path`, with `extends:` followed and `overrides` (`a.b=c`) applied.

    `input.size: backbone` has become the number: what is stored and hashed is what was trained.

    Raises:
        RecipeError: naming the line, the key and what is allowed.
    """
    others = {COMPETITION_FILE: Competition}
    recipe = read_document(path, Recipe, error=RecipeError, overrides=overrides, others=others)
    return _sized(recipe) if recipe.input.size == "backbone" else recipe


class ManyFaultsError(RecipeError):
    """Several faults of a recipe, in one error.

    Args:
        errors: two or more.
        where: the file.
    """

    def __init__(self, errors: Sequence[RecipeError], *, where: str | None = None) -> None:
        self.errors = tuple(errors)
        lines = [str(error).replace("\n", "\n  ") for error in self.errors]
        text = f"{plural(len(self.errors), 'problem')}"
        super().__init__("\n  ".join([text, *lines]), where=where)


@contextmanager
def errors_with_lines(path: Path, overrides: Sequence[str] = ()) -> Iterator[None]:
    """Name the file, and the line of the recipe's key, that an error of the body is about.

    That is every `RecipeError`, and a `UsageError` whose place is a key. Without a place the line
    is that of the key that the message begins with; where there is none, the file is named alone.

    Args:
        path: of the recipe.
        overrides: as of `load_recipe`; a key of one is placed at the override.
    """
    try:
        yield
    except ManyFaultsError as error:
        found = [
            RecipeError(one.message, where=_place_of(one, path, overrides), fix=one.fix)
            for one in error.errors
        ]
        raise ManyFaultsError(found, where=show_path(path)) from error
    except (RecipeError, UsageError) as error:
        where = _place_of(error, path, overrides)
        if where == error.where:
            raise
        raise type(error)(error.message, where=where, fix=error.fix) from error


def _place_of(error: RecipeError | UsageError, path: Path, overrides: Sequence[str]) -> str | None:
    """Return the place of an error with its line; its own where that is no key of a recipe."""
    where = error.where
    if where is None and isinstance(error, RecipeError):
        key = re.split("[: ]", error.message)[0]
        place = _locate(path, key, overrides).removesuffix(f": {key}")
        return show_path(path) if place == key else place
    if where is not None and _IN_RECIPE.match(where):
        located = _locate(path, where, overrides)
        return f"{show_path(path)}: {where}" if located == where else located
    return where


@contextmanager
def naming_key(key: str) -> Iterator[None]:
    """Name the key of a recipe that an error of the body is about, where it names no place."""
    try:
        yield
    except (RecipeError, UsageError) as error:
        raise type(error)(error.message, where=error.where or key, fix=error.fix) from error


def _locate(path: Path, where: str, overrides: Sequence[str]) -> str:
    """Return what `locate_key` does, also of a key, or of the name, of the one phase that has it.

    Args:
        path, overrides: as of `errors_with_lines`.
        where: as an error names it: `model.from`, `method.mask`, `phase joint: loss`.
    """
    if (found := locate_key(path, where, overrides=overrides)) != where:
        return found
    try:
        phases = load_recipe(path, tuple(overrides)).phases
    except PodiumError:  # changed, or removed, since it was read
        return where
    for number, phase in enumerate(phases):
        if re.match(f"phase {re.escape(phase.name)}(?=[,:]|$)", where):
            at = locate_key(path, f"phases[{number}]", overrides=overrides)
            return at.replace(f"phases[{number}]", where)
    key = where.split(".")[0]
    having = [number for number, phase in enumerate(phases) if key in phase.model_fields_set]
    if len(having) != 1:
        return where
    at = locate_key(path, f"phases[{having[0]}].{where}", overrides=overrides)
    return at.replace(f"phases[{having[0]}].{where}", where)


_KEYS = "|".join(dict.fromkeys([*Recipe.model_fields, *Phase.model_fields]))
_IN_RECIPE = re.compile(rf"(?:phase|view) |(?:{_KEYS})(?:[\[,]|$|\.(?!py\b|ya?ml\b))")


def _sized(recipe: Recipe) -> Recipe:
    from podium.models.backbone_factory import input_size  # loads torch

    height, width = input_size(recipe.model.backbone)
    size = height if height == width else (height, width)
    return recipe.model_copy(update={"input": recipe.input.model_copy(update={"size": size})})
