"""Start weights: whose labels they learnt is in their own file, and keeps them from those rows."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from typer.testing import CliRunner

from podium.cli.app import app
from podium.competition.folds.file import ensure_folds
from podium.competition.samples import load_samples
from podium.competition.spec import Competition, load_competition
from podium.errors import DataError, RecipeError, RunError
from podium.models import checkpoints
from podium.models.checkpoints import pack_weights, read_trained_on
from podium.models.network import build_network
from podium.models.onnx_export import write_onnx
from podium.models.trained_on import TrainedOn, row_digest
from podium.training.fit.fold import fit_fold
from podium.training.inference.prediction_sets import predict
from podium.training.recipe import load_recipe
from podium.training.runs import record as run_record
from podium.training.runs.job import Deadline
from podium.training.runs.soup import make_soup
from podium.training.runs.train import Trained, plan_job, train
from podium.workflows.blends.blending import blend_runs
from podium.workflows.importing import ImportTarget, import_workspace
from podium.workflows.pseudo.labelling import pseudo_label
from podium.workspace.layout import Workspace
from podium.workspace.progress import SILENT
from podium.workspace.records import read_record

Made = tuple[Workspace, Competition]
SHORT = ("phases=[{name: all, epochs: 1, steps_per_epoch: 1}]",)


@pytest.fixture(scope="module")
def trained(
    make_in: Callable[..., Made], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Made, Trained]:
    made = make_in(tmp_path_factory.mktemp("provenance"))
    return made, go(made, *SHORT, name="base")


def go(made: Made, *overrides: str, name: str, folds: list[int] | None = None) -> Trained:
    workspace, competition = made
    file = workspace.recipes / "tiny.yaml"
    return train(workspace, competition, file, overrides=overrides, name=name, folds=folds)


def with_other_labels(made: Made) -> Made:
    """Write the next class for each row: of the same ids as another workspace's, other data."""
    workspace, competition = made
    table, names = workspace.root / "data/train.csv", competition.classes
    header, *rows = (one.split(",") for one in table.read_text().split())
    for row in rows:
        row[1] = names[(names.index(row[1]) + 1) % len(names)]
    table.write_text("\n".join(map(",".join, [header, *rows])) + "\n")
    return made


def images_of(made: Made, folds: list[int]) -> set[bytes]:
    """Return the digests of the training images of some folds, by hand."""
    root = made[0].root
    lines = (root / "folds.csv").read_text().splitlines()[1:]
    ids = [line.split(",")[0] for line in lines if int(line.split(",")[1]) in folds]
    return {sha256((root / f"data/train/{one}.png").read_bytes()).digest()[:16] for one in ids}


def test_a_checkpoint_records_the_labelled_images_it_was_trained_on(
    trained: tuple[Made, Trained],
) -> None:
    made, run = trained
    for fold in range(3):
        found = read_trained_on(run.run / f"fold-{fold}/last.pt")
        assert found.is_known
        assert found.images == images_of(made, [one for one in range(3) if one != fold])


@pytest.mark.parametrize("how", ["in place", "renamed", "packed", "soup", "first fold trained"])
def test_weights_trained_on_a_fold_are_refused_before_its_first_epoch(
    trained: tuple[Made, Trained], tmp_path: Path, how: str
) -> None:
    made, run = trained
    file = run.run / "fold-1/last.pt"
    folds = None
    if how == "renamed":
        file = Path(shutil.copy(file, tmp_path / "imagenet.pt"))
    elif how == "packed":
        file = tmp_path / "weights.safetensors"
        pack_weights(run.run / "fold-1/last.pt", file)
    elif how == "soup":
        second = go(made, *SHORT, "seed=3", name="second")
        names = [run.run.name, second.run.name]
        file = make_soup(*made, names, method="uniform") / "fold-1/last.pt"
    elif how == "first fold trained":
        folds = [1, 2]
    with pytest.raises(RecipeError, match=r"learnt the labels of 12 of the 12 rows") as caught:
        go(made, *SHORT, f"model.weights={file}", name="leaky", folds=folds)
    assert "model.from" in str(caught.value.fix)
    assert not list(made[0].runs.glob("leaky-*/fold-*/metrics.csv"))


