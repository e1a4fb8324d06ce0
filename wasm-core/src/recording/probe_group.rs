//! Electrode positions as `probeinterface` JSON.

use serde_json::{Value, json};

/// Readers want a radius of the contacts, in micrometres; recordings do not tell one.
const RADIUS_UM: f64 = 6.0;

/// The `probegroup.json` of a recording whose channels lie at these positions, in micrometres.
#[must_use]
pub fn probe_group(positions_um: &[[f64; 2]]) -> Value {
    let n = positions_um.len();
    json!({
        "specification": "probeinterface",
        "version": "0.4.2",
        "probes": [{
            "ndim": 2,
            "si_units": "um",
            "annotations": {},
            "contact_annotations": {},
            "contact_positions": positions_um,
            "contact_plane_axes": vec![[[1.0, 0.0], [0.0, 1.0]]; n],
            "contact_shapes": vec!["circle"; n],
            "contact_shape_params": vec![json!({ "radius": RADIUS_UM }); n],
            "contact_ids": (0..n).map(|at| at.to_string()).collect::<Vec<_>>(),
            "device_channel_indices": (0..n).collect::<Vec<_>>(),
        }],
    })
}
