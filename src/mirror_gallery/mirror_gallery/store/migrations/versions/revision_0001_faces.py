"""Faces, their thumbnails and what is derived from them, the journal of pictures, the count of changes."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the first tables."""
    sorted_text = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
    op.create_table(
        "gallery_faces",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("folded", sorted_text, nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("scope", sa.String(16), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True)),
        sa.Column("others_may_wear", sa.Boolean, nullable=False),
        sa.Column("recognise", sa.Boolean, nullable=False),
        sa.Column("expires", sa.DateTime(timezone=True)),
        sa.Column("mirror", sa.String(128), nullable=False),
        sa.Column("views", sa.Integer, nullable=False),
        sa.Column("pictures", sa.String(128), nullable=False, unique=True),
    )
    op.create_index("gallery_faces_by_name", "gallery_faces", ["folded", "id"])
    op.create_index("ix_gallery_faces_expires", "gallery_faces", ["expires"])
    for table, columns in (
        ("gallery_thumbnails", (sa.Column("jpeg", sa.LargeBinary, nullable=False),)),
        (
            "gallery_derived",
            (
                sa.Column("kind", sa.String(64), primary_key=True, index=True),
                sa.Column("data", sa.LargeBinary, nullable=False),
            ),
        ),
    ):
        face = sa.ForeignKey("gallery_faces.id", ondelete="CASCADE")
        op.create_table(table, sa.Column("face_id", sa.String(64), face, primary_key=True), *columns)
    op.create_table(
        "gallery_pending",
        sa.Column("key", sa.String(128), primary_key=True),
        sa.Column("state", sa.String(16), nullable=False, index=True),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
    )
    revisions = op.create_table(
        "gallery_revision",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("number", sa.Integer, nullable=False),
    )
    op.bulk_insert(revisions, [{"id": 1, "number": 0}])


def downgrade() -> None:
    """Remove them, with every face in them."""
    for table in ("revision", "pending", "derived", "thumbnails", "faces"):
        op.drop_table(f"gallery_{table}")
