"""Cash on delivery: from the door to the driver's bag, the station's safe, the bank and the merchant."""
