"""Events, parcels and EPCIS over HTTP."""
