"""What practice says."""

from qafila.core.message import template

NO_DATABASE = template(
    "practice.no_database", "The database server lets no place of practice be made: {why}."
)
ALLOW_IT = template(
    "practice.allow_it", "Give the hub's database user the right to create databases (ALTER ROLE … CREATEDB)."
)
NO_LESSON = template("practice.no_lesson", "There is no lesson {lesson}.")
SEE_LESSONS = template("practice.see_lessons", "Choose one of the list.")
NOT_DONE = template("practice.not_done", "The lesson is not done yet.")
DO_STEPS = template("practice.do_steps", "Do what its open steps say; they are checked by themselves.")
CERTIFICATE = template("practice.certificate", "A certificate of practice")
NO_WAY = template("practice.no_way", "The network of this hub carries nothing from Fès to {town}.")
NO_CENTRE = template(
    "practice.no_centre",
    "The network of this hub has no centre that leads parcels from Fès to several stops.",
)
OTHER_LESSON = template("practice.other_lesson", "Choose another lesson.")
