"""${message}."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from portal.models import types
${imports if imports else ""}

revision = ${'"%s"' % up_revision}
down_revision: str | None = ${('"%s"' % down_revision) if down_revision else "None"}
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Bring the tables forward."""
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    """Take the tables back."""
    ${downgrades if downgrades else "pass"}
