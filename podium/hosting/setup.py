"""Making a host's folder from a competition and its solution."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from podium.competition.spec import Competition
from podium.errors import DataError, UsageError
from podium.hosting.scoring import refuse_unscorable
from podium.hosting.solution import read_solution
from podium.hosting.spec import HostFolder, HostSpec
from podium.hosting.tokens import make_tokens
from podium.submissions.expected import SampleKeys
from podium.submissions.format import expected_keys, format_of, sample_path
from podium.submissions.pixel_keys import images_of
from podium.submissions.upload import slug_from_name
from podium.workspace import extensions
from podium.workspace.documents import dump

__all__ = ["init_host"]


def init_host(
    folder: Path,
    competition: Competition,
    solution: Path,
    users: Sequence[str],
    *,
    files: Path | None = None,
    deadline: datetime | None = None,
    reveal_private: bool = False,
) -> HostFolder:
    """Make a host of `competition` in `folder` and return its layout.

    Args:
        folder: missing or empty.
        competition: gives slug, metric, format and daily limit.
        solution: the hidden answers, see `read_solution`; copied.
        users: who may submit; their tokens are made.
        files: a folder that participants may download, copied; default: the sample submission.
        deadline: aware; nothing is taken after it.
        reveal_private: show private scores before the deadline, too.

    Raises:
        UsageError: the folder is not empty, or a user's name is not possible.
        DataError: the solution cannot be read, lacks ids of the sample, or cannot be scored.
    """
    if folder.exists() and any(folder.iterdir()):
        raise UsageError("the folder is not empty", where=folder, fix="name a new one")
    spec = HostSpec(
        slug=competition.kaggle.slug or slug_from_name(competition.name),
        title=competition.name,
        metric=competition.metric,
        format=format_of(competition),
        daily_limit=competition.kaggle.daily_limit,
        deadline=deadline,
        reveal_private=reveal_private,
    ).at(competition.root)
    answers = read_solution(solution, spec.format)
    _refuse_other_ids(competition, spec, list(answers.ids), solution)
    refuse_unscorable(spec, answers)
    host = HostFolder(folder)
    host.root.mkdir(parents=True, exist_ok=True)
    host.uploads.mkdir(mode=0o700)
    shutil.copyfile(solution, host.solution)
    host.solution.chmod(0o600)
    _copy_files(host, competition, files)
    _copy_metric(host, competition)
    make_tokens(host.tokens, users)
    dump(spec, host.spec_file)  # last: a folder with host.yaml is whole
    return host


def _refuse_other_ids(
    competition: Competition, spec: HostSpec, ids: list[str], solution: Path
) -> None:
    sample = sample_path(competition)
    if sample is None:
        return
    if spec.format.rows == "pixel":
        names = SampleKeys(sample, spec.format)
        wanted, said_by, known = set(images_of(spec.format, names)), sample.name, set(ids)
    else:
        keys, said_by = expected_keys(competition, spec.format)
        wanted, known = set(keys), set(spec.format.keys(ids))
    if wanted != known:
        only_there, only_here = len(wanted - known), len(known - wanted)
        raise DataError(
            f"{only_there} rows of {said_by} are not in the solution, "
            f"{only_here} rows of the solution are not there",
            where=solution,
            fix="give both the same ids",
        )


def _copy_metric(host: HostFolder, competition: Competition) -> None:
    """Copy the modules of a metric of the organiser's own: the host scores without the workspace.

    They lie beside host.yaml, which nobody may download.
    """
    name = competition.metric.name
    if not extensions.is_foreign(name):
        return
    for file, content in extensions.files([name], competition.root, error=DataError).items():
        (host.root / file).parent.mkdir(parents=True, exist_ok=True)
        (host.root / file).write_bytes(content)


def _copy_files(host: HostFolder, competition: Competition, files: Path | None) -> None:
    if files is not None:
        shutil.copytree(files, host.files)
        return
    host.files.mkdir()
    sample = sample_path(competition)
    if sample is not None:
        shutil.copyfile(sample, host.files / sample.name)
