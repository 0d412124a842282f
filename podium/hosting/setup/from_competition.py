"""Makes a host's folder from a competition and its solution."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from podium.competition.sections.tasks import written_combination
from podium.competition.spec import Competition
from podium.errors import DataError, UsageError, plural
from podium.hosting.scoring.score import refuse_unscorable
from podium.hosting.scoring.solution import read_solution
from podium.hosting.setup.split import PublicDraw, with_usage, without_column
from podium.hosting.spec import HostFolder, HostSpec
from podium.hosting.users import make_tokens
from podium.submissions.format.expected import expected_of_test
from podium.submissions.format.file_formats import in_form
from podium.submissions.format.pixels import images_of_pixels
from podium.submissions.format.row_names import SampleKeys
from podium.submissions.format.spec import SubmissionFormat, format_of, sample_path
from podium.submissions.upload.endpoint import slug_from_name
from podium.workspace import extensions
from podium.workspace.atomic import temporary_folder, write_bytes, write_json
from podium.workspace.documents import dump

__all__ = ["init_host", "make_host"]


def init_host(
    folder: Path,
    competition: Competition,
    solution: Path,
    users: Sequence[str] = (),
    *,
    files: Path | None = None,
    draw: PublicDraw | None = None,
    deadline: datetime | None = None,
    reveal_private: bool = False,
) -> HostFolder:
    """Make a host of `competition` in `folder` and return its layout.

    Args:
        folder: missing or empty.
        competition: has slug, metric, format and daily limit.
        solution: the hidden answers, see `read_solution`; copied.
        users: who may submit; their tokens are made. `podium host user add` adds others.
        files: a folder that participants may download, copied; default: the sample submission.
        draw: how Public and Private are drawn where the solution has no column Usage; default:
            every row is public.
        deadline: aware; nothing is taken after it.
        reveal_private: show private scores before the deadline, too.

    Raises:
        UsageError: the folder is not empty, or a user's name is not possible.
        DataError: the solution cannot be read, lacks ids of the sample, or cannot be scored.
    """
    spec = HostSpec(
        slug=competition.kaggle.slug or slug_from_name(competition.name),
        title=competition.name,
        metric=competition.metric,
        format=format_of(competition),
        daily_limit=competition.kaggle.daily_limit,
        deadline=deadline,
        reveal_private=reveal_private,
    ).at(competition.root)
    sample = sample_path(competition)
    keys = None
    if sample is not None and spec.format.rows != "pixel":
        keys = list(expected_of_test(competition).rows or ())
    return make_host(
        folder, spec, solution, users, sample=sample, keys=keys, files=files, draw=draw
    )


def make_host(
    folder: Path,
    spec: HostSpec,
    solution: Path,
    users: Sequence[str],
    *,
    sample: Path | None,
    keys: Sequence[str] | None = None,
    files: Path | None = None,
    draw: PublicDraw | None = None,
) -> HostFolder:
    """Make a host by `spec` in `folder` and return its layout; see `init_host`.

    Args:
        folder: missing or empty.
        spec: with the folder in which modules of the organiser's own metric lie.
        solution, users, files, draw: as in `init_host`.
        sample: the sample submission, whose ids must be those of the solution.
        keys: the names of its rows, where they were read already.
    """
    if folder.exists() and any(folder.iterdir()):
        raise UsageError("the folder is not empty", where=folder, fix="name a new one")
    host = HostFolder(folder)
    with temporary_folder("podium-host") as private:
        known = _without_groups(solution, draw, private)
        answers = read_solution(known, spec.format)
        if sample is not None:
            _refuse_other_ids(sample, keys, spec, list(answers.ids), solution)
        refuse_unscorable(spec, answers)
        content = solution.read_bytes()
        if draw is not None:
            content = with_usage(solution, spec.format, answers, draw)
    host.root.mkdir(parents=True, exist_ok=True)
    host.uploads.mkdir(mode=0o700)
    write_bytes(host.solution, content, mode=0o600)
    if draw is not None:
        refuse_unscorable(spec, read_solution(host.solution, spec.format))
    _copy_files(host, sample, files, spec.format)
    _copy_metric(host, spec)
    if users:
        make_tokens(host.tokens, users)
    else:
        write_json(host.tokens, {}, mode=0o600)
    spec = _with_own_row_ids(host, spec)
    dump(spec, host.spec_file)  # last: a folder with host.yaml is whole
    return host


_ROW_IDS = "row_ids.csv"


def _with_own_row_ids(host: HostFolder, spec: HostSpec) -> HostSpec:
    """Return the settings with a copy of the table of row ids, where files name rows by one."""
    lookup = spec.format.file.lookup
    if lookup is None:
        return spec
    shutil.copyfile(lookup.table, host.root / _ROW_IDS)
    return spec.with_row_ids(_ROW_IDS)


def _without_groups(solution: Path, draw: PublicDraw | None, private: Path) -> Path:
    """Return a solution without the column that groups its rows for the draw."""
    if draw is None or draw.group is None:
        return solution
    plain = private / solution.name
    write_bytes(plain, without_column(solution, draw.group), mode=0o600)
    return plain


def _refuse_other_ids(
    sample: Path, keys: Sequence[str] | None, spec: HostSpec, ids: list[str], solution: Path
) -> None:
    names = SampleKeys(sample, spec.format) if keys is None else keys
    if spec.format.rows == "pixel":
        expected, known = set(images_of_pixels(spec.format, names)), set(ids)
    else:
        expected, known = set(names), set(spec.format.keys(ids))
    if expected != known:
        only_there, only_here = len(expected - known), len(known - expected)
        raise DataError(
            f"{plural(only_there, 'row')} of {sample.name} {'is' if only_there == 1 else 'are'} "
            f"not in the solution, {plural(only_here, 'row')} of the solution not there",
            where=solution,
            fix="use the same ids in both",
        )


def _copy_metric(host: HostFolder, spec: HostSpec) -> None:
    """Copy the modules of a metric of the organiser's own: the host scores without the workspace.

    They lie beside host.yaml, which nobody may download.
    """
    written, root = written_combination(spec.metric), spec.root
    parts = [spec.metric] if written is None else written.parts
    names = [one.name for one in parts if extensions.is_user_object(one.name)]
    if root is None or not names:
        return
    for file, content in extensions.files(names, root, error=DataError).items():
        (host.root / file).parent.mkdir(parents=True, exist_ok=True)
        (host.root / file).write_bytes(content)


def _copy_files(
    host: HostFolder, sample: Path | None, files: Path | None, form: SubmissionFormat
) -> None:
    if files is not None:
        shutil.copytree(files, host.files)
        return
    host.files.mkdir()
    if sample is not None:
        target = host.files / Path(sample.name).with_suffix(form.file.suffix)
        shutil.copyfile(sample, target)
        in_form(target, form)
