"""Yes or no an image."""

from podium.tasks.protocols.kind import Kind
from podium.tasks.protocols.names import IMAGES

KIND = Kind(
    "binary",
    IMAGES,
    description="one of two classes for each image, the second one is called positive",
    is_yes_no=True,
    fixed_outputs=1,
    cell="name",
    usual_metric="accuracy",
    usual_loss={"bce": 1.0},
)
