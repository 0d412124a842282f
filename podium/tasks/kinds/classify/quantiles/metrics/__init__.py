"""The metrics of quantiles, found as files of `podium.competition.metrics`."""
