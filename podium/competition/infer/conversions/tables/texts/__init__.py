"""Texts that are tables, or explain one."""
