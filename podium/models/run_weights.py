"""Start weights from another run's network: what has the same name and the same shape."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor, nn

from podium.errors import RecipeError
from podium.models.load_report import LoadReport
from podium.models.lora import is_lora
from podium.models.weights import ADDED, refuse_not_finite

__all__ = ["load_run"]


def load_run(network: nn.Module, tensors: Mapping[str, Tensor], run: str) -> LoadReport:
    """Load what another run's network has under the same names and in the same shapes.

    Args:
        network: of a `backbone` and `heads`; changed in place, and only when the backbone fits.
        tensors: of the other network, by the same names.
        run: its id.

    Raises:
        RecipeError: it has another backbone, what LoRA learnt there would be lost, or it has
            numbers that are none (NaN, infinity).
    """
    own = network.state_dict()
    fitted = {k: v for k, v in tensors.items() if k in own and v.shape == own[k].shape}
    adapted = [key for key in tensors if is_lora(key)]
    _refuse_lost_lora([key for key in adapted if key not in fitted], run)
    added = tuple(f"backbone.{part}" for part in ADDED)
    lost = [
        key
        for key in own
        if key.startswith("backbone.") and key not in fitted and not key.startswith(added)
        if adapted or not is_lora(key)  # which begins with an addition of nothing
    ]
    if lost:
        raise RecipeError(
            f"model.from: {run} has another backbone: {len(lost)} misfits, as {lost[0]}",
            fix="write model.backbone and model.options as in its recipe",
        )
    refuse_not_finite(fitted, f"model.from: {run}")
    network.load_state_dict(fitted, strict=False)
    return LoadReport(
        source=run,
        matched=tuple(key for key in own if key in fitted),
        left=tuple(key for key in tensors if key not in fitted),
        missing=tuple(key for key in own if key not in fitted),
    )


def _refuse_lost_lora(misfits: list[str], run: str) -> None:
    if misfits:
        raise RecipeError(
            f"model.from: {run} adapted its backbone by model.lora, which would be lost: "
            f"{len(misfits)} misfits, as {misfits[0]}",
            fix="write the same model.lora as in its recipe",
        )
