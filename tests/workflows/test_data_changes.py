"""Data that changed after a training: show, board, blend, submit and report say which rows."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import study_workspaces
from PIL import Image

from podium.cli.app import main
from podium.competition.spec import Competition
from podium.training.runs.train import train
from podium.workspace.layout import Workspace

CHANGES = {
    "an image is replaced": "image",
    "a label is changed": "label",
    "a row is gone": "gone",
}
