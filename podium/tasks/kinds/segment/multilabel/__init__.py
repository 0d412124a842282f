"""Yes or no for each class of a pixel: classes may overlap."""

from podium.tasks.protocols.kind import Kind
from podium.tasks.protocols.names import PIXELS

KIND = Kind(
    "multilabel",
    PIXELS,
    description="a mask for each class; they may overlap",
    is_by_class=True,
    needs_classes=True,
    usual_metric="mean_dice",
    usual_loss={"bce": 1.0, "dice": 1.0},
)
