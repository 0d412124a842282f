"""One class an image, of classes in an order: a grade."""

from podium.tasks.protocols.kind import Kind
from podium.tasks.protocols.names import IMAGES

KIND = Kind(
    "ordinal",
    IMAGES,
    is_ordered=True,
    fixed_outputs=1,
    needs_classes=True,
    usual_metric="qwk",
    usual_loss={"bce": 1.0},
)
