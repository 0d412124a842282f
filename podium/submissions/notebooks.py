"""A package's way to a code competition: dataset, notebook, session, submission, score.

    receipt → dataset (version, files) → notebook (version) → session → output → limits → submission

Each step is recorded before it is taken and reconciled afterwards, so the same command goes on
wherever the last one stopped, and submits at most once. The upload bundle is a package's files as a
dataset, and the notebook beside it. `KaggleNotebooks` makes the calls on the host.
"""

from __future__ import annotations

import json
import re
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, TypeVar

from podium.competition.spec import Competition
from podium.errors import DataError, HostError, PodiumError, SubmissionError, UsageError, plural
from podium.submissions.format.checking import check
from podium.submissions.format.reading import refuse
from podium.submissions.packages import STATEMENT, PackFolder, notebook_text
from podium.submissions.packages.folder import dataset_slug_of
from podium.submissions.upload.attempt import ATTEMPT_FILE, forget_attempt, read_attempt
from podium.submissions.upload.client import (
    CALL_TIMEOUT_S,
    SLOWEST_UPLOAD_BYTES_PER_S,
    KaggleClient,
    call_official,
)
from podium.submissions.upload.endpoint import Endpoint, slug_of
from podium.submissions.upload.receipt import (
    SUBMISSION_FILE,
    Receipt,
    prepare_receipt,
    read_receipts,
    save_receipt,
    submission_folder,
)
from podium.submissions.upload.submit import (
    Upload,
    format_quota,
    poll_until,
    receipt_to_send,
    refuse_quota,
    submission_lock,
)
from podium.workspace.atomic import temporary_folder
from podium.workspace.ids import canonical_json
from podium.workspace.layout import Workspace
from podium.workspace.progress import SILENT, Progress

__all__ = ["refuse_file_competition", "submit_code"]

STALE_S = 60.0  # so long after a push, the host may still report the failure of an earlier version


@dataclass(frozen=True)
class NotebookLocation:
    """The addresses of dataset and notebook, and the texts by which ours are found.

    Attributes:
        owner: the user.
        dataset: its name in the address.
        kernel: the notebook's name in the address.
        dataset_marker: stands in the notes of the version that holds our package.
        dataset_stamp: an empty file of that version, with the same text as its name.
        kernel_marker: stands in the text of the notebook's version, and in its log.
        kernel_stamp: a file that its session writes.
    """

    owner: str
    dataset: str
    kernel: str
    dataset_marker: str
    dataset_stamp: str
    kernel_marker: str
    kernel_stamp: str


@dataclass(frozen=True)
class DatasetState:
    """A dataset: newest version and its status; `marked` is the version that is ours, if any.

    `files` are (name, bytes) of the marked version, else of the newest; none before it is ready.
    """

    version: int
    status: str
    marked: int | None
    files: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class NotebookState:
    """A notebook and its last session: see `official.notebooks.notebook`."""

    version: int
    is_ours: bool
    status: str
    failure: str
    is_over: bool
    is_session_ours: bool
    names: tuple[str, ...] = ()
    log: str = ""


