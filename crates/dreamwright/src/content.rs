//! Bringing an instance's content to files and back, and bringing it over from elsewhere: `export`, `plan`, `apply`,
//! `drift` and `import`.
//!
//! All of them work on the system database itself, so the instance may be running or not: a running one sees a change
//! at its next look at the generation.

use crate::cli::{Change, Folder, Import};
use crate::data::DataFolder;
use crate::logging::Log;
use crate::{Environment, Refusal, connectors, logging};
use bundle::files::{Sealed, Secrets};
use bundle::original::{Encrypter, Table};
use bundle::package::Package;
use bundle::{Bundle, How, Plan, Report};
use std::fs;
use std::path::Path;
use store::Store;
use store::audit::{AuditCall, on_behalf_of};

/// Where the passphrase of a file of secrets, the one of a secured package, and the original's key are looked for.
const PASSPHRASE: &str = "DW_SECRETS_PASSPHRASE";
pub(crate) const PACKAGE_PASSWORD: &str = "DW_PACKAGE_PASSWORD";
const ORIGINAL_KEY: &str = "DW_ORIGINAL_APP_KEY";

/// An instance that is worked on from outside.
struct Instance {
    store: Store,
    environment: Environment,
    _log: Log,
}

impl Instance {
    async fn open(data: &Path) -> Result<Instance, Refusal> {
        let environment = Environment::load(data)?;
        let settings = environment.settings()?;
        let log = logging::start(&settings, None);
        let folder = DataFolder::open(data)?;
        let store = crate::start::open_store(&folder, &settings).await?;
        store.keep_audit(settings.audit_days > 0);
        Ok(Instance {
            store,
            environment,
            _log: log,
        })
    }

    /// The values that references stand for.
    fn secrets(&self, file: Option<&Path>) -> Result<Secrets, Refusal> {
        let sealed = match file {
            None => None,
            Some(file) => {
                let text = fs::read_to_string(file).map_err(|e| Refusal::io("The file", file, &e))?;
                Some(Sealed::open(&text, &self.passphrase()?)?)
            }
        };
        Ok(Secrets::new(self.environment.all(), sealed))
    }

    fn passphrase(&self) -> Result<String, Refusal> {
        self.environment
            .get(PASSPHRASE)
            .filter(|passphrase| !passphrase.is_empty())
            .ok_or_else(|| {
                Refusal::Value(format!(
                    "{PASSPHRASE} must hold the passphrase of the file of secrets."
                ))
            })
    }

    async fn wanted(&self, folder: &Folder) -> Result<Bundle, Refusal> {
        let secrets = self.secrets(folder.secrets.as_deref())?;
        let present = Bundle::read(&self.store).await?;
        Ok(bundle::files::read(&folder.files, &secrets, &present)?)
    }
}

/// The change as the audit tells of it.
fn call(command: &str) -> AuditCall {
    AuditCall {
        origin: "system",
        path: Some(format!("dreamwright {command}")),
        ..AuditCall::default()
    }
}

/// Writes the instance's content into a folder.
pub(crate) async fn export(folder: Folder) -> Result<(), Refusal> {
    let instance = Instance::open(&folder.data.folder).await?;
    let content = Bundle::read(&instance.store).await?;
    let written = bundle::files::write(&instance.store, &content, &folder.files)?;
    if let Some(file) = &folder.secrets {
        let passphrase = instance.passphrase()?;
        let old = fs::read_to_string(file).ok();
        let known = old.and_then(|text| Sealed::open(&text, &passphrase).ok());
        if known.as_ref() != Some(&written.secrets) {
            let text = written.secrets.seal(&passphrase)?;
            fs::write(file, text).map_err(|e| Refusal::io("The file", file, &e))?;
        }
    }
    println!("{} objects are in {}.", written.objects, folder.files.display());
    Ok(())
}

/// Prints what `apply` would do.
pub(crate) async fn plan(change: Change) -> Result<(), Refusal> {
    let instance = Instance::open(&change.folder.data.folder).await?;
    let wanted = instance.wanted(&change.folder).await?;
    let plan = bundle::plan(&instance.store, &wanted, How::declared(change.delete)).await?;
    print_plan(&plan);
    Ok(())
}

