//! Changing schemas over HTTP: every simple type on every database, changes that keep the data, extras, and
//! attempts to reach SQL through names, types, defaults and functions.

use kit::{Answer, Client};
use scenarios::world::World;
use serde_json::{Value, json};

/// A service and the administrator.
struct Subject<'w> {
    admin: &'w Client,
    service: &'static str,
}

impl Subject<'_> {
    fn path(&self, rest: &str) -> String {
        format!("/api/v2/{}/{rest}", self.service)
    }

    async fn ok(&self, verb: &str, path: &str, body: Value) -> Value {
        let answer = self.send(verb, path, &body).await;
        assert!(
            answer.status < 300,
            "{}: {verb} {path} {body} answered {}: {}",
            self.service,
            answer.status,
            answer.text()
        );
        answer.json()
    }

    /// The sentence of a refusal, which must be the caller's fault and tell nothing of SQL.
    async fn refused(&self, verb: &str, path: &str, body: Value) -> String {
        let answer = self.send(verb, path, &body).await;
        let text = answer.text();
        assert!(
            (400..500).contains(&answer.status),
            "{}: {verb} {path} {body} answered {}: {text}",
            self.service,
            answer.status
        );
        for word in ["SQLSTATE", "syntax error", "CREATE TABLE", "ALTER TABLE"] {
            assert!(!text.contains(word), "{}: {text}", self.service);
        }
        answer.message()
    }

    async fn send(&self, verb: &str, path: &str, body: &Value) -> Answer {
        let body = Some(body).filter(|body| !body.is_null());
        self.admin.call(verb, &self.path(path), body).await
    }

    async fn get(&self, path: &str) -> Value {
        let answer = self.admin.get(&self.path(path)).await;
        assert_eq!(
            answer.status,
            200,
            "{}: GET {path}: {}",
            self.service,
            answer.text()
        );
        answer.json()
    }

    async fn create(&self, table: &str, fields: Value) {
        let body = json!({"resource": [{"name": table, "field": fields}]});
        let made = self.ok("POST", "_schema", body).await;
        assert_eq!(made, json!({"resource": [{"name": table}]}));
    }

    async fn field(&self, table: &str, field: &str) -> Value {
        self.get(&format!("_schema/{table}/_field/{field}")).await
    }
}