@dataclass(frozen=True)
class KaggleNotebooks:
    """The official client's calls on datasets and notebooks, each in a process of its own."""

    endpoint: Endpoint
    slug: str
    timeout_s: float = field(default=CALL_TIMEOUT_S)

    def whoami(self) -> str:
        """Return the user's name, or ""."""
        return str(self._call("whoami", {})["user"])

    def dataset(self, place: NotebookLocation) -> DatasetState | None:
        """Return the dataset, or None where there is none."""
        about = {
            "owner": place.owner,
            "dataset": place.dataset,
            "marker": place.dataset_marker,
            "stamp": place.dataset_stamp,
        }
        found = self._call("dataset", about)
        if found is None:
            return None
        files = tuple((name, n_bytes) for name, n_bytes in found.pop("files"))
        return DatasetState(**found, files=files)

    def send_dataset(
        self, place: NotebookLocation, folder: Path, title: str, note: Path, *, exists: bool
    ) -> None:
        """Upload the folder's files as a new dataset or version; tries once."""
        n_bytes = sum(file.stat().st_size for file in folder.iterdir())
        about = {
            "owner": place.owner,
            "dataset": place.dataset,
            "notes": place.dataset_marker,
            "title": title,
            "folder": str(folder),
            "attempt": str(note / ATTEMPT_FILE),
            "exists": exists,
        }
        self._call("send_dataset", about, extra_s=n_bytes / SLOWEST_UPLOAD_BYTES_PER_S)

    def push(
        self,
        place: NotebookLocation,
        text: str,
        title: str,
        sources: Sequence[str],
        accelerator: str,
        note: Path,
    ) -> int:
        """Save and start the notebook; return its version. Tries once."""
        about = {
            "owner": place.owner,
            "kernel": place.kernel,
            "text": text,
            "title": title,
            "dataset_sources": list(sources),
            "accelerator": accelerator,
            "attempt": str(note / ATTEMPT_FILE),
        }
        return int(self._call("push", about)["version"])

    def notebook(self, place: NotebookLocation, wait_s: float = 0.0) -> NotebookState | None:
        """Return the notebook, or None; waits up to `wait_s` for its session's end."""
        about = {
            "owner": place.owner,
            "kernel": place.kernel,
            "dataset": place.dataset,
            "marker": place.kernel_marker,
            "stamp": place.kernel_stamp,
            "wait_s": wait_s,
            "stale_s": STALE_S,
        }
        found = self._call("notebook", about, extra_s=wait_s)
        if found is None:
            return None
        return NotebookState(**found | {"names": tuple(found["names"])})

    def fetch(self, place: NotebookLocation, name: str, folder: Path) -> bool:
        """Download an output file into the folder; return whether it is there."""
        about = {"owner": place.owner, "kernel": place.kernel, "name": name, "folder": str(folder)}
        return bool(self._call("fetch", about, extra_s=600.0)["there"])

    def submitting(self, kernel: str = "", version: int = 0) -> NotebookClient:
        """Return the client whose `submit` submits that version of the notebook `owner/name`."""
        return NotebookClient(self.endpoint, self.slug, kernel, version, timeout_s=self.timeout_s)

    def _call(self, function: str, argument: dict[str, Any], *, extra_s: float = 0.0) -> Any:
        return call_official(
            self.endpoint,
            f"notebooks:{function}",
            {**argument, "slug": self.slug},
            timeout_s=self.timeout_s + extra_s,
        )


