//! Calls from pages of other origins: which row decides, and what the browser is told.
//!
//! The rules are part of the snapshot, so a row counts from the next request on. Nothing here depends on who is
//! calling: a browser asks before it sends credentials.

use crate::Platform;
use contract::{Problem, Verb};
use regex::{Regex, RegexBuilder};
use store::CorsRow;

/// Largest program that the regular expression of a row may become, in bytes.
const LARGEST: usize = 1 << 20;

/// What a browser asks, or sends along.
#[derive(Debug, Clone, Copy)]
pub struct CrossOrigin<'a> {
    /// The decoded path, with or without a slash at its start.
    pub path: &'a str,
    /// `Origin`.
    pub origin: Option<&'a str>,
    /// `Access-Control-Request-Method`; only a preflight has it.
    pub method: Option<&'a str>,
    /// `Access-Control-Request-Headers`.
    pub headers: Option<&'a str>,
}

/// What a browser is told.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CrossOriginAnswer {
    /// Whether a preflight's verb is allowed.
    pub allowed: bool,
    /// Headers, names in lower case; `vary` is to be added to what is there.
    pub headers: Vec<(&'static str, String)>,
}

impl Platform {
    /// What a browser is told for a call. Without a row for the path nothing is allowed, and there are no headers.
    pub async fn cross_origin(&self, question: CrossOrigin<'_>) -> Result<CrossOriginAnswer, Problem> {
        let generation = self.current.get().await?;
        Ok(generation.snapshot().cors().answer(question))
    }
}

/// Checks the path of a row. Fails with 400 when it begins with `^` and is no regular expression.
pub fn check_cors_path(path: &str) -> Result<(), Problem> {
    match Pattern::new(path) {
        Some(_) => Ok(()),
        None => Err(Problem::bad_request(format!(
            "The path '{path}' begins with '^' and is no regular expression."
        ))),
    }
}

/// All rules, the longest path first.
#[derive(Debug, Default)]
pub(crate) struct Cors(Vec<Rule>);

#[derive(Debug)]
struct Rule {
    pattern: Pattern,
    origins: Vec<String>,
    headers: Vec<String>,
    exposed: String,
    verbs: Vec<Verb>,
    max_age: i64,
    credentials: bool,
}

#[derive(Debug)]
enum Pattern {
    /// Text in lower case in which `*` is any text.
    Glob(String),
    Regex(Box<Regex>),
}

impl Pattern {
    fn new(path: &str) -> Option<Pattern> {
        if !path.starts_with('^') {
            return Some(Pattern::Glob(path.trim_start_matches('/').to_lowercase()));
        }
        let regex = RegexBuilder::new(path)
            .case_insensitive(true)
            .size_limit(LARGEST)
            .build();
        regex.ok().map(|regex| Pattern::Regex(Box::new(regex)))
    }

    fn fits(&self, path: &str) -> bool {
        match self {
            Pattern::Glob(pattern) => glob(pattern, &path.to_lowercase()),
            Pattern::Regex(regex) => regex.is_match(&format!("/{path}")),
        }
    }
}

impl Cors {
    pub(crate) fn new(rows: &[CorsRow]) -> Cors {
        let mut rows: Vec<&CorsRow> = rows.iter().collect();
        // The longest path decides; of two that are as long, the older.
        rows.sort_by_key(|row| std::cmp::Reverse(row.path.len()));
        let rules = rows.into_iter().filter_map(|row| {
            let pattern = Pattern::new(&row.path);
            if pattern.is_none() {
                tracing::warn!(id = row.id, "a CORS row has no usable path and is left out");
            }
            Some(Rule::new(row, pattern?))
        });
        Cors(rules.collect())
    }

    fn answer(&self, question: CrossOrigin<'_>) -> CrossOriginAnswer {
        let path = question.path.trim_start_matches('/');
        match self.0.iter().find(|rule| rule.pattern.fits(path)) {
            Some(rule) => rule.answer(question),
            None => CrossOriginAnswer::default(),
        }
    }
}

