"""Heads, one file a task, found by file name.

A file exports `HEAD(n_features, n_outputs, spec) -> nn.Module`, which maps features `(N, F, h, w)`
to logits.
"""
