"""Which cases of a test are run by `make test`, `make test-slow` and `make test-long`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import pytest


def mark_other_cases(items: Iterable[pytest.Item]) -> None:
    """Mark as slow or long the cases that `other_cases` leaves to the next tier.

    `@pytest.mark.other_cases("slow")` is for the quick cases of a test, `("long")` for its slow
    ones: the first of them stays, with `every=n` each nth.
    """
    n = Counter[tuple[str, str]]()
    for item in items:
        own = {"long", "slow"}.intersection(mark.name for mark in item.iter_markers())
        for rule in item.iter_markers("other_cases"):
            (tier,) = rule.args
            if own != {"slow": set(), "long": {"slow"}}[tier]:
                continue
            case = (item.nodeid.split("[")[0], tier)
            every = rule.kwargs.get("every")
            if n[case] % every if every else n[case]:
                item.add_marker(tier)
            n[case] += 1
