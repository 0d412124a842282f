"""The cache of features: what is kept, what is damaged, how large it may be, who else writes."""

from __future__ import annotations

import hashlib
import os
import signal
import threading
from pathlib import Path

import numpy as np
import pytest

from podium.errors import UsageError
from podium.models import feature_cache
from podium.models.feature_cache import (
    LIMIT_VARIABLE,
    FeatureCache,
    cache_limit,
    damaged_shards,
)


def contents(n: int, of: str = "") -> list[str]:
    return [hashlib.sha256(f"{of}{i}".encode()).hexdigest() for i in range(n)]


def vectors(n: int, seed: int = 0, width: int = 5) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(n, width)).astype(np.float32)


def shards(cache: FeatureCache) -> list[Path]:
    return sorted(cache.root.rglob("*.features"))


@pytest.fixture
def cache(tmp_path: Path) -> FeatureCache:
    return FeatureCache(tmp_path / "features", "net", 10**6)


def test_what_was_written_is_read_in_any_order_and_nothing_else(cache: FeatureCache) -> None:
    names, made = contents(6), vectors(6)
    assert cache.write(names[:4], "identity", made[:4])
    found, known = cache.read([names[3], names[5], names[0]], "identity")
    assert known.tolist() == [True, False, True]
    np.testing.assert_array_equal(found[known], made[[3, 0]])
    assert not cache.read(names, "hflip")[1].any()
    assert not FeatureCache(cache.root, "other", 10**6).read(names, "identity")[1].any()


def test_several_shards_are_one(cache: FeatureCache) -> None:
    names, made = contents(6), vectors(6)
    for part in (slice(0, 2), slice(2, 6)):
        cache.write(names[part], "identity", made[part])
    found, known = cache.read(names, "identity")
    assert known.all()
    np.testing.assert_array_equal(found, made)


@pytest.mark.parametrize("damage", ["cut", "row", "checksum", "junk", "empty"])
def test_a_damaged_shard_is_removed_and_written_again(cache: FeatureCache, damage: str) -> None:
    names, made = contents(4), vectors(4)
    cache.write(names, "identity", made)
    (shard,) = shards(cache)
    whole = bytearray(shard.read_bytes())
    if damage == "row":
        whole[-3] ^= 0x10  # of the last vector
    elif damage == "checksum":
        at = whole.find(bytes.fromhex(names[1])) + 33
        whole[at] ^= 1
    shard.write_bytes(
        {"cut": whole[:-7], "junk": b"\0" * len(whole), "empty": b""}.get(damage, bytes(whole))
    )
    assert not cache.read(names, "identity")[1].any()
    assert not shards(cache)
    cache.write(names, "identity", made)
    np.testing.assert_array_equal(cache.read(names, "identity")[0], made)


def test_a_shard_of_another_network_or_view_is_not_believed(tmp_path: Path) -> None:
    """Both have the same images and as many features."""
    ours, theirs = (FeatureCache(tmp_path, name, 10**6) for name in ("ours", "theirs"))
    for cache, value in ((ours, 1.0), (theirs, 2.0)):
        for view in ("identity", "hflip"):
            cache.write(contents(2), view, np.full((2, 3), value, dtype=np.float32))
    for other in (theirs.folder / "identity", ours.folder / "hflip"):
        (kept,) = ours.folder.glob("identity/*.features")
        kept.write_bytes(min(other.glob("*.features")).read_bytes())
        assert list(damaged_shards(tmp_path)) == [kept]
        assert not ours.read(contents(2), "identity")[1].any()
        ours.write(contents(2), "identity", np.ones((2, 3), dtype=np.float32))


def test_shards_from_before_checksums_had_the_folder_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = FeatureCache(tmp_path, "ours", 10**6)
    monkeypatch.setattr(feature_cache, "_place", lambda folder: 0)
    cache.write(contents(2), "identity", np.ones((2, 3), dtype=np.float32))
    monkeypatch.undo()
    assert not list(damaged_shards(tmp_path))
    assert cache.read(contents(2), "identity")[1].all()


