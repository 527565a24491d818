"""What comes back: asked for by buyers, refused, undeliverable; inspected, put back, refunded, relieved of duties."""
