"""What comes in another form, written as tables, masks and images that a `competition.yaml` reads.

One form a file. `podium init` asks them in turn (`read_sources.py`).
"""
