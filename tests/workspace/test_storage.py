"""Files of a workspace on object storage: objects, what tasks read, and what they write."""

from __future__ import annotations

import hashlib
import random
import shutil
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podium.errors import RunError, UsageError
from podium.workspace.layout import Workspace
from podium.workspace.storage import inputs, parts
from podium.workspace.storage.inputs import files_below, send, take
from podium.workspace.storage.objects import ObjectStore
from podium.workspace.storage.parts import StoredPart, TakenOverError

WRITES = ("runs/a/fold-0", "runs/a/network.json", "runs/a/predictions/*/*/*/fold-0")


@pytest.fixture(params=["memory", "file"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> ObjectStore:
    return ObjectStore(
        f"memory://{uuid4().hex}" if request.param == "memory" else f"file://{tmp_path}/store"
    )


@pytest.fixture
def memory() -> ObjectStore:
    return ObjectStore(f"memory://{uuid4().hex}/leaves")


def write(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)


def tree(root: Path) -> dict[str, str]:
    """Return the content of each file below `root` that podium does not keep for itself."""
    return {
        str(file.relative_to(root)): file.read_text()
        for file in sorted(root.rglob("*"))
        if file.is_file() and ".podium" not in file.parts
    }


def part_at(store: ObjectStore, root: Path) -> StoredPart:
    root.mkdir(exist_ok=True)
    return StoredPart(store, "a.fold-0", root, WRITES)


# -- objects


def test_objects_are_written_read_listed_and_removed(store: ObjectStore, tmp_path: Path) -> None:
    (tmp_path / "source").write_bytes(b"content")
    store.put("a/x", b"1")
    store.put("a/x", b"2")
    store.put_file("a/b/y", tmp_path / "source")
    assert store.names("a") == ["a/b/y", "a/x"]
    assert (store.get("a/x"), store.get("a/z")) == (b"2", None)
    assert store.get_file("a/b/y", tmp_path / "copy")
    assert (tmp_path / "copy").read_bytes() == b"content"
    assert not store.get_file("a/z", tmp_path / "none")
    store.remove(["a/x", "a/z"])
    assert store.names("") == ["a/b/y"]
    assert store.names("nothing") == []


def test_a_folder_that_fills_while_it_is_listed_is_no_object(
    memory: ObjectStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """s3fs finds nothing, asks what is there, and takes the folder that came meanwhile for it."""
    find = memory._fs.find
    answers = [[memory._path("parts/a.fold-0/claims")]]
    memory.put("parts/a.fold-0/claims/000001", b"{}")
    monkeypatch.setattr(memory._fs, "find", lambda path: answers.pop() if answers else find(path))
    mine = part_at(memory, tmp_path / "mine")
    mine.claim("one:2")
    assert not answers
    assert memory.names("parts/a.fold-0/claims")[-1].endswith("/000002")


def test_of_many_that_make_one_object_one_wins(tmp_path: Path) -> None:
    store = ObjectStore(f"file://{tmp_path}/store")
    for round_ in range(10):
        begin, won = threading.Barrier(8), list[int]()

        def make(number: int, name: str, begin: threading.Barrier, won: list[int]) -> None:
            begin.wait()
            if store.put_new(name, f"of {number}".encode()):
                won.append(number)

        threads = [
            threading.Thread(target=make, args=(number, f"claim-{round_}", begin, won))
            for number in range(8)
        ]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
        assert len(won) == 1
        assert store.get(f"claim-{round_}") == f"of {won[0]}".encode()
    assert len(store.names("")) == 10


def test_conditional_write_succeeds_after_a_lost_response(
    memory: ObjectStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    create = memory._create

    def twice(name: str, content: bytes) -> None:
        create(name, content)
        create(name, content)  # the client's own second try

    monkeypatch.setattr(memory, "_create", twice)
    assert memory.put_new("claim", b"mine")
    assert not memory.put_new("claim", b"other")
    assert memory.get("claim") == b"mine"


def test_storage_that_overwrites_what_is_to_be_new_is_refused(
    memory: ObjectStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory.require_conditions()
    monkeypatch.setattr(memory, "_create", memory.put)
    with pytest.raises(RunError, match="two machines could take the same fold"):
        memory.require_conditions()
    assert memory.names("") == []


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("/mnt/shared", "is no address of object storage"),
        ("nowhere://bucket", "nowhere:// is no object storage that fsspec knows"),
        ("s3://key:hunter2@bucket/x", "credentials do not belong into the address s3://"),
    ],
)
def test_an_address_that_is_none_is_refused_without_its_secrets(url: str, message: str) -> None:
    with pytest.raises(UsageError) as refused:
        ObjectStore(url)
    assert message in str(refused.value)
    assert "hunter2" not in str(refused.value)


# -- what tasks read


def test_files_come_over_once_and_then_what_changed(
    store: ObjectStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, there = Workspace(tmp_path / "here"), Workspace(tmp_path / "there")
    write(
        here.root,
        {
            "competition.yaml": "name: leaves",
            "data/train/a.png": "first",
            "data/train/b.png": "second",
            "data/empty.csv": "",
            "runs/a/record.json": "{}",
            "studies.db": "x",
            ".env": "TOKEN=1",
            "data/.git/config": "x",
        },
    )
    paths = files_below(here.root)
    data = ["data/empty.csv", "data/train/a.png", "data/train/b.png"]
    assert paths == ["competition.yaml", *data]
    assert files_below(here.root, "data") == data
    fetched = list[str]()
    get_file = store.get_file
    monkeypatch.setattr(
        store, "get_file", lambda name, to: (fetched.append(name), get_file(name, to))[1]
    )
    there.root.mkdir()
    take(store, send(store, here, paths), there, kind="all")
    assert tree(there.root) == {one: (here.root / one).read_text() for one in paths}
    n_first = len(fetched)
    take(store, send(store, here, paths), there, kind="all")
    assert len(fetched) == n_first

    (here.root / "data/train/b.png").write_text("changed")
    (here.root / "data/train/a.png").unlink()
    write(there.root, {"own.txt": "stays"})
    paths = files_below(here.root)
    take(store, send(store, here, paths), there, kind="all")
    assert tree(there.root) == {
        "competition.yaml": "name: leaves",
        "data/empty.csv": "",
        "data/train/b.png": "changed",
        "own.txt": "stays",
    }
    assert len(fetched) == n_first + 1


def test_links_to_folders_are_followed_and_a_ring_of_them_ends(tmp_path: Path) -> None:
    write(tmp_path, {"outside/a.png": "1", "here/competition.yaml": ""})
    (tmp_path / "here/data").symlink_to(tmp_path / "outside")
    (tmp_path / "outside/again").symlink_to(tmp_path / "outside")
    assert files_below(tmp_path / "here") == ["competition.yaml", "data/a.png"]
    assert files_below(tmp_path / "here", "data") == ["data/a.png"]


def test_a_damaged_bundle_is_not_taken(memory: ObjectStore, tmp_path: Path) -> None:
    here, there = Workspace(tmp_path / "here"), Workspace(tmp_path / "there")
    write(here.root, {"table.csv": "id,label"})
    write(there.root, {"table.csv": "older"})
    manifest = send(memory, here, ["table.csv"])
    (bundle,) = memory.names("bundles")
    memory.put(bundle, b"id,labe")
    with pytest.raises(RunError, match=r"table\.csv is not what was sent"):
        take(memory, manifest, there)
    assert tree(there.root) == {"table.csv": "older"}


@given(st.integers(0, 2**32), st.integers(1, 300))
def test_a_new_file_changes_few_bundles(seed: int, n: int) -> None:
    rng = random.Random(seed)
    files = [
        (f"data/{i:04}", hashlib.sha256(rng.randbytes(8)).hexdigest(), rng.randrange(1, 10**6))
        for i in range(n)
    ]
    place = rng.randrange(n + 1)
    more = [*files[:place], ("data/new", hashlib.sha256(b"new").hexdigest(), 10), *files[place:]]
    before, after = list(inputs.bundles(files)), list(inputs.bundles(more))
    for split, whole in ((before, files), (after, more)):
        assert [one for _, bundle in split for one in bundle] == whole
        for _, bundle in split:
            assert len(bundle) == 1 or sum(size for *_, size in bundle) <= inputs.BUNDLE_BYTES
    # Up to the next digest that ends a bundle, at the latest, all is as before.
    ends = [i for i, (_, digest, _) in enumerate(files) if int(digest[:8], 16) % 256 == 0]
    until = next((i for i in ends if i >= place), n - 1)
    kept = [bundle for bundle in before if bundle[1][0] in files[until + 1 :]]
    assert {name for name, _ in kept} <= {name for name, _ in after}


# -- what tasks write


def test_a_state_comes_over_and_replaces_what_was_there(store: ObjectStore, tmp_path: Path) -> None:
    mine = part_at(store, tmp_path / "mine")
    mine.claim("one:1")
    first = {
        "runs/a/fold-0/resume.pt": "epoch 1",
        "runs/a/fold-0/seen/1/rows.npz": "rows",
        "runs/a/network.json": "{}",
    }
    write(tmp_path / "mine", first)
    write(tmp_path / "mine", {"runs/a/fold-0/.lock": "", "runs/a/fold-1/resume.pt": "other"})
    assert mine.publish()
    other = part_at(store, tmp_path / "other")
    assert other.fetch()
    assert tree(tmp_path / "other") == first

    (tmp_path / "mine/runs/a/fold-0/resume.pt").unlink()
    second = {
        "runs/a/fold-0/done.json": "{}",
        "runs/a/fold-0/last.pt": "weights",
        "runs/a/predictions/set1/oof/classify/fold-0/chunk-0000.npy": "probs",
    }
    write(tmp_path / "mine", second)
    assert mine.publish()
    assert other.fetch()
    assert tree(tmp_path / "other") == {
        name: text for name, text in {**first, **second}.items() if not name.endswith("resume.pt")
    }
    objects = [one for one in store.names("parts") if "/claims/" not in one]
    assert len(objects) == 5  # a state, and the contents that it names, of which two are equal


class CutError(Exception):
    """The connection is gone."""


def test_whatever_write_is_cut_off_the_state_before_is_whole(tmp_path: Path) -> None:
    first = {"runs/a/fold-0/resume.pt": "epoch 1", "runs/a/fold-0/metrics.csv": "1"}
    second = {
        **first,
        "runs/a/fold-0/resume.pt": "epoch 2",
        "runs/a/fold-0/before.pt": "epoch 1.5",
        "runs/a/predictions/set1/oof/classify/fold-0/chunk-0000.npy": "probs",
    }
    seen = list[dict[str, str]]()
    for n_writes in range(6):
        store = ObjectStore(f"memory://{uuid4().hex}")
        mine = part_at(store, tmp_path / f"mine-{n_writes}")
        mine.claim("one:1")
        write(tmp_path / f"mine-{n_writes}", first)
        mine.publish()
        write(tmp_path / f"mine-{n_writes}", second)
        cut_after(store, n_writes)
        with suppress(CutError):
            mine.publish()
        other = part_at(store, tmp_path / f"other-{n_writes}")
        assert other.fetch()
        seen.append(tree(tmp_path / f"other-{n_writes}"))
        restore(store)
        assert mine.publish()
        assert other.fetch()
        assert tree(tmp_path / f"other-{n_writes}") == second
    assert seen == [first] * 4 + [second] * 2  # three contents, and the state as the last


def cut_after(store: ObjectStore, n_writes: int) -> None:
    """Let the first writes through; the next, and all others, fail."""
    left = [n_writes]

    def counted(write_one: Callable[..., None]) -> Callable[..., None]:
        def guarded(*arguments: Any) -> None:
            if left[0] == 0:
                raise CutError
            left[0] -= 1
            write_one(*arguments)

        return guarded

    for name in ("put", "put_file"):
        setattr(store, name, counted(getattr(store, name)))


def restore(store: ObjectStore) -> None:
    for name in ("put", "put_file"):
        delattr(store, name)


def test_the_newest_claim_has_the_task_and_the_older_one_is_refused_with_its_name(
    store: ObjectStore, tmp_path: Path
) -> None:
    slow, next_one = part_at(store, tmp_path / "slow"), part_at(store, tmp_path / "next")
    slow.claim("one:1")
    write(tmp_path / "slow", {"runs/a/fold-0/resume.pt": "epoch 1"})
    slow.publish()
    next_one.claim("two:2")
    assert tree(tmp_path / "next") == {"runs/a/fold-0/resume.pt": "epoch 1"}
    write(tmp_path / "slow", {"runs/a/fold-0/resume.pt": "epoch 2, of the slow one"})
    with pytest.raises(TakenOverError, match="taken over by two:2"):
        slow.publish()
    write(tmp_path / "next", {"runs/a/fold-0/resume.pt": "epoch 3"})
    next_one.publish()
    assert part_at(store, tmp_path / "third").fetch()
    assert tree(tmp_path / "third") == {"runs/a/fold-0/resume.pt": "epoch 3"}


def test_what_is_published_between_a_look_and_a_write_tears_nothing(
    memory: ObjectStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The slow one has looked who has the task; then the next one claims it and publishes."""
    fast = ObjectStore(memory.url)
    slow, next_one = part_at(memory, tmp_path / "slow"), part_at(fast, tmp_path / "next")
    slow.claim("one:1")
    write(tmp_path / "slow", {"runs/a/fold-0/resume.pt": "epoch 1"})
    slow.publish()
    write(tmp_path / "slow", {"runs/a/fold-0/resume.pt": "epoch 2, of the slow one"})
    put_file = memory.put_file

    def meanwhile(name: str, file: Path) -> None:
        next_one.claim("two:2")
        write(tmp_path / "next", {"runs/a/fold-0/resume.pt": "epoch 3"})
        next_one.publish()
        put_file(name, file)

    monkeypatch.setattr(memory, "put_file", meanwhile)
    slow.publish()
    assert part_at(fast, tmp_path / "third").fetch()
    assert tree(tmp_path / "third") == {"runs/a/fold-0/resume.pt": "epoch 3"}
    with pytest.raises(TakenOverError):
        slow.publish()


def test_a_state_that_is_replaced_while_it_is_read_is_read_anew(
    memory: ObjectStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = part_at(memory, tmp_path / "mine")
    mine.claim("one:1")
    write(tmp_path / "mine", {"runs/a/fold-0/resume.pt": "epoch 1"})
    mine.publish()
    reading = ObjectStore(memory.url)
    get_file, left = reading.get_file, [2]

    def replaced(name: str, to: Path) -> bool:
        if left[0]:
            left[0] -= 1
            write(tmp_path / "mine", {"runs/a/fold-0/resume.pt": f"epoch 1.{left[0]}"})
            mine.publish()
        return get_file(name, to)

    monkeypatch.setattr(reading, "get_file", replaced)
    other = part_at(reading, tmp_path / "other")
    assert other.fetch()
    assert tree(tmp_path / "other") == {"runs/a/fold-0/resume.pt": "epoch 1.0"}


def test_done_is_the_last_file_and_predictions_appear_whole(
    memory: ObjectStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = part_at(memory, tmp_path / "mine")
    mine.claim("one:1")
    fold, probs = "runs/a/fold-0", "runs/a/predictions/set1/oof/classify/fold-0"
    write(
        tmp_path / "mine",
        {
            **{f"{fold}/{name}": name for name in ("SHA256SUMS", "done.json", "last.pt", "z.csv")},
            **{f"{probs}/{name}": name for name in ("chunk-0000.npy", "meta.json")},
        },
    )
    mine.publish()
    write(tmp_path / "other", {f"{fold}/metrics.csv": "older"})
    placed = list[str]()
    for name in ("replace", "rename"):
        move = getattr(Path, name)

        def noted(self: Path, to: Path, move: Callable[..., Any] = move) -> Any:
            if ".podium" not in Path(to).parts:
                placed.append(str(Path(to).relative_to(tmp_path / "other")))
            return move(self, to)

        monkeypatch.setattr(Path, name, noted)
    part_at(memory, tmp_path / "other").fetch()
    assert [one for one in placed if one.startswith(fold)] == [
        f"{fold}/{name}" for name in ("last.pt", "z.csv", "SHA256SUMS", "done.json")
    ]
    assert [one for one in placed if one.startswith(probs)] == [probs]
    assert not (tmp_path / "other" / fold / "metrics.csv").exists()


def test_predictions_of_another_set_stay(memory: ObjectStore, tmp_path: Path) -> None:
    mine = part_at(memory, tmp_path / "mine")
    mine.claim("one:1")
    write(tmp_path / "mine", {"runs/a/fold-0/resume.pt": "epoch 1"})
    mine.publish()
    others = {"runs/a/predictions/set2/test/classify/fold-0/meta.json": "{}"}
    write(tmp_path / "other", {**others, "runs/a/fold-0/good.pt": "older"})
    part_at(memory, tmp_path / "other").fetch()
    assert tree(tmp_path / "other") == {**others, "runs/a/fold-0/resume.pt": "epoch 1"}


def test_work_that_began_here_goes_on_elsewhere_and_without_any_state_all_stays(
    memory: ObjectStore, tmp_path: Path
) -> None:
    begun = {"runs/a/fold-0/resume.pt": "epoch 7"}
    write(tmp_path / "mine", begun)
    mine = part_at(memory, tmp_path / "mine")
    assert not mine.fetch()
    assert tree(tmp_path / "mine") == begun
    mine.offer("one:1")
    other = part_at(memory, tmp_path / "other")
    other.claim("two:2")
    assert tree(tmp_path / "other") == begun
    write(tmp_path / "mine", {"runs/a/fold-0/resume.pt": "epoch 8"})
    part_at(memory, tmp_path / "mine").offer("one:1")  # there is a state: it counts
    third = part_at(memory, tmp_path / "third")
    third.fetch()
    assert tree(tmp_path / "third") == begun


def test_a_file_that_changes_while_it_is_copied_waits_for_the_next_time(
    memory: ObjectStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = part_at(memory, tmp_path / "mine")
    mine.claim("one:1")
    write(tmp_path / "mine", {"runs/a/fold-0/a.pt": "old", "runs/a/fold-0/b.pt": "old"})
    copyfile = shutil.copyfile

    def meanwhile(source: Path, to: Path) -> None:
        copyfile(source, to)
        write(tmp_path / "mine", {"runs/a/fold-0/a.pt": "newer", "runs/a/fold-0/b.pt": "newer"})

    monkeypatch.setattr(parts.shutil, "copyfile", meanwhile)
    assert not mine.publish()
    monkeypatch.undo()
    assert mine.publish()
    other = part_at(memory, tmp_path / "other")
    other.fetch()
    assert set(tree(tmp_path / "other").values()) == {"newer"}