class NotebookClient(KaggleClient):
    """The client of files, but for `submit`: it submits a notebook's version, whatever the file."""

    def __init__(
        self,
        endpoint: Endpoint,
        slug: str,
        kernel: str,
        version: int,
        *,
        timeout_s: float = CALL_TIMEOUT_S,
    ) -> None:
        super().__init__(endpoint, slug, timeout_s=timeout_s)
        self._kernel, self._version = kernel, version

    def submit(self, file: Path, description: str) -> int:
        if not self._version:  # the official client would submit whichever is the newest
            raise HostError("the version to submit is unknown", fix="repeat the command")
        about = {
            "kernel": self._kernel,
            "version": self._version,
            "slug": self._slug,
            "file_name": file.name,
            "description": description,
            "attempt": str(file.resolve().with_name(ATTEMPT_FILE)),
        }
        answer = call_official(self._endpoint, "notebooks:submit", about, timeout_s=self._timeout_s)
        return int(answer["ref"])


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
        pack: the folder that `podium pack` made.
        endpoint: Kaggle, or a host with its protocol.
        message: shown at the host beside an id of ours.
        name: distinguishes packages of one competition; part of the address.
        accelerator: Kaggle's name of a machine ("NvidiaTeslaT4"); "": no accelerator.
        yes: submit although it is the day's last submission.
        again: submit although the same package was submitted.
        dry_run: read from the host, send nothing, write nothing.
        wait_s: seconds to wait for the notebook, and then for the score.
        progress: reports each step.
        client: the calls on the host; default the official client.

    Raises:
        SubmissionError: the package cannot be sent, was submitted before, or its output has errors.
        QuotaError: no submission is left, or the last one needs `yes`.
        HostError: the host refused, did not answer, the notebook failed or still runs. The receipt
            has the last step.
        RunError: another process is submitting, or the package is damaged.
        UsageError: the competition takes files, or has no slug.
    """
    refuse_file_competition(competition)
    slug = slug_of(competition)
    bundle = read_bundle(pack)
    notebooks = client or KaggleNotebooks(endpoint, slug)
    owner = _owner(notebooks)
    with bundle.contents_file() as contents:

        def prepared(repetition: int) -> Receipt:
            receipt = prepare_receipt(
                workspace,
                contents,
                slug=slug,
                target=endpoint.target,
                message=message,
                sources=bundle.sources,
                honest=bundle.honest,
                again=repetition,
            )
            shown = _shown(workspace, pack)
            about = {"kind": "code", "file": shown, "bytes": bundle.n_bytes}
            return receipt.model_copy(update=about)

        def place_for(receipt: Receipt) -> NotebookLocation:
            return bundle_location(bundle, owner=owner, slug=slug, name=name, receipt_id=receipt.id)

        if dry_run:
            receipt = prepared(0)
            steps = NotebookSteps(workspace, notebooks, bundle, place_for(receipt), progress)
            return _rehearse(steps, receipt, bundle, accelerator, slug, yes=yes)
        with submission_lock(workspace, endpoint, slug, progress):
            receipt = receipt_to_send(workspace, contents, prepared, again=again, progress=progress)
            place = place_for(receipt)
            steps = NotebookSteps(workspace, notebooks, bundle, place, progress)
            is_sent = receipt.state in ("uploading", "submitted") or _is_there(
                notebooks, receipt, progress, yes=yes
            )
            if not is_sent:
                receipt = steps.dataset(receipt)
                receipt = steps.push(receipt, bundle_notebook(place, slug), accelerator)
    if not is_sent:
        # Another shell may submit meanwhile; the first one after that submits.
        receipt = steps.output(steps.await_session(receipt, wait_s), competition)
    with submission_lock(workspace, endpoint, slug, progress):
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
        UsageError: the competition takes files; names the command to use.
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
            "the credentials name no user",
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
    progress.say(format_quota(looked.limits))
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
    steps: NotebookSteps,
    receipt: Receipt,
    bundle: UploadBundle,
    accelerator: str,
    slug: str,
    *,
    yes: bool,
) -> Receipt:
    place, say = steps.place, steps.progress.say
    say(f"dataset {place.owner}/{place.dataset}, private: {plural(len(bundle.uploaded), 'file')}")
    for name, n_bytes in bundle.uploaded.items():
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
        say(format_quota(looked.limits))
        if looked.found is None:
            refuse_quota(looked.limits, yes=yes)
        else:
            say(f"the host has this submission already: number {looked.found.ref}")
    return receipt.model_copy(update={"state": "dry_run"})


def _shown(workspace: Workspace, pack: Path) -> str:
    root, resolved = workspace.root.resolve(), pack.resolve()
    return str(resolved.relative_to(root) if resolved.is_relative_to(root) else resolved)


T = TypeVar("T")

READY_S = 3600.0  # a dataset of some GB is unpacked for minutes
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 1.0, 15.0
_VERSIONS = 2  # made by one command at most: the second one where a host lost a file of the first
_STATES_OF_VERSIONS = ("ran", "failed")  # keys of a receipt: what became of a version
_NOTHING_SENT = "repeat the command: it looks for the uploaded files before it sends anything"


@dataclass(frozen=True)
class NotebookSteps:
    """The state that the steps share; each step returns the receipt with its progress."""

    workspace: Workspace
    notebooks: KaggleNotebooks
    bundle: UploadBundle
    place: NotebookLocation
    progress: Progress

    def dataset(self, receipt: Receipt) -> Receipt:
        """Have a whole version of the dataset with the package, made now or found there.

        Raises:
            HostError: it cannot be made, or the host loses files of it.
        """
        note = self._notes(receipt, "dataset")
        state = self._ready()
        if state is None or state.marked is None:
            state = self._reconciled(note, self._ready, _is_marked) or state
        for n_made in range(_VERSIONS + 1):
            missing = [] if state is None else missing_files(self.bundle.uploaded, state.files)
            if state is not None and state.marked is not None:
                if not missing:
                    self.progress.say(f"version {state.marked} of the dataset holds the package")
                    known = {"dataset": f"{self.place.owner}/{self.place.dataset}"}
                    return self._keep(receipt, {**known, "dataset_version": state.marked})
                lost = (
                    f"version {state.marked} of the dataset is not whole: {'; '.join(missing[:5])}"
                )
                if n_made == _VERSIONS:
                    raise HostError(lost, fix="repeat the command later: it makes a new version")
                self.progress.say(lost)
            if n_made == _VERSIONS:
                break
            receipt = self._keep(receipt, {"step": "dataset"})
            state = self._send_dataset(note, exists=state is not None, before=state)
        raise HostError("the dataset's version does not show up", fix=_NOTHING_SENT)

    def _send_dataset(
        self, note: Path, *, exists: bool, before: DatasetState | None
    ) -> DatasetState | None:
        """Make a version; return the dataset once it shows it."""
        old = 0 if before is None or before.marked is None else before.marked
        forget_attempt(note)
        address = f"{self.place.owner}/{self.place.dataset}"
        what = "a version of the dataset" if exists else "the dataset"
        self.progress.say(f"uploading {self.bundle.n_bytes:,} bytes as {what} {address}")
        failure: PodiumError | None = None
        try:
            with self.bundle.staged() as folder:
                self.notebooks.send_dataset(
                    self.place, folder, notebook_title(self.place.dataset), note, exists=exists
                )
        except PodiumError as error:
            failure = error
            if (attempt := read_attempt(note)) is not None and attempt.sent_nothing:
                raise
            self.progress.say(f"the upload broke off ({error.message}); looking for the version")

        def is_new(state: DatasetState | None) -> bool:
            return _is_marked(state) and state is not None and (state.marked or 0) > old

        found = poll_until(self._ready, is_new)
        if is_new(found):
            return found
        if failure is not None:
            raise failure
        raise HostError("the dataset's version does not show up", fix=_NOTHING_SENT)

    def _ready(self) -> DatasetState | None:
        """Return the dataset once its newest version is ready, or None where there is none."""
        deadline, pause = time.monotonic() + READY_S, _FIRST_PAUSE_S
        while True:
            state = self.notebooks.dataset(self.place)
            if state is None or state.status in ("ready", "deleted"):
                return state
            if state.status == "failed":
                # What the host cannot unpack is no version that a notebook could read.
                return DatasetState(state.version, state.status, None, ())
            if time.monotonic() > deadline:
                raise HostError(
                    f"the host has not unpacked the dataset after {READY_S / 60:.0f} min",
                    fix="repeat the command later: nothing is uploaded twice",
                )
            time.sleep(pause)
            pause = min(1.5 * pause, _LONGEST_PAUSE_S)

    def push(self, receipt: Receipt, text: str, accelerator: str) -> Receipt:
        """Have a version of the notebook with `text`, pushed now or found there."""
        note = self._notes(receipt, "kernel")
        state = self.notebooks.notebook(self.place)
        if not _is_ours(state):
            state = self._reconciled(note, lambda: self.notebooks.notebook(self.place), _is_ours)
        if state is not None and _is_ours(state):
            if receipt.code.get("failed") != state.version:
                return self._pushed(receipt, state.version)
            self.progress.say(
                f"version {state.version} of the notebook ended as {state.status.lower()}; "
                "pushing it once more"
            )
        receipt = self._keep(receipt, {"step": "kernel"})
        forget_attempt(note)
        address = f"{self.place.owner}/{self.place.kernel}"
        self.progress.say(f"pushing the notebook {address}")
        source = f"{self.place.owner}/{self.place.dataset}"
        try:
            version = self.notebooks.push(
                self.place, text, notebook_title(self.place.kernel), [source], accelerator, note
            )
        except PodiumError as error:
            attempt = read_attempt(note)
            if attempt is not None and attempt.sent_nothing:
                raise
            if attempt is not None and attempt.ref is not None:
                return self._pushed(receipt, attempt.ref)
            self.progress.say(f"the push broke off ({error.message}); looking for the version")
            old = 0 if state is None else state.version

            def is_new(one: NotebookState | None) -> bool:
                return _is_ours(one) and one is not None and one.version > old

            found = poll_until(lambda: self.notebooks.notebook(self.place), is_new)
            if found is None or not is_new(found):
                raise
            version = found.version
        return self._pushed(receipt, version)

    def _pushed(self, receipt: Receipt, version: int) -> Receipt:
        self.progress.say(f"the notebook is there as version {version}")
        kernel = f"{self.place.owner}/{self.place.kernel}"
        if receipt.code.get("kernel", kernel) != kernel:
            # Under another --name versions count from 1 again: what ran there did not run here.
            rest = {
                name: one for name, one in receipt.code.items() if name not in _STATES_OF_VERSIONS
            }
            receipt = receipt.model_copy(update={"code": rest})
        known: dict[str, str | int] = {"kernel": kernel, "kernel_version": version}
        return self._keep(receipt, {**known, "step": "session"})

    def await_session(self, receipt: Receipt, wait_s: float) -> Receipt:
        """Wait until the notebook has run.

        Raises:
            HostError: it failed, another version was pushed meanwhile, or it still runs.
        """
        version = int(receipt.code["kernel_version"])
        if receipt.code.get("ran") == version:
            return receipt
        self.progress.say("waiting for the notebook to run")
        state = self.notebooks.notebook(self.place, wait_s)
        where = f"notebook {receipt.code['kernel']}, version {version}"
        if state is None or not state.is_ours or state.version != version:
            raise HostError(
                f"{where}: it is not the newest version any more, so its status is not available",
                fix="repeat the command: it pushes the notebook once more",
            )
        if _has_failed(state):
            self._keep(receipt, {"failed": version})
            reason = state.failure or state.status.lower()
            lines = f"\nits log ends with\n{state.log}" if state.log else ""
            raise HostError(
                f"{where} failed: {reason}{lines}",
                fix="podium pack --rehearse shows most of it here; then repeat the command",
            )
        if not state.is_over or not state.is_session_ours:
            raise HostError(
                f"{where} has not ended ({state.status.lower()}); nothing is submitted yet",
                fix="repeat the command later: it goes on with this version",
            )
        if SUBMISSION_FILE not in state.names:
            raise HostError(
                f"{where} ended without a {SUBMISSION_FILE}; nothing was submitted",
                fix="podium pack --rehearse shows what the notebook writes",
            )
        return receipt

    def output(self, receipt: Receipt, competition: Competition) -> Receipt:
        """Download the notebook's file and check it against the visible test set.

        Raises:
            SubmissionError: it has errors.
            HostError: it cannot be downloaded.
        """
        version = int(receipt.code["kernel_version"])
        if receipt.code.get("ran") == version:
            return receipt
        folder = submission_folder(self.workspace, receipt)
        if not self.notebooks.fetch(self.place, SUBMISSION_FILE, folder):
            raise HostError(
                "the notebook's output cannot be downloaded; nothing was submitted",
                fix="repeat the command",
            )
        try:
            problems = check(folder / SUBMISSION_FILE, competition)
        except DataError as error:
            self.progress.say(f"the output is not checked: {error.message}")
        else:
            try:
                refuse(folder / SUBMISSION_FILE, problems)
            except SubmissionError as error:
                raise SubmissionError(
                    f"the notebook's output has errors, so it is not submitted: {error.message}",
                    where=error.where,
                    fix=error.fix,
                ) from error
        return self._keep(receipt, {"ran": version, "step": "submission"})

    def _reconciled(
        self, note: Path, look: Callable[[], T | None], is_it: Callable[[T | None], bool]
    ) -> T | None:
        """Return what an interrupted attempt made after all, or None."""
        attempt = read_attempt(note)
        if attempt is None or attempt.sent_nothing:
            return None
        self.progress.say("the last attempt was interrupted; looking whether the host has it")
        found = poll_until(look, is_it, since=attempt.at)
        return found if is_it(found) else None

    def _notes(self, receipt: Receipt, step: str) -> Path:
        folder = submission_folder(self.workspace, receipt) / step
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def _keep(self, receipt: Receipt, known: dict[str, str | int]) -> Receipt:
        return save_receipt(
            self.workspace, receipt.model_copy(update={"code": {**receipt.code, **known}})
        )


def _is_marked(state: DatasetState | None) -> bool:
    return state is not None and state.marked is not None


def _is_ours(state: NotebookState | None) -> bool:
    return state is not None and state.is_ours


def _has_failed(state: NotebookState) -> bool:
    return state.is_over and state.status != "COMPLETE"


# The first cell: it ties version to version, because neither source nor status names one.
_CELL = """\
# This version of the notebook reads this version of the dataset.
from pathlib import Path

