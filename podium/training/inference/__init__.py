"""Inference with trained networks: prediction sets, pools, windows of large images."""
