"""What takes several rooms: start a workspace, train lists, blend, submit, the demo."""
