use super::{DoubtKind, Kind, Schema, Type};
use crate::template::Template;

/// `?` behind a path: guarded; `!`: printed.
fn reads(template: &str) -> Vec<String> {
    let parsed = Template::parse(template).unwrap_or_else(|e| panic!("{template}: {e:?}"));
    let reads = parsed.reads();
    reads
        .iter()
        .map(|read| {
            let names: Vec<&str> = read.path.iter().map(|s| s.name.as_str()).collect();
            let last = read.path.last().unwrap();
            assert!(template.get(last.span.start..last.span.end).is_some(), "{template}: {read:?}");
            let marks = [(read.guarded, "?"), (read.printed, "!")];
            let marks: String = marks.iter().filter(|(on, _)| *on).map(|(_, mark)| *mark).collect();
            format!("{}{marks}", names.join("."))
        })
        .collect()
}

#[test]
fn reads_follow_what_a_template_does() {
    let cases: &[(&str, &[&str])] = &[
        ("plain", &[]),
        ("{{ contact.first_name }}", &["contact.first_name!"]),
        ("{{ contact['first_name'] }}", &["contact.first_name!"]),
        ("{{ contact.a.b|upper }}", &["contact.a.b"]),
        ("{{ contact.a ?? contact.b }}", &["contact.a?", "contact.b"]),
        ("{{ contact.a|default(contact.b) }}", &["contact.a?", "contact.b"]),
        ("{{ contact.a is defined ? contact.a : '' }}", &["contact.a?", "contact.a?"]),
        ("{% if contact.a %}{{ contact.a }}{% endif %}", &["contact.a", "contact.a?!"]),
        ("{% if contact.a is not defined %}x{% else %}{{ contact.a }}{% endif %}", &["contact.a?", "contact.a?!"]),
        ("{% set c = contact %}{{ c.first_name }}", &["contact", "contact.first_name!"]),
        ("{% set x = 1 %}{{ x }}", &[]),
        ("{% if n %}{% set x = 1 %}{% endif %}{{ x }}", &["n", "x!"]),
        ("{% for t in contact.tags %}{{ t.name }}{{ loop.index }}{% endfor %}", &["contact.tags"]),
        ("{% for t in ticket.x %}{% set y = t %}{% endfor %}{{ y }}", &["ticket.x", "y!"]),
        ("{% with {a: contact.id} %}{{ a }}{{ b }}{% endwith %}", &["contact.id", "contact.id!", "b!"]),
        ("{% with {a: 1} only %}{{ b }}{% endwith %}", &[]),
        ("{% macro m(c) %}{{ c.name }}{% endmacro %}{{ _self.m(contact) }}", &["contact.name!", "contact"]),
        ("{{ list|map(v => v.x ~ contact.id)|join }}", &["list", "contact.id"]),
        ("{{ _context.contact.id }}", &["contact.id!"]),
        ("{{ contact[key] }}", &["contact", "key"]),
        ("{{ \"Hi #{contact.name}\" }}", &["contact.name"]),
        ("{% block b %}{{ a }}{% endblock %}", &["a!"]),
        ("{% apply upper %}{{ a }}{% endapply %}", &["a!"]),
    ];
    for (template, expected) in cases {
        assert_eq!(reads(template), *expected, "{template}");
    }
}

struct Event;

impl Schema for Event {
    fn type_of(&self, path: &[String]) -> Option<Type> {
        Some(match path.join(".").as_str() {
            "contact" => Type::of(Kind::Map),
            "contact.first_name" => Type::of(Kind::Text),
            "contact.age" => Type::of(Kind::Int),
            "contact.email" => Type::nullable(Kind::Text),
            "contact.tags" => Type::of(Kind::List),
            "contact.active" => Type::of(Kind::Bool),
            "contact.created_at" => Type::of(Kind::DateTime),
            "contact.birthday" => Type::nullable(Kind::DateTime),
            "contact.months" => Type::nullable(Kind::List),
            "contact.tags.*" => Type::of(Kind::Text),
            "contact.boss" => Type::nullable(Kind::Map),
            "contact.boss.name" => Type::of(Kind::Text),
            _ => return None,
        })
    }
}

fn doubts(template: &str) -> Vec<(DoubtKind, String)> {
    let parsed = Template::parse(template).unwrap_or_else(|e| panic!("{template}: {e:?}"));
    parsed
        .analysis(&Event)
        .doubts
        .into_iter()
        .map(|d| (d.kind, template[d.span.start..d.span.end].to_owned()))
        .collect()
}

