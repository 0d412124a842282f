"""Kinds of task: what differs between labels, ratings, numbers, masks and objects.

`protocols` stands low and defines what a kind must be and do; `kinds/<task>/<kind>/` stands high
and holds one folder a kind, found by its name.
"""
