//! The text of statements, for two dialects that differ in everything that can differ.

use sql::{
    Aggregate, BinaryOp, Delete, Dialect, Expr, InSet, Insert, Moment, Nested, NestedList, Nulls, NullsOrder,
    OrderBy, Placeholders, Scalar, Select, SelectItem, Statement, TableName, Update,
};

struct Questions;
struct Dollars;

fn doubled(identifier: &str, quote: char, out: &mut String) {
    out.push(quote);
    for c in identifier.chars() {
        if c == quote {
            out.push(quote);
        }
        out.push(c);
    }
    out.push(quote);
}

impl Dialect for Questions {
    fn name(&self) -> &'static str {
        "questions"
    }
    fn quote(&self, identifier: &str, out: &mut String) {
        doubled(identifier, '`', out);
    }
    fn placeholders(&self) -> Placeholders {
        Placeholders::Question
    }
    fn nulls(&self) -> Nulls {
        Nulls::IsNullFirst
    }
    fn returning(&self) -> bool {
        false
    }
    fn default_row(&self) -> &'static str {
        "() VALUES ()"
    }
    fn no_limit(&self) -> Option<&'static str> {
        Some("99")
    }
    fn xor(&self) -> bool {
        true
    }
    fn as_text(&self) -> (&'static str, &'static str) {
        ("CAST(", " AS CHAR)")
    }
    fn moment(&self, _: Moment) -> String {
        "NOW()".into()
    }
    fn max_values(&self) -> usize {
        65535
    }
}

impl Dialect for Dollars {
    fn name(&self) -> &'static str {
        "dollars"
    }
    fn quote(&self, identifier: &str, out: &mut String) {
        doubled(identifier, '"', out);
    }
    fn placeholders(&self) -> Placeholders {
        Placeholders::Dollar
    }
    fn nulls(&self) -> Nulls {
        Nulls::Keyword
    }
    fn in_set(&self) -> InSet {
        InSet::AnyArray
    }
    fn array(&self, values: &[Scalar]) -> Scalar {
        let parts: Vec<_> = values.iter().filter_map(Scalar::to_text).collect();
        Scalar::Text(format!("{{{}}}", parts.join(",")))
    }
    fn json_rows(&self, quoted: &str) -> Option<String> {
        Some(format!("json({quoted})"))
    }
    fn read_as(&self, native: &str) -> Option<(&'static str, &'static str)> {
        (native == "money").then_some(("CAST(", " AS text)"))
    }
    fn returning(&self) -> bool {
        true
    }
    fn as_text(&self) -> (&'static str, &'static str) {
        ("CAST(", " AS text)")
    }
    fn like_escape(&self) -> &'static str {
        " ESCAPE '\\'"
    }
    fn moment(&self, _: Moment) -> String {
        "now()".into()
    }
    fn max_values(&self) -> usize {
        65535
    }
}

fn item(column: &str) -> SelectItem {
    SelectItem {
        expr: Expr::Read {
            column: column.into(),
            native: "money".into(),
        },
        alias: None,
    }
}

fn all_of_it() -> Select {
    let id = || Box::new(Expr::column("id"));
    Select {
        items: vec![
            item("a\"b`c"),
            SelectItem {
                expr: Expr::Aggregate(Aggregate::Sum, Some(Box::new(Expr::column("n")))),
                alias: Some("SUM_n".into()),
            },
        ],
        from: TableName {
            schema: Some("s".into()),
            name: "t".into(),
        },
        filter: Some(Expr::And(vec![
            Expr::Binary(id(), BinaryOp::Ge, Box::new(Expr::Bind(Scalar::Int(5)))),
            Expr::Or(vec![
                Expr::In {
                    expr: id(),
                    values: vec![1.into(), 2.into(), 3.into()],
                    negated: true,
                },
                Expr::Like {
                    expr: Box::new(Expr::AsText(id())),
                    pattern: "%'; DROP TABLE t; --%".into(),
                    negated: false,
                },
            ]),
            Expr::Xor(
                Box::new(Expr::IsNull {
                    expr: id(),
                    negated: true,
                }),
                Box::new(Expr::Not(Box::new(Expr::eq("x", "y")))),
            ),
            Expr::In {
                expr: id(),
                values: vec![],
                negated: false,
            },
        ])),
        group: vec![Expr::column("g")],
        having: Some(Expr::Binary(
            Box::new(Expr::Aggregate(Aggregate::Count, None)),
            BinaryOp::Gt,
            Box::new(Expr::Bind(Scalar::Int(1))),
        )),
        order: vec![OrderBy {
            expr: Expr::column("g"),
            descending: true,
            nulls: Some(NullsOrder::Last),
        }],
        limit: Some(10),
        offset: 20,
    }
}

