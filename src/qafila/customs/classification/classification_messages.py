"""What is asked of goods whose description is too vague to classify them, and why a code is proposed."""

from qafila.core.message import template

MATERIAL = template("classification.material", "What is it made of ({options})?")
USER = template("classification.user", "Who wears or uses it ({options})?")
MAKE = template("classification.make", "How is it made ({options})?")
POWER = template("classification.power", "Is it electric, with a battery, or worked by hand ({options})?")
LIGHT = template("classification.light", "Does it use LEDs ({options})?")
LINK = template("classification.link", "Is it wireless or wired ({options})?")
GOODS = template("classification.goods", "Which of these is it: {options}?")
NOTHING = template("classification.nothing", "What is it, what is it made of, and what is it used for?")

CONFIRMED = template("classification.confirmed", "confirmed for SKU {sku}")
CONFIRMED_BY = template("classification.confirmed_by", "confirmed for SKU {sku} by {by}")
CONFIRMED_ON = template("classification.confirmed_on", "confirmed for SKU {sku} on {day}")
CONFIRMED_BY_ON = template("classification.confirmed_by_on", "confirmed for SKU {sku} by {by} on {day}")
NAMES_GOODS = template("classification.names_goods", "{words}: {goods}")
NAMES_GOODS_OF = template("classification.names_goods_of", "{words}: {goods} ({properties})")
LIKE = template("classification.like", "{share} like “{title}” ({sku})")
HEADING_WORDS = template("classification.heading_words", "the heading's words: {words}")

# files of knowledge that are not right: they stop the start
NO_ENGLISH_NAME = template("customs.knowledge.no_english_name", "{where}: has no English name.")
NAME_WITHOUT_LETTERS = template(
    "customs.knowledge.name_without_letters", "{where}: the name {name} has no letters."
)
CODE_NOT_SIX_DIGITS = template("customs.knowledge.code_not_six_digits", "{where}: {code} is not six digits.")
NO_SUCH_FACET = template("customs.knowledge.no_such_facet", "{where}: facets.csv does not have {facets}.")
CELLS_MISSING = template("customs.knowledge.cells_missing", "{where}: has not as many cells as the header.")