def test_a_network_that_lies_in_the_folder_of_another_fold_predicts_nothing_out_of_fold(
    make: Callable[..., Made],
) -> None:
    """Its files and their digests are those of fold 1, whole and right."""
    made = workspace, competition = make()
    run = go(made, *SHORT, name="base").run
    for file in (run / "fold-1").iterdir():
        shutil.copy(file, run / "fold-0" / file.name)
    with pytest.raises(
        RunError, match=r"learnt the labels of 12 of the 12 rows of fold 0"
    ) as caught:
        predict(workspace, competition, run, tta=["hflip"])
    assert caught.value.where == str(run / "fold-0/last.pt")


@pytest.mark.slow
def test_onnx_export_records_its_training_rows_in_any_copy_and_cannot_be_a_start(
    trained: tuple[Made, Trained], tmp_path: Path
) -> None:
    """A real export, as docs/networks.md has it, of the smallest network."""
    pytest.importorskip("onnxscript")
    onnx = pytest.importorskip("onnx")
    made, run = trained
    file = run.run / "fold-1/last.pt"
    model = load_recipe(run.run / "recipe.yaml").model
    network = build_network(model, n_outputs={"classify": 3}, image_size=(32, 32))
    network.load_state_dict(checkpoints.load(file)["network"])
    write_onnx(network, tmp_path / "net.onnx", (32, 32), trained_on=read_trained_on(file))
    copy = tmp_path / "elsewhere" / "imagenet.onnx"
    copy.parent.mkdir()
    onnx.save(onnx.load(tmp_path / "net.onnx"), copy)  # written anew by another program
    assert read_trained_on(copy).images == images_of(made, [0, 2])
    assert read_trained_on(copy).is_known
    renamed = Path(shutil.copy(copy, tmp_path / "weights.pth"))
    for weights in (copy, renamed):
        with pytest.raises(RecipeError, match="is an ONNX export") as caught:
            go(made, *SHORT, f"model.weights={weights}", name="exported")
        assert "checkpoint" in str(caught.value.fix)
        assert not list(made[0].runs.glob("exported-*/fold-*/metrics.csv"))


def test_the_own_fold_may_start_from_them_and_so_may_folds_of_other_data(
    trained: tuple[Made, Trained], make: Callable[..., Made]
) -> None:
    made, run = trained
    file = run.run / "fold-1/last.pt"
    again = go(made, *SHORT, f"model.weights={file}", name="same", folds=[1])
    assert read_trained_on(again.run / "fold-1/last.pt") == read_trained_on(file)
    other = with_other_labels(make("other", noise=90))
    elsewhere = go(other, *SHORT, f"model.weights={file}", name="other")
    learnt = read_trained_on(elsewhere.run / "fold-0/last.pt")
    assert learnt.images > read_trained_on(file).images, "what it started from is learnt, too"
    assert len(learnt.images) == 48
    assert "unknown_start" not in read_record(elsewhere.run).scores


def test_scores_are_marked_where_the_start_was_trained_on_the_same_rows_of_other_files(
    trained: tuple[Made, Trained], make: Callable[..., Made]
) -> None:
    """As weights of a smaller copy of the data are: ids and labels agree, and no file does."""
    _, run = trained
    file = run.run / "fold-1/last.pt"
    copy = make("copy", noise=90)
    own = go(copy, *SHORT, f"model.weights={file}", name="own", folds=[1])
    assert "unknown_start" not in read_record(own.run).scores, "it validates rows that are not held"
    leaky = go(copy, *SHORT, f"model.weights={file}", name="leaky", folds=[0])
    assert read_record(leaky.run).scores["unknown_start"] is True
    assert not read_trained_on(leaky.run / "fold-0/last.pt").is_known
    larger = make("larger", noise=90)
    for image in larger[0].root.glob("data/*/*.png"):
        Image.open(image).resize((50, 50)).save(image)
    at = ["-w", str(larger[0].root)]
    words = ["train", "tiny", "-o", SHORT[0], "-o", f"model.weights={file}", "--folds", "2"]
    said = CliRunner().invoke(app, [*at, *words]).output
    assert "learnt rows with the id and the label of 12 of the 12 that it validates" in said
    assert "unknown origin" in CliRunner().invoke(app, [*at, "show", "tiny"]).output


