//! `hookctl.yaml`: every setting with its place, `-c` on top, and every problem at once.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use indexmap::IndexMap;

use crate::diagnostic::{Diagnostic, Edit, ProblemKind, Problems, Severity};
use crate::encoding::{BodyEncoding, JsonValues, NameStyle};
use crate::event::{Catalogue, Field, Fields, Type, UseCase};
use crate::http::Host;
use crate::policy::{SETTINGS, SettingError, Settings};
use crate::script::reader::{Keys, Reader, entry, get};
use crate::span::{Source, Span, Spanned};
use crate::text::list;
use crate::text::suggest::nearest;
use crate::yaml::{self, Entry, Kind, Mapping, Node};

/// A project's settings.
#[derive(Debug)]
pub struct Config {
    /// The folder of scripts, from the project's folder.
    pub scripts: PathBuf,
    /// Where that is written, unless it is the default: then it must be right.
    pub scripts_place: Option<(Arc<Source>, Span)>,
    /// The folder of fixtures, from the project's folder.
    pub fixtures: PathBuf,
    /// The time zone that templates show times in, an IANA name.
    pub timezone: String,
    /// How params become a body.
    pub encoding: BodyEncoding,
    /// The file of `NAME=value` lines, from the project's folder.
    pub env_file: Option<PathBuf>,
    /// Hosts that are the platform's own API, in small letters; `*.example.com` is every host below that domain.
    pub api_hosts: Vec<String>,
    /// The platform's rules, and which of them are still at their defaults.
    pub policy: Settings,
    /// Events and fields, the customer's own included.
    pub catalogue: Catalogue,
    /// `rules:`, in order.
    pub rules: Vec<RuleLevel>,
    /// `ignore:`, in order.
    pub ignore: Vec<IgnoredPaths>,
}

/// One line of `rules:`.
#[derive(Debug, Clone)]
pub struct RuleLevel {
    /// A rule's id or name, not checked yet.
    pub rule: Spanned<String>,
    /// Its level; none: off.
    pub level: Option<Severity>,
    /// Where it is written.
    pub source: Arc<Source>,
}

/// One line of `ignore:`: rules that don't count in some files.
#[derive(Debug, Clone)]
pub struct IgnoredPaths {
    /// A pattern of paths from the project's folder.
    pub glob: Spanned<String>,
    /// Rules' ids or names, not checked yet.
    pub rules: Vec<Spanned<String>>,
    /// Where it is written.
    pub source: Arc<Source>,
}

const CONFIG: Keys = Keys {
    known: &[
        "scripts",
        "fixtures",
        "timezone",
        "encoding",
        "variables",
        "env_file",
        "api_hosts",
        "policy",
        "fields",
        "rules",
        "ignore",
    ],
    renamed: &[("env", "env_file")],
    hints: &[
        ("limit", "write it under `policy:`"),
        ("retry", "write it under `policy:`"),
        ("json_values", "write it under `encoding:`"),
        ("names", "write it under `encoding:`"),
    ],
};
const ENCODING: Keys = Keys { known: &["json_values", "names"], renamed: &[], hints: &[] };
const FIELD: Keys = Keys {
    known: &["type", "nullable", "about", "items", "fields", "values"],
    renamed: &[],
    hints: &[("required", "write `nullable: true` if an event can lack it")],
};
const TYPES: [(&str, Type); 8] = [
    ("string", Type::String),
    ("integer", Type::Integer),
    ("number", Type::Number),
    ("boolean", Type::Boolean),
    ("date", Type::Date),
    ("datetime", Type::Datetime),
    ("list", Type::List),
    ("object", Type::Object),
];
const LEVELS: [(&str, Option<Severity>); 4] = [
    ("off", None),
    ("info", Some(Severity::Info)),
    ("warning", Some(Severity::Warning)),
    ("error", Some(Severity::Error)),
];

