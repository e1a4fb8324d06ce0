//! Electrode positions from `probeinterface` JSON.

use serde_json::Value;

/// Positions by device channel from a `probeinterface` file (`probegroup.json` or
/// `probe.json`), in micrometres; `None` unless every channel has one.
pub fn positions(group: &Value, n_channels: usize) -> Option<Vec<[f64; 2]>> {
    let mut positions = vec![None; n_channels];
    for probe in group["probes"].as_array()? {
        let scale = if probe["si_units"].as_str() == Some("mm") { 1000.0 } else { 1.0 };
        let contacts = probe["contact_positions"].as_array()?;
        for (index, contact) in contacts.iter().enumerate() {
            let channel = match probe["device_channel_indices"].get(index) {
                Some(channel) => channel.as_u64(),
                None => u64::try_from(index).ok(),
            };
            // -1 marks a contact that is wired to nothing.
            let Some(channel) = channel.and_then(|channel| usize::try_from(channel).ok()) else { continue };
            let place = positions.get_mut(channel)?;
            *place = Some([contact[0].as_f64()? * scale, contact[1].as_f64()? * scale]);
        }
    }
    positions.into_iter().collect()
}
