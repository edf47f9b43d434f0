//! The `json_encode` filter.

use super::arguments::int;
use super::{Callable, Cost, Param, Returns, Runtime};
use crate::error::{ErrorKind, Failure};
use crate::types::Kind;
use crate::value::{Array, Number, Value, shortest_float_text};

/// The table.
pub(super) const FILTERS: &[Callable] = &[Callable::new(
    "json_encode",
    &[
        Param::required("value"),
        Param::optional("flags", || Value::Int(0)),
        Param::optional("depth", || Value::Int(512)),
    ],
    Returns::Kind(Kind::Text),
    json_encode,
)
.costs(Cost::Everything)
.of_null(true)
.keeps_secrets_recognizable()
.internal()
.doc("the value as JSON", "{{ {name: 'Ann'}|json_encode }}", "{\"name\":\"Ann\"}")];

/// The bits of the second argument that change what is written; the numbers are PHP's constants.
mod flag {
    pub(super) const HEX_TAG: i64 = 1;
    pub(super) const HEX_AMP: i64 = 2;
    pub(super) const HEX_APOS: i64 = 4;
    pub(super) const HEX_QUOT: i64 = 8;
    pub(super) const FORCE_OBJECT: i64 = 16;
    pub(super) const NUMERIC_CHECK: i64 = 32;
    pub(super) const UNESCAPED_SLASHES: i64 = 64;
    pub(super) const PRETTY_PRINT: i64 = 128;
    pub(super) const UNESCAPED_UNICODE: i64 = 256;
    pub(super) const PARTIAL_OUTPUT: i64 = 512;
    pub(super) const ZERO_FRACTION: i64 = 1024;
    pub(super) const UNESCAPED_LINE_ENDS: i64 = 2048;
    pub(super) const THROW: i64 = 1 << 22;
}

fn json_encode(runtime: &mut dyn Runtime, args: &[Value]) -> Result<Value, Failure> {
    let flags = int(&args[1], "the flags of `json_encode`")?;
    // PHP keeps it as a C int.
    let depth = int(&args[2], "the depth of `json_encode`")? as i32;
    let nesting = runtime.options().limits.depth;
    let longest = runtime.options().limits.output;
    let mut writer = Writer { out: String::new(), longest, flags, level: 0, depth, nesting, fault: None };
    writer.value(&args[0])?;
    match writer.fault {
        Some(fault) if flags & flag::THROW != 0 && flags & flag::PARTIAL_OUTPUT == 0 => Err(Failure::runtime(fault)),
        Some(_) if flags & flag::PARTIAL_OUTPUT == 0 => Ok(Value::Bool(false)),
        _ => Ok(Value::from(writer.out)),
    }
}

struct Writer {
    out: String,
    longest: usize,
    flags: i64,
    level: usize,
    depth: i32,
    nesting: usize,
    /// What JSON has no form for. The reference answers false then.
    fault: Option<&'static str>,
}

impl Writer {
    fn has(&self, flag: i64) -> bool {
        self.flags & flag != 0
    }

    fn value(&mut self, value: &Value) -> Result<(), Failure> {
        match value {
            Value::Null => self.out.push_str("null"),
            Value::Bool(value) => self.out.push_str(if *value { "true" } else { "false" }),
            Value::Int(number) => self.out.push_str(&number.to_string()),
            Value::Float(number) => self.float(*number),
            Value::Str(text) | Value::Markup(text) => self.text(text),
            Value::Bytes(_) => {
                self.fault = Some("`json_encode` can't write a string that is not UTF-8");
                self.out.push_str("null");
            }
            Value::Array(array) => {
                let list = array.is_list() && !self.has(flag::FORCE_OBJECT);
                self.array(array, list)?;
            }
            Value::Closure(_) => self.out.push_str("{}"),
            Value::Object(object) => self.array(&object.fields(), false)?,
        }
        if self.out.len() > self.longest {
            return Err(Failure::too_long("`json_encode`", self.longest));
        }
        Ok(())
    }

