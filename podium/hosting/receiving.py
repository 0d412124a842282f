"""The bytes of an upload on their way to the disk."""

from __future__ import annotations

import os
import secrets
from collections.abc import AsyncIterator

from starlette.concurrency import run_in_threadpool

from podium.hosting.host import Host, RefusedError

__all__ = ["Receiver"]

_LOOK_EVERY_BYTES = 8 << 20


class Receiver:
    """Takes uploads; where one comes on two connections at once, the later one."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._latest: dict[int, str] = {}

    async def receive(self, token: str, chunks: AsyncIterator[bytes]) -> None:
        """Take the upload that `token` names; it is on the disk afterwards.

        Raises:
            RefusedError: 400 too few bytes, 404 no such upload, 409 submitted, or sent again
                meanwhile, 413 too many bytes, 507 a full disk.
        """
        number, announced = await run_in_threadpool(self._host.upload_of, token)
        mine = secrets.token_hex(4)
        self._latest[number] = mine
        part = self._host.upload_path(number).with_suffix(f".{mine}.part")
        received, looked = 0, 0
        try:
            with part.open("wb") as file:
                async for chunk in chunks:
                    received += len(chunk)
                    if received > announced:
                        raise RefusedError(413, "more bytes than announced")
                    self._refuse_earlier(number, mine)
                    if received - looked > _LOOK_EVERY_BYTES:
                        looked = received
                        await run_in_threadpool(self._host.refuse_full)
                    file.write(chunk)
                file.flush()
                await run_in_threadpool(os.fsync, file.fileno())
            if received != announced:
                raise RefusedError(400, f"{announced:,} bytes were announced, {received:,} came")
            self._refuse_earlier(number, mine)
            await run_in_threadpool(self._host.finish_upload, number, part)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
        finally:
            if self._latest.get(number) == mine:
                del self._latest[number]

    def _refuse_earlier(self, number: int, mine: str) -> None:
        if self._latest.get(number, mine) != mine:
            raise RefusedError(409, "the same upload came on another connection")