impl Rule {
    fn new(row: &CorsRow, pattern: Pattern) -> Rule {
        let list = |text: &str| -> Vec<String> {
            let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
            parts.map(str::to_owned).collect()
        };
        let all = Verb::GRANTABLE.into_iter().chain([Verb::Options]);
        Rule {
            pattern,
            origins: list(&row.origin),
            headers: list(&row.header),
            exposed: list(&row.exposed_header).join(", "),
            verbs: all
                .filter(|verb| row.method & i64::from(verb.bit()) != 0)
                .collect(),
            max_age: row.max_age,
            credentials: row.supports_credentials,
        }
    }

    fn answer(&self, question: CrossOrigin<'_>) -> CrossOriginAnswer {
        let mut answer = CrossOriginAnswer {
            allowed: question
                .method
                .and_then(verb)
                .is_some_and(|verb| self.verbs.contains(&verb)),
            headers: Vec::new(),
        };
        let mut vary = Vec::new();
        let origin = self.origin(question.origin, &mut vary);
        if let Some(origin) = origin {
            answer.headers.push(("access-control-allow-origin", origin));
            if self.credentials {
                answer
                    .headers
                    .push(("access-control-allow-credentials", "true".to_owned()));
            }
            match question.method {
                Some(_) => self.preflight(question.headers, &mut answer.headers, &mut vary),
                None if !self.exposed.is_empty() => answer
                    .headers
                    .push(("access-control-expose-headers", self.exposed.clone())),
                None => {}
            }
        }
        if !vary.is_empty() {
            answer.headers.push(("vary", vary.join(", ")));
        }
        answer
    }

    /// The origin that is allowed, if any.
    fn origin(&self, sent: Option<&str>, vary: &mut Vec<&'static str>) -> Option<String> {
        let any = self.origins.iter().any(|origin| origin == "*");
        if any && !self.credentials {
            return Some("*".to_owned());
        }
        if let [one] = self.origins.as_slice()
            && !one.contains('*')
        {
            return Some(one.clone());
        }
        vary.push("Origin");
        let sent = sent?;
        let lower = sent.to_lowercase();
        let listed = |origin: &String| glob(&origin.to_lowercase(), &lower);
        self.origins.iter().any(listed).then(|| sent.to_owned())
    }

