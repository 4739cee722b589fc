//! What a replay found, for people and for the ratchet.

use super::compare::Difference;
use super::replay::{Outcome, Verdict};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;

/// The outcomes of an area.
pub struct Report {
    /// Name of the area.
    pub area: String,
    /// What came of its pairs, in order.
    pub outcomes: Vec<Outcome>,
    /// Deliberate differences: pair → reason.
    pub deliberate: BTreeMap<String, String>,
    /// How long it took.
    pub took: Duration,
}

impl Report {
    /// Names of the pairs that pass.
    pub fn passed(&self) -> Vec<String> {
        self.outcomes
            .iter()
            .filter(|o| o.passed())
            .map(|o| o.pair.name.clone())
            .collect()
    }

    /// Pairs that fail and are not meant to.
    pub fn failures(&self) -> impl Iterator<Item = &Outcome> {
        self.outcomes
            .iter()
            .filter(|o| !o.passed() && !self.deliberate.contains_key(&o.pair.name))
    }

    fn deliberate_failures(&self) -> usize {
        self.outcomes
            .iter()
            .filter(|o| !o.passed() && self.deliberate.contains_key(&o.pair.name))
            .count()
    }

    /// Deliberate differences that do not differ.
    pub fn needless(&self) -> Vec<&str> {
        let same =
            |o: &&Outcome| matches!(o.verdict, Verdict::Same) && self.deliberate.contains_key(&o.pair.name);
        self.outcomes
            .iter()
            .filter(same)
            .map(|o| o.pair.name.as_str())
            .collect()
    }

    /// One line of the table.
    pub fn line(&self) -> String {
        let count = |test: fn(&Verdict) -> bool| self.outcomes.iter().filter(|o| test(&o.verdict)).count();
        let mut notes = Vec::new();
        let mut note = |n: usize, what: &str| {
            if n > 0 {
                notes.push(format!("{n} {what}"));
            }
        };
        note(self.failures().count(), "differ");
        note(
            count(|v| matches!(v, Verdict::OtherMessage(_))),
            "with another message text",
        );
        note(
            count(|v| matches!(v, Verdict::Better)),
            "better than the original's fault",
        );
        note(self.needless().len(), "needlessly in differences.json");
        row(
            &self.area,
            self.passed().len(),
            self.outcomes.len(),
            self.deliberate_failures(),
            self.took,
            &notes.join(", "),
        )
    }

    /// The last line of the table.
    pub fn total(reports: &[Report]) -> String {
        let passed = reports.iter().map(|r| r.passed().len()).sum();
        let total = reports.iter().map(|r| r.outcomes.len()).sum();
        let deliberate = reports.iter().map(Report::deliberate_failures).sum();
        row(
            "total",
            passed,
            total,
            deliberate,
            reports.iter().map(|r| r.took).sum(),
            "",
        )
    }

    /// Pairs of `names` that do not pass, as sentences.
    pub fn lost(&self, names: &[String]) -> Vec<String> {
        let lost = self.outcomes.iter().filter(|o| names.contains(&o.pair.name));
        lost.filter_map(|o| match &o.verdict {
            Verdict::Different(differences) => {
                let first = differences.first().map(line_of).unwrap_or_default();
                Some(format!("{}: '{}' passed before: {first}", self.area, o.pair.name))
            }
            _ => None,
        })
        .collect()
    }

    /// Every difference as a line of JSON.
    pub fn json_lines(&self) -> String {
        let mut text = String::new();
        for outcome in &self.outcomes {
            let (verdict, differences) = match &outcome.verdict {
                Verdict::Different(d) => ("different", d),
                Verdict::OtherMessage(d) => ("message", d),
                _ => continue,
            };
            let differences: Vec<Value> = differences
                .iter()
                .map(|d| json!({"place": d.place, "expected": d.expected, "got": d.got}))
                .collect();
            let request = &outcome.pair.request;
            let line = json!({
                "area": self.area, "name": outcome.pair.name, "verdict": verdict, "differences": differences,
                "deliberate": self.deliberate.get(&outcome.pair.name),
                "request": {"method": request.method, "path": request.path, "body": request.body, "body_text": request.body_text},
                "expected": {"status": outcome.pair.response.status, "body": outcome.pair.response.body},
                "got": {"status": outcome.got.status, "body": outcome.got.body},
            });
            text.push_str(&format!("{line}\n"));
        }
        text
    }
}

fn row(name: &str, passed: usize, total: usize, deliberate: usize, took: Duration, notes: &str) -> String {
    let seconds = took.as_secs_f32();
    let deliberate = if deliberate > 0 {
        format!("+{deliberate} deliberate")
    } else {
        String::new()
    };
    format!("{name:<22} {passed:>5}/{total:<5} {deliberate:<15} {seconds:>5.1}s  {notes}")
        .trim_end()
        .to_owned()
}

fn brief(value: Option<&Value>, limit: usize) -> String {
    let Some(value) = value else {
        return "nothing".into();
    };
    let text = value.to_string();
    match text.char_indices().nth(limit) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text,
    }
}

fn line_of(difference: &Difference) -> String {
    let (expected, got) = (
        brief(difference.expected.as_ref(), 200),
        brief(difference.got.as_ref(), 200),
    );
    format!("{}: expected {expected}, got {got}", difference.place)
}

/// A failed pair for people: request and differences, or with `whole` the complete answers too.
pub fn show(outcome: &Outcome, whole: bool) -> String {
    let sent = &outcome.pair.request;
    let mut text = format!("  - {}\n      {} {}\n", outcome.pair.name, sent.method, sent.path);
    let secrets = ["x-dreamfactory-session-token", "content-type"];
    for (name, value) in sent.headers.iter().flatten() {
        if whole || !secrets.contains(&name.to_ascii_lowercase().as_str()) {
            text.push_str(&format!("      {name}: {}\n", value.as_str().unwrap_or_default()));
        }
    }
    let limit = if whole { usize::MAX } else { 300 };
    let as_text = sent.body_text.clone().map(Value::from);
    if let Some(body) = sent.body.as_ref().or(as_text.as_ref()) {
        text.push_str(&format!("      body {}\n", brief(Some(body), limit)));
    }
    let (differences, also) = match &outcome.verdict {
        Verdict::Different(differences) => (differences.as_slice(), ""),
        Verdict::OtherMessage(messages) => (messages.as_slice(), "(does not count) "),
        _ => (&[][..], ""),
    };
    let most = if whole { usize::MAX } else { 6 };
    for difference in differences.iter().take(most) {
        text.push_str(&format!("        {also}{}\n", line_of(difference)));
    }
    if differences.len() > most {
        text.push_str(&format!("        … and {} more\n", differences.len() - most));
    }
    let expected = &outcome.pair.response;
    if whole {
        let pretty = |value: &Value| serde_json::to_string_pretty(value).unwrap_or_default();
        text.push_str(&format!(
            "    expected {} {}\n{}\n",
            expected.status,
            expected.content_type,
            pretty(&expected.body)
        ));
        text.push_str(&format!(
            "    got {} {}\n{}\n",
            outcome.got.status,
            outcome.got.content_type,
            pretty(&outcome.got.body)
        ));
    } else if expected.status != outcome.got.status {
        text.push_str(&format!(
            "        got body {}\n",
            brief(Some(&outcome.got.body), limit)
        ));
    }
    text
}
