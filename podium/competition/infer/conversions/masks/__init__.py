"""Masks that come as outlines, objects, spans, numbers, pages or planes, as files or tables."""
