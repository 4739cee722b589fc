//! Engines over every kind of database, with the tables of the conformance suite and nothing in them.

use async_trait::async_trait;
use contract::{
    Body, Caller, Format, Map, Origin, Params, Payload, Problem, Request, ServiceRef, Settings, UserFacts,
    Value, Verb,
};
use driver::{Driver, Executor, Fault, Sink, Statement, Transaction, Written};
use parking_lot::Mutex;
use records::{
    Backend, Capabilities, Catalogue, Condition, Engine, Kind, Limits, Opened, RawTable, RawTableName,
    SqlBackend, SqlSource, Table,
};
use scenarios::conformance::memory_tables;
use serde_json::json;
use sql::Dialect;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A database under test.
pub struct Subject {
    pub name: &'static str,
    pub engine: Engine,
    pub tables: Arc<Tables>,
    /// Statements so far, the begin and end of transactions included; none where there are no statements.
    pub statements: Option<Arc<AtomicUsize>>,
    _folder: Option<tempfile::TempDir>,
}

/// A row filter, once the table is known.
pub type RowFilter = fn(&Table) -> Condition;

/// A catalogue that reads the database at every use, as a cold one does, and knows what a caller may.
pub struct Tables {
    backend: Arc<dyn Backend>,
    /// Refused tables and verbs.
    pub denied: Mutex<Vec<(&'static str, Verb)>>,
    /// Row filters by table.
    pub filters: Mutex<Vec<(&'static str, RowFilter)>>,
    /// Types of fields that the database cannot express.
    pub kinds: Mutex<Vec<(&'static str, &'static str, Kind)>>,
}

#[async_trait]
impl Catalogue for Tables {
    async fn open(&self, _: &Request, name: &str, verb: Verb) -> Result<Opened, Problem> {
        let raw = self.backend.describe(name).await?;
        let raw = raw.ok_or_else(|| Problem::not_found("no such table"))?;
        let mut table = records::catalogue::table(&raw);
        if self.denied.lock().contains(&(table.name.as_str(), verb)) {
            return Err(Problem::forbidden(format!(
                "{verb} access to '{}' is not allowed.",
                table.name
            )));
        }
        for (of, field, kind) in self.kinds.lock().iter().filter(|(of, ..)| *of == table.name) {
            let index = table
                .field(field)
                .unwrap_or_else(|| panic!("{of} has no {field}"));
            table.fields[index].kind = *kind;
            table.fields[index].required = false;
        }
        let filters = self.filters.lock();
        let filter = filters.iter().find(|(of, _)| *of == table.name);
        let condition = filter.map(|(_, condition)| condition(&table));
        Ok(Opened {
            table: Arc::new(table),
            condition,
        })
    }
}

impl Subject {
    fn new(name: &'static str, backend: Arc<dyn Backend>) -> Subject {
        let tables = Arc::new(Tables {
            backend: backend.clone(),
            denied: Mutex::default(),
            filters: Mutex::default(),
            kinds: Mutex::default(),
        });
        let limits = Limits {
            max_records: 1000,
            allow_upsert: false,
        };
        let engine = Engine {
            backend,
            catalogue: tables.clone(),
            services: Arc::new(contract::NoServices),
            limits,
            settings: Arc::new(Settings::default()),
        };
        Subject {
            name,
            engine,
            tables,
            statements: None,
            _folder: None,
        }
    }

    fn sql(name: &'static str, source: Arc<dyn SqlSource>) -> Subject {
        let statements = Arc::new(AtomicUsize::new(0));
        let counted = Counted {
            source,
            statements: statements.clone(),
        };
        let mut subject = Subject::new(name, Arc::new(SqlBackend::new(Arc::new(counted))));
        subject.statements = Some(statements);
        subject
    }

    /// Calls the engine as a request would.
    pub async fn call(&self, verb: Verb, path: &str, body: Value) -> Result<Value, Problem> {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let (table, id) = match path.split_once('/') {
            Some((table, id)) => (table, Some(id)),
            None => (path, None),
        };
        let request = request(verb, query, body);
        let answer = match (verb, id) {
            (Verb::Get, None) => self.engine.read(&request, table).await,
            (Verb::Get, Some(id)) => self.engine.read_one(&request, table, id).await,
            (Verb::Post, _) => self.engine.create(&request, table).await,
            (Verb::Delete, None) => self.engine.delete(&request, table).await,
            (Verb::Delete, Some(id)) => self.engine.delete_one(&request, table, id).await,
            (verb, None) => self.engine.update(&request, table, verb).await,
            (verb, Some(id)) => self.engine.update_one(&request, table, id, verb).await,
        };
        Ok(match answer?.body {
            Body::Value(value) => value,
            Body::Json(bytes) => serde_json::from_slice(&bytes).expect("an answer is JSON"),
            other => panic!("an unexpected body: {other:?}"),
        })
    }

    /// Like [`Subject::call`], for what must succeed.
    pub async fn ok(&self, verb: Verb, path: &str, body: Value) -> Value {
        let done = self.call(verb, path, body).await;
        done.unwrap_or_else(|p| panic!("{}: {verb} {path}: {p:?} {:?}", self.name, p.context))
    }

    /// Like [`Subject::call`], for what must be refused.
    pub async fn refused(&self, verb: Verb, path: &str, body: Value) -> Problem {
        match self.call(verb, path, body).await {
            Ok(value) => panic!("{}: {verb} {path} was not refused: {value}", self.name),
            Err(problem) => problem,
        }
    }

    /// All rows of a table by its key or `order`.
    pub async fn rows(&self, path: &str) -> Value {
        let answer = self.ok(Verb::Get, path, Value::Null).await;
        answer["resource"].clone()
    }

    /// The number of rows of a table.
    pub async fn count(&self, table: &str) -> u64 {
        let answer = self
            .ok(Verb::Get, &format!("{table}?count_only=true"), Value::Null)
            .await;
        answer.as_u64().expect("a count is a number")
    }

    /// How many statements something took; `None` where there are none.
    pub async fn statements_of<T>(&self, what: impl Future<Output = T>) -> (T, Option<usize>) {
        let before = self.statements.as_ref().map(|n| n.load(Ordering::SeqCst));
        let done = what.await;
        let after = self.statements.as_ref().map(|n| n.load(Ordering::SeqCst));
        (done, after.zip(before).map(|(after, before)| after - before))
    }
}

/// The id of a row in a list.
pub fn id(list: &Value, place: usize) -> i64 {
    let row = list.get("resource").unwrap_or(list);
    row[place]["id"]
        .as_i64()
        .unwrap_or_else(|| panic!("no id at {place} of {list}"))
}

fn request(verb: Verb, query: &str, body: Value) -> Request {
    let pairs = query.split('&').filter(|p| !p.is_empty());
    let pair = |pair: &str| {
        let (name, value) = pair.split_once('=').expect("a parameter has a value");
        (name.to_owned(), value.replace("%20", " "))
    };
    let mut caller = Caller::nobody();
    caller.user = Some(Arc::new(UserFacts {
        id: 42,
        email: "ann@example.com".into(),
        ..UserFacts::default()
    }));
    Request {
        verb,
        service: Arc::new(ServiceRef {
            id: 1,
            name: "db".into(),
        }),
        path: String::new(),
        trailing_slash: false,
        params: Params(pairs.map(pair).collect()),
        headers: Vec::new(),
        payload: match body {
            Value::Null => Payload::None,
            body => Payload::Value(body),
        },
        caller,
        origin: Origin::Api,
        format: Format::Json,
        base_url: "http://localhost".into(),
        peer: None,
    }
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => panic!("an object"),
    }
}

/// A table with at most one row for each author.
fn profiles(key: &str) -> String {
    format!(
        "CREATE TABLE profiles (id {key}, author_id INT NULL, motto VARCHAR(40), UNIQUE (author_id), \
         FOREIGN KEY (author_id) REFERENCES authors (id))"
    )
}

/// One subject for each kind of database that is here.
pub async fn subjects() -> Vec<Subject> {
    let mut subjects = vec![Subject::new(
        "memory",
        Arc::new(memory::Memory::new(memory_tables())),
    )];
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let file = sqlite::Sqlite::lazy(sqlite::Open::new(folder.path().join("writes.sqlite")));
    let alone = sqlite::Sqlite::lazy(sqlite::Open::new(":memory:"));
    for (name, database, folder) in [("sqlite", file, Some(folder)), ("sqlite in memory", alone, None)] {
        let made = database.batch(include_str!("../../conformance/sqlite.sql")).await;
        made.expect("the tables can be made");
        let made = database
            .batch(&profiles("INTEGER PRIMARY KEY AUTOINCREMENT"))
            .await;
        made.expect("the tables can be made");
        let mut subject = Subject::sql(name, Arc::new(database));
        subject._folder = folder;
        subjects.push(subject);
    }
    if let Some(server) = kit::postgres() {
        let database = server.database("writes");
        database.run(include_str!("../../conformance/postgres.sql"));
        database.run(&profiles("SERIAL PRIMARY KEY"));
        database.run("CREATE TABLE shapes (id SERIAL PRIMARY KEY, list INT[], words TEXT[], doc JSONB, span INT4RANGE, \
                      host INET, pause INTERVAL, raw BYTEA, code UUID)");
        let config = json!({"host": database.host(), "port": database.port(), "database": database.name(),
                            "username": database.user(), "password": database.password()});
        let source = postgres::Source::new(&object(config), &Settings::default());
        let source = source.unwrap_or_else(|e| panic!("{e:?}"));
        subjects.push(Subject::sql("postgres", Arc::new(source)));
    }
    if let Some(server) = kit::mariadb() {
        let database = server.database("writes");
        database.run(include_str!("../../conformance/mysql.sql"));
        database.run(&profiles("INT AUTO_INCREMENT PRIMARY KEY"));
        database.run("CREATE TABLE shapes (id INT AUTO_INCREMENT PRIMARY KEY, small TINYINT UNSIGNED, big BIGINT UNSIGNED, \
                      bits BIT(8), words SET('a', 'b', 'c'), year YEAR, doc JSON, raw VARBINARY(20), made TIMESTAMP \
                      NOT NULL DEFAULT CURRENT_TIMESTAMP)");
        let config = json!({"host": database.host(), "port": database.port(), "database": database.name(),
                            "username": database.user(), "password": database.password(), "strict": true});
        let source = mysql::Source::new(&object(config), &Settings::default(), "MariaDB");
        let source = source.unwrap_or_else(|e| panic!("{e:?}"));
        subjects.push(Subject::sql("mariadb", Arc::new(source)));
    }
    subjects
}

/// A source that counts what is sent through it.
struct Counted {
    source: Arc<dyn SqlSource>,
    statements: Arc<AtomicUsize>,
}

impl Counted {
    fn one(&self) {
        self.statements.fetch_add(1, Ordering::SeqCst);
    }
}

#[async_trait]
impl Executor for Counted {
    async fn read(&self, statement: Statement, sink: Box<dyn Sink>) -> Result<Box<dyn Sink>, Fault> {
        self.one();
        self.source.read(statement, sink).await
    }

