//! hookctl: write, lint, render and fire webhook scripts before a real customer event does.
//!
//! Data flows one way, and the modules are its stations: `project` finds the files, `script` and `event` read them,
//! the crate `hookctl_twig` is the dialect of their placeholders, `lint` gives findings, `request` gives the exact request
//! (params nested as `encoding` says), `delivery` sends it under `policy`, `receiver` can be what answers, `simulate` runs
//! the policy in virtual time, `report` shows all of it and `cli` is the thin layer on top. `http` and `text` are the words
//! that all of them use, `yaml` reads text as a tree with places, and a `diagnostic` is how each of them reports a problem in a file.
//!
//! A script's text and an event's data become the request that would be sent:
//!
//! ```
//! use std::sync::Arc;
//!
//! use hookctl::event::Fixture;
//! use hookctl::span::Source;
//! use hookctl::{request, script};
//!
//! let text = "\
//! name: Greet
//! use_case: contact
//! request:
//!   method: GET
//!   url: https://api.example.com/greetings
//!   params: {name: \"{{ contact.first_name|upper }}\", token: \"{{ env.TOKEN }}\"}
//! triggers: [{event: contact.created}]
//! ";
//! let (script, problems) = script::read(Arc::new(Source::new("greet.yaml", text)), "greet");
//! assert!(problems.is_empty());
//!
//! let data = r#"{"event": "contact.created", "contact": {"first_name": "Zoë"}}"#;
//! let fixture = Fixture::parse(Arc::new(Source::new("created.json", data))).expect("an event");
//! let env = |name: &str| (name == "TOKEN").then(|| "s3cret-t0ken".to_owned());
//! let request = request::resolve_for(&script, &fixture, &env, &request::Options::default()).expect("a request");
//!
//! assert_eq!(request.url.as_str(), "https://api.example.com/greetings?name=ZO%C3%8B&token=s3cret-t0ken");
//! // What is printed of it goes through its redactor.
//! let shown = request.redactor.redact(request.url.as_str());
//! assert!(shown.ends_with("&token=«redacted»"));
//! ```

pub mod cli;
pub mod delivery;
pub mod diagnostic;
pub mod encoding;
pub mod event;
pub mod file;
pub mod http;
pub mod lint;
mod loops;
pub mod policy;
pub mod project;
pub mod receiver;
pub mod report;
pub mod request;
pub mod script;
pub mod secret;
mod simulate;
pub mod span;
mod spec_syntax;
pub mod text;
mod threads;
pub mod yaml;
