"""Upload of a submission file: client, exactly one upload, quota, receipt."""
