//! The rules of the house that a compiler does not know: which crate may use which, where vendors may be named,
//! where SQL may be written. `ARCHITECTURE.md` has the reasons.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Every crate and the crates of the house it may use, floor by floor: each may only name those above it.
const FLOORS: &[(&str, &[&str])] = &[
    ("contract", &[]),
    ("sql", &["contract"]),
    ("query", &["contract", "sql"]),
    ("driver", &["contract", "sql"]),
    ("openapi", &["contract"]),
    ("store", &["contract", "sql", "driver"]),
    ("records", &["contract", "query", "sql", "driver"]),
    ("messaging", &["contract", "query"]),
    ("identity", &["contract"]),
    ("caching", &["contract"]),
    ("outbound", &["contract"]),
    ("files", &["contract", "outbound", "query"]),
    ("sqlite", CONNECTOR),
    ("postgres", CONNECTOR),
    ("mysql", CONNECTOR),
    ("memory", CONNECTOR),
    ("redis", CONNECTOR),
    ("otlp", CONNECTOR),
    ("remote-http", CONNECTOR),
    ("soap", CONNECTOR),
    ("source-control", CONNECTOR),
    ("ses", CONNECTOR),
    ("smtp", CONNECTOR),
    ("local-cache", CONNECTOR),
    ("local-disk", CONNECTOR),
    ("heroku", CONNECTOR),
    ("ldap", CONNECTOR),
    ("oauth", CONNECTOR),
    ("sftp", CONNECTOR),
    ("ftp", CONNECTOR),
    ("webdav", CONNECTOR),
    ("logstash", CONNECTOR),
    ("mailgun", CONNECTOR),
    ("memcached", CONNECTOR),
    ("platform", &["contract", "openapi", "query", "store"]),
    ("bundle", &["contract", "sql", "driver", "store", "platform"]),
    (
        "system",
        &[
            "contract",
            "query",
            "sql",
            "driver",
            "records",
            "messaging",
            "identity",
            "outbound",
            "store",
            "platform",
            "bundle",
        ],
    ),
    ("http-door", &["contract", "query", "platform"]),
    ("console-assets", &["http-door"]),
    (
        "dreamwright",
        &[
            "contract",
            "sql",
            "driver",
            "store",
            "records",
            "messaging",
            "identity",
            "sqlite",
            "postgres",
            "mysql",
            "memory",
            "ses",
            "smtp",
            "local-cache",
            "local-disk",
            "heroku",
            "ldap",
            "oauth",
            "sftp",
            "ftp",
            "webdav",
            "logstash",
            "mailgun",
            "memcached",
            "redis",
            "otlp",
            "remote-http",
            "soap",
            "source-control",
            "platform",
            "bundle",
            "system",
            "http-door",
            "console-assets",
        ],
    ),
];
const CONNECTOR: &[&str] = &[
    "contract",
    "query",
    "sql",
    "driver",
    "records",
    "messaging",
    "identity",
    "caching",
    "files",
    "outbound",
];

/// Crates for building and testing; they may use everything, and others may use them for tests only.
const TOOLS: &[&str] = &["kit", "scenarios", "bench"];

/// All that the pure crates may use from outside: no runtime, no I/O, no database.
const PURE: &[(&str, &[&str])] = &[
    (
        "contract",
        &[
            "async-trait",
            "bytes",
            "futures-util",
            "indexmap",
            // A structure in memory, which reads no clock: caches of any floor are bounded by it.
            "lru",
            "serde",
            "serde_json",
        ],
    ),
    (
        "query",
        &[
            "bytes",
            "csv-core",
            "percent-encoding",
            "indexmap",
            "quick-xml",
            "serde_json",
        ],
    ),
    ("sql", &["serde_json"]),
    ("openapi", &["percent-encoding", "serde-saphyr", "serde_json"]),
];

/// Drivers of vendors: for connectors, and for tests and the bench that go around the program.
const VENDOR_CRATES: &[&str] = &[
    "rusqlite",
    "libsqlite3-sys",
    "tokio-postgres",
    "deadpool-postgres",
    "tokio-postgres-rustls",
    "mysql_async",
    "mysql",
    "sqlx",
    "diesel",
    "sea-orm",
    "tiberius",
    "mongodb",
    "redis",
    "redis-client",
    "oracle",
];

