use super::*;
use crate::ast::{Argument, Call, Expr, ExprKind, Node, Program};
use crate::eval;
use crate::host::Host;
use crate::parser;
use crate::template::Template;
use crate::types::Kind;
use crate::value::Array;

fn all() -> impl Iterator<Item = &'static Signature> {
    filters().chain(functions()).chain(tests())
}

fn program(template: &str) -> Program {
    parser::template(template, Host::default()).unwrap_or_else(|errors| panic!("{template}: {errors:?}")).program
}

#[test]
fn every_entry_is_documented_with_an_example_that_uses_it() {
    for Signature { name, about, example, output, .. } in all() {
        assert!(!about.is_empty() && !about.ends_with('.') && !about.contains('\n'), "{name}: {about:?}");
        assert!(example.contains(name), "{name}: {example}");
        let template = Template::parse(example).unwrap_or_else(|errors| panic!("{name}: {errors:?}"));
        let options = Options { strict: true, ..Options::default() };
        let rendered = template.render(&Array::new(), &options).unwrap_or_else(|error| panic!("{name}: {error:?}"));
        assert_eq!(rendered.output, *output, "{name}");
    }
}

#[test]
fn names_are_given_once() {
    for (kind, names) in [
        ("filter", filters().map(|f| f.name).collect::<Vec<_>>()),
        ("function", functions().map(|f| f.name).collect()),
        ("test", tests().map(|t| t.name).collect()),
    ] {
        let mut once = names.clone();
        once.sort_unstable();
        once.dedup();
        assert_eq!(once.len(), names.len(), "a {kind} is there twice");
    }
}

/// Hints for other engines' users name filters that exist.
#[test]
fn hints_name_filters_that_exist() {
    let hints = include_str!("../foreign.rs").lines().flat_map(|line| line.split('`').skip(1).step_by(2));
    let mut named = 0;
    for hint in hints {
        for piece in hint.split('|').skip(1) {
            let name: String = piece.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
            assert!(name.is_empty() || filters().any(|filter| filter.name == name), "`{hint}`");
            named += usize::from(!name.is_empty());
        }
    }
    assert!(named > 20, "the hints were not found");
}

/// The call of a callable inside an expression.
fn find<'e>(expr: &'e Expr, wanted: &Signature) -> Option<&'e Expr> {
    let parts: Vec<&Expr> = match &expr.kind {
        ExprKind::Call(call) if std::ptr::eq(&call.callable.signature, wanted) => return Some(expr),
        ExprKind::Call(call) => given(call),
        ExprKind::Conditional(parts) => vec![&parts.0, &parts.1, &parts.2],
        ExprKind::Binary(_, sides) => vec![&sides.0, &sides.1],
        _ => Vec::new(),
    };
    parts.into_iter().find_map(|part| find(part, wanted))
}

fn given(call: &Call) -> Vec<&Expr> {
    call.arguments
        .iter()
        .filter_map(|argument| match argument {
            Argument::Given(expr) => Some(expr),
            Argument::Default(_) => None,
        })
        .collect()
}

#[test]
fn every_call_returns_the_type_of_its_signature() {
    for signature in FILTERS.iter().chain(&FUNCTIONS).chain(&TESTS).copied().flatten().map(|c| &c.signature) {
        let program = program(signature.example);
        let call = program.body.iter().find_map(|node| match node {
            Node::Print(expr) => find(expr, signature),
            _ => None,
        });
        let call = call.unwrap_or_else(|| panic!("the example of {} does not print it", signature.name));
        let (value, _) = eval::evaluate(&program, call, &Array::new(), &Options::default()).expect("a value");
        let fits = match signature.returns {
            Returns::Kind(Kind::Any) | Returns::Subject | Returns::Entry => true,
            Returns::Kind(Kind::Text) => matches!(value, Value::Str(_)),
            Returns::Kind(Kind::Int) => matches!(value, Value::Int(_)),
            Returns::Kind(Kind::Bool) => matches!(value, Value::Bool(_)),
            Returns::Kind(Kind::List) | Returns::Entries | Returns::Collection => matches!(value, Value::Array(_)),
            Returns::Kind(Kind::Moment) => matches!(value, Value::Object(_)),
            Returns::Number => matches!(value, Value::Int(_) | Value::Float(_)),
            Returns::Part => matches!(value, Value::Str(_) | Value::Array(_)),
            Returns::Kind(kind) => panic!("no call returns {kind:?}"),
        };
        assert!(fits, "{} returns {:?}, not {value:?}", signature.name, signature.returns);
    }
}

/// Conditions tell from `of_null` that a field is there.
#[test]
fn what_null_becomes_is_known() {
    let nothing = program("");
    for callable in FILTERS.iter().chain(&TESTS).copied().flatten() {
        let signature = &callable.signature;
        let defaults: Option<Vec<Value>> =
            signature.params.iter().skip(1).map(|param| param.default.map(|make| make())).collect();
        let Some(defaults) = defaults else { continue };
        let arguments: Vec<Value> = [Value::Null].into_iter().chain(defaults).collect();
        let result = eval::try_call(&nothing, callable, &arguments, &Options::default());
        // The number of decimals decides: "0.00" is true, "0" is not.
        if signature.name != "number_format" {
            assert_eq!(signature.of_null, result.ok().map(|value| value.is_true()), "{}", signature.name);
        }
    }
}
