"""What comes in another form, written as tables, masks and images that a `competition.yaml` reads.

One form a file. `podium init` asks them in turn (`read_sources.py`). A new one is called at its
place in a file of `steps`, too: there stands behind which others it comes, and what it is asked
with.
"""
