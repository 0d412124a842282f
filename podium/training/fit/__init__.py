"""Fitting one fold model: phases, the loop, optimisers, validation and callbacks."""
