"""Who gets room when there is not enough: policies as data, each with its price. Pure: arrays in and out."""
