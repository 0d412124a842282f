"""The prediction store: predictions of fold models, written once, read pooled or averaged."""
