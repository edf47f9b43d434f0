//! Constructs of other template engines, recognised so that the error can say how this dialect writes them.

use crate::error::{Error, ErrorKind};
use crate::host::Host;
use crate::span::Span;
use crate::token::{Binary, Kind, Op};

/// A construct that the dialect does not have.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ForeignSyntax {
    /// What it is, naming the text.
    pub message: String,
    /// How the dialect writes it.
    pub help: String,
    /// What to put in its place, where that is one clear text.
    pub replacement: Option<&'static str>,
}

impl ForeignSyntax {
    fn new(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { message: message.into(), help: help.into(), replacement: None }
    }

    fn or(message: impl Into<String>, help: impl Into<String>, replacement: &'static str) -> Self {
        Self { replacement: Some(replacement), ..Self::new(message, help) }
    }

    /// Something that needs other files.
    pub(crate) fn no_files(message: impl Into<String>) -> Self {
        Self::new(message, NO_FILES)
    }

    /// As an error at a place.
    pub(crate) fn at(self, span: Span) -> Error {
        Error {
            kind: ErrorKind::NotInDialect,
            span,
            message: self.message,
            help: Some(self.help),
            replacement: self.replacement.map(str::to_owned),
        }
    }
}

/// Tags of other engines, and tags of the dialect that need other files or the server: name, whose it is, what to write.
const TAGS: &[(&str, &str, &str)] = &[
    ("elif", "Jinja", "write `{% elseif … %}`"),
    ("elsif", "Liquid", "write `{% elseif … %}`"),
    ("elseIf", "other engines", "write `{% elseif … %}`"),
    ("set_global", "Tera", "write `{% set name = … %}`; set it before the loop to use it afterwards"),
    ("assign", "Liquid", "write `{% set name = … %}`"),
    ("let", "other engines", "write `{% set name = … %}`"),
    ("var", "other engines", "write `{% set name = … %}`"),
    ("capture", "Liquid", "write `{% set name %}…{% endset %}`"),
    ("endcapture", "Liquid", "write `{% set name %}…{% endset %}`"),
    ("increment", "Liquid", "write `{% set name = name + 1 %}`"),
    ("decrement", "Liquid", "write `{% set name = name - 1 %}`"),
    ("unless", "Liquid", "write `{% if not (…) %}`"),
    ("endunless", "Liquid", "write `{% endif %}`"),
    ("case", "Liquid", "write `{% if … %}{% elseif … %}{% endif %}`"),
    ("switch", "other engines", "write `{% if … %}{% elseif … %}{% endif %}`"),
    ("when", "Liquid", "write `{% elseif … %}`"),
    ("endcase", "Liquid", "write `{% endif %}`"),
    ("raw", "Jinja", "write `{% verbatim %}…{% endverbatim %}`"),
    ("endraw", "Jinja", "write `{% verbatim %}…{% endverbatim %}`"),
    ("comment", "Liquid", "write `{# … #}`"),
    ("endcomment", "Liquid", "write `{# … #}`"),
    ("filter", "Jinja", "write `{% apply upper %}…{% endapply %}`"),
    ("endfilter", "Jinja", "write `{% endapply %}`"),
    ("call", "Jinja", "write a macro with an argument: `{{ _self.name(text) }}`"),
    ("foreach", "Smarty", "write `{% for value in list %}…{% endfor %}`"),
    ("each", "Handlebars", "write `{% for value in list %}…{% endfor %}`"),
    ("tablerow", "Liquid", "write `{% for row in list|batch(3) %}…{% endfor %}`"),
    ("while", "other engines", "write `{% for i in 1..10 %}…{% endfor %}`"),
    ("continue", "Jinja", "wrap the rest of the loop in an `{% if %}`, or loop over `list|filter(v => …)`"),
    ("break", "Jinja", "loop over a part of it: `list|slice(0, 3)` or `list|filter(v => …)`"),
    ("cycle", "Liquid", "write `{{ cycle(['a', 'b'], loop.index0) }}`"),
    ("echo", "Liquid", "write `{{ … }}`"),
    ("print", "other engines", "write `{{ … }}`"),
    ("render", "Liquid", NO_FILES),
    ("include", "", NO_FILES),
    ("embed", "", NO_FILES),
    ("endembed", "", NO_FILES),
    ("extends", "", NO_FILES),
    ("use", "", NO_FILES),
    ("sandbox", "", "remove it: templates can reach nothing but their data"),
    ("endsandbox", "", "remove it: templates can reach nothing but their data"),
    ("endcall", "Jinja", "write a macro with an argument: `{{ _self.name(text) }}`"),
    ("endforeach", "Smarty", "write `{% endfor %}`"),
    ("endeach", "Handlebars", "write `{% endfor %}`"),
    ("end", "other engines", "write `{% endif %}`, `{% endfor %}` …"),
    ("ifequal", "Django", "write `{% if a == b %}`"),
    ("endifequal", "Django", "write `{% endif %}`"),
    ("ifnotequal", "Django", "write `{% if a != b %}`"),
    ("endifnotequal", "Django", "write `{% endif %}`"),
    ("now", "Django", "write `{{ 'now'|date('Y-m-d') }}`"),
    ("load", "Django", "remove it: all filters are available"),
    ("url", "Django", "write the URL itself"),
    ("cache", "", "remove the tag and keep its content"),
    ("endcache", "", "remove the tag and keep its content"),
    ("trans", "", "write the text itself"),
    ("endtrans", "", "write the text itself"),
    ("form_theme", "", "remove the tag and keep its content"),
    ("stopwatch", "", "remove the tag and keep its content"),
    ("dump", "", "write `{{ value|json_encode }}`"),
    ("spaceless", "", "write `{% apply spaceless %}…{% endapply %}`"),
    ("endspaceless", "", "write `{% apply spaceless %}…{% endapply %}`"),
    ("liquid", "Liquid", "write a tag for each line"),
    ("block.super", "Django", "a template has no parent"),
    ("csrf_token", "Django", "remove it"),
];

