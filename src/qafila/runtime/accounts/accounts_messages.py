"""What accounts say to people."""

from __future__ import annotations

from qafila.core.message import template

NO_TENANT = template("accounts.no_tenant", "There is no organisation with the id {id}.")
NO_PERSON = template("accounts.no_person", "There is no person {person} here.")
NO_SUCH_SCOPE = template("accounts.no_such_scope", "No such scope here: {scopes}. There are: {known}.")
NO_SUCH_ROLE = template("accounts.no_such_role", "No such role here: {roles}. There are: {known}.")

NEEDS_SCOPE = template("accounts.needs_scope", "This needs the scope {scope}: {meaning}.")
ASK_FOR_IT = template(
    "accounts.ask_for_it", "Ask an administrator of your organisation for a role that has it."
)
USE_A_KEY_THAT_HAS_IT = template("accounts.use_a_key_that_has_it", "Use a key that has it.")

MORE_THAN_OWN = template(
    "accounts.more_than_own", "You can give only rights that you have yourself; you lack {scopes}."
)
NOT_YOUR_OWN = template("accounts.not_your_own", "You cannot suspend the organisation that you act for.")
NO_EMAIL = template("accounts.no_email", "This is not an e-mail address.")
WRITE_AN_EMAIL = template("accounts.write_an_email", "Write it as name@example.org.")
EMAIL_TAKEN = template("accounts.email_taken", "Somebody signs in with this e-mail already.")
SIGN_IN_INSTEAD = template(
    "accounts.sign_in_instead", "Sign in with it first, then open the invitation again."
)
PASSWORD_SHORT = template("accounts.password_short", "The password is too short.")
PASSWORD_LENGTH = template(
    "accounts.password_length", "Use {least} characters or more; several words are easy to keep in mind."
)
PASSWORD_LONG = template("accounts.password_long", "The password is too long.")
PASSWORD_AT_MOST = template("accounts.password_at_most", "Use {most} characters at most.")
PASSWORD_COMMON = template("accounts.password_common", "This password is easy to guess.")
PASSWORD_OTHER = template(
    "accounts.password_other", "Use one that is not your name, your e-mail or one pattern repeated."
)
NOT_LET_IN = template(
    "accounts.not_let_in", "E-mail and password do not belong together, or the account is closed."
)
TRY_AGAIN_OR_ASK = template("accounts.try_again_or_ask", "Try again, or ask an administrator for a new link.")
TOO_MANY_ATTEMPTS = template("accounts.too_many_attempts", "Too many attempts to sign in failed.")
WAIT_MINUTES = template("accounts.wait_minutes", "Wait {minutes} minutes, then try again.")
LINK_OVER = template("accounts.link_over", "This link has been used, was withdrawn, or is too old.")
ASK_FOR_A_NEW_LINK = template("accounts.ask_for_a_new_link", "Ask for a new one.")
LAST_ADMINISTRATOR = template(
    "accounts.last_administrator", "This is the last administrator of the organisation."
)
MAKE_ANOTHER_FIRST = template("accounts.make_another_first", "Make somebody else an administrator first.")
NAME_MISSING = template("accounts.name_missing", "The name is empty.")
WRITE_A_NAME = template("accounts.write_a_name", "Write a name of at most {most} characters.")
SUSPENDED = template("accounts.suspended", "The operator has suspended {name}.")
ASK_THE_OPERATOR = template("accounts.ask_the_operator", "Ask the operator of the hub.")
PASSKEY_NOT_KNOWN = template(
    "accounts.passkey_not_known", "This passkey is not known here, or the account is closed."
)
KEY_NOT_KNOWN = template("accounts.key_not_known", "This key is not known, or it has ended.")
INVITED_AS_ANOTHER = template(
    "accounts.invited_as_another", "This invitation is for {email}, and you are signed in as somebody else."
)
SIGN_OUT_FIRST = template("accounts.sign_out_first", "Sign out, then open the invitation again.")
PASSWORD_WRONG = template("accounts.password_wrong", "The present password is not right.")
TYPE_IT_AGAIN = template("accounts.type_it_again", "Type it again.")
