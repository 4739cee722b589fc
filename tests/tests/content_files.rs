//! Configuration as files: `export`, `plan`, `apply` and `drift` of the real program, beside a running server, on the
//! embedded system database and on one on a server.

use kit::program::{ADMIN_EMAIL, ADMIN_PASSWORD, binary};
use kit::{Engine, Program, Server, Start};
use scenarios::furnished::{APP_KEY, LOOKUP_SECRET, SERVICE_SECRET, check_secrets, described, furnish};
use scenarios::world::KEY;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

const PASSPHRASE: (&str, &str) = ("DW_SECRETS_PASSPHRASE", "a passphrase of many words");

/// Runs a command of the program on an instance's data.
fn run(data: &Path, arguments: &[&str], environment: &[(&str, &str)]) -> Output {
    let mut command = Command::new(binary());
    let foreign = ["DF_", "DW_", "DB_", "APP_", "JWT_"];
    for (name, _) in std::env::vars().filter(|(name, _)| foreign.iter().any(|start| name.starts_with(start)))
    {
        command.env_remove(name);
    }
    command
        .arg(arguments[0])
        .arg("--data")
        .arg(data)
        .args(&arguments[1..]);
    command.envs(environment.iter().copied());
    command.output().expect("the program can be started")
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&[output.stdout.clone(), output.stderr.clone()].concat()).into_owned()
}

fn done(data: &Path, arguments: &[&str], environment: &[(&str, &str)]) -> String {
    let output = run(data, arguments, environment);
    assert!(output.status.success(), "{arguments:?}: {}", text(&output));
    text(&output)
}

