//! Lines of the log on their way out.

use parking_lot::{Condvar, Mutex};
use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tracing::{Level, Metadata};
use tracing_subscriber::fmt::MakeWriter;

/// How long lines are gathered after the first one: a busy server writes some hundred of them at once.
const GATHER: Duration = Duration::from_millis(20);
/// Bytes that may wait. Beyond, whoever logs writes them out, so that nothing is lost and nothing grows.
const MOST: usize = 1024 * 1024;

/// A queue in front of an output. Lines are written in the order in which they came, by a thread that gathers them;
/// a warning or an error is written with all before it when the call that logs it returns.
#[derive(Clone)]
pub(super) struct Queue(Arc<Shared>);

struct Shared {
    waiting: Mutex<Vec<u8>>,
    arrived: Condvar,
    /// Held from taking lines until they are written: this is what keeps their order.
    output: Mutex<Box<dyn Write + Send>>,
    /// Whether lines do not wait any more.
    direct: AtomicBool,
}

impl Queue {
    /// A queue with its thread. Without one, when the system refuses it, every line is written at once.
    pub(super) fn new(output: impl Write + Send + 'static) -> Queue {
        let queue = Queue(Arc::new(Shared {
            waiting: Mutex::default(),
            arrived: Condvar::new(),
            output: Mutex::new(Box::new(output)),
            direct: AtomicBool::new(false),
        }));
        let own = queue.clone();
        let thread = std::thread::Builder::new().name("log".into());
        if thread.spawn(move || own.gather()).is_err() {
            queue.0.direct.store(true, Ordering::Relaxed);
        }
        queue
    }

    /// Writes what waits; from now on lines do not wait.
    pub(super) fn end(&self) {
        self.0.direct.store(true, Ordering::Relaxed);
        self.flush();
    }

    fn gather(&self) {
        loop {
            {
                let mut waiting = self.0.waiting.lock();
                while waiting.is_empty() {
                    self.0.arrived.wait(&mut waiting);
                }
            }
            std::thread::sleep(GATHER);
            self.flush();
        }
    }

    /// Takes a line with its end; an urgent one is out when this returns.
    pub(super) fn push(&self, line: &[u8], urgent: bool) {
        let full = {
            let mut waiting = self.0.waiting.lock();
            if waiting.is_empty() {
                self.0.arrived.notify_one();
            }
            waiting.extend_from_slice(line);
            waiting.len() >= MOST
        };
        if urgent || full || self.0.direct.load(Ordering::Relaxed) {
            self.flush();
        }
    }

    fn flush(&self) {
        let mut output = self.0.output.lock();
        let lines = std::mem::take(&mut *self.0.waiting.lock());
        // There is no place left to tell of an output that fails.
        let _ = output.write_all(&lines);
    }
}

/// Takes one line.
pub(super) struct Line<'q> {
    queue: &'q Queue,
    urgent: bool,
}

impl Write for Line<'_> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.queue.push(line, self.urgent);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'q> MakeWriter<'q> for Queue {
    type Writer = Line<'q>;

    fn make_writer(&'q self) -> Line<'q> {
        Line {
            queue: self,
            urgent: true,
        }
    }

    fn make_writer_for(&'q self, about: &Metadata<'_>) -> Line<'q> {
        Line {
            queue: self,
            urgent: *about.level() <= Level::WARN,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An output that can be looked at.
    #[derive(Clone, Default)]
    struct Output(Arc<Mutex<Vec<u8>>>);

    impl Write for Output {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl Output {
        fn lines(&self) -> Vec<String> {
            String::from_utf8(self.0.lock().clone())
                .unwrap()
                .lines()
                .map(str::to_owned)
                .collect()
        }
    }

    #[test]
    fn urgent_lines_are_out_at_once_with_all_before_them() {
        let output = Output::default();
        let queue = Queue::new(output.clone());
        queue.push(b"first\n", false);
        queue.push(b"second\n", true);
        assert_eq!(output.lines(), ["first", "second"]);
    }

    #[test]
    fn nothing_is_lost_and_the_order_of_each_thread_stays() {
        const LINES: usize = 20_000;
        let output = Output::default();
        let queue = Queue::new(output.clone());
        std::thread::scope(|scope| {
            for thread in 0..4 {
                let queue = &queue;
                scope.spawn(move || {
                    for line in 0..LINES {
                        queue.push(format!("{thread} {line:0>60}\n").as_bytes(), line % 5000 == 0);
                    }
                });
            }
        });
        queue.end();
        let lines = output.lines();
        assert_eq!(lines.len(), 4 * LINES);
        for thread in 0..4 {
            let own: Vec<&String> = lines
                .iter()
                .filter(|l| l.starts_with(&format!("{thread} ")))
                .collect();
            assert!(own.is_sorted());
        }
        queue.push(b"after\n", false);
        assert_eq!(output.lines().last().unwrap(), "after");
    }

    #[test]
    fn what_waits_is_bounded() {
        let queue = Queue::new(io::sink());
        let line = [b'x'; 4096];
        for _ in 0..2000 {
            queue.push(&line, false);
            assert!(queue.0.waiting.lock().len() < MOST + line.len());
        }
    }
}
