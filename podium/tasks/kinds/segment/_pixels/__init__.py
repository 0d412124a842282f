"""What kinds of pixels share: a stage that a kind has no module of is found here."""
