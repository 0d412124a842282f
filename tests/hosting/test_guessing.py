from __future__ import annotations

import asyncio

from podium.hosting.throttling import FREE_GUESSES, TokenThrottle


def test_who_guesses_waits_longer_and_longer_and_is_forgiven_in_time():
    time = [0.0]
    guessing = TokenThrottle(lambda: time[0])
    delays = [guessing.delay_s("a") for _ in range(FREE_GUESSES + 10)]
    assert set(delays[:FREE_GUESSES]) == {0.0}
    assert delays[FREE_GUESSES : FREE_GUESSES + 4] == [0.1, 0.2, 0.4, 0.8]
    assert delays[-1] == 5.0
    assert guessing.delay_s("b") == 0.0
    time[0] = 3600.0
    assert guessing.delay_s("a") == 0.0


def test_guesses_from_many_addresses_take_bounded_memory():
    guessing = TokenThrottle(lambda: 0.0)
    for number in range(10_000):
        guessing.delay_s(str(number))
    assert len(guessing._addresses) <= 4096


def test_many_guesses_at_once_do_not_all_wait():
    async def guess() -> list[bool]:
        guessing = TokenThrottle(lambda: 0.0)
        for _ in range(FREE_GUESSES):
            guessing.delay_s("a")
        guesses = [asyncio.create_task(guessing.wait("a")) for _ in range(200)]
        await asyncio.sleep(0)  # each has begun, and none of the delays is over
        done = [task.result() for task in guesses if task.done()]
        for task in guesses:
            task.cancel()
        await asyncio.gather(*guesses, return_exceptions=True)
        return done

    done = asyncio.run(guess())
    assert done == [False] * 136