print("__MARKER__")
Path("__KERNEL_STAMP__").touch()
places = ("__DATASET__", "datasets/*/__DATASET__", "*")
if not any(list(Path("/kaggle/input").glob(f"{place}/__DATASET_STAMP__")) for place in places):
    raise RuntimeError("the version of __DATASET__ here is not the one of this notebook")"""


@dataclass(frozen=True)
class UploadBundle:
    """A package that may be sent.

    Attributes:
        root: its folder.
        id: 8 hex digits of its contents.
        title: in words.
        honest: the blend's honest score.
        sources: ids of the blend and its runs.
        files: name → bytes of every file, `pack.json` among them.
        contents: canonical JSON of name → sha256; equal packages have an equal one.
    """

    root: Path
    id: str
    title: str
    honest: float | None
    sources: tuple[str, ...]
    files: Mapping[str, int]
    contents: str

    @property
    def n_bytes(self) -> int:
        return sum(self.files.values())

    @property
    def stamp(self) -> str:
        """The name of an empty file that marks this upload in the dataset's list of files."""
        return f"podium-{self.id}.txt"

    @contextmanager
    def contents_file(self) -> Iterator[Path]:
        """Yield a file with the contents' text, by which receipts are found."""
        with temporary_folder("podium-bundle") as private:
            file = Path(private, "contents.json")
            file.write_text(self.contents, encoding="ascii")
            yield file

    @contextmanager
    def staged(self) -> Iterator[Path]:
        """Yield a private folder for the client to upload: links to the files, and the stamp."""
        with temporary_folder("podium-bundle") as private:
            for name in self.files:
                Path(private, name).symlink_to((self.root / name).resolve())
            Path(private, self.stamp).write_text(f"{self.id}\n", encoding="ascii")
            yield Path(private)

    @property
    def uploaded(self) -> dict[str, int]:
        """Name → bytes of every file that the dataset's version has to hold."""
        return {**self.files, self.stamp: len(self.id) + 1}


