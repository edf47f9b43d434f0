//! Content codings: a response's body decoded while it arrives, in bounded steps, so that a few bytes can't become gigabytes.
//! Decodes what curl decodes (`gzip` and `x-gzip`, `deflate` with or without its zlib wrapper, `br`, `zstd`, up to five on
//! top of each other), and gzip bodies of several members too.

use std::fmt;

use brotli_decompressor::{BrotliDecompressStream, BrotliResult, BrotliState, StandardAlloc};
use flate2::{Decompress, FlushDecompress, Status};
use zstd::stream::raw::{Decoder as Zstd, InBuffer, Operation, OutBuffer};

/// The most stacked codings that are decoded, as in curl.
const CODINGS_MAX: usize = 5;

/// The most bytes that a decoder passes on at once.
const PIECE: usize = 16 * 1024;

/// The window of a gzip member or a zlib stream: 2 to the power of 15 bytes, the largest that deflate has.
const WINDOW_BITS: u8 = 15;

/// Decodes one body.
pub(super) struct Decoder {
    /// The coding that was applied last comes first.
    layers: Vec<Layer>,
    /// No layer may produce more bytes.
    limit: u64,
}

/// Why a body's codings can't be decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Unsupported {
    /// A coding that is not known.
    Unknown(String),
    /// More codings than are decoded.
    TooMany(usize),
}

/// Why a body could not be decoded to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum CodingError {
    /// Not data of that coding.
    Invalid(&'static str),
    /// Something follows the end of the coded data.
    Trailing(&'static str),
    /// The body ended before the coded data did.
    CutOff(&'static str),
    /// More bytes than the limit.
    TooLong(u64),
}

impl Decoder {
    /// A decoder for the values of all `Content-Encoding` fields, in the order received; none where the body is not coded.
    /// It produces at most `limit` bytes.
    ///
    /// # Errors
    /// A coding that is not known, and more than five of them.
    pub(super) fn new<'a>(values: impl Iterator<Item = &'a [u8]>, limit: u64) -> Result<Option<Self>, Unsupported> {
        let mut layers = Vec::new();
        for coding in values.flat_map(|value| value.split(|byte| *byte == b',')) {
            layers.extend(Layer::new(coding.trim_ascii())?);
        }
        if layers.len() > CODINGS_MAX {
            return Err(Unsupported::TooMany(layers.len()));
        }
        layers.reverse();
        Ok((!layers.is_empty()).then_some(Self { layers, limit }))
    }

    /// Decodes what arrived next, and hands the result on in pieces.
    ///
    /// # Errors
    /// What is wrong with the data. Everything before that has been passed on; the decoder must not be used again.
    pub(super) fn write(&mut self, chunk: &[u8], sink: &mut dyn FnMut(&[u8])) -> Result<(), CodingError> {
        feed(&mut self.layers, chunk, self.limit, sink)
    }

    /// The body has ended. An empty one is whole in every coding.
    ///
    /// # Errors
    /// The coding whose data is not complete.
    pub(super) fn finish(&self) -> Result<(), CodingError> {
        match self.layers.iter().find(|layer| !layer.codec.is_complete()) {
            Some(layer) => Err(CodingError::CutOff(layer.name)),
            None => Ok(()),
        }
    }
}

/// Passes bytes through the layers.
fn feed(layers: &mut [Layer], mut bytes: &[u8], limit: u64, sink: &mut dyn FnMut(&[u8])) -> Result<(), CodingError> {
    let Some((layer, rest)) = layers.split_first_mut() else {
        sink(bytes);
        return Ok(());
    };
    loop {
        let step = layer.codec.step(bytes, &mut layer.piece).map_err(|fault| fault.of(layer.name))?;
        bytes = bytes.get(step.read..).unwrap_or_default();
        let room = limit.saturating_sub(layer.made);
        let within = usize::try_from(room).unwrap_or(usize::MAX).min(step.written);
        layer.made += within as u64;
        if within > 0 {
            feed(rest, layer.piece.get(..within).unwrap_or_default(), limit, sink)?;
        }
        if within < step.written {
            return Err(CodingError::TooLong(limit));
        }
        if bytes.is_empty() && step.written < layer.piece.len() {
            return Ok(());
        }
        if step.read == 0 && step.written == 0 {
            return Err(CodingError::Invalid(layer.name));
        }
    }
}

/// One coding.
struct Layer {
    name: &'static str,
    codec: Codec,
    made: u64,
    piece: Box<[u8]>,
}

impl Layer {
    /// The layer for a coding's name; none for one that changes nothing.
    fn new(coding: &[u8]) -> Result<Option<Self>, Unsupported> {
        let (name, codec) = match coding.to_ascii_lowercase().as_slice() {
            b"" | b"identity" | b"none" => return Ok(None),
            b"gzip" | b"x-gzip" => ("gzip", Codec::Flate(Flate::new(Container::Gzip))),
            b"deflate" => ("deflate", Codec::Flate(Flate::new(Container::Deflate))),
            b"br" => ("br", Codec::Brotli(Box::new(Brotli::new()))),
            b"zstd" => ("zstd", Codec::Zstd(ZstdFrames::new().ok_or_else(|| Unsupported::unknown(coding))?)),
            _ => return Err(Unsupported::unknown(coding)),
        };
        Ok(Some(Self { name, codec, made: 0, piece: vec![0; PIECE].into() }))
    }
}

/// How many bytes a step took and made.
struct Step {
    read: usize,
    written: usize,
}

/// What is wrong with coded data, whatever the coding.
enum Fault {
    Invalid,
    Trailing,
}

impl Fault {
    fn of(self, name: &'static str) -> CodingError {
        match self {
            Fault::Invalid => CodingError::Invalid(name),
            Fault::Trailing => CodingError::Trailing(name),
        }
    }
}

enum Codec {
    Flate(Flate),
    Brotli(Box<Brotli>),
    Zstd(ZstdFrames),
}

impl Codec {
    fn step(&mut self, input: &[u8], output: &mut [u8]) -> Result<Step, Fault> {
        match self {
            Codec::Flate(flate) => flate.step(input, output),
            Codec::Brotli(brotli) => brotli.step(input, output),
            Codec::Zstd(zstd) => zstd.step(input, output),
        }
    }

    /// May the body end here?
    fn is_complete(&self) -> bool {
        match self {
            Codec::Flate(flate) => !matches!(flate.state, FlateState::Inside(_)),
            Codec::Brotli(brotli) => brotli.ended || !brotli.started,
            Codec::Zstd(zstd) => !zstd.inside,
        }
    }
}

/// What deflated data is wrapped in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Container {
    /// One gzip member after the other; zlib's wrapper is accepted as well, as by curl.
    Gzip,
    /// zlib's wrapper, or none: many servers leave it out.
    Deflate,
}

