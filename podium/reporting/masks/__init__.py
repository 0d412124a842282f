"""Masks in the report: their scores, their page, their overlays."""
