//! The five requests that are measured, as paths for HTTP and as numbers for the drivers.

/// A kind of request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// One row by its key.
    One,
    /// 25 rows, filtered and sorted.
    Page,
    /// 1,000 rows.
    Thousand,
    /// 25 rows, each with its related rows.
    Related,
    /// One row inserted.
    Insert,
}

/// First key of the employees in the fixtures.
pub(crate) const FIRST: u64 = 10_001;
/// The role's row filter on employees and salaries is `emp_no > FILTER`; it lets every row through, and costs
/// its share.
pub(crate) const FILTER: i32 = 10_000;
/// The role's row filter on supplies is `quantity > PLENTY`.
pub(crate) const PLENTY: i32 = 0;

impl Shape {
    pub(crate) const ALL: [Shape; 5] = [
        Shape::One,
        Shape::Page,
        Shape::Thousand,
        Shape::Related,
        Shape::Insert,
    ];

    /// Name on the command line.
    pub(crate) fn option(self) -> &'static str {
        match self {
            Shape::One => "one",
            Shape::Page => "page",
            Shape::Thousand => "thousand",
            Shape::Related => "related",
            Shape::Insert => "insert",
        }
    }

    /// Name in the table.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Shape::One => "one row by key",
            Shape::Page => "25 rows, filter and order",
            Shape::Thousand => "1,000 rows",
            Shape::Related => "25 rows with related",
            Shape::Insert => "one insert",
        }
    }

    /// The `n`-th request of this shape: method, path after the service, body.
    pub(crate) fn request(self, n: u64) -> (&'static str, String, Option<String>) {
        let path = match self {
            Shape::One => format!("employees/{}", key(n)),
            Shape::Page => {
                format!(
                    "employees?filter=last_name%20%3E%3D%20'{}'&order=last_name,emp_no&limit=25",
                    letter(n)
                )
            }
            Shape::Thousand => "employees?limit=1000".into(),
            Shape::Related => {
                format!(
                    "employees?filter=emp_no%20%3E%20{}&order=emp_no&limit=25&related=salaries_by_emp_no",
                    after(n)
                )
            }
            Shape::Insert => {
                let body = format!(
                    "{{\"resource\":[{{\"name\":\"item {n}\",\"quantity\":{}}}]}}",
                    quantity(n)
                );
                return ("POST", "supplies".into(), Some(body));
            }
        };
        ("GET", path, None)
    }
}

/// Key of the `n`-th employee.
pub(crate) fn key(n: u64) -> i32 {
    (FIRST + n % 1000) as i32
}

/// First letter that the `n`-th page begins at.
pub(crate) fn letter(n: u64) -> char {
    char::from(b'A' + (n % 16) as u8)
}

/// Key after which the `n`-th list with related rows begins.
pub(crate) fn after(n: u64) -> i32 {
    FILTER + (n % 900) as i32
}

/// Quantity of the `n`-th inserted row.
pub(crate) fn quantity(n: u64) -> i32 {
    1 + (n % 1000) as i32
}
