"""The steps of a notebook's submission before it: dataset, push, session, output."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from podium.competition.spec import Competition
from podium.errors import DataError, HostError, PodiumError, SubmissionError
from podium.submissions.attempt import forget_attempt, read_attempt
from podium.submissions.checking import check
from podium.submissions.doubt import ask_until
from podium.submissions.notebooks.client import (
    CodePlace,
    DatasetState,
    KaggleNotebooks,
    NotebookState,
)
from podium.submissions.notebooks.parcel import Parcel, lacking, title_of
from podium.submissions.read import refuse
from podium.submissions.receipt import SUBMISSION_FILE, Receipt, folder_of, save
from podium.workspace.layout import Workspace
from podium.workspace.progress import Progress

__all__ = ["CodeSteps"]

T = TypeVar("T")

READY_S = 3600.0  # a dataset of some GB is unpacked for minutes
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 1.0, 15.0
_VERSIONS = 2  # made by one command at most: the second one where a host lost a file of the first
_OF_VERSIONS = ("ran", "failed")  # keys of a receipt: what became of a version
_NOTHING_SENT = "repeat the command: it looks for what is there before it sends anything"


@dataclass(frozen=True)
class CodeSteps:
    """What the steps share; each returns the receipt that says how far it came."""

    workspace: Workspace
    notebooks: KaggleNotebooks
    parcel: Parcel
    place: CodePlace
    progress: Progress

    def dataset(self, receipt: Receipt) -> Receipt:
        """Have a whole version of the dataset with the package, made now or found there.

        Raises:
            HostError: it cannot be made, or the host loses files of it.
        """
        note = self._notes(receipt, "dataset")
        state = self._ready()
        if state is None or state.marked is None:
            state = self._doubted(note, self._ready, _is_marked) or state
        for n_made in range(_VERSIONS + 1):
            missing = [] if state is None else lacking(self.parcel.uploaded, state.files)
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
        self.progress.say(f"uploading {self.parcel.n_bytes:,} bytes as {what} {address}")
        failure: PodiumError | None = None
        try:
            with self.parcel.staged() as folder:
                self.notebooks.send_dataset(
                    self.place, folder, title_of(self.place.dataset), note, exists=exists
                )
        except PodiumError as error:
            failure = error
            if (attempt := read_attempt(note)) is not None and attempt.sent_nothing:
                raise
            self.progress.say(f"the upload broke off ({error.message}); looking for the version")

        def is_new(state: DatasetState | None) -> bool:
            return _is_marked(state) and state is not None and (state.marked or 0) > old

        found = ask_until(self._ready, is_new)
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
            state = self._doubted(note, lambda: self.notebooks.notebook(self.place), _is_ours)
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
                self.place, text, title_of(self.place.kernel), [source], accelerator, note
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

            found = ask_until(lambda: self.notebooks.notebook(self.place), is_new)
            if found is None or not is_new(found):
                raise
            version = found.version
        return self._pushed(receipt, version)

    def _pushed(self, receipt: Receipt, version: int) -> Receipt:
        self.progress.say(f"the notebook is there as version {version}")
        kernel = f"{self.place.owner}/{self.place.kernel}"
        if receipt.code.get("kernel", kernel) != kernel:
            # Under another --name versions count from 1 again: what ran there did not run here.
            rest = {name: one for name, one in receipt.code.items() if name not in _OF_VERSIONS}
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
                f"{where}: it is not the newest version any more, so its end cannot be told",
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
        folder = folder_of(self.workspace, receipt)
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

    def _doubted(
        self, note: Path, look: Callable[[], T | None], is_it: Callable[[T | None], bool]
    ) -> T | None:
        """Return what an interrupted attempt made after all, or None."""
        attempt = read_attempt(note)
        if attempt is None or attempt.sent_nothing:
            return None
        self.progress.say("the last attempt was interrupted; looking whether the host has it")
        found = ask_until(look, is_it, since=attempt.at)
        return found if is_it(found) else None

    def _notes(self, receipt: Receipt, step: str) -> Path:
        folder = folder_of(self.workspace, receipt) / step
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def _keep(self, receipt: Receipt, known: dict[str, str | int]) -> Receipt:
        return save(self.workspace, receipt.model_copy(update={"code": {**receipt.code, **known}}))


def _is_marked(state: DatasetState | None) -> bool:
    return state is not None and state.marked is not None


def _is_ours(state: NotebookState | None) -> bool:
    return state is not None and state.is_ours


def _has_failed(state: NotebookState) -> bool:
    return state.is_over and state.status != "COMPLETE"
