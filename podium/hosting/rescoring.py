"""Scoring every submission again, by a corrected solution or metric, all at once or not at all."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from podium.errors import DataError, SubmissionError
from podium.hosting.scoring import Scores, refuse_unscorable, score_file
from podium.hosting.solution import read_solution
from podium.hosting.solution_state import digest_of, next_solution, settle
from podium.hosting.spec import HostFolder, HostSpec
from podium.hosting.store import Row, Store
from podium.workspace.atomic import replacing
from podium.workspace.clock import now
from podium.workspace.locks import hold
from podium.workspace.progress import SILENT, Progress

__all__ = ["Change", "rescore"]


@dataclass(frozen=True)
class Change:
    """What a submission was and is; scores are (public, private), or the reason of an error."""

    ref: int
    team: str
    before: Scores | str
    after: Scores | str


def rescore(
    folder: HostFolder, solution: Path | None = None, *, progress: Progress = SILENT
) -> list[Change]:
    """Score every submission again and return what changed; a host at work goes on meanwhile.

    Killed at any moment, either all old scores count or all new ones, with their solution. The old
    solution is kept beside the new one, with the time in its name.

    Args:
        folder: of the host.
        solution: the corrected answers; default: those in the folder, after a change by hand of
            them or of the metric.
        progress: told how far it is.

    Raises:
        DataError: the solution cannot be read or scored, has other ids, or an upload is gone.
        RunError: another is rescoring.
    """
    spec = folder.spec()
    store = Store(folder.database)
    stamp = now().strftime("%Y%m%dT%H%M%S%fZ")
    old_to = folder.root / f"solution-{stamp}.csv"
    try:
        with hold(folder.locks / "rescoring", what="the scores of the host"):
            settle(folder, spec, store, old_to=old_to)
            given = folder.solution if solution is None else solution
            answers = read_solution(given, spec.format)
            refuse_unscorable(spec, answers)
            _refuse_other_ids(folder, given, set(answers.ids), spec)
            file = folder.solution
            if solution is not None:
                file = next_solution(folder)
                with replacing(file, mode=0o600) as temporary:
                    shutil.copyfile(solution, temporary)
                answers = read_solution(file, spec.format)
            outcomes: dict[int, Scores | str] = {}
            while True:
                rows = store.submissions()
                missing = [row["ref"] for row in rows if not _upload(folder, row).is_file()]
                if missing:
                    raise DataError(
                        f"uploads of submissions {missing} are gone",
                        where=folder.uploads,
                        fix="bring them back from a copy; nothing was changed",
                    )
                new = [row for row in rows if row["ref"] not in outcomes]
                with progress.bar("scoring again", len(new)) as advance:
                    for row in new:
                        try:
                            outcomes[row["ref"]] = score_file(_upload(folder, row), spec, answers)
                        except SubmissionError as error:
                            outcomes[row["ref"]] = error.message[:2000]
                        advance(1)
                if store.rescore(outcomes, digest_of(file, spec)):
                    break
            settle(folder, spec, store, old_to=old_to)
    finally:
        store.close()
    before = {row["ref"]: (row["team"], _outcome(row)) for row in reversed(rows)}
    return [
        Change(ref, team, was, outcomes[ref])
        for ref, (team, was) in before.items()
        if was != outcomes[ref]
    ]


def _upload(folder: HostFolder, row: Row) -> Path:
    return folder.uploads / f"{row['upload']}.csv"


def _outcome(row: Row) -> Scores | str:
    if row["status"] == "COMPLETE":
        return Scores(row["public"], row["private"])
    return str(row["error"])


def _refuse_other_ids(folder: HostFolder, given: Path, ids: set[str], spec: HostSpec) -> None:
    if given == folder.solution:
        return
    known = set(read_solution(folder.solution, spec.format).ids)
    if known != ids:
        raise DataError(
            f"{len(ids - known)} ids are new, {len(known - ids)} are missing",
            where=given,
            fix="give the same ids; `Ignored` in the column Usage leaves a row out of the scores",
        )
