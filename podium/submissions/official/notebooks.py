"""Datasets, notebooks and their submissions through the official client; see `session`.

Creating calls are made once: the client would repeat a call whose answer was lost, and so make two
versions. What became of it is found out by the marker in its notes, its file list or its text.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from podium.errors import HostError, plural
from podium.submissions.official.files import PAGE_SIZE
from podium.submissions.official.session import (
    Json,
    is_transient,
    noting_attempt,
    redact,
    ref_of,
    session,
    with_retries,
)
from podium.submissions.upload.attempt import Stage, note_attempt
from podium.workspace.atomic import temporary_folder

__all__ = ["dataset", "fetch", "notebook", "push", "send_dataset", "submit", "whoami"]

T = TypeVar("T")

LICENCE = "other"  # private, and the weights may hold others' data: no licence is granted
_MAX_PAGES = 500
_SHORTEST_POLL_S, _LONGEST_POLL_S = 1.0, 30.0
_CREATING = ("create_dataset", "create_dataset_version")
_LOG_CHARACTERS = 4000


def whoami(argument: Json) -> Json:
    """Return the user's name, which owns what is made."""
    with session(argument) as (api, _):
        return {"user": api.config_values.get("username") or ""}


def dataset(argument: Json) -> Json | None:
    """Return the dataset as it stands, or None where there is none.

    `version` is the newest, `status` its state; `marked` the newest version whose notes or file
    names hold `marker`, or None; `files` the [name, bytes] of that one, else of the newest.
    """
    owner, slug, marker = argument["owner"], argument["dataset"], argument["marker"]
    with session(argument) as (api, _):
        found = _or_none(lambda: with_retries(lambda: _get_dataset(api, owner, slug)))
        if found is None:
            return None
        newest = found.current_version_number or 0
        status = with_retries(lambda: api.dataset_status(f"{owner}/{slug}"))
        notes = {one.version_number: one.version_notes or "" for one in found.versions or []}
        marked = max((number for number, text in notes.items() if marker in text), default=None)
        # The files of a version that is not ready may not all be listed yet.
        is_ready = status == "ready"
        files = with_retries(lambda: _files(api, owner, slug, marked or newest)) if is_ready else []
        if marked is None and any(argument["stamp"] == name for name, _ in files):
            marked = newest
        return {"version": newest, "status": status, "marked": marked, "files": files}


def send_dataset(argument: Json) -> Json:
    """Upload `folder` as a new private dataset, or (`exists`) as a new version of it.

    Raises:
        HostError: a file did not arrive, so no version was made; or the host refused it.
    """
    note = partial(note_attempt, Path(argument["attempt"]))
    note("started")
    folder = Path(argument["folder"])
    about = {
        "id": f"{argument['owner']}/{argument['dataset']}",
        "title": argument["title"],
        "licenses": [{"name": LICENCE}],
    }
    with session(argument) as (api, _), _described(folder, "dataset-metadata.json", about):
        _make_once(api, "datasets", "dataset_api_client", _CREATING, note)
        _send_every_file(api, n_expected=len(list(folder.iterdir())) - 1)
        note("uploading")
        if argument["exists"]:
            answer = api.dataset_create_version(
                str(folder), argument["notes"], quiet=True, dir_mode="zip"
            )
        else:
            answer = api.dataset_create_new(str(folder), quiet=True, dir_mode="zip")
        if answer.error or (answer.status or "").lower() == "error":
            note("refused")
            raise HostError(
                f"the host made no version of the dataset: {redact(answer.error) or 'no reason'}",
                fix="mend the cause in the message, then repeat the command",
            )
        return {"ref": answer.ref or "", "status": answer.status or ""}


