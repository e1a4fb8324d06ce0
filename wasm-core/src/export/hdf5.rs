//! A small writer of HDF5 files: groups, lists of numbers and of texts, attributes, references.
//!
//! Layout: HDF5 File Format Specification, version 3.0. A superblock of version 2 (II.A), object
//! headers of version 2 (IV.A.1) with link messages (IV.A.2), contiguous datasets, and texts of any
//! length in global heap collections (III.E). Libraries since version 1.8 read it. Nothing is
//! compressed: the file is made in memory, in one pass.

mod checksum;
mod datatype;
mod error;
mod heap;
mod sink;
mod tree;
mod writer;

pub use error::WriteError;
pub use tree::{Array, Dataset, Group, Member, Values};
pub use writer::write;

#[cfg(test)]
mod tests {
    use hdf5_reader::Hdf5File;

    use super::*;

    fn numbers() -> Group {
        Group::new()
            .dataset("f64", Dataset::new(Array::list(Values::F64(vec![1.5, -2.5]))).attribute("unit", "µV"))
            .dataset("f32", Dataset::new(Array::list(Values::F32(vec![1.5]))))
            .dataset("i64", Dataset::new(Array::list(Values::I64(vec![-1, i64::MAX]))))
            .dataset("u64", Dataset::new(Array::list(Values::U64(vec![u64::MAX]))))
            .dataset("u32", Dataset::new(Array::list(Values::U32(vec![7]))))
            .dataset("i32", Dataset::new(Array::list(Values::I32(vec![-7]))))
            .dataset("u8", Dataset::new(Array::list(Values::U8(vec![255, 0]))))
            .dataset("pairs", Dataset::new(Array::pairs(Values::F64(vec![0.0, 1.0, 2.0, 3.0]))))
            .dataset("nothing", Dataset::new(Array::list(Values::F64(Vec::new()))))
    }

    fn texts(n: usize) -> Vec<String> {
        (0..n).map(|at| format!("{at}{}", "x".repeat(at % 50))).collect()
    }

    #[test]
    fn what_is_written_is_read_back() {
        let root = Group::new()
            .attribute("title", "Grüße")
            .attribute("half", 0.5)
            .attribute("names", Array::texts(["a", "", "ccc"]))
            .attribute("about", Array::reference("/numbers/u8"))
            .group("numbers", numbers())
            .dataset("one", Dataset::new("a text"))
            // More than one collection holds.
            .dataset("many", Dataset::new(Array::texts(texts(5000))))
            .dataset("long", Dataset::new(Array::texts(["y".repeat(200_000)])))
            .link("other", "/numbers/i32");
        let file = Hdf5File::from_vec(write(&root).expect("writes")).expect("opens");
        let top = file.group("/").expect("a group");
        let attribute = |name: &str| top.attribute(name).expect("an attribute");
        assert_eq!(attribute("title").read_string().expect("a text"), "Grüße");
        assert_eq!(attribute("half").read_as_f64().expect("a number"), 0.5);
        assert_eq!(attribute("names").read_strings().expect("texts"), ["a", "", "ccc"]);
        let dataset = |name: &str| file.dataset(name).expect("a dataset");
        let raw = |name: &str| dataset(name).read_raw_bytes().expect("bytes");
        assert_eq!(attribute("about").raw_data, dataset("numbers/u8").address().to_le_bytes());
        assert_eq!(raw("numbers/f64"), [1.5_f64, -2.5].map(f64::to_le_bytes).concat());
        assert_eq!(raw("numbers/f32"), 1.5_f32.to_le_bytes());
        assert_eq!(raw("numbers/i64"), [-1, i64::MAX].map(i64::to_le_bytes).concat());
        assert_eq!(raw("numbers/u64"), [255; 8]);
        assert_eq!(raw("numbers/u32"), [7, 0, 0, 0]);
        assert_eq!(raw("other"), (-7_i32).to_le_bytes());
        assert_eq!(raw("numbers/u8"), [255, 0]);
        assert_eq!(dataset("numbers/pairs").shape(), [2, 2]);
        assert_eq!(dataset("numbers/nothing").shape(), [0]);
        assert_eq!(dataset("numbers/f64").attribute("unit").expect("a unit").read_string().expect("a text"), "µV");
        assert_eq!(dataset("one").read_strings().expect("a text"), ["a text"]);
        assert_eq!(dataset("many").read_strings().expect("texts"), texts(5000));
        assert_eq!(dataset("long").read_strings().expect("texts")[0].len(), 200_000);
    }

    #[test]
    fn what_cannot_be_written_is_refused() {
        let lost = Group::new().attribute("about", Array::reference("/gone"));
        assert_eq!(write(&lost), Err(WriteError::NoTarget { path: "/gone".into() }));
        let wrong = Dataset::new(Array { shape: vec![3], values: Values::U8(vec![1, 2]) });
        let refused = WriteError::Shape { path: "/wrong".into(), n_values: 2, shape: vec![3] };
        assert_eq!(write(&Group::new().dataset("wrong", wrong)), Err(refused));
        let long = Group::new().attribute("long", Array::texts(texts(5000)));
        assert!(matches!(write(&long), Err(WriteError::TooLong { .. })));
        let name = "n".repeat(70_000);
        assert!(matches!(write(&Group::new().group(&name, Group::new())), Err(WriteError::TooLong { .. })));
    }
}
