//! What the catalogue tells of real databases.
#![allow(clippy::unwrap_used)]

mod fixture;

use fixture::{Database, database, reference};
use records::{Kind, RawColumn, RawTable, SqlSource};
use serde_json::{Value, json};

async fn describe(db: &Database, name: &str) -> RawTable {
    db.describe(name).await.unwrap().unwrap()
}

fn column<'t>(table: &'t RawTable, name: &str) -> &'t RawColumn {
    table.columns.iter().find(|column| column.name == name).unwrap()
}

#[tokio::test]
async fn tables_and_views_are_listed() {
    let db = reference().await;
    let mut names: Vec<_> = db
        .tables()
        .await
        .unwrap()
        .into_iter()
        .map(|t| (t.public, t.is_view))
        .collect();
    names.sort();
    assert_eq!(names.len(), 11);
    assert_eq!(names[5], ("employee_summary".into(), true));
    assert_eq!(names[10], ("supplies".into(), false));
}

#[tokio::test]
async fn columns_have_types_lengths_and_defaults() {
    let db = reference().await;
    let table = describe(&db, "ALL_types").await;
    assert_eq!(table.name.public, "all_types");
    let kinds: Vec<_> = table.columns.iter().map(|c| c.kind).collect();
    assert_eq!(
        kinds,
        [
            Kind::Id,
            Kind::Boolean,
            Kind::Integer,
            Kind::Integer,
            Kind::BigInt,
            Kind::Decimal,
            Kind::Float,
            Kind::Double,
            Kind::String,
            Kind::String,
            Kind::Text,
            Kind::Binary,
            Kind::Date,
            Kind::Time,
            Kind::DateTime,
            Kind::Timestamp,
            Kind::String,
            Kind::String,
        ]
    );
    let decimal = column(&table, "c_decimal");
    assert_eq!(
        (decimal.length, decimal.precision, decimal.scale),
        (Some(12), Some(12), Some(4))
    );
    assert_eq!(decimal.native, "decimal(12,4)");
    let char = column(&table, "c_char");
    assert_eq!(
        (char.length, char.precision, char.fixed_length),
        (Some(10), None, true)
    );
    assert_eq!(column(&table, "c_varchar").default, json!("dflt"));
    assert!(!column(&table, "c_varchar").fixed_length);
    assert_eq!(
        column(&describe(&db, "supplies").await, "quantity").default,
        json!(0)
    );
}

#[tokio::test]
async fn integers_of_a_primary_key_are_automatic() {
    let db = reference().await;
    let automatic = |table: &RawTable| -> Vec<(String, bool, bool)> {
        let in_key = |c: &&RawColumn| table.primary_key.contains(&c.name);
        let columns = table.columns.iter().filter(in_key);
        columns
            .map(|c| (c.name.clone(), c.auto_increment, c.allow_null))
            .collect()
    };
    assert_eq!(
        automatic(&describe(&db, "employees").await),
        [("emp_no".into(), true, false)]
    );
    assert_eq!(
        automatic(&describe(&db, "supplies").await),
        [("id".into(), true, true)]
    );
    let lines = [("order_id".into(), true, false), ("line_no".into(), true, false)];
    assert_eq!(automatic(&describe(&db, "order_lines").await), lines);
    assert_eq!(
        automatic(&describe(&db, "countries").await),
        [("code".into(), false, false)]
    );
}

#[tokio::test]
async fn constraints_are_told_in_shape_and_order() {
    let db = reference().await;
    let text = |table: &RawTable| Value::Object(table.constraints.clone()).to_string();
    assert_eq!(
        text(&describe(&db, "departments").await),
        r#"{"sqlite_autoindex_departments_2":{"table_schema":"","table_name":"departments","column_name":["dept_name"],"constraint_name":"sqlite_autoindex_departments_2","constraint_type":"u"},"sqlite_autoindex_departments_1":{"table_schema":"","table_name":"departments","column_name":["dept_no"],"constraint_name":"sqlite_autoindex_departments_1","constraint_type":"pk"}}"#
    );
    assert_eq!(
        text(&describe(&db, "dept_emp").await),
        r#"{"sqlite_autoindex_dept_emp_1":{"table_schema":"","table_name":"dept_emp","column_name":["emp_no","dept_no"],"constraint_name":"sqlite_autoindex_dept_emp_1","constraint_type":"pk"},"fk_dept_emp_dept_no":{"table_schema":"","table_name":"dept_emp","column_name":"dept_no","constraint_name":"fk_dept_emp_dept_no","constraint_type":"f","referenced_table_schema":"","referenced_table_name":"departments","referenced_column_name":"dept_no","update_rule":"NO ACTION","delete_rule":"CASCADE"},"fk_dept_emp_emp_no":{"table_schema":"","table_name":"dept_emp","column_name":"emp_no","constraint_name":"fk_dept_emp_emp_no","constraint_type":"f","referenced_table_schema":"","referenced_table_name":"employees","referenced_column_name":"emp_no","update_rule":"NO ACTION","delete_rule":"CASCADE"}}"#
    );
    assert_eq!(
        text(&describe(&db, "employees").await),
        r#"{"idx_last":{"table_schema":"","table_name":"employees","column_name":["last_name"],"constraint_name":"idx_last","constraint_type":"c"}}"#
    );
    assert_eq!(text(&describe(&db, "supplies").await), "{}");
}