const NO_FILES: &str = "a template can't load other files: put the text here or in a `{% macro %}`";

/// A tag that the dialect does not have but others do.
pub(crate) fn tag(name: &str, host: &Host) -> Option<ForeignSyntax> {
    let (name, engine, help) = TAGS.iter().find(|(tag, ..)| *tag == name)?;
    Some(match (*engine, *name) {
        ("", _) => ForeignSyntax::new(format!("the tag `{name}` is not available in {}", host.place), *help),
        (_, "elif" | "elsif" | "elseIf") => ForeignSyntax::or(format!("`{name}` is {engine} syntax"), *help, "elseif"),
        ("other engines", _) => ForeignSyntax::new(format!("there is no tag `{name}`"), *help),
        _ => ForeignSyntax::new(format!("the tag `{name}` is {engine} syntax"), *help),
    })
}

/// A function of Twig or of other engines that the dialect does not have.
pub(crate) fn function(name: &str, host: &Host) -> Option<ForeignSyntax> {
    let help = match name {
        "include" | "source" | "template_from_string" => NO_FILES,
        "constant" => "write the value itself",
        "dump" => "write `{{ value|json_encode }}`",
        "get_env" | "getenv" | "env" => host.environment,
        "now" => "write `{{ 'now'|date('Y-m-d') }}`",
        "dict" | "namespace" => "write `{name: value}`",
        "len" | "count" => "write `value|length`",
        "str" => "write `value ~ ''`",
        "int" | "float" => "use it as it is: numeric strings work in arithmetic",
        "trans" | "t" | "_" => "write the text itself",
        "path" | "url" | "asset" | "url_for" => "write the URL itself",
        "uuid" | "uuid4" | "guid" => "there is no UUID function: use an `id` from the data",
        "super" => "a template has no parent",
        _ => return None,
    };
    Some(ForeignSyntax::new(format!("the function `{name}` is not available in {}", host.place), help))
}

