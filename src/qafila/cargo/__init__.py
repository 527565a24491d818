"""Air waybills, manifests and ONE Record: what carriers, handlers and forwarders tell each other of cargo."""
