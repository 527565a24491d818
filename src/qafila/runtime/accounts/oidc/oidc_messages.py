"""What is said where somebody signs in with a provider."""

from __future__ import annotations

from qafila.core.message import template

NO_PROVIDER = template("accounts.oidc_no_provider", "There is no sign-in provider {id} here.")
NOT_ANSWERING = template("accounts.oidc_not_answering", "The sign-in with {name} does not work at present.")
OTHERWISE = template(
    "accounts.oidc_otherwise",
    "Sign in another way; the operator sees the cause with the command qafila account providers.",
)
NOT_PROVED = template("accounts.oidc_not_proved", "{name} did not prove who you are.")
REFUSED = template("accounts.oidc_refused", "{name} did not let you in, or you stopped there.")
BEGIN_AGAIN = template(
    "accounts.oidc_begin_again",
    "Begin again here; a sign-in holds for ten minutes, once, in the browser that began it.",
)
NOT_LINKED = template("accounts.oidc_not_linked", "No account here is linked with this sign-in at {name}.")
LINK_IT = template(
    "accounts.oidc_link_it",
    "Sign in another way and link it under Your account, or open your invitation and go on from there.",
)
NOT_VERIFIED = template(
    "accounts.oidc_not_verified", "{name} does not say that your e-mail has been verified."
)
VERIFY_IT = template("accounts.oidc_verify_it", "Have it verified there, then try again.")
OTHER_EMAIL = template(
    "accounts.oidc_other_email", "At {name} your e-mail is {theirs}, and here it is {ours}."
)
SAME_EMAIL = template(
    "accounts.oidc_same_email", "Use the account of the same e-mail there, or change the e-mail here."
)
OTHERS = template("accounts.oidc_others", "This sign-in at {name} is linked with another account.")
UNLINK_THERE = template("accounts.oidc_unlink_there", "Sign in with it and remove the link there first.")
LAST_WAY = template("accounts.oidc_last_way", "This is the only way in which you can sign in.")
SET_A_PASSWORD = template("accounts.oidc_set_a_password", "Set a password or make a passkey first.")
NO_LINK = template("accounts.oidc_no_link", "You have no such link.")
OTHER_SITE = template("accounts.oidc_other_site", "Signing in with {name} works at {address} only.")
OPEN_THERE = template("accounts.oidc_open_there", "Open that address and try again.")

# what the operator reads who looks at the providers
UNREACHABLE = template("accounts.oidc_unreachable", "{address} could not be read: {why}.")
NO_JSON = template("accounts.oidc_no_json", "{address} does not answer with a JSON object.")
ANSWERED = template("accounts.oidc_answered", "{address} answered with the status {status}: {told}.")
OTHER_ISSUER = template(
    "accounts.oidc_other_issuer", "The provider calls itself {theirs}, and the setting says {ours}."
)
LACKS = template("accounts.oidc_lacks", "The provider's description lacks a safe address as {what}.")
NO_KEY = template("accounts.oidc_no_key", "The provider publishes no key that could sign: {address}.")
NO_SECRET = template("accounts.oidc_no_secret", "The file with the client's secret cannot be read: {why}.")
LOOK_AT_SETTING = template("accounts.oidc_look_at_setting", "Correct QAFILA_SIGN_IN_PROVIDERS.")