/// Foreign syntax where no token of the dialect can start, with its length in bytes. `first`: directly after the `{{`.
pub(crate) fn character(rest: &str, first: bool) -> Option<(ForeignSyntax, usize)> {
    let word = |skip: usize| {
        let name = rest.get(skip..).unwrap_or("");
        let end = name.find(|c: char| !c.is_alphanumeric() && c != '_' && c != '.').unwrap_or(name.len());
        &name[..end]
    };
    let both = |found: ForeignSyntax, length: usize| Some((found, length));
    if first && rest.starts_with('^') {
        return both(ForeignSyntax::new("`{{^` is Mustache syntax", "write `{% if not (…) %}…{% endif %}`"), 1);
    }
    if first && rest.starts_with('&') {
        return both(ForeignSyntax::or("`{{&` is Mustache syntax", "remove the `&`: nothing is escaped here", ""), 1);
    }
    if rest.starts_with("&&") {
        return both(ForeignSyntax::or("`&&` is not an operator", "write `and`", "and"), 2);
    }
    if rest.starts_with('&') {
        return both(ForeignSyntax::or("`&` is not an operator", "write `and`, or `b-and` for bits", "b-and"), 1);
    }
    if rest.starts_with('^') {
        return both(ForeignSyntax::or("`^` is not an operator", "write `b-xor`, or `**` for powers", "b-xor"), 1);
    }
    if rest.starts_with('!') {
        return both(ForeignSyntax::or("`!` is not an operator", "write `not`", "not "), 1);
    }
    if rest.starts_with('$') {
        let name = word(1);
        let help = match name {
            "guid" | "randomUUID" => "there is no UUID function: use an `id` from the data".into(),
            "timestamp" => "write `{{ 'now'|date('U') }}`".into(),
            "isoTimestamp" => "write `{{ 'now'|date('c') }}`".into(),
            "randomInt" => "write `{{ random(0, 1000) }}`".into(),
            "" => "names don't start with `$`".into(),
            name => format!("names don't start with `$`: write `{name}` if the data has it"),
        };
        let what = if first { format!("`${name}` is a Postman variable") } else { format!("`${name}` is not a name") };
        return both(ForeignSyntax::new(what, help), 1 + name.len());
    }
    if rest.starts_with('#') && first {
        let name = word(1);
        let help = match name {
            "if" => "write `{% if … %}…{% endif %}`",
            "unless" => "write `{% if not (…) %}…{% endif %}`",
            "each" => "write `{% for value in list %}…{% endfor %}`",
            "with" => "write `{% with {name: value} %}…{% endwith %}`",
            _ => "tags are written `{% … %}`",
        };
        return both(ForeignSyntax::new(format!("`{{{{#{name}` is Handlebars syntax"), help), 1 + name.len());
    }
    if rest.starts_with('@') {
        let name = word(1);
        let help = match name {
            "index" => "write `loop.index0`",
            "first" => "write `loop.first`",
            "last" => "write `loop.last`",
            "key" => "write `{% for key, value in list %}`",
            _ => "names don't start with `@`",
        };
        return both(ForeignSyntax::new(format!("`@{name}` is Handlebars syntax"), help), 1 + name.len());
    }
    if rest.starts_with(';') {
        return both(ForeignSyntax::new("`;` is not needed", "remove it: a tag holds one expression"), 1);
    }
    if rest.starts_with('`') {
        return both(ForeignSyntax::new("strings don't use backquotes", "write `'…'`, or `\"…#{name}…\"`"), 1);
    }
    None
}

/// Two signs that are one operator elsewhere.
pub(crate) fn signs(one: &str, two: &str) -> Option<ForeignSyntax> {
    let what = format!("`{one}{two}` is not an operator");
    match (one, two) {
        ("-", ">") => Some(ForeignSyntax::or(what, "write `.`", ".")),
        ("<", ">") => Some(ForeignSyntax::or(what, "write `!=`", "!=")),
        ("+", "+") => Some(ForeignSyntax::new(what, "write `x + 1`; to store it, `{% set x = x + 1 %}`")),
        ("-", "-") => Some(ForeignSyntax::new(what, "write `x - 1`; to store it, `{% set x = x - 1 %}`")),
        ("=", "~") => Some(ForeignSyntax::new(what, "write `matches '/…/'`")),
        _ => None,
    }
}

/// `(a, b)` as a value.
pub(crate) fn tuple() -> ForeignSyntax {
    ForeignSyntax::new("`(…, …)` is Python syntax", "write a list: `[…, …]`")
}

/// Variables in brackets, where they are set or looped with.
pub(crate) fn bracketed_names(tag: Option<&str>) -> ForeignSyntax {
    let help = match tag {
        Some("for") => "write `{% for key, value in … %}`",
        _ => "write `{% set a, b = 1, 2 %}`",
    };
    ForeignSyntax::new("variable names don't go in brackets here", help)
}

/// `{% else if … %}`
pub(crate) fn else_if() -> ForeignSyntax {
    ForeignSyntax::or("`else if` is written as one word", "write `{% elseif … %}`", "elseif")
}

/// `a || b`
pub(crate) fn or() -> ForeignSyntax {
    ForeignSyntax::or("`||` is not an operator", "write `or`", "or")
}

