//! The state machine in interpreters of its language that are not ours, where Python has them.

use std::path::Path;
use std::process::Command;

use crate::shared::skipped;

const SCENARIOS: &str = include_str!("../../../infra/state-machine.scenarios.json");

/// Status with which the script says that Python has none of them.
const NOT_THERE: i32 = 77;

#[test]
fn other_interpreters_run_the_state_machine_as_ours_does() {
    let n_scenarios = SCENARIOS.matches("\"function\"").count();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../infra/interpreters.py");
    let output = match Command::new("python3").arg(script).output() {
        Ok(output) => output,
        Err(error) => return skipped(2 * n_scenarios, "scenarios of the state machine", &format!("python3: {error}")),
    };
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    for line in said.lines().filter(|line| line.starts_with("not there: ")) {
        skipped(n_scenarios, "scenarios of the state machine", line);
    }
    let status = output.status.code();
    assert!(status == Some(0) || status == Some(NOT_THERE), "{said}");
}
