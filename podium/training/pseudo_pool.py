"""The pool PSEUDO of a fold: filled by the method of a phase, kept for an interrupted one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np
from torch import nn

from podium.errors import RecipeError
from podium.training.batches import UNLABELLED, Pool
from podium.training.fold_files import FoldFiles
from podium.training.method import Answers
from podium.training.packed_masks import PackedMasks
from podium.training.phase_run import PhaseRun
from podium.training.pools import FoldPools
from podium.training.rows import Rows
from podium.training.selected_files import read_selected, write_selected
from podium.training.selected_rows import Selection
from podium.training.selected_table import precision_of, write_table
from podium.training.standing import HistoryRow

__all__ = ["Ask", "PseudoPool"]

Ask = Callable[[nn.Module, Rows], Iterator[Answers]]


class PseudoPool:
    """Keeps the pool PSEUDO of a fold's phases, so that an interrupted one finds it again.

    Args:
        files: the fold's folder.
        pools: what the fold's training may see.
        classes: names of the classes of labels; empty where labels are numbers.
        ask: asks a network about samples, in their order.
    """

    def __init__(
        self, files: FoldFiles, pools: FoldPools, *, classes: Sequence[str], ask: Ask
    ) -> None:
        self._files, self._pools, self._classes, self._ask = files, pools, classes, ask

    def start_epoch(self, run: PhaseRun, epoch: int, network: nn.Module) -> None:
        """Let the method of `run` select; `network` is the one that predicts.

        Raises:
            RecipeError: every unlabelled sample is one of the fold's own; or the method asks about,
                or answers, a pool that its `needs` does not name.
        """

        def predict(pool: Pool) -> Iterator[Answers]:
            rows = _rows_of(run, pool)
            if pool != UNLABELLED:
                yield from self._ask(network, rows)
                return
            # The fold's own training images are in this pool, too, and have better answers.
            at = np.flatnonzero(np.asarray(self._pools.sources) != "train")
            if not len(at):
                raise RecipeError(
                    "there is no image without an answer to give one to",
                    where="unlabelled",
                    fix="name such images in data.unlabelled, or write unlabelled: [test]",
                )
            for answers in self._ask(network, rows.subset(at)):
                yield replace(answers, index=at[answers.index])

        selected = run.plan.method.start_epoch(epoch, predict)
        if selected is not None:
            _rows_of(run, UNLABELLED)
            if selected.masks is not None:
                selected = replace(selected, masks=PackedMasks.of(selected.masks))
            write_selected(self._files.selected(run.index, epoch), selected)
            run.select(Selection(selected, epoch))

    def restore(self, run: PhaseRun, epoch: int) -> None:
        """Give `run` what its method selected at the beginning of `epoch`."""
        run.select(Selection(read_selected(self._files.selected(run.index, epoch)), epoch))

    def forget_others(self, run: PhaseRun | None) -> None:
        """Remove the files that the last checkpoint does not need."""
        if run is None or run.selection is None:
            self._files.forget_selected()
        else:
            self._files.forget_selected(self._files.selected(run.index, run.selection.epoch))

    def facts(self, run: PhaseRun) -> HistoryRow:
        """Return what an epoch's line says of the selection: how many, how sure, how many right."""
        if run.selection is None:
            return {}
        selected = run.selection.selected
        precision = precision_of(selected, self._pools.truth)
        facts: HistoryRow = {"pseudo_n": len(selected)}
        if len(selected):
            facts["pseudo_confidence"] = float(np.mean(selected.confidence, dtype=np.float64))
        return facts if precision is None else {**facts, "pseudo_precision": precision}

    def write_table(self, run: PhaseRun) -> None:
        """Write which samples the phase learnt from in the end, and what they were taken for."""
        if run.selection is not None:
            write_table(
                self._files.selected_table,
                run.plan.spec.name,
                run.selection.selected,
                ids=run.plan.pools[UNLABELLED].ids,
                sources=self._pools.sources,
                classes=self._classes,
            )


def _rows_of(run: PhaseRun, pool: Pool) -> Rows:
    if pool not in run.plan.pools:
        raise RecipeError(
            f"the method has no pool {pool!r}, which it asks about, or answers",
            where=f"phase {run.plan.spec.name}, method {run.plan.spec.method.name}",
            fix=f"name it in the method's `needs`, as {UNLABELLED!r}, or ask about another",
        )
    return run.plan.pools[pool]