/// `{{{ value }}}`
pub(crate) fn raw_print() -> ForeignSyntax {
    ForeignSyntax::new("`{{{ … }}}` is Handlebars syntax", "write `{{ … }}`: nothing is escaped here")
}

/// A `:` where the tag should go on or end.
pub(crate) fn colon(filter: Option<&str>, tag: Option<&str>) -> Option<ForeignSyntax> {
    match tag {
        None => {
            let help = match filter {
                None | Some("date") => "put arguments in parentheses: `|date('Y-m-d')`".to_owned(),
                Some("replace") => "write `|replace({'from': 'to'})`".to_owned(),
                Some(filter) => format!("put arguments in parentheses: `|{filter}(…)`"),
            };
            Some(ForeignSyntax::new("`filter: arg` is Liquid syntax", help))
        }
        Some("if" | "for" | "else" | "elseif") => Some(ForeignSyntax::new("a tag doesn't end in `:`", "remove it")),
        Some(_) => None,
    }
}

/// An `=` where the expression should go on or end.
pub(crate) fn assignment(before: Option<&Kind<'_>>, tag: Option<&str>) -> Option<ForeignSyntax> {
    match before {
        Some(Kind::Op(Op::Binary(Binary::Add | Binary::Sub | Binary::Mul | Binary::Div) | Op::Concat)) => {
            Some(ForeignSyntax::new("there are no assignment operators", "write `{% set x = x + 1 %}`"))
        }
        _ if tag == Some("with") => {
            Some(ForeignSyntax::new("`with name=value` is Jinja syntax", "write `{% with {name: value} %}`"))
        }
        _ if tag.is_none_or(|tag| matches!(tag, "if" | "elseif" | "do")) => {
            Some(ForeignSyntax::or("`=` doesn't compare", "write `==`; to set a variable, `{% set x = … %}`", "=="))
        }
        _ => None,
    }
}

/// A word after a complete expression, where the tag should end.
pub(crate) fn after_expression(word: &str, tag: Option<&str>) -> Option<ForeignSyntax> {
    match (word, tag) {
        ("if", Some("for")) => {
            Some(ForeignSyntax::new("`for … in … if …` is Jinja syntax", "write `{% for v in list|filter(v => …) %}`"))
        }
        ("if", _) => Some(ForeignSyntax::new("`a if b else c` is Jinja syntax", "write `b ? a : c`")),
        ("for", _) => {
            Some(ForeignSyntax::new("`… for … in …` in an expression is Python syntax", "write `list|map(v => …)`"))
        }
        ("unless", _) => Some(ForeignSyntax::new("`a unless b` is Ruby syntax", "write `not b ? a`")),
        ("then", _) => Some(ForeignSyntax::new("`then` is not needed", "end the tag here: `{% if … %}`")),
        ("contains", _) => Some(ForeignSyntax::new("`a contains b` is Liquid syntax", "write `b in a`")),
        ("AND" | "OR" | "NOT" | "IN" | "IS", _) => {
            let word = word.to_ascii_lowercase();
            let replacement = ["and", "or", "not", "in", "is"].into_iter().find(|known| *known == word);
            let found = ForeignSyntax::new("operators are lower case", format!("write `{word}`"));
            Some(ForeignSyntax { replacement, ..found })
        }
        ("of", Some("for")) => Some(ForeignSyntax::or("`for … of …` is JavaScript syntax", "write `for … in …`", "in")),
        ("as", Some("with")) => {
            Some(ForeignSyntax::new("`with … as …` is Django syntax", "write `{% with {name: value} %}`"))
        }
        ("eq", _) => Some(ForeignSyntax::or("`eq` is not an operator", "write `==`", "==")),
        ("ne" | "neq", _) => Some(ForeignSyntax::or(format!("`{word}` is not an operator"), "write `!=`", "!=")),
        ("gt", _) => Some(ForeignSyntax::or("`gt` is not an operator", "write `>`", ">")),
        ("lt", _) => Some(ForeignSyntax::or("`lt` is not an operator", "write `<`", "<")),
        ("gte" | "ge", _) => Some(ForeignSyntax::or(format!("`{word}` is not an operator"), "write `>=`", ">=")),
        ("lte" | "le", _) => Some(ForeignSyntax::or(format!("`{word}` is not an operator"), "write `<=`", "<=")),
        ("xor", _) => Some(ForeignSyntax::new("`xor` is not an operator", "write `(a and not b) or (b and not a)`")),
        ("mod", _) => Some(ForeignSyntax::or("`mod` is not an operator", "write `%`", "%")),
        ("recursive", Some("for")) => {
            Some(ForeignSyntax::new("`recursive` is Jinja syntax", "write a `{% macro %}` that calls itself"))
        }
        ("limit" | "offset" | "reversed", Some("for")) => Some(ForeignSyntax::new(
            format!("`for … {word}` is Liquid syntax"),
            "write `list|slice(offset, limit)` or `list|reverse`",
        )),
        _ => None,
    }
}