def push(argument: Json) -> Json:
    """Save `text` as the notebook's next version and have it run; return the version.

    Raises:
        HostError: the reply holds an error, or names an invalid source.
    """
    note = partial(note_attempt, Path(argument["attempt"]))
    note("started")
    about = {
        "id": f"{argument['owner']}/{argument['kernel']}",
        "title": argument["title"],
        "code_file": "notebook.ipynb",
        "language": "python",
        "kernel_type": "notebook",
        "is_private": True,
        "enable_gpu": bool(argument["accelerator"]),
        "enable_internet": False,
        "dataset_sources": argument["dataset_sources"],
        "competition_sources": [argument["slug"]],
        "kernel_sources": [],
    }
    with session(argument) as (api, _), temporary_folder("podium-notebook") as folder:
        (folder / "notebook.ipynb").write_text(argument["text"], encoding="utf-8")
        with _described(folder, "kernel-metadata.json", about):
            _make_once(api, "kernels", "kernels_api_client", ("save_kernel",), note)
            answer = api.kernels_push(str(folder), acc=argument["accelerator"] or None)
    wrong = {
        "dataset": answer.invalid_dataset_sources,
        "competition": answer.invalid_competition_sources,
    }
    reasons = [redact(answer.error)] if answer.error else []
    reasons += [
        f"no valid {what} source: {', '.join(map(str, of))}" for what, of in wrong.items() if of
    ]
    if reasons or not answer.version_number:
        if reasons:  # without one it may have acted all the same
            note("refused")
        raise HostError(
            f"the host did not take the notebook: {'; '.join(reasons) or 'it gave no version'}",
            fix="mend the cause in the message (are the rules accepted?), then repeat the command",
        )
    with suppress(OSError):
        note("created", int(answer.version_number))
    return {"version": int(answer.version_number)}


def notebook(argument: Json) -> Json | None:
    """Return the notebook in its current state, or None; with `wait_s`, once its session has ended.

    `is_ours`: whether the newest version holds `marker` and the sources that it needs. The status
    has no version: it is read before the version, and the `stamp` among `names`, the session's
    output files, shows whose output it is.
    """
    begun = time.monotonic()
    deadline = begun + argument["wait_s"]
    pause = _SHORTEST_POLL_S
    with session(argument) as (api, _):
        while True:
            is_last = time.monotonic() + pause > deadline
            try:
                state = _or_none(lambda: with_retries(lambda: _notebook(api, argument)))
            except Exception as error:
                if is_last or not is_transient(error):
                    raise
            else:
                if is_last or state is None or not state["is_ours"]:
                    return state
                # After a push the host may still report the session of an earlier version for a
                # moment.
                may_be_old = (
                    state["status"] == "COMPLETE" or time.monotonic() < begun + argument["stale_s"]
                )
                if state["is_over"] and (state["is_session_ours"] or not may_be_old):
                    return state
            time.sleep(pause)
            pause = min(pause * 1.5, _LONGEST_POLL_S)


def fetch(argument: Json) -> Json:
    """Download the session's output file `name` into `folder`; return which files are there."""
    kernel = f"{argument['owner']}/{argument['kernel']}"
    name = argument["name"]
    with session(argument) as (api, _):
        pattern = "^" + name.replace(".", r"\.") + "$"
        api.kernels_output(kernel, argument["folder"], file_pattern=pattern, force=True)
    return {"there": (Path(argument["folder"]) / name).is_file()}


def submit(argument: Json) -> Json:
    """Submit the notebook's version once and return the reference that the host gave."""
    note = partial(note_attempt, Path(argument["attempt"]))
    note("started")
    with session(argument) as (api, slug):
        create = ("create_code_submission",)
        _make_once(api, "competitions", "competition_api_client", create, note)
        answer = api.competition_submit_code(
            argument["file_name"],
            argument["description"],
            slug,
            kernel=argument["kernel"],
            kernel_version=argument["version"],
            quiet=True,
        )
        return {"ref": ref_of(answer, note)}


def _make_once(
    api: Any, service: str, client: str, calls: tuple[str, ...], note: Callable[[Stage], None]
) -> None:
    """Have the creating `calls` noted before they are made, and made a single time."""
    build, with_retry = api.build_kaggle_client, api.with_retry

    def once(call: Callable[..., Any]) -> Callable[..., Any]:
        made = noting_attempt(call, note)
        made.__name__ = "made_once"
        return made

    def built() -> Any:
        kaggle = build()
        of = getattr(getattr(kaggle, service), client)
        for name in calls:
            setattr(of, name, once(getattr(of, name)))
        return kaggle

    def retried(call: Callable[..., Any], *args: Any, **options: Any) -> Any:
        is_ours = getattr(call, "__name__", "") == "made_once"
        return call if is_ours else with_retry(call, *args, **options)

    api.build_kaggle_client, api.with_retry = built, retried


def _send_every_file(api: Any, n_expected: int) -> None:
    """Have the client fail before the creation when a file of the folder did not arrive."""
    upload_files = api.upload_files

    def every(request: Any, *args: Any, **options: Any) -> None:
        upload_files(request, *args, **options)
        if len(request.files) != n_expected:
            raise HostError(
                f"{n_expected - len(request.files)} of {plural(n_expected, 'file')} did not "
                "arrive, so no version of the dataset was made",
                fix="repeat the command",
            )

    api.upload_files = every


