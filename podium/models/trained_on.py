"""Provenance of weights: which labelled images a network learnt, in its own file.

Every file of weights that podium writes carries this block, so that a copy under any name still
names whose labels are in it. An image is known by the first 16 bytes of the sha256 of its files,
and a row also by its id and label: the same data at another size has other files. Files of other
programs have no block: what they learnt is unknown, and so is what grows from them.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

__all__ = ["TRAINED_ON", "TrainedOn", "row_digest"]

TRAINED_ON = "trained_on"
"""Key of the block in a checkpoint and in packed weights."""
_N_BYTES = 16
_ID_BYTES, _LABEL_BYTES = 6, 2
_SIGMAS = 3


def row_digest(name: str, label: str) -> bytes:
    """Return the digest of a row: 6 bytes of its id's, and 2 of its label's, as text."""
    digests = (hashlib.sha256(one.encode()).digest() for one in (name, label))
    return next(digests)[:_ID_BYTES] + next(digests)[:_LABEL_BYTES]


@dataclass(frozen=True)
class TrainedOn:
    """The labelled images that weights learnt.

    Attributes:
        images: digests of images whose label or mask was learnt, 16 bytes each.
        is_known: whether that is all; False where weights without a block were started from.
        rows: digests of rows whose label was learnt, as `row_digest` has them; none of masks, and
            none in weights of older versions.
    """

    images: frozenset[bytes] = frozenset()
    is_known: bool = True
    rows: frozenset[bytes] = frozenset()

    @classmethod
    def of_digests(cls, digests: Iterable[str], rows: Iterable[bytes] = ()) -> TrainedOn:
        """Return the block of images by their sha256 in hex, and of rows by their digests."""
        return cls(
            frozenset(bytes.fromhex(one)[:_N_BYTES] for one in digests), rows=frozenset(rows)
        )

    def __or__(self, other: TrainedOn) -> TrainedOn:
        is_known = self.is_known and other.is_known
        return TrainedOn(self.images | other.images, is_known, self.rows | other.rows)

    def holds(self, digest: str) -> bool:
        """Return whether the label of an image was learnt, by the image's sha256 in hex."""
        return bytes.fromhex(digest)[:_N_BYTES] in self.images

    def has_rows_of(self, rows: Sequence[bytes]) -> bool:
        """Return whether `rows` are of the data that was learnt, whatever their files are.

        Ids as 0001 are in many data sets. So the labels of the ids that both have must agree better
        than the same labels in another order do: by three standard deviations, and in more than
        half of what such an order leaves (Cohen's kappa), as few rows of a rare class are skewed.
        """
        then, now = _label_by_id(self.rows), _label_by_id(rows)
        both = then.keys() & now.keys()
        n = len(both)
        if n < 2:
            return False
        n_then, n_now = (Counter(labels[one] for one in both) for labels in (then, now))
        counts = [(n_then[label], n_now[label]) for label in n_now]
        pairs = sum(a * b for a, b in counts)
        mean = pairs / n
        # The variance over all orders (Hoeffding 1951), of a table of equal labels.
        spread = pairs - sum(a * b * (a + b) for a, b in counts) / n + mean**2
        deviation = math.sqrt(max(0.0, spread) / (n - 1))
        agreeing = sum(then[one] == now[one] for one in both)
        return agreeing > max(mean + _SIGMAS * deviation, (mean + n) / 2)

    @property
    def facts(self) -> dict[str, Any]:
        """The block as checkpoints, packed weights and JSON have it."""
        images, rows = (
            base64.b64encode(b"".join(sorted(one))).decode("ascii")
            for one in (self.images, self.rows)
        )
        return {"images": images, "is_known": self.is_known, "rows": rows}

    @classmethod
    def from_facts(cls, facts: Any) -> TrainedOn | None:
        """Return the block that `facts` made; None where it is none."""
        try:
            images = base64.b64decode(facts["images"], validate=True)
            rows = base64.b64decode(facts.get("rows", ""), validate=True)
            is_known = facts["is_known"] is True
            return cls(_split(images, _N_BYTES), is_known, _split(rows, _ID_BYTES + _LABEL_BYTES))
        except (TypeError, KeyError, AttributeError, binascii.Error):
            return None


def _label_by_id(rows: Iterable[bytes]) -> dict[bytes, bytes]:
    """Return the label of each id, as digests; without ids that have several."""
    found: dict[bytes, bytes] = {}
    several = set()
    for one in rows:
        name, label = one[:_ID_BYTES], one[_ID_BYTES:]
        if found.setdefault(name, label) != label:
            several.add(name)
    return {name: label for name, label in found.items() if name not in several}


def _split(content: bytes, n: int) -> frozenset[bytes]:
    return frozenset(content[i : i + n] for i in range(0, len(content), n))
