"""A browser without a screen: Chromium, told what to do over the pipe of its DevTools protocol.

No library is needed for that: commands and events are JSON, with a zero byte after each
(https://chromedevtools.github.io/devtools-protocol/).
"""

from __future__ import annotations

import base64
import json
import os
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--hide-scrollbars", "--force-device-scale-factor=1",
)  # fmt: skip
HOW_TO_GET_IT = "needs Chromium on the path: `apt-get install chromium`, or your system's package"
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason=HOW_TO_GET_IT)
_PATIENCE_S = 90
_KEYS = {"Enter": (13, "\r"), "Escape": (27, ""), "Tab": (9, ""), "Backspace": (8, "")}
# The protocol's pipe is file descriptors 3 and 4, which must not be taken before.
_START = """
import os, sys
read, write = os.dup(int(sys.argv[1])), os.dup(int(sys.argv[2]))
read, write = (os.dup2(one, free) for one, free in ((read, 90), (write, 91)))
os.dup2(read, 3); os.dup2(write, 4)
os.execv(sys.argv[3], sys.argv[3:])
"""


class RefusedError(Exception):
    """The browser could not do what it was asked."""


class Chromium:
    """A browser that runs, and what it says."""

    def __init__(self, read: int, write: int) -> None:
        self.read, self.write = read, write
        self.number, self.rest = 0, b""
        self.events: list[dict[str, Any]] = []

    def ask(self, method: str, session: str | None = None, **parameters: Any) -> dict[str, Any]:
        """Return the answer to a command; events that come meanwhile are kept."""
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if session is not None:
            message["sessionId"] = session
        os.write(self.write, json.dumps(message).encode() + b"\0")
        end = time.monotonic() + _PATIENCE_S
        while True:
            printed = self._next(end)
            if printed.get("id") == self.number:
                if "error" in printed:
                    raise RefusedError(f"{method}: {printed['error']}")
                result: dict[str, Any] = printed["result"]
                return result
            self.events.append(printed)

    def wait_for(self, event: str, session: str) -> None:
        """Return when the event has come."""
        end = time.monotonic() + _PATIENCE_S
        while not any(
            one.get("method") == event and one.get("sessionId") == session for one in self.events
        ):
            self.events.append(self._next(end))

    def open(self, address: str, *, width: int, height: int = 900, dark: bool = False) -> Tab:
        """Return a tab with the page, loaded, `width` wide; it knows nothing of other tabs."""
        context = self.ask("Target.createBrowserContext")["browserContextId"]
        about = {"url": "about:blank", "browserContextId": context}
        target = self.ask("Target.createTarget", **about)["targetId"]
        attached = self.ask("Target.attachToTarget", targetId=target, flatten=True)
        tab = Tab(self, context, attached["sessionId"])
        for domain in ("Page", "Runtime", "Network", "Log"):
            tab.ask(f"{domain}.enable")
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        tab.ask("Emulation.setDeviceMetricsOverride", **size)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        still = {"name": "prefers-reduced-motion", "value": "reduce"}
        tab.ask("Emulation.setEmulatedMedia", features=[scheme, still])
        tab.ask("Page.navigate", url=address)
        self.wait_for("Page.loadEventFired", tab.session)
        return tab

    def _next(self, end: float) -> dict[str, Any]:
        while b"\0" not in self.rest:
            ready, _, _ = select.select([self.read], [], [], max(0, end - time.monotonic()))
            assert ready, "the browser says nothing more"
            got = os.read(self.read, 1 << 20)
            assert got, "the browser has ended"
            self.rest += got
        line, _, self.rest = self.rest.partition(b"\0")
        answer: dict[str, Any] = json.loads(line)
        return answer


