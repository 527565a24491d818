"""A whole file of orders on its way: taken in, offered, booked, told; and what became of each row."""
