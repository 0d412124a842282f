"""Parts that stay as they are: neither their weights nor their batch-norm statistics move."""

from __future__ import annotations

from collections.abc import Sequence

from podium.errors import RecipeError
from podium.models.layers import is_slice, layers_of, sliced
from podium.models.network import Network

__all__ = ["set_frozen", "train_mode"]


def set_frozen(network: Network, parts: Sequence[str]) -> None:
    """Freeze exactly `parts` of `network`; every other part is free again.

    A frozen part gets no gradient and stays in eval mode whatever `network.train()` says, so that
    batch norm keeps its statistics and dropout is off. `backbone[:-2]` are all layers of the
    backbone but the last two, counted from the image to the head as Python counts (`Layers`).

    Raises:
        RecipeError: a name is not a part, a slice holds no layer or all of them, the backbone does
            not tell its layers, or no part would be left to train.
    """
    known = list(network.parts)
    slices = [name for name in parts if is_slice(name)]
    unknown = sorted(set(parts) - set(known) - set(slices))
    if unknown:
        raise RecipeError(
            f"freeze: {', '.join(unknown)} is no part of the network",
            fix=f"its parts are {', '.join(known)}; backbone[:-2] is all but its last two layers",
        )
    if slices:
        _refuse_none_or_all(slices, layers_of(network.backbone).n)
    if set(known) <= set(parts):
        raise RecipeError("freeze names every part: nothing is left to train", fix="free one part")
    network.freeze_only(parts)


def _refuse_none_or_all(slices: Sequence[str], n: int) -> None:
    chosen = {name: set(sliced(name, n)) for name in slices}
    for name, layers in chosen.items():
        if not layers:
            raise RecipeError(
                f"freeze: {name} is no layer: the backbone has {n}",
                fix=f"write backbone[:{n - 1}], or backbone[:-1], for all but the last",
            )
    if set().union(*chosen.values()) == set(range(n)):
        raise RecipeError(
            f"freeze: {', '.join(slices)} is all of the backbone's {n} layers",
            fix="write backbone, or leave a layer out, as backbone[:-1]",
        )


def train_mode(network: Network) -> None:
    """Bring `network` into training mode, its frozen parts into eval mode."""
    network.train()