impl Default for Config {
    fn default() -> Self {
        Config {
            scripts: "scripts".into(),
            scripts_place: None,
            fixtures: "fixtures".into(),
            timezone: "UTC".into(),
            encoding: BodyEncoding::default(),
            env_file: None,
            api_hosts: Vec::new(),
            policy: Settings::default(),
            catalogue: Catalogue::builtin().clone(),
            rules: Vec::new(),
            ignore: Vec::new(),
        }
    }
}

impl Config {
    /// Reads hookctl.yaml's text, where there is one, then the overrides.
    ///
    /// # Errors
    /// Every problem at its place.
    pub fn read(source: Option<Arc<Source>>, overrides: &[String]) -> Result<Config, Problems> {
        let mut loader = Loader { config: Config::default(), problems: Vec::new(), policy_places: HashMap::new() };
        if let Some(source) = source {
            let document = yaml::read(&source, &source.text);
            let reader = Reader::new(&source, &source.text, document.errors);
            loader.take(reader, document.root.as_ref());
        }
        for text in overrides {
            loader.take_override(text);
        }
        loader.contradictions();
        if loader.problems.is_empty() { Ok(loader.config) } else { Err(Problems(loader.problems)) }
    }
}

struct Loader {
    config: Config,
    problems: Vec<Diagnostic>,
    /// Where each setting of the policy was last written.
    policy_places: HashMap<&'static str, (Arc<Source>, Span)>,
}

impl Loader {
    fn take(&mut self, reader: Reader<'_>, root: Option<&Node<'_>>) {
        let mut layer = Layer { loader: self, source: reader.source, reader };
        if let Some(root) = root.filter(|root| !root.is_null()) {
            layer.config(root);
        }
        let mut problems = layer.reader.problems;
        problems.sort_by_key(Diagnostic::span);
        // The linter's rules are about scripts.
        self.problems.extend(problems.into_iter().map(|problem| Diagnostic { kind: ProblemKind::Other, ..problem }));
    }

    /// `key.path=value`: the value is written as in hookctl.yaml.
    fn take_override(&mut self, text: &str) {
        let source = Arc::new(Source::new("-c", text));
        let Some((path, _)) = text.split_once('=') else {
            let error = Diagnostic::error(format!("`-c {text}` has no `=`"));
            self.problems.push(error.help("write a key and a value, as in `-c policy.retry.interval=10ms`"));
            return;
        };
        if path.split('.').any(|key| key.trim().is_empty()) {
            let error = Diagnostic::error(format!("`-c {text}`: `{path}` is not a setting"));
            self.problems.push(error.help("separate keys with dots, as in `policy.retry.interval`"));
            return;
        }
        // Spaces in place of the path keep the offsets of the value.
        let value = " ".repeat(path.len() + 1) + &text[path.len() + 1..];
        let document = yaml::read(&source, &value);
        let reader = Reader::new(&source, &value, document.errors);
        let end = Span::new(text.len(), text.len());
        let empty = || Node {
            kind: Kind::Scalar(yaml::Scalar { text: "".into(), style: yaml::Style::Plain }),
            span: end,
            foreign_tag: None,
        };
        let mut node = document.root.unwrap_or_else(empty);
        let mut stop = path.len();
        for key in path.rsplit('.') {
            let start = stop - key.len();
            let entry = Entry { key: key.into(), key_span: Span::new(start, stop), value: node };
            let span = Span::new(start, text.len());
            let mapping = Mapping { entries: vec![entry], ..Mapping::default() };
            node = Node { kind: Kind::Mapping(mapping), span, foreign_tag: None };
            stop = start.saturating_sub(1);
        }
        self.take(reader, Some(&node));
    }

    fn contradictions(&mut self) {
        for (key, sentence) in self.config.policy.contradictions() {
            let mut error = Diagnostic::error(sentence).help("change one of them under `policy:`");
            if let Some((source, span)) = self.policy_places.get(key) {
                error = error.at(source, *span, "");
            }
            self.problems.push(error);
        }
    }
}

/// One source of settings.
struct Layer<'l, 'f> {
    loader: &'l mut Loader,
    reader: Reader<'f>,
    source: &'l Arc<Source>,
}