def read_bundle(pack: Path) -> UploadBundle:
    """Return the package in the folder `pack`, every byte of which was checked.

    Raises:
        SubmissionError: it is none, is not complete, or has files that no dataset takes.
        RunError: a file is missing or changed.
    """
    folder = PackFolder(pack)
    record = folder.read()
    if record.incomplete:
        raise SubmissionError(
            f"the package cannot be uploaded: {record.incomplete}",
            where=pack,
            fix="make it again with `podium pack`, where the wheels can be had",
        )
    folder.require_whole(record)
    for name in record.files:
        if "/" in name or not (pack / name).is_file():
            raise SubmissionError(
                f"{name} lies in a folder, and the upload takes flat files only",
                where=pack,
                fix="make the package again with `podium pack`",
            )
    sizes = {name: file.bytes for name, file in sorted(record.files.items())}
    digests = {name: file.sha256 for name, file in record.files.items()}
    return UploadBundle(
        root=pack,
        id=record.id,
        title=record.title,
        honest=record.honest,
        sources=(record.blend, *(run.id for run in record.runs)),
        files={**sizes, STATEMENT: folder.statement.stat().st_size},
        contents=canonical_json(digests),
    )


def bundle_location(
    bundle: UploadBundle, *, owner: str, slug: str, name: str, receipt_id: str
) -> NotebookLocation:
    """Return the addresses of the upload: `<slug>[-<name>]-podium`, as dataset and as notebook.

    Kaggle's names have 6 to 50 characters a-z, 0-9 and -.
    """
    name_of_both = re.sub(r"[^a-z0-9]+", "-", f"{slug}-{name}".lower()).strip("-")
    if len(name_of_both) > 43 and name:
        tail = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:20].strip("-")
        name_of_both = f"{slug[: 42 - len(tail)].strip('-')}-{tail}"
    address = dataset_slug_of(name_of_both)
    return NotebookLocation(
        owner=owner,
        dataset=address,
        kernel=address,
        dataset_marker=f"[podium-{bundle.id}]",
        dataset_stamp=bundle.stamp,
        kernel_marker=f"[podium-{receipt_id}]",
        kernel_stamp=f"podium-{receipt_id}.log.txt",
    )


