"""When the service rests."""

from __future__ import annotations

import asyncio

from app.api.serving.idle_memory import IdleTrimmer


class _Noted:
    """Stands for the memory of the process, and notes what is done to it."""

    def __init__(self) -> None:
        self.given_back = 0

    def note_size(self) -> None: ...

    def trim(self) -> bool:
        self.given_back += 1
        return True


def _given_back(*pauses_s: float, after_s: float = 0.2) -> int:
    """How often memory is given back by a service that works, and pauses so long, again and again."""
    noted = _Noted()
    trimmer = IdleTrimmer(noted, after_s)  # type: ignore[arg-type]

    async def serve() -> None:
        for pause_s in pauses_s:
            with trimmer.busy():
                await asyncio.sleep(0)
            await asyncio.sleep(pause_s)

    asyncio.run(serve())
    return noted.given_back


def test_memory_is_given_back_once_after_the_last_of_many_requests():
    assert _given_back(0, 0, 0, 0, 0.5) == 1


def test_requests_one_after_the_other_are_no_rest():
    assert _given_back(0.01, 0.01, 0.01, 0.01) == 0


def test_nothing_is_given_back_while_somebody_works():
    noted = _Noted()
    trimmer = IdleTrimmer(noted, 0.0)  # type: ignore[arg-type]

    async def serve() -> list[int]:
        with trimmer.busy():
            with trimmer.busy():
                pass
            await asyncio.sleep(0.05)
            early = noted.given_back
        await asyncio.sleep(0.05)
        return [early, noted.given_back]

    assert asyncio.run(serve()) == [0, 1]
