//! OpenSSH.

use super::{FileServer, are_installed, program};
use std::path::Path;
use std::process::{Command, Stdio};

/// The hash of [`FileServer::PASSWORD`].
const HASH: &str =
    "$6$dreamwright$sXkH9l.q4Ctr7ZHAGBF.FecMvGmsFgXVn3RIzOIqAQUpKf9AqnZlnksw/VNq7HtnJMcwXXpoWPpIl/zM4vNZX/";

impl FileServer {
    /// Passphrase of the private key `secret_key`.
    pub const PASSPHRASE: &'static str = "key_pw";

    /// Starts an OpenSSH server that lets the account of this process in. In its folder are `host_key.pub`, and the
    /// private keys `user_key`, `rsa_key` and `secret_key` (see [`FileServer::PASSPHRASE`]). None, with a `SKIPPED` line,
    /// when it is not installed.
    pub fn sftp() -> Option<FileServer> {
        are_installed("sftp", &["sshd", "ssh-keygen"])
            .then(|| FileServer::launch("sftp", |folder, port| (FileServer::ssh(folder, port), Vec::new())))
    }

    /// The same for [`FileServer::USER`], who has a password as well. He is of this server alone: a library tells it of
    /// him, and makes it name files twice, so it is good for logins only.
    pub fn sftp_with_passwords() -> Option<FileServer> {
        if !are_installed("sftp", &["sshd", "ssh-keygen"]) {
            return None;
        }
        let Some(users) = wrapper() else {
            crate::announce("SKIPPED logins to sftp by password: 'libnss-wrapper' is not installed");
            return None;
        };
        Some(FileServer::launch("sftp", |folder, port| {
            let (user, own) = (FileServer::USER, folder.display());
            let (id, group) = (identity("-u"), identity("-g"));
            let line = format!("{user}:x:{id}:{group}::{own}:/bin/sh\n");
            let passwd = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
            write(folder, "passwd", &(passwd + &line));
            write(folder, "shadow", &format!("{user}:{HASH}:20000:0:99999:7:::\n"));
            let environment = [
                ("LD_PRELOAD", users),
                ("NSS_WRAPPER_PASSWD", format!("{own}/passwd")),
                ("NSS_WRAPPER_GROUP", "/etc/group".to_owned()),
                ("NSS_WRAPPER_SHADOW", format!("{own}/shadow")),
            ];
            let environment = environment.map(|(name, value)| (name.to_owned(), value));
            (FileServer::ssh(folder, port), environment.into())
        }))
    }

    /// Lays out keys and the configuration, and gives the command.
    fn ssh(folder: &Path, port: u16) -> Vec<String> {
        FileServer::make_key(folder, "host_key", "ed25519", "");
        let mut authorized = String::new();
        for (name, kind, passphrase) in [
            ("user_key", "ed25519", ""),
            ("rsa_key", "rsa", ""),
            ("secret_key", "ed25519", FileServer::PASSPHRASE),
        ] {
            FileServer::make_key(folder, name, kind, passphrase);
            let public = std::fs::read_to_string(folder.join(format!("{name}.pub")));
            authorized += &public.expect("it was made");
        }
        write(folder, "authorized_keys", &authorized);
        let own = folder.display();
        let config = format!(
            "Port {port}\nListenAddress 127.0.0.1\nHostKey {own}/host_key\nPidFile none\nUsePAM no\n\
             AuthorizedKeysFile {own}/authorized_keys\nStrictModes no\nPermitRootLogin yes\n\
             PasswordAuthentication yes\nSubsystem sftp internal-sftp\nMaxStartups 100\n"
        );
        write(folder, "sshd_config", &config);
        // The server asks for it, and the package makes it when it starts its own server.
        let _ = std::fs::create_dir_all("/run/sshd");
        let arguments = ["-D", "-e", "-f", &format!("{own}/sshd_config")].map(str::to_owned);
        std::iter::once(program("sshd")).chain(arguments).collect()
    }

    /// The name of the account of this process.
    pub fn own_user() -> String {
        identity("-un")
    }

    /// Makes a pair of keys in a folder, in place of what is there.
    pub fn make_key(folder: &Path, name: &str, kind: &str, passphrase: &str) {
        let file = folder.join(name);
        let _ = std::fs::remove_file(&file);
        let made = Command::new("ssh-keygen")
            .args(["-q", "-t", kind, "-N", passphrase, "-f"])
            .arg(&file)
            .stdin(Stdio::null())
            .status();
        assert!(made.is_ok_and(|status| status.success()), "keys can be made");
    }
}

/// The library that tells a program of users.
fn wrapper() -> Option<String> {
    let folders = std::fs::read_dir("/usr/lib")
        .ok()?
        .flatten()
        .map(|entry| entry.path());
    let files = folders.map(|folder| folder.join("libnss_wrapper.so"));
    let found = files.into_iter().find(|file| file.is_file())?;
    Some(found.display().to_string())
}

fn identity(flag: &str) -> String {
    let output = Command::new("id").arg(flag).output().expect("there is id");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

fn write(folder: &Path, name: &str, text: &str) {
    std::fs::write(folder.join(name), text).expect("the folder can be written");
}
