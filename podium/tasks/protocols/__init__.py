"""What every stage may ask of a kind of task; numpy and text only, no images, no networks."""