#[test]
fn doubts_are_found_at_their_place() {
    use DoubtKind::{Argument, Foreign, MayBeBlank, Mistyped, NoField, OutOfSight};
    let cases = [
        ("{{ contact.email }}", MayBeBlank, "email"),
        ("{% set e = contact.email %}{{ e }}", MayBeBlank, "e"),
        ("{{ contact.tags }}", Mistyped, "tags"),
        ("{{ contact }}", Mistyped, "contact"),
        ("{{ 'x' ~ contact.tags }}", Mistyped, "contact.tags"),
        ("{{ \"#{contact.tags}\" }}", Mistyped, "tags"),
        ("{{ contact.first_name + 1 }}", Mistyped, "contact.first_name"),
        ("{{ 2 * contact.tags }}", Mistyped, "contact.tags"),
        ("{{ -contact.first_name }}", Mistyped, "contact.first_name"),
        ("{{ contact.first_name|join(',') }}", Mistyped, "contact.first_name|join"),
        ("{{ contact.first_name|map(v => v) }}", Mistyped, "contact.first_name|map"),
        ("{{ contact.tags|upper }}", Mistyped, "contact.tags|upper"),
        ("{{ contact.tags matches '/a/' }}", Mistyped, "contact.tags"),
        ("{{ contact.age starts with '1' }}", Mistyped, "contact.age"),
        ("{% for c in contact.first_name %}{% endfor %}", Mistyped, "contact.first_name"),
        ("{{ contact.tags == 'vip' }}", Mistyped, "contact.tags == 'vip'"),
        ("{{ contact.active }}", Mistyped, "active"),
        ("{{ contact.tags|sort }}", Mistyped, "contact.tags|sort"),
        ("{{ contact.boss.name }}", MayBeBlank, "name"),
        ("{% for t in contact.tags %}{{ t + 1 }}{% endfor %}", Mistyped, "t"),
        ("{{ contact.tags|map(t => t * 2)|join }}", Mistyped, "t"),
        ("{{ contact.tags ?? 'none' }}", Mistyped, "contact.tags ?? 'none'"),
        ("{{ contact.tags ? contact.tags : '' }}", Mistyped, "contact.tags ? contact.tags : ''"),
        ("{{ _context }}", Mistyped, "_context"),
        ("{{{ name }}}", Foreign, "{ name }"),
        // A blank date is today's.
        ("{{ contact.birthday|date('Y') }}", Mistyped, "contact.birthday|date"),
        ("{{ contact.birthday|default('')|date('Y') }}", Mistyped, "contact.birthday|default('')|date"),
        ("{{ date(contact.birthday)|date('Y') }}", Mistyped, "contact.birthday"),
        ("{{ contact.months|map(m => m)|join }}", Mistyped, "contact.months|map"),
        ("{{ contact.created_at|date_modify('+1 day') }}", Mistyped, "contact.created_at|date_modify('+1 day')"),
        ("{{ contact.created_at < 'now' }}", Mistyped, "contact.created_at < 'now'"),
        ("{{ contact.created_at < date() }}", Mistyped, "contact.created_at < date()"),
        ("{{ contact.created_at - 1 }}", Mistyped, "contact.created_at"),
        ("{{ 'Dear ' + contact.age }}", Mistyped, "'Dear '"),
        ("{{ contact.age / 0 }}", Mistyped, "0"),
        ("{% set zero = 0 %}{{ 1 / zero }}", Mistyped, "1 / zero"),
        ("{{ contact.age == 'adult' }}", Mistyped, "contact.age == 'adult'"),
        ("{{ contact.age in ['young', 'old'] }}", Mistyped, "contact.age in ['young', 'old']"),
        ("{{ contact.active == 'false' }}", Mistyped, "contact.active == 'false'"),
        ("{{ contact.tags > 3 }}", Mistyped, "contact.tags > 3"),
        ("{{ contact.tags in 'vip' }}", Mistyped, "contact.tags in 'vip'"),
        ("{{ 'vip' in contact.age }}", Mistyped, "'vip' in contact.age"),
        ("{{ contact.age[0] }}", Mistyped, "contact.age"),
        ("{{ contact.first_name() }}", Mistyped, "first_name"),
        ("{{ contact.first_name.toUpperCase() }}", Foreign, "toUpperCase"),
        ("{% for t in contact.tags %}{{ loop.nextitem }}{% endfor %}", Foreign, "nextitem"),
        ("{% for t in contact.tags %}{{ loop.lenght }}{% endfor %}", NoField, "lenght"),
        ("{% macro m() %}{{ contact.age }}{% endmacro %}{{ _self.m() }}", OutOfSight, "contact"),
        ("{% macro nobody_calls_it() %}{{ contact.age }}{% endmacro %}", OutOfSight, "contact"),
        ("{% with {a: 1} only %}{{ contact.age }}{% endwith %}", OutOfSight, "contact"),
        ("{{ _self.missing(1) }}", Argument, "missing"),
        ("{{ contact.first_name|replace('a', 'b') }}", Argument, "'a'"),
        ("{{ contact.tags|map('upper')|join }}", Argument, "'upper'"),
        ("{{ contact.first_name|slice('a') }}", Argument, "'a'"),
        ("{{ contact.age|round(1, 'up') }}", Argument, "round(1, 'up')"),
        ("{{ contact.created_at|date('Y', 'Asia/Tapei') }}", Argument, "date('Y', 'Asia/Tapei')"),
        ("{{ '%d of %d'|format(contact.age) }}", Argument, "format(contact.age)"),
        ("{{ '%d of %d'|format(1) }}", Argument, "'%d of %d'|format(1)"),
    ];
    for (template, kind, text) in cases {
        let found: Vec<_> = doubts(template);
        assert!(found.contains(&(kind, text.to_owned())), "{template}: {found:?}");
    }
}

