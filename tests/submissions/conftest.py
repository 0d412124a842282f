"""A competition folder by a few words, and a host in memory that fails where it is told to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from PIL import Image

from podium.competition.spec import Competition, load_competition
from podium.errors import HostError
from podium.submissions.upload.client import HostListing, Limits, ListedSubmission, SubmissionLookup
from podium.workspace.layout import Workspace

CLASSES = ["cat", "dog", "eel"]


@pytest.fixture(autouse=True)
def own_locks(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Keep this machine's locks by worker: uploads to a competition of one name wait in turn."""
    folder = tmp_path_factory.getbasetemp() / "temporary"
    folder.mkdir(exist_ok=True)
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr("tempfile.tempdir", str(folder))


@pytest.fixture
def competition_of(tmp_path: Path) -> Callable[..., Competition]:
    """Return a factory: sample header and ids, kind and submission keys → a competition."""

    def make(
        sample: str | None = "id,label\na.png,cat\nb.png,cat\nc.png,cat\n",
        *,
        kind: str = "multiclass",
        classes: list[str] | None = None,
        submission: str = "value: name",
        metric: str = "accuracy",
    ) -> Competition:
        names = CLASSES if classes is None and kind != "regression" else classes or []
        text = f"""
name: pets
tasks: {{classify: {kind}}}
classes: {names}
data:
  train: {{table: train.csv, id: id, images: "train/{{id}}", label: label}}
  test: {{images: "test/*.png"}}
metric: {{name: {metric}}}
kaggle: {{slug: pets, daily_limit: 2}}
submission:
  {submission}
"""
        if sample is not None:
            (tmp_path / "sample.csv").write_text(sample)
            text += "  sample: sample.csv\n"
        (tmp_path / "competition.yaml").write_text(text)
        return load_competition(tmp_path)

    return make


@pytest.fixture
def masks_of(tmp_path: Path) -> Callable[..., Competition]:
    """Return a factory: kind, sizes of the test images by id … → a competition of masks."""

    def make(
        *,
        kind: str = "binary",
        classes: list[str] | None = None,
        sizes: dict[str, tuple[int, int]] | None = None,
        sample: str | None = None,
        submission: str = "{}",
        frame: str = "native",
    ) -> Competition:
        (tmp_path / "test").mkdir(exist_ok=True)
        for name, (height, width) in (sizes or {}).items():
            Image.new("L", (width, height)).save(tmp_path / "test" / f"{name}.png")
        names = [] if kind == "binary" else classes or CLASSES
        text = f"""
name: stains
tasks: {{segment: {kind}}}
classes: {names}
data:
  train: {{images: "train/*.png", mask: "masks/{{stem}}.png"}}
  test: {{images: "test/*.png"}}
frame: {frame}
metric: {{name: mean_dice}}
kaggle: {{slug: stains}}
submission: {submission}
"""
        if sample is not None:
            (tmp_path / "sample.csv").write_text(sample)
            keys = submission.strip().removeprefix("{").removesuffix("}")
            whole = ", ".join(filter(None, ["sample: sample.csv", keys]))
            text = text.replace(f"submission: {submission}", f"submission: {{{whole}}}")
        (tmp_path / "competition.yaml").write_text(text)
        return load_competition(tmp_path)

    return make


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path)


@dataclass
class HostInMemory:
    """What a host does, without HTTP: `fail` maps a call to "before" or "after" (its effect)."""

    daily_limit: int = 5
    fail: dict[str, str] = field(default_factory=dict)
    verdict: str = "COMPLETE"
    limits: Limits | None = None
    submissions: list[ListedSubmission] = field(default_factory=list)
    is_behind: bool = False  # it lists nothing, and counts all
    calls: list[str] = field(default_factory=list)

    def look(self, marker: str) -> SubmissionLookup:
        self._may_fail("look", "before")
        listed = [] if self.is_behind else self.submissions
        found = [entry for entry in listed if marker in entry.description]
        n_listed = len([entry for entry in listed if entry.status != "ERROR"])
        return SubmissionLookup(self._limits(), found[-1] if found else None, n_listed)

    def submit(self, file: Path, description: str) -> int:
        self._may_fail("submit", "before")
        valid = [entry for entry in self.submissions if entry.status != "ERROR"]
        assert len(valid) < self.daily_limit, "the quota would be exceeded"
        ref = len(self.submissions) + 1
        entry = ListedSubmission(ref, None, description, file.name, "PENDING", "", None, None)
        self.submissions.append(entry)
        self._may_fail("submit", "after")
        return ref

    def wait(self, marker: str, wait_s: float) -> ListedSubmission | None:
        self._may_fail("wait", "before")
        for place, entry in enumerate(self.submissions):
            if marker in entry.description:
                score = 0.75 if self.verdict == "COMPLETE" else None
                error = "" if self.verdict == "COMPLETE" else "row 3 is odd"
                scored = replace(entry, status=self.verdict, public_score=score, error=error)
                self.submissions[place] = scored
                return scored
        return None

    def listing(self) -> HostListing:
        self._may_fail("listing", "before")
        top = ({"team": "us", "score": 0.75},)
        return HostListing(self._limits(), tuple(reversed(self.submissions)), top)

    def download(self, folder: Path) -> list[str]:
        raise AssertionError("not used")

    def _limits(self) -> Limits:
        if self.limits is not None:
            return self.limits
        n = len([entry for entry in self.submissions if entry.status != "ERROR"])
        return Limits(n, n, self.daily_limit - n)

    def _may_fail(self, call: str, when: str) -> None:
        if when == "before":
            self.calls.append(call)
        if self.fail.get(call) == when:
            raise HostError("the connection broke", fix="repeat the command")


@pytest.fixture
def host() -> HostInMemory:
    return HostInMemory()


@pytest.fixture
def good_file(tmp_path: Path) -> Path:
    file = tmp_path / "good.csv"
    file.write_text("id,label\na.png,cat\nb.png,dog\nc.png,eel\n")
    return file
