"""The one folder that touches the official Kaggle client; a module a subject of calls."""
