"""A file's way to the host: recorded first, sent once, reconciled with the host when unsure.

    receipt → limits → upload → (lost answer: look for the id) → wait for the score → receipt

After any failure, at any step, the same command first checks with the host what arrived, before it
sends anything again (`reconcile`). `submission_lock` admits one upload at a time, in a workspace
and from this machine to a competition. The day's quota is checked before anything is sent.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

from podium.competition.spec import Competition
from podium.errors import HostError, PodiumError, QuotaError, RunError, SubmissionError, UsageError
from podium.submissions.format.checking import check
from podium.submissions.format.reading import refuse
from podium.submissions.upload.attempt import forget_attempt, read_attempt
from podium.submissions.upload.client import (
    Client,
    KaggleClient,
    Limits,
    ListedSubmission,
    SubmissionLookup,
)
from podium.submissions.upload.endpoint import Endpoint, slug_from_name, slug_of
from podium.submissions.upload.receipt import (
    SUBMISSION_FILE,
    Receipt,
    file_sha256,
    find_receipt,
    next_repetition,
    prepare_receipt,
    refuse_unreadable,
    save_receipt,
    submission_folder,
    updated_receipt,
)
from podium.workspace import atomic
from podium.workspace.layout import RECEIPT_FILE, Workspace
from podium.workspace.locks import machine_lock_file, user_lock_file, wait_and_hold
from podium.workspace.machine import now
from podium.workspace.progress import SILENT, Progress

__all__ = [
    "Upload",
    "format_quota",
    "poll_until",
    "receipt_to_send",
    "refuse_quota",
    "submission_lock",
    "submit_file",
]


def submit_file(
    workspace: Workspace,
    competition: Competition,
    file: Path,
    *,
    message: str = "",
    endpoint: Endpoint,
    provenance: Sequence[str] = (),
    honest: float | None = None,
    thresholds: Sequence[float] = (),
    yes: bool = False,
    again: bool = False,
    dry_run: bool = False,
    wait_s: float = 600,
    client: Client | None = None,
    progress: Progress = SILENT,
) -> Receipt:
    """Send `file` to the competition's host exactly once, wait for its score, return the receipt.

    Calling it again after any failure continues: an upload that may have arrived is looked for.
    A score that cannot be had yet is no failure: the receipt is `submitted` then.

    Args:
        workspace: the receipt and a copy of the file go to its `submissions/`.
        competition: has slug and format.
        file: the CSV; every check that needs no host comes before the first call.
        message: shown at the host beside an id of ours.
        endpoint: Kaggle or an embedded host.
        provenance: ids of the blends, runs or files that it was made from.
        honest: the honest score to show beside the public one.
        thresholds: of each class, where they are others than those of the blend.
        yes: send although it is the day's last submission.
        again: send although the same content was sent.
        dry_run: do all but the upload; nothing is written. Without a host, the file alone is
            checked.
        wait_s: seconds to wait for the score; the board gets it later.
        client: the calls on the host; default the official client.
        progress: reports each step, and the quota that is left.

    Raises:
        SubmissionError: the file has errors, was sent before, the host refused its content, or a
            receipt of the same content cannot be read.
        QuotaError: no submission is left today, or the last one needs `yes`; nothing was uploaded.
        HostError: the host refused or did not answer; the receipt has the last step.
        RunError: another process is submitting, or the receipt cannot be written.
        UsageError: the competition has no slug, or takes notebooks and no files.
    """
    if not dry_run:
        _refuse_code_competition(competition, endpoint)
    checked = file_sha256(file)
    problems = check(file, competition)
    refuse(file, problems)
    for warning in problems:
        progress.say(str(warning))
    if dry_run and (reason := _why_no_host(competition, endpoint)):
        progress.say(f"{reason}, so no host was asked")
        made = prepare_receipt(
            workspace,
            file,
            slug="",
            target="kaggle",
            message=message,
            honest=honest,
            thresholds=thresholds,
        )
        return made.model_copy(update={"state": "dry_run"})
    slug = _slug_for(file, competition)
    upload = Upload(workspace, client or KaggleClient(endpoint, slug), progress)

    def prepared(repetition: int) -> Receipt:
        receipt = prepare_receipt(
            workspace,
            file,
            slug=slug,
            target=endpoint.target,
            message=message,
            sources=provenance,
            honest=honest,
            thresholds=thresholds,
            again=repetition,
        )
        if receipt.file_sha256 != checked:
            raise SubmissionError(
                "the file changed while it was checked", where=file, fix="repeat the command"
            )
        return receipt

    if dry_run:
        return upload.rehearse(prepared(0), yes=yes)
    with submission_lock(workspace, endpoint, slug, progress):
        receipt = receipt_to_send(workspace, file, prepared, again=again, progress=progress)
        receipt = upload.send_once(receipt, file, yes=yes)
    return upload.await_score(receipt, wait_s)


def receipt_to_send(
    workspace: Workspace,
    file: Path,
    prepared: Callable[[int], Receipt],
    *,
    again: bool,
    progress: Progress = SILENT,
) -> Receipt:
    """Return the receipt of this content that is not finished, else a new one, not yet written.

    Args:
        workspace: its receipts are searched.
        file: holds the content.
        prepared: returns the receipt of a repetition, 0 for the first time.
        again: make one although the same content was sent.
        progress: reports what is continued.

    Raises:
        SubmissionError: it was sent, or a receipt of it cannot be read.
    """
    first = prepared(0)
    slug, target = first.slug, first.target
    refuse_unreadable(workspace, file, slug=slug, target=target)
    known = find_receipt(workspace, file, slug=slug, target=target)
    if known is None:
        return first
    if known.state in ("complete", "error"):
        _refuse_repetition(known, again=again)
        return prepared(next_repetition(workspace, file, slug=slug, target=target))
    if again:
        progress.say(
            f"{known.id} has the same content and is not finished: it is continued first; "
            "after that, --again sends one more"
        )
    has_new_message = known.state in ("prepared", "failed") and first.message
    return known.model_copy(update={"message": first.message}) if has_new_message else known


def _slug_for(file: Path, competition: Competition) -> str:
    """Return the competition's name at its host; without one, where the file is stands beside."""
    try:
        return slug_of(competition)
    except UsageError as error:
        root = competition.root
        shown = file.relative_to(root) if file.is_relative_to(root) else file
        what = f"{error.message}; the file is there: {shown}"
        raise UsageError(what, where=error.where, fix=error.fix) from error


