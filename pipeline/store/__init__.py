"""The only room that knows SQL: one file for each aggregate, on SQLite and PostgreSQL alike.

:mod:`engine` opens transactions, :mod:`tables` says what is kept, :mod:`schema`
brings a database up to date.  Every other module holds functions over a
:class:`~pipeline.store.engine.Tx`; none of them commits.
"""
