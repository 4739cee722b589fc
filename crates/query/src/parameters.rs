//! Query strings, and the percent-encoding of addresses.

use contract::{Params, Problem};
use percent_encoding::percent_decode_str;

/// Most parameters that one request may have.
const MOST: usize = 1000;

/// Splits and decodes a query string: `+` is a blank, order is kept, a name without `=` has the empty value,
/// empty parts are left out.
///
/// Fails with 400 when a part is not UTF-8 after decoding, or there are more than a thousand.
pub fn parse(query: &str) -> Result<Params, Problem> {
    let mut pairs = Vec::new();
    for part in query.split('&').filter(|part| !part.is_empty()) {
        if pairs.len() == MOST {
            return Err(Problem::bad_request(format!(
                "A request may have at most {MOST} query parameters."
            )));
        }
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        pairs.push((decoded(name)?, decoded(value)?));
    }
    Ok(Params(pairs))
}

/// Decodes one name or value of a query or form.
pub fn decoded(text: &str) -> Result<String, Problem> {
    if text.contains('+') {
        percent_decoded(&text.replace('+', " "))
    } else {
        percent_decoded(text)
    }
}

/// Decodes `%xx`. Fails with 400 when the result is not UTF-8; a `%` without two digits stays as it is.
pub fn percent_decoded(text: &str) -> Result<String, Problem> {
    // As most texts are.
    if !text.as_bytes().contains(&b'%') {
        return Ok(text.to_owned());
    }
    match percent_decode_str(text).decode_utf8() {
        Ok(decoded) => Ok(decoded.into_owned()),
        Err(_) => Err(Problem::bad_request(
            "The request's address is not valid UTF-8 after percent-decoding.",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_keep_their_order_and_are_decoded() {
        let params = parse("filter=a%3D%22x+y%22&&b&f%61=%2B&a=1&a=2").unwrap();
        let pairs: Vec<_> = params.0.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        assert_eq!(
            pairs,
            [
                ("filter", "a=\"x y\""),
                ("b", ""),
                ("fa", "+"),
                ("a", "1"),
                ("a", "2")
            ]
        );
    }

    #[test]
    fn broken_utf8_and_floods_are_refused() {
        assert_eq!(parse("a=%ff").unwrap_err().status(), 400);
        assert_eq!(parse(&"a&".repeat(1001)).unwrap_err().status(), 400);
        assert_eq!(parse("a=100%").unwrap().get("a"), Some("100%"));
    }
}
