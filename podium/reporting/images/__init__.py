"""Single images in the report: predictions, thumbnails, and the page of one."""
