//! A CREATE TABLE statement taken apart, so that one column can be changed and everything else stays as it was
//! written: checks, collations, generated columns, conflict clauses, options.

use super::text;
use sql::ddl::ColumnChange;
use std::ops::Range;

/// A table's definition.
#[derive(Debug, Clone)]
pub(super) struct Definition {
    /// Columns in order.
    pub(super) columns: Vec<Column>,
    /// Table constraints as written.
    constraints: Vec<Constraint>,
    /// What follows the closing parenthesis: `STRICT`, `WITHOUT ROWID`.
    options: String,
}

/// A column of a definition.
#[derive(Debug, Clone)]
pub(super) struct Column {
    /// Name without quote signs.
    pub(super) name: String,
    native: String,
    parts: Vec<(Part, String)>,
}

#[derive(Debug, Clone)]
struct Constraint {
    text: String,
    kind: Part,
    /// The columns in its first parentheses, for keys.
    columns: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Primary,
    NotNull,
    Null,
    Unique,
    Check,
    Default,
    Collate,
    References,
    Generated,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Kind {
    /// An unquoted word, in lower case.
    Word(String),
    /// A quoted identifier, or text: its content.
    Quoted(String),
    Sign(char),
}

#[derive(Debug, Clone)]
struct Token {
    kind: Kind,
    span: Range<usize>,
}

impl Token {
    fn is(&self, word: &str) -> bool {
        matches!(&self.kind, Kind::Word(w) if w == word)
    }

    fn sign(&self, sign: char) -> bool {
        self.kind == Kind::Sign(sign)
    }

    fn name(&self) -> Option<String> {
        match &self.kind {
            Kind::Word(word) | Kind::Quoted(word) => Some(word.clone()),
            Kind::Sign(_) => None,
        }
    }
}

impl Definition {
    /// Takes a statement apart as SQLite keeps it; `None` for anything that is no plain table.
    pub(super) fn parse(sql: &str) -> Option<Definition> {
        let tokens = tokens(sql)?;
        let [create, table, ..] = tokens.as_slice() else {
            return None;
        };
        if !create.is("create") || !table.is("table") {
            return None;
        }
        let open = tokens.iter().position(|t| t.sign('('))?;
        let close = closing(&tokens, open)?;
        let mut definition = Definition {
            columns: Vec::new(),
            constraints: Vec::new(),
            options: sql.get(tokens[close].span.end..)?.trim().to_owned(),
        };
        for item in split(&tokens[open + 1..close]) {
            let first = item.first()?;
            let is_constraint = ["constraint", "primary", "unique", "check", "foreign"]
                .iter()
                .any(|word| first.is(word));
            if is_constraint {
                definition.constraints.push(Constraint::parse(sql, item)?);
            } else {
                definition.columns.push(Column::parse(sql, item)?);
            }
        }
        (!definition.columns.is_empty()).then_some(definition)
    }

    /// The statement that makes a table of this definition under a name.
    pub(super) fn create(&self, name: &str) -> String {
        let mut items: Vec<String> = self.columns.iter().map(Column::text).collect();
        items.extend(self.constraints.iter().map(|c| c.text.clone()));
        format!(
            "CREATE TABLE {} ({}) {}",
            text::quoted(name),
            items.join(", "),
            self.options
        )
    }

    pub(super) fn column(&mut self, name: &str) -> Option<&mut Column> {
        self.columns
            .iter_mut()
            .find(|c| c.name.eq_ignore_ascii_case(name))
    }

    /// Adds a column written as SQL.
    pub(super) fn add(&mut self, name: &str, written: String) {
        self.columns.push(Column {
            name: name.to_owned(),
            // The whole rest of the definition stands here; this column is not changed again.
            native: written,
            parts: Vec::new(),
        });
    }

    pub(super) fn add_constraint(&mut self, written: String) {
        self.constraints.push(Constraint {
            text: written,
            kind: Part::References,
            columns: Vec::new(),
        });
    }

    /// Takes a column away, with the unique and foreign keys that it is part of. `false` when it is part of the
    /// primary key.
    pub(super) fn drop_column(&mut self, name: &str) -> bool {
        let part_of = |c: &Constraint| c.columns.iter().any(|column| column.eq_ignore_ascii_case(name));
        let in_key = |c: &Constraint| c.kind == Part::Primary && part_of(c);
        let is_key = self
            .columns
            .iter()
            .any(|c| c.name.eq_ignore_ascii_case(name) && c.has(Part::Primary));
        if is_key || self.constraints.iter().any(in_key) {
            return false;
        }
        self.columns.retain(|c| !c.name.eq_ignore_ascii_case(name));
        self.constraints
            .retain(|c| !(matches!(c.kind, Part::Unique | Part::References) && part_of(c)));
        true
    }

