"""`competition.yaml` as `podium init` writes it, with its reasons, whole or as a draft."""
