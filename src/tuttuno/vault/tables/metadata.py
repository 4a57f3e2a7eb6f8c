"""The one catalogue that all tables of the vault are declared in."""

import sqlalchemy as sa

#: Names of constraints are stated, so that a migration can speak of them on any database.
METADATA = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
