//! The verb of a call, tunnelled or not.

use contract::{Kind, Params, Problem, Verb};
use http::{HeaderMap, Method};

/// What `Allow` says on a 405.
pub const ALLOWED: &str = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";

/// Headers that name the verb of a tunnelled POST, tried in this order around the query parameter.
const BEFORE_QUERY: [&str; 2] = ["x-http-method", "x-method-override"];
const AFTER_QUERY: &str = "x-http-method-override";

/// The verb to act on. Only a POST can carry another verb; the first place that is not empty decides.
///
/// Fails with 405 when the verb, real or tunnelled, is not one of the API's.
pub fn of(method: &Method, headers: &HeaderMap, params: &Params) -> Result<Verb, Problem> {
    if *method != Method::POST {
        return Verb::parse(method.as_str()).ok_or_else(|| unknown(method.as_str()));
    }
    let header = |name: &str| headers.get(name).and_then(|v| v.to_str().ok()).map(str::trim);
    let named = BEFORE_QUERY
        .iter()
        .map(|name| header(name))
        .chain([params.get("method"), header(AFTER_QUERY), params.get("_method")])
        .flatten()
        .find(|name| !name.is_empty());
    named.map_or(Ok(Verb::Post), |name| {
        Verb::parse(name).ok_or_else(|| unknown(name))
    })
}

fn unknown(name: &str) -> Problem {
    let name: String = name
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || *c == '-')
        .take(32)
        .collect();
    Problem::new(
        Kind::MethodNotAllowed,
        format!("The verb '{name}' is not one of the API's."),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verb(method: &str, header: Option<(&'static str, &str)>, text: &str) -> Result<Verb, u16> {
        let mut headers = HeaderMap::new();
        if let Some((name, value)) = header {
            headers.insert(name, value.parse().unwrap());
        }
        let params = query::parameters::parse(text).unwrap();
        of(&method.parse().unwrap(), &headers, &params).map_err(|p| p.status())
    }

    #[test]
    fn a_post_carries_other_verbs() {
        assert_eq!(verb("POST", Some(("x-http-method", "get")), ""), Ok(Verb::Get));
        assert_eq!(
            verb("POST", Some(("x-method-override", "MERGE")), ""),
            Ok(Verb::Patch)
        );
        assert_eq!(verb("POST", None, "method=DELETE"), Ok(Verb::Delete));
        assert_eq!(
            verb("POST", Some(("x-http-method-override", "PUT")), "method="),
            Ok(Verb::Put)
        );
        assert_eq!(verb("POST", None, "_method=patch"), Ok(Verb::Patch));
        assert_eq!(verb("POST", Some(("x-http-method", "COPY")), ""), Err(405));
    }

    #[test]
    fn other_methods_are_what_they_are() {
        assert_eq!(
            verb("GET", Some(("x-http-method", "DELETE")), "method=DELETE"),
            Ok(Verb::Get)
        );
        assert_eq!(verb("HEAD", None, ""), Ok(Verb::Get));
        assert_eq!(verb("COPY", None, ""), Err(405));
    }
}
