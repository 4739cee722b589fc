//! Sends one pair's request and judges the answer.

use super::compare::{Difference, Findings, Rules};
use super::files::{Area, Pair};
use super::place::{Variables, dig, fill, fill_text, plain, scrub};
use kit::{Answer, Client};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// What came of a pair.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// The same answer.
    Same,
    /// The same answer with another message text.
    OtherMessage(Vec<Difference>),
    /// The original failed here by its own fault; this answer is clean.
    Better,
    /// Another answer.
    Different(Vec<Difference>),
}

/// An answer as it is compared.
#[derive(Debug, Clone, Default)]
pub struct Reply {
    /// Status; 0 when none came.
    pub status: u16,
    /// Media type.
    pub content_type: String,
    /// Body with placeholders put back.
    pub body: Value,
}

/// A pair that was replayed.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The pair.
    pub pair: Pair,
    /// What came.
    pub got: Reply,
    /// What that means.
    pub verdict: Verdict,
}

impl Outcome {
    /// Whether the pair passes.
    pub fn passed(&self) -> bool {
        !matches!(self.verdict, Verdict::Different(_))
    }
}

/// Sends the request of a pair, keeps what it captures, and compares the answer. `folders` are paths of this
/// machine that stand for the original's folder.
pub async fn replay(
    client: &Client,
    area: &Area,
    pair: &Pair,
    variables: &mut Variables,
    folders: &[String],
) -> Outcome {
    let answer = match send(client, pair, variables).await {
        Ok(answer) => answer,
        // A server that does not answer is a failure of the pair, not of the run.
        Err(error) => Answer {
            status: 0,
            headers: Vec::new(),
            body: error.to_string().into_bytes(),
        },
    };
    let content_type = answer.header("content-type").to_owned();
    let mut body = parse(&content_type, &answer.body);
    if content_type.contains("html")
        && answer.status >= 400
        && body.as_str().is_some_and(|t| t.contains("<html"))
    {
        body = json!("{{html page}}");
    }
    for (name, path) in &pair.capture {
        if let Some(value) = dig(&body, path) {
            variables.insert(name.clone(), value.clone());
        }
    }
    let better = is_better(pair.response.status, answer.status, &body);
    let got = Reply {
        status: answer.status,
        content_type,
        body: scrub(body, variables, folders),
    };
    let verdict = if better {
        Verdict::Better
    } else {
        judge(area, pair, &got, &answer)
    };
    Outcome {
        pair: pair.clone(),
        got,
        verdict,
    }
}

async fn send(client: &Client, pair: &Pair, variables: &Variables) -> std::io::Result<Answer> {
    let sent = &pair.request;
    let mut headers: Vec<(String, String)> = Vec::new();
    for (name, value) in sent.headers.iter().flatten() {
        headers.push((fill_text(name, variables), plain(&fill(value, variables))));
    }
    let body = match (&sent.body, &sent.body_text, &sent.body_base64) {
        (Some(body), _, _) => {
            if !headers
                .iter()
                .any(|(name, _)| name.eq_ignore_ascii_case("content-type"))
            {
                headers.push(("Content-Type".into(), "application/json".into()));
            }
            Some(fill(body, variables).to_string().into_bytes())
        }
        (_, Some(text), _) => Some(fill_text(text, variables).into_bytes()),
        (_, _, Some(text)) => Some(base64(text)),
        _ => None,
    };
    let headers: Vec<(&str, &str)> = headers.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    client
        .send(
            &sent.method,
            &fill_text(&sent.path, variables),
            &headers,
            body.as_deref(),
        )
        .await
}

/// Any clean answer is better than the original's own 5xx (501 is an answer, not a fault).
fn is_better(recorded: u16, status: u16, body: &Value) -> bool {
    let fault = recorded >= 500 && recorded != 501;
    let told = body
        .pointer("/error/message")
        .and_then(Value::as_str)
        .is_some_and(|m| !m.is_empty());
    fault && status > 0 && status < 500 && (status < 400 || told)
}

