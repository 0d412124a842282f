"""One file a command: `run`, or `app` for a group of them; `--help` shows `EXAMPLE`."""
