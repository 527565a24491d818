"""What the open hub says to people."""

from __future__ import annotations

from qafila.core.message import template

MISSING = template("openness.terms_missing", "The terms do not say “{name}”.")
WRONG_FORM = template("openness.terms_wrong_form", "The terms cannot be read: {why}.")
ALL_FIELDS = template(
    "openness.terms_all_fields", "Begin from the terms in force: `qafila terms show --json` prints them."
)
ANNOUNCED_BEFORE = template("openness.terms_announced_before", "The day of the announcement, {day}, is past.")
ANNOUNCE_TODAY = template("openness.terms_announce_today", "Announce them on {day} or later.")
TWICE = template("openness.terms_twice", "The term “{term}” is said twice.")
SAY_ONCE = template("openness.terms_say_once", "Say each term once.")
GONE = template("openness.terms_gone", "The term “{term}” is missing, and it held before.")
SAY_AGAIN = template("openness.terms_say_again", "Say what replaces the term.")
NO_TOPIC = template("openness.terms_no_topic", "The topic of the term “{term}” is not known.")
TOPICS_ARE = template("openness.terms_topics", "Topics are: {topics}.")
NO_POLICY = template("openness.terms_no_policy", "There is no allocation policy “{policy}”.")
POLICIES_ARE = template("openness.terms_policies", "Policies are: {policies}.")
NO_WORDS = template("openness.terms_no_words", "The term “{term}” has no words in the language “{language}”.")
SAY_IN_ALL = template("openness.terms_say_in_all", "Say it in English, French, Arabic and Chinese.")
TOO_SOON = template(
    "openness.terms_too_soon",
    "The change of “{term}” would hold after {days} days; {needed} days of notice are due.",
)
LATER = template("openness.terms_later", "Let it begin on a later day.")
EXCLUSIVE = template(
    "openness.exclusive",
    "“{words}” may tie a merchant to one channel; somebody must look at it before it is published.",
)
NO_ENTRY = template("openness.no_entry", "The log has no entry about “{subject}”.")
NOT_YET = template("openness.not_yet", "The entry is recorded and will be in the log by {by}.")
ASK_AGAIN = template("openness.ask_again", "Ask again in some seconds.")

NO_CHECKPOINT = template(
    "openness.no_checkpoint", "No checkpoint is published, and the database has {size} entries."
)
CHECKPOINT_BROKEN = template("openness.checkpoint_broken", "A checkpoint is not valid: {why}.")
CHECKPOINT_NOT_KEPT = template(
    "openness.checkpoint_not_kept", "The published checkpoint of {size} entries is not in the database."
)
FILES_DIFFER = template("openness.files_differ", "The published files are not as they were signed: {fault}.")
ALTERED = template("openness.altered", "Entry {index} was altered in the database (number {number}).")
HASH_ALTERED = template(
    "openness.hash_altered",
    "The hash that the database keeps of entry {index} was altered (number {number}).",
)
REMOVED = template("openness.removed", "Entry {index} was removed from the database.")
INSERTED = template(
    "openness.inserted", "An entry was inserted at {index} that was never signed (number {number})."
)
REORDERED = template("openness.reordered", "Entry {index} was moved to {now} (number {number}).")
OPENING_ALTERED = template(
    "openness.opening_altered",
    "The value “{field}” of the entry with the number {number} is not the one in the log.",
)
OTHER_LOG = template("openness.other_log", "A checkpoint is of another log: {origin}.")
CUT_BACK = template(
    "openness.cut_back",
    "Somebody holds a checkpoint of {size} entries, and the log has {now}: it was cut back.",
)
FORKED = template(
    "openness.forked", "Somebody holds a checkpoint of {size} entries over other entries: the log was forked."
)
PROMISE_BROKEN = template("openness.promise_broken", "A promise of inclusion was not kept: {why}.")
PROMISE_WAITS = template(
    "openness.promise_waits", "The entry {leaf}, promised by {by}, is recorded and not in the log yet."
)
PROMISE_NOT_KEPT = template(
    "openness.promise_not_kept", "The entry {leaf} was promised by {by} and is not in the log."
)
OPENING_REMOVED = template(
    "openness.opening_removed",
    "The value “{field}” of the entry with the number {number} was removed and not erased.",
)
COLUMNS_ALTERED = template(
    "openness.columns_altered",
    "What the database says of the entry with the number {number} is not what the entry says.",
)
CHECKPOINT_ALTERED = template(
    "openness.checkpoint_altered", "The kept checkpoint of {size} entries says something else."
)

