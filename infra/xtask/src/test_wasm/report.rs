//! What came of the tests in the browser.

use std::time::Duration;

use serde::Deserialize;

use super::choice;
use crate::shell::Outcome;

/// Tests that take longer are named.
const SLOW_S: f64 = 10.0;

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Ended {
    Passed,
    Failed,
    /// Left out by the runner of tests, such as those that must panic.
    Ignored,
}

/// What came of a test.
#[derive(Deserialize)]
pub struct Ran {
    program: String,
    test: String,
    ended: Ended,
    seconds: f64,
    output: String,
}

#[derive(Default)]
pub struct Report {
    /// Names of all tests there are.
    listed: Vec<String>,
    /// The number of those that are to run.
    n_chosen: usize,
    ran: Vec<Ran>,
}

impl Report {
    /// Takes the tests of a program, and those of them that are to run.
    pub fn list(&mut self, names: Vec<String>, n_chosen: usize) {
        self.listed.extend(names);
        self.n_chosen += n_chosen;
    }

    /// Takes what came of a test; gives what a person should read at once.
    pub fn take(&mut self, ran: Ran) -> Option<String> {
        let failed = (ran.ended == Ended::Failed)
            .then(|| format!("FAILED in the browser: {} ({})\n{}", ran.test, ran.program, ran.output.trim_end()));
        self.ran.push(ran);
        let n = self.ran.len();
        failed.or_else(|| n.is_multiple_of(100).then(|| format!("{n} tests of the core ran in the browser")))
    }

    fn of(&self, ended: Ended) -> impl Iterator<Item = &Ran> {
        self.ran.iter().filter(move |ran| ran.ended == ended)
    }

    /// All of it, for people.
    pub fn words(&self, took: Duration) -> String {
        let [passed, failed] = [Ended::Passed, Ended::Failed].map(|ended| self.of(ended).count());
        let mut words = format!(
            "\nThe core's tests in the browser: {passed} passed, {failed} failed, in {:.0} s.",
            took.as_secs_f64()
        );
        let left_out = self.listed.iter().filter_map(|name| choice::reason(name).map(|reason| (name, reason)));
        let left_out: Vec<String> = left_out
            .map(|(name, reason)| format!("\n  {name}: {reason}"))
            .chain(self.of(Ended::Ignored).map(|ran| format!("\n  {}: ignored there", ran.test)))
            .collect();
        if !left_out.is_empty() {
            words.push_str(&format!("\n{} cannot run there:{}", left_out.len(), left_out.concat()));
        }
        let parts: [(&str, Vec<String>); 3] = [
            ("Skipped", self.lines_with("SKIPPED")),
            ("Longer than 10 s", self.ran.iter().filter(|ran| ran.seconds > SLOW_S).map(slow).collect()),
            ("Failed", self.of(Ended::Failed).map(|ran| format!("{} ({})", ran.test, ran.program)).collect()),
        ];
        for (title, part) in parts {
            if !part.is_empty() {
                words.push_str(&format!("\n{title}:\n  {}", part.join("\n  ")));
            }
        }
        words
    }

    /// Lines that tests printed with this word.
    fn lines_with(&self, word: &str) -> Vec<String> {
        let lines = self.ran.iter().flat_map(|ran| ran.output.lines().map(move |line| (ran, line)));
        lines.filter_map(|(ran, line)| Some(format!("{}: {}", ran.test, &line[line.find(word)?..]))).collect()
    }

    /// An error unless each test that was to run passed or was ignored.
    pub fn check(&self) -> Outcome {
        let stale = choice::stale(&self.listed);
        if !stale.is_empty() {
            return Err(format!("test_wasm/choice.rs leaves out tests that there are not: {}", stale.join(", ")).into());
        }
        if self.n_chosen != self.ran.len() {
            let (n, n_ran) = (self.n_chosen, self.ran.len());
            return Err(format!("{n} tests were to run in the browser, {n_ran} did").into());
        }
        match self.of(Ended::Failed).count() {
            0 if self.ran.is_empty() => Err("no test has such a name".into()),
            0 => Ok(()),
            n => Err(format!("{n} of {} tests of the core failed in the browser", self.ran.len()).into()),
        }
    }
}

fn slow(ran: &Ran) -> String {
    format!("{:.0} s: {} ({})", ran.seconds, ran.test, ran.program)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEFT_OUT: &str = "chunk::rows::tests::threads_share_the_decoding_of_a_row";

    fn ran(test: &str, ended: &str, output: &str) -> Ran {
        let json =
            serde_json::json!({ "program": "it", "test": test, "ended": ended, "seconds": 0.5, "output": output });
        serde_json::from_value(json).expect("what the page says")
    }

    fn report(of: Vec<Ran>) -> Report {
        let mut report = Report::default();
        let names = of.iter().map(|ran| ran.test.clone()).chain([LEFT_OUT.to_owned()]).collect();
        report.list(names, of.len());
        for ran in of {
            report.take(ran);
        }
        report
    }

    #[test]
    fn only_what_passed_counts_as_passed() {
        let fine = report(vec![ran("a", "passed", "test a ... SKIPPED: 3 data sets\nok"), ran("b", "ignored", "")]);
        assert!(fine.check().is_ok());
        let words = fine.words(Duration::from_secs(2));
        assert!(words.contains("1 passed, 0 failed, in 2 s") && words.contains("2 cannot run there"), "{words}");
        assert!(words.contains("starts threads") && words.contains("a: SKIPPED: 3 data sets"), "{words}");
        let bad = report(vec![ran("a", "passed", ""), ran("b", "failed", "panicked at 3")]);
        assert!(bad.words(Duration::ZERO).contains("b (it)"));
        assert_eq!(bad.check().expect_err("one failed").to_string(), "1 of 2 tests of the core failed in the browser");
    }

    #[test]
    fn a_failure_is_told_at_once() {
        let told = report(Vec::new()).take(ran("b", "failed", "panicked at 3\n"));
        assert_eq!(told.as_deref(), Some("FAILED in the browser: b (it)\npanicked at 3"));
        assert_eq!(report(Vec::new()).take(ran("b", "passed", "")), None);
    }

    #[test]
    fn tests_that_did_not_run_are_a_failure() {
        let mut report = report(vec![ran("a", "passed", "")]);
        report.list(vec!["b".into()], 1);
        assert!(report.check().expect_err("one is missing").to_string().contains("2 tests were to run"));
        assert!(Report::default().check().expect_err("a name is stale").to_string().contains(LEFT_OUT));
    }
}
