"""A vector is decided by its direction; there is no step to tune."""

from podium.predictions.decisions.kinds import LabelDecisions
from podium.tasks.kinds.classify.angle.vectors import direction_of

DECISIONS = LabelDecisions(undecided=direction_of)
