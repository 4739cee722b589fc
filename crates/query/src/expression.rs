//! `quantity + 1`, `NOW() - INTERVAL 1 DAY`, `COALESCE(nick, 'none')`: what a client may have a field set to, besides
//! a value. A small grammar; what is not in it is no expression, whatever a database would make of it.

use crate::filter::clock;
use crate::scan::skip_blanks;
use sql::{ArithmeticOp, Function, Moment};

/// Longest text that is looked at.
const LONGEST: usize = 1000;
/// Deepest nesting of parentheses, functions and signs.
const DEEPEST: usize = 16;

/// An expression. Names stay as written and are bound elsewhere.
#[derive(Debug, Clone, PartialEq)]
pub enum Expression {
    /// A number, as its digits.
    Number(String),
    /// Text between quotes.
    Text(String),
    /// `?`: the value at this place of the parameters, counted from 0.
    Param(usize),
    /// A field.
    Field(String),
    /// The database's clock.
    Moment(Moment),
    /// Arithmetic.
    Arithmetic(Box<Expression>, ArithmeticOp, Box<Expression>),
    /// A function.
    Call(Function, Vec<Expression>),
}

/// Reads an expression; `None` when the text is not one.
pub fn parse(text: &str) -> Option<Expression> {
    if text.len() > LONGEST {
        return None;
    }
    let mut parser = Parser {
        text,
        at: 0,
        params: 0,
        depth: 0,
    };
    let expression = parser.sum()?;
    (skip_blanks(text, parser.at) == text.len()).then_some(expression)
}

const FUNCTIONS: [(&str, Function, std::ops::RangeInclusive<usize>); 7] = [
    ("UPPER", Function::Upper, 1..=1),
    ("LOWER", Function::Lower, 1..=1),
    ("TRIM", Function::Trim, 1..=1),
    ("COALESCE", Function::Coalesce, 2..=8),
    ("NULLIF", Function::NullIf, 2..=2),
    ("ABS", Function::Abs, 1..=1),
    ("ROUND", Function::Round, 1..=2),
];

/// Words that stand for themselves or begin what is not an expression; a field of such a name is quoted.
const WORDS: [&str; 12] = [
    "AND", "AS", "BETWEEN", "CASE", "DEFAULT", "FALSE", "FROM", "IN", "INTERVAL", "NOT", "NULL", "OR",
];

struct Parser<'t> {
    text: &'t str,
    at: usize,
    params: usize,
    depth: usize,
}

impl<'t> Parser<'t> {
    fn sum(&mut self) -> Option<Expression> {
        let mut left = self.product()?;
        loop {
            let op = match self.peek() {
                Some(b'+') => ArithmeticOp::Add,
                Some(b'-') => ArithmeticOp::Subtract,
                _ => return Some(left),
            };
            self.at += 1;
            let right = self.product()?;
            left = Expression::Arithmetic(Box::new(left), op, Box::new(right));
        }
    }

    fn product(&mut self) -> Option<Expression> {
        let mut left = self.operand()?;
        loop {
            let op = match self.peek() {
                Some(b'*') => ArithmeticOp::Multiply,
                Some(b'/') => ArithmeticOp::Divide,
                _ => return Some(left),
            };
            self.at += 1;
            let right = self.operand()?;
            left = Expression::Arithmetic(Box::new(left), op, Box::new(right));
        }
    }

