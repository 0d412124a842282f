"""Tests of the layout: found from anywhere inside, artefacts found by what people type."""

import json

import pytest

from podium.errors import UsageError
from podium.workspace.layout import Workspace


@pytest.fixture
def workspace(tmp_path):
    (tmp_path / "competition.yaml").write_text("name: x")
    return Workspace(tmp_path)


def artefact(workspace, room, name, created="2026-01-01T00:00:00Z", file="record.json"):
    folder = workspace.root / room / name
    folder.mkdir(parents=True)
    (folder / file).write_text(json.dumps({"created": created}))
    return folder


def test_a_workspace_is_found_from_any_folder_below(workspace):
    deep = workspace.root / "runs" / "a" / "fold-0"
    deep.mkdir(parents=True)
    assert Workspace.find(deep) == workspace
    assert Workspace.find(workspace.root) == workspace


def test_the_current_folder_is_where_the_search_begins(workspace, monkeypatch):
    monkeypatch.chdir(workspace.root)
    assert Workspace.find().root == workspace.root.resolve()


def test_a_folder_that_is_not_there_is_refused_and_not_taken_for_the_one_around_it(workspace):
    with pytest.raises(UsageError, match=r"typo: there is no such folder"):
        Workspace.find(workspace.root / "typo")


def test_without_a_competition_file_the_error_names_the_command_that_makes_one(tmp_path):
    with pytest.raises(UsageError, match=r"no competition.yaml") as caught:
        Workspace.find(tmp_path)
    assert "podium init" in caught.value.fix
    assert caught.value.exit_code == 2


def test_the_rooms_lie_where_the_design_puts_them(workspace):
    below = {
        name: getattr(workspace, name).relative_to(workspace.root).as_posix()
        for name in ("folds_file", "runs", "report", "cache", "ledger_db", "studies_db", "board")
    }
    assert below == {
        "folds_file": "folds.csv",
        "runs": "runs",
        "report": "report/index.html",
        "cache": ".podium/cache",
        "ledger_db": ".podium/ledger.db",
        "studies_db": "studies.db",
        "board": "board",
    }


def test_scratch_takes_caches_and_databases_apart_for_each_workspace(tmp_path):
    one, two = (Workspace(tmp_path / n / "same", scratch=tmp_path / "scratch") for n in "ab")
    assert one.private.parent == two.private.parent == tmp_path / "scratch"
    assert one.private != two.private
    for path in (one.cache, one.ledger_db, one.studies_db):
        assert path.is_relative_to(one.private)
    assert one.runs == tmp_path / "a" / "same" / "runs"


def test_an_artefact_is_found_by_id_path_prefix_and_bare_name(workspace, monkeypatch):
    old = artefact(workspace, "runs", "base-line-00000001", "2026-01-01T00:00:00Z")
    new = artefact(workspace, "runs", "base-line-00000000", "2026-03-01T00:00:00Z")
    sent = artefact(workspace, "submissions", "3fa1c2d4", file="receipt.json")
    assert workspace.artefact("base-line-00000001") == old
    assert workspace.artefact("base-line") == new
    assert workspace.artefact("3fa") == sent
    assert workspace.artefact(str(old)) == old
    assert workspace.artefact("runs/base-line-00000001/") == old
    monkeypatch.chdir(workspace.runs)
    assert workspace.artefact("./base-line-00000000") == new


def test_what_the_beginning_of_an_id_is_taken_for_is_told(workspace):
    artefact(workspace, "runs", "baseline-00000001")
    lines = []
    telling = Workspace(workspace.root, tell=lines.append)
    for whole in ("baseline-00000001", "baseline", "runs/baseline-00000001"):
        telling.artefact(whole)
    assert lines == []
    assert telling.artefact("base") == telling.artefact("baseline")
    assert lines == ["base is taken for baseline-00000001, the only one that begins so"]


def test_a_whole_id_wins_over_longer_names_that_begin_with_it(workspace):
    short = artefact(workspace, "blends", "a-00000001")
    artefact(workspace, "blends", "a-00000001-b-00000002")
    assert workspace.artefact("a-00000001") == short


