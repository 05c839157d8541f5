//! Progress of a long run on stderr: a bar on a terminal, plain lines elsewhere.

use std::io::Write;
use std::sync::{Mutex, PoisonError};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::result::Verdict;

/// How progress is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProgressMode {
    /// A bar that redraws itself: stderr is a terminal.
    Bar,
    /// A line at every tenth: stderr is a file or a CI log.
    Lines,
    /// Nothing.
    Off,
}

impl ProgressMode {
    /// A bar if stderr is a terminal, else lines.
    pub fn detect() -> Self {
        use std::io::IsTerminal;
        if std::io::stderr().is_terminal() {
            Self::Bar
        } else {
            Self::Lines
        }
    }
}

/// Progress of one scenario. It may be shared between threads.
pub struct Progress {
    name: String,
    total: u64,
    state: Mutex<State>,
}

struct State {
    done: u64,
    tenths: u64,
    sink: Sink,
}

enum Sink {
    Bar(ProgressBar),
    Lines(Box<dyn Write + Send>),
    Off,
}

impl Progress {
    /// Begins the progress of a scenario with `total` windows, on stderr.
    pub fn new(mode: ProgressMode, name: &str, total: u64) -> Self {
        let sink = match mode {
            ProgressMode::Bar => Sink::Bar(bar(name, total)),
            ProgressMode::Lines => Sink::Lines(Box::new(std::io::stderr())),
            ProgressMode::Off => Sink::Off,
        };
        Self::with_sink(name, total, sink)
    }

    fn with_sink(name: &str, total: u64, sink: Sink) -> Self {
        let state = Mutex::new(State {
            done: 0,
            tenths: 0,
            sink,
        });
        Self {
            name: name.to_owned(),
            total,
            state,
        }
    }

    /// One window is done; `label` says what was in it.
    pub fn step(&self, label: &str) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let state = &mut *state;
        state.done += 1;
        let tenths = (state.done * 10).checked_div(self.total).unwrap_or(10);
        let reached = tenths > state.tenths;
        state.tenths = tenths.max(state.tenths);
        match &mut state.sink {
            Sink::Bar(bar) => {
                bar.set_message(label.to_owned());
                bar.set_position(state.done);
            }
            Sink::Lines(out) if reached => {
                // A closed stderr must not end the run.
                writeln!(
                    out,
                    "{}: {} of {} windows",
                    self.name, state.done, self.total
                )
                .ok();
            }
            Sink::Lines(_) | Sink::Off => {}
        }
    }

    /// Ends the progress with the verdict, or without one after an error.
    pub fn finish(&self, verdict: Option<Verdict>) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match &mut state.sink {
            Sink::Bar(bar) => bar.finish_and_clear(),
            Sink::Lines(out) => {
                let word = verdict.map_or("stopped", Verdict::name);
                writeln!(out, "{}: {word}", self.name).ok();
            }
            Sink::Off => {}
        }
    }
}

fn bar(name: &str, total: u64) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::stderr());
    let template = "{prefix} [{bar:30}] {pos}/{len} windows, {eta} left  {wide_msg}";
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style.progress_chars("=> "));
    }
    bar.set_prefix(name.to_owned());
    bar
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    #[derive(Clone, Default)]
    struct Shared(Arc<Mutex<Vec<u8>>>);

    impl Write for Shared {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    fn lines(total: u64, steps: u64) -> String {
        let out = Shared::default();
        let progress =
            Progress::with_sink("quiet-night", total, Sink::Lines(Box::new(out.clone())));
        for _ in 0..steps {
            progress.step("quiet");
        }
        progress.finish(Some(Verdict::Pass));
        String::from_utf8(out.0.lock().unwrap().clone()).unwrap()
    }

    #[test]
    fn a_log_gets_a_line_at_every_tenth() {
        let text = lines(200, 200);
        assert_eq!(text.lines().count(), 11);
        assert!(text.starts_with("quiet-night: 20 of 200 windows\n"));
        assert!(text.ends_with("quiet-night: 200 of 200 windows\nquiet-night: pass\n"));
    }

    #[test]
    fn few_or_no_windows_do_no_harm() {
        assert_eq!(lines(2, 2).lines().count(), 3);
        assert_eq!(lines(0, 0), "quiet-night: pass\n");
        assert_eq!(
            lines(0, 1),
            "quiet-night: 1 of 0 windows\nquiet-night: pass\n"
        );
    }
}
