"""Yes or no for each class of an image."""

from podium.tasks.protocols.kind import Kind
from podium.tasks.protocols.names import IMAGES

KIND = Kind(
    "multilabel",
    IMAGES,
    description="any number of classes for each image",
    is_by_class=True,
    needs_classes=True,
    cell="labels",
    usual_metric="macro_f1",
    usual_loss={"bce": 1.0},
)
