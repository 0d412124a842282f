"""Decisions on labels: thresholds, cut points, class weights, and their curves."""
