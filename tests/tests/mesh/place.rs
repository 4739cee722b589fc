//! Three services over three kinds of databases, and the relations between them.

use kit::{Client, Database, Start};
use rusqlite::Connection;
use scenarios::wire::Wire;
use scenarios::world::World;
use serde_json::{Value, json};

pub const CUSTOMER: &str = "crm.customers_by_customer_id";
pub const NOTES: &str = "crm.notes_by_order_ref";
pub const SLIP: &str = "crm.slips_by_order_ref";
pub const TAGS: &str = "crm.tags_by_depot.marks";
pub const ORDERS: &str = "shop.orders_by_customer_id";

const SHOP: &str = "
    CREATE TABLE orders (id INTEGER PRIMARY KEY AUTOINCREMENT, customer_id INTEGER, title TEXT NOT NULL);
    CREATE TABLE lines (id INTEGER PRIMARY KEY, order_id INTEGER REFERENCES orders (id), item TEXT UNIQUE);
    INSERT INTO orders VALUES (1, 1, 'Anvil'), (2, 2, 'Broom'), (3, NULL, 'Crate'), (4, 1, 'Drill');
    INSERT INTO lines VALUES (1, 1, 'Hammer');";
const CRM: &str = "
    CREATE TABLE customers (id serial PRIMARY KEY, name text NOT NULL UNIQUE, region text NOT NULL DEFAULT 'north');
    CREATE TABLE notes (id serial PRIMARY KEY, order_ref text, text text NOT NULL, region text DEFAULT 'north');
    CREATE TABLE slips (id serial PRIMARY KEY, order_ref bigint NOT NULL UNIQUE, text text);
    CREATE TABLE tags (code varchar(20) PRIMARY KEY, label text NOT NULL);
    INSERT INTO customers (name, region) VALUES ('Ann', 'north'), ('Bob', 'south');
    INSERT INTO notes (order_ref, text, region) VALUES ('1', 'urgent', 'north'), ('1', 'fragile', 'south'), ('2', 'late', 'north');
    INSERT INTO slips (order_ref, text) VALUES (1, 'S1');
    INSERT INTO tags VALUES ('red', 'Red'), ('blue', 'Blue'), ('old', 'Old');";
const DEPOT: &str = "
    CREATE TABLE marks (order_no BIGINT, tag_code VARCHAR(20), PRIMARY KEY (order_no, tag_code));
    INSERT INTO marks VALUES (1, 'red'), (1, 'blue'), (2, 'blue');";

/// The services, their ids and their databases.
pub struct Place {
    pub world: World,
    pub shop: i64,
    pub crm: i64,
    pub depot: i64,
    pub shop_base: Connection,
    pub crm_base: Database,
    pub depot_base: Database,
    pub wire: Wire,
}

impl Place {
    /// `None` where a database server is not installed here. `config` goes into the configuration of shop and crm.
    pub async fn start(config: &Value) -> Option<Place> {
        let (postgres, mariadb) = (kit::postgres()?, kit::mariadb()?);
        let world = World::start(Vec::new(), Start::default()).await;
        let shop_base = Connection::open(world.program.databases().join("shop.sqlite")).expect("a file");
        shop_base.execute_batch(SHOP).expect("tables");
        let wire = Wire::before(postgres.port()).await;
        let (crm_base, depot_base) = (postgres.database("crm"), mariadb.database("depot"));
        crm_base.run(CRM);
        depot_base.run(DEPOT);
        let server = |database: &Database, port: u16| {
            json!({"host": "127.0.0.1", "port": port, "database": database.name(),
                   "username": database.user(), "password": database.password()})
        };
        let mut place = Place {
            shop: 0,
            crm: 0,
            depot: 0,
            shop_base,
            wire,
            world,
            crm_base,
            depot_base,
        };
        let with = |mut own: Value| {
            for (name, value) in config.as_object().into_iter().flatten() {
                own[name] = value.clone();
            }
            own
        };
        let crm = with(server(&place.crm_base, place.wire.port()));
        let depot = server(&place.depot_base, place.depot_base.port());
        place.shop = place
            .service("shop", "sqlite", with(json!({"database": "shop.sqlite"})))
            .await;
        place.crm = place.service("crm", "pgsql", crm).await;
        place.depot = place.service("depot", "mysql", depot).await;
        let (crm, depot, shop) = (place.crm, place.depot, place.shop);
        let relations = json!([
            {"is_virtual": true, "type": "belongs_to", "field": "customer_id",
             "ref_service_id": crm, "ref_table": "customers", "ref_field": "id"},
            {"is_virtual": true, "type": "has_many", "field": "id",
             "ref_service_id": crm, "ref_table": "notes", "ref_field": "order_ref"},
            {"is_virtual": true, "type": "has_one", "field": "id",
             "ref_service_id": crm, "ref_table": "slips", "ref_field": "order_ref"},
            {"is_virtual": true, "type": "many_many", "field": "id",
             "ref_service_id": crm, "ref_table": "tags", "ref_field": "code", "junction_service_id": depot,
             "junction_table": "marks", "junction_field": "order_no", "junction_ref_field": "tag_code"}]);
        place
            .ok(
                "POST",
                "shop/_schema/orders/_related",
                json!({ "resource": relations }),
            )
            .await;
        place
            .ok(
                "POST",
                "crm/_schema/customers/_related",
                json!({"resource": [{"is_virtual": true, "type": "has_many", "field": "id", "ref_service_id": shop,
                                     "ref_table": "orders", "ref_field": "customer_id"}]}),
            )
            .await;
        Some(place)
    }

