//! Introspection of the reference database and of what it does not have.
#![allow(clippy::unwrap_used)]

mod server;

use driver::Driver;
use records::{Kind, RawTable, SqlSource};
use serde_json::{Value, json};
use server::{REFERENCE, changed, config, fresh, impatient, source};

async fn described(db: &mysql::Source, name: &str) -> RawTable {
    db.describe(name)
        .await
        .unwrap()
        .unwrap_or_else(|| panic!("{name} exists"))
}

#[tokio::test]
async fn tables_and_views_are_listed() {
    let Some((db, _database)) = fresh("list", REFERENCE).await else {
        return;
    };
    db.batch("CREATE SEQUENCE hidden").await.unwrap();
    let mut tables = db.tables().await.unwrap();
    tables.sort_by(|a, b| a.public.cmp(&b.public));
    let names: Vec<_> = tables.iter().map(|table| table.public.as_str()).collect();
    assert_eq!(
        names,
        [
            "all_types",
            "audit_log",
            "countries",
            "departments",
            "dept_emp",
            "employee_summary",
            "employees",
            "locations",
            "order_lines",
            "salaries",
            "supplies",
        ]
    );
    assert!(tables.iter().all(|table| table.table.schema.is_none()));
    let views: Vec<_> = tables
        .iter()
        .filter(|table| table.is_view)
        .map(|table| &table.public)
        .collect();
    assert_eq!(views, ["employee_summary"]);
}

#[tokio::test]
async fn a_table_is_described_as_clients_see_it() {
    let Some((db, database)) = fresh("described", REFERENCE).await else {
        return;
    };
    let raw = described(&db, "DEPARTMENTS").await;
    assert_eq!(
        (raw.name.public.as_str(), raw.primary_key.as_slice()),
        ("departments", &["dept_no".to_owned()][..])
    );
    let descriptor = |kind: &str, name: &str, column: &str| {
        json!({
            "constraint_type": kind, "constraint_schema": database.name(), "constraint_name": name,
            "table_schema": database.name(), "table_name": "departments", "column_name": column,
            "referenced_table_schema": null, "referenced_table_name": null, "referenced_column_name": null,
            "update_rule": null, "delete_rule": null,
        })
    };
    let constraints = json!({
        "primary": descriptor("PRIMARY KEY", "PRIMARY", "dept_no"),
        "dept_name": descriptor("UNIQUE", "dept_name", "dept_name"),
    });
    assert_eq!(
        Value::Object(raw.constraints.clone()).to_string(),
        constraints.to_string()
    );
    let column = &raw.columns[0];
    assert_eq!(
        (column.native.as_str(), column.length, column.precision),
        ("char(4)", Some(4), None)
    );
    assert!(column.fixed_length && column.supports_multibyte && !column.allow_null && !column.is_index);
    let neighbour = &raw.neighbours[0];
    let columns: Vec<_> = neighbour
        .foreign_keys
        .iter()
        .map(|key| key.columns.join(","))
        .collect();
    assert_eq!(
        (
            raw.neighbours.len(),
            neighbour.public.as_str(),
            columns.join(" ").as_str()
        ),
        (1, "dept_emp", "dept_no emp_no")
    );
    assert_eq!(neighbour.foreign_keys[0].on_update, "RESTRICT");
    assert_eq!(neighbour.foreign_keys[0].on_delete, "CASCADE");
    assert_eq!(neighbour.keys[0].columns, ["emp_no", "dept_no"]);
    let relations: Vec<_> = records::catalogue::table(&raw)
        .relations
        .into_iter()
        .map(|r| r.name)
        .collect();
    assert!(
        relations.contains(&"employees_by_dept_emp".to_owned()) && relations.len() == 2,
        "{relations:?}"
    );
}

