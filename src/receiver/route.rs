//! Behaviours by path.

use std::sync::Arc;

use super::Behaviour;
use super::behaviour::BehaviourState;
use crate::diagnostic::{Diagnostic, Problems};
use crate::span::{Source, Span};
use crate::spec_syntax;

/// A path and how requests to it are answered.
#[derive(Debug, Clone, PartialEq)]
pub struct Route {
    /// `/users`, or `/users/*` for everything below.
    pub path: String,
    /// How.
    pub behaviour: Behaviour,
}

impl Route {
    /// Reads `PATH: SPEC`, such as `/users: status=404`. `name` is what messages call the text: the flag.
    ///
    /// # Errors
    /// No colon, a path that does not begin with `/`, and everything wrong with the specification.
    pub fn parse(name: &str, text: &str) -> Result<Self, Problems> {
        let source = Arc::new(Source::new(name, text));
        let whole = Span::new(0, text.len());
        let wrong = |message: &str, span| {
            let help = "write a path, a colon and a behaviour, such as `/users: status=404`";
            Err(Diagnostic::error(message).at(&source, span, "").help(help).into())
        };
        let Some((path, behaviour)) = spec_syntax::named(text) else {
            return wrong("the route has no behaviour", whole);
        };
        let path_text = &text[path.start..path.end];
        if !path_text.starts_with('/') {
            return wrong("a route's path must begin with `/`", if path_text.is_empty() { whole } else { path });
        }
        if path_text.contains(['?', '#', ' ']) {
            return wrong("a route's path can't have a query, a fragment or spaces", path);
        }
        let behaviour = Behaviour::parse_within(&source, behaviour)?;
        Ok(Self { path: path_text.to_owned(), behaviour })
    }

    fn covers(pattern: &str, path: &str) -> bool {
        match pattern.strip_suffix('*') {
            Some(start) => path.starts_with(start),
            None => pattern == path,
        }
    }
}

/// Which behaviour a path meets: the first route that covers it, else the default.
#[derive(Debug)]
pub struct Routes {
    routes: Vec<(String, BehaviourState)>,
    default: BehaviourState,
}

impl Routes {
    /// Routes in the order in which they are tried, and what everything else meets.
    pub fn new(default: Behaviour, routes: Vec<Route>) -> Self {
        let routes = routes.into_iter().map(|route| (route.path, BehaviourState::new(route.behaviour))).collect();
        Self { routes, default: BehaviourState::new(default) }
    }

    pub(super) fn at(&self, path: &str) -> &BehaviourState {
        let found = self.routes.iter().find(|(pattern, _)| Route::covers(pattern, path));
        found.map_or(&self.default, |(_, playing)| playing)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_route_is_a_path_and_a_behaviour() {
        for (text, path, status) in [
            ("/users: status=404", "/users", 404),
            ("/users:status=404", "/users", 404),
            (" /a:b/c : status=201", "/a:b/c ", 201),
            ("/users/*: status=500", "/users/*", 500),
            ("/slow: ", "/slow", 200),
        ] {
            let route = Route::parse("--route", text).unwrap_or_else(|p| panic!("{text}: {p:?}"));
            assert_eq!((route.path.as_str(), route.behaviour.statuses[0]), (path.trim(), status), "{text}");
        }
    }

    #[test]
    fn a_wrong_route_is_said_at_its_place() {
        for (text, place, words) in [
            ("status=404", "status=404", "no behaviour"),
            ("users: status=404", "users", "must begin with `/`"),
            (": status=404", ": status=404", "must begin with `/`"),
            ("/a?b: status=404", "/a?b", "can't have a query"),
            ("/users: statsu=404", "statsu", "there is no behaviour `statsu`"),
        ] {
            let Problems(problems) = Route::parse("--route", text).expect_err(text);
            let span = problems[0].labels[0].span;
            assert_eq!((&text[span.start..span.end], problems.len()), (place, 1), "{text}");
            assert!(problems[0].message.contains(words), "{text}: {}", problems[0].message);
        }
    }

    #[test]
    fn the_first_route_that_covers_a_path_answers() {
        let route = |text| Route::parse("--route", text).expect(text);
        let routes = Routes::new(
            Behaviour::default(),
            vec![route("/users/1: status=201"), route("/users/*: status=404"), route("/users: status=202")],
        );
        for (path, status) in [("/users/1", 201), ("/users/12", 404), ("/users", 202), ("/", 200), ("/usersx", 200)] {
            assert_eq!(routes.at(path).behaviour().statuses, [status], "{path}");
        }
    }
}
