"""Several answers an image, each one of classes of its own: a colour and a shape.

`classes` name output and class, `colour=red`; an output's classes stand together. Its probabilities
sum to 1. An answer that is unknown is left out of the loss and the score, the others are kept.
"""

from podium.tasks.protocols.kind import Kind
from podium.tasks.protocols.names import IMAGES

KIND = Kind(
    "multioutput",
    IMAGES,
    description="one class of each of several outputs for each image",
    is_by_class=True,
    is_by_output=True,
    needs_classes=True,
    cell="name",
    usual_metric="accuracy_by_output",
    usual_loss={"ce_by_output": 1.0},
)
