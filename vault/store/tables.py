"""What all tables of the testimony database share."""

from __future__ import annotations

from sqlalchemy import LargeBinary, MetaData
from sqlalchemy.orm import DeclarativeBase

from vault.store.naming import NAMING

Id = LargeBinary(16)
Hash = LargeBinary(32)


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMING)