def _why_no_host(competition: Competition, endpoint: Endpoint) -> str:
    """Return why a dry run has no host, or ""."""
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
            fix="podium submit --code sends one; write kaggle.kind: file if this one takes files",
        )


class Upload:
    """The steps of one submission; each step leaves a receipt with the point reached."""

    def __init__(self, workspace: Workspace, client: Client, progress: Progress) -> None:
        self._workspace, self._client, self._progress = workspace, client, progress
        self._limits: Limits | None = None  # as they were before an upload
        self._spent = 0

    def rehearse(self, receipt: Receipt, *, yes: bool) -> Receipt:
        """Read the limits as a submission would; a dry run does not fail without a reply."""
        try:
            looked = self._client.look(receipt.marker)
        except HostError as error:
            self._progress.say(f"the host could not be asked: {error.message}")
        else:
            self._progress.say(format_quota(looked.limits))
            if looked.found is None:
                refuse_quota(looked.limits, yes=yes)
            else:
                self._progress.say(f"the host has this content already: {_number(looked.found)}")
        return receipt.model_copy(update={"state": "dry_run"})

    def send_once(self, receipt: Receipt, file: Path | None, *, yes: bool) -> Receipt:
        """Return the receipt of the submission at the host, sent now or found there.

        Without a `file` the client submits a notebook, which is at the host.
        """
        folder = submission_folder(self._workspace, receipt)
        if receipt.state == "submitted":
            self._progress.say(f"it was sent already, as the host's number {receipt.ref}")
            return receipt
        if receipt.state == "uploading":
            atomic.sweep(folder)
            receipt = self._settled(receipt)
            if receipt.state != "failed":
                return receipt
        self._progress.say("asking the host for the limits, and whether it has this file already")
        looked = self._client.look(receipt.marker)
        self._limits = looked.limits
        if looked.found is None:
            if n := n_unlisted(receipt.counted, looked):
                # Whatever was believed of the last upload: the host counts one that it hides.
                save_receipt(self._workspace, receipt.model_copy(update={"state": "uploading"}))
                raise _uncertain(_format_unlisted(n), receipt)
            refuse_quota(looked.limits, yes=yes)
            return self._send(receipt, file, count_submissions(looked))
        self._progress.say(f"the host has it already: {_number(looked.found)}; nothing is sent")
        if receipt.state == "prepared":
            self._progress.say(
                "it has no receipt here: it came from another copy of this workspace, or the "
                "receipt was deleted; to send it once more, repeat the command with --again"
            )
        return self._keep(updated_receipt(receipt, looked.found), _number(looked.found), file)

    def await_score(self, receipt: Receipt, wait_s: float) -> Receipt:
        """Return the receipt with the score, or unchanged where the host has none yet.

        Raises:
            SubmissionError: the host refused the content.
        """
        if receipt.state not in ("complete", "error"):
            self._progress.say("waiting for the score")
            try:
                entry = self._client.wait(receipt.marker, wait_s)
            except PodiumError as error:
                self._progress.say(f"the score could not be asked for: {error.message}")
            else:
                if entry is not None:
                    receipt = self._keep(updated_receipt(receipt, entry), _number(entry))
        refused = receipt.state == "error"
        if self._limits is not None:
            spent = 0 if refused else self._spent
            self._progress.say(format_quota(self._limits, spent=spent))
        if refused:
            raise SubmissionError(
                f"the host refused the content: {receipt.error or 'it gave no reason'}",
                where=receipt.file,
                fix="mend the file; such a submission does not count against the quota",
            )
        if receipt.state != "complete":
            self._progress.say(
                f"it is submitted, as the host's number {receipt.ref}, and not scored yet: "
                "`podium board` asks for the score later"
            )
        return receipt

    def _send(self, receipt: Receipt, file: Path | None, counted: dict[str, int]) -> Receipt:
        folder = submission_folder(self._workspace, receipt)
        forget_attempt(folder)
        started = {"state": "uploading", "attempted": now(), "counted": counted, "error": ""}
        receipt = receipt.model_copy(update=started)
        save_receipt(self._workspace, receipt, file)  # before it can be at the host
        what = "submitting the notebook" if file is None else f"uploading {receipt.bytes:,} bytes"
        self._progress.say(what)
        try:
            ref = self._client.submit(folder / SUBMISSION_FILE, receipt.description)
        except PodiumError as error:
            return self._after(error, receipt)
        self._spent = 1
        return self._sent(receipt, ref)

    def _sent(self, receipt: Receipt, ref: int) -> Receipt:
        sent = {"state": "submitted", "ref": ref, "submitted": now()}
        return self._keep(receipt.model_copy(update=sent), f"number {ref}")

    def _after(self, error: PodiumError, receipt: Receipt) -> Receipt:
        """Return the receipt of a submission that arrived all the same; else raise `error`."""
        attempt = read_attempt(submission_folder(self._workspace, receipt))
        if attempt is not None and attempt.ref is not None:
            return self._sent(receipt, attempt.ref)
        if attempt is None or not attempt.sent_nothing:
            self._progress.say(
                f"the upload broke off ({error.message}); looking whether the host has it"
            )
            try:
                found = reconcile(self._client, receipt, progress=self._progress)
            except HostError as unknown:
                raise HostError(
                    f"{error.message}; {unknown.message}", where=receipt.file, fix=unknown.fix
                ) from error
            if found is not None:
                self._spent = 1
                return self._keep(updated_receipt(receipt, found), _number(found))
            self._progress.say("the host does not have it: nothing was submitted")
        else:
            receipt = receipt.model_copy(update={"counted": {}})  # no count concerns it
        failed = {"state": "failed", "error": error.message}
        with suppress(OSError):  # the next command finds out from the host, and from the attempt
            save_receipt(self._workspace, receipt.model_copy(update=failed))
        raise error

    def _settled(self, receipt: Receipt) -> Receipt:
        """Return what became of an upload that was interrupted: at the host, or `failed`."""
        attempt = read_attempt(submission_folder(self._workspace, receipt))
        if attempt is not None and attempt.ref is not None:
            self._progress.say(f"the last upload was interrupted, but arrived: {attempt.ref}")
            return self._sent(receipt, attempt.ref)
        if attempt is None or not attempt.sent_nothing:
            self._progress.say("the last upload was interrupted; looking whether the host has it")
            since = receipt.attempted if attempt is None else attempt.at
            found = reconcile(self._client, receipt, since=since, progress=self._progress)
            if found is not None:
                self._progress.say(f"the host has it: {_number(found)}; nothing is sent")
                return self._keep(updated_receipt(receipt, found), _number(found))
        else:
            receipt = receipt.model_copy(update={"counted": {}})
        failed = receipt.model_copy(update={"state": "failed", "error": "it was interrupted"})
        return save_receipt(self._workspace, failed)

    def _keep(self, receipt: Receipt, number: str, file: Path | None = None) -> Receipt:
        """Write the receipt of what the host has.

        Raises:
            RunError: it cannot be written; the submission is there all the same.
        """
        try:
            return save_receipt(self._workspace, receipt, file)
        except OSError as error:
            raise RunError(
                f"the host has the submission ({number}), but its receipt cannot be written: "
                f"{error.strerror or error}",
                where=submission_folder(self._workspace, receipt) / RECEIPT_FILE,
                fix="free disk space, then repeat the command: it finds the submission at the "
                "host and sends nothing",
            ) from error


