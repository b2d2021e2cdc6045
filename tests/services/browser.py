"""A browser without a screen, driven by the WebDriver protocol (W3C) through chromedriver."""

from __future__ import annotations

import shutil
import subprocess
from contextlib import suppress
from time import monotonic, sleep
from typing import Any, Self

import httpx2

from bench.servers import free_port
from tests.conftest import skip_or_fail

_ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # the key of an element's id, a constant of the protocol
_PATIENCE_S = 60.0
_ARGUMENTS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--window-size=1280,900"]


class Browser:
    """Chromium; skips the test where there is none."""

    def __init__(self) -> None:
        driver = shutil.which("chromedriver")
        if driver is None:
            skip_or_fail("there is no chromedriver (Debian: chromium-driver)")
        port = free_port()
        self._driver = subprocess.Popen([driver, f"--port={port}"], stdout=subprocess.DEVNULL)
        self._client = httpx2.Client(base_url=f"http://127.0.0.1:{port}", timeout=_PATIENCE_S)

    def __enter__(self) -> Self:
        until = monotonic() + _PATIENCE_S
        while True:
            with suppress(httpx2.TransportError):  # not listening yet
                if self._client.get("/status").json()["value"]["ready"]:
                    break
            assert monotonic() < until, "chromedriver did not get ready"
            sleep(0.05)
        wanted = {"goog:chromeOptions": {"args": _ARGUMENTS}, "goog:loggingPrefs": {"browser": "ALL"}}
        self._session = ""
        self._session = "/session/" + self._post("/session", capabilities={"alwaysMatch": wanted})["sessionId"]
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(httpx2.TransportError):
            self._client.delete(self._session)
        self._client.close()
        self._driver.terminate()
        self._driver.wait()

    def open(self, address: str) -> None:
        """Show a page."""
        self._post("/url", url=address)

    def type(self, selector: str, text: str) -> None:
        """Type into a field, or name a file to one that takes files."""
        self._post(f"/element/{self._find(selector)}/value", text=text)

    def click(self, selector: str) -> None:
        """Click on what a CSS selector names first."""
        self._post(f"/element/{self._find(selector)}/click")

    def run(self, script: str) -> Any:
        """Run a script, which may return something."""
        return self._post("/execute/sync", script=script, args=[])

    def text(self, selector: str) -> str:
        """Return what stands in an element, as it is shown."""
        return str(self.run(f"return document.querySelector({selector!r}).innerText"))

    def wait_for(self, condition: str) -> None:
        """Wait until an expression is true."""
        until = monotonic() + _PATIENCE_S
        while not self.run(f"return Boolean({condition})"):
            assert monotonic() < until, f"still not so: {condition}; {self.complaints()}"
            sleep(0.05)

    def complaints(self) -> list[str]:
        """Return what the browser has complained of since the last call: errors of scripts, refused addresses."""
        return [entry["message"] for entry in self._post("/se/log", type="browser")]

    def _find(self, selector: str) -> str:
        return str(self._post("/element", using="css selector", value=selector)[_ELEMENT])

    def _post(self, address: str, **body: Any) -> Any:
        value = self._client.post(self._session + address, json=body).json()["value"]
        assert not (isinstance(value, dict) and "error" in value), value
        return value