class Tab:
    """A page in a browser."""

    def __init__(self, browser: Chromium, context: str, session: str) -> None:
        self.browser, self.context, self.session = browser, context, session

    def ask(self, method: str, **parameters: Any) -> dict[str, Any]:
        return self.browser.ask(method, self.session, **parameters)

    def run(self, script: str) -> Any:
        """Return the value of an expression; a promise's, when it is kept."""
        printed = self.ask(
            "Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True
        )
        assert "exceptionDetails" not in printed, printed["exceptionDetails"]
        return printed["result"].get("value")

    def wait_for(self, script: str) -> Any:
        """Return the value of an expression as soon as it is true, after a reload, too."""
        end = time.monotonic() + _PATIENCE_S
        while time.monotonic() < end:
            with suppress(RefusedError):  # the page has just been left
                if value := self.run(script):
                    return value
            time.sleep(0.02)
        raise AssertionError(f"never true: {script}")

    def next_frame(self) -> None:
        """Return when a whole frame is drawn, and with it the events of what has scrolled."""
        frame = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
        self.run(f"{frame}.then(() => 0)")

    @property
    def fits(self) -> bool:
        """Whether nothing is wider than the window."""
        return bool(self.run("document.documentElement.scrollWidth <= innerWidth"))

    def press(self, key: str) -> None:
        """Press a key, as the keyboard does."""
        number, text = _KEYS[key]
        about = {"key": key, "code": key, "windowsVirtualKeyCode": number}
        self.ask("Input.dispatchKeyEvent", type="keyDown", text=text, **about)
        self.ask("Input.dispatchKeyEvent", type="keyUp", **about)

    def type(self, text: str) -> None:
        """Write a text where the focus is."""
        self.ask("Input.insertText", text=text)

    def picture(self, file: Path, *, whole: bool = False) -> None:
        """Write what is seen as a PNG; the `whole` page, however long."""
        options: dict[str, Any] = {"format": "png", "captureBeyondViewport": whole}
        if whole:
            self.run("for (const one of document.images) one.loading = 'eager'")
            self.run("Promise.all([...document.images].map((one) => one.decode())).then(() => 0)")
            size = self.ask("Page.getLayoutMetrics")["cssContentSize"]
            options["clip"] = {"scale": 1, **size}
        got = self.ask("Page.captureScreenshot", **options)
        file.write_bytes(base64.b64decode(got["data"]))

    @property
    def _events(self) -> list[dict[str, Any]]:
        return [one for one in self.browser.events if one.get("sessionId") == self.session]

    @property
    def complaints(self) -> list[str]:
        """Errors and warnings of the console, exceptions, and what the page's policy refused."""
        found = []
        for one in self._events:
            about = one.get("params", {})
            if one["method"] == "Runtime.exceptionThrown":
                found.append(json.dumps(about["exceptionDetails"]))
            elif one["method"] == "Runtime.consoleAPICalled" and about["type"] in (
                "error", "warning", "assert",
            ):  # fmt: skip
                found.append(json.dumps(about["args"]))
            elif one["method"] == "Log.entryAdded" and about["entry"]["level"] in (
                "error", "warning",
            ):  # fmt: skip
                found.append(about["entry"]["text"])
        return found

    @property
    def requests(self) -> list[str]:
        """The addresses that the page asked for, its own first; data within it is no request."""
        addresses = [
            one["params"]["request"]["url"]
            for one in self._events
            if one["method"] == "Network.requestWillBeSent"
        ]
        return [one for one in addresses if not one.startswith("data:")]

    def close(self) -> None:
        self.browser.ask("Target.disposeBrowserContext", browserContextId=self.context)


@contextmanager
def chromium(profile: Path) -> Iterator[Chromium]:
    """Give a browser with its profile in a folder; it ends with the block."""
    assert CHROMIUM is not None
    theirs_in, ours_out = os.pipe()
    ours_in, theirs_out = os.pipe()
    command = [sys.executable, "-c", _START, str(theirs_in), str(theirs_out)]
    command += [CHROMIUM, *FLAGS, "--remote-debugging-pipe", f"--user-data-dir={profile}"]
    with (profile.parent / f"{profile.name}.log").open("wb") as log:
        process = subprocess.Popen(
            command, pass_fds=(theirs_in, theirs_out), stderr=log, stdout=log
        )
    os.close(theirs_in)
    os.close(theirs_out)
    try:
        yield Chromium(ours_in, ours_out)
    finally:
        process.terminate()
        process.wait(30)
        os.close(ours_in)
        os.close(ours_out)
