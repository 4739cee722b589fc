//! Writes rows as JSON with as little work as the drivers allow.

/// The keys of an employee, in order.
pub(crate) const EMPLOYEE: [&str; 6] = [
    "emp_no",
    "birth_date",
    "first_name",
    "last_name",
    "gender",
    "hire_date",
];
/// The keys of a salary, in order.
pub(crate) const SALARY: [&str; 4] = ["emp_no", "salary", "from_date", "to_date"];

/// A buffer of JSON.
#[derive(Default)]
pub(crate) struct Json(pub(crate) Vec<u8>);

impl Json {
    /// Bytes as they are.
    pub(crate) fn raw(&mut self, text: &str) {
        self.0.extend_from_slice(text.as_bytes());
    }

    /// Begins a member; `first` of its object or not.
    pub(crate) fn key(&mut self, name: &str, first: bool) {
        self.raw(if first { "\"" } else { ",\"" });
        self.raw(name);
        self.raw("\":");
    }

    /// A number.
    pub(crate) fn number(&mut self, number: i64) {
        self.raw(itoa::Buffer::new().format(number));
    }

    /// Text with its quotes.
    pub(crate) fn text(&mut self, text: &[u8]) {
        self.0.push(b'"');
        for &byte in text {
            match byte {
                b'"' | b'\\' => self.0.extend_from_slice(&[b'\\', byte]),
                0..32 => self.raw(&format!("\\u{byte:04x}")),
                _ => self.0.push(byte),
            }
        }
        self.0.push(b'"');
    }

    /// A date with its quotes.
    pub(crate) fn date(&mut self, year: i64, month: i64, day: i64) {
        let digit = |n: i64| b'0' + (n % 10) as u8;
        let text = [
            digit(year / 1000),
            digit(year / 100),
            digit(year / 10),
            digit(year),
            b'-',
            digit(month / 10),
            digit(month),
            b'-',
            digit(day / 10),
            digit(day),
        ];
        self.text(&text);
    }
}
