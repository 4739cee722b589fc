//! Bad input, the same at every run: a seeded generator over what tends to break parsers and drivers.

use serde_json::{Map, Value, json};

/// Text that has broken others.
pub const INJECTIONS: &[&str] = &[
    "' OR 1=1 --",
    "' OR '1'='1",
    "\" OR \"\"=\"",
    "1; DROP TABLE employees",
    "'; DROP TABLE employees; --",
    "') UNION SELECT * FROM employees --",
    "1) OR (1=1",
    "emp_no) OR (1",
    "\\' OR 1=1 --",
    "`; DELETE FROM employees; `",
    "1 UNION ALL SELECT NULL,NULL,NULL,NULL,NULL,NULL",
    "emp_no; SELECT pg_sleep(9)",
    "SLEEP(9)",
    "(SELECT 1)",
    "emp_no/**/=/**/1",
    "1 -- ",
    "1 #",
    "/*!50000 1*/",
    "$$; SELECT 1; $$",
    "$1",
    "?",
    "?1",
    ":1",
    ":x",
    "@@version",
    "%",
    "_",
    "\\",
    "\0",
    "\u{1}",
    "\u{feff}",
    "\u{202e}x",
    "\u{1F600}",
    "ñ'é\"",
    "{user.id}",
    "{{user.id}}",
    "{",
    "}",
    "[",
    "]",
    "(",
    ")",
    ")))))",
    "(((((",
    ",,,",
    ";",
    "null",
    "NULL",
    "true",
    "NaN",
    "Infinity",
    "-0",
    "1e400",
    "1e-400",
    "99999999999999999999999999",
    "-99999999999999999999999999",
    "0x7fffffff",
    "1.0000000000000000000000001",
    "''",
    "\"\"",
    "'",
    "\"",
    "`",
    "``",
    "''''",
    "a.b.c",
    ".",
    "..",
    "*",
    "**",
    "emp_no.*",
    "employees.emp_no",
    "rowid",
    "ctid",
    "oid",
    "sqlite_master",
    "pg_user",
    "information_schema.tables",
    "__proto__",
    "constructor",
    "COUNT(*)",
    "SUM(",
    "MAX()",
    "SUM(emp_no",
    "sum(salary) desc",
    "emp_no desc nulls",
    "emp_no asc, (select 1)",
    "between",
    "in ()",
    "is",
    "is not",
];

const FIELDS: &[&str] = &[
    "emp_no",
    "first_name",
    "last_name",
    "birth_date",
    "gender",
    "hire_date",
    "EMP_NO",
    "nope",
    "emp no",
    "",
    "\"emp_no\"",
];
const OPERATORS: &[&str] = &[
    "=",
    "!=",
    "<>",
    "<",
    ">",
    "<=",
    ">=",
    "like",
    "not like",
    "in",
    "not in",
    "contains",
    "starts with",
    "ends with",
    "between",
    "is null",
    "is not null",
    "is",
    "~",
    "=>",
    "==",
    "&&",
    "||",
    "",
    "IN (",
    "eq",
    "ne",
];
const JOINS: &[&str] = &[
    " and ",
    " or ",
    " AND ",
    " OR ",
    ") and (",
    " xor ",
    " && ",
    " ",
    " and not ",
    " not ",
];

/// The generator: xorshift, seeded.
pub struct Generator(u64);

