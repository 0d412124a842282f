"""The command line: a command parses and loads what it does only when it runs.

`commands` holds options and help, which `--help` loads; the modules here hold, by subject, what is
called and printed.
"""
