//! The embedding program's own words for messages.

/// Words of the program that embeds the dialect, so that its messages speak of what its users know.
///
/// ```
/// use hookctl_twig::{Host, Template};
///
/// let host = Host { place: "a mail template", environment: "ask for it in the settings" };
/// let errors = Template::parse_in("{% include 'footer' %}", host).unwrap_err();
/// assert_eq!(errors[0].message, "the tag `include` is not available in a mail template");
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Host {
    /// Where templates are written, with its article. Messages end in "… is not available in {place}".
    pub place: &'static str,
    /// What to write instead of a function that reads the environment, such as `env('NAME')`.
    pub environment: &'static str,
}

impl Default for Host {
    fn default() -> Self {
        Self { place: "this dialect", environment: "templates read nothing but their data: pass the value in the data" }
    }
}
