//! What the client wants back.

use contract::media::essence;
use contract::{Format, Params, Settings, truthy, word};

/// The forms that a value can take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// `application/json`.
    Json,
    /// `application/xml`.
    ApplicationXml,
    /// `text/xml`.
    TextXml,
    /// `text/csv`.
    Csv,
    /// `application/x-ndjson`.
    Ndjson,
    /// JSON text as `text/plain`.
    Text,
}

impl Shape {
    fn of(media: &str) -> Option<Shape> {
        Some(match media {
            "application/json" | "*/*" => Shape::Json,
            "application/xml" => Shape::ApplicationXml,
            "text/xml" => Shape::TextXml,
            "text/csv" => Shape::Csv,
            "application/x-ndjson" | "application/ndjson" | "application/jsonl" => Shape::Ndjson,
            "text/plain" => Shape::Text,
            _ => return None,
        })
    }

    /// The Content-Type header.
    pub const fn media(self) -> &'static str {
        match self {
            Shape::Json => "application/json",
            Shape::ApplicationXml => "application/xml",
            Shape::TextXml => "text/xml; charset=UTF-8",
            Shape::Csv => "text/csv; charset=UTF-8",
            Shape::Ndjson => "application/x-ndjson",
            Shape::Text => "text/plain; charset=UTF-8",
        }
    }

    /// What a service is told of it.
    pub const fn format(self) -> Format {
        match self {
            Shape::Json | Shape::Text => Format::Json,
            Shape::Ndjson => Format::Ndjson,
            Shape::Csv => Format::Csv,
            Shape::ApplicationXml | Shape::TextXml => Format::Other,
        }
    }
}

/// What the client wants back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// The form of values; `None` when nothing that was asked for can be made.
    pub shape: Option<Shape>,
    /// Whether HTML was asked for, so that a refusal in text can be shown as it.
    pub html: bool,
    /// Name under which the answer is to be saved.
    pub file: Option<String>,
}

/// Decides from the `accept` parameter, the Accept header and the `file` parameter. Of several media types the
/// last one that can be made wins, whatever its quality value, and `*/*` anywhere means JSON: clients rely on it.
/// `resource` names a file that was asked for without a name.
pub fn decide(params: &Params, accept: Option<&str>, resource: &str, settings: &Settings) -> Wanted {
    let asked = params
        .get(word::ACCEPT.name)
        .filter(|a| !a.is_empty())
        .or(accept)
        .unwrap_or("");
    let file = params
        .get(word::FILE.name)
        .and_then(|name| file_name(name, resource));
    let by_ending = file
        .as_deref()
        .and_then(|name| name.rsplit_once('.'))
        .and_then(|(_, ending)| {
            Some(match ending.to_ascii_lowercase().as_str() {
                "csv" => Shape::Csv,
                "xml" => Shape::ApplicationXml,
                "json" => Shape::Json,
                "ndjson" | "jsonl" => Shape::Ndjson,
                _ => return None,
            })
        });
    let accepts: Vec<String> = asked
        .split(',')
        .map(essence)
        .filter(|entry| !entry.is_empty())
        .collect();
    let by_accept = match accepts.is_empty() {
        true => Shape::of(&settings.content_type),
        false if accepts.iter().any(|a| a == "*/*") => Some(Shape::Json),
        false => accepts.iter().rev().find_map(|a| Shape::of(a)),
    };
    Wanted {
        shape: by_ending.or(by_accept),
        html: accepts.iter().any(|a| a == "text/html"),
        file,
    }
}

/// A plain yes names the file after the resource; a name needs a dot to count. Characters that would end the
/// quoted name are left out.
fn file_name(asked: &str, resource: &str) -> Option<String> {
    let name = match truthy(asked) {
        true => format!("{resource}.json"),
        false if asked.contains('.') => asked.to_owned(),
        false => return None,
    };
    Some(
        name.chars()
            .filter(|c| !c.is_control() && !matches!(c, '"' | '\\'))
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(text: &str, accept: Option<&str>) -> Wanted {
        decide(
            &query::parameters::parse(text).unwrap(),
            accept,
            "_table/departments",
            &Settings::default(),
        )
    }

    fn shape(accept: &str) -> Option<Shape> {
        wanted("", Some(accept)).shape
    }

    #[test]
    fn the_last_convertible_type_wins_and_anything_is_json() {
        assert_eq!(wanted("", None).shape, Some(Shape::Json));
        assert_eq!(shape("text/csv"), Some(Shape::Csv));
        assert_eq!(shape("text/csv;q=0.5, application/json"), Some(Shape::Json));
        assert_eq!(shape("application/json, Text/CSV, image/png"), Some(Shape::Csv));
        assert_eq!(
            shape("text/html,application/xml;q=0.9,*/*;q=0.8"),
            Some(Shape::Json)
        );
        assert_eq!(shape("text/plain"), Some(Shape::Text));
        assert_eq!(shape("image/png"), None);
        assert!(wanted("", Some("text/html")).html);
        assert_eq!(
            wanted("accept=application/xml", Some("text/csv")).shape,
            Some(Shape::ApplicationXml)
        );
    }

    #[test]
    fn a_file_has_a_name_and_its_ending_decides() {
        let csv = wanted("file=depts.csv", Some("application/json"));
        assert_eq!(
            (csv.shape, csv.file.as_deref()),
            (Some(Shape::Csv), Some("depts.csv"))
        );
        assert_eq!(
            wanted("file=true", None).file.as_deref(),
            Some("_table/departments.json")
        );
        for (ending, shape) in [
            ("xml", Shape::ApplicationXml),
            ("JSON", Shape::Json),
            ("ndjson", Shape::Ndjson),
            ("jsonl", Shape::Ndjson),
        ] {
            let file = wanted(&format!("file=a.{ending}"), Some("text/csv"));
            assert_eq!(file.shape, Some(shape), "{ending}");
        }
        assert_eq!(shape("application/x-ndjson"), Some(Shape::Ndjson));
        for ignored in ["file=json", "file=xml", "file=false", "file="] {
            assert_eq!(wanted(ignored, None).file, None, "{ignored}");
        }
        assert_eq!(wanted("file=a%22b%0d.txt", None).file.as_deref(), Some("ab.txt"));
    }
}
