"""A login with the official client, in a process of its own, and what its exceptions become.

Importing `kaggle` logs in, prints, and calls the network without a time limit, so nothing of this
folder is called directly: `client.py` starts a process with a time limit for each function. Those
take and return JSON values. No output of the client and no text that could hold a token or an
upload address leaves this folder.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from podium.errors import HostError, PodiumError, QuotaError, from_os_error
from podium.submissions.upload.attempt import Stage
from podium.workspace.credentials import SHORTEST_SECRET, find_credentials

__all__ = [
    "Json",
    "is_transient",
    "noting_attempt",
    "redact",
    "ref_of",
    "session",
    "with_retries",
    "wrong_shape",
]

T = TypeVar("T")
Json = dict[str, Any]

_LONGEST_TEXT = 500
_secrets: set[str] = set()  # what this process logged in with
# Replies of a host that may have acted all the same; 403 and 429 come from what stands before it.
_UNDECIDED = (403, 408, 409, 425, 429)
_TRIES = 3
_FIRST_PAUSE_S = 0.5
_HOW_TO_LOG_IN = (
    "make a token at https://www.kaggle.com/settings/api and put it into ~/.kaggle/access_token "
    "(chmod 600), or into the variable KAGGLE_API_TOKEN; see `podium doctor`; where a class has "
    "its own host, type the export lines of your sheet (of `podium host env`) in this shell"
)


@contextlib.contextmanager
def session(argument: Json) -> Iterator[tuple[Any, str]]:
    """Yield the logged-in client and the slug; hide output, and turn every exception into ours."""
    os.umask(0o077)  # the client's own state files hold upload tokens
    sys.argv = ["podium"]  # it looks for its own options among ours
    swallowed = io.StringIO()
    with contextlib.redirect_stdout(swallowed), contextlib.redirect_stderr(swallowed):
        try:
            yield _logged_in(), argument["slug"]
        except PodiumError:
            raise
        except Exception as error:
            # No `from`: the cause's text may hold an address with a token in it.
            raise _translated(error, argument["slug"]) from None


def _logged_in() -> Any:
    import kaggle
    from kagglesdk.kaggle_env import get_access_token_from_env

    api = kaggle.api
    known = (get_access_token_from_env()[0], *map(api.config_values.get, ("token", "key")))
    _secrets.update(one for one in known if one and len(one) >= SHORTEST_SECRET)
    if not api._authenticated:
        try:
            api.authenticate()  # once more: the import hides why it failed
        except SystemExit:
            raise _no_credentials() from None
    _refuse_other_shapes()
    return api


def _refuse_other_shapes() -> None:
    """Make every answer without the protocol's form an error that names the form.

    The client reads a list as an answer whose fields are all left out: as "no submissions".
    """
    import requests
    from kagglesdk.common.types.file_download import FileDownload
    from kagglesdk.common.types.http_redirect import HttpRedirect
    from kagglesdk.kaggle_http_client import KaggleHttpClient
    from kagglesdk.kaggle_object import KaggleObject

    read = KaggleHttpClient._prepare_response
    if getattr(read, "is_ours", False):
        return

    def checked(self: Any, kind: Any, response: Any) -> Any:
        has_fields = issubclass(kind or type(None), KaggleObject) and not issubclass(
            kind, FileDownload | HttpRedirect
        )
        is_json = "application/json" in response.headers.get("Content-Type", "")
        if is_json or (has_fields and response.ok):
            try:
                is_object = isinstance(response.json(), dict)
            except ValueError:
                is_object = False
            if not is_object:
                response.raise_for_status()
                raise requests.JSONDecodeError("no object", "", 0)
        try:
            return read(self, kind, response)
        except (TypeError, AttributeError, LookupError) as error:
            raise wrong_shape() from error

    checked.is_ours = True  # type: ignore[attr-defined]
    KaggleHttpClient._prepare_response = checked


def wrong_shape() -> HostError:
    """Return the error for an answer of a host that speaks another protocol."""
    return HostError(
        "the host's answer has not the form of Kaggle's protocol",
        fix="repeat the command later; if it stays, compare the client's version with "
        "`podium doctor`",
    )


def _no_credentials() -> HostError:
    from kagglesdk.kaggle_env import get_access_token_from_env

    token, source = get_access_token_from_env()
    if token is None:
        return HostError("there are no Kaggle credentials", fix=_HOW_TO_LOG_IN)
    place = "~/.kaggle/access_token" if source == "access_token" else f"the variable {source}"
    return HostError(f"the token in {place} is not valid or has expired", fix=_HOW_TO_LOG_IN)


def _describe_credentials() -> str:
    """Return where the credentials came from, and which others they went before, or ""."""
    every = find_credentials(os.environ, Path.home())
    if not every:
        return ""
    first, *others = every
    used = f"the token in {first.source}" if first.kind == "token" else first.source
    passed = " and ".join(other.source for other in others)
    beaten = f", which goes before what is in {passed}" if others else ""
    return f" (logged in with {used}{beaten})"


def with_retries(call: Callable[[], T]) -> T:
    """Return what a reading call returns, trying again when the network or the host stumbles."""
    import requests

    pause = _FIRST_PAUSE_S
    for attempt in range(_TRIES):
        try:
            return call()
        except requests.RequestException as error:
            if attempt == _TRIES - 1 or not is_transient(error):
                raise
            time.sleep(pause)
            pause *= 3
    raise AssertionError("unreachable")


def is_transient(error: Exception) -> bool:
    """Return whether the same question may have an answer in a moment."""
    import requests

    status = getattr(getattr(error, "response", None), "status_code", None)
    is_refusal = status is not None and status != 429 and 400 <= status < 500
    return isinstance(error, requests.RequestException) and not is_refusal


def noting_attempt(create: Callable[[Any], T], note: Callable[[Stage], None]) -> Callable[[Any], T]:
    """Return a creating call that notes that it is made, and that the host refused it."""
    import requests

    def called(request: Any) -> T:
        note("creating")
        try:
            return create(request)
        except requests.HTTPError as error:
            status = getattr(error.response, "status_code", 0)
            if 400 <= status < 500 and status not in _UNDECIDED:
                note("refused")
            raise

    return called


def ref_of(answer: Any, note: Callable[..., None]) -> int:
    """Return the host's number of a submission, and note it.

    Raises:
        HostError: there is none: the client returns 0 then.
    """
    if not answer.ref:
        raise HostError(
            f"the host took no submission: {redact(answer.message) or 'it gave no reason'}",
            fix="repeat the command; nothing was submitted",
        )
    with contextlib.suppress(OSError):  # a disk that is full now makes it no less sent
        note("created", int(answer.ref))
    return int(answer.ref)


def _translated(error: Exception, slug: str) -> PodiumError:
    import requests

    if (
        isinstance(error, OSError)
        and error.errno
        and not isinstance(error, requests.RequestException)
    ):
        return from_os_error(error)
    if isinstance(error, requests.HTTPError) and error.response is not None:
        return _refusal(error.response.status_code, redact(str(error)), slug)
    if isinstance(error, requests.JSONDecodeError):
        return HostError(
            "the host's answer is not JSON, or no object of JSON", fix="repeat the command later"
        )
    if isinstance(error, requests.Timeout):
        return HostError("the host did not answer in time", fix="repeat the command")
    if isinstance(error, requests.RequestException):
        return HostError(
            f"the connection to the host failed ({type(error).__name__})",
            fix="check the network (`podium doctor`), then repeat the command",
        )
    return HostError(
        f"the official client failed: {type(error).__name__}: {redact(str(error))}",
        fix="repeat the command; if it stays, compare the client's version with `podium doctor`",
    )


def _refusal(status: int, message: str, slug: str) -> PodiumError:
    if re.search(r"allowance|daily limit|submission limit", message, re.IGNORECASE):
        return QuotaError(message, fix="wait for the next day (UTC)")
    fixes = {
        401: _HOW_TO_LOG_IN,
        403: f"accept the rules at https://www.kaggle.com/competitions/{slug}/rules",
        404: f"check kaggle.slug in competition.yaml: {slug!r} is not known, or it is closed",
        429: "wait a few minutes, then repeat the command",
    }
    default = "repeat the command later" if status >= 500 else "mend the cause in the message"
    by = _describe_credentials() if status == 401 else ""
    return HostError(f"the host refused ({status}): {message}{by}", fix=fixes.get(status, default))


def redact(text: str | None, *, keep_long_words: bool = False) -> str:
    """Return `text` without addresses, credentials and anything as long as a token, cut short.

    With `keep_long_words` an id of 32 letters stays readable: for messages on a file's content.
    """
    without = re.sub(r"(?i)https?://\S+|\burl: \S+|\S*/upload/\S*", "<address>", text or "")
    for secret in _secrets:
        without = without.replace(secret, "<hidden>")
    without = re.sub(r"(?i)\b(bearer|basic)\s+\S+", r"\1 <hidden>", without)
    if not keep_long_words:
        without = re.sub(r"[A-Za-z0-9_\-]{32,}", "<hidden>", without)
    return without.strip()[:_LONGEST_TEXT]
