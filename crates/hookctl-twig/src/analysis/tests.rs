use super::{IssueKind, Kind, Schema, Type};
use crate::template::Template;

/// `?` after a path: guarded; `!`: printed.
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
        ("{{ user.first_name }}", &["user.first_name!"]),
        ("{{ user['first_name'] }}", &["user.first_name!"]),
        ("{{ user.a.b|upper }}", &["user.a.b"]),
        ("{{ user.a ?? user.b }}", &["user.a?", "user.b"]),
        ("{{ user.a|default(user.b) }}", &["user.a?", "user.b"]),
        ("{{ user.a is defined ? user.a : '' }}", &["user.a?", "user.a?"]),
        ("{% if user.a %}{{ user.a }}{% endif %}", &["user.a", "user.a?!"]),
        ("{% if user.a is not defined %}x{% else %}{{ user.a }}{% endif %}", &["user.a?", "user.a?!"]),
        ("{% set c = user %}{{ c.first_name }}", &["user", "user.first_name!"]),
        ("{% set x = 1 %}{{ x }}", &[]),
        ("{% if n %}{% set x = 1 %}{% endif %}{{ x }}", &["n", "x!"]),
        ("{% for t in user.tags %}{{ t.name }}{{ loop.index }}{% endfor %}", &["user.tags"]),
        ("{% for t in ticket.x %}{% set y = t %}{% endfor %}{{ y }}", &["ticket.x", "y!"]),
        ("{% with {a: user.id} %}{{ a }}{{ b }}{% endwith %}", &["user.id", "user.id!", "b!"]),
        ("{% with {a: 1} only %}{{ b }}{% endwith %}", &[]),
        ("{% macro m(c) %}{{ c.name }}{% endmacro %}{{ _self.m(user) }}", &["user.name!", "user"]),
        ("{{ list|map(v => v.x ~ user.id)|join }}", &["list", "user.id"]),
        ("{{ _context.user.id }}", &["user.id!"]),
        ("{{ user[key] }}", &["user", "key"]),
        ("{{ \"Hi #{user.name}\" }}", &["user.name"]),
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
            "user" => Type::of(Kind::Map),
            "user.first_name" => Type::of(Kind::Text),
            "user.age" => Type::of(Kind::Int),
            "user.email" => Type::nullable(Kind::Text),
            "user.tags" => Type::of(Kind::List),
            "user.active" => Type::of(Kind::Bool),
            "user.created_at" => Type::of(Kind::DateTime),
            "user.birthday" => Type::nullable(Kind::DateTime),
            "user.months" => Type::nullable(Kind::List),
            "user.tags.*" => Type::of(Kind::Text),
            "user.boss" => Type::nullable(Kind::Map),
            "user.boss.name" => Type::of(Kind::Text),
            _ => return None,
        })
    }
}

fn issues(template: &str) -> Vec<(IssueKind, String)> {
    let parsed = Template::parse(template).unwrap_or_else(|e| panic!("{template}: {e:?}"));
    parsed
        .analysis(&Event)
        .issues
        .into_iter()
        .map(|d| (d.kind, template[d.span.start..d.span.end].to_owned()))
        .collect()
}

