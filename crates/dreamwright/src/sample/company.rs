//! A small company, the same every time.

use sql::{Dialect, Expr, Insert, Scalar, Statement, TableName};

/// The tables and their indexes, in the order in which they can be made.
pub(super) const TABLES: &[&str] = &[
    "CREATE TABLE departments (dept_no CHAR(4) NOT NULL PRIMARY KEY, dept_name VARCHAR(40) NOT NULL UNIQUE)",
    "CREATE TABLE employees (\
     emp_no INTEGER NOT NULL PRIMARY KEY, birth_date DATE NOT NULL, first_name VARCHAR(14) NOT NULL, \
     last_name VARCHAR(16) NOT NULL, gender CHAR(1) NOT NULL, hire_date DATE NOT NULL)",
    "CREATE INDEX employees_last_name ON employees (last_name)",
    "CREATE TABLE dept_emp (\
     emp_no INTEGER NOT NULL REFERENCES employees (emp_no) ON DELETE CASCADE, \
     dept_no CHAR(4) NOT NULL REFERENCES departments (dept_no) ON DELETE CASCADE, \
     from_date DATE NOT NULL, to_date DATE NOT NULL, PRIMARY KEY (emp_no, dept_no))",
    "CREATE INDEX dept_emp_dept_no ON dept_emp (dept_no)",
    "CREATE TABLE salaries (\
     emp_no INTEGER NOT NULL REFERENCES employees (emp_no) ON DELETE CASCADE, \
     salary INTEGER NOT NULL, from_date DATE NOT NULL, to_date DATE NOT NULL, PRIMARY KEY (emp_no, from_date))",
    "CREATE TABLE supplies (\
     id INTEGER PRIMARY KEY AUTOINCREMENT, name VARCHAR(80) NULL, quantity INTEGER NOT NULL DEFAULT 0, \
     price DECIMAL(10,2) NULL, created DATETIME NULL)",
    "CREATE TABLE locations (\
     id INTEGER PRIMARY KEY AUTOINCREMENT, supply_id INTEGER NULL REFERENCES supplies (id) ON DELETE SET NULL, \
     city VARCHAR(60) NOT NULL, capacity INTEGER NULL)",
    "CREATE INDEX locations_supply_id ON locations (supply_id)",
];

const DEPARTMENTS: [&str; 9] = [
    "Marketing",
    "Finance",
    "Human Resources",
    "Production",
    "Development",
    "Quality Management",
    "Sales",
    "Research",
    "Customer Service",
];
const FIRST_NAMES: [&str; 20] = [
    "Amara", "Bruno", "Chen", "Dalia", "Erik", "Fatima", "Goran", "Hana", "Ivo", "Jonas", "Kofi", "Lena",
    "Marek", "Nadia", "Omar", "Petra", "Rosa", "Sven", "Tara", "Yara",
];
const LAST_NAMES: [&str; 20] = [
    "Abbott", "Berg", "Castillo", "Dvorak", "Eriksen", "Fischer", "Garcia", "Haddad", "Ivanov", "Jansen",
    "Kowalski", "Lind", "Moreau", "Nakamura", "Okafor", "Petrov", "Rossi", "Schmidt", "Tanaka", "Weiss",
];
const MATERIALS: [&str; 8] = [
    "Steel", "Brass", "Copper", "Oak", "Nylon", "Rubber", "Glass", "Cotton",
];
const THINGS: [&str; 10] = [
    "Bolt", "Bracket", "Cable", "Gasket", "Hinge", "Hook", "Panel", "Pipe", "Spring", "Valve",
];
const CITIES: [&str; 8] = [
    "Accra", "Berlin", "Kyoto", "Lima", "Lisbon", "Oslo", "Porto", "Turin",
];

const EMPLOYEES: u64 = 500;
/// The year of dates that have not come.
const NEVER: u64 = 9999;
const FIRST_EMPLOYEE: u64 = 10_001;
/// The values of one row, in the order of its table's columns.
type Row = Vec<Scalar>;

/// The statements that fill the tables, in an order that satisfies their foreign keys.
pub(super) fn rows(dialect: &dyn Dialect) -> Vec<Statement> {
    let mut dice = Dice(0x5eed);
    let mut statements = Vec::new();
    let mut fill = |table: &str, columns: &[&str], rows: Vec<Row>| {
        statements.extend(rows.into_iter().map(|row| insert(dialect, table, columns, row)));
    };
    fill("departments", &["dept_no", "dept_name"], departments());
    let staff: Vec<Employee> = (0..EMPLOYEES)
        .map(|n| Employee::roll(FIRST_EMPLOYEE + n, &mut dice))
        .collect();
    let person = [
        "emp_no",
        "birth_date",
        "first_name",
        "last_name",
        "gender",
        "hire_date",
    ];
    fill("employees", &person, staff.iter().map(Employee::row).collect());
    let posts = staff.iter().flat_map(|e| e.posts(&mut dice)).collect();
    fill("dept_emp", &["emp_no", "dept_no", "from_date", "to_date"], posts);
    let salaries = staff.iter().flat_map(|e| e.salaries(&mut dice)).collect();
    fill(
        "salaries",
        &["emp_no", "salary", "from_date", "to_date"],
        salaries,
    );
    let supplies: Vec<Row> = names().map(|name| supply(name, &mut dice)).collect();
    let count = supplies.len() as u64;
    fill("supplies", &["name", "quantity", "price", "created"], supplies);
    fill(
        "locations",
        &["supply_id", "city", "capacity"],
        (0..2 * count).map(|_| location(count, &mut dice)).collect(),
    );
    statements
}

