//! Which tests run in the browser.

/// Tests that cannot run there, and why: the one place that leaves any out.
const LEFT_OUT: &[(&str, &str)] = &[("chunk::rows::tests::threads_share_the_decoding_of_a_row", "starts threads")];

/// Why a test is left out.
pub fn reason(test: &str) -> Option<&'static str> {
    LEFT_OUT.iter().find(|(name, _)| *name == test).map(|(_, reason)| *reason)
}

/// The tests that run, of those that a program has.
pub fn chosen(names: &[String], filter: Option<&str>) -> Vec<String> {
    let runs = |name: &&String| reason(name).is_none() && filter.is_none_or(|filter| name.contains(filter));
    names.iter().filter(runs).cloned().collect()
}

/// The names above that no test has any more.
pub fn stale(listed: &[String]) -> Vec<&'static str> {
    let names = LEFT_OUT.iter().map(|(name, _)| *name);
    names.filter(|name| !listed.iter().any(|listed| listed == name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_run_is_left_out_by_name() {
        let threads = LEFT_OUT[0].0;
        let names = ["zarr::reads", threads, "view::reads"].map(str::to_owned);
        assert_eq!(chosen(&names, None), ["zarr::reads", "view::reads"]);
        assert_eq!(chosen(&names, Some("zarr")), ["zarr::reads"]);
        assert_eq!(stale(&names), Vec::<&str>::new());
        assert_eq!(stale(&names[2..]), [threads]);
    }
}
