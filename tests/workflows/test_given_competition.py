"""A competition.yaml that came with the data is taken, and one that asks for more is not."""

from __future__ import annotations

import pytest

from podium.competition.sections.tasks import MetricSpec
from podium.errors import UsageError
from podium.hosting.setup.from_data import init_from_data
from podium.workflows.initialising import init_workspace
from podium.workflows.submission.submitting import open_endpoint
from tests.miniatures import class_folders


@pytest.fixture
def data(tmp_path):
    """Return what a host gives out, in the place where a workspace has its data."""
    labelled = tmp_path / "pets"
    class_folders(labelled, n=30, n_test=0)
    host = init_from_data(tmp_path / "host", labelled / "train", MetricSpec(name="macro_f1"))
    folder = tmp_path / "workspace/data"
    folder.parent.mkdir()
    host.folder.files.rename(folder)
    return folder


def test_the_host_s_own_description_is_taken(data):
    started = init_workspace(data, data.parent)
    assert started.root == data.parent
    assert started.competition.metric.name == "macro_f1"
    assert started.competition.kaggle.slug == "train"
    written = (data.parent / "competition.yaml").read_bytes()
    assert written == (data / "competition.yaml").read_bytes()
    assert "data/competition.yaml" in started.notes[0]


@pytest.mark.other_cases("slow", every=3)
@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("name: macro_f1", "name: 'data.evil:METRIC'", "code of its own"),
        ("data/test/*.png", "/etc/*.png", "outside the data"),
        ("data/test/*.png", "data/../../*.png", "outside the data"),
        ("data/train.csv", "other/train.csv", "outside the data"),
        ("data/train.csv", ".", "outside the data"),
        ("daily_limit: 5", "host: http://127.0.0.1:9", "a host"),
        ("macro_f1", "[", "was not taken"),
    ],
)
def test_description_that_needs_more_than_the_data_is_not_used(data, old, new, words):
    file = data / "competition.yaml"
    file.write_text(file.read_text().replace(old, new))
    started = init_workspace(data, data.parent)
    assert "README.md says 'macro f1'" in (data.parent / "competition.yaml").read_text()
    assert any(words in note for note in started.notes)


def test_a_workspace_elsewhere_reads_the_files_themselves(data, tmp_path):
    init_workspace(data, tmp_path / "elsewhere")
    text = (tmp_path / "elsewhere/competition.yaml").read_text()
    assert "README.md says 'macro f1'" in text


def test_a_host_without_users_refuses_a_workspaces_submission(data, tmp_path):
    competition = init_workspace(data, data.parent).competition
    kaggle = competition.kaggle.model_copy(update={"host": str(tmp_path / "host")})
    (tmp_path / "host/files").mkdir()
    asked = competition.model_copy(update={"kaggle": kaggle}).at(competition.root)
    with pytest.raises(UsageError, match="the host has no users"), open_endpoint(asked):
        pass
