//! A dataset of numbers or records, read along its frames.

use std::sync::Arc;

use hdf5_reader::messages::HdfMessage;
use hdf5_reader::messages::datatype::Datatype;
use hdf5_reader::messages::layout::DataLayout;
use hdf5_reader::{ByteOrder, Dataset};

use super::chunked::Chunked;
use super::container::Container;
use super::index::ChunkIndex;
use crate::recording::ReadError;
use crate::sample::SampleType;
use crate::transpose::{Strides, transpose};

/// A dataset of items of fixed size, and the file that it lies in.
pub struct Stored {
    pub(super) container: Container,
    pub(super) dataset: Dataset,
    pub(super) item_bytes: usize,
}

impl Stored {
    pub fn new(container: Container, dataset: Dataset) -> hdf5_reader::error::Result<Self> {
        let item_bytes = dataset.raw_element_size()?;
        Ok(Self { container, dataset, item_bytes })
    }
}

/// A dataset of plain numbers.
pub struct Signal {
    /// Type of its samples.
    pub sample_type: SampleType,
    pub(super) stored: Arc<Stored>,
    is_big_endian: bool,
}

impl Signal {
    /// The dataset, if it holds plain numbers.
    pub fn new(stored: Arc<Stored>) -> Option<Self> {
        let (sample_type, is_big_endian) = sample_type(stored.dataset.dtype())?;
        Some(Self { sample_type, stored, is_big_endian })
    }

    /// Extents of the dataset.
    pub fn shape(&self) -> &[u64] {
        self.stored.dataset.shape()
    }

    /// Swaps the bytes of numbers that are stored the other way round.
    pub(super) fn to_little_endian(&self, bytes: &mut [u8]) {
        if self.is_big_endian {
            bytes.chunks_exact_mut(self.stored.item_bytes.max(1)).for_each(<[u8]>::reverse);
        }
    }
}

/// Fills bytes from an offset.
type Fetch<'a> = &'a dyn Fn(u64, &mut [u8]) -> Result<(), ReadError>;

/// No dataset is larger: sums of places in one stay whole.
const MAX_BYTES: u64 = 1 << 60;

/// Frames of a signal along one of its axes.
pub struct Frames {
    stored: Arc<Stored>,
    place: Place,
    /// Frames, and items of a frame.
    extent: (u64, u64),
    is_time_first: bool,
}

enum Place {
    /// All items one after another from an address.
    Contiguous(u64),
    Chunked(Box<Chunked>),
    /// In the header.
    Held(Vec<u8>),
    /// Nowhere: nothing was written.
    Nowhere,
}

impl Frames {
    /// The frames along the first axis, or along the second.
    ///
    /// # Errors
    /// When the dataset has more than two axes, or its layout is none that is read here.
    pub fn new(stored: Arc<Stored>, is_time_first: bool) -> Result<Self, String> {
        let shape = stored.dataset.shape().to_vec();
        let extent = match (shape.as_slice(), is_time_first) {
            ([frames], _) => (*frames, 1),
            ([frames, channels], true) | ([channels, frames], false) => (*frames, *channels),
            _ => return Err(format!("of shape {shape:?}, expected one or two axes")),
        };
        let n_bytes = extent.0.checked_mul(extent.1).and_then(|n| n.checked_mul(stored.item_bytes as u64));
        if n_bytes.is_none_or(|n_bytes| n_bytes > MAX_BYTES) {
            return Err(format!("of shape {shape:?}, larger than any file"));
        }
        let is_time_first = is_time_first || shape.len() == 1;
        let (container, dataset) = (&stored.container, &stored.dataset);
        let header = container.hdf5.get_or_parse_header(dataset.address()).map_err(|error| error.to_string())?;
        let (mut layout, mut filters) = (None, Vec::new());
        for message in &header.messages {
            match message {
                HdfMessage::DataLayout(found) => layout = Some(found.layout.clone()),
                HdfMessage::FilterPipeline(found) => filters.clone_from(&found.filters),
                HdfMessage::ExternalFiles(_) => return Err("stored in other files (external storage)".into()),
                _ => {}
            }
        }
        let undefined = match container.hdf5.superblock().offset_size {
            4 => u64::from(u32::MAX),
            2 => u64::from(u16::MAX),
            _ => u64::MAX,
        };
        let place = match layout.ok_or("without a layout")? {
            DataLayout::Compact { data } => Place::Held(data),
            DataLayout::Contiguous { address, .. } | DataLayout::Chunked { address, .. } if address == undefined => {
                Place::Nowhere
            }
            DataLayout::Contiguous { address, .. } => Place::Contiguous(address),
            DataLayout::Chunked { address, dims, chunk_indexing, .. } => {
                // Older layouts list the size of an item as a last extent.
                let chunk: Vec<u32> = dims.iter().copied().take(shape.len()).collect();
                if chunk.len() != shape.len() || chunk.contains(&0) {
                    return Err(format!("in chunks of {chunk:?}"));
                }
                let max_shape = dataset.max_dims().map(<[u64]>::to_vec);
                let time_axis = usize::from(!is_time_first);
                let index =
                    ChunkIndex::new((address, chunk_indexing), (shape, max_shape), chunk, stored.item_bytes, time_axis);
                let fill = dataset.fill_value().and_then(|fill| fill.value.clone()).unwrap_or_default();
                Place::Chunked(Box::new(Chunked::new(index, filters, &fill)))
            }
        };
        Ok(Self { stored, place, extent, is_time_first })
    }

