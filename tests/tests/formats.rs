//! The forms of answers over HTTP: every form of every kind of answer, as a download too.

use kit::{Answer, Start};
use scenarios::world::World;
use serde_json::{Value, json};

const FORMS: &[(&str, &str, &str)] = &[
    ("application/json", "application/json", "json"),
    ("application/x-ndjson", "application/x-ndjson", "ndjson"),
    ("text/csv", "text/csv; charset=UTF-8", "csv"),
    ("application/xml", "application/xml", "xml"),
];

async fn get(world: &World, service: &str, path: &str, accept: &str) -> Answer {
    let path = format!("/api/v2/{service}/{path}");
    let answer = world.admin.send("GET", &path, &[("Accept", accept)], None).await;
    answer.unwrap_or_else(|e| panic!("{path}: {e}"))
}

fn lines(answer: &Answer) -> Vec<Value> {
    let text = answer.text();
    assert!(text.is_empty() || text.ends_with('\n'), "{text:?}");
    let parsed = text.lines().map(serde_json::from_str);
    parsed.collect::<Result<_, _>>().expect("every line is JSON")
}

#[tokio::test]
async fn lines_and_csv_say_what_json_says() {
    let world = World::shared().await;
    let paths = [
        "_table/all_types?order=id",
        "_table/supplies?order=id&fields=id,name,price,created",
        "_table/supplies?order=id&related=*",
        "_table/salaries?group=emp_no&fields=emp_no,MAX(salary),COUNT(*)&order=emp_no",
        "_table/departments?ids=d003,d001",
        "_table/departments?filter=dept_no%3D'none'",
        "_table/departments?limit=2&include_count=true&order=dept_no",
        "_table?fields=name",
    ];
    for base in &world.bases {
        for path in paths {
            let rows = get(&world, base.service, path, "application/json").await.json()["resource"].take();
            let rows = rows.as_array().expect("a list").clone();
            let answer = get(&world, base.service, path, "application/x-ndjson").await;
            assert_eq!(answer.header("content-type"), "application/x-ndjson");
            assert_eq!(lines(&answer), rows, "{} {path}", base.service);
            // What the door makes of values is what the engine writes of cells.
            let csv = get(&world, base.service, path, "text/csv").await;
            assert_eq!(csv.header("content-type"), "text/csv; charset=UTF-8");
            assert_eq!(csv.text(), csv_of(&rows), "{} {path}", base.service);
        }
        let one = get(
            &world,
            base.service,
            "_table/departments/d001",
            "application/x-ndjson",
        )
        .await;
        assert_eq!(one.text(), "{\"dept_no\":\"d001\",\"dept_name\":\"Marketing\"}\n");
        let one = get(&world, base.service, "_table/departments/d001", "text/csv").await;
        assert_eq!(one.text(), "dept_no,dept_name\nd001,Marketing\n");
        let none = get(
            &world,
            base.service,
            "_table/departments/x",
            "application/x-ndjson",
        )
        .await;
        assert_eq!(
            (none.status, lines(&none)[0]["error"]["code"].as_i64()),
            (404, Some(404))
        );
    }
}

/// CSV of rows by its rules, written anew.
fn csv_of(rows: &[Value]) -> String {
    let quoted = |text: &str| match text.contains([',', '"', '\\', '\n', '\r', '\t', ' ']) {
        true => format!("\"{}\"", text.replace('"', "\"\"")),
        false => text.to_owned(),
    };
    let cell = |value: &Value| match value {
        Value::Null => String::new(),
        Value::Bool(flag) => u8::from(*flag).to_string(),
        Value::String(text) => quoted(text),
        Value::Number(number) => number.to_string().trim_end_matches(".0").to_owned(),
        nested => quoted(&nested.to_string()),
    };
    let Some(first) = rows.first().and_then(Value::as_object) else {
        return "\n\n".into();
    };
    let header: Vec<String> = first.keys().map(|key| quoted(key)).collect();
    let mut out = header.join(",") + "\n";
    for row in rows {
        let cells: Vec<String> = first.keys().map(|key| cell(&row[key])).collect();
        out.push_str(&(cells.join(",") + "\n"));
    }
    out
}

#[tokio::test]
async fn every_form_is_a_download() {
    let world = World::start(Vec::new(), Start::default()).await;
    for path in [
        "_table/departments",
        "_table/departments/d001",
        "_schema/departments",
        "_table/departments?count_only=true",
    ] {
        for (accept, media, ending) in FORMS {
            let plain = get(&world, "sqlite", path, accept).await;
            assert_eq!(
                (plain.status, plain.header("content-type")),
                (200, *media),
                "{path}"
            );
            assert_eq!(plain.header("content-disposition"), "");
            let joint = if path.contains('?') { '&' } else { '?' };
            // The ending decides over what is accepted.
            let file = get(
                &world,
                "sqlite",
                &format!("{path}{joint}file=depts.{ending}"),
                "text/plain",
            )
            .await;
            assert_eq!(
                file.header("content-disposition"),
                format!("attachment; filename=\"depts.{ending}\";")
            );
            assert_eq!(
                (file.header("content-type"), file.text()),
                (*media, plain.text()),
                "{path} {ending}"
            );
        }
    }
    let refused = get(&world, "sqlite", "_table/none?file=x.ndjson", "*/*").await;
    assert_eq!((refused.status, refused.header("content-disposition")), (404, ""));
}

#[tokio::test]
async fn the_maximum_holds_for_streams_too() {
    let world = World::start(Vec::new(), Start::default()).await;
    let file = world.program.databases().join("many.sqlite");
    let database = rusqlite::Connection::open(file).expect("the data folder can be written");
    database
        .execute_batch(
            "CREATE TABLE many (id INTEGER PRIMARY KEY, note TEXT);
             WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 6000)
             INSERT INTO many SELECT i, 'note, ' || hex(zeroblob(100)) || i FROM n",
        )
        .expect("rows");
    let service = json!({"name": "many", "label": "many", "type": "sqlite", "is_active": true,
                         "config": {"database": "many.sqlite", "max_records": 5000}});
    world.create("service", service).await;
    let answer = get(&world, "many", "_table/many", "application/x-ndjson").await;
    assert_eq!(
        answer.header("transfer-encoding"),
        "chunked",
        "it leaves while it is read"
    );
    let note = format!("note, {}5000", "0".repeat(200));
    let rows = lines(&answer);
    assert_eq!(
        (rows.len(), &rows[4999]),
        (5000, &json!({"id": 5000, "note": note}))
    );
    let csv = get(&world, "many", "_table/many?file=all.csv", "").await;
    assert_eq!(csv.header("transfer-encoding"), "chunked");
    assert_eq!(
        csv.header("content-disposition"),
        "attachment; filename=\"all.csv\";"
    );
    let text = csv.text();
    assert_eq!(
        (text.lines().count(), text.lines().last()),
        (5001, Some(format!("5000,\"{note}\"").as_str()))
    );
}
