"""Workflows over several packages: start a workspace, train lists, blend, submit, the demo."""