#[test]
fn select_in_both_dialects() {
    let dollars = sql::select(&Dollars, &all_of_it());
    assert_eq!(
        dollars.text,
        "SELECT CAST(\"a\"\"b`c\" AS text), SUM(\"n\") AS \"SUM_n\" FROM \"s\".\"t\" WHERE (\"id\" >= $1 AND \
         (\"id\" <> ALL($2) OR CAST(\"id\" AS text) LIKE $3 ESCAPE '\\') AND ((\"id\" IS NOT NULL) <> \
         (NOT (\"x\" = $4))) AND 1 = 0) GROUP BY \"g\" HAVING COUNT(*) > $5 ORDER BY \"g\" DESC NULLS LAST LIMIT $6 \
         OFFSET $7"
    );
    assert_eq!(dollars.values.len(), 7);
    let questions = sql::select(&Questions, &all_of_it());
    assert_eq!(
        questions.text,
        "SELECT `a\"b``c`, SUM(`n`) AS `SUM_n` FROM `s`.`t` WHERE (`id` >= ? AND (`id` NOT IN (?, ?, ?, ?) OR \
         CAST(`id` AS CHAR) LIKE ?) AND ((`id` IS NOT NULL) XOR (NOT (`x` = ?))) AND 1 = 0) GROUP BY `g` \
         HAVING COUNT(*) > ? ORDER BY `g` IS NULL, `g` DESC LIMIT ? OFFSET ?"
    );
    assert_eq!(questions.values[1..5], [1.into(), 2.into(), 3.into(), 3.into()]);
}

#[test]
fn no_client_text_reaches_the_statement() {
    for statement in [
        sql::select(&Dollars, &all_of_it()),
        sql::select(&Questions, &all_of_it()),
    ] {
        assert!(!statement.text.contains("DROP"), "{}", statement.text);
    }
}

#[test]
fn writes() {
    let insert = Insert {
        table: TableName::plain("t"),
        values: vec![
            ("a".into(), Expr::Bind(1.into())),
            ("b".into(), Expr::Bind(Scalar::Null)),
        ],
        returning: vec![item("id")],
    };
    assert_eq!(
        sql::insert(&Dollars, &insert).text,
        "INSERT INTO \"t\" (\"a\", \"b\") VALUES ($1, $2) RETURNING CAST(\"id\" AS text)"
    );
    assert_eq!(
        sql::insert(&Questions, &insert).text,
        "INSERT INTO `t` (`a`, `b`) VALUES (?, ?)"
    );
    let empty = Insert {
        values: vec![],
        ..insert
    };
    assert_eq!(
        sql::insert(&Questions, &empty).text,
        "INSERT INTO `t` () VALUES ()"
    );
    let update = Update {
        table: TableName::plain("t"),
        set: vec![("a".into(), Expr::Bind(1.into()))],
        filter: Some(Expr::eq("id", 7_i64)),
    };
    assert_eq!(
        sql::update(&Questions, &update),
        Statement {
            text: "UPDATE `t` SET `a` = ? WHERE `id` = ?".into(),
            values: vec![1.into(), 7.into()]
        }
    );
    let delete = Delete {
        table: TableName::plain("t"),
        filter: None,
    };
    assert_eq!(sql::delete(&Dollars, &delete).text, "DELETE FROM \"t\"");
}

#[test]
fn an_offset_without_a_limit_gets_one_where_needed() {
    let select = Select {
        limit: None,
        ..all_of_it()
    };
    assert!(
        sql::select(&Questions, &select)
            .text
            .ends_with("LIMIT 99 OFFSET ?")
    );
    assert!(
        sql::select(&Dollars, &select)
            .text
            .ends_with("NULLS LAST OFFSET $6")
    );
}

#[test]
fn rows_come_with_the_rows_that_belong_to_them() {
    let named = |column: &str, alias: &str| SelectItem {
        alias: Some(alias.into()),
        ..item(column)
    };
    let plain = |items, table: &str, limit| Select {
        items,
        from: TableName::plain(table),
        filter: Some(Expr::Or(vec![Expr::eq("x", 1), Expr::eq("y", 2)])),
        group: Vec::new(),
        having: None,
        order: Vec::new(),
        limit: Some(limit),
        offset: 0,
    };
    let list = NestedList {
        select: plain(vec![named("c", "see")], "child", 9),
        on: vec![("parent\"id".into(), "key".into())],
    };
    let nested = Nested {
        select: plain(vec![named("id", "a"), named("id", "key")], "parent", 5),
        shown: 1,
        lists: vec![list],
    };
    let rendered = sql::nested(&Dollars, &nested).expect("the dialect makes JSON");
    assert_eq!(
        rendered.text,
        concat!(
            r#"SELECT "dw row"."a", "dw list 0"."dw count", "dw list 0"."dw rows" FROM (SELECT CAST("id" AS text) AS "a", "#,
            r#"CAST("id" AS text) AS "key" FROM "parent" WHERE ("x" = $1 OR "y" = $2) LIMIT $3) AS "dw row", LATERAL ("#,
            r#"SELECT count(*) AS "dw count", json("dw list") AS "dw rows" FROM (SELECT CAST("c" AS text) AS "see" "#,
            r#"FROM "child" WHERE "parent""id" = "dw row"."key" AND ("x" = $4 OR "y" = $5) LIMIT $6) AS "dw list") "#,
            r#"AS "dw list 0""#
        )
    );
    assert_eq!(rendered.values, [1, 2, 5, 1, 2, 9].map(Scalar::from));
    assert_eq!(sql::nested(&Questions, &nested), None);
}
