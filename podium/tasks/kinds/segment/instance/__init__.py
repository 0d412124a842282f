"""Single objects, each with a mask and, where there are classes, a class."""

from podium.tasks.protocols.kind import Kind
from podium.tasks.protocols.names import PIXELS

KIND = Kind(
    "instance",
    PIXELS,
    says="single objects, each with a mask",
    finds_objects=True,
    learnt=("binary", "multilabel"),
    usual_metric="iou_precision",
)