struct Flate {
    container: Container,
    state: FlateState,
}

enum FlateState {
    Start,
    Inside(Box<Decompress>),
    /// After the end; another gzip member may follow a gzip member.
    Ended {
        members: bool,
    },
}

impl Flate {
    fn new(container: Container) -> Self {
        Self { container, state: FlateState::Start }
    }

    fn step(&mut self, input: &[u8], output: &mut [u8]) -> Result<Step, Fault> {
        if let Some(first) = input.first() {
            self.begin(*first)?;
        }
        let FlateState::Inside(inflate) = &mut self.state else { return Ok(Step { read: 0, written: 0 }) };
        let (read, written) = (inflate.total_in(), inflate.total_out());
        let status = inflate.decompress(input, output, FlushDecompress::None).map_err(|_| Fault::Invalid)?;
        let read = usize::try_from(inflate.total_in() - read).map_err(|_| Fault::Invalid)?;
        let written = usize::try_from(inflate.total_out() - written).map_err(|_| Fault::Invalid)?;
        if status == Status::StreamEnd {
            self.state = FlateState::Ended { members: self.container == Container::Gzip };
        }
        Ok(Step { read, written })
    }

    /// Begins a stream where none is under way. Its first byte tells how it is wrapped: 0x1f begins a gzip member; in zlib's
    /// first byte the low four bits are 8, which bare deflated data can't begin with, since its padding would not be zero.
    fn begin(&mut self, first: u8) -> Result<(), Fault> {
        const GZIP: u8 = 0x1f;
        let zlib = first & 0x0f == 8 && first >> 4 <= WINDOW_BITS - 8;
        let inflate = match (&self.state, self.container) {
            (FlateState::Inside(_), _) => return Ok(()),
            (FlateState::Start, Container::Gzip) if first == GZIP => Decompress::new_gzip(WINDOW_BITS),
            (FlateState::Ended { members: true }, _) if first == GZIP => Decompress::new_gzip(WINDOW_BITS),
            (FlateState::Ended { .. }, _) => return Err(Fault::Trailing),
            (FlateState::Start, Container::Gzip) if !zlib => return Err(Fault::Invalid),
            (FlateState::Start, _) => Decompress::new(zlib),
        };
        self.state = FlateState::Inside(Box::new(inflate));
        Ok(())
    }
}

