"""Plots of labels predicted out of fold, a file each; see `podium.reporting.plots`."""

from podium.tasks.protocols.find import with_kinds

__path__ = with_kinds(__path__, "plots/labels")
