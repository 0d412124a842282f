"""How much of a large backbone learns, and what a step has to keep, for each way of training it.

Learnt are the numbers that take a gradient; kept is what lies between the way forward and the way
back (`torch.autograd.graph.saved_tensors_hooks`), weights aside. With checkpointing one block is
made again at a time, on top of what is kept.

    python benchmarks/large_backbones.py [--backbone vit_small_patch14_dinov2] [--size 224]
"""

from __future__ import annotations

import argparse
from typing import Any

import torch
from torch import Tensor, nn

from podium.models.network import Network, build_network
from podium.models.spec import ModelSpec

EVERYWHERE = ["qkv", "proj", "fc1", "fc2"]
WAYS: dict[str, tuple[dict[str, Any], list[str]]] = {
    "linear probe": ({}, ["backbone"]),
    "last two blocks": ({}, ["backbone[:-2]"]),
    "LoRA": ({"lora": {}}, []),
    "LoRA everywhere": ({"lora": {"layers": EVERYWHERE}}, []),
    "full": ({}, []),
    "full, checkpointing": ({"checkpointing": True}, []),
}


def kept_mb(network: Network, size: int, batch: int) -> float:
    """Return the megabytes that one step keeps for its way back."""
    kept: dict[int, int] = {}

    def keep(tensor: Tensor) -> Tensor:
        if not isinstance(tensor, nn.Parameter):
            storage = tensor.untyped_storage()
            kept[storage.data_ptr()] = storage.nbytes()
        return tensor

    images = torch.randn(batch, 3, size, size)
    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        network.train()(images)["classify"].square().mean()
    return sum(kept.values()) / 1e6


def main() -> None:
    """Print a row for each way."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--backbone", default="vit_small_patch14_dinov2")
    parser.add_argument("--size", type=int, default=224)
    parser.add_argument("--batch", type=int, default=4)
    args = parser.parse_args()
    print("| way | learns, millions | kept, MB |\n| --- | --- | --- |")
    for way, (model, frozen) in WAYS.items():
        spec = {"backbone": args.backbone, "pretrained": False, **model}
        network = build_network(
            ModelSpec.model_validate(spec),
            n_outputs={"classify": 10},
            image_size=(args.size, args.size),
        )
        network.freeze_only(frozen)
        learnt = sum(one.numel() for one in network.parameters() if one.requires_grad) / 1e6
        print(
            f"| {way} | {learnt:.2f} | {kept_mb(network, args.size, args.batch):.0f} |", flush=True
        )


if __name__ == "__main__":
    main()
