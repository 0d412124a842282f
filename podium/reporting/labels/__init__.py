"""Labels in the report: their scores, their page, their sheet."""
