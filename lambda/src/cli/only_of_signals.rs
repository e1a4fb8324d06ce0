//! What is asked for and needs a signal, where spikes are taken as files hold them.

use super::{Also, Analyze};

/// Refuses what stored spikes cannot give, by name: nothing that is asked for is left out in silence.
pub fn refuse(options: &Analyze) -> Result<(), String> {
    let asked = [
        ("--stream", options.stream.is_some()),
        ("--leave-out-bad", options.leave_out_bad),
        ("--snippets", options.snippets),
        ("--also sensitivity", options.also.contains(&Also::Sensitivity)),
    ];
    let names: Vec<&str> = asked.iter().filter(|(_, is_asked)| *is_asked).map(|(name, _)| *name).collect();
    if names.is_empty() {
        return Ok(());
    }
    Err(format!(
        "{}: only of a signal, and here spikes are taken as the files hold them. Leave it out, or let `analyze` find the \
         spikes in the recording.",
        names.join(", ")
    ))
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::super::{Cli, Command};
    use super::*;

    /// What is said to these arguments.
    fn said(arguments: &[&str]) -> Result<(), String> {
        let given = ["neurocyte"].iter().chain(arguments).chain(&["path", "--out", "folder"]);
        match Cli::try_parse_from(given).expect("arguments").command {
            Command::Analyze(options) => refuse(&options),
            Command::Explore(options) => refuse(&(&options).into()),
            _ => panic!("another command"),
        }
    }

    #[test]
    fn what_needs_a_signal_is_refused_by_name() {
        assert_eq!(said(&["explore"]), Ok(()));
        assert_eq!(said(&["analyze", "--stored-spikes", "--also", "parquet,nwb,phy,prism", "--threads", "2"]), Ok(()));
        let reason = said(&["explore", "--also", "nwb,sensitivity"]).expect_err("refused");
        assert!(reason.starts_with("--also sensitivity: only of a signal"), "{reason}");
        let all = ["--stored-spikes", "--snippets", "--leave-out-bad", "--also", "sensitivity", "--stream", "ap"];
        let reason = said(&[&["analyze"], &all[..]].concat()).expect_err("refused");
        assert!(reason.starts_with("--stream, --leave-out-bad, --snippets, --also sensitivity: only"), "{reason}");
    }
}