def test_what_fits_several_is_refused_with_their_names(workspace):
    artefact(workspace, "runs", "alpha-00000001")
    artefact(workspace, "runs", "alpine-00000001")
    with pytest.raises(UsageError, match=r"fits 2 runs: alpha-00000001, alpine-0") as caught:
        workspace.artefact("alp")
    assert caught.value.fix == "write more of its name"
    artefact(workspace, "blends", "alps-00000001")
    with pytest.raises(UsageError, match=r"fits 3 runs and blends: alpha-00000001, "):
        workspace.artefact("alp")


@pytest.mark.parametrize(("name", "hint"), [("basline", "baseline"), ("zzz", "choose one of")])
def test_an_unknown_name_is_reported_with_near_ones(workspace, name, hint):
    artefact(workspace, "runs", "baseline-00000001")
    with pytest.raises(UsageError, match=f"no run, blend or submission '{name}'") as caught:
        workspace.artefact(name)
    assert hint in caught.value.fix


def test_an_unknown_name_is_reported_with_what_fits_blends_first(workspace):
    for room, name in [
        ("runs", "alpha-00000001"), ("imports", "theirs-00000002"), ("blends", "zeta-00000003"),
    ]:  # fmt: skip
        artefact(workspace, room, name)
    with pytest.raises(UsageError) as caught:
        workspace.artefact("xyz", fits=lambda folder: folder.parent.name != "imports")
    assert caught.value.fix == "choose one of zeta-00000003, alpha-00000001"
    for number in range(7):
        artefact(workspace, "runs", f"more-0000001{number}")
    with pytest.raises(UsageError) as caught:
        workspace.artefact("xyz")
    assert caught.value.fix.startswith("choose one of zeta-00000003, ")
    assert caught.value.fix.endswith(" and 4 more: podium board")


def test_a_wrong_id_of_a_name_that_several_have_is_reported_with_theirs(workspace):
    for number in (1, 2):
        artefact(workspace, "blends", f"auto-0000000{number}")
    artefact(workspace, "runs", "baseline-00000003")
    with pytest.raises(UsageError) as caught:
        workspace.artefact("auto-zzz")
    assert caught.value.fix in (
        "choose one of auto-00000001, auto-00000002", "choose one of auto-00000002, auto-00000001",
    )  # fmt: skip


@pytest.mark.parametrize("name", ["anything", "", ".", "/"])
def test_in_an_empty_workspace_nothing_is_found(workspace, name):
    with pytest.raises(UsageError) as caught:
        workspace.artefact(name)
    assert "podium train" in caught.value.fix


def test_a_study_has_a_record_and_is_nothing_that_others_are_made_from(workspace):
    study = artefact(workspace, "studies", "fine-transfer-00000001")
    assert list(workspace.artefact_folders()) == [study]
    assert workspace.artefact("fine-transfer", rooms=("runs", "studies")) == study
    with pytest.raises(UsageError, match="there is no run, blend or submission"):
        workspace.artefact("fine-transfer")


def test_half_written_folders_and_notes_are_no_artefacts(workspace):
    artefact(workspace, "runs", ".a-1.podium-00000000-1-1-00000000.tmp")
    (workspace.runs / "notes").mkdir()
    kept = artefact(workspace, "runs", "a-00000001")
    assert list(workspace.artefact_folders()) == [kept]


def test_only_the_requested_folders_are_searched(workspace):
    run = artefact(workspace, "runs", "best-0a1b2c3d", "2026-01-01T00:00:00Z")
    blend = artefact(workspace, "blends", "best-1a2b3c4d", "2026-01-02T00:00:00Z")
    assert workspace.artefact("best") == blend
    assert workspace.artefact("best", rooms=("runs",)) == run
    for name in (blend.name, str(blend)):
        with pytest.raises(UsageError, match=r"there is no run '.*best-1a2b3c4d'"):
            workspace.artefact(name, rooms=("runs",))


def test_a_run_that_was_refused_is_not_the_newest_of_its_name(workspace):
    trained = artefact(workspace, "runs", "few-00000001", created="2026-01-01T00:00:00Z")
    refused = artefact(workspace, "runs", "few-00000002", created="2026-01-02T00:00:00Z")
    facts = {"created": "2026-01-02T00:00:00Z", "details": {}}
    (refused / "record.json").write_text(json.dumps(facts))
    assert workspace.artefact("few") == trained
    assert workspace.artefact("few-00000002") == refused
    assert workspace.artefact("few-00000001") == trained
