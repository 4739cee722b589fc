//! Apache with its module for WebDAV.

use super::{FileServer, are_installed, program};
use std::os::unix::fs::PermissionsExt;

/// Where Debian keeps the modules.
const MODULES: &str = "/usr/lib/apache2/modules";
/// [`FileServer::PASSWORD`] as Apache keeps it for logins by name and password, and for digests.
const BASIC: &str = "{SHA}vTwZ8CX/4PHJ0O5Bg5UnxikK/3E=";
const DIGEST: &str = "ddc62837d3aab763b168a4f38ec894a8";

impl FileServer {
    /// Starts an Apache server. Its files are in `/basic` and `/digest`, by the way to log in, and in `/open` without one.
    /// None, with a `SKIPPED` line, when it is not installed.
    pub fn webdav() -> Option<FileServer> {
        if !are_installed("webdav", &["apache2"]) {
            return None;
        }
        Some(FileServer::launch("webdav", |folder, port| {
            let (user, own) = (FileServer::USER, folder.display());
            let write = |name: &str, text: String| {
                std::fs::write(folder.join(name), text).expect("the folder can be written");
            };
            write("passwords", format!("{user}:{BASIC}\n"));
            write("digests", format!("{user}:dreamwright:{DIGEST}\n"));
            // Started by root, it works as somebody else.
            for name in ["", "files"] {
                let open = std::fs::Permissions::from_mode(0o777);
                std::fs::set_permissions(folder.join(name), open).expect("the folder is ours");
            }
            let is_root = std::fs::metadata("/proc/self").is_ok_and(|about| is_owned_by_root(&about));
            let account = if is_root {
                "User www-data\nGroup www-data\n"
            } else {
                ""
            };
            let modules = [
                "mpm_event",
                "authn_core",
                "authn_file",
                "authz_core",
                "authz_user",
                "auth_basic",
                "auth_digest",
                "alias",
                "dav",
                "dav_fs",
            ];
            let modules: String = modules
                .iter()
                .map(|name| format!("LoadModule {name}_module {MODULES}/mod_{name}.so\n"))
                .collect();
            let place = |name: &str, login: &str| {
                format!("Alias /{name} {own}/files\n<Location /{name}>\nDav On\n{login}\n</Location>\n")
            };
            let login = |kind: &str, file: &str| {
                format!(
                    "AuthType {kind}\nAuthName dreamwright\nAuth{kind}Provider file\nAuthUserFile {own}/{file}\n\
                     Require valid-user"
                )
            };
            let config = format!(
                "ServerRoot {own}\nServerName localhost\nListen 127.0.0.1:{port}\nPidFile {own}/pid\n\
                 ErrorLog {own}/error\n{modules}{account}DavLockDB {own}/locks\nDocumentRoot {own}/files\n{}{}{}",
                place("basic", &login("Basic", "passwords")),
                place("digest", &login("Digest", "digests")),
                place("open", "Require all granted"),
            );
            write("apache.conf", config);
            let arguments = ["-DFOREGROUND", "-f", &format!("{own}/apache.conf")].map(str::to_owned);
            let command = std::iter::once(program("apache2")).chain(arguments).collect();
            (command, Vec::new())
        }))
    }
}

fn is_owned_by_root(about: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    about.uid() == 0
}
