"""Words for what engines name by a code, marked for translation. Keys are the codes."""

from __future__ import annotations


def N_(text: str) -> str:
    """Marks a text for the catalogues; it is translated where it is shown."""
    return text


TERMS: dict[str, dict[str, str]] = {
    "kind": {
        "warehouse": N_("Warehouse"),
        "sorting_centre": N_("Sorting centre"),
        "airport": N_("Airport"),
        "port": N_("Port"),
        "rail_terminal": N_("Rail terminal"),
        "customs_office": N_("Customs office"),
        "delivery_station": N_("Delivery station"),
        "pickup_point": N_("Pick-up point"),
    },
    "kinds": {
        "warehouse": N_("Warehouses"),
        "sorting_centre": N_("Sorting centres"),
        "airport": N_("Airports"),
        "port": N_("Ports"),
        "rail_terminal": N_("Rail terminals"),
        "customs_office": N_("Customs offices"),
        "delivery_station": N_("Delivery stations"),
        "pickup_point": N_("Pick-up points"),
    },
    "mode": {
        "air": N_("Air, own fleet"),
        "belly": N_("Air, bought space"),
        "road": N_("Road"),
        "sea": N_("Sea"),
        "rail": N_("Rail"),
        "delivery": N_("Delivery round"),
        "collection": N_("Collection round"),
    },
    "state": {
        "unknown": N_("Not known"),
        "booked": N_("Booked"),
        "collected": N_("Collected"),
        "in_transit": N_("On its way"),
        "at_facility": N_("At a facility"),
        "in_customs": N_("In customs"),
        "held_by_customs": N_("Held by customs"),
        "released": N_("Released by customs"),
        "out_for_delivery": N_("Out for delivery"),
        "delivery_failed": N_("Delivery failed"),
        "awaiting_pickup": N_("Ready to be picked up"),
        "delivered": N_("Delivered"),
        "returning": N_("On its way back"),
        "returned": N_("Returned"),
        "cancelled": N_("Cancelled"),
        "lost": N_("Lost"),
    },
    "event": {
        "booked": N_("Booked"),
        "collected": N_("Collected"),
        "departed": N_("Departed"),
        "arrived": N_("Arrived"),
        "sorted": N_("Sorted"),
        "seen": N_("Scanned"),
        "customs_presented": N_("Presented to customs"),
        "customs_held": N_("Held by customs"),
        "customs_released": N_("Released by customs"),
        "out_for_delivery": N_("Out for delivery"),
        "delivery_failed": N_("Delivery failed"),
        "awaiting_pickup": N_("Ready to be picked up"),
        "delivered": N_("Delivered"),
        "returning": N_("Sent back"),
        "returned": N_("Returned"),
        "cancelled": N_("Cancelled"),
        "lost": N_("Lost"),
    },
    "stage": {
        "Waiting": N_("Waiting for its turn"),
        "Reading": N_("Reading"),
        "Booking": N_("Booking"),
        "Labels and papers": N_("Labels and papers"),
        "Writing": N_("Writing"),
    },
    "output": {
        "labels.pdf": N_("Labels, ready to print"),
        "documents.pdf": N_("Invoices and customs forms"),
        "shipments.csv": N_("Shipments, one row each"),
        "rejected.csv": N_("Rows not booked, with reason and remedy"),
        "events.jsonld": N_("Event history (EPCIS 2.0)"),
    },
    "rule": {
        "cheapest": N_("the cheapest way"),
        "fastest": N_("the fastest way"),
        "greenest": N_("the way with the least CO₂e"),
        "promise": N_("the cheapest that keeps the day"),
    },
    "format": {
        "plain": N_("orders file"),
        "shopify": N_("Shopify export"),
        "woocommerce": N_("WooCommerce export"),
    },
    "source": {"qafila": N_("the network")},
    "sort": {
        "cheapest": N_("Cheapest first"),
        "fastest": N_("Fastest first"),
        "greenest": N_("Greenest first"),
    },
    "label": {"cheapest": N_("Cheapest"), "fastest": N_("Fastest"), "greenest": N_("Greenest")},
    "confidence": {
        "secondary": N_("from a secondary source"),
        "indicative": N_("indicative, not verified"),
        "unknown": N_("not known"),
    },
    "estimate": {
        "weight_kg": N_("Weight, kg"),
        "size_cm": N_("Size"),
        "parcel_size": N_("Size of the parcel"),
        "hs": N_("HS code"),
        "origin": N_("Origin of the goods"),
        "goods": N_("Handling"),
        "unit_value": N_("Price of one"),
        "sender": N_("Sender"),
        "receiver": N_("Receiver"),
    },
}

MAP_TEXT = {
    "title": N_("Map"),
    "zoomIn": N_("Zoom in"),
    "zoomOut": N_("Zoom out"),
    "scroll": N_("Hold Ctrl and scroll to zoom the map"),
    "scrollMac": N_("Hold ⌘ and scroll to zoom the map"),
    "fingers": N_("Use two fingers to move the map"),
    "here": N_("Last seen here"),
    "failed": N_("The map could not be drawn in this browser. The list has everything that it shows."),
}
"""What the map says by itself, by the name that its script uses."""
