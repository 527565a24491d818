"""Receipts that tests judge: a log of twenty entries, and keys that follow one another."""

from datetime import UTC, datetime

from qafila.openness import verifier
from qafila.openness.log import succession, tree
from qafila.openness.log.checkpoints import signed
from qafila.openness.log.leaves import leaf
from qafila.openness.log.log_signing import Signer, signer
from qafila.openness.log.tlog_proofs import receipt, written
from qafila.openness.verifier import COSIGNATURE, Checkpoint, check_receipt, read_receipt

LOG = signer("log.example/qafila")
WITNESS = signer("witness.example/w1", COSIGNATURE)
AT = datetime(2026, 11, 30, 3, 0, tzinfo=UTC)
LEAVES = [leaf("shipping.offer", AT, "terms-1", {"n": n}, {"price": f"{n}.00"}) for n in range(20)]
NODE = tree.of_leaves([verifier.leaf_hash(one.entry) for one in LEAVES])


def head(size: int = 20) -> Checkpoint:
    return Checkpoint("log.example/qafila", size, tree.root_at(size, NODE))


def proof(
    index: int = 7, size: int = 20, by: Signer = LOG, *, time: int | None = None, carry: bool = True
) -> bytes:
    signers = [by] if time is None else [by, WITNESS]
    note = signed(head(size), signers, time or 0)
    return written(receipt(LEAVES[index].entry if carry else None, index, note, NODE))


class Keys:
    """The log's first key, the one that follows, and what is judged once the first was told rotated, lost or stolen."""

    recovery = signer("recovery.example/qafila")
    second = signer("log.example/qafila")
    third = signer("log.example/qafila")

    def statements(self, reason: succession.Reason) -> list[str]:
        by = LOG if reason == "rotated" else self.recovery
        return [
            succession.first(LOG, self.recovery.key),
            succession.follow(by, self.second.key, reason, head(12), 1000),
        ]

    def judge(self, reason: succession.Reason, data: bytes) -> list[str]:
        followed = verifier.read_succession(self.statements(reason), LOG.key)
        verdict = check_receipt(read_receipt(data), followed.keys, [WITNESS.key])
        return verifier.check_told(verdict, followed)
