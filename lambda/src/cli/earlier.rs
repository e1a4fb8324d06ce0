//! What an earlier run left in the folder of a result: it is of another recording or pipeline, and must not stay beside
//! the files of the run that follows.

use std::path::{Path, PathBuf};

use wasm_core::field::FIELD_FILE;

/// Files by which a folder is known to hold a result; every run writes them anew.
const MARKS: [&str; 2] = ["results.json", "summary.json"];

/// Files that not every run writes.
const FILES: [&str; 6] = ["receipt.json", "wells.csv", "sensitivity.csv", "snippets.npy", "spikes.nwb", FIELD_FILE];

/// Folders of a run, and how the names of the files in them end.
const FOLDERS: [&str; 2] = ["analyses", "figures/plate"];
const ENDINGS: [&str; 3] = ["csv", "svg", "parquet"];

/// Figures of a run, and what the names of others begin with.
const FIGURES: [&str; 3] = ["raster.svg", "map.svg", "waveforms.svg"];
const SENSITIVITY: &str = "sensitivity_";

/// Files of the folder of phy. Its parameters name no signal, as those of a spike sorter do.
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
const NO_SIGNAL: &str = "dat_path = []";

/// Removes what an earlier run wrote into the folder, by its name; all else stays, and so does what the run was `given`
/// to read: files, and what lies in folders. A folder without a result is left alone, and so are links, and a folder of
/// phy that holds anything else.
pub fn remove(folder: &Path, given: &[&Path]) -> Result<(), String> {
    let told = std::fs::read_to_string(folder.join("summary.json")).unwrap_or_default();
    if !MARKS.iter().all(|mark| folder.join(mark).is_file()) || !told.contains("\"neurocyte_version\"") {
        return Ok(());
    }
    let given: Vec<PathBuf> = given.iter().filter_map(|path| path.canonicalize().ok()).collect();
    let is_given = |own: &Path| given.iter().any(|given| given == own || own.parent() == Some(given.as_path()));
    let is_free = |path: &Path| path.canonicalize().is_ok_and(|own| !is_given(&own));
    let mut files: Vec<PathBuf> = FILES.iter().map(|name| folder.join(name)).collect();
    let mut folders = Vec::new();
    for own in FOLDERS {
        written(&folder.join(own), &mut files, &mut folders);
    }
    files.extend(figures(&folder.join("figures")));
    let phy = folder.join("phy");
    if is_of_a_run(&phy) {
        files.extend(PHY.iter().map(|name| phy.join(name)));
    } else if phy.exists() {
        eprintln!("{}: it holds files of others, so nothing is removed from it.", phy.display());
    }
    for path in files.iter().filter(|path| path.is_file() && is_free(path)) {
        std::fs::remove_file(path).map_err(|error| format!("{}: {error}", path.display()))?;
    }
    // A folder that is not empty holds files of others.
    folders.extend([phy, folder.join("figures")]);
    for emptied in folders {
        std::fs::remove_dir(emptied).ok();
    }
    Ok(())
}

/// Collects the files of a run below a folder, and the folders, the inner ones first. Links are not followed.
fn written(folder: &Path, files: &mut Vec<PathBuf>, folders: &mut Vec<PathBuf>) {
    if folder.is_symlink() {
        return;
    }
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        let is_file = entry.file_type().is_ok_and(|kind| kind.is_file());
        if is_file && path.extension().is_some_and(|end| ENDINGS.iter().any(|own| end == *own)) {
            files.push(path);
        } else if !is_file {
            written(&path, files, folders);
        }
    }
    folders.push(folder.to_owned());
}

/// Whether a folder holds what a run writes for phy and nothing else.
fn is_of_a_run(phy: &Path) -> bool {
    let parameters = std::fs::read_to_string(phy.join("params.py")).unwrap_or_default();
    let is_known = |name: std::ffi::OsString| PHY.iter().any(|own| name == *own);
    let mut names = std::fs::read_dir(phy).into_iter().flatten().flatten().map(|entry| entry.file_name());
    !phy.is_symlink() && parameters.starts_with(NO_SIGNAL) && names.all(is_known)
}

/// The figures of a run that are there.
fn figures(folder: &Path) -> Vec<PathBuf> {
    if folder.is_symlink() {
        return Vec::new();
    }
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
            let text = match *name {
                "summary.json" => "{\"version\":2,\"neurocyte_version\":\"0.2.0\"}",
                "phy/params.py" => "dat_path = []\n",
                name => name,
            };
            std::fs::write(path, text).expect("written");
        }
        folder
    }

    /// Those of them that are still there.
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
        "analyses/firing/prism/electrodes.csv",
        "phy/params.py",
    ];
    const OTHERS: [&str; 5] =
        ["results.json", "summary.json", "notes.txt", "figures/mine.svg", "analyses/firing/mine.pzfx"];

    #[test]
    fn files_of_an_earlier_run_go_and_others_stay() {
        let all = [&OF_A_RUN[..], &OTHERS[..]].concat();
        let folder = with(&all);
        remove(folder.path(), &[]).expect("removed");
        assert_eq!(left(&folder, &all), OTHERS);
        let bare = with(&[&OF_A_RUN[..], &MARKS[..]].concat());
        remove(bare.path(), &[]).expect("removed");
        assert!(
            ["analyses", "figures", "phy"].iter().all(|name| !bare.path().join(name).exists()),
            "nothing is in them"
        );
    }

    #[test]
    fn a_folder_without_a_result_is_left_alone() {
        let folder = with(&OF_A_RUN);
        remove(folder.path(), &[]).expect("nothing to do");
        assert_eq!(left(&folder, &OF_A_RUN), OF_A_RUN);
        let of_another_program = with(&[&OF_A_RUN[..], &MARKS[..]].concat());
        std::fs::write(of_another_program.path().join("summary.json"), "{}").expect("written");
        remove(of_another_program.path(), &[]).expect("nothing to do");
        assert_eq!(left(&of_another_program, &OF_A_RUN), OF_A_RUN);
    }

    #[test]
    fn a_phy_folder_of_somebody_else_stays() {
        let names = ["phy/params.py", "phy/spike_clusters.npy", "phy/templates.npy", "results.json", "summary.json"];
        let opened = with(&names);
        remove(opened.path(), &[]).expect("removed");
        assert_eq!(left(&opened, &names), names);
        let sorted = with(&["phy/params.py", "phy/spike_clusters.npy", "results.json", "summary.json"]);
        std::fs::write(sorted.path().join("phy/params.py"), "dat_path = 'recording.dat'").expect("written");
        remove(sorted.path(), &[]).expect("removed");
        assert_eq!(left(&sorted, &names[..2]), names[..2]);
    }

    #[test]
    fn what_is_read_stays() {
        let names = [&OF_A_RUN[..], &MARKS[..]].concat();
        let folder = with(&names);
        let path = |name: &str| folder.path().join(name);
        let read = ["spikes.nwb", "analyses/firing/prism/electrodes.csv"];
        remove(folder.path(), &[&path(read[0]), &path(read[1])]).expect("removed");
        assert_eq!(left(&folder, &names), [&read[..], &MARKS[..]].concat());
        // A recording that is a folder may hold a file of any name.
        let own = with(&[&OF_A_RUN[..], &MARKS[..]].concat());
        remove(own.path(), &[own.path()]).expect("removed");
        assert!(own.path().join("spikes.nwb").is_file());
    }
}
