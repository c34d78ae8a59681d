//! The connection, and the one transaction in which a load happens.

use std::time::Duration;

use postgres::config::SslMode;
use postgres::{Client, Config, IsolationLevel, Transaction};

use super::failure::Failure;
use super::tls;
use crate::job::{Connection, Encryption, Postgres};

/// Opens a connection.
pub(super) fn connect(connection: &Connection) -> Result<Client, Failure> {
    let mut config = Config::new();
    config.host(&connection.host).port(connection.port).user(&connection.user).dbname(&connection.database);
    config.application_name(&connection.application).keepalives_idle(Duration::from_secs(60));
    config.ssl_mode(match connection.encryption {
        Encryption::Disable => SslMode::Disable,
        Encryption::Prefer => SslMode::Prefer,
        Encryption::Require => SslMode::Require,
    });
    if connection.connect_seconds > 0 {
        config.connect_timeout(Duration::from_secs(connection.connect_seconds));
    }
    if let Some(password) = &connection.password {
        config.password(password.reveal());
    }
    if let Some(options) = &connection.options {
        config.options(options);
    }
    config.connect(tls::connector(connection)?).map_err(|cause| Failure::from(cause).during("cannot connect"))
}

/// Begins a transaction without time limits that does not depend on the settings of the user or the database.
pub(super) fn begin(client: &mut Client) -> Result<Transaction<'_>, Failure> {
    // Stricter isolation levels would read a fixed snapshot, which misses a load that ended meanwhile, and do not allow COPY FREEZE.
    let mut transaction = client.build_transaction().isolation_level(IsolationLevel::ReadCommitted).read_only(false).start()?;
    transaction.batch_execute(
        "SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0;
         SET LOCAL client_min_messages = warning; SET LOCAL standard_conforming_strings = on; SET LOCAL search_path = pg_catalog;
         SELECT set_config('transaction_timeout', '0', true) WHERE current_setting('server_version_num')::integer >= 170000",
    )?;
    Ok(transaction)
}

/// Locks the schema against other loads until the transaction ends.
pub(super) fn lock_schema(transaction: &mut Transaction<'_>, target: &Postgres) -> Result<(), Failure> {
    let name = format!("huitou load into {}", target.schema);
    let row = transaction.query_one("SELECT pg_try_advisory_xact_lock(hashtextextended($1, 0))", &[&name])?;
    match row.try_get(0)? {
        true => Ok(()),
        false => Err(Failure::new(format!("another load into the schema `{}` is running", target.schema), "wait for it to end")),
    }
}
