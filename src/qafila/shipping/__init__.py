"""Shipping: from a merchant's words to a booked parcel with its papers.

orders   a file's words, normalised and completed    offers    ways with price, promise and landed cost
bookings room taken, shipments and numbers           papers    labels, invoices and customs forms
files    a whole orders file on its way              plans     a planner's reservations in place
"""
