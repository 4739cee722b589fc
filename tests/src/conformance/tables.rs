//! The suite's tables as an in-memory database has them; `conformance/*.sql` are the same for real ones.

use records::{Kind, RawColumn, RawForeignKey, RawTable, RawTableName, RawUnique, Scalar};
use serde_json::{Map, Value, json};
use sql::TableName;

/// The tables, without rows but for the view's.
pub fn memory_tables() -> Vec<(RawTable, Vec<Vec<Scalar>>)> {
    use Kind::{BigInt, Binary, Boolean, Date, DateTime, Double, Integer, String, Text, Time};
    let items = Making::new("items")
        .id()
        .text("name", 40)
        .text("kind", 10)
        .must()
        .of("qty", Integer);
    let items = items.decimal("price", 10, 2).of("made", Date).of("flag", Boolean);
    let mut names = Making::new("item_names").of("id", Integer).text("name", 40);
    names.raw.name.is_view = true;
    let authors = Making::new("authors")
        .id()
        .text("email", 60)
        .must()
        .unique()
        .text("name", 20)
        .must();
    let authors = authors
        .text("status", 10)
        .must()
        .default(json!("new"))
        .of("rating", Integer);
    let books =
        Making::new("books")
            .id()
            .of("author_id", Integer)
            .must()
            .refers("authors", "id", "NO ACTION");
    let books = books.text("isbn", 20).unique().text("title", 40).must();
    let tags = Making::new("tags")
        .text("code", 10)
        .must()
        .key()
        .text("label", 40);
    let book_tags = Making::new("book_tags")
        .of("book_id", Integer)
        .must()
        .key()
        .refers("books", "id", "CASCADE");
    let book_tags = book_tags
        .text("tag_code", 10)
        .must()
        .key()
        .refers("tags", "code", "NO ACTION");
    let counters = Making::new("counters")
        .id()
        .of("n", Integer)
        .must()
        .default(json!(7));
    let journal = Making::new("journal").text("message", 40).of("n", Integer);
    let mut pairs = Making::new("pairs")
        .of("b", Integer)
        .must()
        .of("a", Integer)
        .must()
        .text("note", 40);
    pairs.raw.primary_key = vec!["a".into(), "b".into()];
    let odd = Making::new("odd \"table\" ü")
        .id()
        .of("a b", Integer)
        .text("c\"d", 40);
    let odd = odd.of("e`f", Integer).of("größe", Integer).of("select", Integer);
    let kinds = Making::new("kinds")
        .id()
        .of("c_bool", Boolean)
        .of("c_int", Integer)
        .of("c_big", BigInt);
    let kinds = kinds
        .decimal("c_dec", 20, 4)
        .of("c_double", Double)
        .of("c_text", Text)
        .of("c_bin", Binary);
    let kinds = kinds.of("c_date", Date).of("c_time", Time).of("c_dt", DateTime);
    let mut notes = Making::new("notes")
        .id()
        .of("book_id", Integer)
        .refers("books", "id", "NO ACTION");
    notes = notes.of("body", String);
    notes.raw.name.public = "elsewhere.notes".into();
    notes.raw.name.table.schema = Some("elsewhere".into());
    let view = super::rows::items()
        .into_iter()
        .map(|row| row[..2].to_vec())
        .collect();
    let empty = [
        items, authors, books, tags, book_tags, counters, journal, pairs, odd, kinds, notes,
    ];
    let mut all: Vec<_> = empty.into_iter().map(|making| (making.raw, Vec::new())).collect();
    all.push((names.raw, view));
    all
}

/// A table in the making; what changes a column changes the last one.
struct Making {
    raw: RawTable,
}

impl Making {
    fn new(name: &str) -> Making {
        let table = TableName::plain(name);
        Making {
            raw: RawTable {
                name: RawTableName {
                    table,
                    public: name.to_owned(),
                    is_view: false,
                },
                columns: Vec::new(),
                primary_key: Vec::new(),
                unique: Vec::new(),
                foreign_keys: Vec::new(),
                neighbours: Vec::new(),
                constraints: Map::new(),
                comment: None,
            },
        }
    }

    fn of(mut self, name: &str, kind: Kind) -> Making {
        self.raw.columns.push(RawColumn {
            name: name.to_owned(),
            kind,
            native: kind.name().to_owned(),
            length: None,
            precision: None,
            scale: None,
            default: Value::Null,
            allow_null: true,
            fixed_length: false,
            supports_multibyte: false,
            auto_increment: false,
            generated: false,
            is_index: false,
            comment: None,
        });
        self
    }

    fn id(self) -> Making {
        let mut making = self.of("id", Kind::Integer).must().key();
        making.last().auto_increment = true;
        making
    }

    fn text(self, name: &str, length: i64) -> Making {
        let mut making = self.of(name, Kind::String);
        making.last().length = Some(length);
        making
    }

    fn decimal(self, name: &str, precision: i64, scale: i64) -> Making {
        let mut making = self.of(name, Kind::Decimal);
        (making.last().precision, making.last().scale) = (Some(precision), Some(scale));
        making
    }

    fn last(&mut self) -> &mut RawColumn {
        self.raw.columns.last_mut().expect("a column was added before")
    }

    fn last_name(&mut self) -> String {
        self.last().name.clone()
    }

    fn must(mut self) -> Making {
        self.last().allow_null = false;
        self
    }

    fn default(mut self, value: Value) -> Making {
        self.last().default = value;
        self
    }

    fn key(mut self) -> Making {
        let name = self.last_name();
        self.raw.primary_key.push(name);
        self
    }

    fn unique(mut self) -> Making {
        let columns = vec![self.last_name()];
        self.raw.unique.push(RawUnique { columns });
        self
    }

    fn refers(mut self, table: &str, column: &str, on_delete: &str) -> Making {
        let columns = vec![self.last_name()];
        self.raw.foreign_keys.push(RawForeignKey {
            columns,
            table: TableName::plain(table),
            public: table.to_owned(),
            references: vec![column.to_owned()],
            on_update: "NO ACTION".to_owned(),
            on_delete: on_delete.to_owned(),
        });
        self
    }
}
