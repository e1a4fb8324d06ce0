//! Lays groups and datasets out as the bytes of a file, one after another.

use super::datatype::{dataspace, datatype};
use super::error::{WriteError, short};
use super::sink::{Sink, Target, UNDEFINED};
use super::{Array, Dataset, Group, Member};

/// Types of messages (IV.A.2).
const DATASPACE: u8 = 0x01;
const LINK_INFO: u8 = 0x02;
const DATATYPE: u8 = 0x03;
const FILL_VALUE: u8 = 0x05;
const LINK: u8 = 0x06;
const LAYOUT: u8 = 0x08;
const GROUP_INFO: u8 = 0x0A;
const ATTRIBUTE: u8 = 0x0C;
const ATTRIBUTE_INFO: u8 = 0x15;

/// The bytes of a file with this root group.
///
/// # Errors
/// When the tree holds what HDF5 cannot.
pub fn write(root: &Group) -> Result<Vec<u8>, WriteError> {
    let mut sink = Sink::new();
    group(&mut sink, "/", root)?;
    sink.finish()
}

fn group(sink: &mut Sink, path: &str, of: &Group) -> Result<(), WriteError> {
    let inside = |name: &str| if path == "/" { format!("/{name}") } else { format!("{path}/{name}") };
    let start = sink.begin_header(path);
    message(sink, path, LINK_INFO, &in_this_header())?;
    message(sink, path, GROUP_INFO, &[0, 0])?;
    for (name, member) in &of.members {
        let at = sink.begin_message(LINK);
        link(sink, name, inside(name), member)?;
        sink.end_message(at, path)?;
    }
    attributes(sink, path, &of.attributes)?;
    sink.end_header(start, path)?;
    for (name, member) in &of.members {
        match member {
            Member::Group(member) => group(sink, &inside(name), member)?,
            Member::Dataset(member) => dataset(sink, &inside(name), member)?,
            Member::Link(_) => {}
        }
    }
    Ok(())
}

fn dataset(sink: &mut Sink, path: &str, of: &Dataset) -> Result<(), WriteError> {
    let from = sink.align();
    sink.array(path, &of.array)?;
    let n_bytes = sink.bytes.len() - from;
    // What holds nothing lies nowhere.
    let address = if n_bytes == 0 { UNDEFINED } else { (from as u64).to_le_bytes() };
    // Version 3, contiguous.
    let mut layout = vec![3_u8, 1];
    layout.extend(address);
    layout.extend((n_bytes as u64).to_le_bytes());
    let start = sink.begin_header(path);
    message(sink, path, DATASPACE, &dataspace(&of.array.shape))?;
    message(sink, path, DATATYPE, &datatype(&of.array.values))?;
    // Version 3, no value for what is not written: everything is.
    message(sink, path, FILL_VALUE, &[3, 0x0A])?;
    message(sink, path, LAYOUT, &layout)?;
    attributes(sink, path, &of.attributes)?;
    sink.end_header(start, path)
}

/// Says of links or attributes that they lie in the header itself: version 0, no flags, no heap, no tree.
fn in_this_header() -> Vec<u8> {
    let mut content = vec![0_u8, 0];
    content.extend(UNDEFINED);
    content.extend(UNDEFINED);
    content
}

fn message(sink: &mut Sink, path: &str, kind: u8, content: &[u8]) -> Result<(), WriteError> {
    let at = sink.begin_message(kind);
    sink.bytes.extend(content);
    sink.end_message(at, path)
}

/// A link of version 1, its name in UTF-8 with a length of two bytes.
fn link(sink: &mut Sink, name: &str, path: String, member: &Member) -> Result<(), WriteError> {
    let n_name = short(&path, name.len())?;
    let is_soft = matches!(member, Member::Link(_));
    sink.bytes.extend(if is_soft { &[1_u8, 0x19, 1, 1][..] } else { &[1, 0x11, 1] });
    sink.bytes.extend(n_name);
    sink.bytes.extend(name.as_bytes());
    if let Member::Link(target) = member {
        let n_target = short(&path, target.len())?;
        sink.bytes.extend(n_target);
        sink.bytes.extend(target.as_bytes());
    } else {
        sink.address(Target::Object(path));
    }
    Ok(())
}

fn attributes(sink: &mut Sink, path: &str, of: &[(String, Array)]) -> Result<(), WriteError> {
    if !of.is_empty() {
        message(sink, path, ATTRIBUTE_INFO, &in_this_header())?;
    }
    for (name, array) in of {
        let at = sink.begin_message(ATTRIBUTE);
        attribute(sink, path, name, array)?;
        sink.end_message(at, path)?;
    }
    Ok(())
}

/// An attribute of version 3, its name in UTF-8.
fn attribute(sink: &mut Sink, path: &str, name: &str, array: &Array) -> Result<(), WriteError> {
    let (kind, extents) = (datatype(&array.values), dataspace(&array.shape));
    sink.bytes.extend([3, 0]);
    for n_bytes in [name.len() + 1, kind.len(), extents.len()] {
        sink.bytes.extend(short(path, n_bytes)?);
    }
    sink.bytes.push(1);
    sink.bytes.extend(name.as_bytes());
    sink.bytes.push(0);
    sink.bytes.extend(kind);
    sink.bytes.extend(extents);
    sink.array(path, array)
}
