"""Steps of `podium auto`: a file each, found by its name.

A file exports

    PLACE = 20                          sort key: steps that come first take their time first
    def propose(situation) -> Iterator[Proposal]

A step yields nothing where it does not apply, or does not fit into what is left of the time. What
it yields is an ordinary recipe: its run lies in `runs/`, and is blended with those before it.
"""
