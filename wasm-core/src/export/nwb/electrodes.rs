//! The electrodes: a table, and a group for each well.

use super::ids::Ids;
use super::table::DynamicTable;
use crate::export::hdf5::{Array, Group, Values};
use crate::recording::StreamInfo;

/// The table that units refer to.
pub const TABLE: &str = "/general/extracellular_ephys/electrodes";
/// The device that the electrodes belong to.
pub const DEVICE: &str = "/general/devices/array";
/// Where the groups are.
const GROUPS: &str = "/general/extracellular_ephys";
/// Files do not tell of what the electrodes lie on or in.
const LOCATION: &str = "unknown";
/// Characters of a well's name that the name of its group keeps.
const MAX_CHARS: usize = 100;

/// The table and the groups.
pub fn groups(ids: &Ids, info: &StreamInfo) -> Group {
    let of_channels: Vec<String> = (0..info.n_channels).map(|channel| group_of(info, channel)).collect();
    let mut all = of_channels.clone();
    all.sort_unstable();
    all.dedup();
    let tables = Group::new().group("electrodes", table(ids, info, of_channels));
    all.iter().fold(tables, |groups, name| {
        let description = match name.strip_prefix("well_") {
            Some(well) => format!("Electrodes of well {well}."),
            None => "All electrodes of the recording.".to_owned(),
        };
        let group = ids
            .group(&path_of(name), ("core", "ElectrodeGroup"))
            .attribute("description", description.as_str())
            .attribute("location", LOCATION)
            .link("device", DEVICE);
        groups.group(name, group)
    })
}

fn path_of(group: &str) -> String {
    format!("{GROUPS}/{group}")
}

/// The name of a channel's group, in letters that names of groups may have.
fn group_of(info: &StreamInfo, channel: usize) -> String {
    let Some(well) = info.wells.as_ref().and_then(|wells| wells.get(channel)) else { return "array".to_owned() };
    let letter = |c: char| if c.is_alphanumeric() || c == '-' { c } else { '_' };
    format!("well_{}", well.chars().take(MAX_CHARS).map(letter).collect::<String>())
}

fn table(ids: &Ids, info: &StreamInfo, groups: Vec<String>) -> Group {
    let paths = groups.iter().map(|group| path_of(group)).collect();
    let mut table = DynamicTable::new(ids, TABLE)
        .column("location", "Where the electrode lies.", Array::texts(vec![LOCATION; info.n_channels]))
        .column("group", "Group that the electrode belongs to.", Array::list(Values::Reference(paths)))
        .column("group_name", "Name of that group.", Array::texts(groups))
        .column("channel_name", "Id of the electrode in the recording.", Array::texts(&info.channel_ids));
    if let Some(names) = &info.channel_names {
        table = table.column("label", "Name of the electrode.", Array::texts(names));
    }
    if let Some(wells) = &info.wells {
        table = table.column("well", "Well of the plate.", Array::texts(wells));
    }
    if let Some(positions) = &info.positions_um {
        let along = |axis: usize| Array::list(Values::F64(positions.iter().map(|place| place[axis]).collect()));
        table = table.column("rel_x", "Place across the array in micrometres.", along(0)).column(
            "rel_y",
            "Place along the array in micrometres.",
            along(1),
        );
    }
    table.finish(("hdmf-common", "DynamicTable"), "Electrodes of the recording, one per row.", info.n_channels)
}
