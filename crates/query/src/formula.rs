//! The function text of a field (`UPPER(name)`, `COALESCE(body, 'none')`, `LOWER({value})`) as a tree.
//!
//! The grammar has calls, columns, literals, `{value}`, operators, CASE and CAST, and nothing else: no queries, no
//! comments, no several statements, and no functions that reach outside of the row.

use crate::ParseError;
use sql::Scalar;
use sql::ddl::NativeType;
use sql::formula::{Formula, FunctionName, Operator};

/// Longest text.
const LONGEST: usize = 2000;
/// Deepest nesting.
const DEEPEST: usize = 40;

/// Words that are never columns or functions.
const RESERVED: &[&str] = &[
    "select",
    "from",
    "where",
    "union",
    "insert",
    "update",
    "delete",
    "drop",
    "create",
    "alter",
    "grant",
    "revoke",
    "into",
    "table",
    "exec",
    "execute",
    "declare",
    "truncate",
    "merge",
    "call",
    "with",
    "having",
    "group",
    "order",
    "limit",
    "offset",
    "join",
    "returning",
    "set",
    "values",
    "attach",
    "detach",
    "pragma",
    "over",
    "filter",
    "exists",
    "then",
    "when",
    "else",
    "end",
    "as",
    "and",
    "or",
    "not",
    "is",
    "like",
    "between",
    "in",
    "collate",
];

/// Parses a function text.
pub fn parse(text: &str) -> Result<Formula, ParseError> {
    if text.len() > LONGEST {
        return Err(refuse(&format!("it is longer than {LONGEST} characters")));
    }
    let mut parser = Parser {
        tokens: tokens(text)?,
        at: 0,
        depth: 0,
    };
    let formula = parser.expression()?;
    match parser.peek() {
        None => Ok(formula),
        Some(token) => Err(refuse(&format!("{} is not expected there", token.shown()))),
    }
}

fn refuse(why: &str) -> ParseError {
    ParseError {
        message: format!(
            "The function is not permitted: {why}. It may call functions over fields, literals and {{value}}, with operators."
        ),
        at: 0,
    }
}

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Word(String),
    Quoted(String),
    Text(String),
    Number(String),
    Value,
    Sign(&'static str),
}

impl Token {
    fn shown(&self) -> String {
        match self {
            Token::Word(word) | Token::Quoted(word) => format!("'{word}'"),
            Token::Text(_) => "a text".into(),
            Token::Number(number) => format!("'{number}'"),
            Token::Value => "'{value}'".into(),
            Token::Sign(sign) => format!("'{sign}'"),
        }
    }
}

fn tokens(text: &str) -> Result<Vec<Token>, ParseError> {
    const SIGNS: &[&str] = &[
        "||", "<>", "!=", "<=", ">=", "(", ")", ",", "+", "-", "*", "/", "%", "=", "<", ">",
    ];
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let taken;
        if rest.starts_with("--") || rest.starts_with("/*") {
            return Err(refuse("comments are not known"));
        } else if rest.get(..7).is_some_and(|t| t.eq_ignore_ascii_case("{value}")) {
            tokens.push(Token::Value);
            taken = 7;
        } else if first.is_ascii_alphabetic() || first == '_' {
            taken = length(rest, |c| c.is_ascii_alphanumeric() || c == '_');
            tokens.push(Token::Word(rest[..taken].to_owned()));
        } else if first.is_ascii_digit() {
            taken = length(rest, |c| c.is_ascii_digit() || c == '.');
            let number = &rest[..taken];
            let one_point = number.matches('.').count() <= 1 && !number.ends_with('.');
            if !one_point || taken > 60 {
                return Err(refuse(&format!("'{number}' is no number")));
            }
            tokens.push(Token::Number(number.to_owned()));
        } else if let quote @ ('\'' | '"' | '`') = first {
            let (content, end) = quoted(rest, quote)?;
            taken = end;
            tokens.push(match quote {
                '\'' => Token::Text(content),
                _ => Token::Quoted(content),
            });
        } else if let Some(sign) = SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
            tokens.push(Token::Sign(sign));
            taken = sign.len();
        } else {
            return Err(refuse(&format!("'{first}' is not known")));
        }
        rest = rest[taken..].trim_start();
    }
    Ok(tokens)
}

fn length(text: &str, fits: impl Fn(char) -> bool) -> usize {
    text.find(|c| !fits(c)).unwrap_or(text.len())
}

/// What stands between quote signs, and where it ends.
fn quoted(text: &str, quote: char) -> Result<(String, usize), ParseError> {
    let mut content = String::new();
    let mut signs = text.char_indices().skip(1).peekable();
    while let Some((at, sign)) = signs.next() {
        match sign {
            '\0' => return Err(refuse("a text must not hold the sign of number 0")),
            _ if sign != quote => content.push(sign),
            _ if signs.next_if(|(_, next)| *next == quote).is_some() => content.push(quote),
            _ => return Ok((content, at + 1)),
        }
    }
    Err(refuse("a quote is not closed"))
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
}