impl Layer<'_, '_> {
    fn config(&mut self, root: &Node<'_>) {
        let Some(mapping) = self.reader.mapping(root, "`hookctl.yaml`", Some(&CONFIG)) else { return };
        if let Some(folder) = self.reader.key_word(mapping, "scripts", "scripts") {
            self.loader.config.scripts_place = Some((Arc::clone(self.source), folder.span));
            self.loader.config.scripts = folder.value.into();
        }
        if let Some(folder) = self.reader.key_word(mapping, "fixtures", "fixtures") {
            self.loader.config.fixtures = folder.value.into();
        }
        if let Some(zone) = self.reader.key_word(mapping, "timezone", "UTC") {
            self.timezone(zone);
        }
        if let Some(encoding) = get(mapping, "encoding").filter(|node| !node.is_null()) {
            self.encoding(encoding);
        }
        match get(mapping, "env_file") {
            Some(node) if node.is_null() => self.loader.config.env_file = None,
            Some(_) => {
                self.loader.config.env_file =
                    self.reader.key_word(mapping, "env_file", ".env").map(|file| file.value.into());
            }
            None => {}
        }
        if let Some(hosts) = get(mapping, "api_hosts") {
            let hosts = self.reader.words(hosts, "api_hosts", "acme.example.com");
            self.loader.config.api_hosts = hosts.into_iter().filter_map(|host| self.host(host)).collect();
        }
        if let Some(policy) = entry(mapping, "policy") {
            self.policy(policy, "");
        }
        if let Some(fields) = get(mapping, "fields").filter(|node| !node.is_null()) {
            self.own_fields(fields);
        }
        if let Some(variables) = get(mapping, "variables").filter(|node| !node.is_null()) {
            self.own_variables(variables);
        }
        if let Some(rules) = get(mapping, "rules").filter(|node| !node.is_null()) {
            self.rules(rules);
        }
        if let Some(ignore) = get(mapping, "ignore").filter(|node| !node.is_null()) {
            self.ignore(ignore);
        }
    }

    fn timezone(&mut self, zone: Spanned<String>) {
        if jiff::tz::TimeZone::get(&zone.value).is_ok() {
            self.loader.config.timezone = zone.value;
            return;
        }
        let message = format!("there is no time zone `{}`", zone.value);
        self.reader.wrong(zone.span, message, "write an IANA name such as `UTC`, `Europe/Berlin` or `Asia/Taipei`");
    }

    fn encoding(&mut self, node: &Node<'_>) {
        let Some(mapping) = self.reader.mapping(node, "`encoding`", Some(&ENCODING)) else { return };
        let values = JsonValues::ALL.map(|value| (value.word(), value));
        if let Some(value) = self.reader.choice(mapping, "json_values", &values) {
            self.loader.config.encoding.json_values = value.value;
        }
        let styles = NameStyle::ALL.map(|style| (style.word(), style));
        if let Some(style) = self.reader.choice(mapping, "names", &styles) {
            self.loader.config.encoding.names = style.value;
        }
    }

    fn host(&mut self, host: Spanned<String>) -> Option<String> {
        let name = host.value.strip_prefix("*.").unwrap_or(&host.value);
        if name.contains(['/', ' ', '@', '?', '#', '*']) || Host::named(name).is_none() {
            let message = format!("`{}` is not a valid host", host.value);
            let help = "write only the host, such as `acme.example.com`, or `*.example.com` for every host in a domain";
            self.reader.wrong(host.span, message, help);
            return None;
        }
        Some(host.value.to_lowercase())
    }

    /// Settings below `policy`; `above` is the path so far, ending in a dot.
    fn policy(&mut self, entry: &Entry<'_>, above: &str) {
        let Kind::Mapping(_) = &entry.value.kind else {
            if !entry.value.is_null() {
                self.reader.mapping(&entry.value, &format!("`{}`", entry.key), None);
            }
            return;
        };
        let name =
            if above.is_empty() { "policy".to_owned() } else { format!("policy.{}", above.trim_end_matches('.')) };
        let Some(mapping) = self.reader.mapping(&entry.value, &format!("`{name}`"), None) else { return };
        for entry in &mapping.entries {
            let key = format!("{above}{}", entry.key);
            let below = format!("{key}.");
            if SETTINGS.iter().any(|setting| setting.key.starts_with(&below)) {
                self.policy(entry, &below);
            } else {
                self.setting(&key, entry);
            }
        }
    }