    async fn service(&self, name: &str, kind: &str, config: Value) -> i64 {
        let service = json!({"name": name, "label": name, "type": kind, "is_active": true, "config": config});
        let made = self.world.create("service", service).await;
        made["id"].as_i64().expect("an id")
    }

    /// What the administrator is answered.
    pub async fn ok(&self, verb: &str, path: &str, body: Value) -> Value {
        ok(&self.world.admin, verb, path, body).await
    }

    pub async fn get(&self, path: &str) -> Value {
        self.ok("GET", path, Value::Null).await
    }

    /// Status and sentence of a refusal of the administrator's call.
    pub async fn refused(&self, verb: &str, path: &str, body: Value) -> (u16, String) {
        refused(&self.world.admin, verb, path, body).await
    }

    /// One value of the shop's database.
    pub fn in_shop(&self, sql: &str) -> String {
        let value: rusqlite::types::Value = self
            .shop_base
            .query_row(sql, [], |row| row.get(0))
            .expect("a row");
        match value {
            rusqlite::types::Value::Integer(number) => number.to_string(),
            rusqlite::types::Value::Text(text) => text,
            other => format!("{other:?}"),
        }
    }

    /// What PostgreSQL prints.
    pub fn in_crm(&self, sql: &str) -> String {
        self.crm_base.run(sql).trim().to_owned()
    }

    /// What MariaDB prints.
    pub fn in_depot(&self, sql: &str) -> String {
        self.depot_base.run(sql).trim().to_owned()
    }
}

pub async fn ok(client: &Client, verb: &str, path: &str, body: Value) -> Value {
    let sent = Some(&body).filter(|body| !body.is_null());
    let answer = client.call(verb, &format!("/api/v2/{path}"), sent).await;
    assert_eq!(answer.status, 200, "{verb} {path} {body}: {}", answer.text());
    answer.json()
}

pub async fn refused(client: &Client, verb: &str, path: &str, body: Value) -> (u16, String) {
    let sent = Some(&body).filter(|body| !body.is_null());
    let answer = client.call(verb, &format!("/api/v2/{path}"), sent).await;
    let told = answer.json();
    let error = &told["error"];
    // The first failure of a batch is told in its context.
    let inner = error["context"]["resource"]
        .as_array()
        .and_then(|list| list.iter().find(|entry| entry["message"].is_string()));
    let (status, message) = match inner {
        Some(entry) => (entry["status_code"].as_u64(), &entry["message"]),
        None => (Some(u64::from(answer.status)), &error["message"]),
    };
    assert!(answer.status >= 400, "{verb} {path} {body}: {}", answer.text());
    let status = status
        .and_then(|s| u16::try_from(s).ok())
        .unwrap_or(answer.status);
    (status, message.as_str().unwrap_or_default().to_owned())
}
