"""What is told about the database, its backups and its restores."""

from __future__ import annotations

from qafila.core.message import template

UNBOUND = template(
    "database.unbound",
    "No policy keeps merchants apart in the tables {tables}, so nothing is served from this database.",
)
RESTORE_WELL = template(
    "database.restore_well",
    "If it was restored, restore it with `qafila restore`, which brings policies back; "
    "if a migration made the table, bind it there with `rights.bound`.",
)
NOT_EMPTY = template("database.not_empty", "The database already holds {tables} tables.")
GIVE_EMPTY = template(
    "database.give_empty",
    "Restore into an empty database: an empty QAFILA_HOME, or a new QAFILA_DATABASE_URL.",
)
NO_BACKUP = template("database.no_backup", "{file} is no backup of qafila: {why}")
CHECK_FILE = template("database.check_file", "Check that the file was copied whole, or take another backup.")
DAMAGED = template("database.damaged", "The backup is damaged: {part} is not what was saved.")
NO_TOOL = template("database.no_tool", "{tool} was not found.")
INSTALL_TOOL = template(
    "database.install_tool", "Install PostgreSQL's client programs of your server's version."
)
TOOL_FAILED = template("database.tool_failed", "{tool} ended with an error: {why}")
SEE_SERVER = template("database.see_server", "See the log of the PostgreSQL server, then try again.")
RIGHTS_DIFFER = template(
    "database.rights_differ",
    "The restored database does not give the roles the same rights as the one that was saved.",
)
HOME_IN_USE = template("database.home_in_use", "{path} is there already and would be overwritten.")
MOVE_AWAY = template("database.move_away", "Restore into an empty home, or move it away first.")
NOT_OURS = template("database.not_ours", "{folder} belongs to somebody else.")
OWN_FOLDER = template("database.own_folder", "Remove it, or set QAFILA_HOME to a folder of your own.")
DOES_NOT_START = template("database.does_not_start", "The database server in {folder} does not start.")
SEE_LOG = template("database.see_log", "See {file}.")
TOO_FEW = template(
    "database.too_few",
    "PostgreSQL gives {most} connections, {others} of them are in use by others; {processes} workers need {least} at least.",
)
FEWER_WORKERS = template(
    "database.fewer_workers",
    "Set max_connections of PostgreSQL to {wanted} and restart it, or serve with --workers {fewer}.",
)
MORE_CONNECTIONS = template(
    "database.more_connections",
    "Set max_connections of PostgreSQL to {wanted} and restart it, or end what uses its connections.",
)