    fn setting(&mut self, key: &str, entry: &Entry<'_>) {
        let value = &entry.value;
        let text = match &value.kind {
            Kind::Sequence(_) => {
                let words: Vec<String> =
                    self.reader.words(value, key, "5xx").into_iter().map(|word| word.value).collect();
                Some(words.join(", "))
            }
            _ => self.reader.word(value, key, entry.key_span, "…").map(|word| word.value),
        };
        let Some(text) = text else { return };
        match self.loader.config.policy.set(key, &text) {
            Ok(()) => {
                if let Some(setting) = SETTINGS.iter().find(|setting| setting.key == key) {
                    self.loader.policy_places.insert(setting.key, (Arc::clone(self.source), value.span));
                }
            }
            Err(SettingError::Value(sentence)) => {
                let default = SETTINGS.iter().find(|setting| setting.key == key);
                let default = default.map(|setting| setting.show(&crate::policy::Policy::default()));
                let help = format!("the default is `{}`", default.unwrap_or_default());
                self.reader.wrong(value.span, format!("`policy.{key}`: {sentence}"), help);
            }
            Err(SettingError::Unknown) => self.unknown_setting(key, entry.key_span),
        }
    }

    fn unknown_setting(&mut self, key: &str, span: Span) {
        let last = |key: &'static str| key.rsplit('.').next().unwrap_or(key);
        let near = nearest(key, SETTINGS.iter().map(|setting| setting.key));
        let problem = self.reader.problem(ProblemKind::UnknownKey, span, format!("there is no setting `policy.{key}`"));
        problem.help.push(match near {
            Some(near) => format!("did you mean `policy.{near}`?"),
            None => {
                format!("the settings are {}", list::and(list::quoted(SETTINGS.iter().map(|setting| setting.key))))
            }
        });
        let near = SETTINGS.iter().find(|setting| Some(setting.key) == near);
        problem.edits.extend(near.map(|setting| Edit::new(span, last(setting.key))));
    }

    fn own_fields(&mut self, node: &Node<'_>) {
        let Some(mapping) = self.reader.mapping(node, "`fields`", None) else { return };
        let mut own: IndexMap<String, Fields> = IndexMap::new();
        for root in &mapping.entries {
            if UseCase::from_name(&root.key).is_none() {
                let names = UseCase::ALL.map(UseCase::name);
                let word = Spanned { value: root.key.clone().into_owned(), span: root.key_span };
                self.reader.unknown(&word, format!("`{}` is not a variable with fields", root.key), &names);
                continue;
            }
            let name = format!("fields.{}", root.key);
            own.insert(root.key.clone().into_owned(), self.fields(&root.value, &name));
        }
        self.loader.config.catalogue = self.loader.config.catalogue.extended(own);
    }

    fn own_variables(&mut self, node: &Node<'_>) {
        let mut own = self.fields(node, "variables");
        let Kind::Mapping(mapping) = &node.kind else { return };
        for entry in &mapping.entries {
            let name = &*entry.key;
            let taken = if UseCase::from_name(name).is_some() {
                Some(format!("declare its fields under `fields:`, as in `fields: {{{name}: {{…: string}}}}`"))
            } else if ["env", "response"].contains(&name) {
                Some("hookctl itself provides that variable: choose another name".to_owned())
            } else {
                None
            };
            if let Some(help) = taken {
                own.shift_remove(name);
                self.reader.wrong(entry.key_span, format!("`{name}` is already a variable"), help);
            } else if !is_name(name) {
                own.shift_remove(name);
                let message = format!("`{name}` is not a valid variable name");
                self.reader.wrong(entry.key_span, message, "use letters, digits and `_`, such as `order_no`");
            }
        }
        self.loader.config.catalogue = self.loader.config.catalogue.with_variables(own);
    }

