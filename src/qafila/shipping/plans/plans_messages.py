"""What is told of plans that are kept: why one cannot be asked for, and why one failed."""

from qafila.core.message import template

NAME_FORM = template("plans.name", "A name has small letters, digits and hyphens, at most 60 of them.")
NOT_FINISHED = template("plans.not_finished", "There is no finished plan {plan}.")
NEEDS_DEMAND = template("plans.needs_demand", "A plan needs a demand file, or an earlier plan to change.")
IN_THE_MAKING = template("plans.in_the_making", "The plan {plan} is being made already.")
NAME_TAKEN = template("plans.name_taken", "There is a plan {plan} already; choose another name.")
NOT_A_DATE = template("plans.not_a_date", "The day is not a date.")
NOT_SECONDS = template("plans.not_seconds", "The time is not a number of seconds.")
NOT_AN_INSTANT = template("plans.not_an_instant", "The instant is not a date and a time.")
SAY_WHAT = template("plans.say_what", "Say what is cancelled or closed.")
BETWEEN = template("plans.between", "It must be between {low} and {high}.")
NEEDS_LINES = template(
    "plans.needs_lines", "Fewest changes are of lines: give the file of lines that may be changed, too."
)
AS_BEFORE = template(
    "plans.as_before",
    "A plan made from {plan} keeps its limits, prices and departures. To change these, plan the demand itself.",
)
CHOOSE_TWO = template("plans.choose_two", "Choose two finished plans or more to put them side by side.")
NOT_A_NUMBER = template("plans.not_a_number", "This is not a number.")
LINES_TOO_LARGE = template("plans.lines_too_large", "The file of lines is larger than 1 MB.")
TOO_LARGE = template("plans.too_large", "The file is larger than 64 MB. Use the command: qafila plan.")
NO_FILE = template("plans.no_file", "Choose a demand file: this one is empty, or none was chosen.")
BROKE = template(
    "plans.broke", "Something broke while the plan was made ({error}). The server's log has the whole of it."
)
