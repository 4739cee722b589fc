//! Files inside the program: compressed copies and tags were made when it was built.

use crate::door::text;
use crate::write::answer::{Bodied, whole};
use bytes::Bytes;
use http::Response;
use http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, ETAG, HeaderMap, HeaderValue, IF_NONE_MATCH};

/// A file of the console.
#[derive(Debug, Clone, Copy)]
pub struct ConsoleFile {
    /// Path below the console's address, without a slash before it.
    pub path: &'static str,
    /// Media type.
    pub media: &'static str,
    /// What changes with the content: letters and digits.
    pub tag: &'static str,
    /// The content.
    pub plain: &'static [u8],
    /// The content compressed with brotli, where that is smaller.
    pub brotli: Option<&'static [u8]>,
    /// The content compressed with gzip, where that is smaller.
    pub gzip: Option<&'static [u8]>,
}

/// The file in the best form that the client takes, or 304 when it has that already.
pub(super) fn answer(file: &ConsoleFile, headers: &HeaderMap) -> Response<Bodied> {
    let accepted = text(headers, &ACCEPT_ENCODING).unwrap_or("");
    let (encoding, bytes) = match (file.brotli, file.gzip) {
        (Some(bytes), _) if accepts(accepted, "br") => (Some("br"), bytes),
        (_, Some(bytes)) if accepts(accepted, "gzip") => (Some("gzip"), bytes),
        _ => (None, file.plain),
    };
    // Each form is a content of its own, for a strong tag promises the same bytes.
    let tag = format!("\"{}{}\"", file.tag, encoding.unwrap_or(""));
    let known = headers
        .get_all(IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok());
    let mut response = match known
        .flat_map(|list| list.split(','))
        .any(|entry| is_tag(entry.trim(), &tag))
    {
        true => whole(304, "", Bytes::new()),
        false => whole(200, file.media, Bytes::from_static(bytes)),
    };
    let out = response.headers_mut();
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        out.insert(ETAG, tag);
    }
    if let Some(encoding) = encoding.filter(|_| response.status() == 200) {
        let encoding = HeaderValue::from_static(encoding);
        response.headers_mut().insert(CONTENT_ENCODING, encoding);
    }
    response
}

/// Whether an entry of If-None-Match means this tag; weak ones do, for a read.
fn is_tag(entry: &str, tag: &str) -> bool {
    entry == "*" || entry.strip_prefix("W/").unwrap_or(entry) == tag
}

/// Whether an Accept-Encoding header takes an encoding: named, or by `*`, and not with a weight of nothing.
fn accepts(header: &str, encoding: &str) -> bool {
    let weight = |name: &str| {
        header.split(',').find_map(|entry| {
            let mut parts = entry.split(';').map(str::trim);
            let named = parts.next().is_some_and(|found| found.eq_ignore_ascii_case(name));
            named.then(|| {
                let weight =
                    parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
                weight.is_none_or(|weight| weight.parse::<f32>().is_ok_and(|weight| weight > 0.0))
            })
        })
    };
    weight(encoding).or_else(|| weight("*")).unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings_are_taken_by_name_and_weight() {
        for header in ["br", "gzip, deflate, BR", "gzip;q=1.0, br ; q=0.1", "*"] {
            assert!(accepts(header, "br"), "{header}");
        }
        for header in ["", "gzip", "br;q=0", "br;q=0.000, *", "brotli", "br;q=x"] {
            assert!(!accepts(header, "br"), "{header}");
        }
    }

    #[test]
    fn weak_tags_and_stars_are_known() {
        for entry in ["\"abr\"", "W/\"abr\"", "*"] {
            assert!(is_tag(entry, "\"abr\""), "{entry}");
        }
        for entry in ["abr", "\"a\"", ""] {
            assert!(!is_tag(entry, "\"abr\""), "{entry}");
        }
    }
}
