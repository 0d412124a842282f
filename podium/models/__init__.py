"""Networks: backbones, heads, their weights and checkpoints (importing a module loads torch)."""