impl Parser {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn next(&mut self) -> Result<Token, ParseError> {
        let token = self.peek().cloned().ok_or_else(|| refuse("it ends too early"))?;
        self.at += 1;
        Ok(token)
    }

    fn sign(&mut self, wanted: &str) -> bool {
        let there = matches!(self.peek(), Some(Token::Sign(sign)) if *sign == wanted);
        self.at += usize::from(there);
        there
    }

    fn word(&mut self, wanted: &str) -> bool {
        let there = matches!(self.peek(), Some(Token::Word(word)) if word.eq_ignore_ascii_case(wanted));
        self.at += usize::from(there);
        there
    }

    fn expect(&mut self, sign: &str) -> Result<(), ParseError> {
        if self.sign(sign) {
            return Ok(());
        }
        Err(refuse(&format!("'{sign}' is missing")))
    }

    fn expression(&mut self) -> Result<Formula, ParseError> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(refuse("it is nested too deeply"));
        }
        let mut left = self.conjunction()?;
        while self.word("or") {
            left = binary(left, "OR", self.conjunction()?);
        }
        self.depth -= 1;
        Ok(left)
    }

    fn conjunction(&mut self) -> Result<Formula, ParseError> {
        let mut left = self.negation()?;
        while self.word("and") {
            left = binary(left, "AND", self.negation()?);
        }
        Ok(left)
    }

    fn negation(&mut self) -> Result<Formula, ParseError> {
        let mut negations = 0;
        while self.word("not") {
            negations += 1;
        }
        let mut inner = self.comparison()?;
        if negations % 2 == 1 {
            inner = Formula::Not(Box::new(inner));
        }
        Ok(inner)
    }

    fn comparison(&mut self) -> Result<Formula, ParseError> {
        let left = self.sum()?;
        for sign in ["=", "<>", "!=", "<=", ">=", "<", ">"] {
            if self.sign(sign) {
                return Ok(binary(left, sign, self.sum()?));
            }
        }
        if self.word("is") {
            let negated = self.word("not");
            return match self.word("null") {
                true => Ok(Formula::IsNull(Box::new(left), negated)),
                false => Err(refuse("after IS only NULL is known")),
            };
        }
        if self.word("like") {
            return Ok(binary(left, "LIKE", self.sum()?));
        }
        Ok(left)
    }

    fn sum(&mut self) -> Result<Formula, ParseError> {
        let mut left = self.product()?;
        loop {
            let sign = ["+", "-", "||"].into_iter().find(|sign| self.sign(sign));
            match sign {
                Some(sign) => left = binary(left, sign, self.product()?),
                None => return Ok(left),
            }
        }
    }

    fn product(&mut self) -> Result<Formula, ParseError> {
        let mut left = self.signed()?;
        loop {
            let sign = ["*", "/", "%"].into_iter().find(|sign| self.sign(sign));
            match sign {
                Some(sign) => left = binary(left, sign, self.signed()?),
                None => return Ok(left),
            }
        }
    }

    fn signed(&mut self) -> Result<Formula, ParseError> {
        let mut minus = false;
        loop {
            if self.sign("-") {
                minus = !minus;
            } else if !self.sign("+") {
                break;
            }
        }
        let inner = self.single()?;
        Ok(if minus {
            Formula::Minus(Box::new(inner))
        } else {
            inner
        })
    }

    fn single(&mut self) -> Result<Formula, ParseError> {
        match self.next()? {
            Token::Value => Ok(Formula::Value),
            Token::Text(text) => Ok(Formula::Literal(Scalar::Text(text))),
            Token::Number(number) => Ok(Formula::Literal(Scalar::Decimal(number))),
            Token::Quoted(name) => Ok(Formula::Column(name)),
            Token::Sign("(") => {
                let inner = self.expression()?;
                self.expect(")")?;
                Ok(inner)
            }
            Token::Word(word) => self.named(&word),
            token @ Token::Sign(_) => Err(refuse(&format!("{} is not expected there", token.shown()))),
        }
    }

    fn named(&mut self, word: &str) -> Result<Formula, ParseError> {
        let lower = word.to_ascii_lowercase();
        match lower.as_str() {
            "null" => return Ok(Formula::Literal(Scalar::Null)),
            "true" => return Ok(Formula::Literal(Scalar::Bool(true))),
            "false" => return Ok(Formula::Literal(Scalar::Bool(false))),
            "current_date" => return Ok(Formula::Clock("CURRENT_DATE")),
            "current_time" => return Ok(Formula::Clock("CURRENT_TIME")),
            "current_timestamp" => return Ok(Formula::Clock("CURRENT_TIMESTAMP")),
            "case" => return self.case(),
            _ if RESERVED.contains(&lower.as_str()) => {
                return Err(refuse(&format!("the word '{word}' is not allowed")));
            }
            _ => {}
        }
        if !self.sign("(") {
            return Ok(Formula::Column(word.to_owned()));
        }
        if lower == "cast" {
            return self.cast();
        }
        let name = FunctionName::new(word)
            .ok_or_else(|| refuse(&format!("the function '{word}' is not allowed")))?;
        let distinct = self.word("distinct");
        let mut arguments = Vec::new();
        if self.sign("*") {
            arguments.push(Formula::Star);
            self.expect(")")?;
        } else if !self.sign(")") {
            loop {
                arguments.push(self.expression()?);
                if !self.sign(",") {
                    break;
                }
            }
            self.expect(")")?;
        }
        Ok(Formula::Call {
            name,
            distinct,
            arguments,
        })
    }

    fn case(&mut self) -> Result<Formula, ParseError> {
        let mut branches = Vec::new();
        while self.word("when") {
            let when = self.expression()?;
            if !self.word("then") {
                return Err(refuse("THEN is missing"));
            }
            branches.push((when, self.expression()?));
        }
        let otherwise = match self.word("else") {
            true => Some(Box::new(self.expression()?)),
            false => None,
        };
        if branches.is_empty() || !self.word("end") {
            return Err(refuse("CASE needs WHEN, THEN and END"));
        }
        Ok(Formula::Case(branches, otherwise))
    }

    fn cast(&mut self) -> Result<Formula, ParseError> {
        let inner = self.expression()?;
        if !self.word("as") {
            return Err(refuse("AS is missing"));
        }
        let mut native = String::new();
        loop {
            match self.next()? {
                Token::Word(word) => native.push_str(&format!(" {word}")),
                Token::Sign("(") => {
                    let mut inside = Vec::new();
                    loop {
                        match self.next()? {
                            Token::Number(number) => inside.push(number),
                            Token::Sign(",") => {}
                            Token::Sign(")") => break,
                            token => return Err(refuse(&format!("{} is no size", token.shown()))),
                        }
                    }
                    native.push_str(&format!("({})", inside.join(",")));
                }
                Token::Sign(")") => break,
                token => return Err(refuse(&format!("{} is not expected there", token.shown()))),
            }
        }
        let native = NativeType::parse(&native).ok_or_else(|| refuse("the type is not known"))?;
        Ok(Formula::Cast(Box::new(inner), native))
    }
}