/// Never in the tree: TLS is rustls with ring.
const BANNED: &[&str] = &[
    "aws-lc-rs",
    "aws-lc-sys",
    "openssl",
    "openssl-sys",
    "native-tls",
    "sqlx",
];

/// Crates that know no vendor.
const NEUTRAL: &[&str] = &[
    "platform",
    "http-door",
    "contract",
    "records",
    "query",
    "sql",
    "openapi",
    "store",
    "bundle",
    "system",
    "outbound",
    "files",
];
const VENDORS: &[&str] = &[
    "postgres",
    "pgsql",
    "mysql",
    "mariadb",
    "sqlite",
    "oracledb",
    "mongodb",
    "sqlserver",
];

/// Lines that must name a vendor all the same: (file, part of the line, why).
const NAMED: &[(&str, &str, &str)] = &[
    (
        "crates/contract/src/settings.rs",
        "DF_SQLITE_STORAGE",
        "a public variable of the original",
    ),
    (
        "crates/store/src/seed.rs",
        "sqlite",
        "the service 'db' that every instance begins with, as the original's",
    ),
    ("crates/store/src/seed.rs", "SQLite", "its description"),
];

const LONGEST_FILE: usize = 800;

struct Manifest {
    name: String,
    folder: PathBuf,
    dependencies: BTreeSet<String>,
    test_dependencies: BTreeSet<String>,
    shares_lints: bool,
}

fn root() -> PathBuf {
    kit::workspace()
}

