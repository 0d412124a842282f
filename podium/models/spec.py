"""The `model:` part of a recipe: which network, from which weights (no torch here)."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from podium.errors import RecipeError
from podium.models import decoders
from podium.workspace import extensions

__all__ = [
    "ClassifyHead",
    "Cosine",
    "Heads",
    "LinkName",
    "LoraSpec",
    "ModelSpec",
    "SegmentHead",
    "SlicePool",
    "SliceSpec",
]

LinkName = Literal["classes", "regression", "cumulative"]
SlicePool = Literal["mean", "max", "attention"]


class _ModelPart(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class Cosine(_ModelPart):
    """A head that outputs the cosine of the angle between an image and each class, as ArcFace's."""

    size: Annotated[int, Field(ge=1)] | None = 512
    """numbers of an embedding, a linear layer with batch norm; null: the pooled features as they
    are"""
    scale: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 30.0
    """what cosines are multiplied by to be logits; larger for more classes (64 for thousands)"""


class ClassifyHead(_ModelPart):
    """Pooling over the feature map, dropout, linear layers; or a head of your own."""

    pool: Literal["avg", "max", "avgmax", "gem"] = "avg"
    """over the feature map"""
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.0
    """of the pooled features"""
    layers: tuple[Annotated[int, Field(ge=1)], ...] = ()
    """outputs of hidden linear layers with ReLU, before the last one: [512, 256] makes a head of
    three layers"""
    dropout_samples: Annotated[int, Field(ge=1)] = 1
    """how many times an image is dropped out in a step of training; their losses are averaged"""
    cosine: Cosine | None = None
    """of the embedding and a class's weight, in place of the linear layer; goes with the loss
    arcface, and with predicting by neighbours"""
    link: LinkName | None = None
    """how a rating is encoded (ordinal): cumulative (default), C - 1 logits of being above a class,
    with shared weights; classes, a softmax; regression, one number. All are stored as a rating"""
    head: str | None = None
    """module:object that builds the whole head; pool, dropout, layers and cosine are then not
    used"""
    options: dict[str, Any] = Field(
        default_factory=dict, description="arguments of head, where it is your own"
    )

    @field_validator("head")
    @classmethod
    def _head_is_foreign(cls, name: str | None) -> str | None:
        if name is not None and not extensions.is_user_object(name):
            raise ValueError(f"a head of your own is module:object, as my_net:head, got {name!r}")
        return name

    @model_validator(mode="after")
    def _one_head(self) -> Self:
        if self.head is None and self.options:
            raise ValueError("options are those of a head of your own: name it under head")
        own = (self.pool, self.dropout, self.layers, self.dropout_samples, self.cosine)
        if self.head is not None and own != ("avg", 0.0, (), 1, None):
            raise ValueError(
                "pool, dropout, layers and cosine belong to podium's head: give them to your own"
            )
        if self.dropout_samples > 1 and self.dropout == 0:
            raise ValueError("dropout_samples without dropout are all alike: write dropout: 0.5")
        if self.cosine is not None and self.layers:
            raise ValueError("cosine has a layer of its own, `size`: leave layers out")
        if self.cosine is not None and self.link not in (None, "classes"):
            raise ValueError("cosine outputs one number a class: write link: classes")
        return self


class SegmentHead(_ModelPart):
    """A decoder over the backbone's maps, dropout, one convolution, bilinear up-sampling."""

    decoder: str = "unet"
    """linear, a file of models/decoders/, or module:object"""
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.0
    """of whole channels, before the last convolution"""
    options: dict[str, Any] = Field(
        default_factory=dict,
        description=(
            "of the decoder, by its names in segmentation_models_pytorch, as decoder_channels: "
            "[128, 64, 32, 16, 8] (unet), and depth: 4 to leave out the deepest map"
        ),
    )

    @field_validator("decoder")
    @classmethod
    def _decoder_exists(cls, name: str) -> str:
        try:
            extensions.require(decoders, name, error=RecipeError)
        except RecipeError as error:
            raise ValueError(f"{error.message}: {error.fix}") from error
        return name


class Heads(_ModelPart):
    """The heads on the backbone's features, by task; a task that is not named gets no head."""

    classify: ClassifyHead | None = None
    segment: SegmentHead | None = None


class SliceSpec(_ModelPart):
    """Images that are stacks of slices (2.5-D), which the backbone sees one by one.

    Without it the slices are channels of the first convolution.
    """

    channels: Annotated[int, Field(ge=1)] = 1
    """of a slice; they divide the channels of the images"""
    pool: SlicePool = "mean"
    """over the slices' maps; attention: by weights from a trained query"""


class LoraSpec(_ModelPart):
    """LoRA: linear layers of a pretrained backbone get a trained addition of low rank.

    All else of the backbone stays as it is in every phase, with its batch norm's statistics.
    """

    rank: Annotated[int, Field(ge=1)] = 8
    """of the addition"""
    alpha: Annotated[float, Field(gt=0)] = 16.0
    """the addition counts alpha / rank"""
    layers: Annotated[tuple[str, ...], Field(min_length=1)] | None = None
    """last names of linear layers and 1x1 convolutions, as [qkv, proj, fc1, fc2]; default: those of
    attention"""


class ModelSpec(_ModelPart):
    """A network: a backbone (any timm name, a file of `models/backbones/`, your own), its heads."""

    backbone: str = "resnet18"
    """a timm name, a file of models/backbones/, or module:object"""
    pretrained: bool = True
    """the hub's weights; without network, weights or false"""
    weights: str | None = Field(
        default=None,
        description=(
            "file or folder with the backbone's weights, or a whole network's, relative to the "
            "workspace; package:<python package>/<file>; or torchvision:<name of its weights>, as "
            "torchvision:ResNet18_Weights.IMAGENET1K_V1"
        ),
    )
    from_run: str | None = Field(
        default=None, alias="from", description="run whose fold k starts our fold k"
    )
    options: dict[str, Any] = Field(
        default_factory=dict,
        description="further arguments of the backbone, as stem_type: deep (timm)",
    )
    drop_path: Annotated[float, Field(ge=0, lt=1)] = 0.0
    """stochastic depth of the backbone"""
    lora: LoraSpec | None = None
    """learn additions of low rank to the backbone, in place of its weights"""
    checkpointing: bool = False
    """make maps again backwards in place of keeping them: less memory, more time, same result"""
    compile: bool = False
    """torch.compile the backbone: quicker steps on a GPU after minutes of compiling"""
    slices: SliceSpec | None = None
    """of images that are stacks of slices: each goes through the backbone by itself, and their maps
    are pooled; default: slices are channels"""
    heads: Heads | None = None
    """default: one head for each task of the competition"""

    @property
    def cosine_scale(self) -> float | None:
        """The factor of the cosines of the head of labels; None: it outputs no cosines."""
        head = None if self.heads is None else self.heads.classify
        return None if head is None or head.cosine is None else head.cosine.scale

    @model_validator(mode="after")
    def _one_start(self) -> Self:
        if self.weights is not None and self.from_run is not None:
            raise ValueError(
                "weights and from exclude each other: name one start; to go on from the run, add "
                "-o model.weights=null"
            )
        return self
