"""Steps from the files of a data folder to what an inference reads, by what they read."""