    fn float(&mut self, number: f64) {
        if !number.is_finite() {
            self.fault = Some("`json_encode` can't write infinity or NaN");
            self.out.push('0');
            return;
        }
        let text = shortest_float_text(number, 'e');
        self.out.push_str(&text);
        if self.has(flag::ZERO_FRACTION) && !text.contains(['.', 'e']) {
            self.out.push_str(".0");
        }
    }

    fn array(&mut self, array: &Array, list: bool) -> Result<(), Failure> {
        let (open, close) = if list { ('[', ']') } else { ('{', '}') };
        self.out.push(open);
        self.level += 1;
        if self.level as i64 > i64::from(self.depth) {
            self.fault = Some("`json_encode`: the value is nested deeper than `depth` allows");
        }
        if array.is_empty() {
            self.level -= 1;
            self.out.push(close);
            return Ok(());
        }
        if self.level > self.nesting.max(512) {
            let kind = ErrorKind::Bound;
            return Err(Failure { kind, message: "`json_encode`: the value is nested too deeply".into(), help: None });
        }
        for (index, (key, value)) in array.iter().enumerate() {
            if index > 0 {
                self.out.push(',');
            }
            self.new_line();
            if !list {
                self.string(&key.to_string());
                self.out.push_str(if self.has(flag::PRETTY_PRINT) { ": " } else { ":" });
            }
            self.value(value)?;
        }
        self.level -= 1;
        self.new_line();
        self.out.push(close);
        Ok(())
    }

    fn new_line(&mut self) {
        if self.has(flag::PRETTY_PRINT) {
            self.out.push('\n');
            self.out.extend(std::iter::repeat_n("    ", self.level));
        }
    }

    fn text(&mut self, text: &str) {
        if self.has(flag::NUMERIC_CHECK)
            && let Some(number) = Number::parse(text)
        {
            match number {
                Number::Int(number) => self.out.push_str(&number.to_string()),
                Number::Float(number) => self.float(number),
            }
            return;
        }
        self.string(text);
    }

    fn string(&mut self, text: &str) {
        self.out.push('"');
        for c in text.chars() {
            match c {
                '"' if self.has(flag::HEX_QUOT) => self.out.push_str("\\u0022"),
                '"' => self.out.push_str("\\\""),
                '\\' => self.out.push_str("\\\\"),
                '/' if !self.has(flag::UNESCAPED_SLASHES) => self.out.push_str("\\/"),
                '\u{8}' => self.out.push_str("\\b"),
                '\u{c}' => self.out.push_str("\\f"),
                '\n' => self.out.push_str("\\n"),
                '\r' => self.out.push_str("\\r"),
                '\t' => self.out.push_str("\\t"),
                '<' if self.has(flag::HEX_TAG) => self.out.push_str("\\u003C"),
                '>' if self.has(flag::HEX_TAG) => self.out.push_str("\\u003E"),
                '&' if self.has(flag::HEX_AMP) => self.out.push_str("\\u0026"),
                '\'' if self.has(flag::HEX_APOS) => self.out.push_str("\\u0027"),
                '\0'..='\u{1f}' => self.escaped(c),
                _ if c.is_ascii() => self.out.push(c),
                '\u{2028}' | '\u{2029}'
                    if self.has(flag::UNESCAPED_UNICODE) && !self.has(flag::UNESCAPED_LINE_ENDS) =>
                {
                    self.escaped(c);
                }
                _ if self.has(flag::UNESCAPED_UNICODE) => self.out.push(c),
                _ => self.escaped(c),
            }
        }
        self.out.push('"');
    }

    fn escaped(&mut self, c: char) {
        let mut units = [0; 2];
        for unit in c.encode_utf16(&mut units) {
            self.out.push_str(&format!("\\u{unit:04x}"));
        }
    }
}
