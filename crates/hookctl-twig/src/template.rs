//! A parsed template, and what can be asked of it.

use crate::analysis::{self, Read};
use crate::error::Error;
use crate::eval::{self, Rendered};
use crate::host::Host;
use crate::options::Options;
use crate::span::Span;
use crate::value::{Array, Value};
use crate::{ast, parser};

/// A parsed template, which can be rendered any number of times, from any thread.
///
/// ```
/// use hookctl_twig::{Array, Options, Template, Value};
///
/// let template = Template::parse("{% for n in numbers %}{{ n }};{% endfor %}").expect("a template");
/// let context: Array = [("numbers".into(), Value::array(Array::from(vec![Value::Int(1), Value::Int(2)])))].into_iter().collect();
/// assert_eq!(template.render(&context, &Options::default()).expect("renders").output, "1;2;");
/// ```
#[derive(Debug)]
pub struct Template {
    program: ast::Program,
    deferred: Vec<Error>,
}

impl Template {
    /// Parses a template.
    ///
    /// # Errors
    /// Every error that can be found in one go, in the order of the text.
    pub fn parse(source: &str) -> Result<Template, Vec<Error>> {
        Self::parse_in(source, Host::default())
    }

    /// Parses a template, with errors in the words of the program that embeds the dialect.
    ///
    /// # Errors
    /// As [`Template::parse`].
    pub fn parse_in(source: &str, host: Host) -> Result<Template, Vec<Error>> {
        parser::template(source, host).map(Self::from)
    }

    /// Parses an expression alone, such as a condition.
    ///
    /// ```
    /// use hookctl_twig::{Array, Options, Template, Value};
    ///
    /// let condition = Template::expression("age >= 18 and 'vip' in tags").expect("an expression");
    /// let mut context = Array::new();
    /// context.insert("age", Value::Int(34));
    /// context.insert("tags", Value::array(Array::from(vec![Value::str("vip")])));
    /// let (value, _) = condition.evaluate(&context, &Options::default()).expect("evaluates");
    /// assert!(value.is_true());
    /// ```
    ///
    /// # Errors
    /// Every error that can be found in one go, in the order of the text.
    pub fn expression(source: &str) -> Result<Template, Vec<Error>> {
        Self::expression_in(source, Host::default())
    }

    /// Parses an expression alone, with errors in the words of the program that embeds the dialect.
    ///
    /// # Errors
    /// As [`Template::expression`].
    pub fn expression_in(source: &str, host: Host) -> Result<Template, Vec<Error>> {
        parser::expression(source, host).map(Self::from)
    }

    /// Renders it over data.
    ///
    /// # Errors
    /// The first thing that fails; in strict mode also what is undefined.
    pub fn render(&self, context: &Array, options: &Options) -> Result<Rendered, Error> {
        eval::render(&self.program, context, options)
    }

    /// The value of an expression (or of a template that is one `{{ … }}`), with what was undefined in lenient mode.
    ///
    /// # Errors
    /// As [`Template::render`].
    pub fn evaluate(&self, context: &Array, options: &Options) -> Result<(Value, Vec<Error>), Error> {
        match self.program.body.as_slice() {
            [ast::Node::Print(expr)] => eval::evaluate(&self.program, expr, context, options),
            _ => self.render(context, options).map(|r| (Value::from(r.output), r.undefined)),
        }
    }

    /// Whether a condition holds, given what is known of the parts that `and`, `or`, `not` and `? :` join. `part` is asked
    /// for the truth of the expression at a span of the text.
    pub fn truth(&self, part: &dyn Fn(Span) -> Option<bool>) -> Option<bool> {
        match self.program.body.as_slice() {
            [ast::Node::Print(condition)] => condition.truth(part),
            _ => None,
        }
    }

    /// Whether it has no tags and renders to its own text.
    pub fn is_plain(&self) -> bool {
        matches!(self.program.body.as_slice(), [] | [ast::Node::Text(_)])
    }

    /// Calls that can't work, but that Twig reports only when it reaches them: too few or too many arguments.
    pub fn deferred_errors(&self) -> &[Error] {
        &self.deferred
    }

    /// Every variable path that it can read, in the order of the text.
    pub fn reads(&self) -> Vec<Read> {
        self.analysis(&analysis::Unknown).reads
    }

    /// What it reads, and what must fail or surprise given what is known of the data.
    ///
    /// ```
    /// use hookctl_twig::Template;
    /// use hookctl_twig::analysis::{Kind, Schema, Type};
    ///
    /// struct Users;
    /// impl Schema for Users {
    ///     fn type_of(&self, path: &[String]) -> Option<Type> {
    ///         (path == ["user", "tags"]).then(|| Type::of(Kind::List))
    ///     }
    /// }
    ///
    /// let template = Template::parse("{{ user.tags }}").expect("a template");
    /// assert_eq!(template.analysis(&Users).issues.len(), 1);
    /// ```
    pub fn analysis(&self, schema: &dyn analysis::Schema) -> analysis::Analysis {
        analysis::of_template(&self.program, schema)
    }

    /// The same of an expression that is tested, not printed.
    pub fn analysis_of_condition(&self, schema: &dyn analysis::Schema) -> analysis::Analysis {
        analysis::of_condition(&self.program, schema)
    }
}

impl From<parser::Parsed> for Template {
    fn from(parsed: parser::Parsed) -> Self {
        Self { program: parsed.program, deferred: parsed.deferred }
    }
}
