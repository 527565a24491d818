"""A person's data: given and erased on request, locked where law obliges us to keep them, and who read them."""