def _number(entry: ListedSubmission) -> str:
    return f"number {entry.ref}"


def _refuse_repetition(known: Receipt, *, again: bool) -> None:
    """Refuse what was submitted already, without an `again`."""
    if again:
        return
    score = "" if known.public_score is None else f", public score {known.public_score:g}"
    raise SubmissionError(
        f"the same content was submitted on {known.submitted or known.created:%Y-%m-%d %H:%M} UTC "
        f"as {known.id} ({known.state}{score})",
        where=known.file,
        fix="to send it once more all the same, add --again",
    )


T = TypeVar("T")

RECONCILE_S = 60.0  # a host may list a submission some seconds after it took it
UNLISTED_S = 300.0  # and minutes, while it counts one more than it lists
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 1.0, 10.0


def reconcile(
    client: Client, receipt: Receipt, *, since: datetime | None = None, progress: Progress = SILENT
) -> ListedSubmission | None:
    """Return the submission of `receipt`, or None once it can no longer appear at the host.

    A host that counts more submissions than it lists is given longer.

    Args:
        client: the calls on the host.
        receipt: has the text in the description, and what the host counted before the upload.
        since: when it may have been created, at the latest; default: now.
        progress: reports the wait.

    Raises:
        HostError: the host did not reply in time, or still counts one that it does not list, so it
            remains unknown.
    """

    def unlisted(looked: SubmissionLookup) -> int:
        return n_unlisted(receipt.counted, looked)

    try:
        looked = poll_until(
            lambda: client.look(receipt.marker),
            lambda looked: looked.found is not None,
            is_behind=lambda looked: unlisted(looked) > 0,
            since=since,
            progress=progress,
        )
    except PodiumError as error:
        raise _uncertain(error.message, receipt) from error
    if looked.found is None and unlisted(looked):
        raise _uncertain(_format_unlisted(unlisted(looked)), receipt)
    return looked.found


