//! Parsing and rendering of typical params, beside Tera and minijinja on templates that all three accept.
//!
//! `cargo bench --bench template`. Absolute times hang on the machine; the ratios hardly do.

use std::hint::black_box;
use std::time::{Duration, Instant};

use hookctl_twig::{Array, Options, Template, Value};
use serde::Serialize;

/// Name and source; each is in all three dialects.
const TEMPLATES: [(&str, &str); 6] = [
    ("plain text", "application/json"),
    ("one field", "{{ user.first_name }}"),
    ("two fields in text", "Hello {{ user.first_name }} {{ user.last_name }}!"),
    ("filter", "{{ user.first_name | upper }}"),
    ("condition", "{% if user.age >= 18 %}adult{% else %}child{% endif %}"),
    ("loop", "{% for tag in user.tags %}{{ tag }},{% endfor %}"),
];

#[derive(Serialize)]
struct User {
    first_name: &'static str,
    last_name: &'static str,
    age: u32,
    tags: [&'static str; 3],
}

const USER: User = User { first_name: "Ann", last_name: "Lee", age: 34, tags: ["vip", "new", "newsletter"] };

/// The median time of one call.
fn time(mut work: impl FnMut()) -> Duration {
    const ROUNDS: usize = 31;
    const CALLS: u32 = 2_000;
    (0..CALLS).for_each(|_| work());
    let mut rounds: Vec<Duration> = (0..ROUNDS)
        .map(|_| {
            let start = Instant::now();
            (0..CALLS).for_each(|_| work());
            start.elapsed() / CALLS
        })
        .collect();
    rounds.sort();
    rounds[ROUNDS / 2]
}

fn row(what: &str, ours: Duration, tera: Duration, minijinja: Duration) {
    let ratio = |other: Duration| other.as_nanos() as f64 / ours.as_nanos().max(1) as f64;
    println!(
        "{what:<28} {:>8} ns   Tera {:>5.1} x   minijinja {:>5.1} x",
        ours.as_nanos(),
        ratio(tera),
        ratio(minijinja)
    );
}

fn main() {
    let event = serde_json::json!({"user": USER});
    let context = match Value::from_json(&event) {
        Value::Array(array) => array,
        _ => Array::new().into(),
    };
    let options = Options::default();
    let mut tera_context = tera::Context::new();
    tera_context.insert("user", &USER);
    let jinja_user = minijinja::Value::from_pairs([
        ("first_name", minijinja::Value::from(USER.first_name)),
        ("last_name", USER.last_name.into()),
        ("age", USER.age.into()),
        ("tags", USER.tags.into_iter().collect()),
    ]);
    let jinja_context = minijinja::Value::from_pairs([("user", jinja_user)]);
    println!("hookctl-twig's time, and how many times of it the others take");
    for (name, source) in TEMPLATES {
        let parse = time(|| drop(black_box(Template::parse(black_box(source)))));
        // What they set up once, with all their filters, is not counted: a template takes the place of the one before.
        let mut tera = tera::Tera::default();
        let tera_parse = time(|| tera.add_raw_template("t", black_box(source)).expect("Tera's template"));
        let mut jinja = minijinja::Environment::new();
        let jinja_parse = time(|| jinja.add_template("t", black_box(source)).expect("minijinja's template"));
        row(&format!("parse  {name}"), parse, tera_parse, jinja_parse);

        let template = Template::parse(source).expect("a template");
        let mut tera = tera::Tera::default();
        tera.add_raw_template("t", source).expect("Tera's template");
        let mut jinja = minijinja::Environment::new();
        jinja.add_template("t", source).expect("minijinja's template");
        let jinja_template = jinja.get_template("t").expect("is there");
        let render = time(|| drop(black_box(template.render(black_box(&context), &options))));
        let tera_render = time(|| drop(black_box(tera.render("t", black_box(&tera_context)))));
        let jinja_render = time(|| drop(black_box(jinja_template.render(black_box(jinja_context.clone())))));
        row(&format!("render {name}"), render, tera_render, jinja_render);
    }
}
