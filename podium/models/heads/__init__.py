"""Heads, one file a task, found by file name.

A file exports `HEAD(shape: FeatureShape, n_outputs: int, spec, *, root: Path) -> nn.Module`, which
maps `Features` to logits. Channels and strides of the maps are in `shape`; `spec` is the task's
part of the recipe's `model.heads`; `root` is where a user's own modules are looked for.
"""
