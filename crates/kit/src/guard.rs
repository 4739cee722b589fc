//! Processes that cannot outlive the one that started them.
//!
//! A small shell stands between: it starts the program, and when its own standard input closes — because
//! its parent dropped it, returned from main or was killed — it ends the program and removes the folder.

use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

const WATCH: &str = r#"
log=$1; folder=$2; signal=$3; shift 3
exec 4<&0
"$@" </dev/null >>"$log" 2>&1 4<&- &
program=$!
echo "$program"
( cat <&4 >/dev/null; : >"$folder/.abandoned"; kill -s "$signal" "$program" ) >/dev/null 2>&1 &
watcher=$!
wait "$program"; status=$?
if [ -e "$folder/.abandoned" ]; then rm -rf -- "$folder"; else kill "$watcher" 2>/dev/null; fi
# Last, because nobody may be listening any more, and that would end the shell.
echo "gone $status"
"#;

/// What to start and how to end it.
pub struct Guarded<'a> {
    /// Program and arguments.
    pub command: Vec<String>,
    /// Environment, on top of the present one.
    pub environment: &'a [(String, String)],
    /// Names removed from the environment when they begin with one of these.
    pub forget: &'a [&'a str],
    /// Its output, both kinds, is appended here.
    pub log: &'a Path,
    /// Removed when the parent goes away; must exist.
    pub folder: &'a Path,
    /// Name of the signal that ends it when the parent goes away: `KILL`, `QUIT` …
    pub signal: &'a str,
}

/// A running process; dropping it ends the process and removes its folder.
#[derive(Debug)]
pub struct Process {
    shell: Child,
    output: BufReader<ChildStdout>,
    id: u32,
    log: PathBuf,
    gone: bool,
}

impl Process {
    /// Starts it. Panics when no shell can be started.
    pub fn start(what: &Guarded<'_>) -> Process {
        let mut shell = Command::new("sh");
        shell
            .args(["-c", WATCH, "guard"])
            .arg(what.log)
            .arg(what.folder)
            .arg(what.signal)
            .args(&what.command);
        for (name, _) in std::env::vars() {
            if what.forget.iter().any(|prefix| name.starts_with(prefix)) {
                shell.env_remove(name);
            }
        }
        shell.envs(what.environment.iter().map(|(k, v)| (k, v)));
        // Its own group: Ctrl-C at the terminal reaches the tests, and through the closed pipe the servers.
        shell
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .process_group(0);
        let mut shell = shell.spawn().expect("sh can be started");
        let mut output = BufReader::new(shell.stdout.take().expect("its output is piped"));
        let mut line = String::new();
        output
            .read_line(&mut line)
            .expect("the shell tells the process id");
        let id = line
            .trim()
            .parse()
            .expect("the shell's first line is the process id");
        Process {
            shell,
            output,
            id,
            log: what.log.to_owned(),
            gone: false,
        }
    }

    /// Process id of the program itself.
    pub fn id(&self) -> u32 {
        self.id
    }

    /// Everything it has written so far.
    pub fn output(&self) -> String {
        String::from_utf8_lossy(&std::fs::read(&self.log).unwrap_or_default()).into_owned()
    }

    /// Whether it still runs (a zombie does not).
    pub fn running(&self) -> bool {
        let state = state(Path::new(&format!("/proc/{}/stat", self.id)));
        !self.gone && state.is_some_and(|state| state != 'Z')
    }

    /// Sends a signal and waits until the process is gone; the folder stays.
    pub fn end(&mut self, signal: &str) {
        if self.gone {
            return;
        }
        send(signal, &[self.id]);
        self.wait();
    }

