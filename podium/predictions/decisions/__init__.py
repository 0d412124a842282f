"""From probabilities to decisions: labels, masks and objects, by a list of named steps."""
