"""Submissions: written, rehearsed and sent."""
