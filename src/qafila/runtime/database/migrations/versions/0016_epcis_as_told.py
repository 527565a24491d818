"""EPCIS events as they were told, beside the history that was made of them: they come back equal.

Revision ID: 0016
"""

from alembic import op

from qafila.runtime.database.rights import bound

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE epcis_told (
            merchant_id text NOT NULL,  -- the owner of the subjects; '' for the hub's own
            event_id    uuid NOT NULL,
            seq         bigint GENERATED ALWAYS AS IDENTITY,
            document    json NOT NULL,
            context     json,  -- what stood beside GS1's own in the document's @context
            PRIMARY KEY (merchant_id, event_id)
        );
        CREATE INDEX ON epcis_told (merchant_id, seq);
        CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON epcis_told
            FOR EACH ROW EXECUTE FUNCTION refuse_change();
        """
    )
    for said in bound(
        "epcis_told", merchant="SELECT, INSERT", operator="SELECT, INSERT", partner="SELECT, INSERT"
    ):
        op.execute(said)


def downgrade() -> None:
    op.execute("DROP TABLE epcis_told")
