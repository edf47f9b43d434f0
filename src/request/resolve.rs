//! Script + event → the exact request, or every problem of that script at once.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hookctl_twig::{Array, Value};
use url::Url;

use crate::diagnostic::{Diagnostic, Problems};
use crate::encoding::{Conflict, Name, Tree, form_name};
use crate::event::Fixture;
use crate::http::{LONGEST_URL, USER_AGENT, UrlTemplate, authority, header, is_token, method};
use crate::script::{Pair, ParamsIn, Script, Text};
use crate::span::Span;
use crate::text::list;

use super::assumed::assumed;
use super::body::{self, ContentType, Encoding};
use super::headers::Headers;
use super::placeholders::Placeholders;
use super::secrecy::reads_env;
use super::{Body, Env, Options, Param, Resolved, target};

/// What the client can decode.
const ACCEPT_ENCODING: &str = "gzip, deflate, br, zstd";

/// Resolves a script's request against an event's data.
///
/// Params go into the query for GET, HEAD and DELETE and other methods without a body, into the body for POST, PUT and
/// PATCH, unless `params_in` says otherwise; a body is JSON unless its Content-Type says otherwise; `options.encoding`
/// says what nests in it (all of it assumed).
///
/// # Errors
/// Every problem of the script at once, each at its place: templates that do not parse or render, unset `env.*`, a URL
/// or header that is invalid after rendering, a Content-Type that params can't be encoded as.
pub fn resolve(script: &Script, event: &Array, env: &Env, options: &Options) -> Result<Resolved, Problems> {
    let request = &script.request;
    let pairs = request.sent_params().chain(request.sent_headers());
    let texts = request.url.iter().chain(pairs.map(|pair| &pair.value)).chain(&script.callback);
    let mut resolver = Resolver { script, fill: Placeholders::new(script, texts, event, env, options), options };

    let method = resolver.method();
    let place = request.place_of_params().unwrap_or(ParamsIn::Query);
    let mut target = resolver.target();
    let params: Vec<Param> = request.sent_params().filter_map(|pair| resolver.param(pair, place)).collect();
    if let Some(target) = &mut target {
        if place == ParamsIn::Query {
            target::append_query(&mut target.url, names_and_values(&params));
        }
        resolver.check_length(&target.url);
    }
    let mut sent = Headers::default();
    for pair in request.sent_headers() {
        resolver.header(pair, &mut sent);
    }
    let body = (place == ParamsIn::Body && !params.is_empty()).then(|| resolver.body(&params, &mut sent)).flatten();

    let Resolver { fill, .. } = resolver;
    let varies = fill.varies;
    let (warnings, redactor) = fill.finish().map_err(Problems)?;
    let (Some(target), Some(name), Some(use_case)) = (target, &script.name, &script.use_case) else {
        return Err(unreadable(script).into());
    };
    let assumed = assumed(request, &method, place, body.as_ref(), options.encoding);
    add_client_headers(&mut sent, &target, &method, body.as_ref());
    Ok(Resolved {
        script: script.id.clone(),
        name: name.value.clone(),
        path: script.source.path.clone(),
        use_case: use_case.value,
        method,
        url: target.url,
        params,
        headers: sent.0,
        body,
        warnings,
        assumed,
        redactor,
        varies,
    })
}

/// Resolves a script against a fixture.
///
/// # Errors
/// As [`resolve`]; or the fixture is of another use case.
pub fn resolve_for(script: &Script, fixture: &Fixture, env: &Env, options: &Options) -> Result<Resolved, Problems> {
    if let Some(use_case) = &script.use_case {
        fixture.fits(&script.id, use_case.value)?;
    }
    resolve(script, &fixture.data, env, options)
}

/// Resolves several scripts against one fixture.
///
/// # Errors
/// Every problem of every script.
pub fn resolve_all(
    scripts: &[Script],
    fixture: &Fixture,
    env: &Env,
    options: &Options,
) -> Result<Vec<Resolved>, Problems> {
    let mut problems = Vec::new();
    let mut requests = Vec::new();
    for script in scripts {
        match resolve_for(script, fixture, env, options) {
            Ok(request) => requests.push(request),
            Err(Problems(more)) => problems.extend(more),
        }
    }
    if problems.is_empty() { Ok(requests) } else { Err(Problems(problems)) }
}

