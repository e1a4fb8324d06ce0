//! What tells files apart: names, sizes, and some bytes of the largest.

use super::drop::{DroppedFile, bytes_of};

/// Files that are looked into, the largest first.
const LOOKED_INTO: usize = 4;
/// Bytes that are read at the start, in the middle and at the end of each.
const PIECE_BYTES: f64 = 65_536.0;

/// The fingerprint of a drop: the same for the same files, another one for another recording
/// of the same name and length. Files that cannot be read add nothing; opening them says why.
pub async fn of(files: &[DroppedFile]) -> String {
    let mut order: Vec<&DroppedFile> = files.iter().collect();
    order.sort_by(|a, b| b.file.size().total_cmp(&a.file.size()).then_with(|| a.path.cmp(&b.path)));
    let names: Vec<String> = order.iter().map(|file| format!("{}:{}", file.path, file.file.size())).collect();
    let mut pieces = Vec::new();
    for dropped in order.into_iter().take(LOOKED_INTO) {
        let last = (dropped.file.size() - PIECE_BYTES).max(0.0);
        for start in [0.0, (last / 2.0).floor(), last] {
            let end = (start + PIECE_BYTES).min(dropped.file.size());
            pieces.extend(bytes_of(&dropped.file, start, end).await.unwrap_or_default());
        }
    }
    let [names, pieces] = [names.join("|").as_bytes(), &pieces].map(wasm_core::crc32c);
    format!("{}:{names:08x}:{pieces:08x}", files.len())
}
