//! Regions on the command line, and what the template deploys beside what the model counts.

use clap::Parser;
use lambda::cli::{Cli, run};
use wasm_core::cost::{ANALYSE_GB, EVENTS_PER_OBJECT, PLAN_GB};

use crate::command_line::neurocyte;

#[test]
fn regions_are_compared_in_every_form() {
    for form in [
        &["--recordings-per-month", "5"][..],
        &["--json"],
        &["--csv"],
        &["--sort", "carbon", "--area", "European Union", "--months", "0"],
    ] {
        neurocyte(&[&["regions"], form].concat());
    }
}

#[test]
fn what_cannot_be_counted_is_refused_in_one_line() {
    for (arguments, says) in [
        (["--channels", "0"], "channels: give 1 to 4096"),
        (["--seconds", "0"], "seconds of a recording"),
        (["--area", "Atlantis"], "European Union"),
    ] {
        let cli = Cli::try_parse_from([&["neurocyte", "regions"][..], &arguments].concat()).expect("known arguments");
        let error = run(&cli).expect_err("refused").to_string();
        assert!(error.contains(says) && !error.contains('\n'), "{error}");
    }
}

/// Memory of a function in MB.
fn memory_mb(template: &str, function: &str) -> f64 {
    let own = template.split(&format!("  {function}:\n")).nth(1).expect("the function");
    let memory = own.split("MemorySize: ").nth(1).and_then(|rest| rest.lines().next()).expect("its memory");
    memory.trim().parse().expect("a number")
}

#[test]
fn the_model_counts_what_the_template_deploys() {
    let template = include_str!("../../../infra/template.yaml");
    assert_eq!(memory_mb(template, "PlanFunction"), PLAN_GB * 1000.0);
    assert_eq!(memory_mb(template, "AnalyseFunction"), ANALYSE_GB * 1000.0);
    let sends_events = template.contains("EventBridgeEnabled: true");
    assert_eq!(EVENTS_PER_OBJECT, if sends_events { 1.0 } else { 0.0 });
}
