"""The metrics of several columns, found as files of `podium.competition.metrics`."""
