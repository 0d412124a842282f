"""Podium's own backbones, one file each, found by file name; every other name is timm's.

A file exports `BACKBONE(*, in_chans, drop_path, **options) -> nn.Module`, which maps images
`(N, in_chans, H, W)` to features `(N, F, h, w)`. For decoders it has, as timm's networks,
`forward_intermediates(images, indices, norm, output_fmt, intermediates_only)`: the maps of its
stages, or the features and these maps.
"""
