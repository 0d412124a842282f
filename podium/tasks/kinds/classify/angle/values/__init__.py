"""The cells of directions, found as files of `podium.submissions.values`."""
