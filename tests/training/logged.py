"""Reads what loggers wrote, without their own readers of runs: event files, `.wandb` files."""

from __future__ import annotations

import io
import json
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Points = dict[str, list[tuple[int, float]]]  # name → (step, value), in the order of the file

_RECORD = 2**32 - 1
_BLOCK = 2**15


def tensorboard_points(folder: Path) -> tuple[Points, dict[str, Any]]:
    """Return every scalar of every event file in `folder`, and the hyperparameters."""
    from tensorboard.compat.proto.event_pb2 import Event
    from tensorboard.plugins.hparams.plugin_data_pb2 import HParamsPluginData

    points: Points = {}
    settings: dict[str, Any] = {}
    for file in sorted(folder.iterdir()):
        for body in _framed(file.read_bytes()):
            event = Event()
            event.ParseFromString(body)
            for value in event.summary.value:
                if value.tag == "_hparams_/session_start_info":
                    data = HParamsPluginData()
                    data.ParseFromString(value.metadata.plugin_data.content)
                    for name, one in data.session_start_info.hparams.items():
                        assert name not in settings
                        settings[name] = getattr(one, one.WhichOneof("kind"))
                elif not value.tag.startswith("_hparams_"):
                    number = value.simple_value
                    if value.WhichOneof("value") == "tensor":
                        (number,) = value.tensor.float_val
                    points.setdefault(value.tag, []).append((event.step, number))
    return points, settings


def tensorboard_pictures(folder: Path) -> list[tuple[str, NDArray[np.uint8]]]:
    """Return (name, pixels) of every picture of every event file in `folder`."""
    from tensorboard.compat.proto.event_pb2 import Event

    pictures = []
    for file in sorted(folder.iterdir()):
        for body in _framed(file.read_bytes()):
            event = Event()
            event.ParseFromString(body)
            for value in event.summary.value:
                stream = io.BytesIO(value.image.encoded_image_string)
                pictures.append((value.tag, np.asarray(Image.open(stream))))
    return pictures


def _framed(data: bytes) -> Iterator[bytes]:
    """Give the records of TensorFlow's format: length, its checksum, body, its checksum."""
    at = 0
    while at < len(data):
        (length,) = struct.unpack_from("<Q", data, at)
        yield data[at + 12 : at + 12 + length]
        at += length + 16


def wandb_rows(folder: Path) -> tuple[str, list[dict[str, Any]], dict[str, Any]]:
    """Return id, rows of the history with `_step`, and settings of the one offline run there."""
    from wandb.proto.wandb_internal_pb2 import Record

    (file,) = folder.glob("offline-run-*/*.wandb")
    identity, rows, settings = "", [], {}
    for body in _logged(file.read_bytes()):
        record = Record()
        record.ParseFromString(body)
        kind = record.WhichOneof("record_type")
        if kind == "history":
            items = {
                item.key or item.nested_key[0]: item.value_json for item in record.history.item
            }
            rows.append({name: json.loads(text) for name, text in items.items()})
        elif kind == "run":
            identity = record.run.run_id
            settings |= {one.key: json.loads(one.value_json) for one in record.run.config.update}
        elif kind == "config":
            settings |= {one.key: json.loads(one.value_json) for one in record.config.update}
    return identity, rows, settings


def _logged(data: bytes) -> Iterator[bytes]:
    """Give the records of LevelDB's log format, behind W&B's header of seven bytes."""
    at, body = 7, b""
    while at + 7 <= len(data):
        left = _BLOCK - at % _BLOCK
        if left < 7:
            at += left
            continue
        _, length, kind = struct.unpack_from("<IHB", data, at)
        part = data[at + 7 : at + 7 + length]
        at += 7 + length
        body = body + part if kind in (3, 4) else part
        if kind in (1, 4):
            yield body
