"""`podium auto`: the best file within a time, by steps that are ordinary trainings and blends."""
