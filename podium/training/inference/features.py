"""Pooled features of a network's backbone, computed once for each image and view.

`BackboneFeatures` takes them from the workspace's cache (`.podium/cache/features`) and makes those
that are not there, in evaluation mode and without augmentation. They are kept under a digest of all
that makes them: the backbone's weights and settings, the pooling, the input's size, fit and
normalisation, the reader of the images, device and precision. So they are shared by folds, runs and
splits whose backbone is the same to the bit, as that of a phase with `freeze: [backbone]` is.

A head pools maps; a map of one pixel is its own average, maximum and generalised mean, so that a
head makes of pooled features what it makes of the images (`logits_of`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import normalize

from podium.errors import plural
from podium.models.feature_cache import SHARD_BYTES, FeatureCache, cache_limit
from podium.models.heads.classify import Classify
from podium.models.network import Network
from podium.predictions import tta
from podium.predictions.views import IDENTITY, TtaView, ViewMean
from podium.tasks.protocols.kind import Kind
from podium.tasks.protocols.names import IMAGES, has_images
from podium.training.data.augment import build_eval
from podium.training.data.rows import SampleRows
from podium.training.data.streams import Normaliser
from podium.training.inference.images import Autocast, EvalImages, activate, evaluation_mode
from podium.training.runs.ids import network_sources
from podium.training.runs.job import Deadline, Job, cached_side
from podium.workspace.ids import canonical_json
from podium.workspace.progress import SILENT, Progress

__all__ = ["BackboneFeatures", "embed_vectors", "logits_of", "predict_vectors"]

FEATURE_FORMAT = 2
"""Raised when features of the same weights are made differently, so that old ones are not read."""
_OF_TRAINING = ("pretrained", "weights", "from_run", "heads", "checkpointing", "compile")
"""Settings of `model:` that change no feature but by the weights."""

Vectors = NDArray[np.float32]


@dataclass(frozen=True)
class BackboneFeatures:
    """Pooled features of images by the backbone of one network, from the cache where it has them.

    Args:
        job: whose images and input.
        network: on the device of `normalise`; its backbone does not change while this is used.
        normalise, autocast: of the network.
        batch_size: images at a time.
        deadline: what is made until then is kept.
        progress: gets a bar while features are made.
    """

    job: Job
    network: Network
    normalise: Normaliser
    autocast: Autocast
    batch_size: int
    deadline: Deadline = field(default_factory=lambda: Deadline(None))
    progress: Progress = SILENT

    @staticmethod
    def suit(job: Job, network: nn.Module) -> bool:
        """Return whether the features of a network can be kept: podium's own head pools them."""
        return (
            isinstance(network, Network)
            and has_images(network.parts)
            and isinstance(network.heads[IMAGES], Classify)
            and job.recipe.input.fit != "tile"
        )

    def __post_init__(self) -> None:
        # Weights are read once: they stay as they are.
        root = self.job.workspace.cache / "features"
        cache = FeatureCache(root, _digest(self), cache_limit())
        object.__setattr__(self, "_cache", cache)

    @property
    def cache(self) -> FeatureCache:
        found: FeatureCache = vars(self)["_cache"]
        return found

    def __call__(self, rows: SampleRows, view: str = IDENTITY) -> Vectors:
        """Return the features of `rows` in a view, `(N, D)`.

        Args:
            rows: of whole images.
            view: a name of test-time augmentation, which is applied to the network's input.

        Raises:
            OutOfTime: there is no time for all; those that are made are kept.
        """
        view = str(TtaView.of(view))
        contents = rows.contents
        if contents is None:
            return np.concatenate(list(self._made(rows, view)))
        found, known = self.cache.read(contents, view)
        if not known.all():
            with self.cache.making(view, self.progress):
                found, known = self.cache.read(contents, view)  # another process may have been here
                if not known.all():
                    found = self._completed(found, known, rows, contents, view)
        return found

    def _completed(
        self,
        found: Vectors,
        known: NDArray[np.bool_],
        rows: SampleRows,
        contents: Sequence[str],
        view: str,
    ) -> Vectors:
        """Return all features, after making and keeping those that are not known."""
        missing = np.flatnonzero(~known)
        # Of images that are the same, one is enough.
        place: dict[str, int] = {}
        inverse = np.array([place.setdefault(contents[int(i)], len(place)) for i in missing])
        at = missing[np.unique(inverse, return_index=True)[1]]
        made: list[Vectors] = []
        n_kept = 0

        def keep() -> None:
            nonlocal n_kept
            done = sum(map(len, made))
            fresh = np.concatenate(made)[n_kept:] if made else np.empty((0, 0), dtype=np.float32)
            self.cache.write([contents[int(i)] for i in at[n_kept:done]], view, fresh)
            n_kept = done

        label = f"features of {plural(len(at), 'image')}" + (
            "" if view == IDENTITY else f", {view}"
        )
        try:
            with self.progress.bar(label, len(at)) as advance:
                for block in self._made(rows.subset(at), view):
                    made.append(block)
                    advance(len(block))
                    if sum(one.nbytes for one in made) - n_kept * 4 * block.shape[1] > SHARD_BYTES:
                        keep()
        finally:
            keep()
        vectors = np.concatenate(made)
        whole = np.empty((len(rows), vectors.shape[1]), dtype=np.float32)
        if known.any():
            whole[known] = found[known]
        whole[missing] = vectors[inverse]
        return whole

    def _made(self, rows: SampleRows, view: str) -> Iterator[Vectors]:
        """Yield the features of `rows`, a batch at a time.

        A short batch is filled up with its last image: libraries choose their kernels by a batch's
        size, and the last bits of an output with them.
        """
        spec, pixels = self.job.recipe.input, self.job.competition.pixels
        images = EvalImages(rows, build_eval(spec, pixels), batch_size=self.batch_size, keep=False)
        shown, started, done = tta.view(view), self.deadline.now(), 0
        head = self.network.heads[IMAGES]
        assert isinstance(head, Classify)
        with torch.inference_mode(), evaluation_mode(self.network):
            for batch in images:
                n, missing = len(batch), self.batch_size - len(batch)
                full = torch.cat([batch, batch[-1:].expand(missing, *batch.shape[1:])])
                with self.autocast():
                    maps = self.network.features(shown(self.normalise(full)))
                    vectors = head.pool(maps.deepest)
                yield vectors[:n].float().cpu().numpy()
                done += n
                each = (self.deadline.now() - started) / done
                self.deadline.require(each * (len(rows) - done), "the features of these images")