/// A method of another language, or a field that is one there: what to write instead.
///
/// ```
/// assert_eq!(hookctl_twig::foreign::method("toUpperCase"), Some("write `|upper`"));
/// ```
pub fn method(name: &str) -> Option<&'static str> {
    Some(match name {
        "length" | "size" | "count" | "len" => "write `|length`",
        "first" => "write `|first`",
        "last" => "write `|last`",
        "toUpperCase" | "upper" | "upcase" | "uppercase" => "write `|upper`",
        "toLowerCase" | "lower" | "downcase" | "lowercase" => "write `|lower`",
        "capitalize" => "write `|capitalize`",
        "title" => "write `|title`",
        "trim" | "strip" | "trimStart" | "trimEnd" | "lstrip" | "rstrip" => "write `|trim`",
        "split" => "write `|split(',')`",
        "join" => "write `|join(', ')`",
        "replace" | "replaceAll" => "write `|replace({'from': 'to'})`",
        "slice" | "substring" | "substr" => "write `|slice(0, 3)`",
        "includes" | "contains" | "indexOf" | "has" => "write `'text' in …`",
        "startsWith" | "startswith" => "write `… starts with 'text'`",
        "endsWith" | "endswith" => "write `… ends with 'text'`",
        "match" | "test" => "write `… matches '/…/'`",
        "map" => "write `|map(v => …)`",
        "filter" => "write `|filter(v => …)`",
        "reverse" => "write `|reverse`",
        "sort" => "write `|sort`",
        "concat" | "push" | "append" => "write `|merge([value])` for lists, `~` for strings",
        "keys" => "write `|keys`",
        "values" => "write `|map(v => v)`",
        "items" => "write `{% for key, value in … %}`",
        "get" => "write `list['name'] ?? 'otherwise'`",
        "format" | "strftime" | "isoformat" | "toISOString" => "write `|date('Y-m-d')`",
        "toString" | "to_s" => "write `~ ''`, or remove it",
        "toFixed" => "write `|number_format(2, '.', '')`",
        _ => return None,
    })
}

/// A field that `loop` has in other engines: what to write instead.
pub(crate) fn loop_field(name: &str) -> Option<&'static str> {
    Some(match name {
        "previtem" => "write `list[loop.index0 - 1] ?? null`",
        "nextitem" => "write `list[loop.index] ?? null`",
        "cycle" => "write `cycle(['a', 'b'], loop.index0)`",
        "depth" | "depth0" | "changed" => "keep it in a variable of your own: `{% set … %}`",
        "rindex" => "write `loop.revindex`",
        "rindex0" => "write `loop.revindex0`",
        "counter" => "write `loop.index`",
        "counter0" => "write `loop.index0`",
        "revcounter" => "write `loop.revindex`",
        "parentloop" => "write `loop.parent.loop`",
        _ => return None,
    })
}

/// A variable that other engines have: what to write instead, and the one text to put in its place if there is one.
///
/// ```
/// assert_eq!(hookctl_twig::foreign::variable("None"), Some(("write `null`", Some("null"))));
/// ```
pub fn variable(name: &str) -> Option<(&'static str, Option<&'static str>)> {
    if name.contains(['“', '”', '„', '‘', '’', '«', '»']) {
        return Some(("use straight quotes: `'…'`", None));
    }
    Some(match name {
        "None" | "Null" | "nil" | "undefined" | "NULL" => ("write `null`", Some("null")),
        "True" => ("write `true`", Some("true")),
        "False" => ("write `false`", Some("false")),
        "forloop" => ("write `loop`, with `index`, `first`, `last`, `length` …", Some("loop")),
        "now" | "today" => ("write `'now'|date('Y-m-d')`", None),
        "blank" | "empty" => ("write `is empty`", None),
        "else" => ("write `{% else %}`", None),
        "end" | "endif" => ("write `{% endif %}` or `{% endfor %}`", None),
        "this" => ("write the variable's own name", None),
        _ => return None,
    })
}

