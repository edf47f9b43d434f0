//! The tables of filters, functions and tests in `docs/dialect.md` are written from the dialect's own signatures.

use std::fs;
use std::path::Path;

use hookctl_twig::Value;
use hookctl_twig::signatures::{self, Param, SecretEffect, Signature};

const START: &str = "<!-- callables -->\n";
const END: &str = "<!-- end of callables -->\n";

#[test]
fn the_dialect_document_lists_every_callable() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/dialect.md");
    let written = fs::read_to_string(&file).expect("docs/dialect.md");
    let (before, rest) = written.split_once(START).expect("the start of the tables");
    let (_, after) = rest.split_once(END).expect("the end of the tables");
    let current = format!("{before}{START}{}{END}{after}", tables());
    if std::env::var_os("HOOKCTL_BLESS").is_some() {
        fs::write(&file, &current).expect("written");
        return;
    }
    assert!(written == current, "docs/dialect.md is not current: run this test with HOOKCTL_BLESS=1");
}

fn tables() -> String {
    let filters =
        table("Filters", &mut signatures::filters(), &|f| format!("\\|{}{}", f.name, arguments(&f.params[1..], f)));
    let functions = table("Functions", &mut signatures::functions(), &|f| match arguments(f.params, f) {
        none if none.is_empty() => format!("{}()", f.name),
        arguments => format!("{}{arguments}", f.name),
    });
    let tests = table("Tests", &mut signatures::tests(), &|t| format!("is {}{}", t.name, arguments(&t.params[1..], t)));
    let mut kept: Vec<_> = signatures::filters().filter(|f| f.secret == SecretEffect::Recognizable).collect();
    kept.sort_by_key(|filter| filter.name);
    let kept: Vec<_> = kept.iter().map(|filter| format!("`{}`", filter.name)).collect();
    format!(
        "\n{filters}\n{functions}\n{tests}\nA value of `env.*` is redacted in every output, also after one of these filters without arguments: {}. \
         A text that changes it in\nanother way is redacted as a whole.\n\n",
        kept.join(", ")
    )
}

fn table(
    title: &str,
    all: &mut dyn Iterator<Item = &'static Signature>,
    usage: &dyn Fn(&Signature) -> String,
) -> String {
    let mut all: Vec<_> = all.collect();
    all.sort_by_key(|signature| signature.name);
    let mut table = format!("### {title}\n\n| | returns | | example | gives |\n|---|---|---|---|---|\n");
    for signature in all {
        let Signature { about, example, output, returns, .. } = signature;
        let (example, output) = (example.replace('|', "\\|"), output.replace('\n', "⏎"));
        table += &format!("| `{}` | {} | {about} | `{example}` | `{output}` |\n", usage(signature), returns.text());
    }
    table
}

/// `(name: type = default, …)`; nothing where there are none.
fn arguments(params: &[Param], signature: &Signature) -> String {
    let mut written: Vec<String> = params.iter().map(argument).collect();
    written.extend(signature.variadic.then(|| "…".to_owned()));
    if written.is_empty() { String::new() } else { format!("({})", written.join(", ")) }
}

fn argument(param: &Param) -> String {
    let default = match param.default.map(|make| make()) {
        None => String::new(),
        Some(Value::Null) => " = null".into(),
        Some(Value::Str(text)) => format!(" = '{text}'"),
        Some(Value::Array(_)) => " = []".into(),
        Some(Value::Bool(flag)) => format!(" = {flag}"),
        Some(Value::Int(number)) => format!(" = {number}"),
        Some(other) => panic!("a default of `{}` has no form here: {other:?}", param.name),
    };
    format!("{}: {}{default}", param.name, param.ty.text())
}
