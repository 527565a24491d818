"""What is said of requests that come again."""

from qafila.core.message import template

KEY_REUSED = template("answered.key_reused", "The key “{key}” was used for another request.")
NEW_KEY = template("answered.new_key", "Use a new key for a new request.")
STILL_AT_IT = template("answered.still_at_it", "The first request with the key “{key}” is still at work.")
ASK_AGAIN = template("answered.ask_again", "Send the same request again in some seconds.")
CUT_OFF = template(
    "answered.cut_off",
    "The first request with the key “{key}” was cut off before it was answered: it may have been done.",
)
LOOK_FIRST = template("answered.look_first", "Look whether it was done; if not, send it with a new key.")
