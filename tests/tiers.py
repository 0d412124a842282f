"""Which cases of a test are run by `make test`, `make test-slow` and `make test-long`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import pytest


def mark_other_cases(items: Iterable[pytest.Item]) -> None:
    """Mark as slow or long the cases that `other_cases` leaves to the next tier.

    `@pytest.mark.other_cases("slow")` is for the quick cases of a test, `("long")` for its slow
    ones, `("long", of="quick")` for quick ones: the first of them stays, with `every=n` each nth.
    """
    n = Counter[tuple[str, str]]()
    for item in items:
        own = {mark.name for mark in item.iter_markers()}
        now = "long" if "long" in own else "slow" if "slow" in own else "quick"
        for rule in item.iter_markers("other_cases"):
            (tier,) = rule.args
            of = rule.kwargs.get("of", {"slow": "quick", "long": "slow"}[tier])
            if of != now:
                continue
            case = (item.nodeid.split("[")[0], of)
            every = rule.kwargs.get("every")
            if n[case] % every if every else n[case]:
                for name in {"slow", tier} - own:
                    item.add_marker(name)
            n[case] += 1
