//! Introspection: what the catalogue tells of tables.

use super::{database, source, source_with, texts};
use contract::Settings;
use driver::{Driver, Executor, Statement};
use records::{Kind, RawTable, SqlSource};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const COMPANY: &str = "
CREATE TYPE colour AS ENUM ('red', 'green', 'blue');
CREATE TABLE departments (dept_no CHAR(4) NOT NULL PRIMARY KEY, dept_name VARCHAR(40) NOT NULL UNIQUE);
CREATE TABLE employees (
  emp_no INT NOT NULL PRIMARY KEY, birth_date DATE NOT NULL, first_name VARCHAR(14) NOT NULL,
  last_name VARCHAR(16) NOT NULL, gender CHAR(1) NOT NULL CHECK (gender IN ('M','F')), hire_date DATE NOT NULL);
CREATE INDEX idx_last ON employees (last_name);
CREATE TABLE dept_emp (
  emp_no INT NOT NULL REFERENCES employees (emp_no) ON DELETE CASCADE,
  dept_no CHAR(4) NOT NULL REFERENCES departments (dept_no) ON DELETE CASCADE,
  from_date DATE NOT NULL, to_date DATE NOT NULL, PRIMARY KEY (emp_no, dept_no));
CREATE TABLE salaries (
  emp_no INT NOT NULL REFERENCES employees (emp_no) ON DELETE CASCADE,
  salary INT NOT NULL, from_date DATE NOT NULL, to_date DATE NOT NULL, PRIMARY KEY (emp_no, from_date));
CREATE TABLE supplies (
  id SERIAL PRIMARY KEY, name VARCHAR(80) NULL, quantity INT NOT NULL DEFAULT 0,
  price NUMERIC(10,2) NULL, created TIMESTAMP NULL);
CREATE TABLE locations (
  id SERIAL PRIMARY KEY, supply_id INT NULL REFERENCES supplies (id) ON DELETE SET NULL,
  city VARCHAR(60) NOT NULL, capacity INT NULL);
CREATE TABLE all_types (
  id SERIAL PRIMARY KEY, c_bool BOOLEAN NULL, c_smallint SMALLINT NULL, c_int INT NULL, c_bigint BIGINT NULL,
  c_decimal NUMERIC(12,4) NULL, c_money MONEY NULL, c_real REAL NULL, c_double DOUBLE PRECISION NULL, c_char CHAR(10) NULL,
  c_varchar VARCHAR(100) NULL DEFAULT 'dflt', c_text TEXT NULL, c_bytea BYTEA NULL, c_date DATE NULL, c_time TIME NULL,
  c_timetz TIMETZ NULL, c_timestamp TIMESTAMP NULL, c_timestamptz TIMESTAMPTZ NULL, c_interval INTERVAL NULL,
  c_json JSON NULL, c_jsonb JSONB NULL, c_uuid UUID NULL, c_enum colour NULL, c_int_array INT[] NULL, c_inet INET NULL);
CREATE VIEW employee_summary AS
  SELECT e.emp_no, e.first_name || ' ' || e.last_name AS full_name, COUNT(de.dept_no) AS departments
  FROM employees e LEFT JOIN dept_emp de ON de.emp_no = e.emp_no GROUP BY e.emp_no, e.first_name, e.last_name;";

async fn describe(source: &dyn SqlSource, name: &str) -> RawTable {
    source
        .describe(name)
        .await
        .unwrap()
        .unwrap_or_else(|| panic!("{name} is there"))
}

async fn names(source: &dyn SqlSource) -> Vec<String> {
    let mut names: Vec<String> = source
        .tables()
        .await
        .unwrap()
        .into_iter()
        .map(|t| t.public)
        .collect();
    names.sort();
    names
}

