"""One file a tool, found by name: `read_tool` takes `AnnotationFiles` and returns `Annotations`.

It returns None where no file is of the tool. Of several tools the first in the alphabet counts.
"""
