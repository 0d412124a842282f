"""Predictions that were made elsewhere: read, checked and put into this competition's order."""