#[tokio::test]
async fn foreign_keys_are_constraints_with_rules() {
    let Some((db, database)) = fresh("keys", REFERENCE).await else {
        return;
    };
    let raw = described(&db, "dept_emp").await;
    let names: Vec<_> = raw.constraints.keys().cloned().collect();
    assert_eq!(names, ["primary", "fk_de_dept", "fk_de_emp"]);
    assert_eq!(
        raw.constraints["primary"]["column_name"],
        json!(["emp_no", "dept_no"])
    );
    assert_eq!(
        raw.constraints["fk_de_emp"],
        json!({
            "constraint_type": "FOREIGN KEY", "constraint_schema": database.name(), "constraint_name": "fk_de_emp",
            "table_schema": database.name(), "table_name": "dept_emp", "column_name": "emp_no",
            "referenced_table_schema": database.name(), "referenced_table_name": "employees",
            "referenced_column_name": "emp_no", "update_rule": "RESTRICT", "delete_rule": "CASCADE",
        })
    );
    let employees = described(&db, "employees").await;
    let neighbours: Vec<_> = employees.neighbours.iter().map(|n| n.public.as_str()).collect();
    assert_eq!(neighbours, ["dept_emp", "salaries"]);
    assert!(
        employees
            .columns
            .iter()
            .find(|c| c.name == "last_name")
            .unwrap()
            .is_index
    );
    let view = described(&db, "employee_summary").await;
    assert!(
        view.name.is_view
            && view.primary_key.is_empty()
            && view.neighbours.is_empty()
            && view.comment.is_none()
    );
    assert!(db.describe("nosuch").await.unwrap().is_none());
    assert!(db.describe("x' OR '1'='1").await.unwrap().is_none());
}

#[tokio::test]
async fn columns_have_their_types_and_defaults() {
    let sql = "CREATE TABLE other (id INT UNSIGNED AUTO_INCREMENT PRIMARY KEY, self INT UNSIGNED, \
       a VARCHAR(10) NOT NULL DEFAULT 'it''s', b TINYINT(1) NOT NULL DEFAULT 0 COMMENT 'a flag', \
       c DECIMAL(8,2) DEFAULT 1.50, d VARCHAR(36) DEFAULT (uuid()), e INT DEFAULT NULL, f VARCHAR(9) DEFAULT 'NULL', \
       made TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP, \
       changed TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP, \
       at TIMESTAMP NULL, dt DATETIME(3) DEFAULT CURRENT_TIMESTAMP(3), g INT AS (e + 1) STORED, \
       v INT AS (e + 2) VIRTUAL, bits BIT(4) DEFAULT b'101', x VARBINARY(16), l VARCHAR(5) CHARACTER SET latin1, \
       UNIQUE KEY pair (a, b), CONSTRAINT fk_self FOREIGN KEY (self) REFERENCES other (id) ON DELETE SET NULL\
       ) COMMENT 'Others'";
    let Some((db, _database)) = fresh("columns", sql).await else {
        return;
    };
    let raw = described(&db, "other").await;
    let column = |name: &str| raw.columns.iter().find(|column| column.name == name).unwrap();
    for (name, kind, default) in [
        ("id", Kind::Integer, Value::Null),
        ("a", Kind::String, json!("it's")),
        ("b", Kind::Boolean, json!(false)),
        ("c", Kind::Decimal, json!(1.5)),
        ("d", Kind::String, json!({"expression": "uuid()"})),
        ("e", Kind::Integer, Value::Null),
        ("f", Kind::String, json!("NULL")),
        (
            "made",
            Kind::TimestampOnCreate,
            json!({"expression": "CURRENT_TIMESTAMP"}),
        ),
        (
            "changed",
            Kind::TimestampOnUpdate,
            json!({"expression": "CURRENT_TIMESTAMP"}),
        ),
        ("at", Kind::Timestamp, Value::Null),
        (
            "dt",
            Kind::DateTime,
            json!({"expression": "CURRENT_TIMESTAMP(3)"}),
        ),
        ("g", Kind::Integer, Value::Null),
        ("bits", Kind::Integer, json!(5)),
        ("x", Kind::Binary, Value::Null),
    ] {
        assert_eq!(
            (column(name).kind, &column(name).default),
            (kind, &default),
            "{name}"
        );
    }
    assert!(column("id").auto_increment && column("g").generated && column("v").generated);
    assert_eq!(
        (column("c").length, column("c").precision, column("c").scale),
        (Some(8), Some(8), Some(2))
    );
    assert_eq!(
        (column("b").comment.as_deref(), raw.comment.as_deref()),
        (Some("a flag"), Some("Others"))
    );
    assert!(column("self").is_index && !column("l").supports_multibyte);
    assert_eq!(raw.unique[0].columns, ["a", "b"]);
    assert_eq!(
        (
            raw.foreign_keys.len(),
            raw.neighbours.len(),
            raw.neighbours[0].public.as_str()
        ),
        (1, 1, "other")
    );
}