    fn fields(&mut self, node: &Node<'_>, name: &str) -> Fields {
        let Some(mapping) = self.reader.mapping(node, &format!("`{name}`"), None) else { return Fields::default() };
        let mut fields = Fields::default();
        for entry in &mapping.entries {
            if let Some(field) = self.field(entry, &format!("{name}.{}", entry.key)) {
                fields.insert(entry.key.clone().into_owned(), field);
            }
        }
        fields
    }

    fn field(&mut self, entry: &Entry<'_>, name: &str) -> Option<Field> {
        let mut field = Field::configured(Type::String);
        // The short form: `loyalty_level: string`.
        if matches!(entry.value.kind, Kind::Scalar(_)) {
            let word = self.reader.word(&entry.value, name, entry.key_span, "string")?;
            field.ty = self.field_type(&word)?;
            return Some(field);
        }
        let display = format!("`{name}`");
        let mapping = self.reader.mapping(&entry.value, &display, Some(&FIELD))?;
        self.reader.required(mapping, "type", &display, entry.key_span, "string")?;
        let ty = self.reader.key_word(mapping, "type", "string").and_then(|word| self.field_type(&word));
        let help = "write `nullable: true` if an event can lack it";
        field.nullable = self.reader.key_bool(mapping, "nullable", help).unwrap_or(false);
        field.about = self.reader.key_word(mapping, "about", "…").map(|word| word.value);
        field.items = self.reader.key_word(mapping, "items", "string").and_then(|word| self.field_type(&word));
        if let Some(below) = get(mapping, "fields") {
            field.fields = self.fields(below, name);
        }
        if let Some(values) = get(mapping, "values") {
            field.values = self.values(values);
        }
        field.ty = ty?;
        Some(field)
    }

    fn field_type(&mut self, word: &Spanned<String>) -> Option<Type> {
        let ty = TYPES.iter().find(|(name, _)| *name == word.value).map(|(_, ty)| *ty);
        if ty.is_none() {
            let names = TYPES.map(|(name, _)| name);
            self.reader.unknown(word, format!("there is no type `{}`", word.value), &names);
        }
        ty
    }

    /// The meanings of a code's values: `{0: pending}`.
    fn values(&mut self, node: &Node<'_>) -> IndexMap<i64, String> {
        let mut values = IndexMap::new();
        let Some(mapping) = self.reader.mapping(node, "`values`", None) else { return values };
        for entry in &mapping.entries {
            let Ok(code) = entry.key.parse() else {
                let message = format!("`{}` is not a whole number", entry.key);
                self.reader.wrong(entry.key_span, message, "write the code and its meaning, such as `0: pending`");
                continue;
            };
            if let Some(word) = self.reader.word(&entry.value, &entry.key, entry.key_span, "pending") {
                values.insert(code, word.value);
            }
        }
        values
    }

    fn rules(&mut self, node: &Node<'_>) {
        let Some(mapping) = self.reader.mapping(node, "`rules`", None) else { return };
        for entry in &mapping.entries {
            let Some(word) = self.reader.word(&entry.value, &entry.key, entry.key_span, "warning") else { continue };
            let Some((_, level)) = LEVELS.iter().find(|(name, _)| *name == word.value) else {
                let names = LEVELS.map(|(name, _)| name);
                self.reader.unknown(&word, format!("there is no level `{}`", word.value), &names);
                continue;
            };
            let rule = Spanned { value: entry.key.clone().into_owned(), span: entry.key_span };
            self.loader.config.rules.push(RuleLevel { rule, level: *level, source: Arc::clone(self.source) });
        }
    }

    fn ignore(&mut self, node: &Node<'_>) {
        let Some(mapping) = self.reader.mapping(node, "`ignore`", None) else { return };
        for entry in &mapping.entries {
            let glob = Spanned { value: entry.key.clone().into_owned(), span: entry.key_span };
            let rules = self.reader.words(&entry.value, &entry.key, "HK103");
            self.loader.config.ignore.push(IgnoredPaths { glob, rules, source: Arc::clone(self.source) });
        }
    }
}