async fn each(test: impl AsyncFn(Subject<'_>)) {
    let world = World::shared().await;
    for base in &world.bases {
        test(Subject {
            admin: &world.admin,
            service: base.service,
        })
        .await;
    }
}

const SIMPLE: &[&str] = &[
    "bigint",
    "binary",
    "boolean",
    "date",
    "datetime",
    "datetimetz",
    "decimal",
    "double",
    "float",
    "integer",
    "json",
    "jsonb",
    "longtext",
    "mediumint",
    "mediumtext",
    "money",
    "object",
    "smallint",
    "string",
    "text",
    "time",
    "timetz",
    "timestamp",
    "timestamptz",
    "timestamp_on_create",
    "timestamp_on_update",
    "tinyint",
    "user_id",
    "user_id_on_create",
    "user_id_on_update",
    "uuid",
];

#[tokio::test(flavor = "multi_thread")]
async fn every_simple_type_is_made_and_described() {
    each(async |s| {
        let mut fields = vec![json!({"name": "id", "type": "id"})];
        for kind in SIMPLE {
            fields.push(json!({"name": format!("f_{kind}"), "type": kind, "allow_null": true}));
        }
        s.create("all_simple", json!(fields)).await;
        let described = s.get("_schema/all_simple").await;
        let list = described["field"].as_array().expect("fields");
        assert_eq!(list.len(), SIMPLE.len() + 1, "{}", s.service);
        for kept in [
            "user_id",
            "user_id_on_create",
            "user_id_on_update",
            "timestamp_on_create",
            "timestamp_on_update",
            "boolean",
            "bigint",
            "decimal",
            "date",
            "time",
        ] {
            let field = list.iter().find(|f| f["name"] == format!("f_{kept}"));
            let described = field.map_or(Value::Null, |f| f["type"].clone());
            assert_eq!(described, json!(kept), "{} {kept}", s.service);
        }
        // A description that is sent back changes nothing.
        let body = json!({"resource": [described]});
        s.ok("PUT", "_schema", body).await;
        assert_eq!(s.get("_schema/all_simple").await, described, "{}", s.service);
        s.ok(
            "POST",
            "_table/all_simple",
            json!({"resource": [{"f_string": "x", "f_decimal": "1.5"}]}),
        )
        .await;
        assert_eq!(
            s.ok("DELETE", "_schema/all_simple", Value::Null).await,
            json!({"success": true})
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_keep_the_data() {
    each(async |s| {
        s.create("owner", json!([{"name": "id", "type": "id"}, {"name": "name", "type": "string", "length": 20}]))
            .await;
        s.create(
            "thing",
            json!([
                {"name": "id", "type": "id"},
                {"name": "name", "type": "string", "length": 10, "is_unique": true},
                {"name": "owner_id", "type": "reference", "ref_table": "owner", "ref_field": "id", "allow_null": true,
                 "ref_on_delete": "SET NULL"},
                {"name": "size", "type": "integer", "allow_null": true, "default": 7, "is_index": true},
                {"name": "old", "type": "text", "allow_null": true},
            ]),
        )
        .await;
        s.ok("POST", "_table/owner", json!({"resource": [{"name": "Ann"}]})).await;
        let rows = json!({"resource": [{"name": "a", "owner_id": 1, "old": "x"}, {"name": "b", "size": 3}]});
        s.ok("POST", "_table/thing", rows).await;

        s.ok(
            "PATCH",
            "_schema/thing/_field/name",
            json!({"type": "string", "length": 60}),
        )
        .await;
        s.ok("PATCH", "_schema/thing/_field/size", json!({"type": "bigint", "default": null})).await;
        s.ok(
            "POST",
            "_schema/thing/_field",
            json!({"resource": [
                {"name": "state", "type": "string", "length": 5, "default": "it's"},
                {"name": "at", "type": "datetime", "allow_null": true, "default": {"expression": "NOW()"}},
                {"name": "second_owner", "type": "reference", "ref_table": "owner", "allow_null": true},
            ]}),
        )
        .await;
        assert_eq!(
            s.ok("DELETE", "_schema/thing/_field/old", Value::Null).await,
            json!({"success": true})
        );

        let name = s.field("thing", "name").await;
        assert_eq!((&name["length"], &name["is_unique"]), (&json!(60), &json!(true)), "{}", s.service);
        assert_eq!(s.field("thing", "size").await["default"], Value::Null, "{}", s.service);
        let second = s.field("thing", "second_owner").await;
        assert_eq!((&second["ref_table"], &second["ref_field"]), (&json!("owner"), &json!("id")));
        let rows = s.get("_table/thing?fields=id,name,owner_id,size,state&order=id&related=owner_by_owner_id").await;
        assert_eq!(
            rows["resource"],
            json!([
                {"id": 1, "name": "a", "owner_id": 1, "size": 7, "state": "it's", "owner_by_owner_id": {"id": 1, "name": "Ann"}},
                {"id": 2, "name": "b", "owner_id": null, "size": 3, "state": "it's", "owner_by_owner_id": null},
            ]),
            "{}",
            s.service
        );
        // The rules still hold.
        s.refused("POST", "_table/thing", json!({"resource": [{"name": "a"}]})).await;
        s.refused("POST", "_table/thing", json!({"resource": [{"name": "c", "owner_id": 99}]})).await;
        s.refused("DELETE", "_schema/owner", Value::Null).await;
        s.refused("PATCH", "_schema/thing/_field/at", json!({"name": "at", "sql": "datetime; DROP TABLE thing"})).await;
        // PUT drops what is not listed.
        let put = json!({"field": [{"name": "id", "type": "id"}, {"name": "name", "type": "string"}, {"name": "size"}]});
        assert_eq!(s.ok("PUT", "_schema/thing", put).await, json!({"name": "thing"}));
        let rows = s.get("_table/thing?order=id").await;
        assert_eq!(
            rows["resource"],
            json!([{"id": 1, "name": "a", "size": 7}, {"id": 2, "name": "b", "size": 3}]),
            "{}",
            s.service
        );
        let dropped = s.ok("DELETE", "_schema?ids=thing,owner,nosuch", Value::Null).await;
        assert_eq!(dropped["resource"][0], json!({"name": "thing"}), "{}: {dropped}", s.service);
        assert_eq!(dropped["resource"][1], json!({"name": "owner"}));
        assert_eq!(dropped["resource"][2]["error"]["code"], json!(404));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_reaches_sql_through_definitions() {
    each(async |s| {
        // Odd names and defaults are data.
        let odd = "o'dd \"`n[a]me; DROP TABLE supplies --";
        let text = "'); DROP TABLE supplies; -- \\ \" ` ${x} \\'";
        s.create(
            "strange",
            json!([
                {"name": "id", "type": "id"},
                {"name": odd, "type": "string", "length": 60, "allow_null": true},
                {"name": "text", "type": "string", "length": 80, "default": text},
            ]),
        )
        .await;
        let made = s.ok("POST", "_table/strange?fields=*", json!({"resource": [{odd: "v"}]})).await;
        assert_eq!(made["resource"][0]["text"], json!(text), "{}", s.service);
        assert_eq!(made["resource"][0][odd], json!("v"), "{}", s.service);
        let field = |extra: Value| {
            let mut field = json!({"name": "bad", "type": "integer", "allow_null": true});
            field.as_object_mut().expect("an object").extend(extra.as_object().expect("an object").clone());
            json!({"resource": [field]})
        };
        for extra in [
            json!({"type": "integer; DROP TABLE supplies"}),
            json!({"type": "integer) , (x integer"}),
            json!({"type": "integer DEFAULT (SELECT 1)"}),
            json!({"type": "varchar(10) CHECK (1)"}),
            json!({"sql": "integer DEFAULT pg_sleep(10)"}),
            json!({"sql": "integer; DROP TABLE supplies"}),
            json!({"sql": "integer REFERENCES supplies(id)"}),
            json!({"default": {"expression": "(SELECT password FROM users)"}}),
            json!({"default": {"expression": "pg_sleep(10)"}}),
            json!({"default": "1; DROP TABLE supplies"}),
            json!({"length": "5); DROP TABLE supplies"}),
            json!({"name": "a/b"}),
            json!({"name": " "}),
            json!({"name": "nul\u{0}"}),
            json!({"name": "x".repeat(300)}),
            json!({"ref_table": "supplies", "ref_field": "id", "ref_on_delete": "CASCADE; DROP TABLE supplies"}),
            json!({"is_virtual": true, "db_function": [{"use": ["SELECT"], "function": "(SELECT 1)"}]}),
            json!({"is_virtual": true, "db_function": [{"use": ["SELECT"], "function": "pg_read_file('/etc/passwd')"}]}),
            json!({"is_virtual": true, "db_function": [{"use": ["SELECT"], "function": "load_extension('x')"}]}),
            json!({"is_virtual": true, "db_function": [{"use": ["SELECT"], "function": "UPPER(nosuch)"}]}),
            json!({"is_virtual": true, "db_function": [{"use": ["SELECT"], "function": "UPPER({value})"}]}),
            json!({"validation": {"match": {"regexp": "/(/"}}}),
        ] {
            s.refused("POST", "_schema/strange/_field", field(extra)).await;
        }
        let table = json!({"resource": [{"name": "bad", "field": [{"name": "id", "type": "id"}],
                                         "options": "ENGINE=InnoDB; DROP TABLE supplies"}]});
        s.refused("POST", "_schema", table).await;
        assert_eq!(s.get("_schema/strange/_field").await["resource"].as_array().map(Vec::len), Some(3));
        s.get("_schema/supplies").await;
        s.ok("DELETE", "_schema/strange", Value::Null).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn extras_are_seen_at_once() {
    each(async |s| {
        s.create(
            "people",
            json!([
                {"name": "id", "type": "id"},
                {"name": "name", "type": "string", "length": 40},
                {"name": "country", "type": "string", "length": 2, "allow_null": true},
            ]),
        )
        .await;
        let fields = json!({"resource": [
            {"name": "name", "alias": "full_name", "db_function": [
                {"use": ["INSERT", "UPDATE"], "function": "TRIM({value})"}, {"use": ["FILTER"], "function": "LOWER(name)"}]},
            {"name": "loud", "type": "string", "is_virtual": true,
             "db_function": [{"use": ["SELECT"], "function": "CASE WHEN name = 'O''Hara' THEN 'it''s' ELSE UPPER(name) END"}]},
            {"name": "many", "type": "integer", "is_virtual": true, "is_aggregate": true,
             "db_function": [{"use": ["SELECT"], "function": "COUNT(*)"}]},
        ]});
        assert_eq!(
            s.ok("POST", "_schema/people/_field", fields).await,
            json!({"resource": [{"name": "name"}, {"name": "loud"}, {"name": "many"}]})
        );
        let rows = json!({"resource": [{"full_name": "  O'Hara ", "loud": "ignored"}, {"full_name": "Bo", "country": "DE"}]});
        s.ok("POST", "_table/people", rows).await;
        let rows = s.get("_table/people?order=id&fields=*").await;
        assert_eq!(
            rows["resource"],
            json!([
                {"id": 1, "full_name": "O'Hara", "country": null, "loud": "it's"},
                {"id": 2, "full_name": "Bo", "country": "DE", "loud": "BO"},
            ]),
            "{}",
            s.service
        );
        assert_eq!(
            s.get("_table/people?filter=full_name='bo'&fields=id").await["resource"],
            json!([{"id": 2}]),
            "{}",
            s.service
        );
        assert_eq!(
            s.get("_table/people?filter=loud='BO'&fields=id&order=loud").await["resource"],
            json!([{"id": 2}])
        );
        assert_eq!(s.get("_table/people?fields=many").await["resource"], json!([{"many": 2}]));
        let status = s.admin.get(&s.path("_table/people?filter=many=2")).await.status;
        assert_eq!(status, 400);

        // A virtual relation, an alias of the table, and what is left when they go.
        let relation = json!({"resource": [{"is_virtual": true, "type": "belongs_to", "field": "country",
            "ref_table": "countries", "ref_field": "code", "alias": "home"}]});
        assert_eq!(
            s.ok("POST", "_schema/people/_related", relation).await,
            json!({"resource": [{"name": "countries_by_country"}]})
        );
        s.ok("PATCH", "_schema/countries", json!({"alias": "lands"})).await;
        let row = s.get("_table/people/2?fields=id&related=home").await;
        assert_eq!(row["home"]["code"], json!("DE"), "{}: {row}", s.service);
        assert_eq!(s.admin.get(&s.path("_table/countries")).await.status, 404);
        let described = s.get("_schema/people/_related/countries_by_country").await;
        assert_eq!((&described["alias"], &described["ref_table"]), (&json!("home"), &json!("countries")));
        s.ok("PATCH", "_schema/countries", json!({"alias": null})).await;
        let missing = json!({"resource": [{"is_virtual": true, "type": "has_many", "field": "id",
            "ref_table": "nosuch", "ref_field": "id"}]});
        s.refused("POST", "_schema/people/_related", missing).await;
        s.ok("DELETE", "_schema/people/_related/countries_by_country", Value::Null).await;
        assert_eq!(s.get("_schema/people/_related").await, json!({"resource": []}));
        s.ok("DELETE", "_schema/people", Value::Null).await;
        // A new table of the same name has nothing of the old one.
        s.create("people", json!([{"name": "id", "type": "id"}, {"name": "name", "type": "string"}])).await;
        assert_eq!(s.field("people", "name").await["alias"], Value::Null);
        s.ok("DELETE", "_schema/people", Value::Null).await;
    })
    .await;
}