    /// Takes the foreign key of these columns away.
    pub(super) fn drop_foreign_key(&mut self, names: &[String]) {
        self.drop_constraint(Part::References, names);
    }

    /// Takes the unique constraint of these columns away.
    pub(super) fn drop_unique(&mut self, names: &[String]) {
        self.drop_constraint(Part::Unique, names);
    }

    fn drop_constraint(&mut self, kind: Part, names: &[String]) {
        if let [name] = names
            && let Some(column) = self.column(name)
        {
            column.parts.retain(|(part, _)| *part != kind);
        }
        let same = |c: &Constraint| {
            let mut pairs = c.columns.iter().zip(names);
            c.columns.len() == names.len() && pairs.all(|(a, b)| a.eq_ignore_ascii_case(b))
        };
        self.constraints.retain(|c| !(c.kind == kind && same(c)));
    }
}

impl Column {
    fn parse(sql: &str, item: &[Token]) -> Option<Column> {
        let name = item.first()?.name()?;
        let mut at = 1;
        while let Some(token) = item.get(at) {
            if part_of(item, at).is_some() || token.is("constraint") {
                break;
            }
            at = if token.sign('(') {
                closing(item, at)? + 1
            } else {
                at + 1
            };
        }
        let native = slice(sql, &item[1..at]);
        let mut parts = Vec::new();
        while at < item.len() {
            let start = at;
            if item[at].is("constraint") {
                at += 2;
            }
            let part = part_of(item, at)?;
            at = end_of(item, at, part)?;
            // A conflict clause belongs to what is before it.
            if part != Part::References && item.get(at).is_some_and(|t| t.is("on")) {
                at = (at + 3).min(item.len());
            }
            if part == Part::Primary && item.get(at).is_some_and(|t| t.is("autoincrement")) {
                at += 1;
            }
            parts.push((part, slice(sql, &item[start..at])));
        }
        Some(Column { name, native, parts })
    }

    fn has(&self, part: Part) -> bool {
        self.parts.iter().any(|(p, _)| *p == part)
    }

    /// Whether SQLite computes it.
    pub(super) fn is_generated(&self) -> bool {
        self.has(Part::Generated)
    }

    fn text(&self) -> String {
        let mut out = text::quoted(&self.name);
        for part in std::iter::once(&self.native).chain(self.parts.iter().map(|(_, text)| text)) {
            if !part.is_empty() {
                out.push(' ');
                out.push_str(part);
            }
        }
        out
    }

