"""How masks are written and what a sample submission asks for, with how sure that is."""
