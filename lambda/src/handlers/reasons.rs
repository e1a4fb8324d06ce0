//! Why a run failed, in words: what Step Functions and Lambda call it means nothing to who uploaded it.

/// The reason of a failed step. Lambda wraps an error's message in JSON; people should read the message alone.
pub fn reason_of_step(error: &str, cause: &str) -> String {
    let wrapped: Option<serde_json::Value> = serde_json::from_str(cause).ok();
    let message = wrapped.as_ref().and_then(|json| json["errorMessage"].as_str()).unwrap_or(cause);
    let said = if message.is_empty() { error } else { message };
    match error {
        "Runtime.ExitError" | "Runtime.OutOfMemory" => format!(
            "A step of the analysis was ended twice, most likely because it needs more memory than its function \
             has. The person who runs this cloud can give it more, see docs/aws.md. ({said})"
        ),
        "Sandbox.Timedout" | "States.Timeout" => format!(
            "A step of the analysis took longer than a function may, twice. Go on with the run; if it happens \
             again, the person who runs this cloud can give the functions more memory, which makes them faster, see \
             docs/aws.md. ({said})"
        ),
        "Lambda.TooManyRequestsException" => format!(
            "Amazon had no free function for this run for hours. Go on with the run later; the person who runs this \
             cloud can ask Amazon for more functions at once, see docs/aws.md. ({said})"
        ),
        "States.DataLimitExceeded" => {
            "The recording has more slices than a run in the cloud takes. Analyse it with the command line, or \
             upload it in parts."
                .to_owned()
        }
        "States.ExceedToleratedFailureThreshold" => {
            "A part of the recording could not be analysed, and did not say why. Go on with the run; if it happens \
             again, the person who runs this cloud finds more in the log."
                .to_owned()
        }
        _ => said.to_owned(),
    }
}

/// How an execution ended that left no reason of its own.
#[must_use]
pub fn reason_of_ending(status: &str, error: &str, cause: &str) -> String {
    match status {
        "ABORTED" => {
            "The run was stopped from outside by the person who runs this cloud. You can go on with it.".to_owned()
        }
        "TIMED_OUT" => "The run took longer than the twelve hours that a run may take. Go on with it: what is done \
             is not done again."
            .to_owned(),
        "SUCCEEDED" => "The run ended without a result. You can go on with it.".to_owned(),
        _ => {
            let said = reason_of_step(error, cause);
            format!("The run broke off ({said}). You can go on with it.")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_says_its_own_words_and_the_platform_ours() {
        let wrapped = r#"{"errorMessage":"chunk 1.0 is damaged","errorType":"Final"}"#;
        assert_eq!(reason_of_step("Final", wrapped), "chunk 1.0 is damaged");
        assert_eq!(reason_of_step("Final", "S3 refuses"), "S3 refuses");
        assert_eq!(reason_of_step("Final", ""), "Final");
        let killed = reason_of_step("Runtime.ExitError", r#"{"errorMessage":"signal: killed"}"#);
        assert!(killed.contains("more memory") && killed.ends_with("(signal: killed)"), "{killed}");
        for name in ["Sandbox.Timedout", "States.Timeout", "Lambda.TooManyRequestsException"] {
            assert!(reason_of_step(name, "").ends_with(&format!("({name})")), "{name}");
        }
        for name in ["States.DataLimitExceeded", "States.ExceedToleratedFailureThreshold"] {
            assert!(!reason_of_step(name, "a cause").contains("a cause"), "{name}");
        }
    }

    #[test]
    fn every_ending_has_a_reason() {
        for status in ["ABORTED", "TIMED_OUT", "SUCCEEDED", "FAILED"] {
            let reason = reason_of_ending(status, "States.Runtime", "");
            assert!(reason.to_lowercase().contains("go on with it"), "{status}: {reason}");
        }
        assert!(reason_of_ending("FAILED", "States.Runtime", "no field slices").contains("no field slices"));
    }
}
