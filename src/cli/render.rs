//! `hookctl render`: shows the resolved request, as Postman would or in another tool's form.

use clap::ValueEnum;

use super::{Exit, Global, Output, Rendering, ResultFile};
use crate::diagnostic::{Diagnostic, Problems};
use crate::project::{Project, fixtures_listed};
use crate::report::request::{curl, har, http, json, text};
use crate::request;
use crate::secret::REDACTED;

const HELP: &str = "\
Examples:
  hookctl render --event fixtures/contact.created.json
  hookctl render sync-contact --event fixtures/contact.created.json \\
      --set contact.age=17 --now 2026-11-23T10:00
  hookctl render sync-contact --event - --format curl --reveal < event.json

Exit codes:
  0    rendered
  2    usage, invalid input, or an undefined placeholder without --lenient";

/// Show the request that a script makes for an event
#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub(super) struct Args {
    /// Scripts by id, file or folder [default: those that the event fires]
    #[arg(value_name = "SCRIPT")]
    scripts: Vec<String>,
    /// The event's data, a JSON file; `-` reads standard input
    #[arg(long, value_name = "FILE")]
    event: Option<String>,
    /// Output format
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
    #[command(flatten)]
    result: ResultFile,
    #[command(flatten)]
    rendering: Rendering,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// As Postman lays it out
    Text,
    /// A JSON document
    Json,
    /// A command for a POSIX shell that sends the same bytes
    Curl,
    /// The raw HTTP/1.1 message
    Http,
    /// HTTP Archive 1.2
    Har,
}

impl Format {
    /// Whether the format can show warnings.
    fn has_warnings(self) -> bool {
        matches!(self, Format::Text | Format::Json)
    }
}

/// Renders and shows.
pub(super) fn run(args: &Args, global: &Global, output: &Output) -> Result<Exit, Problems> {
    let project = Project::open(global.config.as_deref(), &global.overrides)?;
    let Some(event) = &args.event else { return Err(without_event(&project).into()) };
    let timezone = &project.config.timezone;
    let env = project.environment()?;
    let options = args.rendering.options(&project.config, &env)?;
    let (fixture, mut notes) =
        args.rendering.assignments().apply(project.read_fixture(event)?, &project.config.catalogue)?;
    let mut scripts = project.read_scripts(&args.scripts)?;
    if args.scripts.is_empty() {
        scripts = request::fired(scripts, &fixture, &options.template)?;
    } else {
        notes.extend(scripts.iter().filter_map(|script| request::not_fired(script, &fixture, &options.template)));
    }
    notes.iter().for_each(|note| output.message(note));
    let requests = request::resolve_all(&scripts, &fixture, &|name| env.get(name), &options)?;
    let results = output.to_file(args.result.path());
    let shown = match args.format {
        Format::Text => text::text(&requests, results.width()),
        Format::Json => json::json(fixture.event.as_deref(), &requests),
        Format::Curl => curl::curl(&requests),
        Format::Http => http::http(&requests),
        Format::Har => har::har(&requests, args.rendering.now(timezone)?),
    };
    results.result(&shown, args.result.path())?;
    if !args.format.has_warnings() {
        for request in &requests {
            request.located_warnings().for_each(|warning| output.message(&Diagnostic::warning(warning)));
        }
    }
    if args.format == Format::Curl && shown.contains(REDACTED) {
        let warning = Diagnostic::warning("secrets are redacted, so this won't work as is");
        output.message(&warning.help("`--reveal` shows them"));
    }
    Ok(Exit::Clean)
}

fn without_event(project: &Project) -> Diagnostic {
    Diagnostic::error("`render` needs an event's data: `--event FILE`, or `--event -` for standard input")
        .help(fixtures_listed(&project.fixtures()))
}
