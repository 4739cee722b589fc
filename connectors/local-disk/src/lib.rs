//! Files on the local disk: the service type `local_file`.
//!
//! Invariants: every path is resolved below an open handle of the root folder, so neither names nor links lead out of
//! it, whatever happens on the disk meanwhile. A file appears under its name when all of it is written, or never. The
//! folders of the operating system and this instance's own data, but for its storage, are never a root.
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod disk;
mod root;
mod upload;

use contract::{BuildContext, ConfigField, ConfigKind, ConfigSpec, Service, ServiceType, Value};
use disk::LocalDisk;
use files::{FileService, PUBLIC_PATH};
use root::Root;
use std::sync::Arc;

/// Where the files are.
const ROOT: &[ConfigField] = &[ConfigField::optional(
    "container",
    "Root Folder",
    ConfigKind::LongText,
    "Enter a full folder path from your system root, or a path relative to the folder 'storage' in the data folder of \
     this instance. This path must be readable and writable by the server.",
)];

/// The service type `local_file`. Building a service does not look at the disk.
pub fn service_type() -> ServiceType {
    ServiceType {
        name: "local_file",
        label: "Local File Storage",
        group: "File",
        description: "File service supporting the local file system.",
        singleton: false,
        subscription: None,
        config: ConfigSpec {
            groups: &[PUBLIC_PATH, ROOT],
        },
        build: Arc::new(|context: BuildContext| {
            let container = context.config.get("container").and_then(Value::as_str);
            let root = Root::new(container.unwrap_or_default(), &context.data);
            let service = FileService::new(&context, Arc::new(LocalDisk::new(root)))?;
            Ok(Arc::new(service) as Arc<dyn Service>)
        }),
    }
}
