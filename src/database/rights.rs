//! The owner and the rights of a table or view that is dropped and created again.

use std::fmt::Write;

use postgres::Transaction;

use super::failure::Failure;
use super::quote::{identifier, qualified};

/// What is granted on a table or view (`$1`), as statements; of rights on single columns those on columns that stay (`$2`).
const RIGHTS: &str =
    "SELECT format('GRANT %s%s ON %I.%I TO %s%s', x.privilege_type, CASE WHEN x.attname IS NOT NULL THEN format(' (%I)', x.attname) END,
        s.nspname, c.relname, CASE WHEN x.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(x.grantee)) END,
        CASE WHEN x.is_grantable THEN ' WITH GRANT OPTION' END)
    FROM pg_class c JOIN pg_namespace s ON s.oid = c.relnamespace CROSS JOIN LATERAL (
        SELECT NULL::name AS attname, e.* FROM aclexplode(c.relacl) e
        UNION ALL SELECT a.attname, e.* FROM pg_attribute a CROSS JOIN LATERAL aclexplode(a.attacl) e
            WHERE a.attrelid = c.oid AND NOT a.attisdropped AND a.attname::text = ANY($2)) x
    WHERE c.oid = $1 AND x.grantee <> c.relowner ORDER BY 1";

/// The SQL that gives what is created again as `schema.name` the owner and the rights that `oid` has now; `columns` are those that it will
/// have.
pub(super) fn rights(
    transaction: &mut Transaction<'_>,
    (schema, name): (&str, &str),
    (oid, owner): (u32, &str),
    columns: &[&str],
) -> Result<String, Failure> {
    let mut sql = String::new();
    for row in transaction.query(RIGHTS, &[&oid, &columns])? {
        let right: String = row.try_get(0)?;
        let _ = writeln!(sql, "{right};");
    }
    let user: String = transaction.query_one("SELECT current_user::text", &[])?.try_get(0)?;
    if user != owner {
        // Last, because the old owner has no rights to grant afterwards.
        let _ = writeln!(sql, "ALTER TABLE {} OWNER TO {};", qualified(schema, name), identifier(owner));
    }
    Ok(sql)
}