    /// Ends the process and all that it has started at once, and waits until they are gone, with what they listened on:
    /// whoever tries whether a server that follows them answers must not hear one of them. The folder stays.
    pub fn end_family(&mut self) {
        if self.gone {
            return;
        }
        let mut family = vec![self.id];
        let mut at = 0;
        while let Some(&parent) = family.get(at) {
            // Who is stopped starts nobody while it is asked whom it has started.
            send("STOP", &[parent]);
            await_threads(parent, |state| matches!(state, 'T' | 'Z' | 'X'));
            let children = std::fs::read_to_string(format!("/proc/{parent}/task/{parent}/children"));
            let children = children.unwrap_or_default();
            family.extend(
                children
                    .split_whitespace()
                    .filter_map(|id| id.parse::<u32>().ok()),
            );
            at += 1;
        }
        send("KILL", &family);
        for id in family {
            await_threads(id, |state| matches!(state, 'Z' | 'X'));
        }
        self.wait();
    }

    /// Waits until the process ends by itself, and returns its exit status.
    pub fn wait(&mut self) -> i32 {
        let mut line = String::new();
        let _ = self.output.read_line(&mut line);
        self.gone = true;
        line.trim()
            .strip_prefix("gone ")
            .and_then(|n| n.parse().ok())
            .unwrap_or(-1)
    }
}

/// Sends a signal to processes, as far as they are there. The shell has a `kill` of its own where no program is one.
fn send(signal: &str, ids: &[u32]) {
    let ids: Vec<String> = ids.iter().map(u32::to_string).collect();
    let _ = Command::new("sh")
        .args(["-c", &format!("kill -s {signal} {}", ids.join(" "))])
        .stderr(Stdio::null())
        .status();
}

/// Waits until all threads of a process that are left are in a state: the first one can be a zombie while others run.
fn await_threads(id: u32, is_awaited: fn(char) -> bool) {
    let is_there = || {
        let threads = std::fs::read_dir(format!("/proc/{id}/task"));
        let mut threads = threads.into_iter().flatten().flatten();
        threads.all(|thread| state(&thread.path().join("stat")).is_none_or(is_awaited))
    };
    while !is_there() {
        std::thread::yield_now();
    }
}

/// The state of a process or a thread, by the file that tells of it; `None` when it is gone.
fn state(stat: &Path) -> Option<char> {
    let stat = std::fs::read_to_string(stat).ok()?;
    // The name, which stands in brackets before the state, may hold brackets.
    stat.rsplit(") ").next()?.chars().next()
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.shell.stdin.take());
        let _ = self.shell.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sleeper(folder: &Path) -> Process {
        Process::start(&Guarded {
            command: vec!["sleep".into(), "1000".into()],
            environment: &[],
            forget: &[],
            log: &folder.join("log"),
            folder,
            signal: "KILL",
        })
    }

    fn folder() -> PathBuf {
        tempfile::Builder::new()
            .prefix("kit-")
            .tempdir()
            .expect("a temporary folder")
            .keep()
    }

    #[test]
    fn dropping_ends_the_process_and_removes_its_folder() {
        let folder = folder();
        let process = sleeper(&folder);
        let id = process.id();
        assert!(process.running());
        drop(process);
        assert!(!Path::new(&format!("/proc/{id}")).exists());
        assert!(!folder.exists());
    }

    #[test]
    fn a_parent_that_is_gone_altogether_leaves_nothing_behind() {
        let folder = folder();
        let mut shell = Command::new("sh");
        shell
            .args(["-c", WATCH, "guard"])
            .arg(folder.join("log"))
            .arg(&folder)
            .args(["KILL", "sleep", "1000"]);
        let mut shell = shell
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("sh can be started");
        let mut id = String::new();
        let mut output = BufReader::new(shell.stdout.take().expect("piped"));
        output.read_line(&mut id).expect("the process id");
        // What the end of a process does: both pipes close.
        drop((output, shell.stdin.take()));
        let _ = shell.wait();
        assert!(!folder.exists());
        assert!(!Path::new(&format!("/proc/{}", id.trim())).exists());
    }

    #[test]
    fn ending_keeps_the_folder() {
        let folder = folder();
        let mut process = sleeper(&folder);
        process.end("TERM");
        assert!(!process.running());
        drop(process);
        assert!(folder.exists());
        std::fs::remove_dir_all(folder).expect("it was kept");
    }
}