def logits_of(network: Network, vectors: Tensor) -> Tensor:
    """Return the logits of labels `(N, C)` that the head makes of pooled features `(N, D)`."""
    return network.decode(network.features(vectors), (IMAGES,))[IMAGES]


@torch.inference_mode()
def predict_vectors(
    network: Network,
    vectors: Sequence[Tensor],
    kind: Kind,
    *,
    mean: ViewMean,
    autocast: Autocast,
) -> Tensor:
    """Return the mean over views of the predictions for pooled features, as `predict_batch` does.

    Args:
        network: in evaluation mode.
        vectors: of each view, `(N, D)`, on the network's device.
        kind: of the network's output.
        mean: of the views.
        autocast: the precision that the network runs in.

    Returns:
        `(N, C)`, float32.
    """
    total = tta.ViewAverage(mean, is_multiclass=kind.is_exclusive)
    for one in vectors:
        with autocast():
            logits = logits_of(network, one)
        total.add(logits if mean == "logits" else activate(logits, kind))
    return total.result()


@torch.inference_mode()
def embed_vectors(network: Network, vectors: Sequence[Tensor], *, autocast: Autocast) -> Tensor:
    """Return the embeddings `(N, D)` that `embed_batch` makes of images, from pooled features.

    Args:
        network: in evaluation mode.
        vectors: of each view, `(N, F)`, on the network's device.
        autocast: the precision that the network runs in.
    """
    head, total = network.heads[IMAGES], tta.ViewAverage("mean")
    assert isinstance(head, Classify)
    for one in vectors:
        with autocast():
            found = head.embed(network.features(one))
        total.add(normalize(found.float(), dim=1))
    return normalize(total.result(), dim=1)


def _digest(of: BackboneFeatures) -> str:
    """Return 24 hex digits that stand for everything that makes a feature, but image and view."""
    job, network = of.job, of.network
    head = network.heads[IMAGES]
    assert isinstance(head, Classify)
    model = job.recipe.model.model_dump(mode="json", exclude=set(_OF_TRAINING))
    spec, pixels = job.recipe.input, asdict(job.competition.pixels)
    device = of.normalise.device.type
    facts: dict[str, Any] = {
        "format": FEATURE_FORMAT,
        "weights": _state_digest(network.backbone.state_dict()),
        "model": model,
        "pool": [
            getattr(head.pool, "name", type(head.pool).__name__),
            _state_digest(head.pool.state_dict()),
        ],
        "stride": network.stride,
        "size": list(spec.height_width),
        "fit": spec.fit,
        "cached_side": cached_side(spec),
        "mean": list(network.mean),
        "std": list(network.std),
        "pixels": {name: str(value) for name, value in pixels.items()},
        "reader": job.competition.reader.identity,
        "sources": network_sources(job.workspace, job.competition, job.recipe),
        "device": "cpu" if device == "cpu" else torch.cuda.get_device_name(),
        "precision": job.recipe.precision,
    }
    return hashlib.sha256(canonical_json(facts).encode("ascii")).hexdigest()[:24]


def _state_digest(state: Mapping[str, Tensor]) -> str:
    digest = hashlib.sha256()
    for name, tensor in state.items():
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}\n".encode())
        flat = tensor.detach().cpu().reshape(-1).view(torch.uint8)
        digest.update(flat.numpy().tobytes())
    return digest.hexdigest()