/// Renders a script's callback over a response (`response.status`, `response.headers`, `response.body`: assumed),
/// beside the event's data. None if the script has no callback. Secrets are redacted in the text.
///
/// # Errors
/// What is wrong with the callback, at its place.
pub fn callback(
    script: &Script,
    event: &Array,
    response: Value,
    env: &Env,
    options: &Options,
) -> Result<Option<String>, Problems> {
    let Some(text) = &script.callback else { return Ok(None) };
    let mut fill = Placeholders::new(script, [text], event, env, options);
    fill.put("response", response);
    let rendered = fill.render(text);
    let (_, redactor) = fill.finish().map_err(Problems)?;
    Ok(rendered.map(|text| redactor.redact(&text).into_owned()))
}

/// The host written in the script, if a placeholder turned it into another: lint checked the written one.
fn host_left<'t>(text: &'t Text, rendered: &str) -> Option<&'t str> {
    let written = UrlTemplate::new(&text.text);
    let stays = match UrlTemplate::rendered(rendered).known_host() {
        Some(host) => written.can_lead_to(&host),
        None => written.known_host().is_none(),
    };
    (!stays).then(|| written.part(&written.host))
}

fn names_and_values(params: &[Param]) -> impl Iterator<Item = (&str, &str)> + Clone {
    params.iter().map(|param| (param.name.as_str(), param.value.as_str()))
}

fn unreadable(script: &Script) -> Diagnostic {
    let missing = [
        ("name", script.name.is_none()),
        ("use_case", script.use_case.is_none()),
        ("request.method", script.request.method.is_none()),
        ("request.url", script.request.url.is_none()),
    ];
    let missing = list::and(list::quoted(missing.iter().filter(|(_, is)| *is).map(|(key, _)| key)));
    Diagnostic::error(format!("`{}` can't be rendered without {missing}", script.source.path))
        .help(format!("run `hookctl validate {}` to see what is wrong", script.source.path))
}

fn add_client_headers(sent: &mut Headers, target: &target::Target, method: &str, body: Option<&Body>) {
    if let Some(credentials) = &target.credentials {
        sent.client("Authorization", format!("Basic {}", STANDARD.encode(credentials)));
    }
    sent.client("User-Agent", USER_AGENT);
    sent.client("Accept", "*/*");
    sent.client("Accept-Encoding", ACCEPT_ENCODING);
    if let Some(body) = body {
        sent.client("Content-Type", &body.content_type);
        sent.client("Content-Length", body.bytes.len().to_string());
    } else if method::carries_body(method) {
        sent.client("Content-Length", "0");
    }
    sent.host(authority(&target.url));
}

struct Resolver<'a> {
    script: &'a Script,
    fill: Placeholders<'a>,
    options: &'a Options,
}

