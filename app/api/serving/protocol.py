"""What the server answers by itself, before anything of the application runs."""

from __future__ import annotations

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from app.api.observing.observation import REQUEST_ID, new_request_id
from app.api.problems import MEDIA_TYPE, problem_document


class ProblemProtocol(H11Protocol):
    """uvicorn's HTTP/1.1, which answers with a problem document where a request makes no sense."""

    def send_400_response(self, msg: str) -> None:
        # Where a request was for cannot be told of one that was not understood.
        body = problem_document(400, msg, root=self.root_path.rstrip("/"), instance=self.root_path or "/")
        headers = [("content-type", MEDIA_TYPE), ("content-length", str(len(body))), ("connection", "close")]
        headers.append((REQUEST_ID.lower(), new_request_id()))
        answer = h11.Response(status_code=400, headers=headers, reason=b"Bad Request")
        for event in (answer, h11.Data(data=body), h11.EndOfMessage()):
            self.transport.write(self.conn.send(event) or b"")
        self.transport.close()