@contextmanager
def _described(folder: Path, name: str, about: Json) -> Iterator[None]:
    path = folder / name
    path.write_text(json.dumps(about), encoding="utf-8")
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def _get_dataset(api: Any, owner: str, slug: str) -> Any:
    from kagglesdk.datasets.types.dataset_api_service import ApiGetDatasetRequest

    request = ApiGetDatasetRequest()
    request.owner_slug, request.dataset_slug = owner, slug
    with api.build_kaggle_client() as kaggle:
        return kaggle.datasets.dataset_api_client.get_dataset(request)


def _files(api: Any, owner: str, slug: str, version: int) -> list[tuple[str, int]]:
    """Return name and bytes of every file of that version, of all pages."""
    found, token = [], None
    for _ in range(_MAX_PAGES):
        page = api.dataset_list_files(f"{owner}/{slug}/{version}", token, PAGE_SIZE)
        if page.error_message:
            raise HostError(
                f"the dataset's files cannot be listed: {redact(page.error_message)}",
                fix="repeat the command",
            )
        found += [(one.name, int(one.total_bytes or 0)) for one in page.files or []]
        if not page.next_page_token or page.next_page_token == token:
            break
        token = page.next_page_token
    return found


def _notebook(api: Any, argument: Json) -> Json:
    from kagglesdk.kernels.types.kernels_api_service import ApiGetKernelRequest

    owner, slug = argument["owner"], argument["kernel"]
    session_of = api.kernels_status(f"{owner}/{slug}")
    request = ApiGetKernelRequest()
    request.user_name, request.kernel_slug = owner, slug
    with api.build_kaggle_client() as kaggle:
        found = kaggle.kernels.kernels_api_client.get_kernel(request)
    about = found.metadata
    state = {
        "version": about.current_version_number or 0,
        "is_ours": argument["marker"] in (found.blob.source or "")
        and _has_sources(about, argument),
        "status": session_of.status.name,
        "failure": redact(session_of.failure_message),
        "is_over": session_of.status.name in ("COMPLETE", "ERROR", "CANCEL_ACKNOWLEDGED"),
        "is_session_ours": False,
        "names": [],
        "log": "",
    }
    if state["is_over"] and state["is_ours"]:
        names, log = _output(api, owner, slug)
        is_session_ours = argument["stamp"] in names or argument["marker"] in log
        state |= {"names": names, "log": _last_lines(log), "is_session_ours": is_session_ours}
    return state


def _has_sources(about: Any, argument: Json) -> bool:
    """Return whether the notebook has the dataset and the competition that it reads."""
    address = f"{argument['owner']}/{argument['dataset']}".lower()
    datasets = [one.lower() for one in about.dataset_data_sources or []]
    competitions = [one.lower().rpartition("/")[2] for one in about.competition_data_sources or []]
    has_dataset = any(one == address or one.startswith(f"{address}/") for one in datasets)
    return has_dataset and argument["slug"].lower() in competitions


def _output(api: Any, owner: str, slug: str) -> tuple[list[str], str]:
    """Return the names of all output files of the last session, and its log."""
    from kagglesdk.kernels.types.kernels_api_service import ApiListKernelSessionOutputRequest

    request = ApiListKernelSessionOutputRequest()
    request.user_name, request.kernel_slug, request.page_size = owner, slug, PAGE_SIZE
    names: list[str] = []
    log = ""
    with api.build_kaggle_client() as kaggle:
        for _ in range(_MAX_PAGES):
            page = kaggle.kernels.kernels_api_client.list_kernel_session_output(request)
            names += [one.file_name for one in page.files or []]
            log = log or page.log or ""
            if not page.next_page_token or page.next_page_token == request.page_token:
                break
            request.page_token = page.next_page_token
    return names, log


def _last_lines(log: str) -> str:
    """Return the end of a log, which is a JSON list of pieces or plain text."""
    try:
        pieces = json.loads(log)
        text = "".join(str(one.get("data", "")) for one in pieces if isinstance(one, Mapping))
    except (ValueError, TypeError):
        text = log
    lines = [redact(line) for line in text[-_LOG_CHARACTERS:].splitlines() if line.strip()]
    return os.linesep.join(lines[-12:])


def _or_none(call: Callable[[], T]) -> T | None:
    """Return the result of the call, or None where the host has no such item of ours.

    For a private one that is missing, the host sends 403 as well as 404.
    """
    import requests

    try:
        return call()
    except requests.HTTPError as error:
        if getattr(error.response, "status_code", 0) in (403, 404):
            return None
        raise
    except ValueError as error:
        if "Cannot access kernel" in str(error):
            return None
        raise
