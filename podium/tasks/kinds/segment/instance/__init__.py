"""Single objects, each with a mask and, where there are classes, a class."""

from podium.tasks.protocols.kind import Kind
from podium.tasks.protocols.names import PIXELS

KIND = Kind(
    "instance",
    PIXELS,
    description="single objects, each with a mask",
    finds_objects=True,
    trained_as=("binary", "multilabel"),
    usual_metric="iou_precision",
)