NO_MANIFEST = template("openness.no_manifest", "The folder {folder} has no manifest that can be read: {why}.")
OTHER_FORMAT = template(
    "openness.other_format", "The folder is of the format “{format}”, which is not known here."
)
FILE_MISSING = template("openness.file_missing", "The file {file} is in the manifest and not in the folder.")
FILE_NOT_LISTED = template(
    "openness.file_not_listed", "The file {file} is in the folder and not in the manifest."
)
FILE_CHANGED = template("openness.file_changed", "The file {file} is not as the manifest says.")
NOT_SIGNED = template("openness.not_signed", "The manifest is not signed as it should be: {why}.")
LEAVE_AGAIN = template("openness.leave_again", "Copy the folder again from where it was written, whole.")
ROWS_OF_OTHERS = template("openness.rows_of_others", "The file {file} has rows of somebody else.")
TAKEN_HERE = template("openness.taken_here", "Rows of {table} belong to somebody else here: {why}.")

NOTHING_TAKEN = template("openness.nothing_taken", "Nothing was asked for as {id}.")
NOT_THERE_TO_FETCH = template(
    "openness.not_there_to_fetch", "The file {id} is not there: it is not written yet, or its week is over."
)
ASK_ANEW = template("openness.ask_anew", "Ask for it anew.")
DATA_TAKE = template("openness.scope.data_take", "take everything of one’s own along to another installation")

VERSION_TAKEN = template("openness.version_taken", "The version “{version}” is published already.")
OTHER_VERSION = template("openness.other_version", "Give the new terms another version.")

NO_REASONS = template("openness.no_reasons", "A suspension needs its reasons.")
GIVE_REASONS = template(
    "openness.give_reasons", "Name the facts and the ground of the terms; the merchant reads them."
)
NO_NOTICE = template(
    "openness.no_notice", "{days} days of notice are less than the {needed} that the published terms promise."
)
GIVE_NOTICE = template(
    "openness.give_notice",
    "Give {days} days; only the law or the safety of others lets a suspension hold at once.",
)
NO_GROUND = template("openness.no_ground", "There is no ground “{ground}”.")
GROUNDS_ARE = template("openness.grounds_are", "Grounds are: {grounds}.")
NO_STATEMENT = template("openness.no_statement", "There is no statement at this address.")
GROUNDS = {
    "unpaid": template("openness.ground.unpaid", "a debt was not paid"),
    "terms": template("openness.ground.terms", "the terms were broken"),
    "fraud": template("openness.ground.fraud", "fraud"),
    "safety": template("openness.ground.safety", "the safety of others"),
    "law": template("openness.ground.law", "the law requires it"),
    "other": template("openness.ground.other", "another ground"),
    "": template("openness.ground.none", "no ground was named"),
}
NOT_A_SUM = template("openness.not_a_sum", "“{amount}” is no amount of money.")
WRITE_A_SUM = template("openness.write_a_sum", "Write figures and a currency, such as 1250000.00 and MAD.")
NOT_A_YEAR = template("openness.not_a_year", "Sales are stated for a year from 2020 to this one.")
TERMS_ALTERED = template(
    "openness.terms_altered",
    "The terms “{version}” that the database has are not those that the log says were published.",
)
