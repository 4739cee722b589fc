//! A small company, the same every time.

use std::fmt::Write;

const TABLES: &str = "
CREATE TABLE departments (dept_no CHAR(4) NOT NULL PRIMARY KEY, dept_name VARCHAR(40) NOT NULL UNIQUE);
CREATE TABLE employees (
  emp_no INTEGER NOT NULL PRIMARY KEY, birth_date DATE NOT NULL, first_name VARCHAR(14) NOT NULL,
  last_name VARCHAR(16) NOT NULL, gender CHAR(1) NOT NULL, hire_date DATE NOT NULL);
CREATE INDEX employees_last_name ON employees (last_name);
CREATE TABLE dept_emp (
  emp_no INTEGER NOT NULL REFERENCES employees (emp_no) ON DELETE CASCADE,
  dept_no CHAR(4) NOT NULL REFERENCES departments (dept_no) ON DELETE CASCADE,
  from_date DATE NOT NULL, to_date DATE NOT NULL, PRIMARY KEY (emp_no, dept_no));
CREATE INDEX dept_emp_dept_no ON dept_emp (dept_no);
CREATE TABLE salaries (
  emp_no INTEGER NOT NULL REFERENCES employees (emp_no) ON DELETE CASCADE,
  salary INTEGER NOT NULL, from_date DATE NOT NULL, to_date DATE NOT NULL, PRIMARY KEY (emp_no, from_date));
CREATE TABLE supplies (
  id INTEGER PRIMARY KEY AUTOINCREMENT, name VARCHAR(80) NULL, quantity INTEGER NOT NULL DEFAULT 0,
  price DECIMAL(10,2) NULL, created DATETIME NULL);
CREATE TABLE locations (
  id INTEGER PRIMARY KEY AUTOINCREMENT, supply_id INTEGER NULL REFERENCES supplies (id) ON DELETE SET NULL,
  city VARCHAR(60) NOT NULL, capacity INTEGER NULL);
CREATE INDEX locations_supply_id ON locations (supply_id);
";

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

const EMPLOYEES: u64 = 1000;
const FIRST_EMPLOYEE: u64 = 10_001;
/// Rows in one INSERT.
const BATCH: usize = 250;

/// Tables and rows as one transaction. All of it is ours: nothing here comes from outside.
pub(super) fn script() -> String {
    let mut dice = Dice(0x5eed);
    let mut text = format!("BEGIN;\n{TABLES}");
    insert(&mut text, "departments (dept_no, dept_name)", departments());
    let staff: Vec<Employee> = (0..EMPLOYEES)
        .map(|n| Employee::roll(FIRST_EMPLOYEE + n, &mut dice))
        .collect();
    insert(
        &mut text,
        "employees (emp_no, birth_date, first_name, last_name, gender, hire_date)",
        staff.iter().map(Employee::row),
    );
    let posts: Vec<String> = staff.iter().flat_map(|e| e.posts(&mut dice)).collect();
    insert(&mut text, "dept_emp (emp_no, dept_no, from_date, to_date)", posts);
    let salaries: Vec<String> = staff.iter().flat_map(|e| e.salaries(&mut dice)).collect();
    insert(
        &mut text,
        "salaries (emp_no, salary, from_date, to_date)",
        salaries,
    );
    let supplies: Vec<String> = names().map(|name| supply(&name, &mut dice)).collect();
    let count = supplies.len() as u64;
    insert(&mut text, "supplies (name, quantity, price, created)", supplies);
    let places = (0..2 * count)
        .map(|_| location(count, &mut dice))
        .collect::<Vec<_>>();
    insert(&mut text, "locations (supply_id, city, capacity)", places);
    text.push_str("COMMIT;\n");
    text
}

fn insert(text: &mut String, target: &str, rows: impl IntoIterator<Item = String>) {
    let rows: Vec<String> = rows.into_iter().collect();
    for batch in rows.chunks(BATCH) {
        // Writing into a string cannot fail.
        let _ = writeln!(text, "INSERT INTO {target} VALUES\n({});", batch.join("),\n("));
    }
}

fn departments() -> impl Iterator<Item = String> {
    DEPARTMENTS
        .iter()
        .enumerate()
        .map(|(n, name)| format!("'d{:03}', '{name}'", n + 1))
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
    gender: char,
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
            gender: if dice.below(2) == 0 { 'F' } else { 'M' },
            hired: (born + 20 + dice.below(15)).min(2022),
        }
    }

    fn row(&self) -> String {
        let (month, day) = (1 + self.number % 12, 1 + self.number % 28);
        format!(
            "{}, '{}-{month:02}-{day:02}', '{}', '{}', '{}', '{}-{:02}-01'",
            self.number,
            self.born,
            self.first_name,
            self.last_name,
            self.gender,
            self.hired,
            13 - month
        )
    }

    /// One department, for some a second one after it.
    fn posts(&self, dice: &mut Dice) -> Vec<String> {
        let (number, hired, first) = (self.number, self.hired, dice.below(9));
        let moved = if dice.below(5) == 0 {
            Some(hired + 1 + dice.below(3))
        } else {
            None
        };
        let end = moved.map_or_else(|| "9999-01-01".to_owned(), |year| format!("{year}-01-01"));
        let mut rows = vec![format!("{number}, 'd{:03}', '{hired}-01-01', '{end}'", first + 1)];
        if let Some(year) = moved {
            let second = (first + 1 + dice.below(8)) % 9;
            rows.push(format!(
                "{number}, 'd{:03}', '{year}-01-01', '9999-01-01'",
                second + 1
            ));
        }
        rows
    }

    /// Three to five years of salary, rising.
    fn salaries(&self, dice: &mut Dice) -> Vec<String> {
        let years = 3 + dice.below(3);
        let mut salary = 38_000 + dice.below(40_000);
        let mut rows = Vec::new();
        for year in self.hired..self.hired + years {
            rows.push(format!(
                "{}, {salary}, '{year}-01-01', '{}-01-01'",
                self.number,
                year + 1
            ));
            salary += 500 + dice.below(4000);
        }
        rows
    }
}

fn supply(name: &str, dice: &mut Dice) -> String {
    let (quantity, cents) = (dice.below(500), 5 + dice.below(20_000));
    let (month, day) = (1 + dice.below(12), 1 + dice.below(28));
    format!(
        "'{name}', {quantity}, {}.{:02}, '2024-{month:02}-{day:02} {:02}:{:02}:00'",
        cents / 100,
        cents % 100,
        dice.below(24),
        dice.below(60)
    )
}

fn location(supplies: u64, dice: &mut Dice) -> String {
    format!(
        "{}, '{}', {}",
        1 + dice.below(supplies),
        dice.of(&CITIES),
        10 * (1 + dice.below(50))
    )
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_company_is_the_same_every_time() {
        let text = script();
        assert_eq!(text, script());
        assert!(text.matches('\n').count() > 5000);
        assert!(text.contains("(10001, '"));
    }
}
