"""The kinds of task, `<task>/<kind>/`, each found by the name of its folder."""
