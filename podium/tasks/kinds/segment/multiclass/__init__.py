"""One class a pixel, or background."""

from podium.tasks.protocols.kind import Kind
from podium.tasks.protocols.names import PIXELS

KIND = Kind(
    "multiclass",
    PIXELS,
    description="each pixel is background or one of the classes",
    is_exclusive=True,
    has_background=True,
    needs_classes=True,
    usual_metric="mean_dice",
    usual_loss={"ce": 1.0, "dice": 1.0},
)