fn text(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

fn manifests() -> Vec<Manifest> {
    let mut folders = vec![root().join("tests"), root().join("bench")];
    for group in ["crates", "connectors"] {
        let entries = std::fs::read_dir(root().join(group)).expect("the workspace has both folders");
        folders.extend(
            entries
                .map(|e| e.expect("an entry can be read").path())
                .filter(|p| p.join("Cargo.toml").exists()),
        );
    }
    folders.into_iter().map(manifest).collect()
}

/// Reads what is needed of a Cargo.toml: sections, and the keys in the sections of dependencies.
fn manifest(folder: PathBuf) -> Manifest {
    let mut name = String::new();
    let mut shares_lints = false;
    let (mut dependencies, mut test_dependencies) = (BTreeSet::new(), BTreeSet::new());
    let mut section = String::new();
    for line in text(&folder.join("Cargo.toml")).lines().map(str::trim) {
        if let Some(head) = line.strip_prefix('[').and_then(|l| l.strip_suffix(']')) {
            section = head.to_owned();
            // [dependencies.name] is a section of its own.
            if let Some((kind, name)) = head
                .rsplit_once('.')
                .filter(|(kind, _)| kind.ends_with("dependencies"))
            {
                let list = if kind.contains("dev-") {
                    &mut test_dependencies
                } else {
                    &mut dependencies
                };
                list.insert(name.to_owned());
            }
            continue;
        }
        let Some((key, value)) = line.split_once('=').filter(|_| !line.starts_with('#')) else {
            continue;
        };
        let key = key
            .trim()
            .split('.')
            .next()
            .unwrap_or_default()
            .trim_matches('"')
            .to_owned();
        match section.rsplit('.').next().unwrap_or_default() {
            "package" if key == "name" => name = value.trim().trim_matches('"').to_owned(),
            "lints" if key == "workspace" => shares_lints = value.trim() == "true",
            "dependencies" | "build-dependencies" => drop(dependencies.insert(key)),
            "dev-dependencies" => drop(test_dependencies.insert(key)),
            _ => {}
        }
    }
    Manifest {
        name,
        folder,
        dependencies,
        test_dependencies,
        shares_lints,
    }
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let Ok(entries) = std::fs::read_dir(folder) else {
        return found;
    };
    for path in entries.flatten().map(|e| e.path()) {
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
    found
}

fn inside(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).display().to_string()
}

/// The sources of a folder that are part of what is shipped.
fn shipped(folder: &Path) -> Vec<PathBuf> {
    let is_test =
        |path: &PathBuf| path.ends_with("tests.rs") || path.components().any(|c| c.as_os_str() == "tests");
    // Below the folder only: the workspace itself may lie anywhere.
    let mut found = sources(folder);
    found.retain(|path| !is_test(&path.strip_prefix(folder).unwrap_or(path).to_owned()));
    found
}

/// A source without its test modules: those stand at the end of a file, after `#[cfg(test)]`.
fn without_tests(source: &str) -> &str {
    let end = source
        .find("\n#[cfg(test)]\nmod ")
        .filter(|at| source[*at..].contains('{'));
    end.map_or(source, |at| &source[..at])
}

fn check(problems: Vec<String>) {
    assert!(problems.is_empty(), "\n{}\n", problems.join("\n"));
}

#[test]
fn crates_use_only_floors_below_them() {
    let mut problems = Vec::new();
    for (at, (name, uses)) in FLOORS.iter().enumerate() {
        let below: Vec<&str> = FLOORS[..at].iter().map(|(n, _)| *n).collect();
        problems.extend(
            uses.iter()
                .filter(|u| !below.contains(u))
                .map(|u| format!("FLOORS: {name} is not above {u}")),
        );
    }
    let manifests = manifests();
    let ours: BTreeSet<&str> = manifests.iter().map(|m| m.name.as_str()).collect();
    for manifest in &manifests {
        let (name, folder) = (manifest.name.as_str(), inside(&manifest.folder));
        if !manifest.shares_lints {
            problems.push(format!("{folder} does not share the workspace's lints"));
        }
        if TOOLS.contains(&name) {
            continue;
        }
        let Some((_, allowed)) = FLOORS.iter().find(|(n, _)| *n == name) else {
            problems.push(format!("{folder}: give {name} a floor in FLOORS"));
            continue;
        };
        if folder.starts_with("connectors/") != std::ptr::eq(*allowed, CONNECTOR) {
            problems.push(format!("{folder} stands on the wrong floor"));
        }
        let used = manifest.dependencies.iter().filter(|d| ours.contains(d.as_str()));
        let wrong = used.filter(|d| !allowed.contains(&d.as_str()));
        problems.extend(wrong.map(|d| format!("{name} must not use {d}")));
    }
    check(problems);
}

#[test]
fn the_languages_are_pure() {
    let mut problems = Vec::new();
    for manifest in manifests() {
        let Some((name, allowed)) = PURE.iter().find(|(n, _)| *n == manifest.name) else {
            continue;
        };
        let internal: Vec<&str> = FLOORS.iter().map(|(n, _)| *n).collect();
        let outside = manifest
            .dependencies
            .iter()
            .map(String::as_str)
            .filter(|d| !internal.contains(d));
        problems.extend(
            outside
                .filter(|d| !allowed.contains(d))
                .map(|d| format!("{name} is pure, but uses {d}")),
        );
        for path in shipped(&manifest.folder.join("src")) {
            let source = text(&path);
            for word in [
                "std::fs",
                "std::net",
                "std::process",
                "std::thread",
                "std::env",
                "tokio::",
                "SystemTime",
            ] {
                if without_tests(&source).contains(word) {
                    problems.push(format!("{}: {name} is pure, but says {word}", inside(&path)));
                }
            }
        }
    }
    check(problems);
}

#[test]
fn only_connectors_use_drivers() {
    let mut problems = Vec::new();
    for manifest in manifests() {
        let folder = inside(&manifest.folder);
        if folder.starts_with("connectors/") || TOOLS.contains(&manifest.name.as_str()) {
            continue;
        }
        let used = manifest.dependencies.iter().chain(&manifest.test_dependencies);
        let vendors =
            used.filter(|d| VENDOR_CRATES.contains(&d.as_str()) && !FLOORS.iter().any(|(n, _)| n == d));
        problems.extend(vendors.map(|d| format!("{folder} must not use the driver {d}")));
        let tools = manifest
            .dependencies
            .iter()
            .filter(|d| TOOLS.contains(&d.as_str()));
        problems.extend(tools.map(|d| format!("{folder} may use {d} in tests only")));
    }
    check(problems);
}

#[test]
fn banned_crates_are_not_in_the_tree() {
    let lock = text(&root().join("Cargo.lock"));
    let present = BANNED
        .iter()
        .filter(|name| lock.contains(&format!("\nname = \"{name}\"\n")));
    check(
        present
            .map(|name| format!("Cargo.lock has {name}: see `cargo tree -i {name}`"))
            .collect(),
    );
}

#[test]
fn neutral_crates_name_no_vendor() {
    let mut problems = Vec::new();
    for path in NEUTRAL
        .iter()
        .flat_map(|name| shipped(&root().join("crates").join(name).join("src")))
    {
        let (file, source) = (inside(&path), text(&path));
        for (number, line) in without_tests(&source).lines().enumerate() {
            let low = line.to_lowercase();
            let excused = NAMED
                .iter()
                .any(|(named, part, _)| *named == file && line.contains(part));
            if excused || low.trim_start().starts_with("//") {
                continue;
            }
            let named = VENDORS.iter().filter(|vendor| low.contains(*vendor));
            problems.extend(named.map(|vendor| format!("{file}:{} names {vendor}", number + 1)));
        }
    }
    check(problems);
}

#[test]
fn sql_is_written_in_its_rooms() {
    let mut problems = Vec::new();
    for manifest in manifests() {
        let folder = inside(&manifest.folder);
        let room = ["sql", "store"].contains(&manifest.name.as_str()) || folder.starts_with("connectors/");
        if room || TOOLS.contains(&manifest.name.as_str()) {
            continue;
        }
        for path in shipped(&manifest.folder.join("src")) {
            let source = text(&path);
            for at in formatted(without_tests(&source))
                .filter(|(_, text)| is_statement(text))
                .map(|(at, _)| at)
            {
                problems.push(format!(
                    "{}:{} writes SQL",
                    inside(&path),
                    source[..at].lines().count() + 1
                ));
            }
        }
    }
    check(problems);
}

/// Positions and texts of the first string of every formatting macro.
fn formatted(source: &str) -> impl Iterator<Item = (usize, &str)> {
    let calls = ["format!(", "write!(", "writeln!(", "push_str("].into_iter();
    calls
        .flat_map(move |call| source.match_indices(call).map(move |(at, _)| at + call.len()))
        .filter_map(move |at| {
            let rest = &source[at..];
            let start = rest.find('"').filter(|start| rest[..*start].len() < 60)?;
            let string = &rest[start + 1..];
            let end = string
                .find("\")")
                .or_else(|| string.find("\","))
                .unwrap_or(string.len());
            Some((at, &string[..end]))
        })
}

fn is_statement(text: &str) -> bool {
    ["SELECT ", "INSERT INTO ", "UPDATE ", "DELETE FROM "]
        .iter()
        .any(|word| text.contains(word))
}

#[test]
fn files_are_one_thing_each() {
    let folders = ["crates", "connectors", "tests", "bench"].map(|f| root().join(f));
    let mut problems = Vec::new();
    for path in folders.iter().flat_map(|f| sources(f)) {
        let source = text(&path);
        if source.lines().count() > LONGEST_FILE {
            problems.push(format!(
                "{} has more than {LONGEST_FILE} lines: it is probably two things",
                inside(&path)
            ));
        }
        let crate_root = path.ends_with("src/lib.rs") || path.ends_with("src/main.rs");
        if crate_root && !source.contains("//! ") {
            problems.push(format!(
                "{} does not state what the crate promises",
                inside(&path)
            ));
        }
    }
    check(problems);
}

#[test]
fn the_rules_see_what_they_look_for() {
    assert!(formatted("format!(\"SELECT {x}\")").any(|(_, t)| is_statement(t)));
    assert!(formatted("write!(out,\n \"UPDATE x\")").any(|(_, t)| is_statement(t)));
    assert!(!formatted("format!(\"no selection\")").any(|(_, t)| is_statement(t)));
    assert_eq!(without_tests("a\n#[cfg(test)]\nmod tests {\n}"), "a");
    let own = manifest(root().join("tests"));
    assert!(own.name == "scenarios" && own.dependencies.contains("kit") && own.shares_lints);
}
