"""Tables in other dialects, in pieces, or with other rows than one an image."""
