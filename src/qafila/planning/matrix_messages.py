"""What is said of a file of cities or a matrix that does not fit."""

from __future__ import annotations

from qafila.core.message import template

COLUMNS = template(
    "planning.matrix.columns", "{file}: needs the columns City, Latitude, Longitude, separated by commas."
)
NUMBERS = template("planning.matrix.numbers", "{file}: line {line}: needs a name and two numbers.")
RANGE = template(
    "planning.matrix.range",
    "{file}: line {line}: needs a name, a latitude from -90 to 90, a longitude from -180 to 180.",
)
TWO_CITIES = template(
    "planning.matrix.two_cities", "{file}: needs two cities or more, each with a name of its own."
)
NO_CITY = template("planning.matrix.no_city", "{file}: names no city of the list in its first row.")
SEPARATE = template("planning.matrix.separate", "Separate names and numbers by commas.")
SECOND_ROW = template("planning.matrix.second_row", "{file}: line {line}: a second row for {city}.")
NO_NUMBER = template("planning.matrix.no_number", "{file}: line {line}: {cell} is not a number from 0.")
NO_ROW = template("planning.matrix.no_row", "{file}: no full row for {cities}.")
NO_FILE = template("planning.matrix.no_file", "{file}: there is no such file.")
NO_CSV = template("planning.matrix.no_csv", "{file}: cannot be read as CSV in UTF-8 ({why}).")
EMPTY = template("planning.matrix.empty", "{file}: is empty.")
NO_FLOW = template("planning.matrix.no_flow", "There is no flow from any city to another.")
