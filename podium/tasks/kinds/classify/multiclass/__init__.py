"""One class an image, of several."""

from podium.tasks.protocols.kind import Kind
from podium.tasks.protocols.names import IMAGES

KIND = Kind(
    "multiclass",
    IMAGES,
    is_exclusive=True,
    needs_classes=True,
    usual_metric="accuracy",
    usual_loss={"ce": 1.0},
    cell="name",
    says="one of several classes for each image",
)