    /// Changes what the change names.
    pub(super) fn change(&mut self, change: &ColumnChange) {
        if let Some(native) = &change.native {
            native.text().clone_into(&mut self.native);
        }
        if let Some(allow_null) = change.allow_null {
            self.parts
                .retain(|(part, _)| !matches!(part, Part::NotNull | Part::Null));
            if !allow_null {
                self.parts.push((Part::NotNull, "NOT NULL".into()));
            }
        }
        if let Some(default) = &change.default {
            self.parts.retain(|(part, _)| *part != Part::Default);
            if let Some(default) = default {
                self.parts
                    .push((Part::Default, format!("DEFAULT {}", text::default(default))));
            }
        }
    }
}

impl Constraint {
    fn parse(sql: &str, item: &[Token]) -> Option<Constraint> {
        let start = if item.first()?.is("constraint") { 2 } else { 0 };
        let first = item.get(start)?;
        let kind = match () {
            () if first.is("primary") => Part::Primary,
            () if first.is("unique") => Part::Unique,
            () if first.is("foreign") => Part::References,
            () if first.is("check") => Part::Check,
            () => return None,
        };
        let mut columns = Vec::new();
        if kind != Part::Check
            && let Some(open) = item.iter().position(|t| t.sign('('))
        {
            let close = closing(item, open)?;
            columns = split(&item[open + 1..close])
                .iter()
                .filter_map(|part| part.first()?.name())
                .collect();
        }
        Some(Constraint {
            text: slice(sql, item),
            kind,
            columns,
        })
    }
}

/// Which part of a column's definition begins at a token.
fn part_of(item: &[Token], at: usize) -> Option<Part> {
    let Kind::Word(word) = &item.get(at)?.kind else {
        return None;
    };
    Some(match word.as_str() {
        "primary" => Part::Primary,
        "not" => Part::NotNull,
        "null" => Part::Null,
        "unique" => Part::Unique,
        "check" => Part::Check,
        "default" => Part::Default,
        "collate" => Part::Collate,
        "references" => Part::References,
        "generated" | "as" => Part::Generated,
        _ => return None,
    })
}

/// Where a part that begins at `at` ends.
fn end_of(item: &[Token], at: usize, part: Part) -> Option<usize> {
    let parenthesis = |from: usize| -> Option<usize> {
        let open = (from..item.len()).find(|i| item[*i].sign('('))?;
        Some(closing(item, open)? + 1)
    };
    let word = |i: usize, words: &[&str]| item.get(i).is_some_and(|t| words.iter().any(|w| t.is(w)));
    Some(match part {
        Part::Null | Part::Unique => at + 1,
        Part::Primary => at + if word(at + 2, &["asc", "desc"]) { 3 } else { 2 },
        Part::NotNull | Part::Collate => at + 2,
        Part::Check => parenthesis(at)?,
        Part::Generated => {
            let end = parenthesis(at)?;
            if word(end, &["stored", "virtual"]) {
                end + 1
            } else {
                end
            }
        }
        Part::Default => match item.get(at + 1)? {
            t if t.sign('(') => closing(item, at + 1)? + 1,
            t if t.sign('+') || t.sign('-') => at + 3,
            // A blob is written as the word X and text.
            t if t.is("x") && matches!(item.get(at + 2).map(|t| &t.kind), Some(Kind::Quoted(_))) => at + 3,
            _ => at + 2,
        },
        Part::References => {
            let mut end = at + 2;
            if item.get(end).is_some_and(|t| t.sign('(')) {
                end = closing(item, end)? + 1;
            }
            loop {
                if word(end, &["on"]) {
                    end += if word(end + 2, &["set", "no"]) { 4 } else { 3 };
                } else if word(end, &["match"]) {
                    end += 2;
                } else if word(end, &["deferrable"])
                    || (word(end, &["not"]) && word(end + 1, &["deferrable"]))
                {
                    end += if word(end, &["not"]) { 2 } else { 1 };
                    if word(end, &["initially"]) {
                        end += 2;
                    }
                } else {
                    break end.min(item.len());
                }
            }
        }
    })
    .filter(|end| *end <= item.len())
}

fn slice(sql: &str, tokens: &[Token]) -> String {
    match (tokens.first(), tokens.last()) {
        (Some(first), Some(last)) => sql
            .get(first.span.start..last.span.end)
            .unwrap_or_default()
            .to_owned(),
        _ => String::new(),
    }
}

/// The parenthesis that closes the one at `open`.
fn closing(tokens: &[Token], open: usize) -> Option<usize> {
    let mut depth = 0usize;
    for (i, token) in tokens.iter().enumerate().skip(open) {
        if token.sign('(') {
            depth += 1;
        } else if token.sign(')') {
            depth -= 1;
            if depth == 0 {
                return Some(i);
            }
        }
    }
    None
}

/// The items between commas outside of parentheses.
fn split(tokens: &[Token]) -> Vec<&[Token]> {
    let (mut items, mut depth, mut start) = (Vec::new(), 0i32, 0);
    for (i, token) in tokens.iter().enumerate() {
        match token.kind {
            Kind::Sign('(') => depth += 1,
            Kind::Sign(')') => depth -= 1,
            Kind::Sign(',') if depth == 0 => {
                items.push(&tokens[start..i]);
                start = i + 1;
            }
            _ => {}
        }
    }
    items.push(&tokens[start..]);
    items
}

fn tokens(sql: &str) -> Option<Vec<Token>> {
    let bytes = sql.as_bytes();
    let mut tokens = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let start = at;
        let rest = &sql[at..];
        let kind = match bytes[at] {
            b if b.is_ascii_whitespace() => {
                at += 1;
                continue;
            }
            b'-' if rest.starts_with("--") => {
                at += rest.find('\n').unwrap_or(rest.len());
                continue;
            }
            b'/' if rest.starts_with("/*") => {
                at += rest.find("*/").map_or(rest.len(), |end| end + 2);
                continue;
            }
            quote @ (b'"' | b'`' | b'\'' | b'[') => {
                let end = if quote == b'[' { b']' } else { quote };
                let mut content = Vec::new();
                at += 1;
                loop {
                    match *bytes.get(at)? {
                        b if b == end && end != b']' && bytes.get(at + 1) == Some(&end) => {
                            content.push(end);
                            at += 2;
                        }
                        b if b == end => break,
                        b => {
                            content.push(b);
                            at += 1;
                        }
                    }
                }
                at += 1;
                Kind::Quoted(String::from_utf8(content).ok()?)
            }
            b if b.is_ascii_alphanumeric() || b == b'_' || b == b'$' || b == b'.' || !b.is_ascii() => {
                while bytes
                    .get(at)
                    .is_some_and(|b| b.is_ascii_alphanumeric() || b"_$.".contains(b) || !b.is_ascii())
                {
                    at += 1;
                }
                Kind::Word(sql[start..at].to_ascii_lowercase())
            }
            _ => {
                at += 1;
                Kind::Sign(char::from(bytes[start]))
            }
        };
        tokens.push(Token {
            kind,
            span: start..at,
        });
    }
    Some(tokens)
}

