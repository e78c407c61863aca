"""A real browser, driven over a pipe by its own protocol: opens a page, presses keys, saves, prints."""

from __future__ import annotations

import base64
import contextlib
import fcntl
import json
import os
import select
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
SECONDS = 60
FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--hide-scrollbars", "--remote-debugging-pipe"),
)


class Browser:
    """One tab.

    Attributes:
        complaints: what the page's console and policy said.
    """

    def __init__(self, write: int, read: int, downloads: Path) -> None:
        self._write, self._read, self._buffer, self._number = write, read, b"", 0
        self._session: str | None = None
        self._events: list[dict[str, Any]] = []
        self.complaints: list[str] = []
        self.downloads = downloads
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Log", "Runtime"):
            self.call(f"{domain}.enable")
        self.call("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(downloads), eventsEnabled=True)

    def call(self, method: str, **params: object) -> dict[str, Any]:
        self._number += 1
        own = {"sessionId": self._session} if self._session and not method.startswith("Browser.") else {}
        message = {"id": self._number, "method": method, "params": params, **own}
        os.write(self._write, json.dumps(message).encode() + b"\0")
        while True:
            told = self._next()
            if told.get("id") == self._number:
                assert "error" not in told, told
                return told["result"]
            self._events.append(told)

    def wait(self, method: str, **wanted: object) -> dict[str, Any]:
        """The next event of that name with those parameters, even if it came already."""
        while True:
            for place, told in enumerate(self._events):
                params = told.get("params", {})
                if told.get("method") == method and all(params.get(key) == value for key, value in wanted.items()):
                    del self._events[: place + 1]
                    return params
            self._events.append(self._next())

    def open(self, page: Path) -> None:
        self._events.clear()
        self.call("Page.navigate", url=page.as_uri())
        self.wait("Page.loadEventFired")

    def do(self, script: str) -> Any:
        """The value of an expression in the page."""
        result = self.call("Runtime.evaluate", expression=script, returnByValue=True, userGesture=True)
        assert "exceptionDetails" not in result, result
        return result["result"].get("value")

    def press(self, key: str, *, modifiers: int = 0) -> None:
        """A key as a keyboard sends it; modifiers: 2 is Ctrl."""
        codes = {"Tab": 9, " ": 32}
        code = codes.get(key, ord(key.upper()[0]))
        text = key if len(key) == 1 and not modifiers else ""
        named = {"key": key, "code": "Space" if key == " " else key, "windowsVirtualKeyCode": code}
        down = "keyDown" if text else "rawKeyDown"
        self.call("Input.dispatchKeyEvent", type=down, modifiers=modifiers, text=text, **named)
        self.call("Input.dispatchKeyEvent", type="keyUp", modifiers=modifiers, **named)

    def type(self, text: str) -> None:
        self.call("Input.insertText", text=text)

    def downloaded(self) -> Path:
        """The file that the page saved."""
        begun = self.wait("Browser.downloadWillBegin")
        self.wait("Browser.downloadProgress", guid=begun["guid"], state="completed")
        return self.downloads / begun["suggestedFilename"]

    def size(self, width: int, height: int) -> None:
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)

    def picture(self, path: Path) -> None:
        path.write_bytes(base64.b64decode(self.call("Page.captureScreenshot")["data"]))

    def printed(self, path: Path) -> None:
        """The page on paper, as its own style wants it."""
        data = self.call("Page.printToPDF", preferCSSPageSize=True, printBackground=True)["data"]
        path.write_bytes(base64.b64decode(data))

    def _next(self) -> dict[str, Any]:
        until = time.monotonic() + SECONDS
        while b"\0" not in self._buffer:
            ready, _, _ = select.select([self._read], [], [], max(0, until - time.monotonic()))
            assert ready, "the browser is silent"
            piece = os.read(self._read, 1 << 16)
            assert piece, "the browser is gone"
            self._buffer += piece
        text, _, self._buffer = self._buffer.partition(b"\0")
        told: dict[str, Any] = json.loads(text)
        if told.get("method") == "Log.entryAdded":
            self.complaints.append(told["params"]["entry"]["text"])
        if told.get("method") == "Runtime.exceptionThrown":
            self.complaints.append(told["params"]["exceptionDetails"]["text"])
        return told


@contextlib.contextmanager
def browser(folder: Path) -> Iterator[Browser]:
    """A browser whose profile and downloads lie in folder; ended when left."""
    downloads = folder / "downloads"
    downloads.mkdir(parents=True)
    theirs_in, ours_out = os.pipe()
    ours_in, theirs_out = os.pipe()
    give, take = (fcntl.fcntl(end, fcntl.F_DUPFD, 50) for end in (theirs_in, theirs_out))

    def place() -> None:
        os.dup2(give, 3)
        os.dup2(take, 4)

    process = subprocess.Popen(
        [str(CHROMIUM), *FLAGS, f"--user-data-dir={folder / 'profile'}"],
        preexec_fn=place,
        pass_fds=(3, 4),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    for end in (theirs_in, theirs_out, give, take):
        os.close(end)
    try:
        yield Browser(ours_out, ours_in, downloads)
    finally:
        process.kill()
        process.wait()
        os.close(ours_out)
        os.close(ours_in)
