"""Rehearse a package as the host will run it: nothing installed, no network, a larger test set.

The notebook's own code is run on a test set several times as large, and then on the one that is
there. A prediction that differs between the two depends on the number of rows or on their order.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from podium.competition.spec import load_competition
from podium.errors import RunError, UsageError, plural, some
from podium.submissions.format.checking import check
from podium.submissions.format.spec import format_of
from podium.submissions.packages import run_cells
from podium.submissions.packages.clean_environment import (
    CleanEnvironment,
    NetworkIsolation,
    make_clean_environment,
)
from podium.submissions.packages.enlarged_test_set import (
    RowComparison,
    compare_rows,
    enlarge_test_set,
)
from podium.submissions.packages.folder import PackFolder, PackRecord, dataset_slug_of
from podium.submissions.packages.wheels import WheelSources, link_package
from podium.workspace.atomic import temporary_folder
from podium.workspace.layout import COMPETITION_FILE
from podium.workspace.progress import SILENT, Progress

if TYPE_CHECKING:
    from podium.competition.spec import Competition

__all__ = ["PackRehearsal", "rehearse_pack"]

HOURS_9 = 9 * 3600.0
GB_13 = 13 * 10**9


@dataclass(frozen=True)
class NotebookTiming:
    """Time and memory of one run of the notebook.

    Attributes:
        n_images: of the test set.
        install_s: seconds of its first code cell, which installs.
        predict_s: of all other cells.
        peak_bytes: peak memory of all processes together; None if it is not measured.
    """

    n_images: int
    install_s: float
    predict_s: float
    peak_bytes: int | None


@dataclass(frozen=True)
class PackRehearsal:
    """Result of a rehearsal.

    Attributes:
        pack: the package's id.
        network: how network access was blocked.
        brought: source of the installed packages.
        times: factor by which the test set was enlarged.
        runs: of the larger test set, then (with `times` above 1) of the original one.
        sameness: of the rows of both; None with one run.
        own: the compared file of the workspace; None: there is none.
        own_sameness: comparison of its rows; None: there is no file, or it is byte for byte equal.
        hidden: number of hidden images at the host; None: unknown.
        max_time_s: that the host allows.
        failures: reasons why the package is invalid; empty if it is valid.
    """

    pack: str
    network: NetworkIsolation
    brought: WheelSources
    times: int
    runs: tuple[NotebookTiming, ...]
    sameness: RowComparison | None
    own: Path | None
    own_sameness: RowComparison | None
    hidden: int | None
    max_time_s: float
    failures: tuple[str, ...] = ()

    @property
    def per_image_s(self) -> float:
        """Seconds that one more image takes; of one run, its mean."""
        larger, smaller = self.runs[0], self.runs[-1]
        n_more = larger.n_images - smaller.n_images
        gap = larger.predict_s - smaller.predict_s
        return gap / n_more if n_more and gap > 0 else larger.predict_s / max(1, larger.n_images)

    @property
    def fixed_s(self) -> float:
        """Seconds that the prediction takes before its first image; the install not counted."""
        larger = self.runs[0]
        return max(0.0, larger.predict_s - self.per_image_s * larger.n_images)

    @property
    def projected_s(self) -> float | None:
        """Seconds for the hidden images, with the install."""
        if self.hidden is None:
            return None
        return self.runs[0].install_s + self.fixed_s + self.per_image_s * self.hidden


def rehearse_pack(
    pack: str | Path,
    *,
    data: str | Path,
    times: int = 3,
    max_time_s: float = HOURS_9,
    max_memory: int = GB_13,
    hidden: int | None = None,
    own: Path | None = None,
    progress: Progress = SILENT,
) -> PackRehearsal:
    """Return the result of a package's notebook in a clean environment without a network.

    Args:
        pack: the folder that `podium pack` made.
        data: the competition's data, laid out as in the workspace's `data/`; only read.
        times: factor by which the test set is enlarged; 1 or more.
        max_time_s: time limit of a run in seconds.
        max_memory: memory limit of its processes together in bytes.
        hidden: number of hidden images at the host, for a projection.
        own: a file of the same test set that must be equal.
        progress: gets a message for each step.

    Raises:
        RunError: the notebook failed, or took more time or memory than it may; a file of the
            package is missing or changed.
        UsageError: the test set cannot be shown so many times.
    """
    if times < 1:
        raise UsageError(f"the test set is shown once or more, not {times} times")
    folder = PackFolder(Path(pack).resolve())
    record = folder.read()
    folder.require_whole(record)
    with temporary_folder("podium-rehearsal") as private:
        root = private.resolve()
        here = _lay_out_competition(folder, record, root / "here", data=Path(data))
        brought = link_package(folder, record, root / "package")
        progress.say(
            f"  {plural(len(brought.packed), 'wheel')} of the package, {len(brought.repacked)} "
            "made of what is installed here, "
            f"{plural(len(brought.of_image), 'distribution')} linked as the "
            "image's"
        )
        room = make_clean_environment(root / "room", linked=brought.of_image)
        progress.say(f"  a clean environment, without a network ({room.network})")
        trial = _NotebookTrial(room, folder, record, root, max_time_s, max_memory)
        space = _lay_out_competition(folder, record, root / "larger")
        larger = enlarge_test_set(here, space.root, times=times)
        runs = [trial.run("larger", space, larger.n_images)]
        progress.say(f"  predicted {plural(larger.n_images, 'image')}: {runs[0].predict_s:.1f} s")
        failures = trial.problems("larger", space)
        sameness, smaller = None, "larger"
        if times > 1:
            smaller = "here"
            runs.append(trial.run(smaller, here, larger.n_images // times))
            progress.say(
                f"  predicted {plural(runs[1].n_images, 'image')}: {runs[1].predict_s:.1f} s"
            )
            failures += trial.problems(smaller, here)
            sameness = trial.compared("larger", root / "here.csv", larger.originals)
            failures += _differences(sameness, f"of the test set shown {times} times", "once")
        own_sameness = None
        if own is not None and own.read_bytes() != (root / f"{smaller}.csv").read_bytes():
            own_sameness = trial.compared(smaller, own, {})
            failures += _differences(own_sameness, "predicted in the rehearsal", own.name)
    result = PackRehearsal(
        record.id,
        room.network,
        brought,
        times,
        tuple(runs),
        sameness,
        own,
        own_sameness,
        hidden,
        max_time_s,
    )
    projected = result.projected_s
    if projected is not None and projected > max_time_s:
        failures.append(
            f"{hidden:,} hidden images would take {projected:,.0f} s, "
            f"{projected - max_time_s:,.0f} s more than the {max_time_s:,.0f} s that they may"
        )
    return replace(result, failures=tuple(failures))


@dataclass(frozen=True)
class _NotebookTrial:
    room: CleanEnvironment
    folder: PackFolder
    record: PackRecord
    root: Path
    max_time_s: float
    max_memory: int

    def run(self, name: str, space: Competition, n_images: int) -> NotebookTiming:
        """Run the notebook on the data of `space`; its file becomes `<name>.csv`."""
        inputs = self.root / f"inputs-{name}"
        inputs.mkdir()
        slug = self.record.slug or self.record.competition
        (inputs / dataset_slug_of(slug)).symlink_to(self.root / "package")
        (inputs / slug).symlink_to((space.root / "data").resolve())
        code, times = self.room.root / "run_cells.py", self.root / f"{name}.json"
        shutil.copyfile(str(run_cells.__file__), code)
        ran = self.room.run(
            [str(code), str(self.root / "package" / "notebook.ipynb"), str(inputs), str(times)],
            max_time_s=self.max_time_s,
            max_memory=self.max_memory,
            output=self.root / f"{name}.txt",
        )
        written = self.room.work / "submission.csv"
        if not written.is_file():
            raise RunError("the notebook wrote no submission.csv", where=self.folder.root)
        shutil.move(written, self.root / f"{name}.csv")
        install_s, *others = json.loads(times.read_text())
        return NotebookTiming(n_images, install_s, sum(others), ran.peak_bytes)

    def problems(self, name: str, space: Competition) -> list[str]:
        wrong = [one for one in check(self.root / f"{name}.csv", space) if one.level == "error"]
        return [f"the file is not as it must be: {some(map(str, wrong))}"] if wrong else []

    def compared(self, name: str, other: Path, originals: dict[str, str]) -> RowComparison:
        form = format_of(load_competition(self.root / "here" / COMPETITION_FILE))
        return compare_rows(self.root / f"{name}.csv", other, form, originals)


def _lay_out_competition(
    folder: PackFolder, record: PackRecord, root: Path, *, data: Path | None = None
) -> Competition:
    """Return the competition laid out in `root`; without `data`, nothing is there of it yet."""
    root.mkdir()
    shutil.copyfile(folder.path(COMPETITION_FILE), root / COMPETITION_FILE)
    for name, place in record.own.items():
        (root / place).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(folder.path(name), root / place)
    if data is not None:
        if not data.is_dir():
            raise UsageError("there is no such folder", where=data, fix="name it with --data")
        (root / "data").symlink_to(data.resolve())
    return load_competition(root / COMPETITION_FILE)


def _differences(sameness: RowComparison, what: str, other: str) -> list[str]:
    failures = []
    if sameness.n_different:
        failures.append(
            f"{sameness.n_different:,} of {plural(sameness.n_rows, 'row')} {what} are not those of "
            f"{other}: {some(sameness.different)}"
        )
    if sameness.missing:
        failures.append(f"rows of {other} are missing {what}: {some(sameness.missing)}")
    return failures