impl Generator {
    /// A generator; the same seed gives the same input.
    pub fn new(seed: u64) -> Generator {
        Generator(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    /// A number below a bound.
    pub fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % bound.max(1)
    }

    /// One of several.
    pub fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len())]
    }

    /// A value as text: sound, broken, enormous or an injection.
    pub fn value(&mut self) -> String {
        match self.below(8) {
            0 => self.below(20_000).to_string(),
            1 => format!("'{}'", self.one(INJECTIONS)),
            2 => format!("\"{}\"", self.one(INJECTIONS)),
            3 => self.one(INJECTIONS).to_owned(),
            4 => format!("({},{})", self.one(INJECTIONS), self.below(9)),
            5 => "9".repeat(1 + self.below(400)),
            6 => "x".repeat(self.below(3000)),
            _ => (0..self.below(12))
                .map(|_| char::from(32 + self.below(95) as u8))
                .collect(),
        }
    }

    /// A filter, more or less.
    pub fn filter(&mut self) -> String {
        let mut text = String::new();
        for part in 0..1 + self.below(4) {
            if part > 0 {
                text.push_str(self.one(JOINS));
            }
            let (open, close) = if self.below(3) == 0 { ("(", ")") } else { ("", "") };
            let (field, operator) = (self.one(FIELDS), self.one(OPERATORS));
            text.push_str(&format!("{open}{field} {operator} {}{close}", self.value()));
        }
        match self.below(12) {
            0 => format!(
                "{}{text}{}",
                "(".repeat(self.below(300)),
                ")".repeat(self.below(300))
            ),
            1 => format!("{}{text}", "not ".repeat(self.below(300))),
            2 => text.repeat(1 + self.below(20)),
            _ => text,
        }
    }

    /// A list of fields, an order, a grouping.
    pub fn names(&mut self) -> String {
        let count = if self.below(30) == 0 {
            2000
        } else {
            1 + self.below(4)
        };
        let name = |g: &mut Generator| {
            let end = g.one(&[
                "",
                "",
                " asc",
                " desc",
                " desc nulls first",
                " nulls",
                " COLLATE x",
            ]);
            let name = if g.below(3) == 0 {
                g.one(INJECTIONS)
            } else {
                g.one(FIELDS)
            };
            format!("{name}{end}")
        };
        (0..count).map(|_| name(self)).collect::<Vec<_>>().join(",")
    }

    /// A query string over the words of record calls.
    pub fn query(&mut self) -> String {
        let mut parts = Vec::new();
        for _ in 0..1 + self.below(4) {
            let word = self.one(&[
                "filter",
                "filter",
                "filter",
                "order",
                "fields",
                "ids",
                "id_field",
                "limit",
                "offset",
                "group",
                "related",
                "count_only",
                "include_count",
                "include_schema",
                "as_list",
                "params",
                "params[:x]",
                "having",
                "file",
                "continue",
                "rollback",
                "id_type",
                "where",
                "salaries_by_emp_no.fields",
                "salaries_by_emp_no.order",
                "accept",
                "method",
                "api_key",
                "wrap",
                "salaries_by_emp_no.limit",
            ]);
            let value = match word {
                "filter" | "where" | "having" => self.filter(),
                "order" | "fields" | "group" | "id_field" => self.names(),
                "related" => self
                    .one(&[
                        "*",
                        "salaries_by_emp_no",
                        "dept_emp_by_emp_no,nope",
                        "departments_by_dept_emp",
                    ])
                    .into(),
                // Another method would be another test.
                "method" => self.one(&["", "x", "GET"]).into(),
                _ => self.value(),
            };
            parts.push(format!("{word}={}", self.encode(&value)));
        }
        parts.join("&")
    }

    /// Percent-encoding, now and then of bytes that are no UTF-8.
    pub fn encode(&mut self, text: &str) -> String {
        let mut encoded = String::new();
        for byte in text.bytes() {
            match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'-' | b'.' => {
                    encoded.push(char::from(byte))
                }
                _ => encoded.push_str(&format!("%{byte:02X}")),
            }
        }
        match self.below(25) {
            0 => encoded + "%FF%FE",
            1 => encoded + "%C3",
            2 => encoded + "%",
            3 => encoded + "%zz",
            4 => encoded + "%00",
            _ => encoded,
        }
    }

    /// JSON of a wrong kind, depth or size.
    pub fn json(&mut self, depth: usize) -> Value {
        match self.below(if depth > 4 { 7 } else { 9 }) {
            0 => Value::Null,
            1 => json!(self.below(2) == 0),
            2 => json!(self.below(1_000_000) as f64 * 1e30),
            3 => json!(i64::MAX - self.below(9) as i64),
            4 => json!(u64::MAX),
            5 => json!(self.value()),
            6 => json!(-(self.below(100_000) as i64)),
            7 => (0..self.below(4)).map(|_| self.json(depth + 1)).collect(),
            _ => self.record(depth + 1).into(),
        }
    }

    fn record(&mut self, depth: usize) -> Map<String, Value> {
        const KEYS: &[&str] = &[
            "id",
            "name",
            "quantity",
            "price",
            "created",
            "nope",
            "resource",
            "ids",
            "filter",
            "locations_by_supply_id",
            "",
        ];
        (0..self.below(5))
            .map(|_| (self.one(KEYS).to_owned(), self.json(depth)))
            .collect()
    }

    /// A body: records of wrong types, or bytes that are no JSON at all.
    pub fn body(&mut self) -> Vec<u8> {
        let records: Value = (0..1 + self.below(3))
            .map(|_| Value::from(self.record(0)))
            .collect();
        match self.below(12) {
            0 => self.json(0).to_string().into_bytes(),
            1 => b"{\"resource\":[{\"name\":\"\xff\xfe\"}]}".to_vec(),
            2 => b"{\"resource\":[{\"name\":\"\\ud800\"}]}".to_vec(),
            3 => format!("{}1{}", "[".repeat(20_000), "]".repeat(20_000)).into_bytes(),
            4 => format!("{}1{}", "{\"resource\":".repeat(500), "}".repeat(500)).into_bytes(),
            5 => b"{\"resource\":[{\"quantity\":1e999}]}".to_vec(),
            6 => b"{\"resource\":[{\"quantity\":123456789012345678901234567890}]}".to_vec(),
            7 => self.value().into_bytes(),
            8 => b"".to_vec(),
            9 => json!({"resource": records, "filter": self.filter(), "ids": self.json(2), "fields": self.names()}).to_string().into(),
            _ => json!({ "resource": records }).to_string().into_bytes(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_input() {
        let text = |seed| {
            let mut generator = Generator::new(seed);
            (0..50)
                .map(|_| generator.query() + &String::from_utf8_lossy(&generator.body()))
                .collect::<String>()
        };
        assert_eq!(text(7), text(7));
        assert_ne!(text(7), text(8));
    }
}