/// A filter of another engine: what to write instead.
pub(crate) fn filter(name: &str) -> Option<&'static str> {
    Some(match name {
        "tojson" | "json" | "to_json" => "write `|json_encode`",
        "int" | "integer" | "to_i" => {
            "write `|round(0, 'floor')`, or use it as it is: numeric strings work in arithmetic"
        }
        "float" => "use it as it is: numeric strings work in arithmetic",
        "string" | "str" => "write `~ ''`",
        "size" | "count" => "write `|length`",
        "append" => "write `~ 'text'`",
        "prepend" => "write `'text' ~ …`",
        "upcase" | "uppercase" => "write `|upper`",
        "downcase" | "lowercase" => "write `|lower`",
        "strip" => "write `|trim`",
        "lstrip" => "write `|trim(side='left')`",
        "rstrip" => "write `|trim(side='right')`",
        "truncate" => "write `|slice(0, 30)`",
        "urlencode" => "write `|url_encode`",
        "where" | "select" | "selectattr" => "write `|filter(v => …)`",
        "reject" | "rejectattr" => "write `|filter(v => not …)`",
        "d" => "write `|default('…')`",
        "plus" => "write `+ 1`",
        "minus" => "write `- 1`",
        "times" => "write `* 2`",
        "divided_by" => "write `/ 2`, or `// 2` for whole numbers",
        "modulo" => "write `% 2`",
        "unique" | "uniq" => "write `|reduce((seen, v) => v in seen ? seen : seen|merge([v]), [])`",
        "sum" => "write `|reduce((sum, v) => sum + v, 0)`",
        "get" => "write `value['name'] ?? 'otherwise'`",
        "regex_replace" | "replace_regex" => "only plain strings can be replaced: `|replace({'from': 'to'})`",
        "regex_match" => "write `value matches '/…/'`",
        "printf" | "sprintf" => "write `'%05d'|format(value)`",
        "md5" | "sha1" | "sha256" | "hash" | "hmac" | "base64" | "base64_encode" | "b64encode" => {
            "there are no hash or base64 functions: do it in the receiver"
        }
        "to_json_string" | "jsonify" | "json_dumps" => "write `|json_encode`",
        "trans" | "translate" => "write the text itself",
        "wordcount" => "write `|split(' ')|length`",
        "pluralize" => "write `count == 1 ? 'one' : 'many'`",
        "title_case" | "titlecase" => "write `|title`",
        "ucfirst" => "write `|capitalize`",
        "nl_to_br" => "write `|nl2br`",
        "find" => "write `|filter(v => …)|first`",
        "concat" => "write `|merge(list)`",
        "list" | "values" => "write `|map(v => v)`",
        "items" | "dictsort" => "write `{% for key, value in … %}`",
        "newline_to_br" => "write `|nl2br`",
        "strip_html" => "write `|striptags`",
        "date_format" | "strftime" => "write `|date('Y-m-d')`",
        "map_attr" | "attr" => "write `|column('name')`",
        "safe" => "write `|raw`",
        "u" | "slug" | "markdown" | "format_datetime" | "format_currency" | "format_number" | "country_name" => {
            "it belongs to a Twig extension that is not available here"
        }
        _ => return None,
    })
}

/// A test of another engine: what to write instead.
pub(crate) fn test(name: &str) -> Option<&'static str> {
    Some(match name {
        "string" | "number" | "integer" | "float" | "boolean" => {
            "there are no type tests: compare, or use `matches '/^[0-9]+$/'`"
        }
        "mapping" | "sequence" | "array" => "write `is iterable`",
        "sameas" => "write `is same as(…)`",
        "divisibleby" => "write `is divisible by(…)`",
        "equalto" | "eq" => "write `== …`",
        "undefined" => "write `is not defined`",
        "blank" | "falsy" => "write `is empty`",
        "in" | "containing" => "write `in …`",
        "matching" | "match" => "write `matches '/…/'`",
        "starting_with" => "write `starts with '…'`",
        "ending_with" => "write `ends with '…'`",
        "true" => "write `== true`",
        "false" => "write `== false`",
        "constant" => "PHP constants are not available: compare with the value itself",
        _ => return None,
    })
}
