"""What a competition is called at its host."""

from __future__ import annotations

import re

from podium.competition.spec import Competition
from podium.errors import UsageError

__all__ = ["slug_from_name", "slug_of"]


def slug_of(competition: Competition) -> str:
    """Return the competition's name at its host; a host of one's own names it after its title.

    Raises:
        UsageError: it is at Kaggle, and `competition.yaml` does not say its name there.
    """
    if competition.kaggle.slug is None and competition.kaggle.host is not None:
        return slug_from_name(competition.name)
    if competition.kaggle.slug is None:
        raise UsageError(
            "the competition has no slug, so there is nowhere to submit to",
            where=competition.root / "competition.yaml",
            fix="write kaggle.slug: the last part of the competition's address",
        )
    return competition.kaggle.slug


def slug_from_name(name: str) -> str:
    """Return `name` as the last part of an address.

    Example:
        >>> slug_from_name("Emoji in the wild!")
        'emoji-in-the-wild'
    """
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "competition"