fn judge(area: &Area, pair: &Pair, got: &Reply, answer: &Answer) -> Verdict {
    let mut findings = Findings::default();
    let expected = &pair.response;
    if expected.status != got.status {
        findings.add("status", Some(expected.status.into()), Some(got.status.into()));
    }
    let media = |text: &str| text.split(';').next().unwrap_or_default().trim().to_owned();
    if media(&expected.content_type) != media(&got.content_type) {
        let (expected, got) = (expected.content_type.clone(), got.content_type.clone());
        findings.add("content_type", Some(expected.into()), Some(got.into()));
    }
    if let Some(wanted) = &expected.headers {
        compare_headers(pair, wanted, answer, &mut findings);
    }
    if !pair.ignore_body {
        let rules = Rules {
            ignore: pair.ignore.iter().cloned().collect(),
            system: area.system || pair.system,
            unordered: pair.unordered,
        };
        rules.compare(&expected.body, &got.body, "body", &mut findings);
    }
    match findings {
        Findings { differences, .. } if !differences.is_empty() => Verdict::Different(differences),
        Findings { messages, .. } if !messages.is_empty() => Verdict::OtherMessage(messages),
        _ => Verdict::Same,
    }
}

fn compare_headers(pair: &Pair, wanted: &BTreeMap<String, String>, answer: &Answer, findings: &mut Findings) {
    let value = |name: &str| {
        let kept = pair.want_headers.iter().any(|h| h == name);
        answer
            .headers
            .iter()
            .rev()
            .find(|(n, _)| kept && n == name)
            .map(|(_, v)| v.clone())
    };
    let names: BTreeSet<&String> = wanted.keys().chain(&pair.want_headers).collect();
    for name in names {
        let (expected, got) = (wanted.get(name).cloned(), value(name));
        if expected != got {
            findings.add(
                &format!("header {name}"),
                expected.map(Value::from),
                got.map(Value::from),
            );
        }
    }
}

fn parse(content_type: &str, body: &[u8]) -> Value {
    if body.is_empty() {
        return Value::Null;
    }
    if content_type.contains("json")
        && let Ok(value) = serde_json::from_slice(body)
    {
        return value;
    }
    match std::str::from_utf8(body) {
        Ok(text) => text.into(),
        Err(_) => json!({ "$base64": to_base64(body) }),
    }
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn base64(text: &str) -> Vec<u8> {
    let sixes = text.bytes().filter_map(|b| ALPHABET.iter().position(|a| *a == b));
    let mut bytes = Vec::new();
    let (mut bits, mut count) = (0usize, 0);
    for six in sixes {
        bits = (bits << 6 | six) & 0xFFFF;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count & 0xFF) as u8);
        }
    }
    bytes
}

fn to_base64(bytes: &[u8]) -> String {
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let bits =
            chunk.iter().fold(0usize, |bits, b| bits << 8 | usize::from(*b)) << (8 * (3 - chunk.len()));
        for i in 0..4 {
            let six = bits >> (18 - 6 * i) & 63;
            text.push(if i <= chunk.len() {
                ALPHABET[six] as char
            } else {
                '='
            });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_go_to_text_and_back() {
        for (bytes, text) in [
            (&b"\xff\x00a"[..], "/wBh"),
            (b"\xff\x00", "/wA="),
            (b"a", "YQ=="),
            (b"", ""),
        ] {
            assert_eq!(to_base64(bytes), text);
            assert_eq!(base64(text), bytes);
        }
    }

    #[test]
    fn only_a_clean_answer_is_better_than_a_fault() {
        let told = json!({"error": {"code": 400, "message": "No."}});
        assert!(is_better(500, 200, &Value::Null));
        assert!(is_better(500, 400, &told));
        assert!(!is_better(500, 400, &Value::Null));
        assert!(!is_better(500, 500, &told));
        assert!(!is_better(501, 200, &Value::Null));
        assert!(!is_better(400, 200, &Value::Null));
        assert!(!is_better(500, 0, &Value::Null));
    }

    #[test]
    fn wanted_headers_must_be_the_same() {
        let pair: Pair = serde_json::from_value(json!({
            "name": "n", "request": {"method": "GET", "path": "/"}, "want_headers": ["allow"],
            "response": {"status": 200, "content_type": "", "body": null, "headers": {"allow": "GET"}}}))
        .expect("a pair");
        let area = Area::default();
        let got = Reply {
            status: 200,
            ..Reply::default()
        };
        let with = |headers: &[(&str, &str)]| Answer {
            status: 200,
            headers: headers
                .iter()
                .map(|(n, v)| ((*n).to_owned(), (*v).to_owned()))
                .collect(),
            body: Vec::new(),
        };
        assert_eq!(
            judge(&area, &pair, &got, &with(&[("allow", "GET"), ("other", "x")])),
            Verdict::Same
        );
        assert!(matches!(
            judge(&area, &pair, &got, &with(&[])),
            Verdict::Different(_)
        ));
    }
}
