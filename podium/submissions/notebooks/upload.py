"""A package's way to a code competition: dataset, notebook, session, submission, score.

    receipt → dataset (version, files) → notebook (version) → session → output → limits → submission

Each step is written down before it is taken and looked for afterwards, so the same command goes on
wherever the last one stopped, and submits at most once.
"""

from __future__ import annotations

from pathlib import Path

from podium.competition.spec import Competition
from podium.errors import HostError, UsageError
from podium.submissions.endpoint import Endpoint
from podium.submissions.notebooks.client import CodePlace, KaggleNotebooks
from podium.submissions.notebooks.parcel import Parcel, notebook_of, place_of, read_parcel
from podium.submissions.notebooks.steps import CodeSteps
from podium.submissions.quota import quota_in_words, refuse_quota
from podium.submissions.receipt import (
    Receipt,
    prepare,
    read_receipts,
)
from podium.submissions.slugs import slug_of
from podium.submissions.turn import turn_to_submit
from podium.submissions.upload import Upload, receipt_to_send
from podium.workspace.layout import Workspace
from podium.workspace.progress import SILENT, Progress

__all__ = ["refuse_file_competition", "submit_code"]

WAIT_S = 12 * 3600.0  # Kaggle's notebooks may run for 9 or 12 hours


def submit_code(
    workspace: Workspace,
    competition: Competition,
    pack: Path,
    *,
    endpoint: Endpoint,
    message: str = "",
    name: str = "",
    accelerator: str = "",
    yes: bool = False,
    again: bool = False,
    dry_run: bool = False,
    wait_s: float = WAIT_S,
    progress: Progress = SILENT,
    client: KaggleNotebooks | None = None,
) -> Receipt:
    """Submit the package in the folder `pack` exactly once, and return the receipt.

    Calling it again after any failure goes on where it stopped. A score that cannot be had yet is
    no failure: the receipt is `submitted` then.

    Args:
        workspace: the receipt and the notebook's output go to its `submissions/`.
        competition: one with `kaggle.kind: code`.
        pack: what `podium pack` made.
        endpoint: Kaggle, or what speaks like it.
        message: shown at the host beside an id of ours.
        name: told from other packages of the competition by it; part of the address.
        accelerator: Kaggle's name of a machine ("NvidiaTeslaT4"); "": no accelerator.
        yes: submit although it is the day's last submission.
        again: submit although the same package was submitted.
        dry_run: read from the host, send nothing, write nothing.
        wait_s: seconds to wait for the notebook, and then for the score.
        progress: told of each step.
        client: the calls on the host; default the official client.

    Raises:
        SubmissionError: the package cannot be sent, was submitted before, or its output has errors.
        QuotaError: no submission is left, or the last one needs `yes`.
        HostError: the host refused, did not answer, the notebook failed or still runs. The receipt
            says how far it came.
        RunError: another process is submitting, or the package is damaged.
        UsageError: the competition takes files, or has no slug.
    """
    refuse_file_competition(competition)
    slug = slug_of(competition)
    parcel = read_parcel(pack)
    notebooks = client or KaggleNotebooks(endpoint, slug)
    owner = _owner(notebooks)
    with parcel.contents_file() as contents:

        def prepared(repetition: int) -> Receipt:
            receipt = prepare(
                workspace,
                contents,
                slug=slug,
                target=endpoint.target,
                message=message,
                sources=parcel.sources,
                honest=parcel.honest,
                again=repetition,
            )
            shown = _shown(workspace, pack)
            about = {"kind": "code", "file": shown, "bytes": parcel.n_bytes}
            return receipt.model_copy(update=about)

        def place_for(receipt: Receipt) -> CodePlace:
            return place_of(parcel, owner=owner, slug=slug, name=name, receipt_id=receipt.id)

        if dry_run:
            receipt = prepared(0)
            steps = CodeSteps(workspace, notebooks, parcel, place_for(receipt), progress)
            return _rehearse(steps, receipt, parcel, accelerator, slug, yes=yes)
        with turn_to_submit(workspace, endpoint, slug, progress):
            receipt = receipt_to_send(workspace, contents, prepared, again=again, progress=progress)
            place = place_for(receipt)
            steps = CodeSteps(workspace, notebooks, parcel, place, progress)
            is_sent = receipt.state in ("uploading", "submitted") or _is_there(
                notebooks, receipt, progress, yes=yes
            )
            if not is_sent:
                receipt = steps.dataset(receipt)
                receipt = steps.push(receipt, notebook_of(place, slug), accelerator)
    if not is_sent:
        # Another shell may submit meanwhile; whoever comes first after that, submits.
        receipt = steps.output(steps.await_session(receipt, wait_s), competition)
    with turn_to_submit(workspace, endpoint, slug, progress):
        receipt = _as_it_is_now(workspace, receipt)
        # The receipt's own: --name may be another one than that of the command that began.
        kernel = str(receipt.code.get("kernel", ""))
        version = int(receipt.code.get("kernel_version", 0))
        upload = Upload(workspace, notebooks.submitting(kernel, version), progress)
        receipt = upload.send_once(receipt, None, yes=yes)
    return upload.await_score(receipt, wait_s)


