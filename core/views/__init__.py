"""What people look at of one task, made from what is stored of it. Pure: nothing here reads or writes anything."""
