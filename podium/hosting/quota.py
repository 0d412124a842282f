"""What a team may send on a UTC day: valid submissions, uploads begun, and their bytes.

The store counts and checks within the transaction that keeps what was sent: two of one moment never
both take the last place. What is refused costs no quota, but disk; so uploads have limits, too.
"""

from __future__ import annotations

from dataclasses import dataclass

from podium.errors import QuotaError

__all__ = ["DailyQuota"]

_LEAST_UPLOADS, _UPLOADS_FOR_EACH = 100, 20
_LARGE_UPLOADS, _LARGE_FOR_EACH = 5, 2  # so many uploads may be as large as one may be


@dataclass(frozen=True)
class DailyQuota:
    """The limits of a team.

    Attributes:
        submissions: valid ones a day.
        max_upload_bytes: of one upload.
    """

    submissions: int
    max_upload_bytes: int

    def check_submission(self, n_valid: int) -> None:
        """Raise if `n_valid` submissions of the day leave no place for another one.

        Raises:
            QuotaError: all are used.
        """
        if n_valid >= self.submissions:
            raise QuotaError(
                f"your team has used its daily submission allowance ({self.submissions}); "
                "it resets at 00:00 UTC"
            )

    def check_upload(self, n_begun: int, bytes_begun: int, n_bytes: int) -> None:
        """Raise if an upload of `n_bytes` is too many after those that the team began on the day.

        Raises:
            QuotaError: their number or their bytes are used up.
        """
        most = max(_LEAST_UPLOADS, _UPLOADS_FOR_EACH * self.submissions)
        most_bytes = (_LARGE_FOR_EACH * self.submissions + _LARGE_UPLOADS) * self.max_upload_bytes
        if n_begun >= most:
            raise QuotaError(f"a team may begin {most} uploads a day; try again after 00:00 UTC")
        if bytes_begun + n_bytes > most_bytes:
            raise QuotaError(
                f"a team may upload {most_bytes:,} bytes a day; try again after 00:00 UTC"
            )
