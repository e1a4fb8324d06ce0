//! Files that are recognised by their ending and not read, and what to give instead.

use super::OpenError;
use super::text_header::ending;
use crate::io::FileSet;

/// Ending, what it is, and what its program writes that can be read.
const CLOSED: &[(&str, &str, &str)] = &[
    ("pl2", "Plexon's .pl2, whose layout is not published", "a .plx or .nwb, which Plexon's tools export"),
    ("mcd", "MC_Rack's .mcd, whose layout is not published", "the .h5 that Multi Channel DataManager makes of it"),
    ("msrd", "Multi Channel Systems' own .msrd", "the .h5 that Multi Channel DataManager makes of it"),
    ("msrs", "Multi Channel Systems' own .msrs", "the .h5 that Multi Channel DataManager makes of it"),
    ("smr", "Spike2's .smr", "an .edf or a plain binary file, which Spike2 exports"),
    ("smrx", "Spike2's .smrx, whose layout is not published", "an .edf or a plain binary file, which Spike2 exports"),
    ("abf", "Axon's .abf", "an .nwb or a plain binary file"),
    ("tev", "Tucker-Davis' .tev", "an .nwb or a SpikeInterface folder"),
    ("tsq", "Tucker-Davis' .tsq", "an .nwb or a SpikeInterface folder"),
    ("tbk", "Tucker-Davis' .tbk", "an .nwb or a SpikeInterface folder"),
    ("sev", "Tucker-Davis' .sev", "an .nwb or a SpikeInterface folder"),
    ("nex", "NeuroExplorer's .nex", "the recording that it was made from, or its spikes as a .csv"),
    ("nex5", "NeuroExplorer's .nex5", "the recording that it was made from, or its spikes as a .csv"),
    ("vhdr", "BrainVision's .vhdr", "an .edf or a plain binary file"),
];

/// Why these files are not read, if that is known.
pub fn reason(files: &FileSet) -> Option<OpenError> {
    files.iter().find_map(|file| {
        let (_, what, instead) = CLOSED.iter().find(|(closed, ..)| *closed == ending(file))?;
        Some(OpenError::Closed { path: file.path.clone(), what, instead })
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::formats::open;
    use crate::io::NamedFile;

    #[test]
    fn closed_formats_say_what_to_give_instead() {
        let file = NamedFile { path: "culture.MCD".into(), file: Arc::new(b"MCSSTRM nothing known".to_vec()) };
        let message = open(&FileSet::new(vec![file])).err().expect("refused").to_string();
        assert!(message.contains("culture.MCD") && message.contains("Multi Channel DataManager"), "{message}");
    }
}
