"""Several numbers an image: traits of a plant, coordinates of keypoints, shares of answers.

`classes` name the columns. Each column is learnt in units of its own standard deviation, measured
on the fold's training rows, so that columns in metres and in grams weigh the same; predictions are
stored in the columns' own units. A cell without a truth is left out of the loss and the score.
"""

from podium.tasks.protocols.kind import Kind
from podium.tasks.protocols.names import IMAGES

KIND = Kind(
    "multitarget",
    IMAGES,
    description="a number in each of several columns for each image",
    is_continuous=True,
    needs_classes=True,
    cell="scalar",
    usual_metric="mcrmse",
    usual_loss={"mse": 1.0},
)
