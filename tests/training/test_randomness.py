"""Random numbers depend on their names alone."""

from __future__ import annotations

import hashlib
import itertools

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from podium.training.data.sampling import derive_seed, generator, named_digest

NAMES = st.lists(st.one_of(st.text(max_size=5), st.integers()), max_size=4)


@settings(max_examples=30)
@given(first=NAMES, second=NAMES)
def test_different_names_give_different_seeds_and_equal_ones_the_same(
    first: list[str | int], second: list[str | int]
) -> None:
    assert (derive_seed(*first) == derive_seed(*second)) == (first == second)
    assert 0 <= derive_seed(*first) < 2**64


def test_a_number_and_a_text_give_different_seeds() -> None:
    seeds = {
        derive_seed("1", "2"),
        derive_seed(1, 2),
        derive_seed("12"),
        derive_seed(12),
        derive_seed("1", 2),
        derive_seed("12", ""),
        derive_seed("", "12"),
        derive_seed(-12),
        derive_seed("a1:b"),
        derive_seed("a", "b"),
    }
    assert len(seeds) == 10


def test_numpy_integers_are_integers() -> None:
    assert derive_seed("x", np.int64(3)) == derive_seed("x", 3)


def test_the_seed_is_the_same_in_another_process_and_in_every_release() -> None:
    """It is a digest of bytes, in which nothing of a process has a part."""
    # Another rule changes every result: it may change only together with TRAINING_FORMAT.
    text = b"s7:augment" + b"i1:0" + b"i13:1099511627776"
    by_hand = int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "little")
    assert derive_seed("augment", 0, 2**40) == by_hand


def test_neighbouring_names_give_unrelated_streams() -> None:
    draws = np.array([generator("a", k).random(200) for k in range(20)])
    correlations = [np.corrcoef(a, b)[0, 1] for a, b in itertools.combinations(draws, 2)]
    assert np.abs(correlations).max() < 5 / np.sqrt(200)  # five standard errors
    assert abs(np.mean(draws) - 0.5) < 5 * np.sqrt(1 / 12 / draws.size)


def test_names_after_a_digest_that_was_begun_are_those_of_the_whole() -> None:
    first: tuple[str | int, ...] = ("view", -3, 2**70, "ä\udc80", "")
    begun = named_digest(*first)
    for rest in (("a", 1), ("1",), (1,), ()):
        seed = int.from_bytes(named_digest(*rest, begun=begun).digest(), "little")
        assert seed == derive_seed(*first, *rest)
    # By hand: type, length and text of each name, one after the other.
    digest = hashlib.blake2b(b"s4:viewi2:-3", digest_size=8).digest()
    assert derive_seed("view", -3) == int.from_bytes(digest, "little")
