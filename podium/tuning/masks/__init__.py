"""Decisions on masks: counted once for every candidate, then looked up."""