#[tokio::test]
async fn other_schemas_show_when_the_configuration_says_so() {
    let Some((db, database)) = fresh("home", "CREATE TABLE mine (id INT PRIMARY KEY)").await else {
        return;
    };
    let other = database.server().database("away");
    let across = format!(
        "CREATE TABLE theirs (id INT PRIMARY KEY, mine INT, FOREIGN KEY (mine) REFERENCES `{}`.mine (id))",
        database.name()
    );
    source(&other).batch(&across).await.unwrap();
    assert_eq!(db.tables().await.unwrap().len(), 1);
    assert!(described(&db, "mine").await.neighbours.is_empty());

    let all = changed(&database, json!({"schema": "all"}));
    let names: Vec<_> = all
        .tables()
        .await
        .unwrap()
        .into_iter()
        .map(|table| table.public)
        .collect();
    let theirs = format!("{}.theirs", other.name());
    assert!(
        names.contains(&"mine".to_owned()) && names.contains(&theirs),
        "{names:?}"
    );
    assert!(!names.iter().any(|name| name.starts_with("information_schema.")));
    let raw = described(&all, &theirs).await;
    assert_eq!(
        (
            raw.name.table.schema.as_deref(),
            raw.foreign_keys[0].public.as_str()
        ),
        (Some(other.name()), "mine")
    );
    assert_eq!(described(&all, "mine").await.neighbours[0].public, theirs);
    assert!(all.describe("mysql.user").await.unwrap().is_none());

    let one = changed(&database, json!({"schema": other.name()}));
    let raw = described(&one, "Theirs").await;
    assert_eq!(
        (raw.name.public.as_str(), raw.name.table.schema.as_deref()),
        ("theirs", Some(other.name()))
    );
}

#[tokio::test]
async fn names_with_signs_and_users_with_more_rights_see_the_same() {
    let sql = "CREATE TABLE `a-b c` (`x``y` INT PRIMARY KEY); CREATE TABLE `ref` (`p` INT, FOREIGN KEY (`p`) REFERENCES `a-b c` (`x``y`))";
    let Some((db, database)) = fresh("signs", sql).await else {
        return;
    };
    assert_eq!(described(&db, "a-b c").await.neighbours[0].public, "ref");
    db.batch("CREATE TABLE plain (id INT PRIMARY KEY); CREATE TABLE child (p INT, FOREIGN KEY (p) REFERENCES plain (id))")
        .await
        .unwrap();
    let grant = "CREATE USER seer@'%' IDENTIFIED BY 'pw'; GRANT ALL ON *.* TO seer@'%'";
    database.server().admin(grant, "mysql").unwrap();
    let mut seer = config(&database);
    seer.insert("username".into(), json!("seer"));
    seer.insert("password".into(), json!("pw"));
    let seer = mysql::Source::new(&seer, &impatient(), "MariaDB").unwrap();
    for db in [&db, &seer] {
        assert_eq!(described(db, "plain").await.neighbours[0].public, "child");
        assert_eq!(
            described(db, "a-b c").await.neighbours[0].foreign_keys[0].references,
            ["x`y"]
        );
    }
}
