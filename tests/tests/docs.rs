//! The pages for people stay true: settings, words, links and the pairs that they name.

use contract::settings::{Reading, VARIABLES, Variable};
use contract::word::{ALL, Word};
use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

fn root() -> PathBuf {
    kit::workspace()
}

fn page(name: &str) -> String {
    fs::read_to_string(root().join("docs").join(name)).unwrap_or_else(|e| panic!("docs/{name}: {e}"))
}

fn pages() -> BTreeMap<String, String> {
    let entries = fs::read_dir(root().join("docs")).expect("docs can be read");
    let names = entries.map(|entry| entry.expect("an entry").file_name().into_string().expect("UTF-8"));
    names
        .filter(|name| name.ends_with(".md"))
        .map(|name| (name.clone(), page(&name)))
        .collect()
}

/// The row of a variable as it must stand in the table.
fn variable_row(variable: &Variable) -> String {
    let values = match variable.reading {
        Reading::Text => "text".to_owned(),
        Reading::Secret => "secret".to_owned(),
        Reading::Boolean => "true or false".to_owned(),
        Reading::Number(low, high) => format!("{low} to {high}"),
        Reading::Choice(names) => code(names),
    };
    let also: String = variable.aliases.iter().map(|a| format!(", also `{a}`")).collect();
    let default = match variable.default {
        "" => "none".to_owned(),
        default => format!("`{default}`"),
    };
    format!(
        "| `{}`{also} | {values} | {default} | {} |",
        variable.name, variable.meaning
    )
}

/// Names as a list of code.
fn code(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    quoted.join(", ")
}

fn word_row(word: &Word) -> String {
    let names: Vec<&str> = word.names().collect();
    let body = if word.in_body { "yes" } else { "no" };
    format!("| {} | {body} | {} |", code(&names), word.description)
}

#[test]
fn every_variable_is_described_as_it_is() {
    let page = page("configuration.md");
    let missing: Vec<String> = VARIABLES
        .iter()
        .map(variable_row)
        .filter(|row| !page.lines().any(|l| l == row))
        .collect();
    assert!(
        missing.is_empty(),
        "docs/configuration.md lacks:\n{}",
        missing.join("\n")
    );
}

#[test]
fn every_word_is_described_as_it_is() {
    let page = page("records.md");
    let missing: Vec<String> = ALL
        .iter()
        .map(|word| word_row(word))
        .filter(|row| !page.lines().any(|l| l == row))
        .collect();
    assert!(
        missing.is_empty(),
        "docs/records.md lacks:\n{}",
        missing.join("\n")
    );
}

/// The names of headings as links have them.
fn anchors(page: &str) -> Vec<String> {
    let headings = page.lines().filter(|line| line.starts_with('#'));
    headings
        .map(|line| {
            let kept = line.trim_start_matches('#').trim().to_lowercase();
            let kept = kept.replace(' ', "-");
            kept.chars()
                .filter(|c| c.is_alphanumeric() || matches!(c, '-' | '_'))
                .collect()
        })
        .collect()
}

#[test]
fn links_lead_somewhere_and_every_page_is_in_the_index() {
    let pages = pages();
    for name in pages.keys().filter(|name| *name != "README.md") {
        assert!(
            pages["README.md"].contains(&format!("]({name})")),
            "the index lacks {name}"
        );
    }
    for (name, text) in &pages {
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            if link.starts_with("http") {
                continue;
            }
            let (file, anchor) = link.split_once('#').map_or((link, None), |(f, a)| (f, Some(a)));
            let target = if file.is_empty() { name } else { file };
            let found = pages.get(target);
            assert!(
                found.is_some() || root().join("docs").join(target).exists(),
                "{name}: {link}"
            );
            if let (Some(anchor), Some(found)) = (anchor, found) {
                assert!(anchors(found).iter().any(|a| a == anchor), "{name}: {link}");
            }
        }
    }
}

/// The names of the pairs of an area.
fn pairs(area: &str) -> Vec<String> {
    let path = root().join("tests/golden").join(format!("{area}.jsonl"));
    let text = fs::read_to_string(&path).unwrap_or_default();
    let name = |line: &str| {
        let pair: serde_json::Value = serde_json::from_str(line).expect("a pair");
        pair["name"].as_str().expect("a name").to_owned()
    };
    text.lines().map(name).collect()
}

/// What is left of a list of pair names when those that exist are taken out. Names may hold commas themselves.
fn unknown(list: &str, mut known: Vec<String>) -> String {
    known.sort_by_key(|name| std::cmp::Reverse(name.len()));
    let mut left = format!(", {list},");
    for name in known {
        left = left.replace(&format!(", {name},"), ",");
    }
    left.trim_matches([',', ' ']).to_owned()
}

#[test]
fn the_pairs_that_are_named_exist() {
    let text = page("compatibility.md");
    let cells = text
        .lines()
        .filter(|line| line.starts_with("| "))
        .filter_map(|line| {
            let cell = line.trim_matches('|').rsplit('|').next()?.trim();
            cell.starts_with('`').then_some(cell)
        });
    let mut checked = 0;
    for part in cells.flat_map(|cell| cell.split("; ")) {
        let mut list = part;
        let mut areas = Vec::new();
        while let Some((area, rest)) = list.strip_prefix('`').and_then(|rest| rest.split_once('`')) {
            areas.push(area);
            list = rest.trim_start_matches([',', ' ']);
        }
        for area in areas {
            let places = ["sqlite", "pgsql", "mysql"].map(|database| area.replace('*', database));
            let here: Vec<_> = places
                .iter()
                .map(|place| pairs(place))
                .filter(|p| !p.is_empty())
                .collect();
            assert!(!here.is_empty(), "there is no area {area}");
            for known in here {
                assert_eq!(unknown(list, known), "", "pairs that {area} does not have");
                checked += 1;
            }
        }
    }
    assert!(checked > 50, "only {checked} lists of pairs were found");
}