    /// Frames there are.
    pub const fn n_frames(&self) -> u64 {
        self.extent.0
    }

    /// Items of a frame.
    pub const fn n_channels(&self) -> u64 {
        self.extent.1
    }

    /// Frames that are decoded together.
    pub fn part_frames(&self) -> Option<u64> {
        match &self.place {
            Place::Chunked(chunked) => Some(chunked.part_frames()),
            _ => None,
        }
    }

    /// Fills `out`, `[frames, items]`, with frames from `start` on, as stored.
    ///
    /// # Errors
    /// When the frames do not exist, or the file cannot be read or decoded.
    pub fn read(&self, start: u64, out: &mut [u8]) -> Result<(), ReadError> {
        let container = &self.stored.container;
        let item = self.stored.item_bytes;
        let frame_bytes = usize::try_from(self.extent.1).unwrap_or(usize::MAX).saturating_mul(item).max(1);
        let n_frames = out.len() / frame_bytes;
        if start.saturating_add(n_frames as u64) > self.extent.0 {
            return Err(container.damaged(format!("a dataset ends before frame {}", start + n_frames as u64)));
        }
        match &self.place {
            Place::Chunked(chunked) => chunked.read(container, start, out),
            Place::Nowhere => {
                out.fill(0);
                Ok(())
            }
            Place::Contiguous(address) => {
                let from = |offset: u64, out: &mut [u8]| container.read(address.saturating_add(offset), out);
                self.arrange(start, out, &from)
            }
            Place::Held(bytes) => {
                let from = |offset: u64, out: &mut [u8]| {
                    let at = usize::try_from(offset).unwrap_or(usize::MAX);
                    let held = at.checked_add(out.len()).and_then(|end| bytes.get(at..end));
                    out.copy_from_slice(held.ok_or_else(|| container.damaged("a dataset in its header is cut"))?);
                    Ok(())
                };
                self.arrange(start, out, &from)
            }
        }
    }

    /// Reads from where all items lie one after another.
    fn arrange(&self, start: u64, out: &mut [u8], from: Fetch<'_>) -> Result<(), ReadError> {
        let item = self.stored.item_bytes;
        let n_channels = usize::try_from(self.extent.1).unwrap_or(0);
        if self.is_time_first {
            return from(start * self.extent.1 * item as u64, out);
        }
        let n_frames = out.len() / (n_channels * item).max(1);
        let mut planar = vec![0; out.len()];
        for (channel, own) in (0..).zip(planar.chunks_exact_mut((n_frames * item).max(1))) {
            from((channel * self.extent.0 + start) * item as u64, own)?;
        }
        let strides = Strides { from: n_frames * item, to: n_channels * item, item };
        transpose(&planar, out, (n_channels, n_frames), strides);
        Ok(())
    }
}

/// The sample type of plain numbers, and whether their bytes are stored the other way round.
fn sample_type(kind: &Datatype) -> Option<(SampleType, bool)> {
    let (size, signed, order) = match kind {
        Datatype::FixedPoint { size, signed, byte_order } => (*size, Some(*signed), byte_order),
        Datatype::FloatingPoint { size, byte_order } => (*size, None, byte_order),
        _ => return None,
    };
    let found = match (size, signed) {
        (1, Some(true)) => SampleType::Int8,
        (1, Some(false)) => SampleType::Uint8,
        (2, Some(true)) => SampleType::Int16,
        (2, Some(false)) => SampleType::Uint16,
        (4, Some(true)) => SampleType::Int32,
        (4, Some(false)) => SampleType::Uint32,
        (8, Some(true)) => SampleType::Int64,
        (8, Some(false)) => SampleType::Uint64,
        (4, None) => SampleType::Float32,
        (8, None) => SampleType::Float64,
        _ => return None,
    };
    Some((found, *order == ByteOrder::BigEndian))
}
