"""A file's way to the host: written down first, sent once, looked for whenever there is doubt.

    receipt → limits → upload → (doubt: look for the id) → wait for the score → receipt

Whatever breaks, and wherever the process dies, the same command afterwards finds out from the host
what happened before it sends anything again.
"""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from podium.competition.spec import Competition
from podium.errors import HostError, PodiumError, QuotaError, SubmissionError, UsageError
from podium.submissions.checking import check
from podium.submissions.client import Client, Entry, KaggleClient, Limits
from podium.submissions.endpoint import Endpoint
from podium.submissions.read import refuse
from podium.submissions.receipt import (
    SUBMISSION_FILE,
    Receipt,
    find_receipt,
    folder_of,
    prepare,
    read_receipts,
    save,
    updated,
)
from podium.workspace.clock import now
from podium.workspace.layout import Workspace
from podium.workspace.locks import hold
from podium.workspace.progress import SILENT, Progress

__all__ = ["slug_from_name", "slug_of", "submit_file"]

_LOOK_AGAIN_AFTER_S = (0.0, 3.0)  # a host may list a submission a moment after it took it


def submit_file(
    workspace: Workspace,
    competition: Competition,
    file: Path,
    *,
    message: str = "",
    endpoint: Endpoint,
    provenance: Sequence[str] = (),
    honest: float | None = None,
    yes: bool = False,
    dry_run: bool = False,
    wait_s: float = 600,
    client: Client | None = None,
    progress: Progress = SILENT,
) -> Receipt:
    """Send `file` to the competition's host exactly once, wait for its score, return the receipt.

    Calling it again after any failure continues: an upload that may have arrived is looked for.

    Args:
        workspace: the receipt and a copy of the file go to its `submissions/`.
        competition: says slug and format.
        file: the CSV; every check that needs no host comes before the first call.
        message: shown at the host beside an id of ours.
        endpoint: Kaggle or an embedded host.
        provenance: ids of the blends, runs or files that it was made from.
        honest: the honest score to show beside the public one.
        yes: send although it is the day's last submission, or although the same content was sent.
        dry_run: do all but the upload; nothing is written. Without a host to ask, the file alone is
            checked.
        wait_s: seconds to wait for the score; the board asks again later.
        client: the calls on the host; default the official client.
        progress: told of each step.

    Raises:
        SubmissionError: the file has errors, was sent before, or the host refused its content.
        QuotaError: no submission is left today, or the last one needs `yes`; nothing was uploaded.
        HostError: the host refused or did not answer; the receipt says how far it came.
        RunError: another process is submitting.
        UsageError: the competition has no slug, or takes notebooks and no files.
    """
    if not dry_run:
        _refuse_code_competition(competition, endpoint)
    problems = check(file, competition)
    refuse(file, problems)
    for warning in problems:
        progress.say(str(warning))
    if dry_run and (reason := _why_none_is_asked(competition, endpoint)):
        progress.say(f"{reason}, so no host was asked")
        made = prepare(workspace, file, slug="", target="kaggle", message=message, honest=honest)
        return made.model_copy(update={"state": "dry_run"})
    slug = slug_of(competition)
    caller = client or KaggleClient(endpoint, slug)
    with hold(workspace.submissions / ".lock", what="the upload"):
        known = find_receipt(workspace, file, slug=slug, target=endpoint.target)
        again = _again(workspace, known, yes=yes or dry_run)
        receipt = known if known is not None and not again else None
        if receipt is None:
            receipt = prepare(
                workspace,
                file,
                slug=slug,
                target=endpoint.target,
                message=message,
                sources=provenance,
                honest=honest,
                again=again,
            )
        upload = _Upload(workspace, caller, progress)
        if dry_run:
            return upload.rehearse(receipt, yes=yes)
        return upload.run(receipt, file, yes=yes, wait_s=wait_s)


def _why_none_is_asked(competition: Competition, endpoint: Endpoint) -> str:
    """Return why a rehearsal has no host to ask, or ""."""
    if endpoint.target != "kaggle":
        return ""
    if competition.kaggle.kind == "code":
        return "a code competition takes a notebook, which writes such a file"
    return "" if competition.kaggle.slug is not None else "there is no kaggle.slug yet"


def _refuse_code_competition(competition: Competition, endpoint: Endpoint) -> None:
    if competition.kaggle.kind == "code" and endpoint.target == "kaggle":
        raise UsageError(
            "a code competition takes a notebook, not a file",
            where=competition.root / "competition.yaml",
            fix="submit the notebook at Kaggle; write kaggle.kind: file if this one takes files",
        )


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


