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