def notebook_title(address: str) -> str:
    """Return a title that Kaggle turns into that address: a notebook has no other way to one."""
    return address.replace("-", " ")


def bundle_notebook(place: NotebookLocation, slug: str) -> str:
    """Return the package's notebook with a first cell that names its version."""
    book = json.loads(notebook_text(place.dataset, slug))
    text = _CELL
    for name, value in (
        ("__MARKER__", place.kernel_marker),
        ("__KERNEL_STAMP__", place.kernel_stamp),
        ("__DATASET_STAMP__", place.dataset_stamp),
        ("__DATASET__", place.dataset),
    ):
        text = text.replace(name, value)
    cell = {"cell_type": "code", "id": "version", "metadata": {}, "source": text}
    book["cells"].insert(0, {**cell, "execution_count": None, "outputs": []})
    return json.dumps(book, indent=1) + "\n"


def missing_files(expected: Mapping[str, int], listed: Iterable[tuple[str, int]]) -> list[str]:
    """Return which files a dataset's version lacks, in words; a host may put them into folders.

    Example:
        >>> missing_files({"a": 1, "b": 2, "c": 3}, [("x/a", 1), ("c", 4)])
        ['b is missing', 'c has 4 bytes, not 3']
    """
    there = Counter((PurePosixPath(name).name, n_bytes) for name, n_bytes in listed)
    sizes = dict(there.keys())
    return [
        f"{name} has {sizes[name]:,} bytes, not {n_bytes:,}"
        if name in sizes
        else f"{name} is missing"
        for name, n_bytes in expected.items()
        if not there[name, n_bytes]
    ]
