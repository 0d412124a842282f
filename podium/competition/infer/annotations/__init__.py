"""Files of annotation tools: what people drew, marked or chose in images. `tools/` has one each."""