struct Brotli {
    state: BrotliState<StandardAlloc, StandardAlloc, StandardAlloc>,
    started: bool,
    ended: bool,
}

impl Brotli {
    fn new() -> Self {
        let allocator = StandardAlloc::default;
        // "Strict": without the large windows that no HTTP coding has.
        Self { state: BrotliState::new_strict(allocator(), allocator(), allocator()), started: false, ended: false }
    }

    fn step(&mut self, input: &[u8], output: &mut [u8]) -> Result<Step, Fault> {
        if self.ended {
            return if input.is_empty() { Ok(Step { read: 0, written: 0 }) } else { Err(Fault::Trailing) };
        }
        self.started |= !input.is_empty();
        let (mut unread, mut read, mut room, mut written, mut total) = (input.len(), 0, output.len(), 0, 0);
        let state = &mut self.state;
        match BrotliDecompressStream(&mut unread, &mut read, input, &mut room, &mut written, output, &mut total, state)
        {
            BrotliResult::ResultSuccess => self.ended = true,
            BrotliResult::NeedsMoreInput | BrotliResult::NeedsMoreOutput => {}
            BrotliResult::ResultFailure => return Err(Fault::Invalid),
        }
        Ok(Step { read, written })
    }
}

/// Zstandard: one frame after the other.
struct ZstdFrames {
    decoder: Zstd<'static>,
    inside: bool,
}

impl ZstdFrames {
    fn new() -> Option<Self> {
        Some(Self { decoder: Zstd::new().ok()?, inside: false })
    }

    fn step(&mut self, input: &[u8], output: &mut [u8]) -> Result<Step, Fault> {
        let mut input = InBuffer::around(input);
        let mut output = OutBuffer::around(output);
        let missing = self.decoder.run(&mut input, &mut output).map_err(|_| Fault::Invalid)?;
        let step = Step { read: input.pos(), written: output.pos() };
        // Without any progress it answers how long the next frame's header is.
        if step.read > 0 || step.written > 0 {
            self.inside = missing > 0;
        }
        Ok(step)
    }
}

impl Unsupported {
    fn unknown(coding: &[u8]) -> Self {
        const SHOWN: usize = 40;
        Self::Unknown(coding.iter().take(SHOWN).flat_map(|byte| byte.escape_ascii()).map(char::from).collect())
    }
}

impl fmt::Display for Unsupported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unsupported::Unknown(coding) => {
                write!(f, "`{coding}` is not a supported content coding (gzip, deflate, br or zstd)")
            }
            Unsupported::TooMany(count) => {
                write!(f, "it has {count} content codings, and at most {CODINGS_MAX} are decoded")
            }
        }
    }
}

impl fmt::Display for CodingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CodingError::Invalid(coding) => write!(f, "it is not valid `{coding}` data"),
            CodingError::Trailing(coding) => write!(f, "there is more data after the end of its `{coding}` data"),
            CodingError::CutOff(coding) => write!(f, "it ends before its `{coding}` data is complete"),
            CodingError::TooLong(limit) => write!(f, "it is longer than {limit} bytes once decoded"),
        }
    }
}

#[cfg(test)]
mod tests;
