"""The embedded demo competition: `emoji.zip`, built by `examples/build_demo_data.py`."""
