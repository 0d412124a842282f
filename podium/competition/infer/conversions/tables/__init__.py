"""Tables in other dialects, in pieces, or with other rows than one an image.

`made_table` is what each of them returns: a table that `podium init` writes in place of a file.
`made_tables` asks them for one where none names the images. `series` are tables of no images.
"""
