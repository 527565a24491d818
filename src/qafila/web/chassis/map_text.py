"""What the map says by itself, by the name that its script uses."""

from __future__ import annotations

from qafila.runtime.language.language_terms import N_

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
