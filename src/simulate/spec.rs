//! A scenario from what flags and files say.

use std::sync::Arc;
use std::time::Duration;

use super::{Answers, Arrivals, LoadCurve, Rate, Recorded, Scenario, ScriptModel, Service, TriggerTimes};
use crate::diagnostic::{Diagnostic, Problems};
use crate::loops::{Graph, Node};
use crate::script::Script;
use crate::span::{Source, Span};
use crate::spec_syntax::{self, Pairs, Wrong};
use crate::text::list;
use crate::text::quantity;

/// How triggers are spread.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Spread {
    /// Evenly.
    Constant,
    /// Independently of each other.
    Poisson,
}

/// The values given for a script; missing ones come from elsewhere.
#[derive(Debug, Clone, Default)]
pub(crate) struct Spec {
    /// Own triggers; `Some(None)`: there are none.
    pub rate: Option<Option<Rate>>,
    /// How they are spread.
    pub spread: Option<Spread>,
    /// So many at once.
    pub burst: Option<u32>,
    /// How long the endpoint takes.
    pub latency: Option<Service>,
    /// The share of requests that get a 500.
    pub fail_rate: Option<f64>,
    /// How many requests the endpoint works on at once.
    pub workers: Option<u32>,
    /// The scripts that each executed request triggers.
    pub causes: Vec<String>,
}

/// A script and the values given for it.
#[derive(Debug, Clone)]
pub(crate) struct NamedSpec {
    /// The script's id, or any other name.
    pub name: String,
    /// Its values.
    pub spec: Spec,
    /// Where they are given, if in a flag.
    pub place: Option<(Arc<Source>, Span)>,
}

const KEYS: [&str; 7] = ["rate", "arrivals", "burst", "latency", "fail-rate", "workers", "causes"];

impl NamedSpec {
    /// Reads `NAME: SPEC`, where SPEC is `key=value` joined by `;`. The keys are those of the flags, and `causes`.
    ///
    /// # Errors
    /// Everything that is wrong with it, at its place.
    pub(crate) fn parse(flag: &str, text: &str) -> Result<Self, Problems> {
        let source = Arc::new(Source::new(flag, text));
        let (name, rest) = spec_syntax::named(text)
            .unwrap_or((spec_syntax::trimmed(text, Span::new(0, text.len())), Span::new(text.len(), text.len())));
        if name.start == name.end {
            let help = "write a name, a colon and its values, such as `crm: rate=30/m;latency=2s`";
            return Err(Diagnostic::error("the script has no name")
                .at(&source, Span::new(0, text.len()), "")
                .help(help)
                .into());
        }
        let mut spec = Spec::default();
        let pairs = Pairs::read(&source, rest, "setting", &KEYS, |key, value| spec.set(key, value));
        if !pairs.problems.is_empty() {
            return Err(Problems(pairs.problems));
        }
        Ok(Self { name: text[name.start..name.end].to_owned(), spec, place: Some((source, name)) })
    }
}

/// Scripts of a project, each with those that its request fires through the platform's API. `api_hosts` are the hosts of
/// that API.
pub(crate) fn of_project(scripts: &[Script], api_hosts: &[String]) -> Vec<NamedSpec> {
    let nodes: Vec<Node> = scripts.iter().map(|script| Node::of(script, api_hosts)).collect();
    let graph = Graph::new(&nodes);
    let causes = |index| graph.fires(index).filter_map(|step| scripts.get(step.script)).map(|fired| fired.id.clone());
    let named = |(index, script): (usize, &Script)| NamedSpec {
        name: script.id.clone(),
        spec: Spec { causes: causes(index).collect(), ..Spec::default() },
        place: None,
    };
    scripts.iter().enumerate().map(named).collect()
}

