"""Parts that stay as they are: neither their weights nor their batch-norm statistics move."""

from __future__ import annotations

from collections.abc import Sequence

from podium.errors import RecipeError
from podium.models.network import Network

__all__ = ["set_frozen", "train_mode"]


def set_frozen(network: Network, parts: Sequence[str]) -> None:
    """Freeze exactly `parts` of `network`; every other part is free again.

    A frozen part gets no gradient and stays in eval mode whatever `network.train()` says, so that
    batch norm keeps its statistics and dropout is off.

    Raises:
        RecipeError: a name is not a part, or no part would be left to train.
    """
    known = list(network.parts)
    unknown = sorted(set(parts) - set(known))
    if unknown:
        raise RecipeError(
            f"freeze: {', '.join(unknown)} is no part of the network",
            fix=f"its parts are {', '.join(known)}",
        )
    if set(parts) == set(known):
        raise RecipeError("freeze names every part: nothing is left to train", fix="free one part")
    network.freeze_only(parts)


def train_mode(network: Network) -> None:
    """Bring `network` into training mode, its frozen parts into eval mode."""
    network.train()
