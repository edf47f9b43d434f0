//! Templates made at random from a grammar, over data such as real events have.

use fastrand::Rng;
use serde_json::{Value, json};

/// Data of events.
pub(crate) fn contexts() -> [Value; 3] {
    [
        json!({
            "contact": {
                "id": "00123", "first_name": "Ann", "last_name": "O'Neil <x>", "email": null, "age": 34, "score": 4.5,
                "tags": ["vip", "new"], "active": true, "address": {"city": "台北市", "zip": "100"}, "empty": "", "zero": 0
            },
            "n": 5, "list": [3, 1, 2], "map": {"b": 2, "a": 1, "c": {"d": "deep"}}, "word": "hello World"
        }),
        json!({
            "contact": {
                "id": 9007199254740993_i64, "first_name": "Größe", "last_name": "", "email": "a@b.co", "age": "41",
                "score": 0.1, "tags": [], "active": false, "address": null, "empty": [], "zero": "0"
            },
            "n": -3, "list": ["b", "a", "10", "9"], "map": {"x": null, "5": "five"}, "word": "  <b>Hi</b> & \"you\"\n"
        }),
        json!({
            "contact": {
                "id": 7, "first_name": "李 小龍", "last_name": "12abc", "age": 0, "score": -1e25, "tags": ["1", 2, 3.5, null, true],
                "active": 1, "address": {"city": "Zürich", "zip": 8001}
            },
            "n": 2.5, "list": [[1, 2], {"a": 3}], "map": {}, "word": "0"
        }),
    ]
}

/// A template.
pub(crate) fn template(rng: &mut Rng) -> String {
    let mut maker = Maker { rng, budget: 14 };
    let mut text = String::new();
    for _ in 0..maker.rng.usize(1..=3) {
        text.push_str(&maker.piece(0));
    }
    text
}

struct Maker<'r> {
    rng: &'r mut Rng,
    budget: i32,
}

const PATHS: [&str; 22] = [
    "contact.first_name",
    "contact.last_name",
    "contact.email",
    "contact.age",
    "contact.score",
    "contact.tags",
    "contact.active",
    "contact.address.city",
    "contact['zip']",
    "contact.address['zip']",
    "contact.missing",
    "contact.empty",
    "contact.zero",
    "contact.id",
    "n",
    "list",
    "map",
    "word",
    "missing",
    "contact.tags.0",
    "list[1]",
    "map.a",
];
const TEXTS: [&str; 14] = [
    "'a'",
    "'5'",
    "'-1.5'",
    "'abc def'",
    "''",
    "'0'",
    "'Grüße'",
    "'1e3'",
    "' 7'",
    "'7 '",
    "'x,y,z'",
    "'<i>é</i>'",
    "\"t\\tq\"",
    "'%s and %05.2f'",
];
const NUMBERS: [&str; 12] = ["0", "1", "2", "3", "10", "7", "1.5", "0.1", "100", "2.0", "9223372036854775807", "1e-7"];
/// Operands of the operators that go by bytes: theirs is the only way to text that is no UTF-8, of which the crate keeps U+FFFD.
const ASCII: [&str; 9] =
    ["contact.last_name", "contact.age", "contact.id", "contact.active", "n", "'abc def'", "'1e3'", "'5'", "10"];
