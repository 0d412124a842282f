"""The findings of a data folder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from podium.competition.calibrate.codec import Estimate, unknown_codec
from podium.competition.infer.files import DataFolder
from podium.competition.infer.groups.columns import GroupColumn
from podium.competition.infer.masks.files import MaskFiles
from podium.competition.infer.parts.channels import channel_pattern, pictures_to_send
from podium.competition.infer.parts.to_predict import PartImages
from podium.competition.infer.parts.train import TrainPart
from podium.competition.infer.reader import ReaderGuess, are_grey, find_reader
from podium.competition.infer.readme.runs import with_readme_runs
from podium.competition.infer.sample.runs import MASK_CELLS
from podium.competition.infer.sample.submission import (
    InferredFormat,
    InferredUnit,
    SampleSubmission,
)
from podium.competition.infer.tasks.settle import InferredTasks
from podium.competition.presets import Preset
from podium.competition.sections.frame import Frame
from podium.competition.sections.submission import OBJECT_ROW
from podium.tasks.protocols.kind import Kind
from podium.tasks.protocols.names import IMAGES, PIXELS, TaskName

__all__ = ["UNKNOWN_CODEC", "CodecEstimates", "FolderFindings", "ImagesWithoutMasks"]

CodecEstimates = Mapping[str, Estimate]
"""The format of runs: `CodecEstimate.estimates`."""

UNKNOWN_CODEC = unknown_codec("no mask of train is written as runs").estimates
"""The format of runs where nothing shows it."""

_LOOKED_AT = 8  # images, of which every channel is read


@dataclass(frozen=True)
class ImagesWithoutMasks:
    """The images of train that have no mask file, where others have one.

    Attributes:
        paths: relative to the data folder.
        before: the unlabelled part without them.
    """

    paths: tuple[str, ...]
    before: PartImages | None


@dataclass(frozen=True)
class FolderFindings:
    """The findings of a data folder."""

    folder: DataFolder
    train: TrainPart
    test: PartImages
    unlabelled: PartImages | None
    group: GroupColumn | None
    sample: SampleSubmission | None
    form: InferredFormat
    tasks: InferredTasks
    codec: Mapping[str, Estimate] | None = None
    """The format of runs; None where it is unknown."""
    base: Estimate | None = None
    """The number of the first pixel in runs of the sample; None where these do not show it."""
    said_runs: Mapping[str, Estimate] = field(default_factory=dict)
    """What texts beside the data tell of how runs are counted."""
    preset: Preset | None = None
    """The preset of this competition, if there is one."""
    unit: InferredUnit | None = None
    """The scored unit, where that is several images."""
    group_notes: tuple[str, ...] = ()
    """What may be a group, and is none here."""
    frame: Frame = "native"
    """In which masks are sent."""
    why_frame: str = ""
    unmasked: ImagesWithoutMasks | None = None
    """Images that became unlabelled ones, where that is known of each image."""
    pool: str = ""
    """Why images without a mask are to be predicted, where no sample submission names them."""
    listed: str = ""
    """The list of images without a label that are to be predicted, where its name tells nothing."""
    cases: str = ""
    """The folders of images to predict, where an answer may be of each folder, or of each image."""

    @cached_property
    def reader(self) -> ReaderGuess:
        """The reader of the images, and why."""
        found = find_reader(self.files)
        if self.folder.channels and isinstance(found[0], dict) and "range" in found[0]:
            return find_reader(self._files_of_channels())  # each channel has values of its own
        if not self.folder.channels or self.folder.by_folder or found[0] != "image":
            return found
        if not are_grey(self._files_of_channels()):
            return found[0], "each file of an image has colours, and keeps them"
        grey = {"name": "image", "mode": "grey"}
        return grey, "of each file one channel; rgb keeps its colours"

    def _files_of_channels(self) -> list[Path]:
        """Return some files of every channel."""
        apart = pictures_to_send(self.folder)
        every = (one for one in self.folder.images if one.part != "mask" and one not in apart)
        images = [image.path for image in every]
        some = images[:: len(images) // _LOOKED_AT + 1]
        channels = self.folder.channels
        files = [channel_pattern(self.folder, path, one) for one in channels for path in some]
        return [self.folder.path / file for file in files]

    @cached_property
    def files(self) -> list[Path]:
        """A file of each image; pictures that show what is to be sent are none beside others."""
        folder = self.folder
        first = folder.channels[:1]
        apart = pictures_to_send(folder)
        every = [one for one in folder.images if one.part != "mask"]
        images = [one.path for one in every if one not in apart] or [one.path for one in every]
        files = [channel_pattern(folder, path, first[0]) if first else path for path in images]
        return [folder.path / file for file in files]

    @property
    def have_several(self) -> bool:
        """Whether rows of train and of test name several images, by the same columns."""
        several = {} if self.train.match is None else self.train.match.several
        return bool(several) and set(several) == set(self.test.several)

    @property
    def stacks_images(self) -> bool:
        """Whether the images of a row are of one sample, by the names of their columns."""
        return self.have_several and self.train.match is not None and self.train.match.are_parts

    @property
    def sample_is_excerpt(self) -> bool:
        """Whether the sample has rows of objects, and of some of the images to predict alone."""
        if self.sample is None or self.form.rows != OBJECT_ROW:
            return False
        own, every = set(self.sample.table[self.sample.id]), set(self.test.ids)
        return own < every

    @property
    def n_undrawn(self) -> int:
        """How many images of train have no mask file and no label: they can only be left out.

        0 where something tells that their masks are empty, or they are `unmasked`.
        """
        masks = self.tasks.masks
        if not isinstance(masks, MaskFiles) or masks.absent or self.unmasked is not None:
            return 0
        return 0 if self.tasks.labels is not None else len(self.train.images) - masks.n_found

    @property
    def sends_pngs(self) -> bool:
        """Whether a file to send is a ZIP of PNGs."""
        is_shown = self.sample is not None and self.sample.file.get("kind") == "png"
        return is_shown or self.form.stated_file is not None

    @property
    def sent_codec(self) -> CodecEstimates | None:
        """The format of the runs to send; None where nothing shows it."""
        found = self.codec
        if found is not None and found["kind"].value != "rle":
            found = None
        if self.base is not None and (found is None or found["base"].sure == "not sure"):
            found = {**(found or UNKNOWN_CODEC), "base": self.base}
        if not self.said_runs or (found is not None and found is self.codec):
            return found  # the codec of train has what texts tell
        return with_readme_runs(found or UNKNOWN_CODEC, self.said_runs)

    @property
    def scored(self) -> TaskName:
        """The task that is submitted."""
        is_of_masks = self.form.value in MASK_CELLS or self.form.rows == "pixel"
        return PIXELS if is_of_masks else IMAGES

    @property
    def kinds(self) -> dict[TaskName, Kind]:
        """The kind of each task."""
        found: dict[TaskName, Kind] = {}
        if self.tasks.labels is not None:
            found[IMAGES] = self.tasks.labels.kind
        if self.tasks.masks is not None:
            found[PIXELS] = self.tasks.masks.kind
        return found

    @property
    def has_metric_of_preset(self) -> bool:
        """Whether the metric is that of the preset of this competition."""
        return self.preset is not None and self.preset.tasks.get(self.scored) == self.scored_kind

    @property
    def scored_kind(self) -> Kind | None:
        """The kind of the submitted task."""
        return self.kinds.get(self.scored)
