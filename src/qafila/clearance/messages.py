"""What the customs desk tells people: what a declaration lacks, what a step needs, what an authority answers."""

from qafila.core.message import template

FIELD_IS_WRONG = template("clearance.field.wrong", "{field}: {reason}")
NOT_AN_OBJECT = template("clearance.field.not_an_object", "It is not an object.")
WRITE_OBJECT = template("clearance.field.write_object", "Write it in braces.")
OWN_ID = template("clearance.field.own_id", "qafila gives the id.")
OWN_REFERENCE = template("clearance.field.own_reference", "Write your own number as `reference`.")
MISSING = template("clearance.field.missing", "It is missing.")
NAME_TERRITORY = template("clearance.field.name_territory", "Name the customs territory, e.g. MA or EU.")
UNKNOWN = template("clearance.field.unknown", "A declaration has no such field.")
KNOWN = template("clearance.field.known", "The fields are {fields}.")
DATASET_MISUSED = template(
    "clearance.field.dataset_misused",
    "{territory} does not take the form {dataset} for this procedure: {procedure}.",
)
CHOOSE_DATASET = template("clearance.field.choose_dataset", "Choose {datasets}.")
NOT_READABLE = template("clearance.field.not_readable", "“{given}” cannot be read here ({why}).")
SEE_FIELDS = template("clearance.field.see_fields", "See docs/clearance.md for what the field holds.")