const OPERATORS: [&str; 24] = [
    "+",
    "-",
    "*",
    "/",
    "//",
    "%",
    "**",
    "~",
    "==",
    "!=",
    "<",
    ">",
    "<=",
    ">=",
    "<=>",
    "and",
    "or",
    "in",
    "not in",
    "starts with",
    "ends with",
    "matches",
    "??",
    "?:",
];
const FILTERS: [&str; 62] = [
    "upper",
    "lower",
    "title",
    "capitalize",
    "trim",
    "trim('a')",
    "trim(side='left')",
    "length",
    "first",
    "last",
    "reverse",
    "sort",
    "join(',')",
    "join(', ', ' and ')",
    "join",
    "keys",
    "abs",
    "round",
    "round(1)",
    "round(1, 'floor')",
    "number_format",
    "number_format(2, ',', '.')",
    "number_format(decimal=1)",
    "default('d')",
    "default",
    "json_encode",
    "url_encode",
    "e",
    "e('js')",
    "striptags",
    "nl2br",
    "slice(1, 2)",
    "slice(-2)",
    "split(',')",
    "split('')",
    "split('', 2)",
    "batch(2, 'x')|json_encode",
    "merge([1])",
    "merge({k: 1})|json_encode",
    "replace({a: 'b', 'l': 'L'})",
    "format('x', 3)",
    "column('a')",
    "map(v => v)",
    "filter(v => v)",
    "reduce((c, v) => c ~ v, '')",
    "raw",
    "default(contact.missing)",
    "e('html_attr')",
    "e('url')",
    "format(n, contact.age)",
    "convert_encoding('ISO-8859-1', 'UTF-8')|url_encode",
    "convert_encoding('ASCII//TRANSLIT', 'UTF-8')",
    "convert_encoding('UTF-16BE', 'UTF-8')|convert_encoding('UTF-8', 'UTF-16BE')",
    "split('', 1.5)",
    "sort((a, b) => b <=> a)",
    "slice(n, 2, contact.active)",
    "join(and = ' & ')",
    "column(null)",
    "trim('a..f', contact.active)",
    "spaceless",
    "number_format(n, contact.last_name)",
    "json_encode(448)",
];
const TESTS: [&str; 14] = [
    "defined",
    "null",
    "none",
    "empty",
    "even",
    "odd",
    "iterable",
    "same as(5)",
    "divisible by(2)",
    "same as('a')",
    "not defined",
    "not empty",
    "divisible by 3",
    "not same as 1",
];