#[tokio::test]
async fn columns_are_told_as_the_original_tells_them() {
    let Some(database) = database(COMPANY) else { return };
    let source = source(&database);
    let table = describe(&source, "all_types").await;
    let told: Vec<String> = table
        .columns
        .iter()
        .map(|c| {
            let number = |n: Option<i64>| n.map_or("-".into(), |n| n.to_string());
            let numbers = [c.length, c.precision, c.scale].map(number).join(" ");
            format!(
                "{} {} [{}] {numbers} {} {}",
                c.name,
                c.kind.name(),
                c.native,
                c.default,
                c.allow_null
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            "id integer [integer] - - - null false",
            "c_bool boolean [boolean] - - - null true",
            "c_smallint integer [smallint] - - - null true",
            "c_int integer [integer] - - - null true",
            "c_bigint bigint [bigint] - - - null true",
            "c_decimal decimal [numeric(12,4)] 12 12 4 null true",
            "c_money money [money] - - - null true",
            "c_real double [real] - - - null true",
            "c_double double [double precision] - - - null true",
            "c_char string [character(10)] 10 10 - null true",
            "c_varchar string [character varying(100)] 100 100 - \"dflt\" true",
            "c_text string [text] - - - null true",
            "c_bytea string [bytea] - - - null true",
            "c_date date [date] - - - null true",
            "c_time time [time without time zone] - - - null true",
            "c_timetz timetz [time with time zone] - - - null true",
            "c_timestamp timestamp [timestamp without time zone] - - - null true",
            "c_timestamptz timestamptz [timestamp with time zone] - - - null true",
            "c_interval string [interval] - - - null true",
            "c_json string [json] - - - null true",
            "c_jsonb string [jsonb] - - - null true",
            "c_uuid uuid [uuid] - - - null true",
            "c_enum string [colour] - - - null true",
            "c_int_array string [integer[]] - - - null true",
            "c_inet string [inet] - - - null true",
        ]
    );
    assert!(table.columns[0].auto_increment && !table.columns[1].auto_increment);
    let fixed: Vec<_> = table
        .columns
        .iter()
        .filter(|c| c.fixed_length)
        .map(|c| c.name.as_str())
        .collect();
    assert_eq!(fixed, ["c_char"]);
    assert_eq!(describe(&source, "supplies").await.columns[2].default, json!(0));
    let view = describe(&source, "employee_summary").await;
    assert!(view.name.is_view && view.primary_key.is_empty() && view.constraints.is_empty());
    assert_eq!(
        view.columns.iter().map(|c| c.kind).collect::<Vec<_>>(),
        [Kind::Integer, Kind::String, Kind::BigInt]
    );
}

fn constraint(
    kind: &str,
    table: &str,
    name: &str,
    column: Value,
    reference: [Value; 3],
    rules: [Value; 2],
) -> Value {
    let [schema, other, other_column] = reference;
    let [update, delete] = rules;
    json!({
        "constraint_type": kind, "constraint_schema": "public", "constraint_name": name, "table_schema": "public",
        "table_name": table, "column_name": column, "referenced_table_schema": schema, "referenced_table_name": other,
        "referenced_column_name": other_column, "update_rule": update, "delete_rule": delete,
    })
}

#[tokio::test]
async fn keys_and_constraints_are_told_in_the_order_of_the_original() {
    let Some(database) = database(COMPANY) else { return };
    let source = source(&database);
    let table = describe(&source, "dept_emp").await;
    assert_eq!(table.primary_key, ["emp_no", "dept_no"]);
    let none = || [Value::Null, Value::Null, Value::Null];
    let cascade = || [json!("NO ACTION"), json!("CASCADE")];
    let expected = json!({
        "dept_emp_dept_no_fkey": constraint("FOREIGN KEY", "dept_emp", "dept_emp_dept_no_fkey", json!("dept_no"),
            [json!("public"), json!("departments"), json!("dept_no")], cascade()),
        "dept_emp_emp_no_fkey": constraint("FOREIGN KEY", "dept_emp", "dept_emp_emp_no_fkey", json!("emp_no"),
            [json!("public"), json!("employees"), json!("emp_no")], cascade()),
        "dept_emp_pkey": constraint("PRIMARY KEY", "dept_emp", "dept_emp_pkey", json!(["emp_no", "dept_no"]), none(),
            [Value::Null, Value::Null]),
    });
    assert_eq!(Value::Object(table.constraints).to_string(), expected.to_string());
    for (name, expected) in [
        (
            "departments",
            vec!["departments_dept_name_key", "departments_pkey"],
        ),
        ("locations", vec!["locations_supply_id_fkey", "locations_pkey"]),
        ("employees", vec!["employees_pkey"]),
    ] {
        assert_eq!(
            describe(&source, name)
                .await
                .constraints
                .keys()
                .collect::<Vec<_>>(),
            expected
        );
    }
    let references: Vec<_> = table
        .foreign_keys
        .iter()
        .map(|fk| (fk.public.as_str(), fk.on_delete.as_str()))
        .collect();
    assert_eq!(references, [("departments", "CASCADE"), ("employees", "CASCADE")]);
    let departments = describe(&source, "departments").await;
    assert_eq!(departments.unique[0].columns, ["dept_name"]);
    let employees = describe(&source, "employees").await;
    let neighbours: Vec<_> = employees
        .neighbours
        .iter()
        .map(|n| (n.public.as_str(), n.foreign_keys.len()))
        .collect();
    assert_eq!(neighbours, [("dept_emp", 2), ("salaries", 1)]);
    assert_eq!(employees.neighbours[1].keys[0].columns, ["emp_no", "from_date"]);
    let relations: Vec<_> = records::catalogue::table(&employees)
        .relations
        .into_iter()
        .map(|r| r.name)
        .collect();
    for name in [
        "departments_by_dept_emp",
        "dept_emp_by_emp_no",
        "salaries_by_emp_no",
    ] {
        assert!(relations.iter().any(|r| r == name), "{name} in {relations:?}");
    }
}

#[tokio::test]
async fn every_kind_of_relation_and_column_is_seen() {
    let statements = "
        CREATE SCHEMA other;
        CREATE TABLE other.\"Odd.Name\" (\"Id\" BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, boss BIGINT REFERENCES other.\"Odd.Name\",
            n INT GENERATED BY DEFAULT AS IDENTITY, doubled INT GENERATED ALWAYS AS (1 + 1) STORED,
            made TIMESTAMPTZ DEFAULT now(), stamp TIMESTAMP(3) DEFAULT CURRENT_TIMESTAMP, code TEXT DEFAULT 'it''s', gone INT);
        ALTER TABLE other.\"Odd.Name\" DROP COLUMN gone;
        COMMENT ON TABLE other.\"Odd.Name\" IS 'a table'; COMMENT ON COLUMN other.\"Odd.Name\".code IS 'a column';
        CREATE UNIQUE INDEX by_code ON other.\"Odd.Name\" (code) INCLUDE (n);
        CREATE UNIQUE INDEX partial ON other.\"Odd.Name\" (n) WHERE n > 3;
        CREATE UNIQUE INDEX computed ON other.\"Odd.Name\" (lower(code));
        CREATE TABLE main (a INT, b INT, odd BIGINT REFERENCES other.\"Odd.Name\" ON UPDATE SET DEFAULT ON DELETE RESTRICT, UNIQUE (b, a));
        CREATE TABLE twin (x INT, y INT, FOREIGN KEY (y, x) REFERENCES main (b, a));
        CREATE TABLE parts (id INT PRIMARY KEY, day DATE) PARTITION BY RANGE (id);
        CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (0) TO (10);
        CREATE TABLE parts_2 PARTITION OF parts FOR VALUES FROM (10) TO (20);
        CREATE TABLE of_parts (part INT REFERENCES parts) PARTITION BY LIST (part);
        CREATE TABLE of_parts_1 PARTITION OF of_parts DEFAULT;
        CREATE MATERIALIZED VIEW seen AS SELECT a FROM main;
        CREATE TEMPORARY TABLE fleeting (a INT);";
    let Some(database) = database(statements) else {
        return;
    };
    let source = source(&database);
    let expected = [
        "main",
        "of_parts",
        "of_parts_1",
        "other.Odd.Name",
        "parts",
        "parts_1",
        "parts_2",
        "seen",
        "twin",
    ];
    assert_eq!(names(&source).await, expected);
    let odd = describe(&source, "OTHER.odd.name").await;
    assert_eq!(odd.name.public, "other.Odd.Name");
    assert_eq!(
        (odd.comment.as_deref(), odd.columns[6].comment.as_deref()),
        (Some("a table"), Some("a column"))
    );
    let told: Vec<_> = odd
        .columns
        .iter()
        .map(|c| (c.name.as_str(), c.auto_increment, c.generated, c.default.clone()))
        .collect();
    let null = || Value::Null;
    assert_eq!(
        told,
        [
            ("Id", true, true, null()),
            ("boss", false, false, null()),
            ("n", true, false, null()),
            ("doubled", false, true, null()),
            ("made", false, false, json!({"expression": "now()"})),
            ("stamp", false, false, json!("CURRENT_TIMESTAMP")),
            ("code", false, false, json!("it's")),
        ]
    );
    assert_eq!(
        odd.unique.iter().map(|u| u.columns.join(",")).collect::<Vec<_>>(),
        ["code"]
    );
    assert_eq!(
        odd.constraints.keys().collect::<Vec<_>>(),
        ["odd.name_boss_fkey", "odd.name_pkey"]
    );
    assert_eq!(
        odd.neighbours
            .iter()
            .map(|n| n.public.as_str())
            .collect::<Vec<_>>(),
        ["other.Odd.Name", "main"]
    );
    let main = describe(&source, "main").await;
    assert_eq!(main.foreign_keys[0].public, "other.Odd.Name");
    assert_eq!(
        (
            main.foreign_keys[0].on_update.as_str(),
            main.foreign_keys[0].on_delete.as_str()
        ),
        ("SET DEFAULT", "RESTRICT")
    );
    let twin = &main.neighbours[0].foreign_keys[0];
    assert_eq!(
        (twin.columns.join(","), twin.references.join(",")),
        ("y,x".into(), "b,a".into())
    );
    let parts = describe(&source, "parts").await;
    assert_eq!(
        parts
            .neighbours
            .iter()
            .map(|n| n.public.as_str())
            .collect::<Vec<_>>(),
        ["of_parts"]
    );
    assert_eq!(describe(&source, "of_parts").await.foreign_keys.len(), 1);
    let partition = describe(&source, "of_parts_1").await;
    assert_eq!(
        partition
            .foreign_keys
            .iter()
            .map(|fk| fk.public.as_str())
            .collect::<Vec<_>>(),
        ["parts"]
    );
    assert!(describe(&source, "seen").await.name.is_view);
    for missing in [
        "nothing",
        "other.nothing",
        "pg_class",
        "pg_catalog.pg_class",
        "",
        ".",
        "a\0b",
        "\"; DROP TABLE main",
    ] {
        assert!(
            source.describe(missing).await.is_ok_and(|t| t.is_none()) || missing.contains('\0'),
            "{missing}"
        );
    }
}

#[tokio::test]
async fn the_configured_schema_decides_what_is_shown() {
    let statements = "CREATE SCHEMA sales; CREATE TABLE here (id INT PRIMARY KEY);
        CREATE TABLE sales.there (id INT PRIMARY KEY, here INT REFERENCES here, next INT REFERENCES sales.there);";
    let Some(database) = database(statements) else {
        return;
    };
    for (schema, expected) in [
        ("", vec!["here", "sales.there"]),
        ("all", vec!["here", "sales.there"]),
        ("default", vec!["here"]),
        ("sales", vec!["there"]),
        ("nothing", vec![]),
    ] {
        let source = source_with(&database, json!({"schema": schema}), &Settings::default());
        assert_eq!(names(&source).await, expected, "{schema}");
    }
    let sales = source_with(&database, json!({"schema": "sales"}), &Settings::default());
    let there = describe(&sales, "there").await;
    assert_eq!(
        there
            .foreign_keys
            .iter()
            .map(|fk| fk.public.as_str())
            .collect::<Vec<_>>(),
        ["there"]
    );
    assert!(sales.describe("sales.there").await.unwrap().is_none());
    let here = source_with(&database, json!({"schema": "default"}), &Settings::default());
    assert!(describe(&here, "here").await.neighbours.is_empty());
}

#[tokio::test]
async fn a_table_that_the_user_may_not_use_is_not_there() {
    let Some(database) = database("CREATE TABLE mine (a INT)") else {
        return;
    };
    database.server().admin("CREATE TABLE secret (a INT); CREATE TABLE partly (a INT, b INT); GRANT SELECT (a) ON partly TO df", database.name()).unwrap();
    let source = source(&database);
    assert_eq!(names(&source).await, ["mine", "partly"]);
    assert!(source.describe("secret").await.unwrap().is_none());
}

#[tokio::test]
async fn a_large_catalogue_does_not_slow_a_table_down() {
    let Some(database) =
        database("CREATE TABLE hub (id INT PRIMARY KEY); CREATE TABLE spoke (hub INT REFERENCES hub)")
    else {
        return;
    };
    database.run(
        "DO $$ BEGIN FOR i IN 1..5000 LOOP EXECUTE format('CREATE TABLE t%s (id INT PRIMARY KEY)', i); \
         IF i % 500 = 0 THEN COMMIT; END IF; END LOOP; END $$; ANALYZE pg_class; ANALYZE pg_constraint",
    );
    let source = source(&database);
    source.check().await.unwrap();
    let start = Instant::now();
    assert_eq!(source.tables().await.unwrap().len(), 5002);
    let listed = start.elapsed();
    describe(&source, "hub").await;
    let start = Instant::now();
    for _ in 0..20 {
        assert_eq!(describe(&source, "hub").await.neighbours.len(), 1);
    }
    let described = start.elapsed() / 20;
    assert!(listed < Duration::from_secs(2), "{listed:?} for the list");
    assert!(
        described < Duration::from_millis(100),
        "{described:?} for a table"
    );
    let plan = texts(
        &source,
        "EXPLAIN SELECT 1 FROM pg_depend d WHERE d.refclassid = 'pg_class'::regclass AND d.refobjid = 1",
    )
    .await;
    assert!(plan.concat().concat().contains("pg_depend_reference_index"));
    source.write(Statement::fixed("SELECT 1")).await.unwrap();
}
