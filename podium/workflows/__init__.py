"""What takes several rooms: starting a workspace, training lists, blending, submitting, the demo."""