@pytest.mark.parametrize("shares", [(0.5, 0.5), (0.95, 0.05), (0.25, 0.25, 0.25, 0.25)])
def test_ids_and_labels_agree_by_chance_in_no_other_data(shares: tuple[float, ...]) -> None:
    """Two data sets with the ids 0, 1, 2 …, and labels of the same frequencies."""
    rng = np.random.default_rng(0)
    alarms = 0
    for _ in range(100):
        then, now = (rng.choice(len(shares), 200, p=shares) for _ in range(2))
        rows = [[row_digest(str(i), str(k)) for i, k in enumerate(one)] for one in (then, now)]
        learnt = TrainedOn.of_digests([], rows[0])
        alarms += learnt.has_rows_of(rows[1])
        assert learnt.has_rows_of(rows[0])
        corrected = [*rows[1][:4], *rows[0][4:]]
        assert learnt.has_rows_of(corrected), "four labels were corrected"
    assert alarms <= 2, "three deviations: one in 740, more where a class is rare"
    assert not TrainedOn().has_rows_of(rows[0])


@pytest.mark.slow
def test_scores_of_what_started_from_an_unknown_file_are_marked(
    trained: tuple[Made, Trained], tmp_path: Path, make: Callable[..., Made]
) -> None:
    made, run = trained
    file = tmp_path / "bare.pt"
    torch.save(checkpoints.load(run.run / "fold-1/last.pt")["network"], file)
    first = go(made, *SHORT, f"model.weights={file}", name="first")
    second = go(made, *SHORT, "model.from=first", name="second")
    for one in (first, second):
        assert read_record(one.run).scores["unknown_start"] is True
        assert not read_trained_on(one.run / "fold-2/last.pt").is_known
    blend = blend_runs(*made, [second.run.name])
    assert "unknown origin" in (blend / "record.json").read_text()
    at = ["-w", str(made[0].root)]
    shown = CliRunner().invoke(app, [*at, "show", "second"])
    assert "started from weights of unknown origin" in shown.output
    board = CliRunner().invoke(app, [*at, "board", "--offline"])
    assert board.output.count("unknown start") == 2, board.output
    labels = pseudo_label(*made, first.run.name, splits=("test",))
    student = go(made, *SHORT, f"pseudo=[{{from: {labels.name}}}]", name="student", folds=[0])
    assert read_record(student.run).scores["unknown_start"] is True
    assert not read_trained_on(student.run / "fold-0/last.pt").is_known
    honest = pseudo_label(*made, run.run.name, splits=("test",))
    student = go(made, *SHORT, f"pseudo=[{{from: {honest.name}}}]", name="pupil", folds=[0])
    assert "unknown_start" not in read_record(student.run).scores
    home = ImportTarget.of(*make("home"))
    [theirs] = import_workspace(home, made[0].root, run=first.run.name)
    assert read_record(theirs).scores["unknown_start"] is True


def test_a_resumed_training_keeps_the_provenance_of_its_start(
    trained: tuple[Made, Trained], make: Callable[..., Made]
) -> None:
    _, run = trained
    other = with_other_labels(make("other", noise=90))
    workspace, competition = other
    file = shutil.copy(run.run / "fold-1/last.pt", workspace.root / "start.pt")
    job = plan_job(
        workspace,
        competition,
        workspace.recipes / "tiny.yaml",
        (f"model.weights={file}",),
        name="cut",
    )

    def stop(fold: object, row: object) -> None:
        raise KeyboardInterrupt

    with run_record.begun(job), pytest.raises(KeyboardInterrupt):
        fit_fold(job, 0, deadline=Deadline(None), progress=SILENT, checkpoint_every_s=0, watch=stop)
    assert read_trained_on(job.files(0).resume) != TrainedOn(is_known=False)
    Path(file).unlink()  # nothing of it is needed any more
    fit_fold(job, 0, deadline=Deadline(None), progress=SILENT)
    learnt = read_trained_on(job.files(0).checkpoint("last"))
    assert learnt.is_known
    assert len(learnt.images) == 48


