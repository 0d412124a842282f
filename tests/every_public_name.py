"""Every public name of podium, used as a notebook uses it: for type checkers, never run."""

from pathlib import Path

import numpy as np

import podium

y = np.array(["cat", "dog", "fox"] * 20)
folds = podium.make_folds(y, n_splits=5)
probs = np.full((60, 3), 1 / 3)
value: float = podium.score("log_loss", y, probs)
yes = (y == "cat").astype(int)
curve: podium.Curve = podium.threshold_curve(yes, probs[:, 0], "f1")
best: float = curve.best()
robust: float = curve.robust()
thresholds = podium.fit_thresholds(yes, probs[:, 0], "f1")
first: float = float(thresholds[0])
fitted = podium.cross_fit(
    lambda rows: podium.fit_thresholds(yes[rows], probs[rows, 0], "f1"),
    lambda found, rows: probs[rows, 0] >= found[0],
    folds=folds,
)
rows: int = len(fitted.prediction)
weights = podium.hill_climb(y, [probs, probs], "log_loss")
simplex = podium.simplex_weights(y, [probs, probs], "log_loss")
total: float = float(simplex.weights.sum()) + simplex.gap
blend: podium.Blend = podium.blend(y, {"a": probs, "b": probs}, "macro_f1", folds, trials=5)
honest: float = blend.honest
of_fold: float = blend.by_fold[0]
one = podium.combine(blend, {"a": probs, "b": probs})
labels = podium.decide(one, blend.decision, kind=blend.kind, classes=["cat", "dog", "fox"])
file: Path = podium.write_submission("s.csv", ["a"], labels[:1], sample="sample.csv")
problems: list[podium.Problem] = podium.check_submission(file, sample="sample.csv")
messages = [problem.message for problem in problems]
competition: podium.Competition = podium.load_competition("~/leaves")
names: list[str] = list(podium.metrics.names())
metric = podium.metrics.get("accuracy")
text: str = podium.rle.encode(np.zeros((4, 4), dtype=bool))
mask = podium.rle.decode(text, (4, 4))
view = podium.tta.view("hflip")
version: str = podium.__version__
try:
    ws = podium.Workspace("~/leaves", quiet=True)
    trained = ws.train("baseline", overrides={"seed": 1}, on="local:2")
    finished: tuple[int, ...] = trained.finished
    many = ws.train_all(["baseline"], seeds=[0, 1])
    frame = ws.oof(many[0])
    ids: list[str] = frame["id"].tolist()
    kept = ws.blend(*many, auto=True, methods=["mean"], on="local:2")
    listed = ws.blend(["baseline", many[1]])
    mixed = podium.combine(listed, {"baseline": probs, many[1].run.name: probs})
    imported = ws.import_predictions(frame, test="test.csv", name="mine")
    score: float = imported["oof"][0]
    tuned = ws.tune(kept)
    rehearsal = ws.submit(tuned, rehearse=True)
    receipt = ws.submit(tuned, dry_run=True)
    state: str = receipt.state
    predictions: podium.PredictionSet = ws.predictions("baseline")
    splits: tuple[str, ...] = predictions.splits
    page: Path = ws.report()
    board = ws.board(refresh=False)
except (podium.UsageError, podium.DataError, podium.SubmissionError) as error:
    reason = str(error)
except podium.PodiumError as error:
    other = repr(error)
