//! Native types and column definitions that clients write themselves, taken apart by a strict grammar.

use super::default::{DefaultFunction, DefaultValue, is_number};

/// Words that end a type: what follows them is not a type any more.
const NO_TYPE: &[&str] = &[
    "not",
    "null",
    "default",
    "primary",
    "key",
    "unique",
    "check",
    "references",
    "constraint",
    "collate",
    "generated",
    "always",
    "as",
    "on",
    "auto_increment",
    "autoincrement",
    "foreign",
    "comment",
    "stored",
    "virtual",
    "storage",
    "identity",
    "select",
    "from",
    "table",
    "using",
    "invisible",
    "compressed",
];

/// Longest text of a type.
const LONGEST: usize = 1000;

/// A native type. The text holds nothing but words, numbers and plain quoted words, in the order of a type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NativeType(String);

impl NativeType {
    /// Reads a type: words with sizes in parentheses (`numeric(8,2)`, `timestamp(3) with time zone`), lists of
    /// plain words (`enum('a','b')`), and `[]` at the end. `None` for anything else.
    pub fn parse(text: &str) -> Option<NativeType> {
        let mut tokens = Tokens::read(text)?;
        let native = tokens.native()?;
        tokens.left().is_empty().then_some(native)
    }

    /// A type that a dialect wrote or that the database told.
    pub fn own(text: impl Into<String>) -> NativeType {
        NativeType(text.into())
    }

    /// The type.
    pub fn text(&self) -> &str {
        &self.0
    }
}

/// A column definition that a client wrote as SQL, understood.
#[derive(Debug, Clone, PartialEq)]
pub struct Definition {
    /// Type.
    pub native: NativeType,
    /// NULL or NOT NULL, when one stands there.
    pub allow_null: Option<bool>,
    /// DEFAULT.
    pub default: Option<DefaultValue>,
    /// PRIMARY KEY.
    pub primary_key: bool,
    /// UNIQUE.
    pub unique: bool,
    /// AUTO_INCREMENT.
    pub auto_increment: bool,
}

impl Definition {
    /// Reads a type followed by NOT NULL, NULL, DEFAULT with a literal or a function of the list, PRIMARY KEY,
    /// UNIQUE and AUTO_INCREMENT. `None` for anything else.
    pub fn parse(text: &str) -> Option<Definition> {
        let mut tokens = Tokens::read(text)?;
        let mut definition = Definition {
            native: tokens.native()?,
            allow_null: None,
            default: None,
            primary_key: false,
            unique: false,
            auto_increment: false,
        };
        while let Some(word) = tokens.word() {
            match word.as_str() {
                "not" if tokens.word()? == "null" => definition.allow_null = Some(false),
                "null" => definition.allow_null = Some(true),
                "primary" if tokens.word()? == "key" => definition.primary_key = true,
                "unique" => {
                    definition.unique = true;
                    tokens.skip_word("key");
                }
                "auto_increment" | "autoincrement" => definition.auto_increment = true,
                "default" => definition.default = Some(tokens.default()?),
                _ => return None,
            }
        }
        tokens.left().is_empty().then_some(definition)
    }
}

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Word(String),
    Number(String),
    Quoted(String),
    Sign(char),
}

struct Tokens {
    tokens: Vec<Token>,
    at: usize,
}

impl Tokens {
    fn read(text: &str) -> Option<Tokens> {
        if text.len() > LONGEST {
            return None;
        }
        let mut tokens = Vec::new();
        let mut signs = text.chars().peekable();
        while let Some(c) = signs.peek().copied() {
            let mut run = |fits: fn(char) -> bool| {
                let mut run = String::new();
                while let Some(c) = signs.next_if(|c| fits(*c)) {
                    run.push(c);
                }
                run
            };
            tokens.push(match c {
                ' ' | '\t' | '\n' | '\r' => {
                    signs.next();
                    continue;
                }
                'a'..='z' | 'A'..='Z' | '_' => {
                    Token::Word(run(|c| c.is_ascii_alphanumeric() || c == '_').to_ascii_lowercase())
                }
                '0'..='9' | '-' | '+' => {
                    let number = run(|c| c.is_ascii_digit() || matches!(c, '.' | '-' | '+'));
                    Token::Number(Some(number).filter(|n| is_number(n))?)
                }
                '\'' => {
                    signs.next();
                    let mut quoted = String::new();
                    loop {
                        match signs.next()? {
                            '\'' if signs.next_if_eq(&'\'').is_some() => quoted.push('\''),
                            '\'' => break,
                            '\\' | '\0' => return None,
                            c => quoted.push(c),
                        }
                    }
                    Token::Quoted(quoted)
                }
                '(' | ')' | ',' | '[' | ']' => Token::Sign(signs.next()?),
                _ => return None,
            });
        }
        Some(Tokens { tokens, at: 0 })
    }

    fn left(&self) -> &[Token] {
        &self.tokens[self.at..]
    }

    fn word(&mut self) -> Option<String> {
        match self.tokens.get(self.at)? {
            Token::Word(word) => {
                self.at += 1;
                Some(word.clone())
            }
            _ => None,
        }
    }

