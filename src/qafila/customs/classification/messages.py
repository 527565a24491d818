"""What is asked of goods whose description is too vague to classify them."""

from qafila.core.message import template

MATERIAL = template("classification.material", "What is it made of ({options})?")
USER = template("classification.user", "Who wears or uses it ({options})?")
MAKE = template("classification.make", "How is it made ({options})?")
POWER = template("classification.power", "Is it electric, with a battery, or worked by hand ({options})?")
LIGHT = template("classification.light", "Does it use LEDs ({options})?")
LINK = template("classification.link", "Is it wireless or wired ({options})?")
GOODS = template("classification.goods", "Which of these is it: {options}?")
NOTHING = template("classification.nothing", "What is it, what is it made of, and what is it used for?")