impl Spec {
    fn set(&mut self, key: &str, value: Option<&str>) -> Result<(), Wrong> {
        let Some(value) = value.map(str::trim) else {
            return Err((format!("`{key}` has no value"), format!("write `{key}={}`", example(key))));
        };
        let plain = |message: String| (message, format!("write for example `{key}={}`", example(key)));
        match key {
            "rate" => self.rate = Some(rate(value).map_err(plain)?),
            "arrivals" => {
                self.spread = Some(match value {
                    "constant" => Spread::Constant,
                    "poisson" => Spread::Poisson,
                    _ => return Err(plain(format!("`{value}` is neither `constant` nor `poisson`"))),
                });
            }
            "burst" => self.burst = Some(count(value).map_err(plain)?),
            "latency" => self.latency = Some(value.parse().map_err(plain)?),
            "fail-rate" => self.fail_rate = Some(share(value).map_err(plain)?),
            "workers" => self.workers = Some(count(value).map_err(plain)?),
            _ => self.causes = value.split(',').map(|name| name.trim().to_owned()).collect(),
        }
        Ok(())
    }

    fn arrivals(&self, rate: Rate, default: &Spec) -> Arrivals {
        let burst = self.burst.or(default.burst).unwrap_or(1);
        match self.spread.or(default.spread).unwrap_or(Spread::Constant) {
            Spread::Constant => Arrivals::Constant { rate, burst },
            Spread::Poisson => Arrivals::Poisson { rate, burst },
        }
    }
}

fn example(key: &str) -> &'static str {
    match key {
        "rate" => "30/m",
        "arrivals" => "poisson",
        "burst" => "10",
        "latency" => "2s",
        "fail-rate" => "0.05",
        "workers" => "4",
        _ => "NAME",
    }
}

/// Reads `30/m`, or `none` for a script that only others trigger.
///
/// # Errors
/// Anything else, in words.
pub(crate) fn rate(text: &str) -> Result<Option<Rate>, String> {
    if text == "none" { Ok(None) } else { text.parse().map(Some) }
}

/// Reads a whole number above zero.
///
/// # Errors
/// Anything else, in words.
pub(crate) fn count(text: &str) -> Result<u32, String> {
    let number = text.parse().ok().filter(|n| (1..=1_000_000).contains(n));
    number.ok_or_else(|| {
        let such_as =
            quantity::plain(text).filter(|number| number != text).map(|number| format!(", such as `{number}`"));
        format!("`{text}` is not a count; write a whole number from 1 to 1000000{}", such_as.unwrap_or_default())
    })
}

/// Reads a share from 0 to 1.
///
/// # Errors
/// Anything else, in words.
pub(crate) fn share(text: &str) -> Result<f64, String> {
    let share = quantity::share(text).filter(|share| (0.0..=1.0).contains(share));
    share.ok_or_else(|| format!("`{text}` is not a number from 0 to 1, such as `0.05` or `5%`"))
}

/// Everything that a scenario is made of.
#[derive(Debug, Clone)]
pub(crate) struct Parts {
    /// Values for scripts that have none of their own.
    pub default: Spec,
    /// The scripts; where there are none, the one of the times, or a single one called `script`.
    pub scripts: Vec<NamedSpec>,
    /// Real trigger times: they go before the default's rate.
    pub times: Option<TriggerTimes>,
    /// Measured answers: they go before the default's latency.
    pub recorded: Option<Recorded>,
    /// The platform's load over time.
    pub load: LoadCurve,
    /// Triggers come so long; without it an hour, or as long as `triggers` and `times` say.
    pub span: Option<Duration>,
    /// No more triggers than this.
    pub triggers: Option<u64>,
    /// Whether the per-minute trigger limit is in force.
    pub trigger_limit: bool,
    /// Gives the same run again.
    pub seed: u64,
}

impl Parts {
    /// The scenario.
    ///
    /// # Errors
    /// Two scripts of one name, a cause that is no script, times of no script among several.
    pub(crate) fn scenario(mut self) -> Result<Scenario, Problems> {
        let mut problems = Vec::new();
        self.name_scripts(&mut problems);
        let mut scripts: Vec<ScriptModel> = Vec::new();
        for named in &self.scripts {
            if self.scripts.iter().filter(|other| other.name == named.name).count() > 1 {
                problems.push(about(named, format!("there are two scripts called `{}`", named.name)));
            }
            let causes =
                named.spec.causes.iter().filter_map(|cause| self.caused(named, cause, &mut problems)).collect();
            scripts.push(ScriptModel {
                name: named.name.clone(),
                arrivals: self.arrivals(named),
                answers: self.answers(named),
                workers: named.spec.workers.or(self.default.workers),
                causes,
            });
        }
        if !problems.is_empty() {
            return Err(Problems(problems));
        }
        let open = self.triggers.is_some() || self.times.is_some();
        let until = self.span.unwrap_or(if open { Duration::MAX } else { Duration::from_secs(3_600) });
        Ok(Scenario {
            scripts,
            load: self.load,
            until,
            triggers: self.triggers,
            trigger_limit: self.trigger_limit,
            seed: self.seed,
        })
    }

