"""What the cargo floor says to people."""

from __future__ import annotations

from qafila.core.message import template

SCOPE_READ = template("cargo.scope.read", "read air waybills, manifests and ONE Record objects")
SCOPE_WRITE = template("cargo.scope.write", "make ONE Record objects, ask for changes, subscribe")
SCOPE_ISSUE = template("cargo.scope.issue", "issue air waybills and publish their ONE Record objects")

AWB_WRONG = template("cargo.awb_wrong", "The air waybill number is not valid: {what}.")
AWB_KNOWN = template("cargo.awb_known", "The air waybill {number} is issued already.")
NO_AWB = template("cargo.no_awb", "There is no air waybill {number}.")
NO_PARCEL = template("cargo.no_parcel", "The parcel {number} is not known, or is on the air waybill {other}.")
HOUSE_WRONG = template("cargo.house_wrong", "The house waybill {number} occurs twice, or has no parcels.")
NOTHING_ON_IT = template("cargo.nothing", "An air waybill has at least one parcel.")
NO_OBJECT = template("cargo.no_object", "There is no logistics object {id}.")
NO_REQUEST = template("cargo.no_request", "There is no request {id} that is still open.")
DOCUMENT_WRONG = template("cargo.document_wrong", "At {pointer}: {reason}.")
READ_ONTOLOGY = template("cargo.read_ontology", "See the ONE Record ontology of 2025-07.")
OTHER_REVISION = template("cargo.other_revision", "The change is of revision {told}; the object is at {now}.")
ASK_AGAIN = template("cargo.ask_again", "Read the object again, and ask for the change anew.")
NOT_THERE = template("cargo.not_there", "The value that is to be taken away is not there: {property}.")
FOREIGN = template("cargo.foreign", "Only who holds the object decides on its changes.")