#[test]
fn what_works_or_is_not_known_is_silent() {
    let cases = [
        "{{ contact.first_name }}",
        "{{ contact.age ~ 1 }}",
        "{{ contact.age + 1 }}",
        "{{ contact.tags|join(', ') }}",
        "{{ contact.tags|first|upper }}",
        "{{ contact.tags|length + 1 }}",
        "{{ contact.email ?? '' }}",
        "{{ contact.email|default('x') }}",
        "{{ contact.email|upper }}",
        "{% if contact.email %}{{ contact.email }}{% endif %}",
        "{% if contact.email is not null and contact.age > 3 %}{{ contact.email }}{% endif %}",
        "{{ contact.email ? contact.email : '-' }}",
        "{{ contact.unknown + 1 }}{{ other.x|join }}{{ other.y }}",
        "{% for t in contact.tags %}{{ t }}{% endfor %}",
        "{{ contact.active ? 'yes' : 'no' }}",
        "{% set x = contact.first_name %}{% set x = 1 %}{{ x + 1 }}",
        "{{ '5' + contact.age }}",
        "{{ 'vip' in contact.tags }}",
        "{{ contact|json_encode }}{{ contact.tags|json_encode }}",
        "{% if contact.boss %}{{ contact.boss.name }}{% endif %}",
        "{% if contact.email|default('') != '' %}{{ contact.email }}{% endif %}",
        "{% if contact.email|length > 3 and '' != contact.email %}{{ contact.email }}{% endif %}",
        "{% if contact.email in ['a', 'b'] %}{{ contact.email }}{% endif %}",
        "{{ contact.birthday ? contact.birthday|date('Y') : '' }}",
        "{% if contact.birthday is not empty %}{{ date(contact.birthday)|date('Y') }}{% endif %}",
        "{{ contact.created_at|date_modify('+1 day')|date('Y') - 1 }}",
        "{{ contact.created_at > '2026-01-01' }}{{ date(contact.created_at) < date() }}",
        "{{ (contact.months ?? [])|map(m => m)|join }}{{ contact.months|join }}",
        "{{ contact.age == '18' }}{{ contact.age in ['18', 20] }}{{ contact.active == true }}",
        "{{ contact.tags|filter(t => t starts with 'a')|first|default('none') }}",
        "{% macro m(a, b = 1) %}{{ a }}{{ b }}{{ c ?? '' }}{{ varargs|join }}{% set d = 1 %}{{ d }}{% endmacro %}{{ _self.m(1) }}",
        "{% for t in contact.tags %}{{ loop.index + 1 }}{{ loop.parent.contact.age }}{% endfor %}",
        "{% set x = 1 %}{% for t in contact.tags %}{% set x = x - 1 %}{{ 10 / x }}{% endfor %}",
        "{{ date().format('Y') }}{{ date('now').diff(date(contact.created_at)).days }}",
        "{{ contact.first_name|number_format(2) }}{{ '5'|round }}",
    ];
    for template in cases {
        assert_eq!(doubts(template), [], "{template}");
    }
}
