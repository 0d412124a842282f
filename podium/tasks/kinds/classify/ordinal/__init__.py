"""One class an image, of classes in an order: a grade."""

from podium.tasks.protocols.kind import Kind
from podium.tasks.protocols.names import IMAGES

KIND = Kind(
    "ordinal",
    IMAGES,
    description="one of several classes that ascend, a rating, for each image",
    is_ordered=True,
    fixed_outputs=1,
    needs_classes=True,
    cell="name",
    usual_metric="qwk",
    usual_loss={"bce": 1.0},
)