#[test]
fn issues_are_found_at_their_place() {
    use IssueKind::{Argument, Foreign, MayBeBlank, Mistyped, NoField, OutOfScope};
    let cases = [
        ("{{ user.email }}", MayBeBlank, "email"),
        ("{% set e = user.email %}{{ e }}", MayBeBlank, "e"),
        ("{{ user.tags }}", Mistyped, "tags"),
        ("{{ user }}", Mistyped, "user"),
        ("{{ 'x' ~ user.tags }}", Mistyped, "user.tags"),
        ("{{ \"#{user.tags}\" }}", Mistyped, "tags"),
        ("{{ user.first_name + 1 }}", Mistyped, "user.first_name"),
        ("{{ 2 * user.tags }}", Mistyped, "user.tags"),
        ("{{ -user.first_name }}", Mistyped, "user.first_name"),
        ("{{ user.first_name|join(',') }}", Mistyped, "user.first_name|join"),
        ("{{ user.first_name|map(v => v) }}", Mistyped, "user.first_name|map"),
        ("{{ user.tags|upper }}", Mistyped, "user.tags|upper"),
        ("{{ user.tags matches '/a/' }}", Mistyped, "user.tags"),
        ("{{ user.age starts with '1' }}", Mistyped, "user.age"),
        ("{% for c in user.first_name %}{% endfor %}", Mistyped, "user.first_name"),
        ("{{ user.tags == 'vip' }}", Mistyped, "user.tags == 'vip'"),
        ("{{ user.active }}", Mistyped, "active"),
        ("{{ user.tags|sort }}", Mistyped, "user.tags|sort"),
        ("{{ user.boss.name }}", MayBeBlank, "name"),
        ("{% for t in user.tags %}{{ t + 1 }}{% endfor %}", Mistyped, "t"),
        ("{{ user.tags|map(t => t * 2)|join }}", Mistyped, "t"),
        ("{{ user.tags ?? 'none' }}", Mistyped, "user.tags ?? 'none'"),
        ("{{ user.tags ? user.tags : '' }}", Mistyped, "user.tags ? user.tags : ''"),
        ("{{ _context }}", Mistyped, "_context"),
        ("{{{ name }}}", Foreign, "{ name }"),
        // A blank date is today's.
        ("{% if user.email|json_encode %}{{ user.email }}{% endif %}", MayBeBlank, "email"),
        ("{% if user.email is even %}{{ user.email }}{% endif %}", MayBeBlank, "email"),
        ("{{ user.birthday|date('Y') }}", Mistyped, "user.birthday|date"),
        ("{{ user.birthday|default('')|date('Y') }}", Mistyped, "user.birthday|default('')|date"),
        ("{{ date(user.birthday)|date('Y') }}", Mistyped, "user.birthday"),
        ("{{ user.months|map(m => m)|join }}", Mistyped, "user.months|map"),
        ("{{ user.created_at|date_modify('+1 day') }}", Mistyped, "user.created_at|date_modify('+1 day')"),
        ("{{ user.created_at < 'now' }}", Mistyped, "user.created_at < 'now'"),
        ("{{ user.created_at < date() }}", Mistyped, "user.created_at < date()"),
        ("{{ user.created_at - 1 }}", Mistyped, "user.created_at"),
        ("{{ 'Dear ' + user.age }}", Mistyped, "'Dear '"),
        ("{{ user.age / 0 }}", Mistyped, "0"),
        ("{% set zero = 0 %}{{ 1 / zero }}", Mistyped, "1 / zero"),
        ("{{ user.age == 'adult' }}", Mistyped, "user.age == 'adult'"),
        ("{{ user.age in ['young', 'old'] }}", Mistyped, "user.age in ['young', 'old']"),
        ("{{ user.active == 'false' }}", Mistyped, "user.active == 'false'"),
        ("{{ user.tags > 3 }}", Mistyped, "user.tags > 3"),
        ("{{ user.tags in 'vip' }}", Mistyped, "user.tags in 'vip'"),
        ("{{ 'vip' in user.age }}", Mistyped, "'vip' in user.age"),
        ("{{ user.age[0] }}", Mistyped, "user.age"),
        ("{{ user.first_name() }}", Mistyped, "first_name"),
        ("{{ user.first_name.toUpperCase() }}", Foreign, "toUpperCase"),
        ("{% for t in user.tags %}{{ loop.nextitem }}{% endfor %}", Foreign, "nextitem"),
        ("{% for t in user.tags %}{{ loop.lenght }}{% endfor %}", NoField, "lenght"),
        ("{% macro m() %}{{ user.age }}{% endmacro %}{{ _self.m() }}", OutOfScope, "user"),
        ("{% macro nobody_calls_it() %}{{ user.age }}{% endmacro %}", OutOfScope, "user"),
        ("{% with {a: 1} only %}{{ user.age }}{% endwith %}", OutOfScope, "user"),
        ("{{ _self.missing(1) }}", Argument, "missing"),
        ("{{ user.first_name|replace('a', 'b') }}", Argument, "'a'"),
        ("{{ user.tags|map('upper')|join }}", Argument, "'upper'"),
        ("{{ user.first_name|slice('a') }}", Argument, "'a'"),
        ("{{ user.age|round(1, 'up') }}", Argument, "round(1, 'up')"),
        ("{{ user.created_at|date('Y', 'Asia/Tapei') }}", Argument, "date('Y', 'Asia/Tapei')"),
        ("{{ '%d of %d'|format(user.age) }}", Argument, "format(user.age)"),
        ("{{ '%d of %d'|format(1) }}", Argument, "'%d of %d'|format(1)"),
    ];
    for (template, kind, text) in cases {
        let found: Vec<_> = issues(template);
        assert!(found.contains(&(kind, text.to_owned())), "{template}: {found:?}");
    }
}

