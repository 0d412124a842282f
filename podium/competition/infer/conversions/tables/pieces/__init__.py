"""Tables that others continue, cut in two or replace."""
