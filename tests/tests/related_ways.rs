//! Related records in the statement of their parents are, to the byte, those that are read after them.

use kit::{Client, Start};
use scenarios::golden::{folder, load_areas, load_pairs};
use scenarios::world::World;
use serde_json::{Value, json};

/// Rows whose texts, keys and order are as awkward as they can be.
const AWKWARD: &str = "
    CREATE TABLE owner (id BIGINT PRIMARY KEY, \"na\"\"me\" TEXT, code UUID UNIQUE, stamp TIMESTAMP);
    CREATE TABLE thing (id INT PRIMARY KEY, owner_id BIGINT REFERENCES owner, owner_code UUID REFERENCES owner (code),
        label TEXT, short CHAR(8), tall VARCHAR(30), yes BOOLEAN, small SMALLINT, day DATE);
    CREATE TABLE priced (id INT PRIMARY KEY, owner_id BIGINT REFERENCES owner, price NUMERIC(9, 2), at TIMESTAMPTZ,
        ratio DOUBLE PRECISION, raw BYTEA, doc JSONB, span INTERVAL);
    CREATE TABLE passport (id INT PRIMARY KEY, owner_id BIGINT UNIQUE REFERENCES owner, number TEXT);
    INSERT INTO owner SELECT i, 'owner ' || i, ('00000000-0000-4000-8000-' || lpad(i::text, 12, '0'))::uuid, now()
        FROM generate_series(1, 40) AS i;
    INSERT INTO owner VALUES (9007199254740993, NULL, NULL, NULL);
    INSERT INTO thing SELECT i, 1 + i * 7 % 40, ('00000000-0000-4000-8000-' || lpad((1 + i % 9)::text, 12, '0'))::uuid,
        E'a \"b\" \\\\ / \\n \\r \\t \\b \\f \\x01 \\x1f \\x7f ü 茶 \\U0001F375 \\u2028 </script> ' || i, 'ab', 'x  ', i % 3 = 0,
        -i, DATE '1999-12-31' + i
        FROM generate_series(1, 200) AS i;
    INSERT INTO thing VALUES (201, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL), (202, 9007199254740993, NULL, '', '', '',
        true, 32767, 'infinity'), (203, 1, NULL, 'x', 'x', 'x', false, 0, '-infinity'),
        (204, 1, NULL, 'x', 'x', 'x', false, 0, '0044-03-15 BC'), (205, 1, NULL, 'x', 'x', 'x', false, 0, '12345-01-01');
    INSERT INTO priced VALUES (1, 1, 1.50, now(), 0.1, '\\xdead', '{\"b\": 1, \"a\": 2}', '1 day'), (2, 1, NULL, NULL, 'NaN', NULL, NULL, NULL);
    INSERT INTO passport VALUES (1, 1, 'P1'), (2, 3, 'P3');";

const ASKED: &[&str] = &[
    "owner?related=*&order=id&limit=50",
    "owner?related=thing_by_owner_id&limit=50&order=id%20desc&offset=3",
    "owner?related=thing_by_owner_id,passport_by_owner_id&order=id&limit=5&include_count=true",
    "owner?related=thing_by_owner_id&order=id&limit=5&include_schema=true&fields=na%22me",
    "owner?related=thing_by_owner_id&thing_by_owner_id.fields=label,id&thing_by_owner_id.order=label%20desc,id&order=id&limit=9",
    "owner?related=thing_by_owner_id&thing_by_owner_id.filter=small%20%3C%20-20&order=id&limit=9",
    "owner?related=thing_by_owner_id&thing_by_owner_id.filter=(yes%3Dtrue)or(small%20%3C%20-150)&order=id&limit=9",
    "owner?related=thing_by_owner_id&thing_by_owner_id.limit=3&order=id&limit=9",
    "owner?related=thing_by_owner_id&thing_by_owner_id.related=owner_by_owner_id&order=id&limit=9",
    "owner?related=thing_by_owner_id&thing_by_owner_id.group=yes&thing_by_owner_id.fields=yes&order=id&limit=9",
    "owner?related=thing_by_owner_code&order=id&limit=9",
    "owner?related=priced_by_owner_id&order=id&limit=2",
    "owner?related=thing_by_owner_id&filter=id%20%3E%201000000&limit=2",
    "owner?related=thing_by_owner_id&filter=id%20%3C%200&limit=2",
    "owner?related=thing_by_owner_id&limit=0",
    "owner?related=thing_by_owner_id&limit=5&order=id&thing_by_owner_id.fields=nothing",
    "owner?related=nothing&limit=5&order=id",
    "thing?related=owner_by_owner_id&order=id%20desc&limit=9&owner_by_owner_id.fields=id,na%22me,code",
    "thing?related=owner_by_owner_id&order=id%20desc&limit=9",
    "thing?related=owner_by_owner_code&owner_by_owner_code.fields=na%22me&order=id&limit=9&fields=id",
    "passport?related=owner_by_owner_id&limit=9&order=id&owner_by_owner_id.fields=id",
    "thing?related=*&limit=100&order=id",
    "thing?related=*&limit=101&order=id",
];

/// What two programs, of which only one reads in one statement, say to the same requests about the same database.
struct Both {
    one: Client,
    two: Client,
}

impl Both {
    fn of([one, two]: &[World; 2]) -> Both {
        Both {
            one: one.admin.clone(),
            two: two.admin.clone(),
        }
    }

    async fn same(&self, path: &str) -> u16 {
        let (one, two) = (self.one.get(path).await, self.two.get(path).await);
        assert_eq!((one.status, one.text()), (two.status, two.text()), "{path}");
        one.status
    }
}

async fn worlds() -> [World; 2] {
    let batched = Start {
        environment: vec![("DW_RELATED_IN_ONE".to_owned(), "false".to_owned())],
        ..Start::default()
    };
    [
        World::start(Vec::new(), Start::default()).await,
        World::start(Vec::new(), batched).await,
    ]
}

/// The same service in both, with at most so many records in an answer.
async fn served(worlds: &[World; 2], name: &str, database: &kit::Database, most: u64) {
    for world in worlds {
        let config = json!({"host": database.host(), "port": database.port(), "database": database.name(),
                            "username": database.user(), "password": database.password(), "max_records": most});
        let service =
            json!({"name": name, "label": name, "type": "pgsql", "is_active": true, "config": config});
        world.create("service", service).await;
    }
}

#[tokio::test]
async fn recorded_reads_are_the_same_both_ways() {
    let Some(server) = kit::postgres() else { return };
    let database = server.database("company");
    database.load(&folder().join("fixtures/pgsql.sql"));
    let worlds = worlds().await;
    served(&worlds, "company", &database, 1000).await;
    let both = Both::of(&worlds);
    let mut asked = 0;
    for area in load_areas() {
        for pair in load_pairs(&area.name) {
            let path = &pair.request.path;
            let Some(rest) = path
                .strip_prefix("/api/v2/pgsql/_table/")
                .filter(|rest| rest.contains("related="))
            else {
                continue;
            };
            if pair.request.method != "GET" {
                continue;
            }
            for more in ["", "&limit=25", "&limit=3&order=1"] {
                both.same(&format!("/api/v2/company/_table/{rest}{more}")).await;
                asked += 1;
            }
        }
    }
    assert!(asked > 30, "{asked}");
    for table in [
        "departments",
        "employees",
        "dept_emp",
        "salaries",
        "supplies",
        "locations",
        "order_lines",
    ] {
        for limit in [1, 7, 25, 100] {
            both.same(&format!("/api/v2/company/_table/{table}?related=*&limit={limit}"))
                .await;
        }
    }
}

#[tokio::test]
async fn awkward_reads_are_the_same_both_ways_for_everybody() {
    let Some(server) = kit::postgres() else { return };
    let database = server.database("awkward");
    database.run(AWKWARD);
    let worlds = worlds().await;
    for (name, most) in [("wide", 1000), ("narrow", 20)] {
        served(&worlds, name, &database, most).await;
        let both = Both::of(&worlds);
        for path in ASKED {
            both.same(&format!("/api/v2/{name}/_table/{path}")).await;
        }
        let [one, two] = &worlds;
        let (one, two) = (restricted(one, name).await, restricted(two, name).await);
        let both = Both { one, two };
        let mut statuses = Vec::new();
        for path in ASKED {
            statuses.push(both.same(&format!("/api/v2/{name}/_table/{path}")).await);
        }
        assert!(statuses.contains(&200) && statuses.contains(&403), "{statuses:?}");
    }
}

/// A client that sees some things, all owners and no passports.
async fn restricted(world: &World, service: &str) -> Client {
    let services = world
        .admin
        .get(&format!("/api/v2/system/service?filter=name%3D{service}"))
        .await;
    let id = services.json()["resource"][0]["id"].clone();
    let grant = |table: &str, filters: Value| {
        json!({"service_id": id, "component": format!("_table/{table}/*"), "verb_mask": 31, "requestor_mask": 3,
               "filters": filters, "filter_op": "AND"})
    };
    let some = json!([{"name": "small", "operator": "<", "value": "-30"}]);
    let grants = [
        grant("owner", json!([])),
        grant("thing", some),
        grant("priced", json!([])),
    ];
    let role = world.role(&format!("some of {service}"), &grants).await;
    world.key(&format!("some of {service}"), &role).await
}