/// Makes the instance as the folder says.
pub(crate) async fn apply(change: Change) -> Result<(), Refusal> {
    let instance = Instance::open(&change.folder.data.folder).await?;
    let wanted = instance.wanted(&change.folder).await?;
    let how = How::declared(change.delete);
    let work = bundle::apply(&instance.store, None, &wanted, how);
    print_plan(&on_behalf_of(call("apply"), work).await?);
    Ok(())
}

/// Tells whether the instance is as the folder says: prints what differs, and is then refused.
pub(crate) async fn drift(folder: Folder) -> Result<(), Refusal> {
    let instance = Instance::open(&folder.data.folder).await?;
    let wanted = instance.wanted(&folder).await?;
    let plan = bundle::plan(&instance.store, &wanted, How::declared(true)).await?;
    print_plan(&plan);
    match plan.changes().count() {
        0 => Ok(()),
        count => Err(Refusal::Differs(format!(
            "{count} objects of the instance differ from {}.",
            folder.files.display()
        ))),
    }
}

fn print_plan(plan: &Plan) {
    for step in plan.changes() {
        println!("{step}");
    }
    if plan.is_empty() {
        println!("Nothing differs.");
    }
}

/// Brings over what a package or the original's system database holds.
pub(crate) async fn import(import: Import) -> Result<(), Refusal> {
    let instance = Instance::open(&import.data.folder).await?;
    let (content, mut report) = source(&instance, &import).await?;
    let how = How::bringing(import.overwrite);
    let plan = match import.dry_run {
        true => bundle::plan(&instance.store, &content, how).await?,
        false => {
            on_behalf_of(
                call("import"),
                bundle::apply(&instance.store, None, &content, how),
            )
            .await?
        }
    };
    if import.dry_run {
        print_plan(&plan);
    }
    let told = plan.told();
    if !import.dry_run {
        report.notices.extend(told.notices);
    }
    report.warnings.extend(told.warnings);
    report.errors.extend(told.errors);
    report
        .warnings
        .extend(bundle::unknown_types(&instance.store, &content));
    print_report(&report);
    Ok(())
}

fn print_report(report: &Report) {
    for (title, lines) in [
        ("", &report.notices),
        ("Needs a hand:", &report.warnings),
        ("Did not come over:", &report.errors),
    ] {
        if !title.is_empty() && !lines.is_empty() {
            println!("{title}");
        }
        for line in lines {
            println!("  {line}");
        }
    }
}

/// How SQLite files begin.
const DATABASE_FILE: &[u8] = b"SQLite format 3\0";

async fn source(instance: &Instance, import: &Import) -> Result<(Bundle, Report), Refusal> {
    if import.source.contains("://") {
        let source = connectors::open_original(&import.source, &instance.environment.settings()?)?;
        return original(instance, import, source).await;
    }
    let file = Path::new(&import.source);
    let bytes = fs::read(file).map_err(|e| Refusal::io("The file", file, &e))?;
    if bytes.starts_with(DATABASE_FILE) {
        return original(instance, import, connectors::open_original_file(file)?).await;
    }
    let password = import.password.clone();
    let password = password.or_else(|| instance.environment.get(PACKAGE_PASSWORD));
    let package = Package::read(bytes, password.as_deref())?;
    let remainder = package.remainder();
    let mut report = package.report;
    report.warnings.extend(remainder.map(str::to_owned));
    Ok((package.bundle, report))
}

async fn original(
    instance: &Instance,
    import: &Import,
    source: std::sync::Arc<dyn records::SqlSource>,
) -> Result<(Bundle, Report), Refusal> {
    let key = import.app_key.clone();
    let key = key.or_else(|| instance.environment.get(ORIGINAL_KEY));
    let encrypter = key.as_deref().map(Encrypter::new).transpose()?;
    let unreadable = |e| Refusal::State(format!("The original's system database cannot be read: {e}."));
    let mut tables = Vec::new();
    for name in source.tables().await.map_err(unreadable)? {
        if name.is_view {
            continue;
        }
        if let Some(table) = source.describe(&name.public).await.map_err(unreadable)? {
            tables.push(Table {
                name: name.public,
                columns: table.columns.into_iter().map(|column| column.name).collect(),
            });
        }
    }
    let dialect = source.dialect();
    Ok(bundle::original::read(&*source, dialect, &tables, encrypter.as_ref()).await?)
}
