"""When things arrive: quantiles for each ride and for the whole way, learned from history and calibrated on later weeks."""