    /// Adds the scripts that only the times name, and gives a single script the times without a name.
    fn name_scripts(&mut self, problems: &mut Vec<Diagnostic>) {
        let named = |name: &str| NamedSpec { name: name.to_owned(), spec: Spec::default(), place: None };
        for name in self.times.iter().flat_map(|times| times.scripts.keys()).filter(|name| !name.is_empty()) {
            if !self.scripts.iter().any(|script| script.name == *name) {
                self.scripts.push(named(name));
            }
        }
        if self.scripts.is_empty() {
            self.scripts.push(named("script"));
        }
        let Some(times) = &mut self.times else { return };
        if let Some(nameless) = times.scripts.shift_remove("") {
            match self.scripts.as_slice() {
                [only] if !times.scripts.contains_key(&only.name) => {
                    times.scripts.insert(only.name.clone(), nameless);
                }
                _ => {
                    let message = "some trigger times name no script, and there are several scripts";
                    problems.push(Diagnostic::error(message).help("write the script after each time: `90s,crm`"));
                }
            }
        }
    }

    fn caused(&self, by: &NamedSpec, cause: &str, problems: &mut Vec<Diagnostic>) -> Option<usize> {
        let found = self.scripts.iter().position(|script| script.name == cause);
        if found.is_none() {
            let names = list::and(list::quoted(self.scripts.iter().map(|script| &script.name)));
            let message = format!("`{}` causes `{cause}`, which is not one of the scripts", by.name);
            problems.push(about(by, message).help(format!("the scripts are {names}")));
        }
        found
    }

    fn arrivals(&self, named: &NamedSpec) -> Arrivals {
        let spec = &named.spec;
        if let Some(rate) = spec.rate {
            return rate.map_or(Arrivals::None, |rate| spec.arrivals(rate, &self.default));
        }
        if let Some(times) = self.times.as_ref().and_then(|times| times.scripts.get(&named.name)) {
            return Arrivals::Times(Arc::new(times.clone()));
        }
        // Beside a file of times, what is not in it is not triggered, unless a flag says so.
        let usual = if self.times.is_some() { None } else { Rate::per_minute(30) };
        let rate = self.default.rate.unwrap_or(usual);
        rate.map_or(Arrivals::None, |rate| spec.arrivals(rate, &self.default))
    }

    fn answers(&self, named: &NamedSpec) -> Answers {
        let spec = &named.spec;
        match (&self.recorded, &spec.latency) {
            (Some(recorded), None) => recorded.answers(&named.name),
            (_, latency) => Answers::Modelled {
                service: latency
                    .clone()
                    .or(self.default.latency.clone())
                    .unwrap_or(Service::Constant(Duration::from_secs(1))),
                fail_rate: spec.fail_rate.or(self.default.fail_rate).unwrap_or(0.0),
            },
        }
    }
}

