"""What the carriers' floor says to people."""

from __future__ import annotations

from qafila.core.message import template

SCOPE_READ = template(
    "carriers.scope.read", "see which carriers are in the network, and the own feed and its adapter"
)
SCOPE_WRITE = template(
    "carriers.scope.write", "bring the carrier’s rate card and timetable, and connect its system"
)
JOINED = template("carriers.decision.joined", "A carrier’s rate card and timetable come into force, or leave")

NO_FILES = template("carriers.no_files", "No file of a feed came.")
SEND_FILES = template(
    "carriers.send_files", "Send services.csv, calls.csv, capacities.csv and rates.csv, or a ZIP with them."
)
STRANGE_FILE = template("carriers.strange_file", "{name} is no file that a carrier brings.")
BRING_THESE = template("carriers.bring_these", "Bring {names}.")
TOO_LARGE = template("carriers.too_large", "The files are larger than {most} MB together.")
SEND_LESS = template("carriers.send_less", "Bring fewer services at a time, or ask the hub.")
NO_ZIP = template("carriers.no_zip", "The ZIP file cannot be read.")
ZIP_AGAIN = template("carriers.zip_again", "Pack it again.")
NO_CARRIER = template("carriers.no_carrier", "{name} is no carrier.")
NOTHING_THERE = template("carriers.nothing_there", "You have no services in the network.")
NO_ADAPTER = template("carriers.no_adapter", "There is no adapter {name}.")
KNOWN_ADAPTERS = template("carriers.known_adapters", "There are {names}.")
NO_ADDRESS = template("carriers.no_address", "This is no address of a system.")
USE_HTTPS = template(
    "carriers.use_https", "Write it as https://host/path; http:// only within the hub’s own network."
)
FOLDER_BY_COMMAND = template(
    "carriers.folder_by_command", "Folders are set by the hub: qafila carrier connect."
)
NO_LABEL = template("carriers.no_label", "There is no label of a carrier for the parcel {parcel}.")
