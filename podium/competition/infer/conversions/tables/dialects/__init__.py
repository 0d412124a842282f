"""Tables as spreadsheets and programs write them."""