#[cfg(test)]
mod tests {
    use super::*;
    use sql::ddl::NativeType;

    const SQL: &str = "CREATE TABLE \"a b\"(id integer not null primary key autoincrement, -- the key, (really)\n\
        [na me] varchar(40) COLLATE NOCASE NOT NULL ON CONFLICT IGNORE DEFAULT 'a,(b' CHECK (length(\"na me\") > 1),\n\
        up REFERENCES p (id) ON DELETE SET NULL NOT DEFERRABLE INITIALLY IMMEDIATE DEFAULT -5 NULL UNIQUE,\n\
        g INT GENERATED ALWAYS AS (id * 2) STORED, both DECIMAL(10, 2) CONSTRAINT c CHECK(both > 0), x BLOB DEFAULT x'00',\n\
        CONSTRAINT u UNIQUE (up, both), FOREIGN KEY (both) REFERENCES q(id), CHECK (both <> 7)) STRICT";

    #[test]
    fn nothing_is_lost() {
        let definition = Definition::parse(SQL).unwrap();
        let again = Definition::parse(&definition.create("n")).unwrap();
        assert_eq!(definition.create("n"), again.create("n"));
        let text = definition.create("n");
        for part in [
            "\"id\" integer not null primary key autoincrement",
            "\"na me\" varchar(40) COLLATE NOCASE NOT NULL ON CONFLICT IGNORE DEFAULT 'a,(b' CHECK (length(\"na me\") > 1)",
            "\"up\" REFERENCES p (id) ON DELETE SET NULL NOT DEFERRABLE INITIALLY IMMEDIATE DEFAULT -5 NULL UNIQUE",
            "\"g\" INT GENERATED ALWAYS AS (id * 2) STORED",
            "\"both\" DECIMAL(10, 2) CONSTRAINT c CHECK(both > 0)",
            "\"x\" BLOB DEFAULT x'00'",
            "CONSTRAINT u UNIQUE (up, both), FOREIGN KEY (both) REFERENCES q(id), CHECK (both <> 7)) STRICT",
        ] {
            assert!(text.contains(part), "{part}\n{text}");
        }
    }

    #[test]
    fn one_column_changes() {
        let mut definition = Definition::parse(SQL).unwrap();
        definition.column("NA ME").unwrap().change(&ColumnChange {
            name: "na me".into(),
            native: NativeType::parse("varchar(80)"),
            allow_null: Some(true),
            default: Some(None),
        });
        let text = definition.create("n");
        assert!(
            text.contains("\"na me\" varchar(80) COLLATE NOCASE CHECK (length(\"na me\") > 1)"),
            "{text}"
        );
        definition.drop_foreign_key(&["both".into()]);
        assert!(!definition.create("n").contains("FOREIGN KEY"));
        assert!(definition.drop_column("up"));
        assert!(!definition.create("n").contains("UNIQUE"));
        assert!(!definition.drop_column("id"));
    }

    #[test]
    fn what_is_no_table_is_left_alone() {
        for text in [
            "CREATE VIRTUAL TABLE t USING fts5(a)",
            "CREATE VIEW v AS SELECT 1",
            "",
            "CREATE TABLE t (a",
            "CREATE TABLE t ('",
        ] {
            assert!(Definition::parse(text).is_none(), "{text}");
        }
    }
}
