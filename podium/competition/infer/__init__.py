"""What a data folder says of its competition: `podium init`, from files and tables to a spec."""
