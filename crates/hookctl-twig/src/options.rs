//! How a template is rendered, and within what bounds.

/// How to render.
///
/// ```
/// use hookctl_twig::{Array, Options, Template};
///
/// let options = Options { now: Some(1_795_392_000_000_000), timezone: "Asia/Tokyo".into(), ..Options::default() };
/// let template = Template::parse("{{ 'now'|date('Y-m-d H:i') }}").expect("a template");
/// assert_eq!(template.render(&Array::new(), &options).expect("renders").output, "2026-11-23 09:00");
/// ```
#[derive(Debug, Clone)]
pub struct Options {
    /// An undefined variable or field is an error (otherwise it is blank, and listed in `Rendered::undefined`).
    pub strict: bool,
    /// The default time zone, as an IANA name.
    pub timezone: String,
    /// What `now` is, in microseconds since 1970 (UTC); the clock's time where none.
    pub now: Option<i64>,
    /// Seed of `random`, `shuffle` …; unpredictable where none.
    pub seed: Option<u64>,
    /// What a render may use.
    pub limits: Limits,
}

/// What a render may use before it is ended with [`ErrorKind::Bound`](crate::error::ErrorKind::Bound).
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Evaluated nodes.
    pub steps: u64,
    /// Bytes of output and of any string made on the way.
    pub output: usize,
    /// Depth of calls, of nested data, of expressions.
    pub depth: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { steps: 2_000_000, output: 4 << 20, depth: 128 }
    }
}

impl Default for Options {
    fn default() -> Self {
        Self { strict: true, timezone: "UTC".into(), now: None, seed: None, limits: Limits::default() }
    }
}
