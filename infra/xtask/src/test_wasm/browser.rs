//! The browser that runs the tests.

use std::fs;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::RecvTimeoutError;
use std::time::{Duration, Instant};

use super::report::Report;
use super::site::{self, Word};
use super::{Options, Program};
use crate::shell::{Outcome, root};

/// Longer than the page waits for a test.
const SILENCE: Duration = Duration::from_secs(700);

/// Runs the programs' tests; the report takes what came of them.
pub fn run(programs: Vec<Program>, options: &Options, report: &mut Report) -> Outcome {
    let (address, words) = site::open(programs, options)?;
    let mut browser = Browser::open(&address)?;
    let mut heard = Instant::now();
    loop {
        match words.recv_timeout(Duration::from_secs(1)) {
            Ok(Word::Listed(names, n_chosen)) => report.list(names, n_chosen),
            Ok(Word::Ran(ran)) => {
                if let Some(told) = report.take(ran) {
                    println!("{told}");
                }
            }
            Ok(Word::Done(why)) if why.is_empty() => return Ok(()),
            Ok(Word::Done(why)) => return Err(format!("the page of the tests failed: {why}").into()),
            Err(RecvTimeoutError::Timeout) => {
                if let Some(status) = browser.child.try_wait()? {
                    return Err(format!("Chromium ended before the tests did: {status}").into());
                }
                if heard.elapsed() > SILENCE {
                    return Err(format!("the browser said nothing for {} s", SILENCE.as_secs()).into());
                }
                continue;
            }
            Err(RecvTimeoutError::Disconnected) => return Err("the page of the tests is not served any more".into()),
        }
        heard = Instant::now();
    }
}

/// A browser that has never been anywhere; ended when this is dropped.
struct Browser {
    child: Child,
    profile: PathBuf,
}

impl Browser {
    fn open(address: &str) -> Outcome<Self> {
        let profile = root().join("target/test-wasm").join(std::process::id().to_string());
        fs::create_dir_all(&profile)?;
        let mut command = Command::new("chromium");
        // As the end-to-end tests start theirs.
        command.args(["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run"]);
        command.args(["--disable-background-networking", "--disable-component-update", "--disable-sync"]);
        command.arg(format!("--user-data-dir={}", profile.display())).arg(address);
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let child = child.map_err(|error| format!("chromium could not be started: {error}"))?;
        Ok(Self { child, profile })
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
        fs::remove_dir_all(&self.profile).ok();
    }
}
