use std::io::Write;

use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
use proptest::prelude::*;

use super::*;

const TEXT: &[u8] = br#"{"id":42,"name":"Ann","note":"hello hello hello"}"#;
const AMPLE: u64 = 1 << 24;

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory")
}

fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory")
}

fn raw_deflate(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory")
}

fn brotli(bytes: &[u8]) -> Vec<u8> {
    let mut coded = Vec::new();
    let params = brotli::enc::BrotliEncoderParams { quality: 5, ..Default::default() };
    brotli::BrotliCompress(&mut &*bytes, &mut coded, &params).expect("memory");
    coded
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::stream::encode_all(bytes, 3).expect("memory")
}

/// Decodes a body that comes in chunks of that length.
fn decoded_by(decoder: &mut Decoder, body: &[u8], chunk: usize) -> (Vec<u8>, Result<(), CodingError>) {
    let mut out = Vec::new();
    for chunk in body.chunks(chunk) {
        let written = decoder.write(chunk, &mut |piece| {
            assert!(piece.len() <= PIECE);
            out.extend_from_slice(piece);
        });
        if written.is_err() {
            return (out, written);
        }
    }
    let finished = decoder.finish();
    (out, finished)
}

fn decode(coding: &str, body: &[u8]) -> (Vec<u8>, Result<(), CodingError>) {
    let mut decoder = Decoder::new([coding.as_bytes()].into_iter(), AMPLE).expect("known codings").expect("a coding");
    decoded_by(&mut decoder, body, 7)
}

#[track_caller]
fn assert_decodes(coding: &str, body: &[u8], text: &[u8]) {
    let (out, finished) = decode(coding, body);
    assert_eq!((String::from_utf8_lossy(&out), finished), (String::from_utf8_lossy(text), Ok(())), "{coding}");
}

#[test]
fn each_coding_by_each_of_its_names() {
    for name in ["gzip", "GZIP", "x-gzip", " Gzip ", "gzip, identity", ", gzip,"] {
        assert_decodes(name, &gzip(TEXT), TEXT);
    }
    assert_decodes("Deflate", &zlib(TEXT), TEXT);
    assert_decodes("BR", &brotli(TEXT), TEXT);
    assert_decodes("zstd", &zstd(TEXT), TEXT);
}

#[test]
fn deflate_without_its_wrapper() {
    assert_decodes("deflate", &raw_deflate(TEXT), TEXT);
    let mut stored = DeflateEncoder::new(Vec::new(), Compression::none());
    stored.write_all(TEXT).expect("memory");
    assert_decodes("deflate", &stored.finish().expect("memory"), TEXT);
}

#[test]
fn zlib_named_gzip_as_curl_accepts_it() {
    assert_decodes("gzip", &zlib(TEXT), TEXT);
}

#[test]
fn several_gzip_members_and_zstd_frames() {
    let (first, second) = TEXT.split_at(8);
    assert_decodes("gzip", &[gzip(first), gzip(b""), gzip(second)].concat(), TEXT);
    assert_decodes("zstd", &[zstd(first), zstd(second)].concat(), TEXT);
}

#[test]
fn several_codings_undone_in_reverse() {
    assert_decodes("gzip, gzip", &gzip(&gzip(TEXT)), TEXT);
    assert_decodes("br, gzip", &gzip(&brotli(TEXT)), TEXT);
    assert_decodes("deflate,br,zstd,gzip,x-gzip", &gzip(&gzip(&zstd(&brotli(&raw_deflate(TEXT))))), TEXT);
    let fields = [&b"br"[..], b"zstd, gzip"];
    let mut decoder = Decoder::new(fields.into_iter(), AMPLE).expect("known").expect("codings");
    assert_eq!(decoded_by(&mut decoder, &gzip(&zstd(&brotli(TEXT))), 5), (TEXT.to_vec(), Ok(())));
}

#[test]
fn nothing_to_decode() {
    for name in ["", "identity", "Identity, none", " , "] {
        assert!(Decoder::new([name.as_bytes()].into_iter(), AMPLE).expect("known").is_none(), "{name}");
    }
    for name in ["gzip", "deflate", "br", "zstd"] {
        assert_decodes(name, b"", b"");
    }
}

#[test]
fn codings_that_are_not_decoded() {
    let refused =
        |values: &[&[u8]]| Decoder::new(values.iter().copied(), AMPLE).map(|_| ()).expect_err("refused").to_string();
    insta::assert_snapshot!(refused(&[b"gzip, foo\x1b[1m"]), @r"`foo\x1b[1m` is not a supported content coding (gzip, deflate, br or zstd)");
    insta::assert_snapshot!(refused(&[b"gzip;q=1"]), @"`gzip;q=1` is not a supported content coding (gzip, deflate, br or zstd)");
    insta::assert_snapshot!(refused(&[b"gzip,gzip,gzip", b"br,br,br"]), @"it has 6 content codings, and at most 5 are decoded");
    assert!(refused(&[&[b'x'; 100_000]]).len() < 200);
}

#[test]
fn data_that_is_not_what_it_says() {
    for (coding, body) in [
        ("gzip", TEXT.to_vec()),
        ("deflate", gzip(TEXT)),
        ("br", vec![0xff; 64]),
        ("zstd", TEXT.to_vec()),
        ("gzip, gzip", gzip(TEXT)),
    ] {
        let name = if coding.starts_with("gzip") { "gzip" } else { coding };
        assert_eq!(decode(coding, &body).1, Err(CodingError::Invalid(name)), "{coding}");
    }
    let mut wrong_checksum = gzip(TEXT);
    let at = wrong_checksum.len() - 8;
    wrong_checksum[at] ^= 1;
    assert_eq!(decode("gzip", &wrong_checksum).1, Err(CodingError::Invalid("gzip")));
}

