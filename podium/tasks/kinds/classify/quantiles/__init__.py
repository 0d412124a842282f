"""Quantiles of one number an image: between which numbers it lies, and how likely.

`classes` are the levels, as 0.1, 0.5 and 0.9. The truth is one number, as of a regression; a
network has an output a level. Predictions are stored in ascending order, so that no quantile lies
above one of a higher level: sorting never makes the pinball loss larger (Chernozhukov,
Fernández-Val and Galichon 2010, "Quantile and probability curves without crossing"). The mean of
ascending rows, over views, folds and members, ascends as well.
"""

from podium.tasks.protocols.kind import Kind
from podium.tasks.protocols.names import IMAGES

KIND = Kind(
    "quantiles",
    IMAGES,
    description="quantiles of a number for each image",
    is_continuous=True,
    is_by_level=True,
    needs_classes=True,
    cell="scalar",
    usual_metric="pinball",
    usual_loss={"pinball": 1.0},
)
