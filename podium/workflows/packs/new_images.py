"""What a blend or run predicts of new images of any folder, in the form of a file to send.

They are predicted by a package without wheels, as a host's test set is by `predict_packed`.
"""

from __future__ import annotations

from pathlib import Path

from podium.competition.ids.patterns import bare_name, files_below, is_image
from podium.competition.samples import Split, load_samples
from podium.competition.sections.submission import FormatParameters
from podium.competition.spec import Competition
from podium.competition.truths.pixels import BROKEN_FIX
from podium.errors import DataError, UsageError
from podium.submissions.format.spec import format_of
from podium.workflows.packs.packing import pack_parts, predict_packed, spec_text, write_statement
from podium.workflows.submission.submitting import find_blend
from podium.workspace.atomic import temporary_folder
from podium.workspace.layout import COMPETITION_FILE, Workspace
from podium.workspace.marked_yaml import dump_yaml, load_plain_yaml
from podium.workspace.progress import SILENT, Progress

__all__ = ["predict_new_images"]


def predict_new_images(
    workspace: Workspace,
    competition: Competition,
    what: str | None = None,
    *,
    images: Path,
    to: Path,
    progress: Progress = SILENT,
) -> Path:
    """Write what a blend or run predicts of images of any folder, and return the file's path.

    The file is as one to send, with a row for each image, or each image and class: ids are names of
    files, with their ending where those of test have it, or paths where names repeat. Nothing is
    kept of them in the workspace.

    Args:
        what: a blend or run by id or name; None: the best that is finished, without imports.
        images: the folder with the images, at any depth.
        to: the file, which is written, read back and checked.

    Raises:
        DataError: there is no image in the folder, or one cannot be read.
        UsageError: samples of the competition are several files, or rows are of several images.
    """
    spec = _spec_of_new_images(competition, images, to)
    blend = find_blend(workspace, competition, what, progress, imports=False)
    with temporary_folder("podium-new-images") as folder:
        parts = pack_parts(folder, workspace, competition, blend, spec, {}, SILENT)
        write_statement(folder, competition, blend, parts, None, "it is for this once", {})
        try:
            return predict_packed(folder, data=images, to=to, progress=progress)
        except DataError as error:
            if error.fix != BROKEN_FIX:
                raise
            fix = f"mend it, or take it out of the folder {images}"
            raise DataError(error.message, where=error.where, fix=fix) from error


def _spec_of_new_images(competition: Competition, images: Path, to: Path) -> str:
    """Return `competition.yaml` with all images of a folder as those to predict."""
    where = competition.root / COMPETITION_FILE
    test = competition.data.test or competition.data.train
    is_one_file = isinstance(test.images, str) and test.unit is None and test.slices is None
    if not is_one_file or competition.submission.file.lookup is not None:
        raise UsageError(
            "a row to predict is more than the name of one image here",
            where=where,
            fix="lay new data out as data.test is: podium pack, and podium pack --predict",
        )
    if to.is_dir():
        raise UsageError("this is a folder", where=to, fix="name a file: --to new.csv")
    if not images.is_dir():
        raise DataError("there is no such folder", where=images, fix="name a folder with images")
    names = [bare_name(one) for one in files_below(images, "") if is_image(one)]
    if not names:
        raise DataError("there is no image", where=images, fix="name a folder with images")
    part: Split = "train" if competition.data.test is None else "test"
    has_ending = all(is_image(str(one)) for one in load_samples(competition, part)["id"])
    own = "{name}" if has_ending else "{stem}"
    plain = load_plain_yaml(spec_text(competition))
    if "columns" not in plain["submission"]:  # the sample shows the form
        fields = {*FormatParameters.model_fields}
        plain["submission"] |= format_of(competition).model_dump(
            mode="json", include=fields, exclude_defaults=True
        )
    plain["data"]["test"] = {
        "images": "data/**/*",
        "id": own if len({*names}) == len(names) else "{path}",
    }
    for key in ("unlabelled", "extra"):
        plain["data"].pop(key, None)
    for key in ("sample", "names"):
        plain["submission"].pop(key, None)
    return dump_yaml(plain)