    fn operand(&mut self) -> Option<Expression> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return None;
        }
        let operand = self.deeper();
        self.depth -= 1;
        operand
    }

    fn deeper(&mut self) -> Option<Expression> {
        match self.peek()? {
            b'(' => {
                self.at += 1;
                let inner = self.sum()?;
                self.expect(b')')?;
                Some(inner)
            }
            b'-' => {
                self.at += 1;
                match self.operand()? {
                    Expression::Number(digits) if !digits.starts_with('-') => {
                        Some(Expression::Number(format!("-{digits}")))
                    }
                    _ => None,
                }
            }
            b'?' => {
                self.at += 1;
                self.params += 1;
                Some(Expression::Param(self.params - 1))
            }
            b'\'' => self.quoted(b'\'').map(Expression::Text),
            quote @ (b'"' | b'`') => self.quoted(quote).map(Expression::Field),
            b'0'..=b'9' | b'.' => self.number(),
            _ => self.word(),
        }
    }

    /// The next byte that is not a blank.
    fn peek(&mut self) -> Option<u8> {
        self.at = skip_blanks(self.text, self.at);
        self.text.as_bytes().get(self.at).copied()
    }

    fn expect(&mut self, byte: u8) -> Option<()> {
        (self.peek()? == byte).then(|| self.at += 1)
    }

    fn quoted(&mut self, quote: u8) -> Option<String> {
        let sign = char::from(quote);
        let mut out = String::new();
        self.at += 1;
        loop {
            let rest = &self.text[self.at..];
            let end = rest.find(sign)?;
            out.push_str(&rest[..end]);
            self.at += end + 1;
            if !self.text[self.at..].starts_with(sign) {
                return Some(out);
            }
            out.push(sign);
            self.at += 1;
        }
    }

    fn take(&mut self, belongs: impl Fn(u8) -> bool) -> &'t str {
        let rest = &self.text.as_bytes()[self.at..];
        let length = rest.iter().take_while(|b| belongs(**b)).count();
        let taken = &self.text[self.at..self.at + length];
        self.at += length;
        taken
    }

    fn number(&mut self) -> Option<Expression> {
        let digits = self.take(|b| b.is_ascii_digit() || b == b'.');
        let dots = digits.bytes().filter(|b| *b == b'.').count();
        let well = dots <= 1 && !digits.starts_with('.') && !digits.ends_with('.');
        let ends = !self.text[self.at..].starts_with(|c: char| c.is_alphanumeric() || c == '_');
        (well && ends).then(|| Expression::Number(digits.to_owned()))
    }

    fn word(&mut self) -> Option<Expression> {
        let start = self.at;
        let name = self.take(|b| b.is_ascii_alphanumeric() || b == b'_');
        if name.is_empty() {
            return None;
        }
        if let Some((moment, end)) = clock::leading(&self.text[start..]) {
            self.at = start + end;
            return Some(Expression::Moment(moment));
        }
        let called = self.peek() == Some(b'(');
        if !called {
            let reserved = WORDS.iter().any(|word| word.eq_ignore_ascii_case(name));
            return (!reserved).then(|| Expression::Field(name.to_owned()));
        }
        let known = FUNCTIONS
            .iter()
            .find(|(known, ..)| known.eq_ignore_ascii_case(name))?;
        self.at += 1;
        let mut arguments = vec![self.sum()?];
        while self.peek()? == b',' {
            self.at += 1;
            arguments.push(self.sum()?);
        }
        self.expect(b')')?;
        let fits = known.2.contains(&arguments.len());
        fits.then_some(Expression::Call(known.1, arguments))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sql::TimeUnit;

    fn number(digits: &str) -> Expression {
        Expression::Number(digits.into())
    }

    fn field(name: &str) -> Box<Expression> {
        Box::new(Expression::Field(name.into()))
    }

    #[test]
    fn what_the_grammar_holds_is_read() {
        use ArithmeticOp::{Add, Multiply, Subtract};
        let times = |left, right| Expression::Arithmetic(Box::new(left), Multiply, Box::new(right));
        for (text, expected) in [
            (
                "NOW()",
                Expression::Moment(Moment {
                    date_only: false,
                    offset: None,
                }),
            ),
            (
                "now() - interval '2 days'",
                Expression::Moment(Moment {
                    date_only: false,
                    offset: Some((-2, TimeUnit::Day)),
                }),
            ),
            (
                " quantity+1 ",
                Expression::Arithmetic(field("quantity"), Add, Box::new(number("1"))),
            ),
            (
                "price - 2 * 1.5",
                Expression::Arithmetic(
                    field("price"),
                    Subtract,
                    Box::new(times(number("2"), number("1.5"))),
                ),
            ),
            (
                "(\"order\" - ?)",
                Expression::Arithmetic(field("order"), Subtract, Box::new(Expression::Param(0))),
            ),
            (
                "Coalesce(upper(name), 'it''s')",
                Expression::Call(
                    Function::Coalesce,
                    vec![
                        Expression::Call(Function::Upper, vec![*field("name")]),
                        Expression::Text("it's".into()),
                    ],
                ),
            ),
            ("-5", number("-5")),
        ] {
            assert_eq!(parse(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn nothing_else_is() {
        for text in [
            "",
            "SELECT 1",
            "(SELECT password FROM users)",
            "1; DROP TABLE t",
            "quantity + ",
            "quantity + 1 --",
            "quantity /* x */ + 1",
            "SLEEP(5)",
            "load_file('/etc/passwd')",
            "pg_sleep(1)",
            "name || 'x'",
            "a = b",
            "1 OR 1",
            "'open",
            "UPPER()",
            "UPPER(a, b)",
            "t.name",
            "@@version",
            "NULL",
            "CASE",
            "1e5",
            "NOW() + 1 DAY",
            "x y",
            "naïve",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
        assert_eq!(parse(&"(".repeat(500)), None);
        assert_eq!(parse(&format!("{}1", "-".repeat(900))), None);
        assert_eq!(parse(&"1+".repeat(600)), None);
    }
}
