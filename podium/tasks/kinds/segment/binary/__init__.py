"""Foreground or not, for each pixel."""

from podium.tasks.protocols.kind import Kind
from podium.tasks.protocols.names import PIXELS

KIND = Kind(
    "binary",
    PIXELS,
    description="each pixel is foreground or not",
    is_yes_no=True,
    fixed_outputs=1,
    usual_metric="mean_dice",
    usual_loss={"bce": 1.0, "dice": 1.0},
)