def refuse_file_competition(competition: Competition) -> None:
    """Refuse a competition that takes files.

    Raises:
        UsageError: says what to do.
    """
    if competition.kaggle.kind != "code":
        raise UsageError(
            "this competition takes a file, not a notebook",
            where=competition.root / "competition.yaml",
            fix="leave out --code; write kaggle.kind: code if it takes notebooks",
        )


def _owner(notebooks: KaggleNotebooks) -> str:
    owner = notebooks.whoami()
    if not owner:
        raise HostError(
            "the credentials do not say whose they are",
            fix="make a token at https://www.kaggle.com/settings/api; see `podium doctor`",
        )
    return owner.lower()


def _is_there(
    notebooks: KaggleNotebooks, receipt: Receipt, progress: Progress, *, yes: bool
) -> bool:
    """Return whether the host has the submission already; refuse where it would take none."""
    looked = notebooks.submitting().look(receipt.marker)
    if looked.found is not None:
        return True
    progress.say(quota_in_words(looked.limits))
    if not int(receipt.code.get("kernel_version", 0)):
        refuse_quota(looked.limits, yes=yes)  # before hours of a machine are spent
    return False


def _as_it_is_now(workspace: Workspace, receipt: Receipt) -> Receipt:
    """Return the receipt as another shell may have left it."""
    every = {one.id: one for one in read_receipts(workspace)}
    found = every.get(receipt.id, receipt)
    if found.state in ("uploading", "submitted", "complete", "error"):
        return found
    return receipt


def _rehearse(
    steps: CodeSteps,
    receipt: Receipt,
    parcel: Parcel,
    accelerator: str,
    slug: str,
    *,
    yes: bool,
) -> Receipt:
    place, say = steps.place, steps.progress.say
    say(f"dataset {place.owner}/{place.dataset}, private: {len(parcel.uploaded)} files")
    for name, n_bytes in parcel.uploaded.items():
        say(f"  {name}  {n_bytes:,} bytes")
    machine = accelerator or "no accelerator"
    say(f"notebook {place.owner}/{place.kernel}, private, no internet, {machine}")
    say(f"  sources: {place.owner}/{place.dataset}, competition {slug}")
    try:
        there = steps.notebooks.dataset(place)
        looked = steps.notebooks.submitting().look(receipt.marker)
    except HostError as error:
        say(f"the host could not be asked: {error.message}")
    else:
        if there is None:
            say("the dataset would be made")
        elif there.marked is None:
            say(f"the dataset has {there.version} versions; one more would be made")
        else:
            say(f"version {there.marked} of the dataset holds this package; it would be used")
        say(quota_in_words(looked.limits))
        if looked.found is None:
            refuse_quota(looked.limits, yes=yes)
        else:
            say(f"the host has this submission already: number {looked.found.ref}")
    return receipt.model_copy(update={"state": "dry_run"})


def _shown(workspace: Workspace, pack: Path) -> str:
    root, given = workspace.root.resolve(), pack.resolve()
    return str(given.relative_to(root) if given.is_relative_to(root) else given)