    async fn write(&self, statement: Statement) -> Result<Written, Fault> {
        self.one();
        self.source.write(statement).await
    }
}

#[async_trait]
impl Driver for Counted {
    async fn begin(&self) -> Result<Box<dyn Transaction>, Fault> {
        self.one();
        Ok(Box::new(CountedWork {
            work: self.source.begin().await?,
            statements: self.statements.clone(),
        }))
    }

    async fn batch(&self, text: &str) -> Result<(), Fault> {
        self.source.batch(text).await
    }

    async fn check(&self) -> Result<(), Fault> {
        self.source.check().await
    }
}

#[async_trait]
impl SqlSource for Counted {
    fn dialect(&self) -> &'static dyn Dialect {
        self.source.dialect()
    }

    fn capabilities(&self) -> Capabilities {
        self.source.capabilities()
    }

    async fn tables(&self) -> Result<Vec<RawTableName>, Fault> {
        self.source.tables().await
    }

    async fn describe(&self, public: &str) -> Result<Option<RawTable>, Fault> {
        self.source.describe(public).await
    }

    fn product(&self) -> &'static str {
        self.source.product()
    }
}

struct CountedWork {
    work: Box<dyn Transaction>,
    statements: Arc<AtomicUsize>,
}

impl CountedWork {
    fn one(&self) {
        self.statements.fetch_add(1, Ordering::SeqCst);
    }
}

#[async_trait]
impl Executor for CountedWork {
    async fn read(&self, statement: Statement, sink: Box<dyn Sink>) -> Result<Box<dyn Sink>, Fault> {
        self.one();
        self.work.read(statement, sink).await
    }

    async fn write(&self, statement: Statement) -> Result<Written, Fault> {
        self.one();
        self.work.write(statement).await
    }
}

#[async_trait]
impl Transaction for CountedWork {
    async fn commit(self: Box<Self>) -> Result<(), Fault> {
        self.one();
        self.work.commit().await
    }

    async fn rollback(self: Box<Self>) -> Result<(), Fault> {
        self.one();
        self.work.rollback().await
    }
}