#[test]
fn what_follows_the_end_is_said_and_the_rest_kept() {
    for (coding, mut body, name) in
        [("gzip", gzip(TEXT), "gzip"), ("deflate", zlib(TEXT), "deflate"), ("br", brotli(TEXT), "br")]
    {
        body.extend(b"\0\0 garbage");
        assert_eq!(decode(coding, &body), (TEXT.to_vec(), Err(CodingError::Trailing(name))));
    }
    let mut body = zstd(TEXT);
    body.extend(b"garbage");
    assert_eq!(decode("zstd", &body), (TEXT.to_vec(), Err(CodingError::Invalid("zstd"))));
}

#[test]
fn bodies_cut_off() {
    for (coding, body) in [
        ("gzip", gzip(TEXT)),
        ("deflate", zlib(TEXT)),
        ("deflate", raw_deflate(TEXT)),
        ("br", brotli(TEXT)),
        ("zstd", zstd(TEXT)),
    ] {
        for length in 1..body.len() {
            assert_eq!(decode(coding, &body[..length]).1, Err(CodingError::CutOff(coding)), "{coding} {length}");
        }
    }
}

#[test]
fn a_bomb_is_stopped_at_the_limit() {
    let zeros = vec![0; 4 << 20];
    for (coding, bomb) in [
        ("gzip", gzip(&zeros)),
        ("deflate", zlib(&zeros)),
        ("br", brotli(&zeros)),
        ("zstd", zstd(&zeros)),
        ("br, gzip", gzip(&brotli(&zeros))),
    ] {
        let limit = 100_000;
        let mut decoder = Decoder::new([coding.as_bytes()].into_iter(), limit).expect("known").expect("a coding");
        let (out, stopped) = decoded_by(&mut decoder, &bomb, bomb.len());
        assert_eq!((out.len() as u64, stopped), (limit, Err(CodingError::TooLong(limit))), "{coding}");
    }
}

#[test]
fn a_bomb_inside_is_stopped_though_nothing_comes_out() {
    // Gzip of 4 MiB that are an endless file name inside a gzip header.
    let mut header = vec![0x1f, 0x8b, 8, 8, 0, 0, 0, 0, 0, 0];
    header.resize(4 << 20, b'x');
    let mut decoder = Decoder::new([&b"gzip, gzip"[..]].into_iter(), 100_000).expect("known").expect("codings");
    assert_eq!(decoded_by(&mut decoder, &gzip(&header), 1 << 20), (vec![], Err(CodingError::TooLong(100_000))));
}

#[test]
fn exactly_the_limit_is_not_too_long() {
    let text = vec![b'x'; PIECE * 2];
    for (coding, body) in [("gzip", gzip(&text)), ("br", brotli(&text)), ("zstd", zstd(&text))] {
        let mut decoder =
            Decoder::new([coding.as_bytes()].into_iter(), text.len() as u64).expect("known").expect("one");
        assert_eq!(decoded_by(&mut decoder, &body, 1000), (text.clone(), Ok(())), "{coding}");
    }
}

#[test]
fn sentences() {
    let errors = [
        CodingError::Invalid("gzip"),
        CodingError::Trailing("br"),
        CodingError::CutOff("zstd"),
        CodingError::TooLong(67_108_864),
    ];
    insta::assert_snapshot!(errors.map(|e| e.to_string()).join("\n"), @r"
    it is not valid `gzip` data
    there is more data after the end of its `br` data
    it ends before its `zstd` data is complete
    it is longer than 67108864 bytes once decoded
    ");
}

type Encode = fn(&[u8]) -> Vec<u8>;
const ENCODERS: [(&str, Encode); 5] =
    [("gzip", gzip), ("deflate", zlib), ("deflate", raw_deflate), ("br", brotli), ("zstd", zstd)];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn any_text_through_any_stack_in_any_chunking(
        text in prop::collection::vec(prop_oneof![Just(b'a'), any::<u8>()], 0..20_000),
        stack in prop::collection::vec(0..ENCODERS.len(), 1..=CODINGS_MAX),
        chunk in prop_oneof![Just(1), 1..50_000usize],
    ) {
        let mut body = text.clone();
        for layer in &stack {
            body = ENCODERS[*layer].1(&body);
        }
        let names: Vec<_> = stack.iter().map(|layer| ENCODERS[*layer].0.as_bytes()).collect();
        let mut decoder = Decoder::new(names.into_iter(), AMPLE).expect("known").expect("codings");
        prop_assert_eq!(decoded_by(&mut decoder, &body, chunk), (text, Ok(())));
    }

    #[test]
    fn garbage_neither_panics_nor_grows(
        coding in 0..ENCODERS.len(),
        text in prop::collection::vec(any::<u8>(), 0..2000),
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
        bare in any::<bool>(),
    ) {
        let mut body = if bare { text } else { ENCODERS[coding].1(&text) };
        if !body.is_empty() {
            let at = at.index(body.len());
            body[at] = byte;
        }
        let limit = 50_000;
        let mut decoder = Decoder::new([ENCODERS[coding].0.as_bytes()].into_iter(), limit).expect("known").expect("one");
        prop_assert!(decoded_by(&mut decoder, &body, 100).0.len() as u64 <= limit);
    }
}