fn about(named: &NamedSpec, message: String) -> Diagnostic {
    let problem = Diagnostic::error(message);
    match &named.place {
        Some((source, span)) => problem.at(source, *span, ""),
        None => problem,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(scripts: &[&str]) -> Parts {
        let read = |text: &&str| NamedSpec::parse("--script", text).expect(text);
        Parts {
            default: Spec::default(),
            scripts: scripts.iter().map(read).collect(),
            times: None,
            recorded: None,
            load: "0".parse().expect("a load"),
            span: None,
            triggers: None,
            trigger_limit: true,
            seed: 1,
        }
    }

    #[test]
    fn a_script_says_its_values_and_the_flags_the_others() {
        let text = "crm: rate=5/s;arrivals=poisson;burst=3;latency=1s..2s;fail-rate=0.5;workers=2;causes=crm, desk";
        let mut parts = parts(&[text, "desk"]);
        parts.default.latency = Some(Service::Never);
        let scenario = parts.scenario().expect("a scenario");
        let [crm, desk] = scenario.scripts.as_slice() else { panic!("{scenario:?}") };
        let rate = "5/s".parse().expect("a rate");
        assert_eq!(crm.arrivals, Arrivals::Poisson { rate, burst: 3 });
        let service = Service::Uniform(Duration::from_secs(1), Duration::from_secs(2));
        assert_eq!(crm.answers, Answers::Modelled { service, fail_rate: 0.5 });
        assert_eq!((crm.workers, crm.causes.as_slice()), (Some(2), [0, 1].as_slice()));
        let rate = "30/m".parse().expect("a rate");
        assert_eq!((&desk.name, &desk.arrivals), (&"desk".to_owned(), &Arrivals::Constant { rate, burst: 1 }));
        assert_eq!(desk.answers, Answers::Modelled { service: Service::Never, fail_rate: 0.0 });
        assert_eq!(scenario.until, Duration::from_secs(3_600));
    }

    #[test]
    fn times_and_measured_answers_go_before_the_flags() {
        let mut parts = parts(&["crm", "fast: rate=1/s;latency=1s"]);
        parts.times = Some(TriggerTimes::read("times.csv", "1s,crm\n2s,desk\n3s,fast\n").expect("times"));
        let results = r#"{"deliveries": [{"script": "crm", "attempts": [{"outcome": "timed_out", "status": null, "latency_ms": null}]}]}"#;
        parts.recorded = Some(Recorded::read("results.json", results.as_bytes()).expect("results"));
        let scenario = parts.scenario().expect("a scenario");
        let names: Vec<_> = scenario.scripts.iter().map(|script| script.name.as_str()).collect();
        assert_eq!(names, ["crm", "fast", "desk"]);
        assert_eq!(scenario.scripts[0].arrivals, Arrivals::Times(Arc::new(vec![Duration::from_secs(1)])));
        assert!(matches!(scenario.scripts[0].answers, Answers::Measured(_)));
        assert!(matches!(scenario.scripts[1].arrivals, Arrivals::Constant { .. }));
        assert!(matches!(scenario.scripts[1].answers, Answers::Modelled { .. }));
        assert_eq!(scenario.until, Duration::MAX);
    }

    #[test]
    fn times_without_a_script_are_those_of_the_only_one() {
        let times = TriggerTimes::read("times.csv", "1s\n2s\n").expect("times");
        let one = Parts { times: Some(times.clone()), ..parts(&[]) }.scenario().expect("a scenario");
        assert!(matches!(&one.scripts[0].arrivals, Arrivals::Times(times) if times.len() == 2));
        let Problems(problems) = Parts { times: Some(times), ..parts(&["a", "b"]) }.scenario().expect_err("whose?");
        assert!(problems[0].message.contains("name no script"));
    }

    #[test]
    fn everything_wrong_is_said_at_its_place() {
        for (text, place, words) in [
            (": rate=1/s", ": rate=1/s", "has no name"),
            ("crm: rte=1/s", "rte", "did you mean `rate`?"),
            ("crm: rate=5", "5", "`5` has no unit of time"),
            ("crm: arrivals=random", "random", "neither `constant` nor `poisson`"),
            ("crm: burst=0", "0", "`0` is not a count"),
            ("crm: latency=2", "2", "no unit"),
            ("crm: fail-rate=20", "20", "`20` is not a number from 0 to 1"),
            ("crm: workers", "workers", "write `workers=4`"),
        ] {
            let Problems(problems) = NamedSpec::parse("--script", text).expect_err(text);
            let all = format!("{} {}", problems[0].message, problems[0].help.join(" "));
            let span = problems[0].labels[0].span;
            assert!(all.contains(words), "{text}: {all}");
            assert_eq!(&text[span.start..span.end], place, "{text}");
        }
        let Problems(problems) = parts(&["a: causes=b", "c", "c"]).scenario().expect_err("three");
        let messages: Vec<_> = problems.iter().map(|p| p.message.as_str()).collect();
        let twice = "there are two scripts called `c`";
        assert_eq!(messages, ["`a` causes `b`, which is not one of the scripts", twice, twice]);
    }
}
