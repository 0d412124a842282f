"""Tables in other dialects, in pieces, or with other rows than one an image.

`made_tables` is asked by all of them: what `podium init` writes in place of a file. `series` are
the tables that are none of images.
"""
