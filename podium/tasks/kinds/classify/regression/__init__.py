"""A number an image."""

from podium.tasks.protocols.kind import Kind
from podium.tasks.protocols.names import IMAGES

KIND = Kind(
    "regression",
    IMAGES,
    description="a number for each image",
    is_continuous=True,
    fixed_outputs=1,
    refuses_classes=True,
    cell="scalar",
    usual_metric="rmse",
    usual_loss={"mse": 1.0},
)