def _format_unlisted(n: int) -> str:
    return (
        f"the host counts {n} more submission{'s' * (n != 1)} than before the upload, and does not "
        f"list {'it' if n == 1 else 'them'} yet"
    )


def _uncertain(why: str, receipt: Receipt) -> HostError:
    return HostError(
        f"it is not known whether the submission arrived: {why}",
        fix="repeat the command in some minutes: it looks for the submission before it sends "
        f"anything. If the host's page never shows {receipt.marker}, move "
        f"submissions/{receipt.id} away, and the same command sends it",
    )


def poll_until(
    ask: Callable[[], T],
    is_it: Callable[[T], bool],
    *,
    is_behind: Callable[[T], bool] = lambda _: False,
    since: datetime | None = None,
    progress: Progress = SILENT,
) -> T:
    """Return the first reply for which `is_it` holds, or the last one after the longest delay.

    Args:
        ask: a request to the host; one that fails is repeated while there is time.
        is_it: whether a reply has the submission.
        is_behind: whether a reply shows that there is one to come: it has `UNLISTED_S` then.
        since: when it may have been made, at the latest; default: now. The host has `RECONCILE_S`
            from then on to show it.
        progress: reports the wait.

    Raises:
        PodiumError: of the last request.
    """
    begun = time.monotonic()
    deadline, latest = (begun + _seconds_left(since, most) for most in (RECONCILE_S, UNLISTED_S))
    pause, is_reported = _FIRST_PAUSE_S, False
    while True:
        is_last = time.monotonic() >= deadline
        try:
            found = ask()
        except PodiumError:
            if is_last:
                raise
        else:
            if is_it(found):
                return found
            if is_behind(found) and deadline < latest:
                deadline, is_last, is_reported = latest, False, False
                progress.say("the host counts one more submission than it lists")
            if is_last:
                return found
        left = deadline - time.monotonic()
        if not is_reported:
            progress.say(f"not there yet; looking for it for {max(left, 0):.0f} s more")
            is_reported = True
        time.sleep(max(0.0, min(pause, left)))
        pause = min(2 * pause, _LONGEST_PAUSE_S)


