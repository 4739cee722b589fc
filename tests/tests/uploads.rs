//! Files of rows over HTTP: `system/import` makes tables of them, `system/user` and `system/admin` users; and lists
//! go out as files.

use kit::{Client, Program};
use scenarios::furnished::upload_to;
use scenarios::world::KEY;
use serde_json::{Value, json};

const IMPORT: &str = "/api/v2/system/import";
const ROWS: &[u8] = b"name,note\nBolt,\"a, b\"\nNut,\n";

/// Fields of a form, the name of the file in it, its content; the status and the start of the message of the answer.
type Refusal<'a> = (&'a [(&'a str, &'a str)], &'a str, &'a [u8], u16, &'a str);

async fn rows(admin: &Client, table: &str) -> Vec<Value> {
    let answer = admin.get(&format!("/api/v2/db/_table/{table}")).await;
    let rows = answer.json()["resource"].take();
    rows.as_array().cloned().unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_becomes_a_table() {
    let program = Program::start();
    let admin = program.admin().await;
    let fields = [("service", "db"), ("resource", "parts")];
    let answer = upload_to(&admin, IMPORT, &fields, ("file", "parts.csv", ROWS)).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let address = format!("{}/api/v2/db/_table/parts", program.base());
    assert_eq!(answer.json(), json!({"resource": address}));
    assert_eq!(
        rows(&admin, "parts").await,
        [
            json!({"name": "Bolt", "note": "a, b"}),
            json!({"name": "Nut", "note": ""})
        ]
    );
    // Without a name the table is called after the time.
    let answer = upload_to(&admin, IMPORT, &[], ("files", "Other.CSV", ROWS)).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let address = answer.json()["resource"].as_str().unwrap_or_default().to_owned();
    let table = address.rsplit('/').next().unwrap_or_default();
    let seconds = table.strip_prefix("import_").and_then(|t| t.parse::<u64>().ok());
    assert!(seconds.is_some_and(|s| s > 1_700_000_000), "{address}");
    assert_eq!(rows(&admin, table).await.len(), 2);
    // The body itself, however large it is.
    let mut large = b"name,note\n".to_vec();
    while large.len() < 3 * 1024 * 1024 {
        large.extend_from_slice(b"Bolt,a note that is long enough to fill a line of this file\n");
    }
    let lines = large.iter().filter(|byte| **byte == b'\n').count() - 1;
    for (table, body) in [("small", ROWS), ("large", &large)] {
        let path = format!("{IMPORT}?service=db&resource={table}");
        let answer = admin
            .send("POST", &path, &[("Content-Type", "text/csv")], Some(body))
            .await;
        let answer = answer.expect("the program answers");
        assert_eq!(answer.status, 200, "{}", answer.text());
    }
    let counted = admin
        .get("/api/v2/db/_table/large?include_count=true&limit=1")
        .await;
    assert_eq!(counted.json()["meta"]["count"], lines);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_import_is_refused_and_leaves_nothing() {
    let program = Program::start();
    let admin = program.admin().await;
    let taken = upload_to(
        &admin,
        &format!("{IMPORT}?resource=taken"),
        &[],
        ("file", "a.csv", ROWS),
    )
    .await;
    assert_eq!(taken.status, 200, "{}", taken.text());
    let cases: [Refusal; 9] = [
        (
            &[("resource", "taken")],
            "a.csv",
            ROWS,
            400,
            "Importing CSV data into existing DB table [taken] is not supported.",
        ),
        (
            &[("resource", "n")],
            "a.csv",
            b"1,2\n3,4\n",
            400,
            "First row in the uploaded CSV contains numeric value",
        ),
        (
            &[("resource", "n")],
            "a.csv",
            b"a,\n3,4\n",
            400,
            "First row in the uploaded CSV must name every field.",
        ),
        (
            &[("resource", "n")],
            "a.csv",
            b"a,b\n",
            400,
            "The CSV has no row under its header.",
        ),
        (
            &[("resource", "n")],
            "a.txt",
            ROWS,
            400,
            "Unsupported file type. Supported types are csv",
        ),
        (
            &[("resource", "n"), ("import_url", "http://127.0.0.1/a.csv")],
            "a.csv",
            ROWS,
            400,
            "The file at 'import_url' could not be fetched",
        ),
        (
            &[("resource", "n"), ("service", "system")],
            "a.csv",
            ROWS,
            400,
            "Importing resource(s) to service type group [System] is not currently supported.",
        ),
        (
            &[("resource", "n"), ("service", "nowhere")],
            "a.csv",
            ROWS,
            404,
            "Could not find a service for nowhere",
        ),
        (
            &[("resource", "taken/name")],
            "a.csv",
            ROWS,
            400,
            "The name of a table cannot hold a slash.",
        ),
    ];
    for (fields, name, bytes, status, message) in cases {
        let answer = upload_to(&admin, IMPORT, fields, ("file", name, bytes)).await;
        let told = answer.message();
        assert_eq!(answer.status, status, "{told}");
        assert!(told.starts_with(message), "{told}");
    }
    for body in [json!({}), json!({"resource": [{"a": 1}]})] {
        let nothing = admin.post(&format!("{IMPORT}?service=db"), &body).await;
        assert_eq!(nothing.status, 400);
        assert!(
            nothing.text().contains("No import file supplied."),
            "{}",
            nothing.text()
        );
    }
    // A row in the middle that cannot be read: nothing of the file stays.
    let broken = [b"a,b\n".as_slice(), &b"1,2\n".repeat(1500), b"1\n2,3\n"].concat();
    let answer = upload_to(
        &admin,
        IMPORT,
        &[("resource", "broken")],
        ("file", "a.csv", &broken),
    )
    .await;
    assert_eq!(answer.status, 400, "{}", answer.text());
    assert!(
        answer.text().contains("Line 1502 of the CSV has 1 fields"),
        "{}",
        answer.text()
    );
    let tables = admin.get("/api/v2/db/_schema?as_list=true").await.json();
    assert_eq!(tables["resource"], json!(["taken"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn users_come_in_as_files_and_go_out_as_files() {
    let program = Program::start();
    let admin = program.admin().await;
    let csv: &[u8] = b"email,first_name,last_name,is_active,password\n\
        ann@example.com,Ann,Lee,true,correct horse battery\n\
        bob@example.com,Bob,,false,\n";
    let json = br#"{"resource":[{"email":"cid@example.com","first_name":"Cid"}]}"#;
    let xml = b"<resource><email>dan@example.com</email><first_name>Dan</first_name></resource>";
    let files: [(&str, &[u8], usize); 3] = [
        ("users.csv", csv, 2),
        ("users.json", json, 1),
        ("users.xml", xml, 1),
    ];
    for (name, bytes, count) in files {
        let answer = upload_to(&admin, "/api/v2/system/user", &[], ("file", name, bytes)).await;
        assert_eq!(answer.status, 201, "{name}: {}", answer.text());
        assert_eq!(answer.json()["resource"].as_array().map(Vec::len), Some(count));
    }
    let (status, told) = {
        let answer = upload_to(&admin, "/api/v2/system/user", &[], ("file", "users.pdf", csv)).await;
        (answer.status, answer.text())
    };
    assert_eq!(status, 400);
    assert!(told.contains("Unsupported file type."), "{told}");
    let again = upload_to(&admin, "/api/v2/system/user", &[], ("file", "users.csv", csv)).await;
    assert_eq!(again.status, 400, "the addresses are taken");
    let bare = admin
        .send(
            "POST",
            "/api/v2/system/admin",
            &[("Content-Type", "text/csv")],
            Some(b"email,first_name,password\neve@example.com,Eve,correct horse battery\n"),
        )
        .await
        .expect("the program answers");
    assert_eq!(bare.status, 201, "{}", bare.text());
    let login = json!({"email": "ann@example.com", "password": "correct horse battery"});
    let session = program
        .client()
        .with(KEY, "")
        .post("/api/v2/user/session", &login)
        .await;
    assert_eq!(session.status, 200, "{}", session.text());
    let path = "/api/v2/system/user?fields=email,first_name,is_active&order=email";
    let cases = [
        (
            "users.csv",
            "text/csv",
            "email,first_name,is_active,confirmed,expired\nann@example.com,Ann,1,1,0\n",
        ),
        (
            "users.json",
            "application/json",
            r#"{"resource":[{"email":"ann@example.com""#,
        ),
        ("users.xml", "application/xml", "<?xml version=\"1.0\" ?><dfapi>"),
    ];
    for (name, media, start) in cases {
        let file = admin.get(&format!("{path}&file={name}")).await;
        assert_eq!(file.status, 200);
        assert!(
            file.header("content-type").starts_with(media),
            "{}",
            file.header("content-type")
        );
        let disposition = file.header("content-disposition");
        assert!(
            disposition.contains(&format!("filename=\"{name}\"")),
            "{disposition}"
        );
        assert!(file.text().starts_with(start), "{}", file.text());
        assert!(!file.text().contains("password"));
    }
}
