"""Provenance of weights: which labelled images a network learnt, told by its own file.

Every file of weights that podium writes carries this block, so that a copy under any name still
tells whose labels are in it. An image is known by the first 16 bytes of the sha256 of its files.
Files of other programs have no block: what they learnt is unknown, and so is what grows from them.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

__all__ = ["TRAINED_ON", "TrainedOn"]

TRAINED_ON = "trained_on"
"""Key of the block in a checkpoint and in packed weights."""
_N_BYTES = 16


@dataclass(frozen=True)
class TrainedOn:
    """The labelled images that weights learnt.

    Attributes:
        images: digests of images whose label or mask was learnt, 16 bytes each.
        is_known: whether that is all; False where weights without a block were started from.
    """

    images: frozenset[bytes] = frozenset()
    is_known: bool = True

    @classmethod
    def of_digests(cls, digests: Iterable[str]) -> TrainedOn:
        """Return the block of images by their sha256 in hex."""
        return cls(frozenset(bytes.fromhex(one)[:_N_BYTES] for one in digests))

    def __or__(self, other: TrainedOn) -> TrainedOn:
        return TrainedOn(self.images | other.images, self.is_known and other.is_known)

    def holds(self, digest: str) -> bool:
        """Return whether the label of an image was learnt, by the image's sha256 in hex."""
        return bytes.fromhex(digest)[:_N_BYTES] in self.images

    @property
    def facts(self) -> dict[str, Any]:
        """The block as checkpoints, packed weights and JSON have it."""
        images = base64.b64encode(b"".join(sorted(self.images))).decode("ascii")
        return {"images": images, "is_known": self.is_known}

    @classmethod
    def from_facts(cls, facts: Any) -> TrainedOn | None:
        """Return the block that `facts` made; None where it is none."""
        try:
            images = base64.b64decode(facts["images"], validate=True)
            return cls(_split(images), facts["is_known"] is True)
        except (TypeError, KeyError, binascii.Error):
            return None


def _split(content: bytes) -> frozenset[bytes]:
    return frozenset(content[i : i + _N_BYTES] for i in range(0, len(content), _N_BYTES))