#[tokio::test]
async fn neighbours_come_in_the_order_they_were_made() {
    let db = reference().await;
    let employees = describe(&db, "employees").await;
    let names: Vec<_> = employees.neighbours.iter().map(|n| n.public.as_str()).collect();
    assert_eq!(names, ["dept_emp", "salaries"]);
    let keys: Vec<_> = employees.neighbours[0]
        .foreign_keys
        .iter()
        .map(|fk| fk.public.as_str())
        .collect();
    assert_eq!(keys, ["departments", "employees"]);
    assert_eq!(employees.neighbours[0].keys[0].columns, ["emp_no", "dept_no"]);
    let relations: Vec<_> = records::catalogue::table(&employees)
        .relations
        .into_iter()
        .map(|r| r.name)
        .collect();
    assert_eq!(relations.len(), 3);
    for name in [
        "departments_by_dept_emp",
        "dept_emp_by_emp_no",
        "salaries_by_emp_no",
    ] {
        assert!(relations.iter().any(|r| r == name), "{relations:?}");
    }
}

#[tokio::test]
async fn columns_of_views_without_a_type_are_strings() {
    let db = reference().await;
    let view = describe(&db, "employee_summary").await;
    assert!(view.name.is_view);
    let columns: Vec<_> = view
        .columns
        .iter()
        .map(|c| (c.name.as_str(), c.kind, c.native.as_str()))
        .collect();
    assert_eq!(
        columns,
        [
            ("emp_no", Kind::Integer, "integer"),
            ("full_name", Kind::String, ""),
            ("departments", Kind::String, ""),
        ]
    );
}

#[tokio::test]
async fn odd_names_are_found_and_related() {
    let schema = r#"
        CREATE TABLE "sel""ect [x]" ("a ""b""" INTEGER PRIMARY KEY, "from" TEXT DEFAULT 'it''s');
        CREATE TABLE `chi'ld` ("p'" INTEGER REFERENCES "SEL""ECT [x]", "semi;--" TEXT);
        CREATE TABLE "表 1" ("ключ" TEXT PRIMARY KEY, x DEFAULT (datetime('now')));
        CREATE TABLE sqliteish (a);"#;
    let db = database(|_| {}, schema).await;
    assert_eq!(db.tables().await.unwrap().len(), 4);
    let parent = describe(&db, "sel\"ect [x]").await;
    assert_eq!(parent.primary_key, ["a \"b\""]);
    assert_eq!(column(&parent, "from").default, json!("it's"));
    assert_eq!(parent.neighbours.len(), 1);
    let child = describe(&db, "CHI'LD").await;
    assert_eq!(
        child.foreign_keys[0].public, "sel\"ect [x]",
        "in the case of its definition"
    );
    assert_eq!(
        child.foreign_keys[0].references,
        ["a \"b\""],
        "the primary key when none is named"
    );
    let wide = describe(&db, "表 1").await;
    assert_eq!(wide.primary_key, ["ключ"]);
    assert_eq!(
        column(&wide, "x").default,
        json!({"expression": "datetime('now')"})
    );
    for missing in ["nosuch", "", "sqlite_schema", "sqlite_sequence", "x' OR 1=1 --"] {
        assert!(db.describe(missing).await.unwrap().is_none(), "{missing:?}");
    }
}

#[tokio::test]
async fn generated_columns_self_references_and_unique_indexes() {
    let schema = "
        CREATE TABLE node (
          id INTEGER PRIMARY KEY, parent INTEGER REFERENCES Node (ID) ON UPDATE CASCADE, code TEXT, part TEXT,
          twice INTEGER GENERATED ALWAYS AS (id * 2) VIRTUAL, thrice INTEGER AS (id * 3) STORED,
          lost INTEGER REFERENCES nowhere (id));
        CREATE UNIQUE INDEX by_code ON node (code);
        CREATE UNIQUE INDEX by_part ON node (part) WHERE part IS NOT NULL;
        CREATE UNIQUE INDEX by_lower ON node (lower(code));
        CREATE TABLE pair (a INTEGER, b INTEGER, PRIMARY KEY (b, a)) WITHOUT ROWID;
        CREATE TABLE to_pair (x INTEGER, y INTEGER, FOREIGN KEY (x, y) REFERENCES pair (b, a));";
    let db = database(|_| {}, schema).await;
    let node = describe(&db, "node").await;
    let generated: Vec<_> = node
        .columns
        .iter()
        .filter(|c| c.generated)
        .map(|c| c.name.as_str())
        .collect();
    assert_eq!(generated, ["twice", "thrice"]);
    assert_eq!(node.foreign_keys.len(), 1, "a key that leads nowhere is left out");
    assert_eq!(node.foreign_keys[0].references, ["id"]);
    assert_eq!(node.foreign_keys[0].on_update, "CASCADE");
    assert_eq!(node.neighbours.len(), 1);
    let unique: Vec<_> = node.unique.iter().map(|u| u.columns.join(",")).collect();
    assert_eq!(unique, ["code"]);
    assert_eq!(describe(&db, "pair").await.primary_key, ["b", "a"]);
    let to_pair = describe(&db, "to_pair").await;
    assert_eq!(to_pair.foreign_keys[0].columns, ["x", "y"]);
    assert_eq!(
        to_pair.constraints["fk_to_pair_x_y"]["column_name"],
        json!(["x", "y"])
    );
}

#[tokio::test]
async fn one_of_many_tables_is_described_alone() {
    let mut schema = String::from("BEGIN; CREATE TABLE parent (id INTEGER PRIMARY KEY);");
    for i in 0..1000 {
        schema.push_str(&format!(
            "CREATE TABLE t{i} (id INTEGER PRIMARY KEY, parent INTEGER);"
        ));
    }
    schema.push_str("CREATE TABLE child (p INTEGER REFERENCES parent (id)); COMMIT;");
    let db = database(|_| {}, &schema).await;
    assert_eq!(db.tables().await.unwrap().len(), 1002);
    assert_eq!(describe(&db, "parent").await.neighbours.len(), 1);
}
