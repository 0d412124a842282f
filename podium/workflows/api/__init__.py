"""What `import podium` offers: functions of arrays, and the workspace of a notebook."""
