//! vsftpd.

use super::{FileServer, are_installed, program};
use std::path::Path;
use std::process::{Command, Stdio};

impl FileServer {
    /// The user that an FTP server lets in, with [`FileServer::PASSWORD`].
    pub const FTP_USER: &'static str = "ftp";

    /// Starts a vsftpd server. None, with a `SKIPPED` line, when it is not installed.
    pub fn ftp() -> Option<FileServer> {
        are_installed("ftp", &["vsftpd"])
            .then(|| FileServer::launch("ftp", |folder, port| (serve(folder, port, &[]), Vec::new())))
    }

    /// Starts one that insists on TLS, for commands and data. Its certificate, for 127.0.0.1, is the file `certificate` in
    /// its folder. None, with a `SKIPPED` line, when it or `openssl` is not installed.
    pub fn ftp_with_tls() -> Option<FileServer> {
        are_installed("ftp with TLS", &["vsftpd", "openssl"]).then(|| {
            FileServer::launch("ftps", |folder, port| {
                make_certificate(folder);
                let own = folder.display();
                let options = [
                    "ssl_enable=YES".to_owned(),
                    "allow_anon_ssl=YES".to_owned(),
                    "force_anon_logins_ssl=YES".to_owned(),
                    "force_anon_data_ssl=YES".to_owned(),
                    "ssl_ciphers=HIGH".to_owned(),
                    format!("rsa_cert_file={own}/certificate"),
                    format!("rsa_private_key_file={own}/key"),
                ];
                (serve(folder, port, &options), Vec::new())
            })
        })
    }
}

/// Lays out the configuration, with further options, and gives the command.
fn serve(folder: &Path, port: u16, more: &[String]) -> Vec<String> {
    let own = folder.display();
    let write = |name: &str, text: String| {
        std::fs::write(folder.join(name), text).expect("the folder can be written");
    };
    write("passwords", format!("{}\n", FileServer::PASSWORD));
    // Who is anonymous needs no account of this machine, and is asked for one of these passwords all the same.
    let mut options = [
        "listen=YES".to_owned(),
        "listen_address=127.0.0.1".to_owned(),
        format!("listen_port={port}"),
        "background=NO".to_owned(),
        "run_as_launching_user=YES".to_owned(),
        "seccomp_sandbox=NO".to_owned(),
        "anonymous_enable=YES".to_owned(),
        "local_enable=NO".to_owned(),
        format!("anon_root={own}/files"),
        "secure_email_list_enable=YES".to_owned(),
        format!("email_password_file={own}/passwords"),
        "write_enable=YES".to_owned(),
        "anon_upload_enable=YES".to_owned(),
        "anon_mkdir_write_enable=YES".to_owned(),
        "anon_other_write_enable=YES".to_owned(),
        "anon_world_readable_only=NO".to_owned(),
        "anon_umask=022".to_owned(),
        "xferlog_enable=NO".to_owned(),
    ]
    .to_vec();
    options.extend_from_slice(more);
    write("vsftpd.conf", options.join("\n") + "\n");
    vec![program("vsftpd"), format!("{own}/vsftpd.conf")]
}

fn make_certificate(folder: &Path) {
    let made = Command::new("openssl")
        .args([
            "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=kit",
        ])
        .args(["-addext", "subjectAltName=IP:127.0.0.1"])
        .args(["-addext", "basicConstraints=critical,CA:FALSE"])
        .arg("-out")
        .arg(folder.join("certificate"))
        .arg("-keyout")
        .arg(folder.join("key"))
        .stderr(Stdio::null())
        .status();
    assert!(
        made.is_ok_and(|status| status.success()),
        "a certificate can be made"
    );
}
