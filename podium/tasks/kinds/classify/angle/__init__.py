"""A direction an image, in degrees from 0 and below 360: a wind vane, a needle, a gaze.

A network has two outputs, the cosine and the sine of the direction; predictions are stored as such
unit vectors. Their weighted mean, over views, folds, members or the images of a unit, points in the
circular mean of the directions, and is the shorter the less they agree; so means are not normalised
between, and only a decision takes the direction.
"""

from podium.tasks.protocols.kind import Kind
from podium.tasks.protocols.names import IMAGES

KIND = Kind(
    "angle",
    IMAGES,
    description="a direction in degrees for each image",
    is_continuous=True,
    is_circular=True,
    fixed_outputs=2,
    refuses_classes=True,
    turns_with_image=True,
    cell="degrees",
    usual_metric="mean_angular_error",
    usual_loss={"cosine_distance": 1.0},
)
