"""A file's way to the host: written down first, sent once, looked for whenever there is doubt.

    receipt → limits → upload → (doubt: look for the id) → wait for the score → receipt

Whatever breaks, and wherever the process dies, the same command afterwards finds out from the host
what happened before it sends anything again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from podium.competition.spec import Competition
from podium.errors import HostError, PodiumError, RunError, SubmissionError, UsageError
from podium.submissions.attempt import forget_attempt, read_attempt
from podium.submissions.checking import check
from podium.submissions.client import Client, Entry, KaggleClient, Limits
from podium.submissions.doubt import look_until_sure
from podium.submissions.endpoint import Endpoint
from podium.submissions.quota import quota_in_words, refuse_quota
from podium.submissions.read import refuse
from podium.submissions.receipt import (
    RECEIPT_FILE,
    SUBMISSION_FILE,
    Receipt,
    file_sha256,
    find_receipt,
    folder_of,
    next_repetition,
    prepare,
    refuse_unreadable,
    save,
    updated,
)
from podium.submissions.slugs import slug_of
from podium.submissions.turn import turn_to_submit
from podium.workspace import atomic
from podium.workspace.clock import now
from podium.workspace.layout import Workspace
from podium.workspace.progress import SILENT, Progress

__all__ = ["Upload", "receipt_to_send", "submit_file"]


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
        competition: says slug and format.
        file: the CSV; every check that needs no host comes before the first call.
        message: shown at the host beside an id of ours.
        endpoint: Kaggle or an embedded host.
        provenance: ids of the blends, runs or files that it was made from.
        honest: the honest score to show beside the public one.
        thresholds: of each class, where they are others than those of the blend.
        yes: send although it is the day's last submission.
        again: send although the same content was sent.
        dry_run: do all but the upload; nothing is written. Without a host to ask, the file alone is
            checked.
        wait_s: seconds to wait for the score; the board asks again later.
        client: the calls on the host; default the official client.
        progress: told of each step, and of what is left of the quota.

    Raises:
        SubmissionError: the file has errors, was sent before, the host refused its content, or a
            receipt of the same content cannot be read.
        QuotaError: no submission is left today, or the last one needs `yes`; nothing was uploaded.
        HostError: the host refused or did not answer; the receipt says how far it came.
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
    if dry_run and (reason := _why_none_is_asked(competition, endpoint)):
        progress.say(f"{reason}, so no host was asked")
        made = prepare(
            workspace,
            file,
            slug="",
            target="kaggle",
            message=message,
            honest=honest,
            thresholds=thresholds,
        )
        return made.model_copy(update={"state": "dry_run"})
    slug = slug_of(competition)
    upload = Upload(workspace, client or KaggleClient(endpoint, slug), progress)

    def prepared(repetition: int) -> Receipt:
        receipt = prepare(
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
    with turn_to_submit(workspace, endpoint, slug, progress):
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
        workspace: its receipts are looked through.
        file: holds the content.
        prepared: returns the receipt of a repetition, 0 for the first time.
        again: make one although the same content was sent.
        progress: told what is continued.

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
    is_told_anew = known.state in ("prepared", "failed") and first.message
    return known.model_copy(update={"message": first.message}) if is_told_anew else known


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
            fix="podium submit --code sends one; write kaggle.kind: file if this one takes files",
        )


class Upload:
    """The steps of one submission, each of which leaves a receipt that says where it stopped."""

    def __init__(self, workspace: Workspace, client: Client, progress: Progress) -> None:
        self._workspace, self._client, self._progress = workspace, client, progress
        self._limits: Limits | None = None  # as they were before an upload
        self._spent = 0

    def rehearse(self, receipt: Receipt, *, yes: bool) -> Receipt:
        """Ask for the limits as a submission would; a host that is away harms no rehearsal."""
        try:
            looked = self._client.look(receipt.marker)
        except HostError as error:
            self._progress.say(f"the host could not be asked: {error.message}")
        else:
            self._progress.say(quota_in_words(looked.limits))
            if looked.found is None:
                refuse_quota(looked.limits, yes=yes)
            else:
                self._progress.say(f"the host has this content already: {_number(looked.found)}")
        return receipt.model_copy(update={"state": "dry_run"})

    def send_once(self, receipt: Receipt, file: Path | None, *, yes: bool) -> Receipt:
        """Return the receipt of the submission at the host, sent now or found there.

        Without a `file` the client knows what it sends: a notebook, which is at the host.
        """
        folder = folder_of(self._workspace, receipt)
        if receipt.state == "submitted":
            self._progress.say(f"it was sent already, as number {receipt.ref}")
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
            refuse_quota(looked.limits, yes=yes)
            return self._send(receipt, file)
        self._progress.say(f"the host has it already: {_number(looked.found)}; nothing is sent")
        if receipt.state == "prepared":
            self._progress.say(
                "no receipt here told of it: it came from another copy of this workspace, or the "
                "receipt was deleted; to send it once more, repeat the command with --again"
            )
        return self._keep(updated(receipt, looked.found), _number(looked.found), file)

    def await_score(self, receipt: Receipt, wait_s: float) -> Receipt:
        """Return the receipt with the score, or as it is where the host has none to give yet.

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
                    receipt = self._keep(updated(receipt, entry), _number(entry))
        refused = receipt.state == "error"
        if self._limits is not None:
            spent = 0 if refused else self._spent
            self._progress.say(quota_in_words(self._limits, spent=spent))
        if refused:
            raise SubmissionError(
                f"the host refused the content: {receipt.error or 'it gave no reason'}",
                where=receipt.file,
                fix="mend the file; such a submission does not count against the quota",
            )
        if receipt.state != "complete":
            self._progress.say(
                f"it is submitted, as number {receipt.ref}, and not scored yet: "
                "`podium board` asks for the score later"
            )
        return receipt

    def _send(self, receipt: Receipt, file: Path | None) -> Receipt:
        folder = folder_of(self._workspace, receipt)
        forget_attempt(folder)
        started = {"state": "uploading", "attempted": now(), "error": ""}
        receipt = receipt.model_copy(update=started)
        save(self._workspace, receipt, file)  # before the host can know of it
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
        attempt = read_attempt(folder_of(self._workspace, receipt))
        if attempt is not None and attempt.ref is not None:
            return self._sent(receipt, attempt.ref)
        if attempt is None or not attempt.sent_nothing:
            self._progress.say(
                f"the upload broke off ({error.message}); looking whether the host has it"
            )
            try:
                found = look_until_sure(self._client, receipt.marker, progress=self._progress)
            except HostError as unknown:
                raise HostError(
                    f"{error.message}; {unknown.message}", where=receipt.file, fix=unknown.fix
                ) from error
            if found is not None:
                self._spent = 1
                return self._keep(updated(receipt, found), _number(found))
            self._progress.say("the host does not have it: nothing was submitted")
        failed = {"state": "failed", "error": error.message}
        with suppress(OSError):  # the next command finds out from the host, and from the attempt
            save(self._workspace, receipt.model_copy(update=failed))
        raise error

    def _settled(self, receipt: Receipt) -> Receipt:
        """Return what became of an upload that was interrupted: at the host, or `failed`."""
        attempt = read_attempt(folder_of(self._workspace, receipt))
        if attempt is not None and attempt.ref is not None:
            self._progress.say(f"the last upload was interrupted, but arrived: {attempt.ref}")
            return self._sent(receipt, attempt.ref)
        if attempt is None or not attempt.sent_nothing:
            self._progress.say("the last upload was interrupted; looking whether the host has it")
            since = receipt.attempted if attempt is None else attempt.at
            found = look_until_sure(
                self._client, receipt.marker, since=since, progress=self._progress
            )
            if found is not None:
                self._progress.say(f"the host has it: {_number(found)}; nothing is sent")
                return self._keep(updated(receipt, found), _number(found))
        failed = receipt.model_copy(update={"state": "failed", "error": "it was interrupted"})
        return save(self._workspace, failed)

    def _keep(self, receipt: Receipt, number: str, file: Path | None = None) -> Receipt:
        """Write the receipt of what the host has.

        Raises:
            RunError: it cannot be written; the submission is there all the same.
        """
        try:
            return save(self._workspace, receipt, file)
        except OSError as error:
            raise RunError(
                f"the host has the submission ({number}), but its receipt cannot be written: "
                f"{error.strerror or error}",
                where=folder_of(self._workspace, receipt) / RECEIPT_FILE,
                fix="free disk space, then repeat the command: it finds the submission at the "
                "host and sends nothing",
            ) from error


def _number(entry: Entry) -> str:
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
