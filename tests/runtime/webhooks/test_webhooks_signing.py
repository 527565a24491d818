import base64

from qafila.runtime.webhooks import webhooks_signing


def test_the_signature_is_that_of_the_standards_own_libraries() -> None:
    """standard-webhooks/standard-webhooks, libraries/javascript/src/webhook.test.ts: "sign function works"."""
    secret = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    told = webhooks_signing.signature(
        secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}'
    )
    assert told == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert webhooks_signing.shown(secret) == "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def test_each_secret_signs_and_secrets_are_long_enough() -> None:
    one, two = webhooks_signing.new_secret(), webhooks_signing.new_secret()
    told = webhooks_signing.headers([one, two], "msg_1", 7, b"{}")
    assert told["webhook-signature"].split() == [
        webhooks_signing.signature(k, "msg_1", 7, b"{}") for k in (one, two)
    ]
    assert (told["webhook-id"], told["webhook-timestamp"]) == ("msg_1", "7")
    assert one != two
    assert 24 <= len(one) <= 64