    fn skip_word(&mut self, wanted: &str) {
        if self.tokens.get(self.at) == Some(&Token::Word(wanted.into())) {
            self.at += 1;
        }
    }

    fn sign(&mut self, wanted: char) -> bool {
        let there = self.tokens.get(self.at) == Some(&Token::Sign(wanted));
        self.at += usize::from(there);
        there
    }

    fn native(&mut self) -> Option<NativeType> {
        let mut out = String::new();
        loop {
            match self.tokens.get(self.at) {
                Some(Token::Word(word)) if !NO_TYPE.contains(&word.as_str()) => {
                    if !out.is_empty() {
                        out.push(' ');
                    }
                    out.push_str(word);
                    self.at += 1;
                }
                Some(Token::Sign('(')) if !out.is_empty() => {
                    self.at += 1;
                    self.sizes(&mut out)?;
                }
                Some(Token::Sign('[')) if !out.is_empty() => {
                    self.at += 1;
                    if !self.sign(']') {
                        return None;
                    }
                    out.push_str("[]");
                }
                _ => break,
            }
        }
        (!out.is_empty()).then_some(NativeType(out))
    }

    fn sizes(&mut self, out: &mut String) -> Option<()> {
        out.push('(');
        loop {
            match self.tokens.get(self.at)? {
                Token::Number(number) => out.push_str(number),
                Token::Word(word) if word == "max" => out.push_str(word),
                Token::Quoted(word) if !word.contains('\'') => {
                    out.push('\'');
                    out.push_str(word);
                    out.push('\'');
                }
                _ => return None,
            }
            self.at += 1;
            if self.sign(')') {
                out.push(')');
                return Some(());
            }
            if !self.sign(',') {
                return None;
            }
            out.push(',');
        }
    }

    fn default(&mut self) -> Option<DefaultValue> {
        match self.tokens.get(self.at)?.clone() {
            Token::Number(number) => {
                self.at += 1;
                DefaultValue::parse(&number)
            }
            Token::Quoted(text) => {
                self.at += 1;
                Some(DefaultValue::Literal(text.as_str().into()))
            }
            Token::Word(word) => {
                self.at += 1;
                let mut call = word;
                if self.sign('(') {
                    call.push('(');
                    match self.tokens.get(self.at)?.clone() {
                        Token::Number(number) => call.push_str(&number),
                        Token::Quoted(text) if text == "now" => call.push_str("'now'"),
                        Token::Sign(')') => self.at -= 1,
                        _ => return None,
                    }
                    self.at += 1;
                    if !self.sign(')') {
                        return None;
                    }
                    call.push(')');
                    return DefaultFunction::parse(&call).map(DefaultValue::Function);
                }
                DefaultValue::parse(&call)
            }
            Token::Sign('(') => {
                self.at += 1;
                let inner = self.default()?;
                self.sign(')').then_some(inner)
            }
            Token::Sign(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Scalar;

    #[test]
    fn types_are_words_and_sizes() {
        for (text, native) in [
            ("nvarchar(128)", "nvarchar(128)"),
            ("Timestamp (3) WITH time zone", "timestamp(3) with time zone"),
            ("numeric( 8 , 2 )", "numeric(8,2)"),
            ("enum('a','b c')", "enum('a','b c')"),
            ("integer[]", "integer[]"),
            ("int(10) unsigned", "int(10) unsigned"),
            ("varchar(max)", "varchar(max)"),
        ] {
            assert_eq!(
                NativeType::parse(text).map(|t| t.0),
                Some(native.to_owned()),
                "{text}"
            );
        }
        for text in [
            "",
            "int; drop table t",
            "int) , x int",
            "int default 1",
            "int primary key",
            "int check (1)",
            "int references t",
            "int -- x",
            "int /* x */",
            "enum('a''b')",
            "enum('a\\')",
            "\"int\"",
            "int as (1)",
            "varchar(select)",
            "(4)",
            "varchar((4))",
            "varchar(4",
            "tïnt",
        ] {
            assert_eq!(NativeType::parse(text), None, "{text}");
        }
    }

    #[test]
    fn definitions_are_understood() {
        let definition = Definition::parse("varchar(40) NOT NULL DEFAULT 'it''s' UNIQUE").unwrap();
        assert_eq!(definition.native.text(), "varchar(40)");
        assert_eq!(definition.allow_null, Some(false));
        assert_eq!(
            definition.default,
            Some(DefaultValue::Literal(Scalar::from("it's")))
        );
        assert!(definition.unique);
        let definition = Definition::parse("int auto_increment primary key").unwrap();
        assert!(definition.auto_increment && definition.primary_key);
        let definition = Definition::parse("timestamp null default current_timestamp()").unwrap();
        assert_eq!(
            definition.default,
            Some(DefaultValue::Function(DefaultFunction::Now(None)))
        );
        for text in [
            "int default (select 1)",
            "int default pg_sleep(1)",
            "int default 1 check (1)",
            "int not",
            "int default",
            "int default 'a' 'b'",
            "int); drop table t; --",
        ] {
            assert_eq!(Definition::parse(text), None, "{text}");
        }
    }
}
