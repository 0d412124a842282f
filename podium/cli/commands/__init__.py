"""One file a command: `run` is the command, or `app` a group of them; `EXAMPLE` is shown by `--help`."""
