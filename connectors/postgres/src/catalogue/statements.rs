//! The statements on the system catalogue. Functions and tables are named with their schema where a user could
//! shadow them.

/// What tables(), and locating one, have in common: `$1` is the schema, NULL for all but the system's.
macro_rules! relations {
    ($columns:literal, $condition:literal) => {
        concat!(
            "SELECT c.oid, n.nspname, c.relname, c.relkind IN ('v', 'm')",
            $columns,
            " FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace",
            " WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')",
            " AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%'",
            " AND ($1::pg_catalog.text IS NULL OR n.nspname = $1::pg_catalog.text)",
            $condition,
            " AND pg_catalog.has_schema_privilege(n.oid, 'USAGE')",
            " AND (pg_catalog.pg_has_role(c.relowner, 'USAGE')",
            " OR pg_catalog.has_table_privilege(c.oid, 'SELECT, INSERT, UPDATE, DELETE')",
            " OR pg_catalog.has_any_column_privilege(c.oid, 'SELECT, INSERT, UPDATE'))",
        )
    };
}

/// oid, schema, name, is view.
pub(super) const TABLES: &str = relations!("", "");

/// As before and the comment, of the names `$2`. Uses the index on names.
pub(super) const LOCATE: &str = relations!(
    ", pg_catalog.obj_description(c.oid, 'pg_class')",
    " AND c.relname = ANY($2::pg_catalog.name[])"
);

/// As before, without case. Reads all of `pg_class`, so it comes second.
pub(super) const LOCATE_ANY_CASE: &str = relations!(
    ", pg_catalog.obj_description(c.oid, 'pg_class')",
    " AND pg_catalog.lower(c.relname) IN (SELECT pg_catalog.lower(x) FROM pg_catalog.unnest($2::pg_catalog.text[]) x)"
);

/// The columns of the table `$1`: name, native type, the type below a domain, whether NULL is refused, default,
/// kind of identity, whether it is computed, comment.
pub(super) const COLUMNS: &str = "\
SELECT a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), \
  CASE WHEN t.typtype = 'd' THEN pg_catalog.format_type(t.typbasetype, t.typtypmod) END, \
  a.attnotnull OR (t.typtype = 'd' AND t.typnotnull), \
  pg_catalog.pg_get_expr(d.adbin, d.adrelid), a.attidentity::pg_catalog.text, a.attgenerated <> '', \
  pg_catalog.col_description(a.attrelid, a.attnum) \
FROM pg_catalog.pg_attribute a \
  JOIN pg_catalog.pg_type t ON t.oid = a.atttypid \
  LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum \
WHERE a.attrelid = $1::pg_catalog.oid AND a.attnum > 0 AND NOT a.attisdropped \
ORDER BY a.attnum";

/// All keys of the table `$1` and of the tables that refer to it: table (oid, schema, name), kind (`p`, `u`, `f`,
/// `i` for a unique index that is no constraint), schema and name of the constraint, columns as JSON; of a foreign
/// key also schema, name and columns of the table it refers to, and the rules.
///
/// The tables that refer to `$1` are found through `pg_depend`, which has an index for this; `pg_constraint` has
/// none. A key that a partition inherits is left out of the neighbours, and so are the inner copies of a key that
/// refers to a partitioned table. Foreign keys come first, by the name of the key they refer to, as the original
/// lists them.
pub(super) const KEYS: &str = "\
WITH about AS ( \
  SELECT $1::pg_catalog.oid AS oid \
  UNION \
  SELECT k.conrelid FROM pg_catalog.pg_depend d \
    JOIN pg_catalog.pg_constraint k ON k.oid = d.objid AND k.contype = 'f' AND k.confrelid = d.refobjid \
    LEFT JOIN pg_catalog.pg_constraint p ON p.oid = k.conparentid \
  WHERE d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjid = $1::pg_catalog.oid \
    AND d.classid = 'pg_catalog.pg_constraint'::pg_catalog.regclass \
    AND (p.oid IS NULL OR p.conrelid = k.conrelid) \
), keys AS ( \
  SELECT k.conrelid AS relid, k.contype::pg_catalog.text AS kind, n.nspname AS key_schema, k.conname AS key_name, \
    (SELECT pg_catalog.json_agg(a.attname ORDER BY u.i)::pg_catalog.text \
      FROM pg_catalog.unnest(k.conkey) WITH ORDINALITY u(num, i) \
      JOIN pg_catalog.pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.num) AS key_columns, \
    k.confrelid AS ref, \
    (SELECT pg_catalog.json_agg(a.attname ORDER BY u.i)::pg_catalog.text \
      FROM pg_catalog.unnest(k.confkey) WITH ORDINALITY u(num, i) \
      JOIN pg_catalog.pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.num) AS ref_columns, \
    k.confupdtype::pg_catalog.text AS on_update, k.confdeltype::pg_catalog.text AS on_delete, \
    CASE WHEN k.contype = 'f' THEN k.conindid END AS ref_index \
  FROM pg_catalog.pg_constraint k \
    JOIN about ON about.oid = k.conrelid \
    JOIN pg_catalog.pg_namespace n ON n.oid = k.connamespace \
    LEFT JOIN pg_catalog.pg_constraint p ON p.oid = k.conparentid \
  WHERE k.contype IN ('p', 'u', 'f') AND NOT (k.contype = 'f' AND p.oid IS NOT NULL AND p.conrelid = k.conrelid) \
  UNION ALL \
  SELECT i.indrelid, 'i', '', c.relname, \
    (SELECT pg_catalog.json_agg(a.attname ORDER BY u.i)::pg_catalog.text \
      FROM pg_catalog.unnest(i.indkey::pg_catalog.int2[]) WITH ORDINALITY u(num, i) \
      JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = u.num \
      WHERE u.i <= i.indnkeyatts), \
    0, NULL, NULL, NULL, NULL \
  FROM pg_catalog.pg_index i \
    JOIN about ON about.oid = i.indrelid \
    JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid \
  WHERE i.indisunique AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL \
    AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_constraint k WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u')) \
) \
SELECT k.relid, tn.nspname, t.relname, k.kind, k.key_schema, k.key_name, k.key_columns, \
  rn.nspname, r.relname, k.ref_columns, k.on_update, k.on_delete \
FROM keys k \
  JOIN pg_catalog.pg_class t ON t.oid = k.relid \
  JOIN pg_catalog.pg_namespace tn ON tn.oid = t.relnamespace \
  LEFT JOIN pg_catalog.pg_class r ON r.oid = k.ref \
  LEFT JOIN pg_catalog.pg_namespace rn ON rn.oid = r.relnamespace \
  LEFT JOIN pg_catalog.pg_class x ON x.oid = k.ref_index \
ORDER BY x.relname NULLS LAST, k.key_name, tn.nspname, t.relname";