def _seconds_left(since: datetime | None, most: float) -> float:
    """Return the rest of the window; a clock that was set back makes it no longer than it is."""
    gone = 0.0 if since is None else (now() - since).total_seconds()
    return min(most, max(0.0, most - gone))


LOCK_WAIT_S = 120.0  # for another shell's upload: then all is checked anew, so nothing is spent


@contextmanager
def submission_lock(
    workspace: Workspace, endpoint: Endpoint, slug: str, progress: Progress = SILENT
) -> Iterator[None]:
    """Hold the lock on submissions: in this workspace, and of this user and machine to `slug`.

    A process that holds it is waited for, up to `LOCK_WAIT_S`; the client's process keeps the lock
    until it has ended, even if ours ends first.

    Raises:
        RunError: it takes longer; names the process that holds the lock.
    """
    place = f"{endpoint.target} {endpoint.place or endpoint.url or ''} {slug}"
    token = hashlib.sha256(place.encode()).hexdigest()[:8]
    name = f"submit-{slug_from_name(slug)[:60]}-{token}"
    shared = {user_lock_file(name): False, machine_lock_file(name): True}

    def waiting(who: str) -> None:
        progress.say(f"{who}; waiting up to {LOCK_WAIT_S:.0f} s for it")

    with ExitStack() as stack:
        stack.enter_context(
            wait_and_hold(
                workspace.submissions / ".lock",
                what="the upload",
                wait_s=LOCK_WAIT_S,
                waiting=waiting,
            )
        )
        for file, everyone in shared.items():
            if file is None:
                continue
            # Where it cannot be made or opened, the others have to do.
            with suppress(OSError):
                stack.enter_context(
                    wait_and_hold(
                        file,
                        what=f"a submission to {slug}",
                        wait_s=LOCK_WAIT_S,
                        waiting=waiting,
                        everyone=everyone,
                    )
                )
        atomic.sweep(workspace.submissions)
        yield


def refuse_quota(limits: Limits, *, yes: bool) -> None:
    """Refuse what the host would refuse after the upload, and the last one without a `yes`.

    Raises:
        QuotaError: nothing was uploaded.
    """
    if limits.unknown:
        return  # no team yet: the first submission makes it
    if limits.left <= 0:
        if limits.end:
            raise QuotaError(
                f"{limits.end}; nothing was uploaded",
                fix="podium board shows the leaderboard of the end",
            )
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
    if limits.end:
        return limits.end
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
