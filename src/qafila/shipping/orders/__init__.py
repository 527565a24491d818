"""What a merchant sold: from a file's words to an order that offers can be made for."""
