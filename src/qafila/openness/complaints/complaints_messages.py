"""What complaints say to people."""

from __future__ import annotations

from qafila.core.message import Template, template

NO_TOPIC = template("complaints.no_topic", "A complaint cannot be about “{topic}”.")
TOPICS_ARE = template("complaints.topics_are", "It can be about: {topics}.")
NO_STEP = template("complaints.no_step", "There is no step “{step}” of a complaint.")
STEPS_ARE = template("complaints.steps_are", "Steps are: {steps}.")
NOT_NOW = template(
    "complaints.not_now", "The step “{step}” is not possible: the complaint stands at “{state}”."
)
NO_OUTCOME = template("complaints.no_outcome", "An answer says what comes of the complaint.")
OUTCOMES_ARE = template("complaints.outcomes_are", "Choose one of: {outcomes}.")
NOTHING_SAID = template("complaints.nothing_said", "The text is empty.")
SAY_WHY = template("complaints.say_why", "Say it in plain words; an answer gives its reasons.")
TOO_LONG = template("complaints.too_long", "That is longer than {most} letters.")
UNKNOWN = template("complaints.unknown", "There is no complaint {id}.")
NOT_YOURS = template("complaints.not_yours", "This step is for the other side.")

TOPICS: dict[str, Template] = {
    "price": template("complaints.topic.price", "a price"),
    "refusal": template("complaints.topic.refusal", "a refusal"),
    "ranking": template("complaints.topic.ranking", "the order of offers"),
    "capacity": template("complaints.topic.capacity", "room on departures"),
    "delay": template("complaints.topic.delay", "a delay"),
    "loss_or_damage": template("complaints.topic.loss", "loss or damage"),
    "suspension": template("complaints.topic.suspension", "a suspension"),
    "terms": template("complaints.topic.terms", "terms or a change of them"),
    "data": template("complaints.topic.data", "data"),
    "technical": template("complaints.topic.technical", "something technical"),
    "other": template("complaints.topic.other", "something else"),
}
STEPS: dict[str, Template] = {
    "acknowledged": template("complaints.step.acknowledged", "Acknowledged"),
    "asked": template("complaints.step.asked", "Asked for more"),
    "told": template("complaints.step.told", "Added by the merchant"),
    "answered": template("complaints.step.answered", "Answered"),
    "withdrawn": template("complaints.step.withdrawn", "Withdrawn"),
    "taken_further": template("complaints.step.taken_further", "Taken further"),
}
STATES: dict[str, Template] = {
    "filed": template("complaints.state.filed", "filed"),
    "acknowledged": template("complaints.state.acknowledged", "acknowledged"),
    "answered": template("complaints.state.answered", "answered"),
    "withdrawn": template("complaints.state.withdrawn", "withdrawn"),
    "taken_further": template("complaints.state.taken_further", "taken further"),
}
OUTCOMES: dict[str, Template] = {
    "upheld": template("complaints.outcome.upheld", "The complaint is accepted"),
    "partly_upheld": template("complaints.outcome.partly", "The complaint is accepted in part"),
    "rejected": template("complaints.outcome.rejected", "The complaint is rejected"),
}
