//! Channels side by side from channels one after another, and back.

/// Rows and columns that are taken together: four rows of sixteen 16-bit items are turned in
/// registers of 64 bits, several of which fill a vector.
const ROWS: usize = 4;
const COLUMNS: usize = 16;

/// Rows of a band: what lies between two of its columns stays in the first-level cache.
const BAND: usize = 64;

/// A matrix in memory: bytes from one row to the next, and bytes of an item.
#[derive(Clone, Copy, Debug)]
pub struct Strides {
    /// Of the matrix that is read, row to row.
    pub from: usize,
    /// Of the one that is written, row to row.
    pub to: usize,
    /// Of an item: 1, 2, 4 or 8.
    pub item: usize,
}

/// Writes `from`, `[rows, columns]`, to `to`, `[columns, rows]`.
pub fn transpose(from: &[u8], to: &mut [u8], (rows, columns): (usize, usize), strides: Strides) {
    match strides.item {
        1 => by_item::<1>(from, to, (0, rows), (0, columns), strides),
        2 => {
            let (whole_rows, whole_columns) = (rows / ROWS * ROWS, columns / COLUMNS * COLUMNS);
            for band in (0..whole_rows).step_by(BAND) {
                let end = (band + BAND).min(whole_rows);
                for column in (0..whole_columns).step_by(COLUMNS) {
                    for row in (band..end).step_by(ROWS) {
                        four_by_sixteen(&from[row * strides.from + column * 2..], row, column, to, strides);
                    }
                }
            }
            by_item::<2>(from, to, (whole_rows, rows), (0, columns), strides);
            by_item::<2>(from, to, (0, whole_rows), (whole_columns, columns), strides);
        }
        4 => by_item::<4>(from, to, (0, rows), (0, columns), strides),
        _ => by_item::<8>(from, to, (0, rows), (0, columns), strides),
    }
}

/// Turns sixteen columns of four rows, which begin at `from`.
fn four_by_sixteen(from: &[u8], row: usize, column: usize, to: &mut [u8], strides: Strides) {
    const EVEN: u64 = 0x0000_FFFF_0000_FFFF;
    const LOW: u64 = 0x0000_0000_FFFF_FFFF;
    let read = |row: usize| -> [u64; 4] {
        let (words, _) = from[row * strides.from..][..2 * COLUMNS].as_chunks::<8>();
        std::array::from_fn(|at| u64::from_le_bytes(words[at]))
    };
    let [a, b, c, d] = [read(0), read(1), read(2), read(3)];
    // First neighbours within pairs of rows, then pairs of neighbours: each word then holds the
    // four rows of one column.
    let mut turned = [[0_u64; 4]; 4];
    for at in 0..4 {
        let even = (a[at] & EVEN) | ((b[at] & EVEN) << 16);
        let odd = ((a[at] >> 16) & EVEN) | (b[at] & !EVEN);
        let even_below = (c[at] & EVEN) | ((d[at] & EVEN) << 16);
        let odd_below = ((c[at] >> 16) & EVEN) | (d[at] & !EVEN);
        turned[0][at] = (even & LOW) | (even_below << 32);
        turned[1][at] = (odd & LOW) | (odd_below << 32);
        turned[2][at] = (even >> 32) | (even_below & !LOW);
        turned[3][at] = (odd >> 32) | (odd_below & !LOW);
    }
    for at in 0..4 {
        for (within, words) in turned.iter().enumerate() {
            let place = (column + 4 * at + within) * strides.to + 2 * row;
            to[place..place + 8].copy_from_slice(&words[at].to_le_bytes());
        }
    }
}

/// Item by item, in tiles that stay in the first-level cache.
fn by_item<const SIZE: usize>(
    from: &[u8],
    to: &mut [u8],
    rows: (usize, usize),
    columns: (usize, usize),
    strides: Strides,
) {
    const TILE: usize = 32;
    for row_tile in (rows.0..rows.1).step_by(TILE) {
        for column_tile in (columns.0..columns.1).step_by(TILE) {
            for row in row_tile..rows.1.min(row_tile + TILE) {
                for column in column_tile..columns.1.min(column_tile + TILE) {
                    let item = &from[row * strides.from + column * SIZE..][..SIZE];
                    to[column * strides.to + row * SIZE..][..SIZE].copy_from_slice(item);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_item_comes_to_its_place() {
        for item in [1, 2, 4, 8] {
            for (rows, columns) in [(1, 1), (3, 40), (4, 16), (5, 17), (70, 33), (131, 64)] {
                let strides = Strides { from: columns * item + 3, to: rows * item + 5, item };
                let from: Vec<u8> = (0..=250).cycle().step_by(31).take(rows * strides.from).collect();
                let mut to = vec![0; columns * strides.to];
                transpose(&from, &mut to, (rows, columns), strides);
                for row in 0..rows {
                    for column in 0..columns {
                        let found = &to[column * strides.to + row * item..][..item];
                        assert_eq!(found, &from[row * strides.from + column * item..][..item], "{item} {row} {column}");
                    }
                }
            }
        }
    }
}