    fn preflight(
        &self,
        requested: Option<&str>,
        headers: &mut Vec<(&'static str, String)>,
        vary: &mut Vec<&'static str>,
    ) {
        let verbs: Vec<&str> = self.verbs.iter().map(|verb| verb.as_str()).collect();
        headers.push(("access-control-allow-methods", verbs.join(", ")));
        let allowed = if self.headers.iter().any(|header| header == "*") {
            vary.push("Access-Control-Request-Headers");
            requested.unwrap_or_default().to_owned()
        } else {
            self.headers.join(", ")
        };
        if !allowed.is_empty() {
            headers.push(("access-control-allow-headers", allowed));
        }
        headers.push(("access-control-max-age", self.max_age.to_string()));
    }
}

/// The verb that a browser asks for; a HEAD is allowed where a GET is.
fn verb(name: &str) -> Option<Verb> {
    Verb::parse(name.trim())
}

/// Whether a text fits a pattern in which `*` is any text.
fn glob(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else {
        return false;
    };
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else {
        return rest.is_empty();
    };
    for part in parts {
        match rest.split_once(part) {
            Some((_, after)) => rest = after,
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(path: &str, origin: &str) -> CorsRow {
        CorsRow {
            id: 1,
            path: path.into(),
            origin: origin.into(),
            header: "X-A,Content-Type".into(),
            exposed_header: "X-B".into(),
            method: 9,
            max_age: 60,
            supports_credentials: false,
        }
    }

    fn ask<'a>(path: &'a str, origin: &'a str, method: Option<&'a str>) -> CrossOrigin<'a> {
        CrossOrigin {
            path,
            origin: Some(origin),
            method,
            headers: Some("X-Wanted"),
        }
    }

    fn header<'a>(answer: &'a CrossOriginAnswer, name: &str) -> Option<&'a str> {
        let name = format!("access-control-{name}");
        answer
            .headers
            .iter()
            .find(|(n, _)| *n == name)
            .map(|(_, v)| v.as_str())
    }

    #[test]
    fn globs() {
        for (pattern, text, fits) in [
            ("*", "", true),
            ("api/*", "api/v2/db", true),
            ("api/*", "apis", false),
            ("api/*/db", "api/v2/db", true),
            ("api/*/db", "api/v2/dbx", false),
            ("a*a", "a", false),
            ("https://*.x.org", "https://a.x.org", true),
            ("https://*.x.org", "https://x.org", false),
            ("exact", "exact", true),
            ("exact", "exactly", false),
        ] {
            assert_eq!(glob(pattern, text), fits, "{pattern} {text}");
        }
    }

    #[test]
    fn the_longest_path_decides_alone() {
        let cors = Cors::new(&[
            row("*", "*"),
            row("/api/v2/db/*", "https://a.org"),
            row("^/api/v2/files/.*$", "https://b.org"),
        ]);
        let of = |path| cors.answer(ask(path, "https://c.org", None));
        assert_eq!(header(&of("/api/v2/other"), "allow-origin"), Some("*"));
        assert_eq!(
            header(&of("/api/v2/DB/_table"), "allow-origin"),
            Some("https://a.org")
        );
        assert_eq!(
            header(&of("/API/v2/files/x"), "allow-origin"),
            Some("https://b.org")
        );
        assert!(
            Cors::new(&[])
                .answer(ask("/api", "https://c.org", Some("GET")))
                .headers
                .is_empty()
        );
    }

    #[test]
    fn a_preflight_is_told_the_rows_verbs_and_headers() {
        let cors = Cors::new(&[row("*", "*")]);
        let answer = cors.answer(ask("/api", "https://c.org", Some("patch")));
        assert!(answer.allowed);
        assert_eq!(header(&answer, "allow-methods"), Some("GET, PATCH"));
        assert_eq!(header(&answer, "allow-headers"), Some("X-A, Content-Type"));
        assert_eq!(header(&answer, "max-age"), Some("60"));
        assert_eq!(header(&answer, "expose-headers"), None);
        assert!(!cors.answer(ask("/api", "https://c.org", Some("DELETE"))).allowed);
        let actual = cors.answer(ask("/api", "https://c.org", None));
        assert_eq!(header(&actual, "expose-headers"), Some("X-B"));
        assert_eq!(header(&actual, "allow-methods"), None);
    }

    #[test]
    fn listed_origins_are_echoed_and_others_are_told_nothing() {
        let listed = row("*", "https://a.org, https://*.b.org");
        let cors = Cors::new(&[listed]);
        let told = |origin| {
            let answer = cors.answer(ask("/api", origin, None));
            (
                header(&answer, "allow-origin").map(str::to_owned),
                answer.headers.contains(&("vary", "Origin".into())),
            )
        };
        assert_eq!(told("https://a.org"), (Some("https://a.org".into()), true));
        assert_eq!(told("https://x.b.org"), (Some("https://x.b.org".into()), true));
        assert_eq!(told("https://b.org.evil.org"), (None, true));
        assert_eq!(told("null"), (None, true));
    }

    #[test]
    fn with_credentials_a_star_becomes_the_origin() {
        let all = CorsRow {
            supports_credentials: true,
            header: "*".into(),
            ..row("*", "*")
        };
        let answer = Cors::new(&[all]).answer(ask("/api", "https://c.org", Some("GET")));
        assert_eq!(header(&answer, "allow-origin"), Some("https://c.org"));
        assert_eq!(header(&answer, "allow-credentials"), Some("true"));
        assert_eq!(header(&answer, "allow-headers"), Some("X-Wanted"));
        assert!(
            answer
                .headers
                .contains(&("vary", "Origin, Access-Control-Request-Headers".into()))
        );
    }

    #[test]
    fn bad_expressions_are_refused() {
        assert!(check_cors_path("^(").is_err() && check_cors_path("^(a{1000}){1000}{1000}").is_err());
        assert!(check_cors_path("^/api/.*").is_ok() && check_cors_path("api/(").is_ok());
    }
}