impl Maker<'_> {
    fn of(&mut self, choices: &[&'static str]) -> &'static str {
        choices[self.rng.usize(..choices.len())]
    }

    fn piece(&mut self, depth: u32) -> String {
        let e = |m: &mut Self| m.expression(2);
        let inner = |m: &mut Self| if depth > 1 { m.print() } else { m.piece(depth + 1) };
        match self.rng.u8(0..27) {
            0..=9 => self.print(),
            10 => self.of(&["text ", " \n ", "\n", "a { b }", "é"]).to_owned(),
            11..=12 => format!(
                "{} if {} {}{} else {}{} endif {}",
                self.open(),
                e(self),
                self.close(),
                inner(self),
                self.close(),
                inner(self),
                self.close()
            )
            .replacen(" else ", "{% else ", 1)
            .replacen(" endif ", "{% endif ", 1),
            13..=14 => {
                format!("{{% for v in {} %}}{}{{{{ loop.index }}}}{{% else %}}-{{% endfor %}}", e(self), inner(self))
            }
            15 => format!("{{% for k, v in {} %}}{{{{ k }}}}{{{{ loop.last }}}},{{% endfor %}}", e(self)),
            16..=17 => {
                format!("{{% set x = {} %}}{{{{ x{} }}}}", e(self), if self.rng.bool() { "|json_encode" } else { "" })
            }
            18 => {
                format!("{{% set x %}}{}{{% endset %}}[{{{{ x }}}}]{{{{ x is empty }}}}{{{{ x|length }}}}", inner(self))
            }
            19 => format!("{{% with {{q: {}}} %}}{{{{ q|json_encode }}}}{{% endwith %}}", e(self)),
            20 => format!("{{% apply {} %}}{}{{% endapply %}}", self.filter(), inner(self)),
            24 => format!("{{% autoescape {} %}}{}{{% endautoescape %}}", self.of(&["", "'js'", "false"]), inner(self)),
            25 => format!(
                "{{% for v in {} %}}{{% for w in {} %}}{}{{{{ loop.parent.loop.index ~ (v ?? '-') }}}}{{% else %}}{{{{ w ?? 0 }}}}{{% endfor %}}{{% endfor %}}{{{{ v|default }}}}",
                e(self),
                e(self),
                inner(self)
            ),
            26 => format!("{{% with {} only %}}{}{{% endwith %}}", self.of(&["contact", "map", "{n: 1}"]), inner(self)),
            21 => {
                format!("{{% macro m(a, b = 2) %}}{{{{ a }}}}{{{{ b }}}}{{% endmacro %}}{{{{ _self.m({}) }}}}", e(self))
            }
            22 => format!("{{# c #}}{}{{% do {} %}}", self.of(&["", "\n", " x"]), e(self)),
            _ => {
                format!("{{% if {} %}}{}{{% elseif {} %}}{}{{% endif %}}\n", e(self), inner(self), e(self), inner(self))
            }
        }
    }

    fn open(&mut self) -> &'static str {
        self.of(&["{%", "{%", "{%-", "{%~"])
    }

    fn close(&mut self) -> &'static str {
        self.of(&["%}", "%}", "-%}", "~%}"])
    }

    fn print(&mut self) -> String {
        let (open, close) = (self.of(&["{{", "{{", "{{-", "{{~"]), self.of(&["}}", "}}", "-}}", "~}}"]));
        let wrap = self.of(&["", "", "", "|json_encode"]);
        if wrap.is_empty() {
            return format!("{open} {} {close}", self.expression(3));
        }
        format!("{open} ({}){wrap} {close}", self.expression(3))
    }

    fn filter(&mut self) -> &'static str {
        self.of(&FILTERS)
    }

    fn expression(&mut self, depth: u32) -> String {
        self.budget -= 1;
        if depth == 0 || self.budget < 0 {
            return self.atom();
        }
        let d = depth - 1;
        match self.rng.u8(0..21) {
            20 => format!("({} {} {})", self.of(&ASCII), self.of(&["b-and", "b-or", "b-xor", ".."]), self.of(&ASCII)),
            0..=4 => self.atom(),
            5..=9 => {
                let (a, op, b) = (self.expression(d), self.of(&OPERATORS), self.expression(d));
                if op == "matches" { format!("{a} matches '/^[a-z]+/i'") } else { format!("{a} {op} {b}") }
            }
            10..=12 => format!("{}|{}", self.atom(), self.filter()),
            13 => format!("({})|{}", self.expression(d), self.filter()),
            14 => format!("{} ? {} : {}", self.expression(d), self.expression(d), self.expression(d)),
            15 => format!("{} is {}", self.atom(), self.of(&TESTS)),
            16 => format!("{}({})", self.of(&["not ", "-", "+"]), self.expression(d)),
            17 => format!("\"{}#{{{}}}\"", self.of(&["", "a ", "é"]), self.expression(d).replace('"', "'")),
            18 => {
                let slice = self.of(&["[0]", "[1:]", "[:2]", "[1:1]", "['a']", "[-1:]"]);
                format!("{}{slice}", self.of(&PATHS))
            }
            _ => match self.rng.u8(0..7) {
                0 => format!("max({}, {})", self.expression(d), self.atom()),
                1 => format!("min([{}, {}])", self.expression(d), self.atom()),
                2 => format!("range({}, {})", self.of(&["1", "5", "'a'", "0"]), self.of(&["3", "1", "'e'", "10, 2"])),
                3 => format!("cycle([1, 'b'], {})", self.of(&["0", "3", "n"])),
                4 => format!("list|map(v => {})|join", self.of(&["v", "v ~ 'x'", "n ~ '.'", "v * 2"])),
                5 => format!("attribute(contact, {})", self.of(&["'first_name'", "'zip'", "word"])),
                _ => format!("list|filter((v, k) => {})|json_encode", self.of(&["v > 1", "k > 0", "v in [1, 'a']"])),
            },
        }
    }

    fn atom(&mut self) -> String {
        match self.rng.u8(0..12) {
            0..=5 => self.of(&PATHS).to_owned(),
            6..=7 => self.of(&TEXTS).to_owned(),
            8..=9 => self.of(&NUMBERS).to_owned(),
            10 => self.of(&["true", "false", "null", "[]", "{}"]).to_owned(),
            _ => match self.rng.u8(0..3) {
                0 => format!("[{}, {}]", self.of(&NUMBERS), self.of(&TEXTS)),
                1 => format!("{{a: {}, 'b': {}}}", self.of(&PATHS), self.of(&TEXTS)),
                _ => format!("[{}, {}]", self.of(&PATHS), self.of(&PATHS)),
            },
        }
    }
}
