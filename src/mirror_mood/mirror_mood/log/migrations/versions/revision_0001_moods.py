"""Seconds, roll-ups, who was seen, the count of changes, and the ledger of uploads."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

MOODS = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
MEANS = (*MOODS, "valence", "arousal", "confidence")


def _numbers(*names: str) -> list[sa.Column[float]]:
    return [sa.Column(name, sa.Double, nullable=False) for name in names]


def upgrade() -> None:
    """Make the first tables."""
    op.create_table(
        "mood_subjects",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("mirror", sa.String(128), nullable=False),
        sa.Column("person", sa.String(64), nullable=False),
        sa.Column("first", sa.BigInteger, nullable=False),
        sa.Column("last", sa.BigInteger, nullable=False),
        sa.Column("rows", sa.BigInteger, nullable=False),
        sa.UniqueConstraint("mirror", "person", name="mood_subjects_by_name"),
    )
    op.create_table(
        "mood_seconds",
        sa.Column("time", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("subject", sa.Integer, sa.ForeignKey("mood_subjects.id"), primary_key=True),
        sa.Column("visit", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("number", sa.BigInteger, nullable=False),
        *_numbers(*MEANS),
        sa.Column("unsure", sa.Boolean, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("mood_seconds_by_number", "mood_seconds", ["number"], unique=True)
    op.create_table(
        "mood_rollups",
        sa.Column("level", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("start", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("subject", sa.Integer, sa.ForeignKey("mood_subjects.id"), primary_key=True),
        sa.Column("count", sa.Integer, nullable=False),
        *_numbers(*MEANS, "unsure"),
        sqlite_with_rowid=False,
    )
    state = op.create_table(
        "mood_state",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        *(
            sa.Column(name, sa.BigInteger, nullable=False)
            for name in ("revision", "numbers", "seconds_from", "rollups_from")
        ),
    )
    op.bulk_insert(state, [{"id": 1, "revision": 0, "numbers": 0, "seconds_from": 0, "rollups_from": 0}])
    op.create_table(
        "mood_missing",
        sa.Column("person", sa.String(64), primary_key=True),
        sa.Column("since", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "mood_parts",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("target", sa.Text, nullable=False),
        sa.Column("mirror", sa.String(128), nullable=False),
        sa.Column("date", sa.String(10), nullable=False),
        sa.Column("first", sa.BigInteger, nullable=False),
        sa.Column("last", sa.BigInteger, nullable=False),
        sa.Column("rows", sa.Integer, nullable=False),
        sa.Column("state", sa.String(16), nullable=False, index=True),
        sa.UniqueConstraint("target", "mirror", "date", "first", name="mood_parts_by_name"),
    )
    op.create_table(
        "mood_part_subjects",
        sa.Column("part", sa.Integer, sa.ForeignKey("mood_parts.id"), primary_key=True),
        sa.Column("subject", sa.Integer, sa.ForeignKey("mood_subjects.id"), primary_key=True, index=True),
    )
    op.create_table(
        "mood_part_erasures",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("part", sa.Integer, sa.ForeignKey("mood_parts.id"), nullable=False, index=True),
        sa.Column("person", sa.String(64)),
        sa.Column("start", sa.BigInteger, nullable=False),
        sa.Column("end", sa.BigInteger, nullable=False),
    )


def downgrade() -> None:
    """Remove them, with every mood in them."""
    for table in (
        "part_erasures",
        "part_subjects",
        "parts",
        "missing",
        "state",
        "rollups",
        "seconds",
        "subjects",
    ):
        op.drop_table(f"mood_{table}")
