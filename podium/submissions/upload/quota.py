"""The quota: what is left of today's submissions, and the refusal to spend what is not there."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from podium.errors import QuotaError
from podium.submissions.upload.client import Limits, SubmissionLookup
from podium.workspace.machine import now

__all__ = ["count_submissions", "format_quota", "n_unlisted", "refuse_quota", "until_reset"]


def refuse_quota(limits: Limits, *, yes: bool) -> None:
    """Refuse what the host would refuse after the upload, and the last one without a `yes`.

    Raises:
        QuotaError: nothing was uploaded.
    """
    if limits.unknown:
        return  # no team yet: the first submission makes it
    if limits.left <= 0:
        if limits.limited_by_total:
            raise QuotaError(
                "the competition allows no further submission, on any day; nothing was uploaded",
                fix="choose the final ones among those that are there",
            )
        if limits.today <= 0:
            raise QuotaError(
                "the host takes no submission now, though none was sent today; nothing was sent",
                fix="look at the competition's page: its deadline may have passed",
            )
        raise QuotaError(
            f"all submissions of today are used up ({limits.today:,}); nothing was uploaded",
            fix=f"wait {until_reset(now())}, until 00:00 UTC, unless the deadline has passed",
        )
    if limits.left == 1 and not yes:
        if limits.limited_by_total:
            last = "this would be the last submission that the competition allows at all"
        else:
            last = (
                "this would be the last submission of today; "
                f"the next is possible in {until_reset(now())}"
            )
        raise QuotaError(last, fix="to spend it, add --yes")


def count_submissions(looked: SubmissionLookup) -> dict[str, int]:
    """Return how many submissions the host counts, ever and today, and how many it lists."""
    limits = looked.limits
    return {"total": limits.total, "today": limits.today, "listed": looked.listed}


def n_unlisted(counted: Mapping[str, int], looked: SubmissionLookup) -> int:
    """Return how many submissions the host has counted since `counted`, and does not list yet.

    Those of a team's other members are counted and listed both, so that they cancel.
    """
    if not counted:
        return 0
    more = {name: n - counted.get(name, n) for name, n in count_submissions(looked).items()}
    return max(0, max(more["total"], more["today"]) - more["listed"])


def format_quota(limits: Limits, *, spent: int = 0) -> str:
    """Return how many submissions are left and when there are more.

    Args:
        limits: an earlier reply of the host.
        spent: submissions made since.
    """
    resets = f"the quota resets at 00:00 UTC, in {until_reset(now())}"
    if limits.unknown:
        return f"the host has no limits for you yet: your first submission sets them; {resets}"
    left = max(0, limits.left - spent)
    if limits.limited_by_total:
        return f"submissions left: {left:,}, today and on all days to come"
    return f"submissions left today: {left:,}; {resets}"


def until_reset(moment: datetime) -> str:
    """Return the time from `moment` (UTC) to the next 00:00 UTC, as hours and minutes."""
    midnight = (moment + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    minutes = int((midnight - moment).total_seconds() // 60)
    return f"{minutes // 60} h {minutes % 60:02d} min"