impl Resolver<'_> {
    fn problem(&mut self, message: String, span: Span, label: String, help: &str) {
        let source = &self.script.source;
        self.fill.problem(Diagnostic::error(message).at(source, span, label).help(help));
    }

    /// What a template rendered as, for its label; empty if it is not a template.
    fn renders_as(&self, text: &Text, rendered: &str) -> String {
        match rendered {
            same if same == text.text => String::new(),
            "" => "renders as nothing".into(),
            other => format!("renders as `{}`", self.fill.excerpt(other)),
        }
    }

    fn method(&self) -> String {
        self.script.request.method.as_ref().map_or_else(String::new, |method| method.value.to_ascii_uppercase())
    }

    fn target(&mut self) -> Option<target::Target> {
        let text = self.script.request.url.as_ref()?;
        let rendered = self.fill.render(text)?;
        let rendered = rendered.trim();
        if let Some(host) = host_left(text, rendered) {
            let label = self.renders_as(text, rendered);
            self.problem(
                format!("the URL leads to a host other than the script's own, `{host}`"),
                text.span,
                label,
                "percent-encode the value before the path, with `|url_encode`",
            );
            return None;
        }
        match target::parse(rendered) {
            Ok(target) => {
                self.keep_url_secret(text, rendered, &target);
                if let Some(fragment) = &target.fragment {
                    self.fill.warnings.push(format!("`#{fragment}` at the end of the URL is not sent"));
                }
                if target.credentials.is_some() {
                    self.fill.warnings.push(self.fate_of_credentials().into());
                }
                Some(target)
            }
            Err(no) => {
                let label = self.renders_as(text, rendered);
                self.problem(format!("the URL {}", no.why), text.span, label, no.help);
                None
            }
        }
    }

    /// What happens to the credentials in a URL: as in other clients, the script's own header takes precedence.
    fn fate_of_credentials(&self) -> &'static str {
        let is_authorization = |pair: &&Pair| pair.enabled && pair.name.value.eq_ignore_ascii_case("authorization");
        match self.script.request.headers.iter().find(is_authorization) {
            Some(_) => "the URL's credentials are not sent: the script has its own `Authorization` header",
            None => "the URL's credentials are sent as an `Authorization: Basic` header",
        }
    }

    /// The parser normalizes a URL (host in lower case, punycode), so its secrets are recorded in both forms.
    fn keep_url_secret(&mut self, text: &Text, rendered: &str, target: &target::Target) {
        if !reads_env(text) {
            return;
        }
        let url = &target.url;
        if let Some(credentials) = &target.credentials {
            self.fill.add_secret(credentials);
            self.fill.add_secret(&STANDARD.encode(credentials));
        }
        self.fill.add_secrets_in_small_letters();
        let host = url.host_str().unwrap_or_default();
        let host_is_secret = !rendered.to_lowercase().contains(host);
        let disguised = self.fill.disguises_env(text);
        if host_is_secret || disguised {
            self.fill.add_secret(host);
        }
        if disguised {
            self.fill.add_secret(url.as_str());
            self.fill.add_secret(&url[url::Position::BeforePath..]);
            self.fill.add_secret(authority(url));
        }
    }

    fn check_length(&mut self, url: &Url) {
        let (length, Some(text)) = (url.as_str().len(), &self.script.request.url) else { return };
        if length > LONGEST_URL {
            self.problem(
                format!("the URL is {length} bytes long, but at most {} can be sent", LONGEST_URL),
                text.span,
                "with its params".into(),
                "send long params in a body, with `params_in: body` or the method POST",
            );
        }
    }

    fn param(&mut self, pair: &Pair, place: ParamsIn) -> Option<Param> {
        let value = self.fill.render(&pair.value)?;
        Some(Param { name: pair.name.value.clone(), template: pair.value.text.clone(), value, place })
    }

    fn header(&mut self, pair: &Pair, sent: &mut Headers) {
        let name = &pair.name.value;
        if !is_token(name) {
            self.problem(
                format!("`{}` is not a valid header name", name.escape_debug()),
                pair.name.span,
                String::new(),
                "use letters, digits and `-`, without spaces",
            );
        }
        let Some(value) = self.fill.render(&pair.value) else { return };
        if header::managed(name).is_some_and(|by| !by.sends_scripts()) {
            self.fill
                .warnings
                .push(format!("the header `{name}` is set by the client: the script's value is not sent"));
        } else if let Some(flaw) = header::flaw(&value) {
            let label = self.renders_as(&pair.value, &value);
            self.problem(
                format!("the value of the header `{name}` contains {flaw}"),
                pair.value.span,
                label,
                "a header value is one line: remove the rest, with `| trim` at its ends or `| replace({\"\\n\": ' '})` inside it",
            );
        } else {
            sent.script(name, value.trim_matches([' ', '\t']).to_string(), reads_env(&pair.value));
        }
    }

    fn body(&mut self, params: &[Param], sent: &mut Headers) -> Option<Body> {
        let written = sent.get_mut("content-type").map(|header| header.value.clone());
        let header = written.unwrap_or_else(|| body::DEFAULT.to_string());
        let ContentType { encoding, charset } = match body::content_type(&header) {
            Ok(content_type) => content_type,
            Err(essence) => {
                self.wrong_content_type(&essence);
                return None;
            }
        };
        if let Some(charset) = charset {
            self.fill.warnings.push(format!("the body is sent as UTF-8, although its Content-Type says `{charset}`"));
        }
        let tree = self.tree(params)?;
        let names = self.options.encoding.names;
        let form: Vec<_> = names_and_values(params).map(|(name, value)| (form_name(name, names), value)).collect();
        let form = form.iter().map(|(name, value)| (name.as_ref(), *value));
        let (text, content_type) = match encoding {
            Encoding::Json => {
                self.warn_of_lists(params, &tree);
                let values: Vec<&str> = names_and_values(params).map(|(_, value)| value).collect();
                (tree.json(&values, self.options.encoding.json_values), header)
            }
            Encoding::Form => (body::form(form), header),
            Encoding::Multipart(Some(boundary)) => {
                self.check_boundary(&boundary, params);
                (body::multipart(form, &boundary), header)
            }
            Encoding::Multipart(None) => {
                let values = params.iter().map(|param| param.value.as_str());
                let boundary = body::boundary(values, self.options.template.seed);
                let header = format!("{}; boundary={boundary}", header.trim_end_matches([';', ' ']));
                (body::multipart(form, &boundary), header)
            }
        };
        if let Some(header) = sent.get_mut("content-type") {
            header.value.clone_from(&content_type);
        }
        Some(Body { content_type, bytes: text.into_bytes() })
    }

    /// The structure that the params' names make; none if they conflict, which is reported.
    fn tree<'p>(&mut self, params: &'p [Param]) -> Option<Tree<'p>> {
        let script = self.script;
        let style = self.options.encoding.names;
        let sent: Vec<_> = script.request.sent_params().map(|pair| &pair.name).collect();
        if let Err(conflicts) = Tree::new(sent.iter().map(|name| name.value.as_str()), style) {
            for conflict in conflicts {
                let (Some(first), Some(second)) = (sent.get(conflict.first), sent.get(conflict.second)) else {
                    continue;
                };
                let error = Diagnostic::error(conflict.message(&first.value, &second.value));
                let error = error.at(&script.source, second.span, "").at(&script.source, first.span, "first here");
                self.fill.problem(error.help(Conflict::HELP));
            }
            return None;
        }
        for name in &sent {
            if let Name::Malformed(name) = Name::read(&name.value, style) {
                self.fill.warnings.push(format!("the param name `{name}` is sent as is: {}", style.rule()));
            }
        }
        Tree::new(params.iter().map(|param| param.name.as_str()), style).ok()
    }

    fn content_type_span(&self) -> Span {
        let header = self.script.request.content_type();
        header.map_or(self.script.request.span, |pair| pair.value.span)
    }

    fn wrong_content_type(&mut self, essence: &str) {
        self.problem(
            format!("params can't be encoded as `{essence}`"),
            self.content_type_span(),
            String::new(),
            "use application/json, application/x-www-form-urlencoded or multipart/form-data, \
             or send them in the query with `params_in: query`",
        );
    }

    fn check_boundary(&mut self, boundary: &str, params: &[Param]) {
        let flaw = if !body::is_boundary(boundary) {
            "is not valid: it must be 1 to 70 letters, digits and `'()+_,-./:=?`"
        } else if params.iter().any(|param| param.value.contains(boundary)) {
            "also occurs in a param's value"
        } else {
            return;
        };
        self.problem(
            format!("the boundary `{boundary}` {flaw}"),
            self.content_type_span(),
            String::new(),
            "omit the boundary, and hookctl chooses one that fits",
        );
    }

    fn warn_of_lists(&mut self, params: &[Param], tree: &Tree<'_>) {
        let style = self.options.encoding.names;
        for (index, param) in params.iter().enumerate() {
            let same = |other: &&Param| other.name == param.name;
            let again = params[..index].iter().filter(same).count() == 1;
            if again && !Name::read(&param.name, style).appends() {
                let count = params.iter().filter(same).count();
                self.fill.warnings.push(format!(
                    "the param `{}` occurs {count} times and is sent as a list in the JSON body (assumed)",
                    param.name
                ));
            }
        }
        for param in tree.objects_of_places().into_iter().filter_map(|param| params.get(param)) {
            self.fill.warnings.push(format!(
                "the indexes of `{}` and its siblings are not 0, 1, 2 … in order, so they are sent as an object in the JSON body, as in \
                 PHP (assumed)",
                param.name
            ));
        }
    }
}
