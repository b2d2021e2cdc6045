"""Let a service read files."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from time import sleep
from typing import NoReturn

import httpx2

from app.cli.reading.inputs import Input
from app.errors import InvalidInput, NotFound, ServiceFailed, ServiceUnreachable
from app.formats import writable

_TIMEOUT = httpx2.Timeout(300.0, connect=10.0)  # seconds; a long document is read page by page before it is answered

_LONGEST_PAUSE_S = 60
_WARNED = re.compile(r"([\w-]+);n=(\d+)")


class RemoteReader(AbstractContextManager["RemoteReader"]):
    """Sends files to an Inkrow service, which has the models; keeps the connection until the context ends.

    Parameters
    ----------
    url : of the service, with http:// or https://, without the path of its routes
    params : options of ``POST /ocr``; None leaves an option to the service
    key : if reading takes one
    tell : is called with the reason for a wait, and with how many warnings of which code a file has
    """

    def __init__(
        self,
        url: str,
        params: Mapping[str, object],
        key: str | None = None,
        transport: httpx2.BaseTransport | None = None,
        tell: Callable[[str], None] = lambda line: None,
    ) -> None:
        self._tell = tell
        self._url = f"{url.rstrip('/')}/ocr"
        self._params = {name: str(value) for name, value in params.items() if value is not None}
        headers = {"User-Agent": "inkrow"} | ({} if key is None else {"Authorization": f"Bearer {key}"})
        self._client = httpx2.Client(transport=transport, timeout=_TIMEOUT, headers=headers)

    def __exit__(self, *exc_info: object) -> None:
        self._client.close()

    def read(self, item: Input) -> bytes:
        """Return the answer's body.

        Raises
        ------
        InvalidInput, NotFound : the service refuses the file or the options.
        ServiceFailed : the service failed, or is not an Inkrow service.
        ServiceUnreachable : nothing answers.
        """
        content = item.read()  # once: standard input cannot be read again
        name = writable(item.place.name)
        response = self._post(name, content)
        if response.status_code == 429:  # many small files may exceed the requests that a key has for a minute
            pause_s = _pause_s(response)
            self._tell(f"inkrow: the service asks to wait {pause_s} s")
            sleep(pause_s)
            response = self._post(name, content)
        if response.status_code != 200:
            _raise_problem(response)
        if counted := response.headers.get("inkrow-warnings"):  # which only JSON has in full
            self._tell(f"inkrow: {writable(str(item.path))}: {_WARNED.sub(_in_words, counted)}")
        return response.content

    def _post(self, name: str, content: bytes) -> httpx2.Response:
        try:
            return self._client.post(self._url, params=self._params, files={"file": (name, content)})
        except (httpx2.HTTPError, httpx2.InvalidURL) as exc:
            detail = f"cannot ask {self._url}: {exc or type(exc).__name__}"
            if isinstance(exc, httpx2.ConnectError):
                detail += "; does a service run there? inkrow serve starts one"
            raise ServiceUnreachable(detail) from exc


def _in_words(warned: re.Match[str]) -> str:
    code, times = warned.groups()
    return f"{times} warning{'' if times == '1' else 's'} {code}"


def _pause_s(response: httpx2.Response) -> int:
    """Return how long the service asks to wait, at most a minute; one second if it does not say."""
    stated = response.headers.get("retry-after", "")
    return min(int(stated), _LONGEST_PAUSE_S) if stated.isdecimal() else 1


def _raise_problem(response: httpx2.Response) -> NoReturn:
    """Raise the kind of exception that reading in this process would have raised."""
    if response.headers.get("content-type") != "application/problem+json":
        answer = f"{response.status_code} {response.reason_phrase}"
        raise ServiceFailed(f"expected a reading or a problem document from {response.url}, got {answer}")
    problem = response.json()
    detail = str(problem.get("detail"))
    if response.status_code >= 500:
        raise ServiceFailed(f"the service says: {detail}")
    if response.status_code == 401:
        detail += "; INKROW_KEY sets the key that is sent"
    if str(problem.get("type")).endswith(f"/{NotFound.code}"):
        detail += "; expected the address of the service, without /ocr or another route"
    raise (NotFound if response.status_code == 404 else InvalidInput)(detail)
