"""One class an image, of several."""

from podium.tasks.protocols.kind import Kind
from podium.tasks.protocols.names import IMAGES

KIND = Kind(
    "multiclass",
    IMAGES,
    description="one of several classes for each image",
    is_exclusive=True,
    needs_classes=True,
    cell="name",
    usual_metric="accuracy",
    usual_loss={"ce": 1.0},
)
