"""Features of the same images after several epochs, in a plane: PCA and t-SNE."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from podium.reporting.figures.embedding import embedding
from podium.reporting.plot import Plot
from podium.reporting.run_features import (
    FeaturesByEpoch,
    RowGroups,
    balanced_rows,
    cached_tsne,
    has_kept,
    is_among_best,
    kept_features_of,
    project_together,
    row_groups,
    run_folder,
)
from podium.reporting.subjects import RunSubject

TITLE, PLACE = "Representations", 50
MOST_ROWS, MOST_OF_OTHERS = 800, 400
"""Rows of the best runs that kept features, and of others: a page holds thirty."""
BEST = 3


def plots(subject: RunSubject) -> Iterator[Plot]:
    """Yield the features on shared principal axes, and, of the best runs, by t-SNE."""
    kept = kept_features_of(run_folder(subject))
    if kept is None:
        return
    is_best = is_among_best(subject, BEST, lambda run: has_kept(subject, run, "features"))
    groups = row_groups(kept.labels, subject.competition, len(kept.ids))
    rows = balanced_rows(groups.codes, MOST_ROWS if is_best else MOST_OF_OTHERS)
    groups = replace(groups, codes=groups.codes[rows])
    kept = replace(kept, features=[one[rows] for one in kept.features])
    first, last = kept.features[0], kept.features[-1]
    is_still = len(kept.epochs) > 1 and np.array_equal(first, last)
    if is_still:
        kept = replace(kept, features=kept.features[-1:], epochs=kept.epochs[-1:])
    text = _describe_rows(kept, groups, is_still=is_still)
    yield _pca(subject, kept, groups, text)
    planes = [cached_tsne(subject.workspace, one, make=is_best) for one in kept.features]
    titles = [f"epoch {one}" for one in kept.epochs]
    there = [
        (plane, title) for plane, title in zip(planes, titles, strict=True) if plane is not None
    ]
    if not there:
        return
    clouds, titles = [plane for plane, _ in there], [title for _, title in there]
    wide, narrow = (
        embedding(
            clouds, groups.codes, groups.names, titles=titles, rest=groups.rest,
            ordered=groups.ordered, shared=False, narrow=is_narrow,
        )
        for is_narrow in (False, True)
    )  # fmt: skip
    alt = (
        f"t-SNE of the features of run {subject.entry.id}, by {groups.what}: "
        f"{', '.join(titles)}. {text}"
    )
    caption = (
        "Each epoch anew: near dots are alike; distances between heaps, sizes and "
        f"directions mean nothing. {text}"
    )
    yield Plot(wide, "features-tsne", "t-SNE of the features", alt, caption, narrow)


def _pca(subject: RunSubject, kept: FeaturesByEpoch, groups: RowGroups, text: str) -> Plot:
    plane, last = project_together(kept.features), kept.epochs[-1]
    shares = [f"{100 * shown.sum():.0f} %" for shown in plane.shown]
    titles = [f"epoch {one}: {share}" for one, share in zip(kept.epochs, shares, strict=True)]
    wide, narrow = (
        embedding(
            plane.clouds, groups.codes, groups.names, titles=titles, rest=groups.rest,
            ordered=groups.ordered, labels=("axis 1", "axis 2"), narrow=is_narrow,
        )
        for is_narrow in (False, True)
    )  # fmt: skip
    x, y = (f"{100 * share:.0f} %" for share in plane.shown[-1])
    is_one = len(shares) == 1
    caption = f"The principal axes of epoch {last}: {x} and {y} of its variance."
    if not is_one:
        caption += " All panels have them; above each, what both show of its own variance."
    alt = f"PCA of the features of run {subject.entry.id}, by {groups.what}: {', '.join(titles)}"
    alt += f" of the variance. {text}"
    caption += f" {text}"
    return Plot(wide, "features-pca", "PCA of the features", alt, caption, narrow)


def _describe_rows(kept: FeaturesByEpoch, groups: RowGroups, *, is_still: bool) -> str:
    n, every = len(groups.codes), len(kept.ids)
    of = f"{n:,}" if n == every else f"{n:,} of {every:,}"
    seen = (
        "images it was trained on"
        if kept.fold == "full"
        else f"validation images of fold {kept.fold}"
    )
    text = f"{of} {seen}, {kept.features[-1].shape[1]} features."
    if is_still:
        text += " All kept epochs have the same features: the backbone was not trained."
    if kept.broken:
        text += f" Epochs {_listed([str(one) for one in kept.broken])} have no finite values."
    return text


def _listed(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