def test_the_block_survives_every_form_that_it_takes() -> None:
    digests = [sha256(bytes([n])).hexdigest() for n in range(5)]
    block = TrainedOn.of_digests(digests, [row_digest("00", "cat"), row_digest("01", "dog")])
    assert TrainedOn.from_facts(block.facts) == block
    older = {key: one for key, one in block.facts.items() if key != "rows"}
    assert TrainedOn.from_facts(older) == TrainedOn.of_digests(digests)
    assert all(block.holds(one) for one in digests)
    assert not block.holds(sha256(b"other").hexdigest())
    unknown = TrainedOn(is_known=False)
    assert (block | unknown).images == block.images
    assert not (block | unknown).is_known
    for junk in (None, {}, {"images": 3}, {"images": np.zeros(3)}):
        assert TrainedOn.from_facts(junk) is None


def test_images_alone_carry_labels_on_that_they_started_from(
    trained: tuple[Made, Trained], tmp_path: Path
) -> None:
    made, run = trained
    file = shutil.copy(run.run / "fold-1/last.pt", tmp_path / "labelled.pt")
    images = (
        "phases=[{name: images, epochs: 1, steps_per_epoch: 1, "
        "method: {name: byol, hidden: 16, size: 8}}]"
    )
    go(
        made,
        images,
        "unlabelled=[test]",
        f"model.weights={file}",
        "model.heads=null",
        name="images",
    )
    with pytest.raises(RecipeError, match="learnt the labels of 12 of the 12 rows") as caught:
        go(made, *SHORT, "model.from=images", name="from_images")
    assert caught.value.where == "-o model.from=images: model.from"


def test_one_picture_in_two_folds_is_refused_unless_it_is_allowed(
    make: Callable[..., Made],
) -> None:
    workspace, _ = made = make()
    folds = dict(line.split(",")[:2] for line in ensured(made).read_text().splitlines()[1:])
    (first, of_first), *others = folds.items()
    second = next(name for name, fold in others if fold != of_first)
    images = workspace.root / "data/train"
    shutil.copy(images / f"{first}.png", images / f"{second}.png")
    with pytest.raises(DataError, match=f"1 picture stands .*{first} = {second}") as caught:
        go(made, *SHORT, name="twice")
    assert "podium folds --group duplicates" in str(caught.value.fix)
    assert not list(workspace.runs.glob("twice-*"))
    Image.open(images / f"{first}.png").save(images / f"{second}.png", compress_level=0)
    assert (images / f"{first}.png").read_bytes() != (images / f"{second}.png").read_bytes()
    with pytest.raises(DataError, match=f"1 picture stands .*{first} = {second}"):
        go(made, *SHORT, name="saved_again")
    assert not list(workspace.runs.glob("saved_again-*"))
    for name in (first, second):  # of one value alone: nothing to remember
        Image.new("RGB", (36, 40), (7, 7, 7)).save(images / f"{name}.png")
    go(made, *SHORT, name="flat", folds=[0])
    shutil.copy(images / f"{others[5][0]}.png", images / f"{first}.png")
    shutil.copy(images / f"{others[5][0]}.png", images / f"{second}.png")
    spec = workspace.root / "competition.yaml"
    spec.write_text(spec.read_text().replace("seed: 1}", "seed: 1, duplicates: allow}"))
    go((workspace, load_competition(workspace.root)), *SHORT, name="allowed", folds=[0])


def ensured(made: Made) -> Path:
    """Return the file of folds, made where it is missing."""
    workspace, competition = made
    ensure_folds(workspace, competition, load_samples(competition, "train"))
    return workspace.folds_file
