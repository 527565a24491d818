"""What is told of saved addresses and goods."""

from qafila.core.message import template

SCOPE_READ = template("saved.scope.read", "read sender profiles, the address book and saved goods")
SCOPE_WRITE = template("saved.scope.write", "keep and remove sender profiles, addresses and saved goods")

# by which rule a gap of an order was filled
OF_PROFILE = template("saved.of_profile", "your sender profile “{label}”")
BY_SKU = template("saved.by_sku", "your saved goods with the article number {sku}")
BY_TITLE = template("saved.by_title", "your saved goods “{title}”")

# what is wrong with something to be saved
NO_LABEL = template("saved.no_label", "The name under which it is kept is missing.")
GIVE_LABEL = template("saved.give_label", "Give it a short name, for example: Workshop in Fez.")
NO_COUNTRY = template("saved.no_country", "“{text}” is not a country.")
GIVE_COUNTRY = template("saved.give_country", "Write its two letters (MA) or its name.")
NO_TOWN = template("saved.no_town", "The town is missing.")
GIVE_TOWN = template("saved.give_town", "Write the town.")
NO_NUMBER = template("saved.no_number", "“{text}” is not a number that {country} gives to traders.")
GIVE_NUMBER = template("saved.give_number", "Check the number, or leave it empty.")
NO_GOODS = template("saved.no_goods", "The goods have neither an article number nor a description.")
GIVE_GOODS = template("saved.give_goods", "Give one of them: by it the goods are found again in an order.")
NO_HS = template("saved.no_hs", "“{text}” is not an HS code.")
GIVE_HS = template("saved.give_hs", "Write 6 to 10 digits of HS 2022, or leave it empty.")
NO_WEIGHT = template("saved.no_weight", "“{text}” is not the weight of one piece in kilograms.")
GIVE_WEIGHT = template("saved.give_weight", "Write a number from 0.001 to {most}, or leave it empty.")
TOO_LONG = template("saved.too_long", "The text is longer than {most} letters.")
SHORTEN = template("saved.shorten", "Shorten it.")
UNKNOWN = template("saved.unknown", "There is nothing saved under {id}.")
LIST_THEM = template("saved.list_them", "List what is saved; it may have been removed.")
TOO_MANY = template("saved.too_many", "At most {most} are kept.")
REMOVE_SOME = template("saved.remove_some", "Remove some that are not used any more.")
