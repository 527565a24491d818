"""Ways through the network with their price, promise and landed cost, and the choice among them."""
