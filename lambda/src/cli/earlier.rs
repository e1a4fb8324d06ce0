//! What an earlier run left in the folder of a result: it is of another recording or pipeline, and must not stay beside
//! the files of the run that follows.

use std::path::{Path, PathBuf};

use wasm_core::field::FIELD_FILE;

/// Files by which a folder is known to hold a result; every run writes them anew.
const MARKS: [&str; 2] = ["results.json", "summary.json"];

/// Files that not every run writes.
const FILES: [&str; 6] = ["receipt.json", "wells.csv", "sensitivity.csv", "snippets.npy", "spikes.nwb", FIELD_FILE];

/// Folders that hold nothing but what a run writes.
const FOLDERS: [&str; 2] = ["analyses", "figures/plate"];

/// Figures of a run, and what the names of others begin with.
const FIGURES: [&str; 3] = ["raster.svg", "map.svg", "waveforms.svg"];
const SENSITIVITY: &str = "sensitivity_";

/// Files of the folder of phy, and what phy itself writes there.
const PHY: [&str; 9] = [
    "params.py",
    "spike_times.npy",
    "spike_clusters.npy",
    "spike_templates.npy",
    "channel_map.npy",
    "channel_positions.npy",
    "cluster_group.tsv",
    "cluster_info.tsv",
    "amplitudes.npy",
];
const OPENED_IN_PHY: [&str; 2] = [".phy", "phy.log"];

/// Removes what an earlier run wrote into the folder, by its name; all else stays, and so does what the run was `given`
/// to read: files, and what lies in folders. A folder without a result is left alone, and a phy folder that somebody
/// worked in.
pub fn remove(folder: &Path, given: &[&Path]) -> Result<(), String> {
    if !MARKS.iter().all(|mark| folder.join(mark).is_file()) {
        return Ok(());
    }
    let given: Vec<PathBuf> = given.iter().filter_map(|path| path.canonicalize().ok()).collect();
    let is_around = |path: &Path| given.iter().any(|given| given.starts_with(path));
    let is_in = |path: &Path| given.iter().any(|given| path.parent() == Some(given.as_path()));
    let is_free = |path: &Path| path.canonicalize().is_ok_and(|own| !is_around(&own) && !is_in(&own));
    for path in FOLDERS.map(|name| folder.join(name)) {
        if path.canonicalize().is_ok_and(|own| own.is_dir() && !is_around(&own)) {
            std::fs::remove_dir_all(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        }
    }
    let mut files: Vec<PathBuf> = FILES.iter().map(|name| folder.join(name)).collect();
    files.extend(figures(&folder.join("figures")));
    let phy = folder.join("phy");
    if OPENED_IN_PHY.iter().any(|name| phy.join(name).exists()) {
        eprintln!("{}: somebody worked on it in phy, so nothing is removed from it.", phy.display());
    } else if is_free(&phy) {
        files.extend(PHY.iter().map(|name| phy.join(name)));
    }
    for path in files.iter().filter(|path| path.is_file() && is_free(path)) {
        std::fs::remove_file(path).map_err(|error| format!("{}: {error}", path.display()))?;
    }
    // A folder that is not empty holds files of others.
    for emptied in [phy, folder.join("figures")] {
        std::fs::remove_dir(emptied).ok();
    }
    Ok(())
}

/// The figures of a run that are there.
fn figures(folder: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = FIGURES.iter().map(|name| folder.join(name)).collect();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        if name.to_string_lossy().starts_with(SENSITIVITY) && entry.path().extension().is_some_and(|end| end == "svg") {
            found.push(entry.path());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder with these files in it.
    fn with(names: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a folder");
        for name in names {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
            std::fs::write(path, name).expect("written");
        }
        folder
    }

    /// Which of them are still there.
    fn left<'a>(folder: &tempfile::TempDir, names: &[&'a str]) -> Vec<&'a str> {
        names.iter().copied().filter(|name| folder.path().join(name).is_file()).collect()
    }

    const OF_A_RUN: [&str; 11] = [
        "wells.csv",
        "receipt.json",
        "snippets.npy",
        "sensitivity.csv",
        "spikes.nwb",
        "field.bin",
        "figures/map.svg",
        "figures/sensitivity_mean_rate_hz.svg",
        "figures/plate/mean_rate_hz.svg",
        "analyses/firing/electrodes.csv",
        "phy/params.py",
    ];
    const OTHERS: [&str; 5] = ["results.json", "summary.json", "notes.txt", "figures/mine.svg", "phy/mine.txt"];

    #[test]
    fn files_of_an_earlier_run_go_and_others_stay() {
        let all = [&OF_A_RUN[..], &OTHERS[..]].concat();
        let folder = with(&all);
        remove(folder.path(), &[]).expect("removed");
        assert_eq!(left(&folder, &all), OTHERS);
        let bare = with(&[&OF_A_RUN[..], &MARKS[..]].concat());
        remove(bare.path(), &[]).expect("removed");
        assert!(!bare.path().join("figures").exists() && !bare.path().join("phy").exists(), "nothing is in them");
    }

    #[test]
    fn a_folder_without_a_result_is_left_alone() {
        let folder = with(&OF_A_RUN);
        remove(folder.path(), &[]).expect("nothing to do");
        assert_eq!(left(&folder, &OF_A_RUN), OF_A_RUN);
    }

    #[test]
    fn what_is_read_and_what_somebody_worked_on_stays() {
        let names = [&["phy/phy.log", "phy/cluster_group.tsv"][..], &OF_A_RUN[..], &MARKS[..]].concat();
        let folder = with(&names);
        let path = |name: &str| folder.path().join(name);
        remove(folder.path(), &[&path("spikes.nwb"), &path("analyses/firing/electrodes.csv")]).expect("removed");
        let kept = [
            "phy/phy.log",
            "phy/cluster_group.tsv",
            "spikes.nwb",
            "analyses/firing/electrodes.csv",
            "phy/params.py",
            "results.json",
            "summary.json",
        ];
        assert_eq!(left(&folder, &names), kept);
        // A recording that is a folder may hold a file of any name.
        let own = with(&[&OF_A_RUN[..], &MARKS[..]].concat());
        remove(own.path(), &[own.path()]).expect("removed");
        assert_eq!(left(&own, &["spikes.nwb", "phy/params.py", "analyses/firing/electrodes.csv"]).len(), 2);
    }
}