/// All files below a folder with their contents.
fn files(folder: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        match entry.path().is_dir() {
            true => found.extend(
                files(&entry.path())
                    .into_iter()
                    .map(|(file, text)| (format!("{name}/{file}"), text)),
            ),
            false => {
                found.insert(name, std::fs::read_to_string(entry.path()).unwrap_or_default());
            }
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn files_say_everything_and_nothing_secret() {
    let program = Program::start();
    furnish(&program).await;
    let place = tempfile::tempdir().expect("a temporary folder can be made");
    let folder = place.path().join("files");
    let dir = folder.display().to_string();
    done(&program.data(), &["export", &dir], &[]);
    let written = files(&folder);
    for (file, content) in &written {
        for secret in [
            SERVICE_SECRET,
            LOOKUP_SECRET,
            APP_KEY,
            "$argon2",
            "_date",
            "\"id\":",
        ] {
            assert!(!content.contains(secret), "{file} holds '{secret}': {content}");
        }
    }
    let role: Value = serde_json::from_str(&written["roles/Reader.json"]).expect("it is JSON");
    let access = role["access"].as_array().cloned().unwrap_or_default();
    assert_eq!(access.len(), 3);
    assert!(
        access
            .iter()
            .any(|row| row["service"] == "stock" && row["verb_mask"] == json!(["GET"]))
    );
    assert_eq!(
        written["event_scripts/stock._table.item.get.post_process.content.js"],
        "var a = 1;\nreturn a;\n"
    );
    let shop: Value = serde_json::from_str(&written["services/shop.json"]).expect("it is JSON");
    assert_eq!(shop["config"]["password"], "${DW_SECRET_SERVICE_SHOP_PASSWORD}");
    // The same content is the same text, and applying it changes nothing.
    done(&program.data(), &["export", &dir], &[]);
    assert_eq!(files(&folder), written);
    for command in ["plan", "apply", "drift"] {
        assert_eq!(
            done(&program.data(), &[command, &dir], &[]).trim(),
            "Nothing differs."
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_a_file_counts_while_the_server_runs() {
    let program = Program::start();
    furnish(&program).await;
    let place = tempfile::tempdir().expect("a temporary folder can be made");
    let dir = place.path().display().to_string();
    let data = program.data();
    done(&data, &["export", &dir], &[]);
    let keyed = program.client().with(KEY, APP_KEY);
    assert_eq!(keyed.get("/api/v2/stock/_table/item").await.status, 200);

    let file = place.path().join("roles/Reader.json");
    let mut role: Value =
        serde_json::from_str(&std::fs::read_to_string(&file).unwrap_or_default()).expect("JSON");
    role["access"] = json!([]);
    role["description"] = json!("Reads nothing.");
    std::fs::write(&file, role.to_string()).expect("the file can be written");
    std::fs::remove_file(place.path().join("cors/api%2F%2A.json")).expect("the file is there");
    let plan = done(&data, &["plan", &dir], &[]);
    assert!(
        plan.contains("~ role 'Reader'") && plan.contains("description"),
        "{plan}"
    );
    assert!(!plan.contains("- CORS"), "{plan}");
    assert_eq!(
        keyed.get("/api/v2/stock/_table/item").await.status,
        200,
        "a plan changes nothing"
    );
    let drift = run(&data, &["drift", &dir], &[]);
    assert_eq!(drift.status.code(), Some(3), "{}", text(&drift));
    assert!(text(&drift).contains("- CORS rule 'api/*'"), "{}", text(&drift));

    done(&data, &["apply", &dir], &[]);
    let began = Instant::now();
    loop {
        let answer = keyed.get("/api/v2/stock/_table/item").await;
        if answer.status == 401 {
            break;
        }
        let waited = began.elapsed() < Duration::from_secs(5);
        assert!(
            waited,
            "the change does not count: {} {}",
            answer.status,
            answer.text()
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let admin = program.admin().await;
    assert_eq!(admin.get("/api/v2/system/cors/1").await.status, 200);
    done(&data, &["apply", "--delete", &dir], &[]);
    assert_eq!(admin.get("/api/v2/system/cors/1").await.status, 404);
    assert_eq!(done(&data, &["drift", &dir], &[]).trim(), "Nothing differs.");
    let audit = admin
        .get("/api/v2/system/audit?filter=path%3D%27dreamwright%20apply%27")
        .await
        .text();
    assert!(audit.contains("Reads nothing."), "{audit}");

    // Slips are refused as a whole, with the file's name.
    role["descripton"] = json!("x");
    std::fs::write(&file, role.to_string()).expect("the file can be written");
    let refused = run(&data, &["apply", &dir], &[]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(text(&refused).contains("Reader.json") && text(&refused).contains("descripton"));
    role.as_object_mut().map(|role| role.remove("descripton"));
    role["access"] = json!([{"service": "nowhere", "component": "*", "verb_mask": ["GET"]}]);
    role["description"] = json!("Not written.");
    std::fs::write(&file, role.to_string()).expect("the file can be written");
    let refused = run(&data, &["apply", &dir], &[]);
    assert!(
        !refused.status.success() && text(&refused).contains("nowhere"),
        "{}",
        text(&refused)
    );
    assert!(
        !admin
            .get("/api/v2/system/role")
            .await
            .text()
            .contains("Not written.")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_instance_becomes_the_same() {
    let from = Program::start();
    furnish(&from).await;
    let place = tempfile::tempdir().expect("a temporary folder can be made");
    let (folder, secrets) = (place.path().join("files"), place.path().join("secrets.json"));
    let (dir, secrets_file) = (folder.display().to_string(), secrets.display().to_string());
    done(
        &from.data(),
        &["export", "--secrets", &secrets_file, &dir],
        &[PASSPHRASE],
    );
    let sealed = std::fs::read_to_string(&secrets).unwrap_or_default();
    assert!(!sealed.contains(SERVICE_SECRET) && sealed.contains("sealed"));
    done(
        &from.data(),
        &["export", "--secrets", &secrets_file, &dir],
        &[PASSPHRASE],
    );
    assert_eq!(
        std::fs::read_to_string(&secrets).unwrap_or_default(),
        sealed,
        "it was sealed anew without need"
    );

    let to = Program::start();
    let stock = rusqlite::Connection::open(from.databases().join("stock.sqlite")).expect("the file is there");
    let copy = to.databases().join("stock.sqlite").display().to_string();
    stock
        .execute("VACUUM INTO ?1", [copy])
        .expect("a copy can be made");
    let refused = run(&to.data(), &["apply", &dir], &[]);
    assert_eq!(refused.status.code(), Some(2), "{}", text(&refused));
    assert!(
        text(&refused).contains("DW_SECRET_SERVICE_SHOP_PASSWORD"),
        "{}",
        text(&refused)
    );
    let wrong = run(
        &to.data(),
        &["apply", "--secrets", &secrets_file, &dir],
        &[(PASSPHRASE.0, "another")],
    );
    assert!(!wrong.status.success());
    done(
        &to.data(),
        &["apply", "--secrets", &secrets_file, &dir],
        &[PASSPHRASE],
    );
    assert_eq!(
        done(
            &to.data(),
            &["drift", "--secrets", &secrets_file, &dir],
            &[PASSPHRASE]
        )
        .trim(),
        "Nothing differs."
    );
    check_secrets(&to).await;
    assert_eq!(described(&to).await, described(&from).await);

    // On a database of a server, and back: the files come out the same.
    let Some(server) = Server::own(Engine::Postgres) else {
        return;
    };
    let database = server.database("system");
    let port = database.port().to_string();
    let environment = [
        ("DB_CONNECTION", "pgsql"),
        ("DB_HOST", database.host()),
        ("DB_PORT", &port),
        ("DB_DATABASE", database.name()),
        ("DB_USERNAME", database.user()),
        ("DB_PASSWORD", database.password()),
        ("APP_KEY", "base64:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="),
        ("DW_ADMIN_EMAIL", ADMIN_EMAIL),
        ("DW_ADMIN_PASSWORD", ADMIN_PASSWORD),
        PASSPHRASE,
    ];
    let node = Program::with(Start {
        environment: environment
            .iter()
            .map(|(n, v)| ((*n).to_owned(), (*v).to_owned()))
            .collect(),
        without_admin: true,
        ..Start::default()
    });
    done(
        &node.data(),
        &["apply", "--secrets", &secrets_file, &dir],
        &environment,
    );
    let before = files(&folder);
    done(&node.data(), &["export", &dir], &environment);
    let after = files(&folder);
    let differing: Vec<&String> = before
        .keys()
        .filter(|file| before.get(*file) != after.get(*file))
        .collect();
    assert_eq!((differing, after.len()), (Vec::new(), before.len()));
}
