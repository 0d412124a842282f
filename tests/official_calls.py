"""Calls of the official client in the process of a test: one of its own takes a third of a second.

That a call has a process of its own, and what comes of it, is tested where files are uploaded.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from podium.submissions.endpoint import Endpoint, environment

__all__ = ["call_here"]


def call_here(patch: pytest.MonkeyPatch, private: Path) -> None:
    """Have calls made here, logged in anew each time; `private` is the client's folder."""

    def call(endpoint: Endpoint, target: str, argument: Any, *, timeout_s: float) -> Any:
        variables = environment(endpoint, private, ours=os.environ)
        mask = os.umask(0o077)
        with mock.patch.dict(os.environ, variables, clear=True), mock.patch.object(sys, "argv"):
            try:
                import kaggle
                from kaggle.api.kaggle_api_extended import KaggleApi

                kaggle.api = KaggleApi()
                kaggle.api.authenticate()
                module, _, function = target.partition(":")
                official = importlib.import_module(f"podium.submissions.official.{module}")
                return json.loads(json.dumps(getattr(official, function)(argument)))
            finally:
                os.umask(mask)

    patch.setattr("podium.submissions.client.call_official", call)
    patch.setattr("podium.submissions.notebooks.client.call_official", call)