class _Upload:
    """The steps of one submission, each of which leaves a receipt that says where it stopped."""

    def __init__(self, workspace: Workspace, client: Client, progress: Progress) -> None:
        self._workspace, self._client, self._progress = workspace, client, progress

    def rehearse(self, receipt: Receipt, *, yes: bool) -> Receipt:
        """Ask for the limits as a submission would; a host that is away harms no rehearsal."""
        try:
            looked = self._client.look(receipt.marker)
        except HostError as error:
            self._progress.say(f"the host could not be asked: {error.message}")
        else:
            if looked.found is None:
                _refuse_quota(looked.limits, yes=yes)
        return receipt.model_copy(update={"state": "dry_run"})

    def run(self, receipt: Receipt, file: Path, *, yes: bool, wait_s: float) -> Receipt:
        self._progress.say("asking the host for the limits, and whether it has this file already")
        looked = self._client.look(receipt.marker)
        if looked.found is not None:
            self._progress.say(f"the host has it already, as number {looked.found.ref}")
            receipt = save(self._workspace, updated(receipt, looked.found), file)
        else:
            _refuse_quota(looked.limits, yes=yes)
            receipt = self._send(receipt, file)
        return self._await_score(receipt, wait_s)

    def _send(self, receipt: Receipt, file: Path) -> Receipt:
        receipt = receipt.model_copy(update={"state": "uploading", "error": ""})
        save(self._workspace, receipt, file)  # before the host can know of it
        self._progress.say(f"uploading {receipt.bytes:,} bytes")
        copy = folder_of(self._workspace, receipt) / SUBMISSION_FILE
        try:
            ref = self._client.submit(copy, receipt.description)
        except PodiumError as error:
            found = self._look_in_doubt(receipt, error)
            return save(self._workspace, updated(receipt, found))
        sent = {"state": "submitted", "ref": ref, "submitted": now()}
        return save(self._workspace, receipt.model_copy(update=sent))

    def _look_in_doubt(self, receipt: Receipt, error: PodiumError) -> Entry:
        """Return the submission if the host has it after all; else raise `error`."""
        self._progress.say("the upload broke off; looking whether the host has it")
        for pause_s in _LOOK_AGAIN_AFTER_S:
            time.sleep(pause_s)
            try:
                found = self._client.look(receipt.marker).found
            except PodiumError as unknown:
                raise HostError(
                    f"{error.message}; it is not known whether the submission arrived: "
                    f"{unknown.message}",
                    where=receipt.file,
                    fix="repeat the command: it looks for the submission before it sends anything",
                ) from error
            if found is not None:
                return found
        failed = {"state": "failed", "error": error.message}
        save(self._workspace, receipt.model_copy(update=failed))
        raise error

    def _await_score(self, receipt: Receipt, wait_s: float) -> Receipt:
        if receipt.state not in ("complete", "error"):
            self._progress.say("waiting for the score")
            entry = self._client.wait(receipt.marker, wait_s)
            if entry is not None:
                receipt = save(self._workspace, updated(receipt, entry))
        if receipt.state == "error":
            raise SubmissionError(
                f"the host refused the content: {receipt.error or 'it gave no reason'}",
                where=receipt.file,
                fix="mend the file; such a submission does not count against the quota",
            )
        if receipt.state != "complete":
            self._progress.say("not scored yet; `podium board` will ask again")
        return receipt


def _again(workspace: Workspace, known: Receipt | None, *, yes: bool) -> int:
    """Return which repetition of the same content this is; 0: the first, or to be continued."""
    if known is None or known.state not in ("complete", "error"):
        return 0
    if not yes:
        score = "" if known.public_score is None else f", public score {known.public_score:g}"
        raise SubmissionError(
            f"the same content was submitted on {known.created:%Y-%m-%d %H:%M} UTC "
            f"as {known.id} ({known.state}{score})",
            where=known.file,
            fix="to send it once more all the same, add --yes",
        )
    same = [one for one in read_receipts(workspace) if one.file_sha256 == known.file_sha256]
    return len(same)


def _refuse_quota(limits: Limits, *, yes: bool) -> None:
    if limits.unknown:
        return  # no team yet: the first submission makes it
    if limits.left <= 0:
        if limits.limited_by_total:
            raise QuotaError("the competition allows no further submission, on any day")
        if not limits.today:
            raise QuotaError(
                "the host takes no submission now, though none was sent today; nothing was sent",
                fix="look at the competition's page: its deadline may have passed",
            )
        raise QuotaError(
            f"all submissions of today are used up ({limits.today}); nothing was uploaded",
            fix=f"wait {_until_reset(now())}, until 00:00 UTC",
        )
    if limits.left == 1 and not yes:
        raise QuotaError(
            "this would be the last submission of today; "
            f"the next is possible in {_until_reset(now())}",
            fix="to spend it, add --yes",
        )


def _until_reset(moment: datetime) -> str:
    """Return the time from `moment` (UTC) to the next 00:00 UTC, as hours and minutes."""
    midnight = (moment + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    minutes = int((midnight - moment).total_seconds() // 60)
    return f"{minutes // 60} h {minutes % 60:02d} min"
