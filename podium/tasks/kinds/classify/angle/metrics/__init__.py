"""The metrics of directions, found as files of `podium.competition.metrics`."""
