//! The table of formats in `docs/formats.md` is the one in the code.

use wasm_core::formats::SUPPORT;

#[test]
fn the_support_table_is_that_of_the_code() {
    let mut table = "| recording | what to give | tested with | positions | neo 0.14 | SpikeInterface 0.105 |\n| --- | --- | --- | --- | --- | --- |\n".to_owned();
    for kind in SUPPORT {
        let cells = [kind.name, kind.give, kind.tested, kind.positions, kind.neo, kind.spikeinterface];
        table.push_str(&format!("| {} |\n", cells.join(" | ")));
    }
    let page = include_str!("../../../docs/formats.md");
    assert!(page.contains(&table), "put this table into docs/formats.md:\n{table}");
}
