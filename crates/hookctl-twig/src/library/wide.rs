//! Encodings whose units are wider than a byte: UTF-16, UTF-32 and their older names.

/// How units are written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wide {
    /// Bytes of a unit: 2 or 4.
    width: usize,
    big_endian: bool,
    /// It starts with a byte order mark.
    marked: bool,
}

/// The encoding of that name, if it is one of these.
pub(super) fn named(name: &str) -> Option<Wide> {
    let (width, big_endian, marked) = match &*name.to_ascii_uppercase() {
        "UTF-16" | "UTF16" | "UNICODE" => (2, false, true),
        "UTF-16LE" | "UTF16LE" | "UCS-2" | "UCS2" | "UCS-2LE" | "UNICODELITTLE" => (2, false, false),
        "UTF-16BE" | "UTF16BE" | "UCS-2BE" | "UNICODEBIG" => (2, true, false),
        "UTF-32" | "UTF32" => (4, false, true),
        "UTF-32LE" | "UTF32LE" | "UCS-4LE" => (4, false, false),
        "UTF-32BE" | "UTF32BE" | "UCS-4" | "UCS4" | "UCS-4BE" => (4, true, false),
        _ => return None,
    };
    Some(Wide { width, big_endian, marked })
}

const MARK: u32 = 0xfeff;

impl Wide {
    /// The text's bytes.
    pub(super) fn encode(self, text: &str) -> Vec<u8> {
        let mut bytes = Vec::with_capacity((text.len() + 1) * self.width);
        let units: Vec<u32> = match self.width {
            2 => text.encode_utf16().map(u32::from).collect(),
            _ => text.chars().map(u32::from).collect(),
        };
        for unit in self.marked.then_some(MARK).into_iter().chain(units) {
            let unit = unit.to_be_bytes();
            let unit = &unit[4 - self.width..];
            if self.big_endian {
                bytes.extend_from_slice(unit);
            } else {
                bytes.extend(unit.iter().rev());
            }
        }
        bytes
    }

    /// The bytes as text; `None` if they are not valid in this encoding.
    pub(super) fn decode(self, bytes: &[u8]) -> Option<String> {
        let unit = |big_endian: bool, bytes: &[u8]| {
            let shift = |number: u32, byte: &u8| number << 8 | u32::from(*byte);
            if big_endian { bytes.iter().fold(0, shift) } else { bytes.iter().rev().fold(0, shift) }
        };
        let (mut bytes, mut big_endian) = (bytes, self.big_endian);
        if let Some(first) = bytes.get(..self.width).filter(|_| self.marked)
            && let Some(order) = [false, true].into_iter().find(|&order| unit(order, first) == MARK)
        {
            (bytes, big_endian) = (&bytes[self.width..], order);
        }
        let units = bytes.chunks_exact(self.width);
        if !units.remainder().is_empty() {
            return None;
        }
        let units = units.map(|bytes| unit(big_endian, bytes));
        if self.width == 4 {
            return units.map(char::from_u32).collect();
        }
        char::decode_utf16(units.map(|unit| unit as u16)).collect::<Result<_, _>>().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::named;

    #[test]
    fn there_and_back() {
        for name in ["UTF-16", "utf-16be", "UTF-16LE", "UCS-2", "UTF-32", "UCS-4"] {
            let wide = named(name).unwrap();
            assert_eq!(wide.decode(&wide.encode("aé愛")).unwrap(), "aé愛", "{name}");
        }
        let utf16 = named("UTF-16").unwrap();
        assert_eq!(utf16.encode("aé"), [0xff, 0xfe, 0x61, 0, 0xe9, 0]);
        assert_eq!(utf16.decode(&[0xfe, 0xff, 0, 0x61]).unwrap(), "a");
        assert_eq!(named("UTF-16BE").unwrap().encode("😀"), [0xd8, 0x3d, 0xde, 0]);
        assert_eq!(utf16.decode(b"abc"), None);
        assert!(named("UTF-8").is_none());
    }
}
