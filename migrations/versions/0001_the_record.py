"""The record

Revision ID: 0001
Revises:
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The record"""
    op.create_table(
        "record",
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.CheckConstraint(
            "type IN ('summit', 'actor', 'agreement', 'commitment', 'quote', 'document')",
            name=op.f("ck_record_type"),
        ),
        sa.PrimaryKeyConstraint("ordinal", name=op.f("pk_record")),
        sa.UniqueConstraint("type", "id", name=op.f("uq_record_type_id")),
    )
    op.create_table(
        "release",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("published_at", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("counts", sa.String(), nullable=False),
        sa.Column("program", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_release")),
    )
    op.create_table(
        "actor",
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("country", sa.String(), nullable=True),
        sa.Column("office", sa.String(), nullable=True),
        sa.Column("title_up", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('person', 'country_or_area', 'alliance', 'government_body', 'military_command', 'company', 'publisher')",
            name=op.f("ck_actor_kind"),
        ),
        sa.ForeignKeyConstraint(["ordinal"], ["record.ordinal"], name=op.f("fk_actor_ordinal")),
        sa.PrimaryKeyConstraint("ordinal", name=op.f("pk_actor")),
        sa.UniqueConstraint("id", name=op.f("uq_actor_id")),
    )
    with op.batch_alter_table("actor", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_actor_country"), ["country"], unique=False)
        batch_op.create_index(batch_op.f("ix_actor_kind"), ["kind"], unique=False)
        batch_op.create_index(batch_op.f("ix_actor_title_up"), ["title_up"], unique=False)

    op.create_table(
        "record_topic",
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "topic IN ('alliances', 'climate', 'defense', 'defense_industry', 'economy', 'energy', 'health', 'human_rights', 'international_organizations', 'investment', 'maritime', 'regional_security', 'technology', 'trade')",
            name=op.f("ck_record_topic_topic"),
        ),
        sa.ForeignKeyConstraint(
            ["ordinal"], ["record.ordinal"], name=op.f("fk_record_topic_ordinal")
        ),
        sa.PrimaryKeyConstraint("type", "topic", "ordinal", name=op.f("pk_record_topic")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("record_topic", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_record_topic_ordinal"), ["ordinal"], unique=False)

    op.create_table(
        "summit",
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("starts_on", sa.String(), nullable=True),
        sa.Column("ends_on", sa.String(), nullable=True),
        sa.Column("earliest", sa.String(), nullable=True),
        sa.Column("latest", sa.String(), nullable=True),
        sa.Column("place", sa.String(), nullable=True),
        sa.Column("country", sa.String(), nullable=True),
        sa.Column("date_up", sa.Integer(), nullable=False),
        sa.Column("title_up", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["ordinal"], ["record.ordinal"], name=op.f("fk_summit_ordinal")),
        sa.PrimaryKeyConstraint("ordinal", name=op.f("pk_summit")),
        sa.UniqueConstraint("id", name=op.f("uq_summit_id")),
    )
    with op.batch_alter_table("summit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_summit_country"), ["country"], unique=False)
        batch_op.create_index(batch_op.f("ix_summit_date_up"), ["date_up"], unique=False)
        batch_op.create_index(batch_op.f("ix_summit_title_up"), ["title_up"], unique=False)

    op.create_table(
        "actor_principal",
        sa.Column("principal", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("direct", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["actor"], ["actor.id"], name=op.f("fk_actor_principal_actor")),
        sa.ForeignKeyConstraint(
            ["principal"], ["actor.id"], name=op.f("fk_actor_principal_principal")
        ),
        sa.PrimaryKeyConstraint("principal", "actor", name=op.f("pk_actor_principal")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("actor_principal", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_actor_principal_actor"), ["actor"], unique=False)

    op.create_table(
        "agreement",
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("relation", sa.String(), nullable=True),
        sa.Column("date", sa.String(), nullable=True),
        sa.Column("earliest", sa.String(), nullable=True),
        sa.Column("latest", sa.String(), nullable=True),
        sa.Column("summit", sa.String(), nullable=True),
        sa.Column("date_up", sa.Integer(), nullable=False),
        sa.Column("title_up", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('joint_statement', 'treaty', 'framework', 'institution', 'position', 'understanding')",
            name=op.f("ck_agreement_kind"),
        ),
        sa.CheckConstraint(
            "relation IN ('outcome', 'context')", name=op.f("ck_agreement_relation")
        ),
        sa.CheckConstraint(
            "status IN ('stated', 'agreed', 'issued', 'signed', 'established', 'launched', 'ended', 'not_stated')",
            name=op.f("ck_agreement_status"),
        ),
        sa.ForeignKeyConstraint(["ordinal"], ["record.ordinal"], name=op.f("fk_agreement_ordinal")),
        sa.ForeignKeyConstraint(["summit"], ["summit.id"], name=op.f("fk_agreement_summit")),
        sa.PrimaryKeyConstraint("ordinal", name=op.f("pk_agreement")),
        sa.UniqueConstraint("id", name=op.f("uq_agreement_id")),
    )
    with op.batch_alter_table("agreement", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_agreement_date_up"), ["date_up"], unique=False)
        batch_op.create_index(batch_op.f("ix_agreement_kind"), ["kind"], unique=False)
        batch_op.create_index(batch_op.f("ix_agreement_relation"), ["relation"], unique=False)
        batch_op.create_index(batch_op.f("ix_agreement_status"), ["status"], unique=False)
        batch_op.create_index(batch_op.f("ix_agreement_summit"), ["summit"], unique=False)
        batch_op.create_index(batch_op.f("ix_agreement_title_up"), ["title_up"], unique=False)

    op.create_table(
        "document",
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("publisher", sa.String(), nullable=True),
        sa.Column("author", sa.String(), nullable=True),
        sa.Column("published", sa.String(), nullable=True),
        sa.Column("earliest", sa.String(), nullable=True),
        sa.Column("latest", sa.String(), nullable=True),
        sa.Column("url", sa.String(), nullable=True),
        sa.Column("language", sa.String(), nullable=True),
        sa.Column("date_up", sa.Integer(), nullable=False),
        sa.Column("title_up", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('news_article', 'joint_statement', 'social_media_post', 'treaty', 'speech', 'transcript', 'press_release')",
            name=op.f("ck_document_kind"),
        ),
        sa.ForeignKeyConstraint(["author"], ["actor.id"], name=op.f("fk_document_author")),
        sa.ForeignKeyConstraint(["ordinal"], ["record.ordinal"], name=op.f("fk_document_ordinal")),
        sa.ForeignKeyConstraint(["publisher"], ["actor.id"], name=op.f("fk_document_publisher")),
        sa.PrimaryKeyConstraint("ordinal", name=op.f("pk_document")),
        sa.UniqueConstraint("id", name=op.f("uq_document_id")),
    )
    with op.batch_alter_table("document", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_document_date_up"), ["date_up"], unique=False)
        batch_op.create_index(batch_op.f("ix_document_kind"), ["kind"], unique=False)
        batch_op.create_index(batch_op.f("ix_document_publisher"), ["publisher"], unique=False)
        batch_op.create_index(batch_op.f("ix_document_title_up"), ["title_up"], unique=False)

    op.create_table(
        "quote",
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("speaker", sa.String(), nullable=False),
        sa.Column("office", sa.String(), nullable=True),
        sa.Column("language", sa.String(), nullable=True),
        sa.Column("date", sa.String(), nullable=True),
        sa.Column("earliest", sa.String(), nullable=True),
        sa.Column("latest", sa.String(), nullable=True),
        sa.Column("summit", sa.String(), nullable=True),
        sa.Column("date_up", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["ordinal"], ["record.ordinal"], name=op.f("fk_quote_ordinal")),
        sa.ForeignKeyConstraint(["summit"], ["summit.id"], name=op.f("fk_quote_summit")),
        sa.PrimaryKeyConstraint("ordinal", name=op.f("pk_quote")),
        sa.UniqueConstraint("id", name=op.f("uq_quote_id")),
    )
    with op.batch_alter_table("quote", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_quote_date_up"), ["date_up"], unique=False)
        batch_op.create_index(batch_op.f("ix_quote_speaker"), ["speaker"], unique=False)
        batch_op.create_index(batch_op.f("ix_quote_summit"), ["summit"], unique=False)

    op.create_table(
        "record_summit",
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("summit", sa.String(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["ordinal"], ["record.ordinal"], name=op.f("fk_record_summit_ordinal")
        ),
        sa.ForeignKeyConstraint(["summit"], ["summit.id"], name=op.f("fk_record_summit_summit")),
        sa.PrimaryKeyConstraint("type", "summit", "ordinal", name=op.f("pk_record_summit")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "summit_participant",
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.CheckConstraint(
            "role IN ('leader', 'country', 'delegate', 'observer')",
            name=op.f("ck_summit_participant_role"),
        ),
        sa.ForeignKeyConstraint(["actor"], ["actor.id"], name=op.f("fk_summit_participant_actor")),
        sa.ForeignKeyConstraint(
            ["ordinal"], ["summit.ordinal"], name=op.f("fk_summit_participant_ordinal")
        ),
        sa.PrimaryKeyConstraint("actor", "ordinal", name=op.f("pk_summit_participant")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "agreement_actor",
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["actor"], ["actor.id"], name=op.f("fk_agreement_actor_actor")),
        sa.ForeignKeyConstraint(
            ["ordinal"], ["agreement.ordinal"], name=op.f("fk_agreement_actor_ordinal")
        ),
        sa.PrimaryKeyConstraint("actor", "ordinal", name=op.f("pk_agreement_actor")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "agreement_party",
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.CheckConstraint(
            "role IN ('party', 'speaker', 'witness')", name=op.f("ck_agreement_party_role")
        ),
        sa.ForeignKeyConstraint(["actor"], ["actor.id"], name=op.f("fk_agreement_party_actor")),
        sa.ForeignKeyConstraint(
            ["ordinal"], ["agreement.ordinal"], name=op.f("fk_agreement_party_ordinal")
        ),
        sa.PrimaryKeyConstraint("actor", "ordinal", name=op.f("pk_agreement_party")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "commitment",
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("relation", sa.String(), nullable=True),
        sa.Column("amount", sa.Float(), nullable=True),
        sa.Column("currency", sa.String(), nullable=True),
        sa.Column("quantity", sa.Float(), nullable=True),
        sa.Column("unit", sa.String(), nullable=True),
        sa.Column("due", sa.String(), nullable=True),
        sa.Column("earliest", sa.String(), nullable=True),
        sa.Column("latest", sa.String(), nullable=True),
        sa.Column("agreement", sa.String(), nullable=True),
        sa.Column("summit", sa.String(), nullable=True),
        sa.Column("date_up", sa.Integer(), nullable=False),
        sa.Column("title_up", sa.Integer(), nullable=False),
        sa.Column("due_up", sa.Integer(), nullable=False),
        sa.Column("due_down", sa.Integer(), nullable=False),
        sa.Column("amount_up", sa.Integer(), nullable=False),
        sa.Column("amount_down", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('cooperation', 'delivery', 'investment', 'policy_change', 'public_spending', 'security_guarantee', 'transfer_of_authority', 'other')",
            name=op.f("ck_commitment_kind"),
        ),
        sa.CheckConstraint(
            "relation IN ('outcome', 'context')", name=op.f("ck_commitment_relation")
        ),
        sa.CheckConstraint(
            "status IN ('announced', 'under_way', 'done', 'abandoned', 'not_stated')",
            name=op.f("ck_commitment_status"),
        ),
        sa.ForeignKeyConstraint(
            ["agreement"], ["agreement.id"], name=op.f("fk_commitment_agreement")
        ),
        sa.ForeignKeyConstraint(
            ["ordinal"], ["record.ordinal"], name=op.f("fk_commitment_ordinal")
        ),
        sa.ForeignKeyConstraint(["summit"], ["summit.id"], name=op.f("fk_commitment_summit")),
        sa.PrimaryKeyConstraint("ordinal", name=op.f("pk_commitment")),
        sa.UniqueConstraint("id", name=op.f("uq_commitment_id")),
    )
    with op.batch_alter_table("commitment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_commitment_agreement"), ["agreement"], unique=False)
        batch_op.create_index(batch_op.f("ix_commitment_amount"), ["amount"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_commitment_amount_down"), ["amount_down"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_commitment_amount_up"), ["amount_up"], unique=False)
        batch_op.create_index(batch_op.f("ix_commitment_currency"), ["currency"], unique=False)
        batch_op.create_index(batch_op.f("ix_commitment_date_up"), ["date_up"], unique=False)
        batch_op.create_index(batch_op.f("ix_commitment_due_down"), ["due_down"], unique=False)
        batch_op.create_index(batch_op.f("ix_commitment_due_up"), ["due_up"], unique=False)
        batch_op.create_index(batch_op.f("ix_commitment_kind"), ["kind"], unique=False)
        batch_op.create_index(batch_op.f("ix_commitment_relation"), ["relation"], unique=False)
        batch_op.create_index(batch_op.f("ix_commitment_status"), ["status"], unique=False)
        batch_op.create_index(batch_op.f("ix_commitment_summit"), ["summit"], unique=False)
        batch_op.create_index(batch_op.f("ix_commitment_title_up"), ["title_up"], unique=False)

    op.create_table(
        "quote_agreement",
        sa.Column("agreement", sa.String(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agreement"], ["agreement.id"], name=op.f("fk_quote_agreement_agreement")
        ),
        sa.ForeignKeyConstraint(
            ["ordinal"], ["quote.ordinal"], name=op.f("fk_quote_agreement_ordinal")
        ),
        sa.PrimaryKeyConstraint("agreement", "ordinal", name=op.f("pk_quote_agreement")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "quote_mention",
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["actor"], ["actor.id"], name=op.f("fk_quote_mention_actor")),
        sa.ForeignKeyConstraint(
            ["ordinal"], ["quote.ordinal"], name=op.f("fk_quote_mention_ordinal")
        ),
        sa.PrimaryKeyConstraint("actor", "ordinal", name=op.f("pk_quote_mention")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "record_document",
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("document", sa.String(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["document"], ["document.id"], name=op.f("fk_record_document_document")
        ),
        sa.ForeignKeyConstraint(
            ["ordinal"], ["record.ordinal"], name=op.f("fk_record_document_ordinal")
        ),
        sa.PrimaryKeyConstraint("type", "document", "ordinal", name=op.f("pk_record_document")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "commitment_actor",
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.CheckConstraint("role IN ('by', 'to')", name=op.f("ck_commitment_actor_role")),
        sa.ForeignKeyConstraint(["actor"], ["actor.id"], name=op.f("fk_commitment_actor_actor")),
        sa.ForeignKeyConstraint(
            ["ordinal"], ["commitment.ordinal"], name=op.f("fk_commitment_actor_ordinal")
        ),
        sa.PrimaryKeyConstraint("role", "actor", "ordinal", name=op.f("pk_commitment_actor")),
        sqlite_with_rowid=False,
    )
    op.execute(
        "CREATE VIRTUAL TABLE record_search USING fts5(type, summit_title, summit_text, "
        "actor_title, actor_text, agreement_title, agreement_text, commitment_title, "
        "commitment_text, quote_title, quote_text, document_title, document_text, content='', "
        "columnsize=0, tokenize='unicode61 remove_diacritics 0')"
    )


def downgrade() -> None:
    """Undo it."""
    op.execute("DROP TABLE record_search")
    op.drop_table("commitment_actor")
    op.drop_table("record_document")
    op.drop_table("quote_mention")
    op.drop_table("quote_agreement")
    with op.batch_alter_table("commitment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_commitment_title_up"))
        batch_op.drop_index(batch_op.f("ix_commitment_summit"))
        batch_op.drop_index(batch_op.f("ix_commitment_status"))
        batch_op.drop_index(batch_op.f("ix_commitment_relation"))
        batch_op.drop_index(batch_op.f("ix_commitment_kind"))
        batch_op.drop_index(batch_op.f("ix_commitment_due_up"))
        batch_op.drop_index(batch_op.f("ix_commitment_due_down"))
        batch_op.drop_index(batch_op.f("ix_commitment_date_up"))
        batch_op.drop_index(batch_op.f("ix_commitment_currency"))
        batch_op.drop_index(batch_op.f("ix_commitment_amount_up"))
        batch_op.drop_index(batch_op.f("ix_commitment_amount_down"))
        batch_op.drop_index(batch_op.f("ix_commitment_amount"))
        batch_op.drop_index(batch_op.f("ix_commitment_agreement"))

    op.drop_table("commitment")
    op.drop_table("agreement_party")
    op.drop_table("agreement_actor")
    op.drop_table("summit_participant")
    op.drop_table("record_summit")
    with op.batch_alter_table("quote", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_quote_summit"))
        batch_op.drop_index(batch_op.f("ix_quote_speaker"))
        batch_op.drop_index(batch_op.f("ix_quote_date_up"))

    op.drop_table("quote")
    with op.batch_alter_table("document", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_document_title_up"))
        batch_op.drop_index(batch_op.f("ix_document_publisher"))
        batch_op.drop_index(batch_op.f("ix_document_kind"))
        batch_op.drop_index(batch_op.f("ix_document_date_up"))

    op.drop_table("document")
    with op.batch_alter_table("agreement", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_agreement_title_up"))
        batch_op.drop_index(batch_op.f("ix_agreement_summit"))
        batch_op.drop_index(batch_op.f("ix_agreement_status"))
        batch_op.drop_index(batch_op.f("ix_agreement_relation"))
        batch_op.drop_index(batch_op.f("ix_agreement_kind"))
        batch_op.drop_index(batch_op.f("ix_agreement_date_up"))

    op.drop_table("agreement")
    with op.batch_alter_table("actor_principal", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_actor_principal_actor"))

    op.drop_table("actor_principal")
    with op.batch_alter_table("summit", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_summit_title_up"))
        batch_op.drop_index(batch_op.f("ix_summit_date_up"))
        batch_op.drop_index(batch_op.f("ix_summit_country"))

    op.drop_table("summit")
    with op.batch_alter_table("record_topic", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_record_topic_ordinal"))

    op.drop_table("record_topic")
    with op.batch_alter_table("actor", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_actor_title_up"))
        batch_op.drop_index(batch_op.f("ix_actor_kind"))
        batch_op.drop_index(batch_op.f("ix_actor_country"))

    op.drop_table("actor")
    op.drop_table("release")
    op.drop_table("record")