fn insert(dialect: &dyn Dialect, table: &str, columns: &[&str], row: Row) -> Statement {
    let values = columns
        .iter()
        .map(|&c| c.to_owned())
        .zip(row.into_iter().map(Expr::Bind))
        .collect();
    sql::insert(
        dialect,
        &Insert {
            table: TableName::plain(table),
            values,
            returning: Vec::new(),
        },
    )
}

fn departments() -> Vec<Row> {
    let row = |(n, name): (u64, &&str)| vec![department(n), Scalar::from(*name)];
    (0..).zip(&DEPARTMENTS).map(row).collect()
}

/// The key of the department at a place in the list.
fn department(n: u64) -> Scalar {
    format!("d{:03}", n + 1).into()
}

fn number(n: u64) -> Scalar {
    Scalar::Uint(n)
}

fn new_year(year: u64) -> Scalar {
    format!("{year}-01-01").into()
}

fn names() -> impl Iterator<Item = String> {
    MATERIALS
        .iter()
        .flat_map(|material| THINGS.iter().map(move |thing| format!("{material} {thing}")))
}

struct Employee {
    number: u64,
    born: u64,
    first_name: &'static str,
    last_name: &'static str,
    gender: &'static str,
    hired: u64,
}

impl Employee {
    fn roll(number: u64, dice: &mut Dice) -> Employee {
        let born = 1955 + dice.below(45);
        Employee {
            number,
            born,
            first_name: dice.of(&FIRST_NAMES),
            last_name: dice.of(&LAST_NAMES),
            gender: if dice.below(2) == 0 { "F" } else { "M" },
            hired: (born + 20 + dice.below(15)).min(2022),
        }
    }

    fn row(&self) -> Row {
        let (month, day) = (1 + self.number % 12, 1 + self.number % 28);
        vec![
            number(self.number),
            format!("{}-{month:02}-{day:02}", self.born).into(),
            self.first_name.into(),
            self.last_name.into(),
            self.gender.into(),
            format!("{}-{:02}-01", self.hired, 13 - month).into(),
        ]
    }

    /// One department, for some a second one after it.
    fn posts(&self, dice: &mut Dice) -> Vec<Row> {
        let first = dice.below(9);
        let moved = if dice.below(5) == 0 {
            Some(self.hired + 1 + dice.below(3))
        } else {
            None
        };
        let post = |n, from, to| vec![number(self.number), department(n), new_year(from), new_year(to)];
        let mut rows = vec![post(first, self.hired, moved.unwrap_or(NEVER))];
        if let Some(year) = moved {
            rows.push(post((first + 1 + dice.below(8)) % 9, year, NEVER));
        }
        rows
    }

    /// Three to five years of salary, rising.
    fn salaries(&self, dice: &mut Dice) -> Vec<Row> {
        let years = 3 + dice.below(3);
        let mut salary = 38_000 + dice.below(40_000);
        let mut rows = Vec::new();
        for year in self.hired..self.hired + years {
            rows.push(vec![
                number(self.number),
                number(salary),
                new_year(year),
                new_year(year + 1),
            ]);
            salary += 500 + dice.below(4000);
        }
        rows
    }
}

fn supply(name: String, dice: &mut Dice) -> Row {
    let (quantity, cents) = (dice.below(500), 5 + dice.below(20_000));
    let (month, day) = (1 + dice.below(12), 1 + dice.below(28));
    let (hour, minute) = (dice.below(24), dice.below(60));
    vec![
        name.into(),
        number(quantity),
        Scalar::Decimal(format!("{}.{:02}", cents / 100, cents % 100)),
        format!("2024-{month:02}-{day:02} {hour:02}:{minute:02}:00").into(),
    ]
}

fn location(supplies: u64, dice: &mut Dice) -> Row {
    vec![
        number(1 + dice.below(supplies)),
        dice.of(&CITIES).into(),
        number(10 * (1 + dice.below(50))),
    ]
}

/// Numbers that look random and are the same on every machine.
struct Dice(u64);

impl Dice {
    /// A number from 0 up to, not including, `end`.
    fn below(&mut self, end: u64) -> u64 {
        // Knuth's MMIX constants; the high bits are the good ones.
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }

    fn of<T: Copy>(&mut self, list: &[T]) -> T {
        let end = list.len() as u64;
        list[usize::try_from(self.below(end)).unwrap_or(0)]
    }
}
