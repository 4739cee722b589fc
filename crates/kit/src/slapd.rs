//! A real directory server on a free port.

use crate::guard::{Guarded, Process};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// Longest wait for the server to answer after its start.
const START_LIMIT: Duration = Duration::from_secs(30);

/// Classes and attributes such as a domain controller has. Entries name their groups themselves.
const SCHEMA: &str = "
attributetype ( 1.3.6.1.4.1.55555.1.1 NAME 'sAMAccountName' EQUALITY caseIgnoreMatch SUBSTR caseIgnoreSubstringsMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 SINGLE-VALUE )
attributetype ( 1.3.6.1.4.1.55555.1.2 NAME 'objectCategory' EQUALITY caseIgnoreMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 )
attributetype ( 1.3.6.1.4.1.55555.1.3 NAME 'memberOf' EQUALITY distinguishedNameMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.12 )
attributetype ( 1.3.6.1.4.1.55555.1.4 NAME 'objectSid' EQUALITY octetStringMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.40 SINGLE-VALUE )
attributetype ( 1.3.6.1.4.1.55555.1.5 NAME 'primaryGroupID' EQUALITY integerMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.27 SINGLE-VALUE )
objectclass ( 1.3.6.1.4.1.55555.2.1 NAME 'member-person' SUP top AUXILIARY MAY ( memberOf ) )
objectclass ( 1.3.6.1.4.1.55555.2.2 NAME 'user' SUP organizationalPerson STRUCTURAL MAY ( sAMAccountName $ objectCategory $ memberOf $ objectSid $ primaryGroupID $ givenName $ displayName $ mail ) )
objectclass ( 1.3.6.1.4.1.55555.2.3 NAME 'group' SUP top STRUCTURAL MUST ( cn ) MAY ( sAMAccountName $ objectCategory $ memberOf $ objectSid $ member ) )
objectclass ( 1.3.6.1.4.1.55555.2.4 NAME 'computer' SUP top STRUCTURAL MUST ( cn ) MAY ( sAMAccountName $ objectCategory ) )
";

/// A running directory server over `dc=ex,dc=com`; ends when it is dropped, and in any case with this process. It takes
/// an empty password for nobody in particular, as many directories do.
#[derive(Debug)]
pub struct Slapd {
    folder: PathBuf,
    port: u16,
    process: Mutex<Option<Process>>,
}

impl Slapd {
    /// The entry below which all others are.
    pub const BASE: &'static str = "dc=ex,dc=com";
    /// The account that may read and write everything.
    pub const ROOT: &'static str = "cn=root,dc=ex,dc=com";
    /// Its password.
    pub const PASSWORD: &'static str = "root_pw";

    /// Starts a server of one's own with these entries (LDIF). None, with a `SKIPPED` line, when it is not installed.
    pub fn own(entries: &str) -> Option<Slapd> {
        if crate::installed("slapd").is_none() {
            let required = std::env::var_os("DREAMWRIGHT_REQUIRE_SERVERS").is_some_and(|v| !v.is_empty());
            assert!(!required, "slapd is required, but 'slapd' is not installed");
            crate::announce("SKIPPED slapd: 'slapd' is not installed");
            return None;
        }
        let folder = tempfile::Builder::new().prefix("dw-slapd-").tempdir();
        let server = Slapd {
            folder: folder.expect("a temporary folder can be made").keep(),
            port: crate::free_port(),
            process: Mutex::new(None),
        };
        server.lay_out(entries);
        server.start();
        Some(server)
    }

    /// Its address.
    pub fn url(&self) -> String {
        format!("ldap://127.0.0.1:{}", self.port)
    }

    /// Starts it when it does not run, and waits until it listens.
    pub fn start(&self) {
        let mut slot = self.slot();
        if slot.as_ref().is_some_and(Process::running) {
            return;
        }
        let program = crate::installed("slapd").expect("it was looked for before");
        let process = Process::start(&Guarded {
            command: [
                &program.display().to_string(),
                "-f",
                &self.folder.join("slapd.conf").display().to_string(),
                "-h",
                &self.url(),
                "-d",
                "0",
            ]
            .map(str::to_owned)
            .into(),
            environment: &[],
            forget: &["LDAP"],
            log: &self.folder.join("log"),
            folder: &self.folder,
            signal: "KILL",
        });
        let limit = Instant::now() + START_LIMIT;
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            if !process.running() || Instant::now() > limit {
                panic!("slapd did not start: {}", process.output());
            }
            std::thread::yield_now();
        }
        *slot = Some(process);
    }

    /// Ends it at once.
    pub fn crash(&self) {
        if let Some(process) = self.slot().as_mut() {
            process.end("KILL");
        }
    }

    /// Writes the configuration and loads the entries.
    fn lay_out(&self, entries: &str) {
        let folder = self.folder.display();
        let configuration = format!(
            "include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
include {folder}/directory.schema
pidfile {folder}/pid
modulepath /usr/lib/ldap
moduleload back_mdb
allow bind_anon_cred
database mdb
suffix {base}
rootdn {root}
rootpw {password}
directory {folder}/data
access to attrs=userPassword by anonymous auth by * none
access to attrs=memberOf by self read by * none
access to * by * read
",
            base = Slapd::BASE,
            root = Slapd::ROOT,
            password = Slapd::PASSWORD,
        );
        let write = |name: &str, text: &str| {
            std::fs::write(self.folder.join(name), text).expect("a temporary folder can be written to");
        };
        std::fs::create_dir(self.folder.join("data")).expect("a temporary folder can be written to");
        write("directory.schema", SCHEMA);
        write("slapd.conf", &configuration);
        let base = "dn: dc=ex,dc=com\nobjectClass: domain\ndc: ex\n\n";
        write("entries.ldif", &format!("{base}{entries}"));
        let program = crate::installed("slapadd").expect("it comes with slapd");
        let file = |name: &str| self.folder.join(name);
        let loaded = Command::new(program)
            .args(["-f".as_ref(), file("slapd.conf").as_os_str()])
            .args(["-l".as_ref(), file("entries.ldif").as_os_str()])
            .output()
            .expect("slapadd can be started");
        let told = String::from_utf8_lossy(&loaded.stderr);
        assert!(loaded.status.success(), "slapadd: {told}");
    }

    fn slot(&self) -> std::sync::MutexGuard<'_, Option<Process>> {
        self.process
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl Drop for Slapd {
    fn drop(&mut self) {
        drop(self.slot().take());
        // A server that was ended before has left its folder.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}