#[test]
fn what_works_or_is_not_known_is_silent() {
    let cases = [
        "{{ user.first_name }}",
        "{{ user.age ~ 1 }}",
        "{{ user.age + 1 }}",
        "{{ user.tags|join(', ') }}",
        "{{ user.tags|first|upper }}",
        "{{ user.tags|length + 1 }}",
        "{{ user.email ?? '' }}",
        "{{ user.email|default('x') }}",
        "{{ user.email|upper }}",
        "{% if user.email %}{{ user.email }}{% endif %}",
        "{% if user.email is not null and user.age > 3 %}{{ user.email }}{% endif %}",
        "{{ user.email ? user.email : '-' }}",
        "{{ user.unknown + 1 }}{{ other.x|join }}{{ other.y }}",
        "{% for t in user.tags %}{{ t }}{% endfor %}",
        "{{ user.active ? 'yes' : 'no' }}",
        "{% set x = user.first_name %}{% set x = 1 %}{{ x + 1 }}",
        "{{ '5' + user.age }}",
        "{{ 'vip' in user.tags }}",
        "{{ user|json_encode }}{{ user.tags|json_encode }}",
        "{% if user.boss %}{{ user.boss.name }}{% endif %}",
        "{% if user.email|default('') != '' %}{{ user.email }}{% endif %}",
        "{% if user.email|length > 3 and '' != user.email %}{{ user.email }}{% endif %}",
        "{% if user.email in ['a', 'b'] %}{{ user.email }}{% endif %}",
        "{% if user.email|title|slice(0, 1) %}{{ user.email }}{% endif %}",
        "{% if user.months is iterable %}{{ user.months|map(m => m)|join }}{% endif %}",
        "{{ user.birthday ? user.birthday|date('Y') : '' }}",
        "{% if user.birthday is not empty %}{{ date(user.birthday)|date('Y') }}{% endif %}",
        "{{ user.created_at|date_modify('+1 day')|date('Y') - 1 }}",
        "{{ user.created_at > '2026-01-01' }}{{ date(user.created_at) < date() }}",
        "{{ (user.months ?? [])|map(m => m)|join }}{{ user.months|join }}",
        "{{ user.age == '18' }}{{ user.age in ['18', 20] }}{{ user.active == true }}",
        "{{ user.tags|filter(t => t starts with 'a')|first|default('none') }}",
        "{% macro m(a, b = 1) %}{{ a }}{{ b }}{{ c ?? '' }}{{ varargs|join }}{% set d = 1 %}{{ d }}{% endmacro %}{{ _self.m(1) }}",
        "{% for t in user.tags %}{{ loop.index + 1 }}{{ loop.parent.user.age }}{% endfor %}",
        "{% set x = 1 %}{% for t in user.tags %}{% set x = x - 1 %}{{ 10 / x }}{% endfor %}",
        "{{ date().format('Y') }}{{ date('now').diff(date(user.created_at)).days }}",
        "{{ user.first_name|number_format(2) }}{{ '5'|round }}",
    ];
    for template in cases {
        assert_eq!(issues(template), [], "{template}");
    }
}