def test_the_least_recently_used_shards_make_room(tmp_path: Path) -> None:
    cache = FeatureCache(tmp_path / "features", "net", 1300)
    for i, of in enumerate("abc"):  # 20 rows of 5 numbers and their index: 560 bytes and headers
        cache.write(contents(10, of), "identity", vectors(10, i))
        for shard in shards(cache):
            facts = shard.stat()
            os.utime(shard, ns=(facts.st_atime_ns, facts.st_mtime_ns - 10**9))
        if i == 1:
            cache.read(contents(10, "a"), "identity")
    there = {of for of in "abc" if cache.read(contents(10, of), "identity")[1].all()}
    assert "c" in there
    assert "b" not in there
    assert sum(one.stat().st_size for one in shards(cache)) <= 1300 + 512


def test_what_is_larger_than_the_limit_is_not_kept(tmp_path: Path) -> None:
    cache = FeatureCache(tmp_path / "features", "net", 100)
    assert not cache.write(contents(10), "identity", vectors(10))
    assert not shards(cache)


def test_half_a_shard_of_a_killed_process_is_no_shard(cache: FeatureCache) -> None:
    cache.write(contents(3), "identity", vectors(3))
    (shard,) = shards(cache)
    # As `atomic.replacing` names what it has not finished, of a process that is dead.
    left = shard.with_name(f".{shard.name}.podium-00000000-1-1-00000000.tmp")
    left.write_bytes(shard.read_bytes()[:50])
    assert cache.read(contents(3), "identity")[1].all()
    assert shards(cache) == [shard]


def test_a_process_killed_while_it_writes_leaves_whole_shards(cache: FeatureCache) -> None:
    names, made = contents(4), vectors(4)
    child = os.fork()
    if child == 0:
        try:
            with cache.making("identity"):
                cache.write(names[:2], "identity", made[:2])
                save = np.save

                def killed(file: object, array: np.ndarray, **options: object) -> None:
                    save(file, array, **options)
                    file.flush()
                    if array.dtype == np.float32:
                        os.kill(os.getpid(), signal.SIGKILL)

                np.save = killed
                cache.write(names[2:], "identity", made[2:])
        finally:
            os._exit(1)
    assert os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGKILL
    assert cache.read(names, "identity")[1].tolist() == [True, True, False, False]
    with cache.making("identity"):  # the lock died with its holder
        cache.write(names[2:], "identity", made[2:])
    np.testing.assert_array_equal(cache.read(names, "identity")[0], made)
    assert len(list((cache.folder / "identity").iterdir())) == len([*shards(cache), ".lock"])


def test_a_second_one_waits_for_the_first(cache: FeatureCache) -> None:
    names, made, order = contents(2), vectors(2), []
    inside, go = threading.Event(), threading.Event()

    def first() -> None:
        with cache.making("identity"):
            inside.set()
            go.wait(5)
            cache.write(names, "identity", made)
            order.append("first")

    def second() -> None:
        with cache.making("identity"):
            order.append("second")
            assert cache.read(names, "identity")[1].all()

    threads = [threading.Thread(target=first), threading.Thread(target=second)]
    threads[0].start()
    assert inside.wait(5)
    threads[1].start()
    go.set()
    for one in threads:
        one.join(10)
    assert order == ["first", "second"]


def test_the_limit_is_a_number_of_gigabytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(LIMIT_VARIABLE, raising=False)
    assert cache_limit() == 4 * 10**9
    monkeypatch.setenv(LIMIT_VARIABLE, "0.5")
    assert cache_limit() == 5 * 10**8
    for wrong in ("much", "-1", "inf", "nan"):
        monkeypatch.setenv(LIMIT_VARIABLE, wrong)
        with pytest.raises(UsageError, match=LIMIT_VARIABLE):
            cache_limit()