/// What a template can read by its name alone.
fn is_name(text: &str) -> bool {
    !text.starts_with(|c: char| c.is_ascii_digit())
        && !text.is_empty()
        && text.chars().all(|c| c.is_alphanumeric() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::ACTION;
    use std::time::Duration;

    fn read(text: &str, overrides: &[&str]) -> Result<Config, Problems> {
        let overrides: Vec<String> = overrides.iter().map(|text| (*text).to_owned()).collect();
        Config::read(Some(Arc::new(Source::new("hookctl.yaml", text))), &overrides)
    }

    #[test]
    fn the_contracts_example_is_read() {
        let config = read(
            "scripts: hooks\nfixtures: data\ntimezone: Asia/Taipei\nenv_file: .env\napi_hosts: [ACME.example.com]\n\
             policy:\n  limit: 8s\n  legacy: {min: 5s, max: 60s}\n  retry: {min: 0, max: 2, interval: 1s, multiplier: 3, \
             max_interval: 30s, jitter: 0.1, statuses: [408, 5xx]}\n  redirects: 3\n  triggers_per_minute: 30\n\
             fields:\n  contact: {loyalty_level: {type: string, nullable: true}, vip: boolean}\n\
             encoding: {json_values: json, names: brackets}\n\
             variables: {order_no: {type: string, nullable: true}, cart: {type: object, fields: {total: number}}}\n\
             rules: {HK202: off, HK305: error}\nignore: {\"scripts/old/**\": [HK103, HK107], a: HK202}\n",
            &["policy.retry.interval=10ms", "env_file=", "policy.retry.statuses=[500]", "encoding.names=dots"],
        )
        .expect("valid");
        assert_eq!((config.scripts, config.fixtures), ("hooks".into(), "data".into()));
        assert_eq!((config.timezone.as_str(), config.env_file), ("Asia/Taipei", None));
        assert_eq!(config.api_hosts, ["acme.example.com"]);
        let policy = &config.policy.policy;
        assert_eq!((policy.limit, policy.legacy.max), (Duration::from_secs(8), Duration::from_secs(60)));
        assert_eq!((policy.retry.interval, policy.redirects), (Duration::from_millis(10), 3));
        assert_eq!(policy.retry.statuses, [crate::http::StatusPattern::Code(500)]);
        let contact = config.catalogue.root(UseCase::Contact, None, "contact").expect("a root");
        assert!(contact.fields["loyalty_level"].nullable);
        assert_eq!(contact.fields["vip"].ty, Type::Boolean);
        assert_eq!(config.encoding, BodyEncoding { json_values: JsonValues::Json, names: NameStyle::Dots });
        let order = config.catalogue.root(UseCase::Contact, Some(ACTION), "order_no").expect("a variable");
        assert_eq!((order.ty, order.nullable), (Type::String, true));
        let rules: Vec<_> = config.rules.iter().map(|rule| (rule.rule.value.as_str(), rule.level)).collect();
        assert_eq!(rules, [("HK202", None), ("HK305", Some(Severity::Error))]);
        assert_eq!(config.ignore[0].rules.len() + config.ignore[1].rules.len(), 3);
    }

    #[test]
    fn what_is_not_set_is_assumed() {
        let config = read("policy: {retry: {max: 3}}\n", &[]).expect("valid");
        assert!(!config.policy.assumed().contains(&"retry.max"));
        assert!(config.policy.assumed().contains(&"retry.interval"));
        assert_eq!(read("encoding:\n", &[]).expect("valid").encoding, BodyEncoding::default());
        assert!(Config::read(None, &[]).expect("valid").policy.assumed().contains(&"retry.max"));
        assert!(read("", &[]).is_ok() && read("# nothing\n", &[]).is_ok() && read("policy:\n", &[]).is_ok());
    }

    #[test]
    fn every_problem_is_found_at_its_place() {
        for (text, overrides, expected) in [
            ("scirpts: a\n", &[][..], &[("unknown key `scirpts`", "scirpts")][..]),
            ("timezone: Mars/Base\n", &[], &[("no time zone `Mars/Base`", "Mars/Base")]),
            ("api_hosts: [https://a.example]\n", &[], &[("not a valid host", "https://a.example")]),
            (
                "api_hosts: ['*.example.com', 'api-*.example.com']\n",
                &[],
                &[("not a valid host", "'api-*.example.com'")],
            ),
            ("api_hosts: '*'\n", &[], &[("not a valid host", "'*'")]),
            ("api_hosts: a<b\n", &[], &[("not a valid host", "a<b")]),
            ("policy: {limt: 5s}\n", &[], &[("no setting `policy.limt`", "limt")]),
            ("policy: {retry: {intervall: 5s}}\n", &[], &[("no setting `policy.retry.intervall`", "intervall")]),
            ("policy: {limit: 5}\n", &[], &[("no unit", "5")]),
            (
                "policy: {limit: 0s, redirects: many}\n",
                &[],
                &[("not a duration above zero", "0s"), ("not a count", "many")],
            ),
            ("policy: {retry: {statuses: [600]}}\n", &[], &[("`600` is not a status", "[600]")]),
            ("policy: {limit: 3s, safe: 4s}\n", &[], &[("is longer than", "4s")]),
            ("policy: 3\n", &[], &[("`policy` must be a mapping", "3")]),
            ("policy: {retry: 3}\n", &[], &[("`retry` must be a mapping", "3")]),
            ("fields: {contract: {a: string}}\n", &[], &[("`contract` is not a variable", "contract")]),
            (
                "fields: {contact: {a: strnig, b: {nullable: true}}}\n",
                &[],
                &[("no type `strnig`", "strnig"), ("missing key `type`", "b")],
            ),
            ("encoding: {json_value: json}\n", &[], &[("unknown key `json_value`", "json_value")]),
            (
                "encoding: {json_values: yes, names: bracket}\n",
                &[],
                &[("can't be `yes`", "yes"), ("can't be `bracket`", "bracket")],
            ),
            ("encoding: json\n", &[], &[("`encoding` must be a mapping", "json")]),
            ("", &["encoding.names=php"], &[("`names` can't be `php`", "php")]),
            ("variables: {order_no: strnig}\n", &[], &[("no type `strnig`", "strnig")]),
            ("variables: [order_no]\n", &[], &[("`variables` must be a mapping", "[order_no]")]),
            (
                "variables: {contact: string, env: string, order-no: string}\n",
                &[],
                &[
                    ("already a variable", "contact"),
                    ("already a variable", "env"),
                    ("not a valid variable name", "order-no"),
                ],
            ),
            ("", &["variables.response=string"], &[("already a variable", "response")]),
            ("rules: {HK202: of}\n", &[], &[("no level `of`", "of")]),
            ("- a\n", &[], &[("must be a mapping, not a list", "- a")]),
            ("a: [\nscripts: x\n", &[], &[("not closed", "[")]),
            ("", &["policy.limt=3s"], &[("no setting `policy.limt`", "limt")]),
            ("", &["policy.limit=3"], &[("no unit", "3")]),
            ("", &["policy"], &[("has no `=`", "")]),
            ("", &["=3"], &[("is not a setting", "")]),
            ("", &["policy.limit="], &[("`limit` is empty", "limit")]),
        ] {
            let Problems(problems) = read(text, overrides).expect_err(text);
            assert_eq!(problems.len(), expected.len(), "{text} {overrides:?}: {problems:?}");
            for (problem, (words, place)) in problems.iter().zip(expected) {
                assert!(problem.message.contains(words), "{text} {overrides:?}: {}", problem.message);
                let label = problem.labels.first();
                let written = label.map_or("", |label| &label.source.text[label.span.start..label.span.end]);
                assert_eq!(written, *place, "{text} {overrides:?}");
            }
        }
    }
}