fn binary(left: Formula, operator: &str, right: Formula) -> Formula {
    let operator = Operator::parse(operator).expect("the parser only asks for known operators");
    Formula::Binary(Box::new(left), operator, Box::new(right))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn functions_are_parsed() {
        for text in [
            "UPPER(name)",
            "COALESCE(body, 'none')",
            "LOWER({value})",
            "COUNT(*)",
            "COUNT(DISTINCT dept_no)",
            "SUM(count)",
            "price * quantity + 1.5",
            "first_name || ' ' || \"last name\"",
            "CASE WHEN qty > 10 AND NOT (qty IS NULL) THEN 'many' ELSE 'few' END",
            "CAST(price AS decimal(10,2))",
            "SUBSTR(name, 1, 3)",
            "ROUND(-x / 2)",
            "name LIKE 'a%'",
            "CURRENT_TIMESTAMP",
        ] {
            assert!(parse(text).is_ok(), "{text}: {:?}", parse(text));
        }
    }

    #[test]
    fn what_reaches_outside_is_refused() {
        for text in [
            "",
            "(SELECT password FROM users)",
            "UPPER(name); DROP TABLE t",
            "UPPER(name) -- x",
            "UPPER(name) /* x */",
            "pg_read_file('/etc/passwd')",
            "PG_SLEEP(10)",
            "load_file('/etc/passwd')",
            "load_extension('x')",
            "SLEEP(10)",
            "BENCHMARK(1000000, 1)",
            "dblink('x', 'y')",
            "query_to_xml('select 1', true, true, '')",
            "current_setting('x')",
            "name UNION",
            "UPPER(name",
            "UPPER(name))",
            "'open",
            "a, b",
            "name = @@version",
            "EXISTS(1)",
            "1 = (SELECT 1)",
            "{other}",
            "x'00'; --",
            "CAST(a AS int default 1)",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
        let deep = format!("{}1{}", "(".repeat(900), ")".repeat(900));
        assert!(parse(&deep).is_err());
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "\\PC{0,80}") {
            let _ = parse(&text);
        }
    }
}
